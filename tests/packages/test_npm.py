"""The npm packages: made from an archive as a release makes it, installed from their files, and run.

    RELGATE=target/release/relgate python3 -m unittest discover -s tests/packages
"""

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RELGATE = str(Path(os.environ.get("RELGATE", ROOT / "target/release/relgate")).resolve())
MACHINE = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}[platform.machine()]
TARGET = f"{MACHINE}-apple-darwin" if platform.system() == "Darwin" else f"{MACHINE}-unknown-linux-gnu"


class NpmTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.packed = cls.pack(RELGATE, "packed")
        cls.installed = cls.install(cls.packed, "installed")

    @classmethod
    def pack(cls, binary, name):
        out = cls.folder / name
        subprocess.run(
            [ROOT / ".github/release/archive.sh", TARGET, out],
            cwd=ROOT, env={**os.environ, "RELGATE": str(binary)}, check=True, stdout=subprocess.DEVNULL,
        )
        subprocess.run(["node", "npm/pack.mjs", out, out], cwd=ROOT, check=True)
        return out

    @classmethod
    def install(cls, packed, name):
        """A folder with the packages as npm unpacks them; optional dependencies of a registry are not asked for."""
        folder = cls.folder / name
        folder.mkdir()
        (folder / "package.json").write_text('{"private": true}')
        files = sorted(str(file) for file in packed.glob("*.tgz"))
        command = ["npm", "install", "--offline", "--no-audit", "--no-fund", "--omit=optional", *files]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return folder

    def relgate(self, *arguments, folder=None, **more):
        program = (folder or self.installed) / "node_modules/.bin/relgate"
        return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, **more)

    def test_the_packages_are_of_one_version(self):
        version = re.search('^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.M)[1]
        manifests = [json.loads(file.read_text()) for file in self.installed.glob("node_modules/**/package.json")]
        self.assertEqual({manifest["version"] for manifest in manifests}, {version})
        [main] = [manifest for manifest in manifests if manifest["name"] == "relgate"]
        [other] = [manifest for manifest in manifests if manifest["name"] != "relgate"]
        self.assertEqual(main["optionalDependencies"], {other["name"]: version})
        self.assertNotIn("scripts", main, "nothing runs when it is installed")
        self.assertEqual(self.relgate("--version").stdout, f"relgate {version}\n")

    def test_it_judges_with_the_codes_of_relgate(self):
        for example, code in (("waiver", 0), ("failing", 1), ("inconclusive", 3)):
            done = self.relgate("check", "--dry-run", cwd=ROOT / "examples" / example)
            alone = subprocess.run([RELGATE, "check", "--dry-run"], cwd=ROOT / "examples" / example, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (code, alone.stdout), example)
        self.assertEqual(self.relgate("check", "nowhere.yaml").returncode, 2)

    def test_words_of_the_command_line_arrive_as_they_are(self):
        program = self.folder / "says"
        program.write_text('#!/bin/sh\nprintf "[%s]" "$@"\n')
        program.chmod(0o755)
        folder = self.install(self.pack(program, "packed-says"), "installed-says")
        words = ["a b", "$(touch pwned)", '"', "*", "", "ä"]
        self.assertEqual(self.relgate(*words, folder=folder).stdout, "".join(f"[{word}]" for word in words))

    def test_signals_and_their_codes_pass_through(self):
        program = self.folder / "waits"
        program.write_text("#!/bin/sh\ntrap 'echo told; exit 130' INT\necho ready\nwhile :; do sleep 0.05; done\n")
        program.chmod(0o755)
        folder = self.install(self.pack(program, "packed-waits"), "installed-waits")
        for sent, code, told in ((signal.SIGINT, 130, "told\n"), (signal.SIGTERM, -signal.SIGTERM, "")):
            started = subprocess.Popen(
                [folder / "node_modules/.bin/relgate"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
            )
            self.assertEqual(started.stdout.readline(), "ready\n")
            time.sleep(0.2)
            started.send_signal(sent)
            rest, _ = started.communicate(timeout=20)
            self.assertEqual((started.returncode, rest), (code, told))

    def test_without_a_binary_nothing_is_judged(self):
        folder = self.install(self.packed, "alone")
        for package in (folder / "node_modules/@relgate").iterdir():
            shutil.rmtree(package)
        done = self.relgate("check", folder=folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("is not installed", done.stderr)

    def test_a_tag_that_is_not_the_version_makes_no_archive(self):
        command = [ROOT / ".github/release/archive.sh", TARGET, self.folder / "none", "v99.0.0"]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "RELGATE": RELGATE}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertFalse((self.folder / "none").exists())


if __name__ == "__main__":
    unittest.main()
