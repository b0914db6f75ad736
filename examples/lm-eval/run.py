"""lm-eval's command line with one more model: a weak adder, which forgets to carry as often as its `slips` say."""

import random
import re
import sys

from lm_eval.__main__ import cli_evaluate
from lm_eval.api.model import LM
from lm_eval.api.registry import register_model


@register_model("adder")
class Adder(LM):
    def __init__(self, slips=30, **_):
        super().__init__()
        self.slips = int(slips)

    @classmethod
    def create_from_arg_string(cls, text, additional_config=None):
        return cls(**dict(pair.split("=") for pair in text.split(",")))

    def loglikelihood(self, requests, disable_tqdm=False):
        raise NotImplementedError

    loglikelihood_rolling = loglikelihood

    def generate_until(self, requests, disable_tqdm=False):
        return [self.add(*map(int, re.findall(r"\d+", request.args[0]))) for request in requests]

    def add(self, left, right):
        slipped = random.Random(left * 1000 + right).randrange(100) < self.slips
        return str(left + right - 10 if slipped and left % 10 + right % 10 > 9 else left + right)


sys.argv[0] = "lm_eval"
cli_evaluate()
