//! Any other byte, in a file or in the lock, and any other name: nothing gets through.

use std::fs;
use std::path::Path;

use relgate::artifact;
use relgate::artifact::lock::{self, Difference, Lock};
use relgate::diagnostic::{Diagnostics, Sources};
use relgate::files::Worktree;
use relgate::manifest::{self, Manifest};

use crate::lock::support::{Tree, small};

fn manifest(tree: &Tree) -> Manifest {
    let mut sources = Sources::new();
    let file = sources.add("release.yaml", fs::read_to_string(tree.at("release.yaml")).unwrap());
    manifest::parse(&sources, file).unwrap()
}

/// What `relgate verify` does, without starting a process.
fn verify(manifest: &Manifest, root: &Worktree, lock: &Lock) -> (Vec<Difference>, Diagnostics) {
    let (pinned, findings) = artifact::pin(manifest, root);
    (lock::verify(lock, manifest, &pinned, root, None), findings)
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn every_flipped_byte_and_every_renamed_file_is_caught() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    let text = fs::read_to_string(tree.at("release.lock")).unwrap();
    let lock = lock::read(&text, "release.lock").unwrap();
    let manifest = manifest(&tree);
    let root = Worktree::find(&tree.at("release.yaml"), None).unwrap();
    let caught = |what: &str| {
        let (differences, findings) = verify(&manifest, &root, &lock);
        assert!(!differences.is_empty(), "{what} was not noticed ({findings:?})");
    };
    assert!(verify(&manifest, &root, &lock).0.is_empty());
    let mut flipped = 0;
    let all: Vec<_> =
        ["model", "prompts", "safety"].iter().flat_map(|folder| files(&tree.at(folder))).collect();
    for path in &all {
        let bytes = fs::read(path).unwrap();
        for at in 0..bytes.len() {
            for mask in [1, 0x20, 0x80, 0xff] {
                let mut other = bytes.clone();
                other[at] ^= mask;
                fs::write(path, &other).unwrap();
                caught(&format!("byte {at} of {} ^ {mask}", path.display()));
                flipped += 1;
            }
        }
        for other in [&bytes[..bytes.len() - 1], &[&bytes[..], b"x"].concat()] {
            fs::write(path, other).unwrap();
            caught(&format!("another length of {}", path.display()));
        }
        fs::write(path, &bytes).unwrap();
        for name in ["renamed", "sub/moved", "CONFIG.JSON"] {
            let other = path.parent().unwrap().join(name);
            fs::create_dir_all(other.parent().unwrap()).unwrap();
            fs::rename(path, &other).unwrap();
            caught(&format!("{} renamed to {name}", path.display()));
            fs::rename(&other, path).unwrap();
        }
        assert!(verify(&manifest, &root, &lock).0.is_empty());
    }
    // Two files that change places.
    let (a, b) = (&all[0], &all[1]);
    let (first, second) = (fs::read(a).unwrap(), fs::read(b).unwrap());
    fs::write(a, &second).unwrap();
    fs::write(b, &first).unwrap();
    caught("two files that changed places");
    assert!(flipped > 150, "{flipped}");
}

#[test]
fn every_flipped_byte_of_the_lock_is_caught() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    let sound = fs::read(tree.at("release.lock")).unwrap();
    let text = String::from_utf8(sound.clone()).unwrap();
    assert!(lock::read(&text, "release.lock").is_ok());
    for at in 0..sound.len() {
        for mask in [1, 2, 0x10, 0x20, 0x80] {
            let mut other = sound.clone();
            other[at] ^= mask;
            // What is not UTF-8 is refused when it is read.
            if let Ok(other) = String::from_utf8(other) {
                assert!(lock::read(&other, "release.lock").is_err(), "byte {at} ^ {mask}");
            }
        }
        let mut cut = text.clone();
        cut.remove(at);
        assert!(lock::read(&cut, "release.lock").is_err(), "without byte {at}");
        assert!(lock::read(&text[..at], "release.lock").is_err(), "cut off at {at}");
        let mut more = text.clone();
        more.insert(at, ' ');
        assert!(lock::read(&more, "release.lock").is_err(), "a space at {at}");
    }
    // And once through the binary.
    for at in (0..sound.len()).step_by(97) {
        let mut other = sound.clone();
        other[at] ^= 0xff;
        tree.put("release.lock", &other);
        tree.run("verify", &[]).ends(2, &["could not be verified"]);
    }
}

