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

const MODEL: &str = "{ models: { m: { version: v1, path: model } } }";

#[test]
fn a_download_of_two_revisions_is_told() {
    let (one, two) = ("1".repeat(40), "2".repeat(40));
    let tree = release(MODEL);
    for (file, commit) in [("a.bin", &one), ("b.bin", &one), ("c.bin", &two)] {
        tree.put(&format!("model/{file}"), file);
        let etag = "e".repeat(40);
        tree.put(
            &format!("model/.cache/huggingface/download/{file}.metadata"),
            format!("{commit}\n{etag}\n1.5\n"),
        );
    }
    let mixed = [
        "mixed-revisions",
        "of 2 revisions",
        &format!("{one}: `model/a.bin`"),
        &format!("{two}: `model/c.bin`"),
    ];
    tree.run("lock", &[]).ends(0, &mixed);
    // What is gone is of no revision.
    tree.sh("rm model/c.bin release.lock");
    let ran = tree.run("lock", &[]);
    ran.ends(0, &[]);
    assert!(!ran.stderr.contains("mixed-revisions"), "{}", ran.stderr);
}

#[test]
fn lists_of_checksums_come_with_comments_signatures_and_absolute_paths() {
    let tree = release(MODEL);
    tree.put("model/a.bin", "a");
    let line = tree.sh("cd model; sha256sum a.bin");
    let line = line.trim();
    let wrong = "0".repeat(64);
    let signed = |line: &str| {
        format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{line}\n\
             -----BEGIN PGP SIGNATURE-----\n\nabc=\n-----END PGP SIGNATURE-----\n"
        )
    };
    let below = |line: &str| format!("# made by us\n; 2026\n{line}\n-----BEGIN SSH SIGNATURE-----\nxyz\n");
    let kinds = |line: &str| format!("MD5 (a.bin) = 0cc175b9c0f1b6a831c399e269772661\n{line}\n");
    let bad = format!("{wrong}  a.bin");
    for (sound, broken) in
        [(signed(line), signed(&bad)), (below(line), below(&bad)), (kinds(line), kinds(&bad))]
    {
        tree.put("model/SHA256SUMS", sound);
        tree.run("lock", &[]).ends(0, &[]);
        tree.put("model/SHA256SUMS", broken);
        tree.run("lock", &[]).ends(2, &["`model/a.bin` is not what `model/SHA256SUMS` says"]);
    }
    let at = tree.at("model/a.bin");
    tree.put("model/SHA256SUMS", format!("{wrong}  {}\n{wrong}  /elsewhere/a.bin\n", at.display()));
    tree.run("lock", &[]).ends(2, &["`model/a.bin` is not what"]);
    tree.put("model/SHA256SUMS", format!("{wrong}  /elsewhere/a.bin\n"));
    tree.run("lock", &[]).ends(0, &[]);
}

#[test]
fn a_stage_of_dvc_counts_from_its_own_folder() {
    let tree = release(
        "{ prompts: { p: { version: v1, path: prompt.md }, made: { version: v1, path: work/prompt.md } } }",
    );
    tree.put("prompt.md", "by hand\n");
    tree.put("work/prompt.md", "made\n");
    let md5 = tree.sh("md5sum work/prompt.md | cut -c1-32");
    let lock = |stage: &str, md5: &str| {
        format!(
            "schema: '2.0'\nstages:\n  {stage}:\n    cmd: make\n    outs:\n    - path: prompt.md\n      hash: md5\n      md5: {}\n      size: 5\n",
            md5.trim()
        )
    };
    let pipeline = "stages:\n  one:\n    wdir: work\n    cmd: make\n  many:\n    foreach: [a]\n    do:\n      wdir: ./work/\n      cmd: make\n  filled:\n    wdir: ${where}\n    cmd: make\n";
    tree.put("dvc.yaml", pipeline);
    for stage in ["one", "many@a"] {
        tree.put("dvc.lock", lock(stage, &md5));
        tree.run("lock", &[]).ends(0, &[]);
        tree.put("dvc.lock", lock(stage, &"1".repeat(32)));
        tree.run("lock", &[]).ends(2, &["`work/prompt.md` is not what `dvc.lock` says it is"]);
    }
    // Nobody here knows which folder that is.
    tree.put("dvc.lock", lock("filled", &md5));
    tree.run("lock", &[]).ends(0, &[]);
    // Without the pipeline the paths count from the lock.
    fs::remove_file(tree.at("dvc.yaml")).unwrap();
    tree.put("dvc.lock", lock("one", &md5));
    tree.run("lock", &[]).ends(2, &["`prompt.md` is not what `dvc.lock` says it is"]);
    tree.put("dvc.yaml", "stages: { one: { wdir: &x work } }\n");
    tree.run("lock", &[])
        .ends(0, &["warning[import-unreadable]", "`dvc.yaml` tells what its paths count from"]);
}

