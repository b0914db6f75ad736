//! Files that change while they are hashed, and files that are not read again because they did not change.

use std::fs;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use relgate::artifact::{self, Found, Listing, Pinned, Stamp, Standing, Sum, Trouble};
use relgate::diagnostic::{Diagnostics, Sources};
use relgate::files::{Hashing, StatCache, Worktree};
use relgate::manifest;

use crate::lock::support::{Tree, ran, small};

fn pin(contents: &dyn artifact::Tree) -> (Pinned, Diagnostics) {
    let mut sources = Sources::new();
    let file = sources.add(
        "release.yaml",
        "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nbaseline: none\n\
         artifacts: { prompts: { p: { version: v1, path: m } } }\n\
         evidence: { a: { path: a.jsonl } }\ngates: ['toxicity < 1%']\n",
    );
    artifact::pin(&manifest::parse(&sources, file).unwrap(), contents)
}

/// One file whose stamp is another each time it is asked for.
struct Restless {
    bytes: &'static [u8],
    seen: AtomicU64,
    step: u64,
}

impl artifact::Tree for Restless {
    fn look(&self, _: &str) -> Result<Found, Trouble> {
        Ok(Found { path: "m".to_owned(), node: Standing::File { bytes: self.bytes.len() as u64 } })
    }

    fn list(&self, _: &str) -> Result<Listing, Trouble> {
        Ok(Listing::default())
    }

    fn open(&self, _: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        Ok(Box::new(self.bytes))
    }

    fn stamp(&self, _: &str) -> Result<Option<Stamp>, Trouble> {
        let changed = self.seen.fetch_add(self.step, Ordering::Relaxed).cast_signed();
        Ok(Some(Stamp {
            device: 1,
            inode: 1,
            bytes: self.bytes.len() as u64,
            modified: 0,
            changed,
            trusted: true,
        }))
    }
}

#[test]
fn a_file_that_changes_while_it_is_hashed_has_no_digest() {
    let steady = Restless { bytes: b"12", seen: AtomicU64::new(0), step: 0 };
    assert!(!pin(&steady).1.has_errors());
    let restless = Restless { bytes: b"12", seen: AtomicU64::new(0), step: 1 };
    let (pinned, findings) = pin(&restless);
    let codes: Vec<_> = findings.iter().map(|finding| finding.code.word()).collect();
    assert_eq!(codes, ["changed-while-read"]);
    assert_eq!(pinned.get("prompts.p").unwrap().digest(), None);
}

/// A real folder in which somebody writes to a file as soon as it is read.
struct Meddled<'a> {
    root: &'a Worktree,
    meddle: &'a (dyn Fn() + Sync),
}

impl artifact::Tree for Meddled<'_> {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        self.root.look(declared)
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        self.root.list(folder)
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        let reader = self.root.open(path)?;
        (self.meddle)();
        Ok(reader)
    }

    fn stamp(&self, path: &str) -> Result<Option<Stamp>, Trouble> {
        self.root.stamp(path)
    }
}

#[test]
fn real_files_that_change_while_they_are_hashed() {
    let tree = Tree::new(&[("m/one", "1234")]);
    let root = Worktree::find(&tree.at("release.yaml"), Some(&tree.at(""))).unwrap();
    let old = SystemTime::now() - Duration::from_secs(1000);
    let table: &[(&str, &(dyn Fn() + Sync))] = &[
        ("same length", &|| fs::write(tree.at("m/one"), "4321").unwrap()),
        ("longer", &|| fs::write(tree.at("m/one"), "12345").unwrap()),
        ("replaced", &|| {
            fs::write(tree.at("new"), "1234").unwrap();
            fs::rename(tree.at("new"), tree.at("m/one")).unwrap();
        }),
        ("a time that was set back", &|| {
            fs::write(tree.at("m/one"), "9999").unwrap();
            fs::File::options().write(true).open(tree.at("m/one")).unwrap().set_modified(old).unwrap();
        }),
    ];
    for (name, meddle) in table {
        tree.put("m/one", "1234");
        // The clock of a file system has coarse ticks.
        std::thread::sleep(Duration::from_millis(20));
        let (pinned, findings) = pin(&Meddled { root: &root, meddle });
        let codes: Vec<_> = findings.iter().map(|finding| finding.code.word()).collect();
        assert_eq!(codes, ["changed-while-read"], "{name}");
        assert_eq!(pinned.get("prompts.p").unwrap().digest(), None, "{name}");
    }
    tree.put("m/one", "1234");
    let (_, findings) = pin(&Meddled { root: &root, meddle: &|| fs::remove_file(tree.at("m/one")).unwrap() });
    assert!(findings.has_errors());
}

/// Counts the files that are really opened.
struct Counting<'a> {
    inner: Hashing<'a>,
    opened: AtomicU64,
}

impl artifact::Tree for Counting<'_> {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        self.inner.look(declared)
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        self.inner.list(folder)
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.inner.open(path)
    }

    fn stamp(&self, path: &str) -> Result<Option<Stamp>, Trouble> {
        self.inner.stamp(path)
    }

    fn known(&self, stamp: &Stamp, sum: Sum) -> Option<String> {
        self.inner.known(stamp, sum)
    }

    fn learned(&self, stamp: &Stamp, sum: Sum, hex: &str) {
        self.inner.learned(stamp, sum, hex);
    }

    fn ahead(&self, bytes: u64) {
        self.inner.ahead(bytes);
    }
}