/// The lock with a right digest over what somebody wrote into it.
fn sealed(text: &str) -> String {
    let content = text.split("  \"sha256\": \"").next().unwrap();
    // The first `"sha256": "` that starts a line with two spaces is the lock's own.
    let digest = artifact::digest_bytes(content.as_bytes());
    let digest = digest.hex();
    format!("{content}  \"sha256\": \"{digest}\"\n}}\n")
}

#[test]
fn a_lock_that_somebody_made_is_refused() {
    let tree = small();
    tree.put("model/zz", "");
    tree.run("lock", &[]).ends(0, &[]);
    let text = fs::read_to_string(tree.at("release.lock")).unwrap();
    assert_eq!(sealed(&text), text);
    let line =
        |path: &str| text.lines().find(|line| line.contains(&format!("{{\"path\": \"{path}\""))).unwrap();
    let config = line("config.json");
    let hex = config.split('"').nth(7).unwrap();
    let words = line("words.txt").split('"').nth(7).unwrap();
    let twice = format!("{config}\n{config}");
    let upper = hex.to_uppercase();
    let (tok, weights) = (line("sub/tok.txt"), line("weights.bin"));
    let swapped = format!("{weights}\n{tok}");
    let other_policy = "\"ignored\": [\"*.tmp\"]";
    let table: &[(&str, &str, &str, &str)] = &[
        ("version of an artifact", "\"v1.9\"", "\"v1.9 \"", ""),
        (
            "path that leaves",
            "\"path\": \"config.json\"",
            "\"path\": \"../config.json\"",
            "leaves its folder",
        ),
        ("absolute path", "\"path\": \"config.json\"", "\"path\": \"/config.json\"", "leaves its folder"),
        ("absolute artifact", "\"path\": \"model\"", "\"path\": \"/model\"", "its path is absolute"),
        ("drive", "\"path\": \"config.json\"", "\"path\": \"C:\\\\config.json\"", "leaves its folder"),
        (
            "case",
            "\"path\": \"weights.bin\"",
            "\"path\": \"zz\", \"sha256\": \"x\", \"size\": 3}, {\"path\": \"weights.bin\"",
            "no digest",
        ),
        ("upper case", hex, &upper, "no digest of 64 lower-case digits"),
        ("prefix", &format!("\"{words}\""), &format!("\"sha256:{words}\""), "no digest"),
        ("file twice", config, &twice, "not sorted, or one stands there twice"),
        ("order of files", &format!("{tok}\n{weights}"), &swapped, "not sorted"),
        ("another digest", hex, &"0".repeat(64), "its digest is not that of its files"),
        ("another size", "\"size\": 15", "\"size\": 015", "cannot be read"),
        ("unknown key", "\"form\": \"folder\"", "\"form\": \"folder\", \"more\": 1", "unknown field `more`"),
        (
            "key twice",
            "\"form\": \"folder\"",
            "\"form\": \"folder\", \"form\": \"folder\"",
            "duplicate field",
        ),
        ("unknown form", "\"form\": \"folder\"", "\"form\": \"tree\"", "no such form"),
        ("unknown kind", "\"kind\": \"prompts\"", "\"kind\": \"prompt\"", "no such kind"),
        ("order of artifacts", "\"name\": \"local\"", "\"name\": \"a\"", "artifacts are not sorted"),
        ("spaces", "\"form\": \"folder\",", "\"form\":  \"folder\",", "not spelled as relgate spells it"),
        ("escape", "\"path\": \"model\"", "\"path\": \"m\\u006fdel\"", "not spelled"),
        ("a version to come", "relgate/lock/v1", "relgate/lock/v2", "a lock of another version"),
        ("another document", "relgate/lock/v1", "relgate/report/v1", "not that of a lock"),
        ("other rules", "\"ignored\": []", other_policy, "made by other rules"),
        (
            "no tree",
            &format!("\"tree\": \"{}\"", tree.lock()["artifacts"][3]["tree"].as_str().unwrap()),
            "\"tree\": null",
            "not that of its files",
        ),
    ];
    for (name, from, to, words) in table {
        assert!(text.contains(from), "{name}: {from}");
        // By hand, its own digest tells.
        let edited = text.replace(from, to);
        let plain = lock::read(&edited, "release.lock").unwrap_err();
        let expected = if name.contains("to come") { "lock-version" } else { "lock-edited" };
        assert_eq!(plain.code.word(), expected, "{name}: {plain}");
        // With a digest of its own, what it says tells; where that is possible, only the release can.
        if words.is_empty() {
            tree.put("release.lock", sealed(&edited));
            tree.run("verify", &[]).ends(1, &["other version  prompts.system"]);
            continue;
        }
        tree.put("release.lock", sealed(&edited));
        tree.run("verify", &[]).ends(2, &[words, "release.lock"]);
        tree.run("check", &["--dry-run"]).ends(2, &[words]);
    }
}

