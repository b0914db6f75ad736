"""What `relgate attest` writes, read by the tools that others read it with; and flipped, refused by them and by relgate.

securesystemslib and openssl: DSSE envelopes. in-toto-attestation: statements and their predicates. @sigstore/bundle and
@sigstore/verify: bundles. ssh-keygen: signatures of waivers.

usage: statements.py RELGATE NODE_MODULES
"""

import base64
import copy
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult
from in_toto_attestation.predicates.vsa.v1.vsa_pb2 import VerificationSummary
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

RELGATE, MODULES = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
HERE = Path(__file__).parent
ENV = {"SOURCE_DATE_EPOCH": "1795165200", "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
MANIFEST = """relgate: 1
name: assistant
version: 2.4.0
type: prompt-release
artifacts: { prompts: { system: { version: v1, path: prompts/system.md } } }
evidence: { answers: { path: answers.jsonl } }
gates: ['Toxicity < 1%', 'accuracy >= 90%']
policy: { require: [] }
waivers:
  - { gate: toxicity, reason: INC-1, owner: ana, approver: board, expires: 2027-01-01, limit: 9%, signature: toxicity.sig }
"""


def run(folder, *words, code=0, stdin=None):
    done = subprocess.run([str(word) for word in words], cwd=folder, env=ENV, capture_output=True, input=stdin)
    assert done.returncode == code, f"{words} ended with {done.returncode}, not {code}:\n{done.stdout.decode()}{done.stderr.decode()}"
    return done.stdout


def story(folder, toxic):
    (folder / "prompts").mkdir()
    (folder / "prompts/system.md").write_text("Be kind. \u202e \"quoted\"\n", encoding="utf-8")
    (folder / "release.yaml").write_text(MANIFEST, encoding="utf-8")
    rows = [{"id": f"q{i}", "toxic": i < toxic, "accuracy": i >= 20} for i in range(1000)]
    (folder / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run(folder, "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "ci.pem")
    run(folder, "openssl", "pkey", "-in", "ci.pem", "-pubout", "-out", "ci.pub")
    run(folder, RELGATE, "lock", "-q")
    run(folder, RELGATE, "ledger", "init")
    words = [RELGATE, "check", "-q", "--no-changelog", "--record", "--as-of", "2026-11-20"]
    judged = subprocess.run(words, cwd=folder, env=ENV, stdout=subprocess.DEVNULL)
    run(folder, RELGATE, "attest", "--key", "ci.pem", "--env", "production", "--subject", f"r.example/chat@sha256:{'a' * 64}")
    return judged.returncode


def digests(statement):
    """in-toto-attestation takes any text for a digest, so that is looked at here."""
    for subject in statement["subject"]:
        sha256 = subject["digest"]["sha256"]
        assert len(sha256) == 64 and set(sha256) <= set("0123456789abcdef"), subject


def statements(folder, code):
    report = folder / "relgate-report"
    for name, predicate in (("test-result", TestResult), ("vsa", VerificationSummary)):
        written = json.loads((report / f"{name}.statement.json").read_text())
        subjects = [ResourceDescriptor(name=one["name"], digest=one["digest"]).pb for one in written["subject"]]
        Statement(subjects, written["predicateType"], written["predicate"]).validate()
        # Every field is one that the type of the predicate has. Version 0.9.3 has `verifiedLevels` as one text, where SLSA, whose
        # predicate it is, has a list of them.
        fields = dict(written["predicate"])
        levels = fields.pop("verifiedLevels", [])
        assert levels == [] if name != "vsa" else len(levels) == 1 and not levels[0].startswith("SLSA_"), levels
        parsed = ParseDict(fields, predicate())
        digests(written)
        assert written["subject"][0]["digest"]["sha256"] == hashlib.sha256((folder / "release.lock").read_bytes()).hexdigest()
        assert json.loads((report / f"{name}.predicate.json").read_text()) == written["predicate"]
        if name == "vsa":
            assert parsed.verification_result == ("PASSED" if code == 0 else "FAILED"), parsed
            assert parsed.resource_uri == "relgate:assistant@2.4.0?env=production"
        else:
            assert (parsed.result == "FAILED") == (code != 0), parsed


def in_dsse(envelope, key):
    try:
        return bool(Envelope.from_dict(copy.deepcopy(envelope)).verify([key], 1))
    except (VerificationError, KeyError, ValueError, TypeError):
        return False


def by_openssl(folder, envelope):
    """The signature over the pre-authentication encoding, by hand."""
    try:
        payload = base64.b64decode(envelope["payload"], validate=True)
        signature = base64.b64decode(envelope["signatures"][0]["sig"], validate=True)
        kind = envelope["payloadType"].encode()
    except (ValueError, KeyError):
        return False
    (folder / "sig").write_bytes(signature)
    encoded = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", "ci.pub", "-signature", "sig"], cwd=folder, input=encoded, capture_output=True)
    return done.returncode == 0 and done.stdout.strip() == b"Verified OK"


def in_bundles(folder, files):
    lines = run(folder, "node", HERE / "statements.mjs", MODULES, folder / "ci.pub", *files).decode().splitlines()
    assert len(lines) == len(files), lines
    return [line == "OK" for line in lines]


def by_relgate(folder, file):
    words = [RELGATE, "verify", "--attestation", file, "--key", "ci.pub", "--env", "production", "-q"]
    done = subprocess.run(words, cwd=folder, env=ENV, capture_output=True)
    assert done.returncode in (0, 1, 2), done.stderr
    return done.returncode == 0


def flipped(text, at):
    """One bit of one character of base64 or hexadecimal digits."""
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def envelopes(folder, code):
    public = load_pem_public_key((folder / "ci.pub").read_bytes())
    key = SSlibKey.from_crypto(public, keyid=hashlib.sha256((folder / "ci.pub").read_bytes()).hexdigest())
    report = folder / "relgate-report"
    tried = 0
    for name in ("test-result", "vsa"):
        envelope = json.loads((report / f"{name}.dsse.json").read_text())
        bundle = json.loads((report / f"{name}.sigstore.json").read_text())
        assert in_dsse(envelope, key) and by_openssl(folder, envelope), name
        assert in_bundles(folder, [report / f"{name}.sigstore.json"]) == [True], name
        assert by_relgate(folder, report / f"{name}.dsse.json") == (name == "vsa" and code == 0), name
        wrong = []
        for place in ("payload", "sig"):
            text = envelope["payload"] if place == "payload" else envelope["signatures"][0]["sig"]
            for at in range(3, len(text) - 4, max(1, len(text) // 12)):
                one, other = copy.deepcopy(envelope), copy.deepcopy(bundle)
                for edited in (one, other["dsseEnvelope"]):
                    (edited if place == "payload" else edited["signatures"][0])[place] = flipped(text, at)
                wrong.append((one, other))
        one, other = copy.deepcopy(envelope), copy.deepcopy(bundle)
        one["payloadType"] = other["dsseEnvelope"]["payloadType"] = "application/json"
        wrong.append((one, other))
        files = []
        for place, (one, other) in enumerate(wrong):
            assert not in_dsse(one, key) and not by_openssl(folder, one), (name, place)
            for form, edited in (("dsse", one), ("sigstore", other)):
                file = folder / f"wrong-{place}.{form}.json"
                file.write_text(json.dumps(edited))
                assert not by_relgate(folder, file), file
                tried += 1
            files.append(folder / f"wrong-{place}.sigstore.json")
        assert not any(in_bundles(folder, files)), name
    return tried


def by_others(folder):
    """What securesystemslib signs with the same key relgate takes, as long as it says what is here."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    body = (folder / "relgate-report/vsa.statement.json").read_bytes()
    public = SSlibKey.from_crypto(
        load_pem_public_key((folder / "ci.pub").read_bytes()), keyid=hashlib.sha256((folder / "ci.pub").read_bytes()).hexdigest()
    )
    envelope = Envelope(body, "application/vnd.in-toto+json", {})
    envelope.sign(CryptoSigner(load_pem_private_key((folder / "ci.pem").read_bytes(), None), public))
    (folder / "theirs.json").write_text(json.dumps(envelope.to_dict()))
    assert by_relgate(folder, folder / "theirs.json")


def waivers(folder):
    for name in ("board", "eve"):
        run(folder, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name)
    (folder / "signers").write_text(f'board namespaces="relgate-waiver" {(folder / "board.pub").read_text()}')
    run(folder, RELGATE, "attest", "--waiver", "toxicity", "--key", "board")
    said = run(folder, RELGATE, "attest", "--waiver", "toxicity")
    good = (folder / "toxicity.sig").read_bytes()

    def verifies(said, signature, namespace="relgate-waiver"):
        (folder / "one.sig").write_bytes(signature)
        words = ["ssh-keygen", "-Y", "verify", "-n", namespace, "-f", "signers", "-I", "board", "-s", "one.sig"]
        return subprocess.run(words, cwd=folder, input=said, capture_output=True).returncode == 0

    assert verifies(said, good)
    assert not verifies(said, good, "relgate-approval")
    assert not verifies(said.replace(b"2027", b"2028"), good)
    lines = good.decode().splitlines()
    for at in range(0, len(lines[2]), 7):
        edited = lines[:2] + [flipped(lines[2], at)] + lines[3:]
        assert not verifies(said, ("\n".join(edited) + "\n").encode()), at
    run(folder, RELGATE, "attest", "--waiver", "toxicity", "--key", "eve")
    assert not verifies(said, (folder / "toxicity.sig").read_bytes())


def main():
    tried = 0
    for toxic in (0, 40, 200):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            code = story(folder, toxic)
            assert code == (1 if toxic == 200 else 0), (toxic, code)
            statements(folder, code)
            tried += envelopes(folder, code)
            if toxic == 0:
                by_others(folder)
                waivers(folder)
    print(f"attestations: 3 stories taken by securesystemslib, in-toto-attestation, @sigstore/verify, openssl, ssh-keygen; {tried} flipped ones refused by all")


main()