#[test]
fn a_file_that_did_not_change_is_not_read_again() {
    let tree = Tree::new(&[("m/one", "1234"), ("m/two", "5678"), ("m/three", "")]);
    let root = Worktree::find(&tree.at("release.yaml"), Some(&tree.at(""))).unwrap();
    // A run that begins in a while, when nothing is fresh any more.
    let mut later = SystemTime::now();
    let mut go = || {
        later += Duration::from_mins(1);
        let cache = StatCache::open(&tree.at("cache"), later);
        let counting = Counting { inner: Hashing::new(&root, Some(cache.into())), opened: AtomicU64::new(0) };
        let (pinned, findings) = pin(&counting);
        assert!(!findings.has_errors());
        counting.inner.save();
        let (done, total) = counting.inner.progress();
        assert_eq!(done, total);
        (counting.opened.into_inner(), pinned.get("prompts.p").unwrap().digest().unwrap().hex().to_owned())
    };
    let (opened, digest) = go();
    assert_eq!(opened, 3);
    assert_eq!(go(), (0, digest.clone()));
    // The same length, and the time set back to what it was: the change time tells.
    let before = fs::metadata(tree.at("m/one")).unwrap().modified().unwrap();
    std::thread::sleep(Duration::from_millis(20));
    tree.put("m/one", "4321");
    fs::File::options().write(true).open(tree.at("m/one")).unwrap().set_modified(before).unwrap();
    let (opened, changed) = go();
    assert_eq!(opened, 1);
    assert_ne!(changed, digest);
    assert_eq!(go(), (0, changed.clone()));
    // Another file of the same name.
    tree.put("m/new", "1234");
    fs::rename(tree.at("m/new"), tree.at("m/one")).unwrap();
    assert_eq!(go(), (1, digest.clone()));
    // A damaged cache is no cache.
    let cache = tree.at("cache/checksums-v1");
    let mut bytes = fs::read(&cache).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&cache, bytes).unwrap();
    assert_eq!(go(), (3, digest.clone()));
    assert_eq!(go(), (0, digest));
}

#[test]
fn a_pointer_stays_one_with_a_cache() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 49\n";
    let tree = Tree::new(&[("m/one", pointer)]);
    let root = Worktree::find(&tree.at("release.yaml"), Some(&tree.at(""))).unwrap();
    for _ in 0..2 {
        let cache = StatCache::open(&tree.at("cache"), SystemTime::now() + Duration::from_mins(1));
        let contents = Hashing::new(&root, Some(cache.into()));
        let (_, findings) = pin(&contents);
        contents.save();
        assert_eq!(findings.iter().map(|finding| finding.code.word()).collect::<Vec<_>>(), ["lfs-pointer"]);
    }
}

#[test]
fn the_cache_stands_in_the_users_folder_unless_it_is_off() {
    let tree = small();
    let cache = |name: &str| tree.at(name).join("relgate/checksums-v1");
    let run = |command: &str, args: &[&str], env: &[(&str, &str)]| {
        ran(tree.command(command, args).envs(env.iter().copied())).ends(0, &[]);
    };
    let home = tree.at("home").display().to_string();
    let xdg = tree.at("xdg").display().to_string();
    run("lock", &[], &[("XDG_CACHE_HOME", &xdg)]);
    assert!(!cache("xdg").exists(), "what was just written is not kept");
    std::thread::sleep(Duration::from_millis(2100));
    for (args, env) in [
        (vec!["--no-cache"], vec![("XDG_CACHE_HOME", xdg.as_str())]),
        (vec![], vec![("XDG_CACHE_HOME", xdg.as_str()), ("CI", "true")]),
        (vec![], vec![("XDG_CACHE_HOME", "relative"), ("HOME", "relative")]),
        (vec![], vec![]),
    ] {
        run("verify", &args, &env);
        run("check", &[&args[..], &["--dry-run"]].concat(), &env);
        run("lock", &args, &env);
        assert!(!cache("xdg").exists() && !tree.at("relative").exists(), "{args:?} {env:?}");
    }
    run("verify", &[], &[("XDG_CACHE_HOME", &xdg)]);
    assert!(cache("xdg").is_file());
    run("verify", &[], &[("XDG_CACHE_HOME", &xdg)]);
    if !cfg!(target_os = "macos") {
        run("verify", &[], &[("HOME", &home)]);
        assert!(tree.at("home/.cache/relgate/checksums-v1").is_file());
    }
    // With a cache, too, a change is noticed.
    tree.put("model/config.json", "{\"layers\": 13}\n");
    let other = ran(tree.command("verify", &[]).env("XDG_CACHE_HOME", &xdg));
    other.ends(1, &["changed  models.local  model/config.json"]);
}

#[test]
fn a_short_run_draws_no_progress() {
    let tree = small();
    let lock = tree.run("lock", &[]);
    assert_eq!(lock.stderr, "");
}
