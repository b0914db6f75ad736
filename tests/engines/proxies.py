"""Splits through nginx and HAProxy before, during and after a rollout and a way back: inside binomial limits, sticky, growing only."""

import http.client
import shutil
import socket
import subprocess
import sys
import time

from story import Story, held

USERS = [f"user-{i}" for i in range(4000)]


def free_port():
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return own.getsockname()[1]


def ask(port, users):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    answers = {}
    for user in users:
        connection.request("GET", "/", headers={"X-User": user})
        answers[user] = connection.getresponse().read().decode().strip()
    connection.close()
    return answers


def wait_for(port, seconds=20):
    end = time.monotonic() + seconds
    while True:
        try:
            return ask(port, USERS[:1])
        except OSError:
            if time.monotonic() > end:
                raise SystemExit(f"nothing answers on port {port}")
            time.sleep(0.1)


def tell(name, story, port, settle):
    """The rollout, step by step; the candidate's users of each."""
    def measured(what, share):
        settle(share)
        answers = ask(port, USERS)
        if set(answers.values()) - {"stable", "candidate"}:
            raise SystemExit(f"{name}: answers {set(answers.values())}")
        again = ask(port, USERS[:500])
        moved = sum(answers[user] != again[user] for user in again)
        if moved:
            raise SystemExit(f"{name}: {moved} of 500 users got the other release when they came again")
        chosen = {user for user, answer in answers.items() if answer == "candidate"}
        held(f"{name}, {what}", len(chosen), len(USERS), share)
        return chosen

    before = measured("before", 0)
    story.start()
    last = measured("first step", 0.10)
    for share in (0.25, 0.50):
        story.next()
        grown = measured("next step", share)
        if last - grown:
            raise SystemExit(f"{name}: {len(last - grown)} users were moved back to the stable release")
        last = grown
    story.back()
    measured("after going back", 0)
    assert not before


def nginx(relgate):
    port, stable, candidate = free_port(), free_port(), free_port()
    story = Story(relgate, "{ kind: nginx, path: deploy/split.conf, stable: side_stable, candidate: side_candidate }")
    folder = story.folder
    story.write("deploy/split.conf", "# kept\nsplit_clients \"$http_x_user assistant:0\" $assistant { # ours\n    * side_stable;\n}\n")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = story.write("nginx.conf", f"""pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1; daemon off;
events {{ worker_connections 256; }}
http {{ access_log off; {temporary}
  include {folder}/deploy/split.conf;
  upstream side_stable {{ server 127.0.0.1:{stable}; }}
  upstream side_candidate {{ server 127.0.0.1:{candidate}; }}
  server {{ listen 127.0.0.1:{stable}; location / {{ return 200 "stable\\n"; }} }}
  server {{ listen 127.0.0.1:{candidate}; location / {{ return 200 "candidate\\n"; }} }}
  server {{ listen 127.0.0.1:{port}; keepalive_requests 100000; location / {{ proxy_pass http://$assistant; }} }}
}}
""")
    program = shutil.which("nginx")
    server = subprocess.Popen([program, "-p", str(folder), "-c", str(config)])
    try:
        wait_for(port)
        story.engine = ["--run", f"{program} -p {folder} -c {config} -s reload"]
        # The old worker ends when its connections do.
        tell("nginx", story, port, lambda share: time.sleep(1.0))
        text = (folder / "deploy/split.conf").read_text()
        if "# kept\n" not in text or "{ # ours\n" not in text or "    * side_stable;\n" not in text:
            raise SystemExit(f"nginx: the file is not as it was but for the split:\n{text}")
        print(f"  nginx: the file after all is\n{text}", end="")
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder)


SEND = """import os, socket, sys
with socket.socket(socket.AF_UNIX) as admin:
    admin.connect(sys.argv[1])
    admin.sendall((os.environ["RELGATE_RUNTIME"] + "\\n").encode())
    said = admin.recv(65536).decode().strip()
    if said:
        raise SystemExit(said)
"""


def haproxy(relgate):
    port, stable, candidate = free_port(), free_port(), free_port()
    story = Story(relgate, "{ kind: haproxy, path: haproxy.cfg }")
    folder = story.folder
    config = story.write("haproxy.cfg", f"""# kept
global
  stats socket {folder}/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend sides_stable
  bind 127.0.0.1:{stable}
  http-request return status 200 content-type text/plain string stable
frontend sides_candidate
  bind 127.0.0.1:{candidate}
  http-request return status 200 content-type text/plain string candidate
frontend edge
  bind 127.0.0.1:{port}
  default_backend assistant
backend assistant
  balance hash req.hdr(x-user)
  hash-type consistent sdbm avalanche
  server stable 127.0.0.1:{stable} weight 200 # old
  server candidate 127.0.0.1:{candidate} weight 0
""")
    send = story.write("send.py", SEND)
    server = subprocess.Popen([shutil.which("haproxy"), "-q", "-db", "-f", str(config)])
    try:
        wait_for(port)
        story.engine = ["--run", f"python3 {send} {folder}/admin.sock"]
        tell("HAProxy", story, port, lambda share: None)
        text = config.read_text()
        if "# kept\n" not in text or f":{stable} weight 200 # old\n" not in text:
            raise SystemExit(f"HAProxy: the file is not as it was but for the weights:\n{text}")
        # What the file says now is what holds after a reload.
        check = subprocess.run([shutil.which("haproxy"), "-c", "-q", "-f", str(config)])
        if check.returncode != 0:
            raise SystemExit("HAProxy refuses the file")
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder)


if __name__ == "__main__":
    nginx(sys.argv[1])
    haproxy(sys.argv[1])