#[test]
fn what_dvc_ignores_is_no_part_of_its_folder() {
    let tree = tracked("{ datasets: { corpus: { version: v1, path: data/corpus } } }");
    tree.put("data/corpus/.DS_Store", "x");
    tree.put("data/corpus/logs/run.log", "x");
    tree.run("lock", &[]).ends(2, &["`data/corpus.dvc` says 6, found 8"]);
    tree.put(".dvcignore", "# left by a Mac\n.DS_Store\n");
    tree.put("data/.dvcignore", "/corpus/logs/\n");
    tree.run("lock", &[]).ends(0, &[]);
    tree.put("data/.dvcignore", "/corpus/logs/\n!.DS_Store\n");
    tree.run("lock", &[]).ends(2, &["`data/corpus.dvc` says 6, found 7"]);
}

#[test]
fn a_large_lock_of_dvc_is_read() {
    use std::fmt::Write as _;

    let tree = release("{ prompts: { p: { version: v1, path: prompt.md } } }");
    tree.put("prompt.md", "made\n");
    let ones = "1".repeat(32);
    let mut lock = "schema: '2.0'\nstages:\n".to_owned();
    for i in 0..9000 {
        let _ = write!(
            lock,
            "  s@{i}:\n    cmd: python prepare.py --part {i}\n    outs:\n    - path: parts/{i}.csv\n      hash: md5\n      md5: {ones}\n      size: 5\n"
        );
    }
    assert!(lock.len() > 1_000_000);
    tree.put("dvc.lock", &lock);
    tree.run("lock", &[]).ends(0, &[]);
    tree.put("dvc.lock", lock.replace("parts/8999.csv", "prompt.md"));
    tree.run("lock", &[]).ends(2, &["`prompt.md` is not what `dvc.lock` says it is"]);
}

#[test]
fn one_file_of_a_download_and_a_blob_of_the_cache_are_what_the_hub_says() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let tree = release("{ models: { m: { version: v1, path: model/q4/m.gguf } } }");
    tree.put("model/q4/m.gguf", "w");
    let sha = tree.sh("sha256sum model/q4/m.gguf | cut -c1-64");
    for note in [
        "model/.cache/huggingface/download/q4/m.gguf.metadata",
        "model/q4/.cache/huggingface/download/m.gguf.metadata",
    ] {
        tree.put(note, format!("{commit}\n{}\n1.0\n", "b".repeat(64)));
        tree.run("lock", &[]).ends(2, &["`model/q4/m.gguf` is not what"]);
        tree.put(note, format!("{commit}\n{}\n1.0\n", sha.trim()));
        tree.run("lock", &[]).ends(0, &[]);
    }

    let at = format!("hub/snapshots/{commit}");
    let tree = release(&format!("{{ models: {{ m: {{ version: v1, path: {at} }} }} }}"));
    let name = tree.sh("printf good | sha256sum | cut -c1-64");
    let name = name.trim();
    tree.put(&format!("hub/blobs/{name}"), "baad");
    tree.put("hub/blobs/45b983be36b73c0788dc9cbcb76cbb80fc7bb057", "small files go by another name");
    tree.sh(&format!(
        "mkdir -p {at}; cd {at}; ln -s ../../blobs/{name} w.safetensors; ln -s ../../blobs/45b9* config.json"
    ));
    tree.run("lock", &[])
        .ends(2, &["import-mismatch", "`hub/snapshots/", &format!("`hub/blobs/{name}` says {name}")]);
    tree.put(&format!("hub/blobs/{name}"), "good");
    tree.run("lock", &[]).ends(0, &[]);
}

