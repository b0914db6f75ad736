//! What a lock holds a release to beside the bytes of its files, and how its absence or its misuse is told.

use std::fs;

use crate::lock::support::{RECIPE, small};

#[test]
fn the_recipe_follows_links_and_takes_any_name() {
    let tree = small();
    tree.put("model/-n", "x");
    tree.sh("ln -s config.json model/link");
    tree.run("lock", &[]).ends(0, &[]);
    let lock = tree.lock();
    let model = lock["artifacts"].as_array().unwrap().iter().find(|one| one["name"] == "local").unwrap();
    assert_eq!(model["files"].as_array().unwrap().len(), 5);
    assert_eq!(model["tree"], tree.sh(&format!("cd model && {RECIPE}")).trim());
}

#[test]
fn check_looks_at_all_that_verify_looks_at() {
    let tree = small();
    let check = || tree.run("check", &["--dry-run", "--as-of", "2026-11-20"]);
    tree.run("lock", &[]).ends(0, &[]);
    tree.put("SHA256SUMS", format!("{}  prompts/system.md\n", "0".repeat(64)));
    tree.run("verify", &[]).ends(1, &["error[import-mismatch]"]);
    check().ends(2, &["error[import-mismatch]", "`prompts/system.md` is not what `SHA256SUMS` says it is"]);
    fs::remove_file(tree.at("SHA256SUMS")).unwrap();
    check().ends(0, &["PASS"]);
}

#[test]
fn a_lock_that_got_lost_is_told() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    let check = |args: &[&str]| tree.run("check", &[&["--as-of", "2026-11-20"], args].concat());
    check(&["--out", "old"]).ends(0, &["PASS"]);
    let report = |folder: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(tree.at(&format!("{folder}/report.json"))).unwrap()).unwrap()
    };
    let digest = tree.sh("sha256sum release.lock | cut -c1-64");
    assert_eq!(report("old")["release"]["lock_sha256"], digest.trim());
    let later = fs::read_to_string(tree.at("release.yaml")).unwrap();
    let later = later.replace("version: 1.0.0", "version: 1.0.1");
    tree.put("release.yaml", later.replace("baseline: none", "baseline: old/bundle"));
    assert!(!check(&["--out", "new"]).stderr.contains("lock-gone"));
    fs::remove_file(tree.at("release.lock")).unwrap();
    check(&["--out", "new"]);
    let warnings = report("new")["warnings"].to_string();
    assert!(warnings.contains("lock-gone") && warnings.contains("1.0.0 was locked"), "{warnings}");
    assert!(report("new")["release"]["lock_sha256"].is_null());
    assert!(fs::read_to_string(tree.at("new/report.md")).unwrap().contains("Not locked"));
    tree.sh("ln -s elsewhere/release.lock release.lock");
    check(&[]).ends(2, &["release.lock", "a link to a file that is not there"]);
    tree.run("verify", &[]).ends(2, &["a link to a file that is not there"]);
}

#[test]
fn a_lock_belongs_to_one_release() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    let manifest = fs::read_to_string(tree.at("release.yaml")).unwrap();
    let name = manifest.lines().find(|line| line.starts_with("name:")).unwrap();
    tree.put("release.yml", manifest.replace(name, "name: another"));
    let words = ["error[lock-of-another-release]", "not of `another`"];
    tree.run("verify", &["release.yml"]).ends(2, &words);
    tree.run("check", &["release.yml", "--dry-run", "--as-of", "2026-11-20"]).ends(2, &words);
    tree.run("lock", &["release.yml", "--dry-run"]).ends(0, &["warning[lock-of-another-release]"]);
}

#[test]
fn what_cannot_be_hashed_hides_nothing() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    tree.put("prompts/system.md", "other");
    tree.sh("mkfifo model/pipe");
    tree.run("verify", &[]).ends(2, &["changed  prompts.system", "model/pipe", "listed above"]);
    let json: serde_json::Value =
        serde_json::from_str(&tree.run("verify", &["--format", "json"]).stdout).unwrap();
    assert_eq!(json["verified"], false);
    assert_eq!(json["differences"][0]["artifact"], "prompts.system");
}

#[test]
fn numbered_shards_are_complete_without_an_index() {
    let tree = small();
    tree.put("model/model-00001-of-00003.safetensors", "1");
    tree.put("model/model-00003-of-00003.safetensors", "3");
    tree.run("lock", &[])
        .ends(2, &["error[missing-shard]", "`model-00002-of-00003.safetensors` is not in `model`"]);
    tree.put("model/model-00002-of-00003.safetensors", "2");
    tree.run("lock", &[]).ends(0, &[]);
    tree.put("model/other-00000-of-00002.gguf", "0");
    tree.run("lock", &[]).ends(2, &["`other-00001-of-00002.gguf` is not in `model`"]);
}

#[test]
fn a_glob_that_was_meant_otherwise_and_a_folder_for_a_manifest() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    tree.run("verify", &["--only", "models/local"]).ends(2, &["did you mean `--only 'models.local'`?"]);
    for command in ["lock", "verify"] {
        let ran = tree.run(command, &["."]);
        assert!(
            ran.code == 2 && ran.stderr.contains("folder") && !ran.stderr.contains("`.lock`"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn sums_that_cannot_be_written_leave_no_lock() {
    let tree = small();
    tree.put("SHA256SUMS", "");
    tree.sh("chmod a-w SHA256SUMS");
    tree.run("lock", &["--sums", "SHA256SUMS"]).ends(2, &["read-only", "nothing was written"]);
    assert!(!tree.at("release.lock").exists());
}

#[test]
fn a_byte_order_mark_that_is_gone_is_told_and_git_is_not_blamed() {
    let tree = small();
    let text = fs::read_to_string(tree.at("prompts/system.md")).unwrap();
    tree.put("prompts/system.md", format!("\u{feff}{text}"));
    tree.run("lock", &[]).ends(0, &[]);
    tree.put("prompts/system.md", &text);
    let ran = tree.run("verify", &[]);
    ran.ends(1, &["with a byte order mark; here is none"]);
    assert!(!ran.stdout.contains("gitattributes"), "{}", ran.stdout);
}

#[test]
fn no_secret_of_an_address_is_shown() {
    let tree = small();
    let manifest = fs::read_to_string(tree.at("release.yaml")).unwrap();
    let with = |secret: &str| {
        manifest.replace("s3://corpus/train_v7", &format!("https://host/train?sig={secret}&v=7"))
    };
    tree.put("release.yaml", with("3hQ9sLkfT0aZbW7yXcV1nM5pR8dG2jE4"));
    tree.run("lock", &[]).ends(0, &[]);
    tree.put("release.yaml", with("9fK2mB7vN4xZ1cL8qW5eR3tY6uI0oP2a"));
    for format in ["terminal", "json"] {
        let ran = tree.run("verify", &["--format", format]);
        ran.ends(1, &["<masked>", "v=7"]);
        assert!(!ran.stdout.contains("3hQ9") && !ran.stdout.contains("9fK2"), "{}", ran.stdout);
    }
}
