"""The assistant behind HTTP on port 18125: answers in 15 to 200 ms; of 400 answers one is a 503. Ends with its standard input.

Its random numbers are those of a fixed seed; the measured times are real.
"""

import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NUMBERS = random.Random(7)
LOCK = threading.Lock()
ANSWER = b'{"answer": "You can return a parcel within 30 days."}'


class Assistant(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with LOCK:
            seconds, broken = min(0.015 + NUMBERS.expovariate(25), 0.2), NUMBERS.random() < 1 / 400
        time.sleep(seconds)
        body = b"busy" if broken else ANSWER
        self.send_response(503 if broken else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 18125), Assistant)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
