"""The assistant of the staff as a task of Inspect: it looks up orders with tools. A model of fixed answers plays it.

    python task.py        writes staff.eval
"""

import re
from pathlib import Path
from urllib.parse import urlparse

from inspect_ai import Task, eval, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelAPI, ModelOutput, ModelUsage, modelapi
from inspect_ai.scorer import includes
from inspect_ai.solver import generate, system_message, use_tools
from inspect_ai.tool import ToolError, tool

ORDERS = {number: ("on its way" if number % 3 else "delivered", f"{number % 28 + 1} December") for number in range(4001, 4061)}


@tool
def order():
    async def execute(number: int) -> str:
        """Looks up an order.

        Args:
            number: Number of the order.
        """
        if number not in ORDERS:
            raise ToolError(f"there is no order {number}")
        return ORDERS[number][0]

    return execute


@tool
def courier():
    async def execute(number: int) -> str:
        """Asks the courier for the date of delivery.

        Args:
            number: Number of the order.
        """
        if number % 4 == 0:
            raise ToolError("the courier does not answer")
        return ORDERS[number][1]

    return execute


@modelapi("shop")
class Assistant(ModelAPI):
    """Calls `order`, then `courier`, up to three times; then says what it was told."""

    async def generate(self, input, tools, tool_choice, config):
        told = [message for message in input if message.role == "tool"]
        question = next(message.text for message in input if message.role == "user")
        number = int(re.search(r"\d{4}", question).group())
        dated = "When" in question
        if not told:
            output = ModelOutput.for_tool_call("shop/staff-1", "order", {"number": number})
        elif dated and (len(told) == 1 or len(told) < 4 and told[-1].error):
            output = ModelOutput.for_tool_call("shop/staff-1", "courier", {"number": number})
        else:
            heard = [message.text for message in told if not message.error]
            output = ModelOutput.from_content("shop/staff-1", f"Order {number}: {', '.join(heard) or 'unknown'}.")
        sent = sum(len(message.text.split()) for message in input)
        output.usage = ModelUsage(input_tokens=sent, output_tokens=8, total_tokens=sent + 8)
        return output


@task
def staff():
    samples = [
        Sample(
            id=f"order-{number}",
            input=f"When does order {number} arrive?" if number % 2 == 0 else f"Where is order {number}?",
            target=ORDERS[number][0],
        )
        for number in ORDERS
    ]
    return Task(
        dataset=MemoryDataset(samples, name="orders"),
        solver=[system_message(Path("prompts/system.md").read_text()), use_tools(order(), courier()), generate()],
        scorer=includes(),
        version=1,
    )


log = eval(staff(), model="shop/staff-1", log_dir="logs", log_format="eval", display="none")[0]
Path(urlparse(log.location).path).rename("staff.eval")
