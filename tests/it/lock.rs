//! `relgate lock` and `relgate verify`: what is pinned, that any other byte is noticed, and what is refused.

mod damage;
mod held;
mod imports;
mod support;
mod unchanged;

use std::fs;

use support::{RECIPE, Tree, small};

#[test]
fn what_was_locked_verifies() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &["release.lock written: 6 artifacts, 5 files"]);
    tree.run("verify", &[]).ends(0, &["VERIFIED  6 artifacts, 5 files"]);
    tree.run("verify", &["--quiet", "--no-cache"]).ends(0, &["VERIFIED"]);
    let json = tree.run("verify", &["--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json.code, 0);
    assert_eq!((&value["verified"], &value["partial"]), (&true.into(), &false.into()));
    assert_eq!((&value["files"], &value["elsewhere"]), (&5.into(), &2.into()));
    // The file is only written where it changes.
    let before = fs::metadata(tree.at("release.lock")).unwrap().modified().unwrap();
    tree.run("lock", &[]).ends(0, &["is up to date"]);
    assert_eq!(fs::metadata(tree.at("release.lock")).unwrap().modified().unwrap(), before);
}

#[test]
fn anybody_recomputes_every_digest_with_coreutils() {
    if !support::has_coreutils() {
        eprintln!("skipped: `sha256sum` or GNU `find` is not here");
        return;
    }
    let tree = small();
    tree.put("model/ä ö/with space", "5");
    tree.put("model/a-b", "2");
    tree.put("model/a.b", "3");
    tree.put("model/Z", "4");
    tree.run("lock", &["--sums", "SHA256SUMS"]).ends(0, &["wrote SHA256SUMS"]);
    let lock = tree.lock();
    let of = |key: &str| {
        let all = lock["artifacts"].as_array().unwrap();
        all.iter()
            .find(|one| format!("{}.{}", one["kind"], one["name"]).replace('"', "") == key)
            .unwrap()
            .clone()
    };
    let model = of("models.local");
    assert_eq!(model["tree"].as_str().unwrap(), tree.sh(&format!("cd model; {RECIPE}")));
    assert_eq!(model["digest"], model["tree"]);
    assert_eq!(
        of("prompts.system")["digest"].as_str().unwrap(),
        tree.sh("sha256sum prompts/system.md | cut -c1-64")
    );
    assert_eq!(lock["sha256"].as_str().unwrap(), tree.sh("head -n -2 release.lock | sha256sum | cut -c1-64"));
    assert_eq!(tree.sh("sha256sum --strict -c SHA256SUMS | grep -c ': OK$'"), "9");

    // Also from another folder, with `..` on the way.
    fs::create_dir_all(tree.at("out/sums")).unwrap();
    tree.run("lock", &["--sums", "out/sums/SHA256SUMS"]).ends(0, &[]);
    assert_eq!(tree.sh("cd out/sums; sha256sum --strict -c SHA256SUMS | grep -c ': OK$'"), "9");
}

#[test]
fn the_lock_says_what_each_artifact_is() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    let lock = tree.lock();
    assert_eq!(lock["schema"], "relgate/lock/v1");
    assert_eq!(lock["policy"]["links"], "files-inside-root");
    assert_eq!(lock["policy"]["ignored"], serde_json::json!([]));
    let keys: Vec<String> = lock["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {} {}",
                one["kind"].as_str().unwrap(),
                one["name"].as_str().unwrap(),
                one["form"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        keys,
        [
            "datasets train uri",
            "inference_configs default values",
            "models chat uri",
            "models local folder",
            "prompts system file",
            "safety_policies words file",
        ]
    );
    let chat = &lock["artifacts"][2];
    assert_eq!(chat["revision"], "0123456789abcdef0123456789abcdef01234567");
    assert_eq!((&chat["digest"], &chat["tree"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert_eq!(lock["artifacts"][0]["digest"], "ab".repeat(32));
    let file = &lock["artifacts"][4]["files"][0];
    assert_eq!((&file["path"], &file["size"]), (&"system.md".into(), &21.into()));
}

#[test]
fn missing_extra_and_changed_are_listed_with_both_sides() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    let old = tree.sh("sha256sum model/config.json | cut -c1-64");
    tree.put("model/config.json", "{\"layers\": 13}\n");
    fs::remove_file(tree.at("model/sub/tok.txt")).unwrap();
    tree.put("model/extra.bin", "x");
    let new = tree.sh("sha256sum model/config.json | cut -c1-64");
    let verify = tree.run("verify", &[]);
    verify.ends(
        1,
        &[
            "DIFFERENT  3 differences from release.lock",
            &format!("changed  models.local  model/config.json\n  locked  {old}  15 bytes\n  found   {new}  15 bytes"),
            "missing  models.local  model/sub/tok.txt\n  locked  ",
            "extra  models.local  model/extra.bin\n  found   ",
        ],
    );
    let json: serde_json::Value =
        serde_json::from_str(&tree.run("verify", &["--format", "json"]).stdout).unwrap();
    assert_eq!(json["verified"], false);
    assert_eq!(json["differences"][0]["what"], "changed");
    assert_eq!(json["differences"][0]["found"]["sha256"], new);
    assert_eq!(json["differences"][0]["locked"]["size"], 15);
    // `lock` tells the same, then it is as locked.
    tree.run("lock", &["--dry-run"])
        .ends(0, &["would be changed", "changed  models.local  model/config.json"]);
    tree.run("verify", &[]).ends(1, &[]);
    tree.run("lock", &[])
        .ends(0, &["written", "since the earlier lock:", "missing  models.local  model/sub/tok.txt"]);
    tree.run("verify", &[]).ends(0, &[]);
}

#[test]
fn what_is_gone_altogether_is_missing() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    fs::remove_file(tree.at("prompts/system.md")).unwrap();
    tree.run("verify", &[]).ends(1, &["missing  prompts.system  prompts/system.md"]);
    tree.put("prompts/system.md", "You are kind.\nBe so.\n");
    fs::remove_dir_all(tree.at("model")).unwrap();
    let gone = tree.run("verify", &[]);
    gone.ends(
        1,
        &[
            "3 differences",
            "missing  models.local  model/config.json",
            "missing  models.local  model/sub/tok.txt",
        ],
    );
    fs::create_dir(tree.at("model")).unwrap();
    tree.run("verify", &[]).ends(1, &["missing  models.local  model/sub/tok.txt"]);
}

#[test]
fn artifacts_and_what_the_manifest_says_of_them() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    let manifest = fs::read_to_string(tree.at("release.yaml")).unwrap();
    let table: &[(&str, &str, &str)] = &[
        ("version: v1.9", "version: v2.0", "other version  prompts.system\n  locked  v1.9\n  found   v2.0"),
        ("temperature: 0.2", "temperature: 0.3", "other digest  inference_configs.default"),
        ("cdef01234567\"", "cdef01234568\"", "other revision  models.chat"),
        ("s3://corpus/train_v7", "s3://corpus/train_v8", "other uri  datasets.train"),
        (&"ab".repeat(32), &"cd".repeat(32), "other digest  datasets.train"),
        ("path: prompts/system.md", "path: model/config.json", "other path  prompts.system"),
        (
            "path: model }",
            "path: prompts/system.md }",
            "other form  models.local\n  locked  folder\n  found   file",
        ),
        ("  prompts:\n    system:", "  prompts:\n    other:", "missing  prompts.system"),
        ("  prompts:\n    system:", "  prompts:\n    other:", "extra  prompts.other"),
    ];
    for (from, to, words) in table {
        assert!(manifest.contains(from), "{from}");
        tree.put("release.yaml", manifest.replace(from, to));
        tree.run("verify", &[]).ends(1, &[words]);
    }
    tree.put("release.yaml", manifest);
    tree.run("verify", &[]).ends(0, &[]);
}

#[test]
fn line_ends_and_a_byte_order_mark_are_told() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    tree.put("prompts/system.md", "You are kind.\r\nBe so.\r\n");
    tree.run("verify", &[]).ends(
        1,
        &[
            "changed  prompts.system",
            "the locked digest is that of the same text with LF line ends; here they are CRLF",
            "-text",
        ],
    );
    tree.put("prompts/system.md", "\u{feff}You are kind.\nBe so.\n");
    tree.run("verify", &[]).ends(1, &["the same text without the byte order mark"]);
    tree.put("prompts/system.md", "You are kind!\nBe so.\n");
    let other = tree.run("verify", &[]);
    other.ends(1, &["changed  prompts.system"]);
    assert!(!other.stdout.contains("same text"), "{}", other.stdout);
}