#[test]
fn names_of_a_file_system_that_ignores_case() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    // Made on Linux, unpacked on a Mac and locked there, or the other way round.
    fs::rename(tree.at("model/config.json"), tree.at("model/Config.json")).unwrap();
    tree.run("verify", &[]).ends(
        1,
        &[
            "missing  models.local  model/config.json",
            "extra  models.local  model/Config.json",
            "differs from `model/Config.json` only in case",
        ],
    );
    fs::rename(tree.at("model/Config.json"), tree.at("model/settings.json")).unwrap();
    tree.run("verify", &[]).ends(1, &["the same bytes stand in `model/settings.json`: renamed"]);
    fs::rename(tree.at("model/settings.json"), tree.at("model/config.json")).unwrap();

    // Paths that collide when case is folded are refused, though the digests fit.
    let text = fs::read_to_string(tree.at("release.lock")).unwrap();
    let line = text.lines().find(|line| line.contains("\"config.json\"")).unwrap();
    let upper = line.replace("config.json", "CONFIG.json");
    let old = tree.lock()["artifacts"][3]["tree"].as_str().unwrap().to_owned();
    tree.put("model/CONFIG.json", "{\"layers\": 12}\n");
    let new = tree.sh(&format!("cd model; {}", crate::lock::support::RECIPE));
    let collided = sealed(&text.replace(line, &format!("{upper}\n{line}")).replace(&old, &new));
    tree.put("release.lock", collided);
    tree.run("verify", &[])
        .ends(2, &["names-collide", "`CONFIG.json`, `config.json`", "one file name on macOS and Windows"]);
}

#[test]
fn what_git_or_an_editor_does_to_a_lock_is_told() {
    let tree = small();
    tree.run("lock", &[]).ends(0, &[]);
    let text = fs::read_to_string(tree.at("release.lock")).unwrap();
    let table: &[(&str, Vec<u8>, &[&str])] = &[
        (
            "crlf",
            text.replace('\n', "\r\n").into(),
            &["other line ends or a byte order mark", "*.lock -text"],
        ),
        ("bom", format!("\u{feff}{text}").into(), &["byte order mark"]),
        (
            "merge",
            format!("<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n").into(),
            &["unfinished merge"],
        ),
        ("no last line end", text.trim_end().into(), &["its own digest does not fit"]),
        ("empty", Vec::new(), &["its own digest does not fit"]),
        ("not utf-8", [b"\xff", text.as_bytes()].concat(), &["is not UTF-8 text"]),
        ("compact", serde_json::to_string(&tree.lock()).unwrap().into(), &["its own digest does not fit"]),
    ];
    for (name, bytes, words) in table {
        tree.put("release.lock", bytes);
        let verify = tree.run("verify", &[]);
        assert_eq!(verify.code, 2, "{name}");
        verify.ends(2, words);
        assert!(verify.stdout.is_empty(), "{name}: {}", verify.stdout);
    }
    // `lock` makes it anew and says what was there.
    tree.run("lock", &[]).ends(0, &["warning[lock-edited]", "release.lock written"]);
    assert_eq!(fs::read_to_string(tree.at("release.lock")).unwrap(), text);
    fs::remove_file(tree.at("release.lock")).unwrap();
    fs::create_dir(tree.at("release.lock")).unwrap();
    tree.run("verify", &[]).ends(2, &["is a folder"]);
    tree.run("check", &["--dry-run"]).ends(2, &["is a folder"]);
}
