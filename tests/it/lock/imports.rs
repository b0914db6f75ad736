//! What DVC, `sha256sum` and the Hugging Face tools wrote about the same files. The DVC files are real: `tests/fixtures/lock/make.sh`.

use std::fs;

use crate::lock::support::Tree;

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/lock/dvc");

/// A release with these artifacts.
fn release(artifacts: &str) -> Tree {
    let manifest = format!(
        "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nbaseline: none\nartifacts: {artifacts}\n\
         evidence: {{ a: {{ path: a.jsonl }} }}\ngates: ['toxicity < 1%']\n"
    );
    Tree::new(&[("release.yaml", &manifest)])
}

/// The same beside the files of a real DVC project.
fn tracked(artifacts: &str) -> Tree {
    let tree = release(artifacts);
    tree.sh(&format!("cp -r '{FIXTURE}/.' ."));
    tree
}

#[test]
fn what_dvc_tracks_is_what_was_hashed() {
    let tree = tracked(
        "{ datasets: { train: { version: v1, path: data/train.csv }, corpus: { version: v1, path: data/corpus }, \
         prepared: { version: v1, path: data/prepared }, score: { version: v1, path: data/score.txt } } }",
    );
    tree.run("lock", &[]).ends(0, &["4 artifacts, 10 files"]);
    tree.run("verify", &[]).ends(0, &[]);
    let sound = fs::read_to_string(tree.at("data/corpus.dvc")).unwrap();
    let lock = fs::read_to_string(tree.at("dvc.lock")).unwrap();
    let digits = "464aa6b7c167e33d5c766e810e8aaf8e";
    assert!(
        sound.contains(digits) && lock.contains(digits),
        "make.sh was run again: correct the digits here"
    );
    let table: &[(&str, &str, &str, &[&str])] = &[
        ("data/corpus.dvc", "nfiles: 6", "nfiles: 7", &["files: `data/corpus.dvc` says 7, found 6"]),
        (
            "data/corpus.dvc",
            "size: 44",
            "size: 45",
            &["size: `data/corpus.dvc` says 45 bytes, found 44 bytes"],
        ),
        (
            "data/corpus.dvc",
            "464aa6",
            "000000",
            &["md5: `data/corpus.dvc` says 000000b7c167", "found 464aa6b7c167"],
        ),
        ("data/corpus.dvc", ".dir", "", &["it: `data/corpus.dvc` says a file, found a folder"]),
        (
            "data/train.csv.dvc",
            "3210d2",
            "4210d2",
            &["`data/train.csv` is not what `data/train.csv.dvc` says"],
        ),
        ("data/train.csv.dvc", "3210d2", "xyz0d2", &["import-unreadable", "is no MD5"]),
        ("data/train.csv.dvc", "size: 28", "size: many", &["its `size` is `many`"]),
        ("data/train.csv.dvc", "outs:", "outs: [", &["import-unreadable"]),
        ("dvc.lock", "ddcb35", "edcb35", &["`data/prepared` is not what `dvc.lock` says", "dvc checkout"]),
        ("dvc.lock", "9ae0ea", "8ae0ea", &["`data/score.txt` is not what `dvc.lock` says"]),
        ("dvc.lock", "schema: '2.0'", "schema: '3.0'", &["its `schema` is not 2.0"]),
    ];
    for (file, from, to, words) in table {
        let text = fs::read_to_string(tree.at(file)).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        tree.put(file, text.replace(from, to));
        tree.run("lock", &["--dry-run"]).ends(2, words);
        let verify = tree.run("verify", &[]);
        assert_ne!(verify.code, 0, "{file}: {from} -> {to}");
        verify.ends(verify.code, words);
        tree.put(file, text);
    }
    // What DVC does not know yet.
    tree.put("data/corpus/deep/𝄞.txt", "six\n");
    tree.run("lock", &[]).ends(2, &["import-mismatch", "`data/corpus`"]);
    fs::remove_file(tree.at("data/corpus/deep/𝄞.txt")).unwrap();
    tree.run("lock", &[]).ends(2, &["files: `data/corpus.dvc` says 6, found 5"]);
}

#[test]
fn dvc_files_inside_an_artifact() {
    let tree = tracked("{ datasets: { all: { version: v1, path: data } } }");
    tree.run("lock", &[]).ends(0, &["1 artifact, 12 files"]);
    tree.put("data/corpus/a.txt", "other");
    tree.run("lock", &[]).ends(2, &["`data/corpus` is not what `data/corpus.dvc` says"]);
    tree.sh("rm -r data/corpus");
    tree.run("lock", &[])
        .ends(2, &["`data/corpus.dvc` describes `data/corpus`, which is not there", "dvc pull"]);
    let file = release("{ datasets: { train: { version: v1, path: data/train.csv } } }");
    file.put("data/train.csv.dvc", "outs: []\n");
    file.run("lock", &[]).ends(2, &["missing-file", "dvc pull"]);
}

