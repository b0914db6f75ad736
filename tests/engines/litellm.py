"""The share of a model group through LiteLLM's proxy, after the weights that relgate wrote and a restart. Slow: asked for with RELGATE_LITELLM=1."""

import http.client
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections import Counter

from proxies import free_port
from story import Story, held

CONFIG = """# kept
model_list:
  - model_name: assistant
    litellm_params: {model: openai/a, api_key: none, mock_response: stable, weight: 100}   # old
    model_info: {id: stable}
  - model_name: assistant
    litellm_params: {model: openai/b, api_key: none, mock_response: candidate, weight: 0}
    model_info: {id: candidate}
router_settings: {routing_strategy: simple-shuffle, num_retries: 0}
litellm_settings: {telemetry: false}
"""
REQUESTS = 1000


def served(program, config, folder):
    port = free_port()
    # The proxy asks for a key; this one opens nothing and ends with it.
    key = "sk-" + secrets.token_hex(32)
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": key}
    log = open(folder / "litellm.log", "w")
    proxy = subprocess.Popen([program, "--config", str(config), "--host", "127.0.0.1", "--port", str(port)],
                             stdout=log, stderr=log, env=environment, cwd=folder)
    body = json.dumps({"model": "assistant", "messages": [{"role": "user", "content": "hello"}]})

    def ask():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/chat/completions", body, {"Content-Type": "application/json", "Authorization": f"Bearer {key}"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer["choices"][0]["message"]["content"]

    try:
        end = time.monotonic() + 300
        while True:
            try:
                ask()
                break
            except (OSError, http.client.HTTPException):
                if time.monotonic() > end or proxy.poll() is not None:
                    raise SystemExit("LiteLLM's proxy does not start: " + (folder / "litellm.log").read_text()[-800:])
                time.sleep(0.5)
        return Counter(ask() for _ in range(REQUESTS))
    finally:
        proxy.terminate()
        proxy.wait(60)
        log.close()


def main():
    relgate, program = sys.argv[1:]
    story = Story(relgate, "{ kind: litellm, path: litellm.yaml }", unit="unit: request")
    config = story.write("litellm.yaml", CONFIG)
    story.start()
    assert config.read_text() == CONFIG.replace("weight: 100", "weight: 90").replace("weight: 0}", "weight: 10}")
    held("LiteLLM, first step", served(program, config, story.folder)["candidate"], REQUESTS, 0.10)
    story.next()
    held("LiteLLM, next step", served(program, config, story.folder)["candidate"], REQUESTS, 0.25)
    story.back()
    assert config.read_text() == CONFIG
    held("LiteLLM, after going back", served(program, config, story.folder)["candidate"], REQUESTS, 0)
    shutil.rmtree(story.folder)


main()
