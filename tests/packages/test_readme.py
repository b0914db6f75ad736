"""What the README says of CI is what is here: names of inputs, jobs and hooks."""

import re
import subprocess
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
SECTION = README.split("\n## In CI\n")[1].split("\n## ")[0]
BLOCKS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", SECTION, re.S)]


def block(key):
    [found] = [block for block in BLOCKS if key in block]
    return found


class ReadmeTest(unittest.TestCase):
    def test_the_job_of_github_has_inputs_of_the_action(self):
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        workflow = block("jobs")
        checkout, relgate = workflow["jobs"]["relgate"]["steps"]
        self.assertRegex(relgate["uses"], r"/relgate@v[0-9.]+$")
        self.assertLessEqual(set(relgate["with"]), set(action["inputs"]))
        self.assertIn(f"`{relgate['with']['baseline']}`", action["inputs"]["baseline"]["description"])
        used = {step["uses"] for file in (ROOT / ".github/workflows").iterdir()
                for job in yaml.safe_load(file.read_text())["jobs"].values() for step in job["steps"] if "uses" in step}
        self.assertIn(checkout["uses"], used, "the version that our own workflows use")

    def test_the_job_of_gitlab_extends_what_is_there(self):
        job = block("include")
        template = yaml.safe_load((ROOT / job["include"]["local"]).read_text())
        declared = template[job["relgate"]["extends"]]
        self.assertLessEqual(set(job["relgate"]["variables"]), set(declared["variables"]))

    def test_the_hooks_are_there(self):
        hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
        [repository] = block("repos")["repos"]
        self.assertLessEqual({hook["id"] for hook in repository["hooks"]}, hooks)
        self.assertEqual(set(re.findall(r"`(relgate-[a-z]+)`", SECTION)), hooks)

    def test_versions_are_that_of_the_crate(self):
        version = re.search('^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.M)[1]
        named = set(re.findall(r"(?:relgate@|rev: )v([0-9.]+)", SECTION))
        self.assertEqual(named, {version})

    def test_the_line_for_any_ci_keeps_the_exit_code(self):
        [line] = re.findall(r"```sh\n(.*?)\n```", SECTION, re.S)
        for code, told in ((0, ""), (1, ""), (2, ""), (3, "inconclusive")):
            done = subprocess.run(
                ["bash", "-c", f"relgate() {{ return {code}; }}\n{line}"], capture_output=True, text=True, check=False
            )
            self.assertEqual(done.returncode, code)
            self.assertEqual(done.stdout.split(":")[0].strip(), told)


if __name__ == "__main__":
    unittest.main()
