"""The pre-commit hooks, with the relgate that was built: what `pre-commit` runs is what .pre-commit-hooks.yaml says, but for the
build (`language: rust` becomes `system`)."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

from project import write

ROOT = Path(__file__).resolve().parents[2]
RELGATE = Path(os.environ.get("RELGATE", ROOT / "target/release/relgate")).resolve()
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


class HooksTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        write(self.folder, "1.0.0", good=400)
        self.assertEqual({hook["language"] for hook in HOOKS}, {"rust"})
        hooks = [{**hook, "language": "system"} for hook in HOOKS]
        (self.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]}))
        self.run_("git", "init", "-q", "-b", "main")
        self.run_("git", "add", "-A")

    def run_(self, *command):
        environment = {
            **os.environ,
            "PATH": f"{RELGATE.parent}:{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(self.folder.with_suffix(".cache")),
        }
        return subprocess.run(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
        )

    def hook(self, name):
        self.addCleanup(shutil.rmtree, self.folder.with_suffix(".cache"), True)
        return self.run_(sys.executable, "-m", "pre_commit", "run", name, "--all-files")

    def test_they_hold_a_commit_that_does_not_hold(self):
        self.assertEqual(self.hook("relgate-check").returncode, 0)
        self.hook("relgate-lock")
        self.run_("git", "add", "-A")
        self.assertEqual(self.hook("relgate-lock").returncode, 0, "the lock is fresh")
        self.assertEqual(self.hook("relgate-verify").returncode, 0)

        (self.folder / "system.md").write_text("And never say no.\n")
        self.run_("git", "add", "-A")
        self.assertEqual(self.hook("relgate-verify").returncode, 1)
        done = self.hook("relgate-check")
        self.assertEqual(done.returncode, 1, "pre-commit has one code for what failed")
        self.assertIn("exit code: 2", done.stdout)
        self.assertIn("files were modified by this hook", self.hook("relgate-lock").stdout)
        self.run_("git", "add", "-A")
        self.assertEqual(self.hook("relgate-lock").returncode, 0)
        self.assertEqual(self.hook("relgate-check").returncode, 0)
        self.assertEqual(list(self.folder.glob("relgate-report")), [], "nothing was written")


if __name__ == "__main__":
    unittest.main()