#[test]
fn a_part_is_never_the_whole() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    tree.put("safety/words.txt", "changed");
    tree.put("model/extra", "x");
    for glob in ["prompts/**", "prompts.*", "prompts/system.md", "model/*.json"] {
        let part = tree.run("verify", &["--only", glob]);
        part.ends(0, &["1 artifact, 1 file"]);
        assert!(
            part.stdout.starts_with(&format!("PARTIAL  only what matches `{glob}` was verified")),
            "{}",
            part.stdout
        );
        let json = tree.run("verify", &["--only", glob, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(
            (&json["partial"], &json["verified"], &json["only"]),
            (&true.into(), &false.into(), &glob.into())
        );
    }
    tree.run("verify", &["--only", "model/*"]).ends(1, &["PARTIAL", "extra  models.local  model/extra"]);
    tree.run("verify", &["--only", "models.local"]).ends(1, &["PARTIAL", "extra  models.local  model/extra"]);
    tree.run("verify", &["--only", "safety/*"]).ends(1, &["PARTIAL", "changed  safety_policies.words"]);
    fs::remove_dir_all(tree.at("model")).unwrap();
    tree.run("verify", &["--only", "model/sub/*"])
        .ends(1, &["missing  models.local  model/sub/tok.txt", "1 difference "]);
    tree.run("verify", &["--only", "nothing/*"]).ends(2, &["nothing matches"]);
    tree.run("verify", &["--only", "a**b"]).ends(2, &["bad-glob"]);
}

#[test]
fn a_folder_may_be_named_and_spelled_as_one_likes() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    for folder in ["model", "model/", "./model", "model/sub"] {
        tree.run("verify", &["--only", folder]).ends(0, &["PARTIAL"]);
    }
    let manifest = fs::read_to_string(tree.at("release.yaml")).unwrap();
    assert!(manifest.contains("path: model }"), "{manifest}");
    for path in ["./model/", "model/.", "prompts/../model"] {
        tree.put("release.yaml", manifest.replace("path: model }", &format!("path: {path} }}")));
        tree.run("verify", &[]).ends(0, &["VERIFIED"]);
    }
    tree.put("model/extra", "x");
    tree.run("verify", &["--only", "model"]).ends(1, &["extra  models.local"]);
    tree.run("verify", &["--only", "mod"]).ends(2, &["nothing matches"]);
}