#[test]
fn entries_of_dvc_2_had_other_line_ends() {
    let tree = tracked("{ datasets: { train: { version: v1, path: data/train.csv } } }");
    fs::remove_file(tree.at("dvc.lock")).unwrap();
    // `dvc add` of DVC 2: the MD5 of the text with LF, no `hash:`.
    let lf = tree.sh("tr -d '\\r' < data/train.csv | md5sum | cut -c1-32");
    tree.put("data/train.csv.dvc", format!("outs:\n- md5: {lf}\n  size: 28\n  path: train.csv\n"));
    tree.run("lock", &[]).ends(0, &[]);
    tree.put(
        "data/train.csv.dvc",
        format!("outs:\n- md5: {lf}\n  size: 28\n  hash: md5\n  path: train.csv\n"),
    );
    tree.run("lock", &[]).ends(2, &["import-mismatch", &lf]);
}

#[test]
fn sums_beside_and_inside_an_artifact() {
    let tree = release(
        "{ models: { m: { version: v1, path: model } }, prompts: { p: { version: v1, path: p.md } } }",
    );
    tree.put("p.md", "hello\n");
    tree.put("model/a.bin", "a");
    tree.put("model/sub/b.bin", "b");
    tree.sh("sha256sum p.md release.yaml > SHA256SUMS; cd model; sha256sum --tag a.bin > SHA256SUMS; sha256sum -b sub/b.bin >> SHA256SUMS");
    tree.run("lock", &[]).ends(0, &[]);
    tree.run("verify", &[]).ends(0, &[]);
    let sums = fs::read_to_string(tree.at("SHA256SUMS")).unwrap();
    let wrong = "0".repeat(64);
    tree.put("SHA256SUMS", format!("{wrong}  p.md\n{wrong}  not-of-the-release\n"));
    let found = tree.sh("sha256sum p.md | cut -c1-64");
    tree.run("lock", &[]).ends(2, &["`p.md` is not what `SHA256SUMS` says", &wrong, &found]);
    // As locked, and yet not what somebody else says: no difference from the lock, and no pass.
    tree.run("verify", &[]).ends(1, &["as in release.lock, but not as other files say", "`p.md`"]);
    let json: serde_json::Value =
        serde_json::from_str(&tree.run("verify", &["--format", "json"]).stdout).unwrap();
    assert_eq!((&json["verified"], &json["errors"][0]["code"]), (&false.into(), &"import-mismatch".into()));
    tree.put(
        "SHA256SUMS",
        sums.to_uppercase().replace("P.MD", "p.md").replace("RELEASE.YAML", "release.yaml"),
    );
    tree.run("lock", &[]).ends(0, &[]);
    tree.put("SHA256SUMS", format!("{sums}nonsense\n"));
    tree.run("lock", &[]).ends(2, &["import-unreadable", "line 3 is not of the form"]);
    fs::remove_file(tree.at("SHA256SUMS")).unwrap();
    tree.put("model/SHA256SUMS", format!("{wrong}  gone.bin\n"));
    tree.run("lock", &[]).ends(2, &["`model/SHA256SUMS` describes `model/gone.bin`, which is not there"]);
}

#[test]
fn downloads_of_the_hub_are_the_revision_that_is_declared() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let other = "1".repeat(40);
    let artifact =
        format!("{{ models: {{ m: {{ version: v1, path: model, uri: \"hf:org/m@{commit}\" }} }} }}");
    let tree = release(&artifact);
    tree.put("model/w.bin", "w");
    let sha = tree.sh("sha256sum model/w.bin | cut -c1-64");
    let note = "model/.cache/huggingface/download/w.bin.metadata";
    tree.put(note, format!("{commit}\n{sha}\n1700000000.5\n"));
    tree.run("lock", &[]).ends(0, &[]);
    tree.put(note, format!("{other}\n{sha}\n1700000000.5\n"));
    tree.run("lock", &[]).ends(2, &["downloaded at another revision than `uri` names", commit, &other]);
    tree.put(note, format!("{commit}\n{}\n1700000000.5\n", "0".repeat(64)));
    tree.run("lock", &[]).ends(2, &["`model/w.bin` is not what"]);
    tree.put(note, commit);
    tree.run("lock", &[]).ends(2, &["import-unreadable", "no commit and etag"]);

    for (folder, code) in [(commit, 0), (other.as_str(), 2)] {
        let path = format!("models--org--m/snapshots/{folder}");
        let tree = release(&artifact.replace("path: model", &format!("path: {path}")));
        tree.put(&format!("{path}/w.bin"), "w");
        tree.run("lock", &[]).ends(code, if code == 0 { &[] } else { &["another revision"] });
    }
}