#[test]
fn weights_of_another_form_beside_the_indexed_ones_are_told_and_pinned() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let tree = release(MODEL);
    for part in ["00001", "00002"] {
        tree.put(&format!("model/model-{part}-of-00002.safetensors"), part);
    }
    tree.put(
        "model/model.safetensors.index.json",
        "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\", \"b\": \"model-00002-of-00002.safetensors\"}}",
    );
    for other in ["consolidated.safetensors", "adapter_model.safetensors", "model.fp16.safetensors"] {
        let at = format!("model/{other}");
        tree.put(&at, "w");
        tree.run("lock", &[]).ends(0, &["warning[orphan-shard]", other]);
        // The note of a file that was removed is no reason to refuse the rest.
        fs::remove_file(tree.at(&at)).unwrap();
        let note = format!("model/.cache/huggingface/download/{other}.metadata");
        tree.put(&note, format!("{commit}\n{}\n1.0\n", "b".repeat(64)));
        tree.run("lock", &[]).ends(0, &["warning[import-mismatch]", &at]);
        fs::remove_file(tree.at(&note)).unwrap();
    }
    for same in ["model.safetensors", "model-00003-of-00003.safetensors"] {
        tree.put(&format!("model/{same}"), "w");
        tree.run("lock", &[]).ends(2, &["error[orphan-shard]", same]);
        fs::remove_file(tree.at(&format!("model/{same}"))).unwrap();
    }
}

#[test]
fn what_stands_for_a_file_is_not_locked_as_the_file() {
    let hex = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
    let annex = format!("/annex/objects/SHA256E-s5000000--{hex}.bin\n");
    let old = format!("version https://hawser.github.com/spec/v1\noid sha256:{hex}\nsize 9\n");
    let table: &[(&str, &str, &[&str])] = &[
        ("w.bin", &annex, &["error[lfs-pointer]", "git-annex pointer", "5000000 bytes", "git annex get"]),
        ("w.bin", &old, &["error[lfs-pointer]", "Git LFS pointer", "9 bytes"]),
        ("w.bin", "# xet version 0\nfilesize = 3\n", &["error[lfs-pointer]", "Git Xet pointer"]),
        ("w.bin.incomplete", "half", &["error[unfinished-download]", "w.bin.incomplete"]),
        ("w.bin.aria2", "half", &["error[unfinished-download]"]),
    ];
    for (name, text, words) in table {
        let tree = release(MODEL);
        tree.put("model/config.json", "{}");
        tree.put(&format!("model/{name}"), text);
        tree.run("lock", &[]).ends(2, words);
    }
}

#[test]
fn nothing_of_a_git_repository_is_an_artifact() {
    for path in [".git/config", ".GIT/config", "sub/.git/HEAD", "./x/../.git/config", "link", "folder/config"]
    {
        let tree = release(&format!("{{ prompts: {{ p: {{ version: v1, path: {path} }} }} }}"));
        tree.sh("git init -q . && ln -s .git/config link && ln -s .git folder");
        tree.put("sub/.git/HEAD", "ref: refs/heads/main\n");
        tree.run("lock", &[]).ends(2, &["error[nested-repository]"]);
    }
    // git-annex links what it holds into the working tree.
    let tree = release("{ prompts: { p: { version: v1, path: big.txt } } }");
    tree.put(".git/annex/objects/aa/SHA256E-s1--x", "x");
    tree.sh("ln -s .git/annex/objects/aa/SHA256E-s1--x big.txt");
    tree.run("lock", &[]).ends(0, &[]);
}

#[test]
fn names_in_a_lock_steer_no_terminal() {
    let tree = release(MODEL);
    tree.put("model/a\u{9b}2J\u{202e}b", "x");
    tree.run("lock", &[]).ends(0, &[]);
    let text = fs::read_to_string(tree.at("release.lock")).unwrap();
    assert!(text.contains("a\\u009b2J\\u202eb") && text.is_ascii(), "{text}");
    tree.run("verify", &[]).ends(0, &[]);
}