#[test]
fn check_holds_the_release_against_its_lock() {
    let tree = small();
    let check = || tree.run("check", &["--dry-run", "--as-of", "2026-11-20"]);
    check().ends(0, &["PASS"]);
    tree.run("lock", &[]).ends(0, &[]);
    check().ends(0, &["PASS"]);
    tree.put("model/config.json", "{\"layers\": 13}\n");
    tree.put("model/extra", "");
    check().ends(
        2,
        &[
            "error[lock-mismatch]",
            "`models.local` is not what `release.lock` pins",
            "changed  models.local  model/config.json",
            "extra  models.local  model/extra",
            "relgate lock",
            "release.yaml:",
        ],
    );
    tree.run("lock", &[]).ends(0, &[]);
    check().ends(0, &["PASS"]);
    let lock = fs::read_to_string(tree.at("release.lock")).unwrap();
    tree.put("release.lock", lock.replace("v1.9", "v2.0"));
    check().ends(2, &["error[lock-edited]", "its own digest does not fit"]);
    fs::remove_file(tree.at("release.lock")).unwrap();
    check().ends(0, &["PASS"]);
}

#[test]
fn nothing_is_locked_that_cannot_be_verified() {
    let tree = small();
    tree.run("verify", &[]).ends(2, &["error[no-lock]", "relgate lock"]);
    tree.put("model/README", "1");
    tree.put("model/readme", "2");
    tree.run("lock", &[])
        .ends(2, &["names-collide", "one file name on macOS and Windows", "nothing was written"]);
    fs::remove_file(tree.at("model/readme")).unwrap();
    tree.sh("touch \"$(printf 'model/\\377')\"");
    tree.run("lock", &[]).ends(2, &["name-not-utf8"]);
    assert!(!tree.at("release.lock").exists());
    tree.sh("rm \"$(printf 'model/\\377')\"");
    tree.run("lock", &[]).ends(0, &[]);
    tree.sh("touch \"$(printf 'model/\\377')\"");
    tree.run("verify", &[]).ends(2, &["name-not-utf8"]);
    tree.sh("rm \"$(printf 'model/\\377')\"");
    let manifest = fs::read_to_string(tree.at("release.yaml")).unwrap();
    tree.put("release.yaml", manifest.replace("prompts/system.md", "'prompts/sys\\tem.md'"));
    tree.put("prompts/sys\\tem.md", "x");
    tree.run("lock", &[]).ends(2, &["escaped-name", "prompts/sys\\tem.md"]);
}

