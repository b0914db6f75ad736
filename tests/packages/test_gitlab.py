"""The script of ci/gitlab.yml, run here beside a GitLab on 127.0.0.1."""

import io
import os
import shutil
import subprocess
import tempfile
import threading
import unittest
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import yaml

from project import write

ROOT = Path(__file__).resolve().parents[2]
RELGATE = Path(os.environ.get("RELGATE", ROOT / "target/release/relgate")).resolve()
JOB = yaml.safe_load((ROOT / "ci/gitlab.yml").read_text())[".relgate"]

KINDS = subprocess.run([RELGATE, "check", "--help"], capture_output=True, text=True).stdout


@unittest.skipUnless("junit" in KINDS, "this relgate writes no JUnit report")
class GitLabTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.work = self.folder / "work"
        self.work.mkdir()
        self.git("init", "-q", "-b", "main")
        self.write("1.0.0", good=400)
        self.git("add", "-A")
        self.git("commit", "-qm", "one")
        self.status, self.answer, self.asked = 404, b"", []
        test = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                test.asked.append((self.path, self.headers.get("JOB-TOKEN"), self.headers.get("PRIVATE-TOKEN")))
                self.send_response(test.status)
                self.end_headers()
                self.wfile.write(test.answer)

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}/api/v4"

    def git(self, *arguments):
        done = subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments],
            cwd=self.work, check=True, capture_output=True, text=True,
        )
        return done.stdout.strip()

    def write(self, version, good, **more):
        write(self.work, version, good, **more)

    def job(self, **variables):
        environment = {
            "PATH": f"{RELGATE.parent}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "CI": "true",
            "CI_DEFAULT_BRANCH": "main",
            "CI_JOB_NAME": "relgate",
            "CI_JOB_TOKEN": "job-token",
            "CI_PROJECT_ID": "42",
            "CI_API_V4_URL": self.url,
            **{name: value for name, value in JOB["variables"].items()},
            **variables,
        }
        script = "set -eo pipefail\n" + "\n".join([*JOB["before_script"], *JOB["script"]])
        return subprocess.run(
            ["bash", "-c", script], cwd=self.work, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
        )

    def test_the_reports_stand_where_the_job_names_them(self):
        done = self.job()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(set(JOB["artifacts"]["reports"]), {"junit", "codequality", "metrics"})
        for path in JOB["artifacts"]["reports"].values():
            self.assertTrue((self.work / path).is_file(), path)
        self.assertEqual(JOB["artifacts"]["when"], "always")

    def test_codes_are_those_of_relgate(self):
        self.write("1.1.0", good=100)
        self.assertEqual(self.job().returncode, 1)
        (self.work / "answers.jsonl").write_text('{"id": "q1", "accuracy": true}\n')
        self.assertEqual(self.job().returncode, 3)
        (self.work / "release.yaml").write_text("relgate: [\n")
        self.assertEqual(self.job().returncode, 2)

    def test_a_merge_request_is_compared_with_where_it_began(self):
        base = self.git("rev-parse", "HEAD")
        self.write("1.1.0", good=400, least=40)
        done = self.job(CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("LOOSER", done.stdout)
        self.assertIn("looser", (self.work / "relgate-report/diff.md").read_text())
        done = self.job(CI_MERGE_REQUEST_DIFF_BASE_SHA="0" * 40)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("the comparison ended with 2", done.stdout)

    def test_the_last_run_is_the_baseline(self):
        self.assertEqual(self.job().returncode, 0)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for file in sorted(self.work.glob("relgate-report/**/*")):
                archive.write(file, file.relative_to(self.work))
        self.status, self.answer = 200, packed.getvalue()
        self.write("1.1.0", good=300, more="  - 'accuracy drop < 2pp'\n")
        done = self.job(RELGATE_BASELINE="last-run")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("accuracy-drop", done.stdout)
        self.assertEqual(self.asked, [("/api/v4/projects/42/jobs/artifacts/main/download?job=relgate", "job-token", None)])
        self.job(RELGATE_BASELINE="last-run", RELGATE_TOKEN="other", CI_DEFAULT_BRANCH="a/b c")
        self.assertEqual(self.asked[1], ("/api/v4/projects/42/jobs/artifacts/a%2Fb%20c/download?job=relgate", None, "other"))

    def test_no_earlier_run_is_told_and_one_that_cannot_be_asked_for_is_an_error(self):
        done = self.job(RELGATE_BASELINE="last-run")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("no earlier run on main kept a bundle", done.stdout)
        self.write("1.1.0", good=300, more="  - 'accuracy drop < 2pp'\n")
        self.assertEqual(self.job(RELGATE_BASELINE="last-run").returncode, 2)
        self.write("1.1.0", good=400)
        for status in (401, 403, 500):
            self.status = status
            self.assertEqual(self.job(RELGATE_BASELINE="last-run").returncode, 2, status)
        self.assertEqual(self.job(RELGATE_BASELINE="last-run", CI_API_V4_URL="http://127.0.0.1:1").returncode, 2)

    def test_variables_are_words_and_not_shell(self):
        done = self.job(RELGATE_ARGUMENTS="--as-of=2026-01-01 --no-changelog")
        self.assertEqual(done.returncode, 0, done.stdout)
        done = self.job(RELGATE_ARGUMENTS="--as-of=$(touch${IFS}pwned)", RELGATE_MANIFEST="`touch pwned`")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertFalse(list(self.folder.rglob("pwned")))


if __name__ == "__main__":
    unittest.main()
