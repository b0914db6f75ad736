"""A release in a folder, for the tests beside."""

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
{more}policy: {{ require: [] }}
"""


def write(folder, version, good, least=50, more=""):
    """A release of 400 answers, so many of them good."""
    (folder / "release.yaml").write_text(MANIFEST.format(version=version, least=least, more=more))
    (folder / "system.md").write_text(f"Be kind. {version}\n")
    rows = ('{"id": "q%d", "accuracy": %s}\n' % (number, "true" if number < good else "false") for number in range(400))
    (folder / "answers.jsonl").write_text("".join(rows))