#[test]
fn a_lock_is_no_part_of_what_it_pins() {
    let tree = small();
    tree.run("lock", &["--sums", "model/SHA256SUMS"])
        .ends(2, &["inside-artifact", "would be part of `models.local`"]);
    for other in ["release.yaml", "release.lock"] {
        tree.run("lock", &["--sums", other]).ends(2, &["sums-overwrites"]);
    }
    tree.run("lock", &["--sums", "nowhere/SHA256SUMS"]).ends(2, &["sums-outside-root"]);
    let manifest = fs::read_to_string(tree.at("release.yaml")).unwrap();
    tree.put("release.yaml", manifest.replace("path: model }", "path: . }"));
    tree.run("lock", &[]).ends(2, &["inside-artifact", "`release.lock` would be part of `models.local`"]);
    tree.put("manifest.lock", &manifest);
    tree.run("lock", &["manifest.lock"]).ends(2, &["a manifest cannot be called `.lock`"]);
    assert_eq!(fs::read_to_string(tree.at("manifest.lock")).unwrap(), manifest);
    // A manifest of another name has a lock of that name.
    tree.put("other.yaml", &manifest);
    tree.run("lock", &["other.yaml"]).ends(0, &["other.lock written"]);
    tree.run("verify", &["other.yaml"]).ends(0, &["as in other.lock"]);
}

#[test]
fn a_lock_does_not_know_where_the_root_is() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    let text = fs::read(tree.at("release.lock")).unwrap();
    let clone = Tree::new(&[]);
    tree.sh(&format!("mkdir '{0}/deep'; cp -r . '{0}/deep/er'; mkdir '{0}/.git'", clone.at("").display()));
    clone.run("verify", &["deep/er/release.yaml"]).ends(0, &["as in deep/er/release.lock"]);
    clone.run("lock", &["deep/er/release.yaml"]).ends(0, &["is up to date"]);
    assert_eq!(fs::read(clone.at("deep/er/release.lock")).unwrap(), text);
}

#[test]
fn a_moving_revision_is_told() {
    let tree = small();
    let manifest = fs::read_to_string(tree.at("release.yaml")).unwrap();
    tree.put("release.yaml", manifest.replace("@0123456789abcdef0123456789abcdef01234567", "@main"));
    tree.run("lock", &[]).ends(0, &["warning[unpinned-revision]", "`models.chat` is not pinned", "`main`"]);
    tree.put("release.yaml", manifest.replace("@0123456789abcdef0123456789abcdef01234567", ""));
    tree.run("lock", &[]).ends(0, &["without a revision it means the newest commit"]);
}

#[test]
fn shards_are_complete_and_none_is_too_many() {
    let tree = small();
    let index = |files: &[&str]| {
        let map: Vec<String> =
            files.iter().enumerate().map(|(i, file)| format!("\"layer.{i}\": \"{file}\"")).collect();
        format!("{{\"metadata\": {{\"total_size\": 1}}, \"weight_map\": {{{}}}}}", map.join(", "))
    };
    let (one, two) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    tree.put("model/model.safetensors.index.json", index(&[one, two, one]));
    tree.put(&format!("model/{one}"), "1");
    for command in ["lock", "check"] {
        tree.run(command, &["--dry-run"]).ends(2, &["error[missing-shard]", two, "1 of 2 files are missing"]);
    }
    tree.put(&format!("model/{two}"), "2");
    tree.run("lock", &[]).ends(0, &[]);
    fs::remove_file(tree.at(&format!("model/{two}"))).unwrap();
    tree.run("verify", &[]).ends(1, &["missing  models.local  model/model-00002", "error[missing-shard]"]);
    tree.put(&format!("model/{two}"), "2");
    tree.put("model/model-00003-of-00003.safetensors", "3");
    tree.run("lock", &[]).ends(2, &["error[orphan-shard]", "`model-00003-of-00003.safetensors`"]);
    tree.run("check", &["--dry-run"]).ends(2, &["error[orphan-shard]"]);
    fs::remove_file(tree.at("model/model-00003-of-00003.safetensors")).unwrap();
    // Below another folder they are another model's.
    tree.put("model/adapter/adapter.safetensors", "a");
    tree.run("lock", &[]).ends(0, &[]);
    let table = [
        ("{}", "missing field `weight_map`"),
        ("{\"weight_map\": {}}", "names no file"),
        ("{\"weight_map\": {\"a\": 1}}", "is not an index"),
        ("{\"weight_map\": {\"a\": \"../x.safetensors\"}}", "which is no file below it"),
        ("{\"weight_map\": {\"a\": \"/x\"}}", "which is no file below it"),
        ("{\"weight_map\": {\"a\": \"x\", \"a\": \"y\"}}", "stands there twice"),
        ("{\"weight_map\": {\"a\": \"x\"}, \"weight_map\": {\"a\": \"y\"}}", "duplicate field"),
        ("{\"weight_map\": {\"a\": \"x\"}", "is not an index"),
    ];
    for (text, words) in table {
        tree.put("model/model.safetensors.index.json", text);
        tree.run("lock", &["--dry-run"]).ends(2, &["error[bad-shard-index]", words]);
    }
}
