"""The parts of GitHub's API that the action asks, on 127.0.0.1; keeps what was asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "shop/assistant"
BOT = "github-actions[bot]"


class Service:
    """Answers from its fields; `requests` has (method, path, body) of every question."""

    def __init__(self):
        self.requests = []
        self.comments = []
        self.releases = []
        self.artifacts = []
        self.runs = {}
        self.files = {}
        self.may_write = True
        self.broken = set()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, method):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                address = urlsplit(self.path)
                service.requests.append((method, address.path, body))
                assert self.headers["Authorization"] == "Bearer secret-token", "who asks?"
                status, content = service.reply(method, address.path, parse_qs(address.query), body)
                if not isinstance(content, bytes):
                    content = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                self.answer("GET")

            def do_POST(self):
                self.answer("POST")

            def do_PATCH(self):
                self.answer("PATCH")

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def file(self, name, content):
        """A download, and its address."""
        self.files[f"/files/{name}"] = content
        return f"{self.url}/files/{name}"

    def release(self, tag, assets, **more):
        """A release; the newest is the one that was added last."""
        assets = [{"name": name, "url": self.file(f"{tag}/{name}", content)} for name, content in assets.items()]
        self.releases.insert(0, {"tag_name": tag, "draft": False, "prerelease": False, "assets": assets, **more})

    def writes(self):
        return [request for request in self.requests if request[0] != "GET"]

    def reply(self, method, path, query, body):
        home = f"/repos/{REPOSITORY}"
        if path in self.broken:
            return 500, {"message": "Server Error"}
        if path in self.files:
            return 200, self.files[path]
        if path == f"{home}/issues/7/comments" and method == "GET":
            page, size = int(query["page"][0]), int(query["per_page"][0])
            return 200, self.comments[(page - 1) * size : page * size]
        if method in ("POST", "PATCH") and not self.may_write:
            return 403, {"message": "Resource not accessible by integration"}
        if path == f"{home}/issues/7/comments" and method == "POST":
            comment = {"id": 1000 + len(self.comments), "user": {"login": BOT}, "body": body["body"]}
            self.comments.append(comment)
            return 201, comment
        if path.startswith(f"{home}/issues/comments/") and method == "PATCH":
            own = [comment for comment in self.comments if str(comment["id"]) == path.rsplit("/", 1)[1]]
            own[0]["body"] = body["body"]
            return 200, own[0]
        if path == f"{home}/releases":
            return 200, self.releases
        if path.startswith(f"{home}/releases/tags/"):
            found = [release for release in self.releases if release["tag_name"] == path.rsplit("/", 1)[1]]
            return (200, found[0]) if found else (404, {"message": "Not Found"})
        if path == f"{home}/actions/artifacts":
            named = [artifact for artifact in self.artifacts if artifact["name"] == query["name"][0]]
            return 200, {"total_count": len(named), "artifacts": named}
        if path.startswith(f"{home}/actions/runs/"):
            return 200, self.runs[int(path.rsplit("/", 1)[1])]
        return 404, {"message": "Not Found"}
