"""Objects of Kubernetes that relgate edits or renders, against the schemas of the projects that read them (openAPIV3Schema, closed)."""

import shutil
import sys
from pathlib import Path

import jsonschema
import yaml

from story import Story

ROUTE = """# kept
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: assistant}
spec:
  parentRefs: [{name: gw}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /v1}}]
    backendRefs: [{name: stable, port: 80, weight: 100}, {name: candidate, port: 80, weight: 0}]
"""


def closed(schema):
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    left_out = ("description", "default", "format", "nullable")
    own = {key: closed(value) for key, value in schema.items() if not key.startswith("x-kubernetes") and key not in left_out}
    is_open = "additionalProperties" in schema or schema.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and not is_open:
        own["additionalProperties"] = False
    return own


def schemas(folder):
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        for document in yaml.load_all(path.read_text(), yaml.CSafeLoader):
            if document and document.get("kind") == "CustomResourceDefinition":
                spec = document["spec"]
                for version in spec["versions"]:
                    key = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
                    found[key] = closed(version["schema"]["openAPIV3Schema"])
    return found


def wrong(known, text):
    for document in yaml.safe_load_all(text):
        schema = known[(document["apiVersion"], document["kind"])]
        schema["properties"].update(metadata={"type": "object"}, apiVersion={"type": "string"}, kind={"type": "string"})
        for error in jsonschema.Draft7Validator(schema).iter_errors(document):
            yield f"{document['kind']}: {'/'.join(map(str, error.absolute_path))}: {error.message[:120]}"


def main():
    relgate, folder = sys.argv[1], Path(sys.argv[2])
    if not folder.is_dir():
        print("  Kubernetes: skipped: ../shared is not here")
        return
    known = schemas(folder)
    story = Story(relgate, "{ kind: httproute, path: route.yaml }", unit="unit: request")
    path = story.write("route.yaml", ROUTE)
    story.start()
    text = path.read_text()
    assert text == ROUTE.replace("weight: 100", "weight: 90").replace("weight: 0", "weight: 10"), text
    found = list(wrong(known, text))
    story.back()
    assert path.read_text() == ROUTE
    argo = Story(relgate, "{ kind: argo-rollouts, path: rollout.yaml, stable: assistant-stable, candidate: assistant-candidate }")
    argo.run("rollout", "plan", "--render", "out.yaml", "--image", "reg.example/relgate:1")
    rendered = (argo.folder / "out.yaml").read_text()
    documents = [one["kind"] for one in yaml.safe_load_all(rendered)]
    assert documents == ["Rollout", "AnalysisTemplate"], documents
    found += list(wrong(known, rendered))
    assert not found, found
    # That the schemas would say it.
    for bad in (rendered.replace("setWeight: 10\n", "setWeight: ten\n"), rendered.replace("backoffLimit", "backofLimit"),
                text.replace("weight: 90", "weight: -1")):
        assert list(wrong(known, bad)), bad
    for one in (story, argo):
        shutil.rmtree(one.folder)
    print("  Kubernetes: HTTPRoute, Rollout and AnalysisTemplate fit")


main()
