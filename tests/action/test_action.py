"""The steps of action.yml, run here: real relgate, real git, a GitHub on 127.0.0.1.

    RELGATE=target/release/relgate python3 -m unittest discover -s tests/action
"""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

from runner import ROOT, run
from service import BOT, REPOSITORY, Service

RELGATE = str(Path(os.environ.get("RELGATE", ROOT / "target/release/relgate")).resolve())
MANIFEST = """\
relgate: 1
name: assistant
version: {version}
type: prompt-release
artifacts:
  prompts:
    system: {{ version: v{version}, path: system.md }}
evidence:
  answers: {{ path: answers.jsonl }}
gates:
  - 'accuracy >= {least}%'
policy: {{ require: [] }}
"""


def rows(good, bad):
    row = '{{"id": "q{}", "accuracy": {}}}\n'
    return "".join(row.format(number, "true" if number < good else "false") for number in range(good + bad))


def archive(files):
    """A .tar.gz of names and bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


class ActionTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.service = Service()
        self.addCleanup(self.service.close)
        self.work = self.folder / "work"
        self.work.mkdir()
        self.git("init", "-q", "-b", "main")
        self.write(good=400, bad=0)
        self.base = self.commit("one")

    def git(self, *arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@t"]
        done = subprocess.run(["git", *identity, *arguments], cwd=self.work, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD")

    def write(self, good, bad, version="1.0.0", least=90, prompt="Be kind."):
        (self.work / "release.yaml").write_text(MANIFEST.format(version=version, least=least))
        (self.work / "system.md").write_text(prompt + "\n")
        (self.work / "answers.jsonl").write_text(rows(good, bad))

    def pull_request(self, branch="topic", **inputs):
        """The checkout of a pull request: GitHub's merge commit of the branch with main."""
        head = self.commit("two")
        self.git("checkout", "-q", "--detach", self.base)
        self.git("merge", "-q", "--no-ff", "-m", "merge", head)
        return self.again(branch, **inputs)

    def again(self, branch="topic", **inputs):
        event = {
            "pull_request": {
                "number": 7,
                "head": {"sha": self.git("rev-parse", "HEAD^2"), "ref": branch},
                "base": {"sha": self.base, "ref": "main"},
            },
            "repository": {"default_branch": "main"},
        }
        return run(
            self.work,
            self.service,
            event,
            inputs={"binary": RELGATE, **inputs},
            event_name="pull_request",
            sha=self.git("rev-parse", "HEAD"),
            ref="refs/pull/7/merge",
            ref_name="7/merge",
            ref_type="branch",
            head_ref=branch,
        )

    def push(self, *, environment=None, before="0" * 40, ref="main", kind="branch", **inputs):
        inputs = {"binary": RELGATE, **inputs}
        event = {"before": before, "repository": {"default_branch": "main"}}
        return run(
            self.work,
            self.service,
            event,
            inputs=inputs,
            environment=environment,
            event_name="push",
            sha=self.git("rev-parse", "HEAD"),
            ref_name=ref,
            ref_type=kind,
        )

    def bundle(self, version="0.9.0", good=400):
        """The packed bundle of an earlier release, made by the action."""
        self.write(good=good, bad=400 - good, version=version)
        made = self.push()
        self.assertEqual(made.code, 0, made.log)
        packed = (self.work / made.outputs["bundle"]).read_bytes()
        shutil.rmtree(self.work / "relgate-report")
        return packed

    # Verdicts

    def test_a_pass_is_told_everywhere_and_kept(self):
        self.write(good=400, bad=0, version="1.1.0", prompt="Be brief.")
        done = self.pull_request()
        self.assertEqual(done.code, 0, done.log)
        self.assertEqual((done.outputs["decision"], done.outputs["exit-code"]), ("pass", "0"))
        self.assertIn("relgate: PASS", done.summary)
        self.assertIn("<ins>brief</ins>", done.summary, "the comparison with the base")
        self.assertEqual(done.uploads, [{"name": "relgate", "path": "relgate-report", "overwrite": "True"}])
        [comment] = self.service.comments
        self.assertTrue(comment["body"].startswith("<!-- relgate-action:relgate -->\n"))
        for part in ("relgate: PASS", "<ins>brief</ins>", self.git("rev-parse", "HEAD^2"), "actions/runs/555"):
            self.assertIn(part, comment["body"])
        with tarfile.open(self.work / done.outputs["bundle"]) as packed:
            self.assertIn("bundle/bundle.json", packed.getnames())

    def test_a_fail_stops_the_job_after_it_was_told_and_kept(self):
        self.write(good=200, bad=200, version="1.1.0")
        done = self.pull_request()
        self.assertEqual((done.code, done.outputs["decision"]), (1, "fail"), done.log)
        self.assertIn("relgate: FAIL", done.summary)
        self.assertIn("relgate: FAIL", self.service.comments[0]["body"])
        self.assertEqual(len(done.uploads), 1)
        self.assertEqual(done.outputs["bundle"], "", "a release that failed is no baseline")

    def test_findings_are_annotations(self):
        if "github" not in subprocess.run([RELGATE, "report", "--help"], capture_output=True, text=True).stdout:
            self.skipTest("this relgate has no annotations")
        self.write(good=200, bad=200, version="1.1.0")
        done = self.pull_request()
        self.assertRegex(done.log, r"(?m)^::error file=release\.yaml,line=\d+.*accuracy")
        self.assertEqual(done.summary.count("relgate: FAIL"), 1, "told once")

    def test_bad_input_is_an_error(self):
        (self.work / "release.yaml").write_text("relgate: 1\nname: [\n")
        done = self.pull_request()
        self.assertEqual((done.code, done.outputs["decision"]), (2, "error"), done.log)
        self.assertIn("relgate", self.service.comments[0]["body"])

    def test_an_inconclusive_release_stops_the_job_unless_the_user_said_otherwise(self):
        self.write(good=10, bad=0, version="1.1.0")
        done = self.pull_request()
        self.assertEqual((done.code, done.outputs["decision"]), (3, "inconclusive"), done.log)
        done = self.again(inconclusive="warn")
        self.assertEqual((done.code, done.outputs["decision"]), (0, "inconclusive"), done.log)
        self.assertIn("::warning title=relgate::inconclusive", done.log)
        self.assertEqual(self.again(inconclusive="Warn").code, 2, "a word that nobody knows passes nothing")

    def test_a_relgate_that_dies_passes_nothing(self):
        for script in ("kill -9 $$", "exit 101", "exit 77"):
            with self.subTest(script):
                program = self.folder / "dies"
                program.write_text(f'#!/bin/sh\n[ "$1" != --version ] || {{ echo relgate 0; exit 0; }}\n{script}\n')
                program.chmod(0o755)
                done = self.push(binary=str(program))
                self.assertEqual((done.code, done.outputs["decision"]), (2, "error"), done.log)
                self.assertIn("could not judge", done.summary)

    def test_what_an_earlier_run_left_is_not_told_again(self):
        self.assertIn("PASS", self.push().summary)
        done = self.push(arguments="--no-such-flag")
        self.assertEqual(done.code, 2)
        self.assertNotIn("PASS", done.summary)
        self.assertEqual(done.outputs["bundle"], "")

    # The comment

    def test_a_second_run_updates_the_comment(self):
        others = [{"id": n, "user": {"login": "somebody"}, "body": "<!-- relgate-action:relgate -->\nnot ours"} for n in range(120)]
        self.service.comments = list(others)
        self.write(good=400, bad=0, version="1.1.0")
        self.pull_request()
        (self.work / "answers.jsonl").write_text(rows(100, 300))
        done = self.again()
        own = [comment for comment in self.service.comments if comment["user"]["login"] == BOT]
        self.assertEqual(len(own), 1)
        self.assertIn("relgate: FAIL", own[0]["body"])
        self.assertEqual([method for method, _, _ in self.service.writes()], ["POST", "PATCH"], done.log)
        self.assertTrue(all(comment["body"].endswith("not ours") for comment in others))

    def test_two_jobs_keep_a_comment_each(self):
        self.write(good=400, bad=0, version="1.1.0")
        self.pull_request(name="fast")
        self.again(name="slow")
        self.again(name="fast")
        self.assertEqual([method for method, _, _ in self.service.writes()], ["POST", "POST", "PATCH"])

    def test_a_report_that_another_script_posted_is_taken_over(self):
        self.write(good=400, bad=0, version="1.1.0")
        self.pull_request(comment="false")
        first = (self.work / "relgate-report/report.md").read_text().splitlines()[0]
        if not first.startswith("<!-- relgate"):
            self.skipTest("this relgate writes no marker")
        self.service.comments = [{"id": 5, "user": {"login": BOT}, "body": first + "\nold"}]
        self.again()
        self.assertEqual([(method, path.rsplit("/", 1)[1]) for method, path, _ in self.service.writes()], [("PATCH", "5")])

    def test_a_fork_without_write_access_keeps_its_verdict(self):
        self.service.may_write = False
        self.write(good=400, bad=0, version="1.1.0")
        done = self.pull_request()
        self.assertEqual(done.code, 0, done.log)
        self.assertIn("a token that only reads", done.log)
        self.assertIn("relgate: PASS", done.summary)
        (self.work / "answers.jsonl").write_text(rows(100, 300))
        self.assertEqual(self.again().code, 1)

    def test_a_comment_that_cannot_be_written_is_told(self):
        self.service.broken = {f"/repos/{REPOSITORY}/issues/7/comments"}
        self.write(good=400, bad=0, version="1.1.0")
        done = self.pull_request()
        self.assertEqual(done.code, 0, done.log)
        self.assertIn("::warning title=relgate::the comments", done.log)

    def test_no_comment_where_none_is_asked_for_or_there_is_no_pull_request(self):
        self.write(good=400, bad=0, version="1.1.0")
        self.pull_request(comment="false")
        self.push()
        self.assertEqual(self.service.writes(), [])

    # Text of others

    def test_a_hostile_branch_does_nothing(self):
        for branch in ("$(touch${IFS}pwned)", "`touch pwned`", "x;touch pwned", '"; touch pwned; "', "--upload-pack=touch pwned"):
            with self.subTest(branch):
                self.git("checkout", "-q", "--force", "-B", "topic", self.base)
                self.write(good=400, bad=0, version="1.1.0", prompt=branch)
                done = self.pull_request(branch)
                self.assertEqual(done.code, 0, done.log)
                self.assertFalse(list(self.folder.rglob("pwned")))

    def test_output_is_no_command_to_github(self):
        # relgate begins no line with text of others; a later one that did must not be heard either.
        program = self.folder / "echoes"
        program.write_text(f'#!/bin/sh\n[ "$1" = --version ] || echo "::error::injected"\nexec {RELGATE} "$@"\n')
        program.chmod(0o755)
        self.write(good=400, bad=0, version="1.1.0", prompt="a\n::error::injected\n::add-mask::a\n##[error]injected")
        done = self.pull_request(binary=str(program))
        self.assertEqual(done.code, 0, done.log)
        heard, stopped = [], None
        for line in done.log.splitlines():
            if stopped is None and line.startswith("::stop-commands::"):
                stopped = line.removeprefix("::stop-commands::")
            elif stopped is not None:
                stopped = None if line == f"::{stopped}::" else stopped
            elif line.startswith("::"):
                heard.append(line)
        self.assertIsNone(stopped)
        self.assertEqual([line for line in heard if "injected" in line], [])
        said = [line for line in done.log.splitlines() if line.startswith("::error::injected")]
        self.assertEqual(len(said), 2, "of check and of diff")

    def test_inputs_are_words_and_not_shell(self):
        done = self.push(arguments="--as-of=2026-01-01\n\n--evidence=answers=answers.jsonl", manifest="release.yaml\n")
        self.assertEqual(done.code, 0, done.log)
        done = self.push(arguments="--out=$(touch pwned)")
        self.assertEqual(done.code, 2)
        self.assertFalse(list(self.folder.rglob("pwned")))
        for name in ("../x", "a b", "x-->", "$(x)", ""):
            self.assertEqual(self.push(name=name).code, 2, name)

    # The base

    def test_the_base_of_a_shallow_checkout_is_fetched(self):
        self.write(good=400, bad=0, version="1.1.0", least=80)
        self.pull_request(comment="false")
        merge = self.git("rev-parse", "HEAD")
        self.git("branch", "merged", merge)
        origin, self.work = self.work, self.folder / "shallow"
        subprocess.run(["git", "clone", "-q", "--depth=1", "-b", "merged", f"file://{origin}", self.work], check=True)
        event = {"pull_request": {"number": 7, "head": {"sha": merge}, "base": {"sha": self.base}}}
        done = run(self.work, self.service, event, inputs={"binary": RELGATE}, event_name="pull_request", sha=merge)
        self.assertEqual(done.code, 0, done.log)
        self.assertIn("from &gt;= 90% to &gt;= 80%", done.summary)

    def test_a_looser_gate_stops_the_job_where_that_is_asked_for(self):
        self.write(good=400, bad=0, version="1.1.0", least=80)
        done = self.pull_request()
        self.assertEqual(done.code, 0, done.log)
        done = self.again(**{"fail-on": "looser"})
        self.assertEqual((done.code, done.outputs["decision"]), (1, "fail"), done.log)
        self.assertIn("stop this run", self.service.comments[0]["body"])
        self.assertEqual(done.outputs["bundle"], "")
        self.assertEqual(self.again(**{"fail-on": "nothing"}).code, 2)

    def test_a_manifest_that_is_new_has_nothing_to_compare(self):
        (self.work / "release.yaml").rename(self.work / "other.yaml")
        done = self.pull_request(manifest="other.yaml", **{"fail-on": "any"})
        self.assertEqual(done.code, 0, done.log)
        self.assertIn("nothing to compare it with", done.log)

    def test_a_base_that_cannot_be_read_stops_only_where_it_decides(self):
        (self.work / "release.yaml").write_text("relgate: 1\nname: [\n")
        self.base = self.commit("broken")
        self.write(good=400, bad=0, version="1.1.0")
        self.assertEqual(self.pull_request().code, 0)
        self.assertEqual(self.again(**{"fail-on": "looser"}).code, 2)

    def test_a_push_is_compared_with_what_was_there(self):
        self.write(good=400, bad=0, version="1.1.0", least=80)
        self.commit("two")
        self.assertIn("&gt;= 80%", self.push(before=self.base).summary)
        self.assertNotIn("90%", self.push(before="0" * 40).summary, "a new branch")
        self.assertNotIn("90%", self.push(before="$(touch pwned)").summary)
        self.assertIn("&gt;= 80%", self.push(diff="main~1").summary)

    def test_several_manifests_are_told_together(self):
        (self.work / "b").mkdir()
        for name in ("system.md", "answers.jsonl"):
            shutil.copy(self.work / name, self.work / "b" / name)
        (self.work / "b/release.yaml").write_text(MANIFEST.format(version="2.0.0", least=90).replace("name: assistant", "name: second"))
        (self.work / "b/answers.jsonl").write_text(rows(100, 300))
        done = self.pull_request(manifest="release.yaml\nb/release.yaml")
        self.assertEqual(done.code, 1, done.log)
        self.assertIn("assistant 1.0.0 may ship", done.summary)
        self.assertIn("second 2.0.0 must not ship", self.service.comments[0]["body"])

    # The baseline

    def with_a_regression_gate(self):
        self.write(good=300, bad=100, version="1.1.0", least=50)
        text = (self.work / "release.yaml").read_text()
        (self.work / "release.yaml").write_text(text.replace("gates:\n", "gates:\n  - 'accuracy drop < 2pp'\n"))

    def test_the_bundle_of_the_last_release_is_the_baseline(self):
        packed = self.bundle()
        self.service.release("v0.9.0", {"relgate-bundle.tar.gz": packed})
        self.service.release("v1.0.0-rc.1", {"relgate-bundle.tar.gz": b"not looked at"}, prerelease=True)
        self.service.release("v1.1.0", {}, draft=False)
        self.with_a_regression_gate()
        done = self.push(baseline="last-release", ref="v1.1.0", kind="tag")
        self.assertEqual((done.code, done.outputs["decision"]), (1, "fail"), done.log)
        self.assertIn("compared with release v0.9.0", done.log)
        self.assertNotIn("has no relgate-bundle.tar.gz", done.log, "the release that is being made is not missed")
        self.assertIn("accuracy-drop", done.summary)
        done = self.push(baseline="last-release")
        self.assertIn("release v1.1.0 has no relgate-bundle.tar.gz; it is compared with v0.9.0", done.log)

    def test_a_missing_baseline_is_told_and_decides_no_change(self):
        done = self.push(baseline="last-release")
        self.assertEqual(done.code, 0, done.log)
        self.assertIn("no release has relgate-bundle.tar.gz", done.log)
        self.with_a_regression_gate()
        self.assertEqual(self.push(baseline="last-release").code, 2, "a change without a baseline is no pass")
        self.assertEqual(self.push(baseline="last-run").code, 2)

    def test_a_baseline_that_cannot_be_asked_for_is_an_error(self):
        for answer in ({f"/repos/{REPOSITORY}/releases"}, {"/files/v0.9.0/relgate-bundle.tar.gz"}):
            self.service.release("v0.9.0", {"relgate-bundle.tar.gz": b"x"})
            self.service.broken = answer
            done = self.push(baseline="last-release")
            self.assertEqual(done.code, 2, done.log)
            self.assertEqual(done.uploads, [])

    def test_a_bundle_that_is_none_is_an_error(self):
        for content in (b"not an archive", archive({"bundle/other": b"x"}), archive({"bundle/../../../pwned": b"x"})):
            self.service.releases = []
            self.service.release("v0.9.0", {"relgate-bundle.tar.gz": content})
            self.assertEqual(self.push(baseline="last-release").code, 2)
        self.assertFalse(list(self.folder.rglob("pwned")))

    def artifact(self, number, packed, *, branch="main", head=1, event="push", conclusion="success", made="2026-01-01"):
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive_:
            archive_.writestr("relgate-bundle.tar.gz", packed)
        self.service.files[f"/repos/{REPOSITORY}/actions/artifacts/{number}/zip"] = zipped.getvalue()
        self.service.runs[number * 10] = {"conclusion": conclusion, "event": event}
        run_ = {"id": number * 10, "head_branch": branch, "head_repository_id": head, "repository_id": 1}
        self.service.artifacts.append(
            {"id": number, "name": "relgate", "expired": False, "created_at": made, "workflow_run": run_}
        )

    def test_the_last_run_of_the_default_branch_is_the_baseline(self):
        packed = self.bundle()
        self.artifact(1, packed, made="2026-01-02")
        self.artifact(2, b"older", made="2026-01-01")
        self.artifact(3, b"of a fork", head=99, made="2026-02-01")
        self.artifact(4, b"of a branch", branch="topic", made="2026-02-02")
        self.artifact(5, b"of a failed run", conclusion="failure", made="2026-02-03")
        self.artifact(6, b"of a pull request", event="pull_request", made="2026-02-04")
        self.with_a_regression_gate()
        done = self.push(baseline="last-run")
        self.assertEqual(done.code, 1, done.log)
        self.assertIn("compared with run 10", done.log)

    def test_any_other_baseline_goes_to_relgate(self):
        self.with_a_regression_gate()
        done = self.push(baseline=f"git:{self.base}")
        self.assertEqual(done.code, 1, done.log)
        self.assertIn("accuracy-drop", done.summary)

    def test_on_windows_jq_ends_lines_otherwise(self):
        packed = self.bundle()
        self.service.release("v0.9.0", {"relgate-bundle.tar.gz": packed})
        self.artifact(1, packed)
        programs = self.folder / "windows"
        programs.mkdir()
        (programs / "cygpath").write_text('#!/bin/sh\necho "$2"\n')
        (programs / "jq").write_text(f'#!/bin/bash\nset -o pipefail\n{shutil.which("jq")} "$@" | sed \'s/$/\\r/\'\n')
        for program in programs.iterdir():
            program.chmod(0o755)
        self.with_a_regression_gate()
        path = {"PATH": f"{programs}:{os.environ['PATH']}"}
        for baseline in ("last-release", "last-run"):
            done = self.push(baseline=baseline, environment=path)
            self.assertEqual(done.code, 1, done.log)
            self.assertIn("compared with", done.log)

    # The install

    def release_of_relgate(self, script=b"", listed=None):
        content = script or b'#!/bin/sh\n[ "$1" = --version ] && { echo relgate 9.8.7; exit; }\nexec "$REAL" "$@"\n'
        packed = archive({"relgate-9.8.7-x86_64-unknown-linux-musl/relgate": content})
        sums = listed or hashlib.sha256(packed).hexdigest()
        name = "relgate-9.8.7-x86_64-unknown-linux-musl.tar.gz"
        self.service.releases = []
        self.service.release("v9.8.7", {name: packed, "SHA256SUMS": f"{sums}  {name}\n".encode()})
        return hashlib.sha256(packed).hexdigest()

    def installed(self, **inputs):
        return self.push(binary="", version="9.8.7", environment={"REAL": RELGATE}, **inputs)

    def test_a_release_is_downloaded_and_held_against_its_sum(self):
        digest = self.release_of_relgate()
        done = self.installed()
        self.assertEqual((done.code, done.outputs["decision"]), (0, "pass"), done.log)
        self.assertEqual(self.installed(sha256=digest).code, 0)

    def test_what_a_release_packs_is_what_is_installed(self):
        version = subprocess.run([RELGATE, "--version"], capture_output=True, text=True).stdout.split()[1]
        packed = self.folder / "packed"
        for command in (["archive.sh", "x86_64-unknown-linux-musl", packed, f"v{version}"], ["sums.sh", packed]):
            command[0] = ROOT / ".github/release" / command[0]
            subprocess.run(command, cwd=ROOT, env={**os.environ, "RELGATE": RELGATE}, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=packed, check=True)
        self.service.release(f"v{version}", {file.name: file.read_bytes() for file in packed.iterdir()})
        done = self.push(binary="", version=f"v{version}")
        self.assertEqual((done.code, done.outputs["decision"]), (0, "pass"), done.log)
        self.assertNotEqual(done.outputs["binary"], RELGATE)

    def test_other_bytes_are_not_run(self):
        marker = self.folder / "ran"
        for listed, inputs in (("0" * 64, {}), (None, {"sha256": "0" * 64}), (None, {"sha256": "abc"})):
            self.release_of_relgate(f"#!/bin/sh\ntouch {marker}\n".encode(), listed)
            done = self.installed(**inputs)
            self.assertEqual(done.code, 2, done.log)
            self.assertFalse(marker.exists())
            self.assertEqual(done.summary, "")

    def test_a_release_that_is_not_there_is_an_error(self):
        self.assertEqual(self.installed().code, 2)
        self.release_of_relgate()
        done = self.push(binary="", version="9.8.7", environment={"RUNNER_ARCH": "RISCV"})
        self.assertEqual(done.code, 2)
        self.assertIn("no build of relgate for Linux on RISCV", done.log)
        self.assertEqual(self.push(binary="", version="1.0; touch pwned").code, 2)
        self.assertEqual(self.push(binary="/nonexistent/relgate").code, 2)


if __name__ == "__main__":
    unittest.main()
