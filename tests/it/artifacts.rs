//! Artifacts, evidence paths and outputs on a real file system: what is pinned, and what is refused in which words.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use relgate::artifact::{self, Pinned, PinnedContent};
use relgate::diagnostic::{Diagnostic, Diagnostics, Severity, Sources, Spanned, render};
use relgate::evidence::Source;
use relgate::files::{self, EvidenceFile, Made, Output, Worktree};
use relgate::manifest::{self, Manifest};

/// A folder with files, which disappears with the test.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            tree.put(path, text);
        }
        tree
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, target: &str, path: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    fn sh(&self, script: &str) -> String {
        sh(self.0.path(), script)
    }

    fn root(&self) -> Worktree {
        Worktree::find(&self.at("release.yaml"), Some(self.0.path())).unwrap()
    }

    /// Pins a manifest with these lines under `artifacts:`; the findings as they are printed.
    fn pin(&self, artifacts: &str) -> (Pinned, Diagnostics, String) {
        let (sources, manifest) = parse(artifacts);
        let (pinned, found) = artifact::pin(&manifest, &self.root());
        let text = found.iter().map(|finding| render(finding, &sources, false) + "\n").collect();
        (pinned, found, text)
    }

    /// The digest of the prompt `p` at a path.
    fn digest(&self, path: &str) -> String {
        let (pinned, _, text) = self.pin(&prompt(path));
        assert_eq!(text, "");
        pinned.get("prompts.p").unwrap().digest().unwrap().hex().to_owned()
    }

    fn expand(&self, path: &str) -> Result<Vec<String>, String> {
        let (sources, manifest) = parse("{}");
        let declared = Spanned::new(path.to_owned(), manifest.name.span);
        match artifact::Tree::expand(&self.root(), "e", &declared) {
            // The manifest was named by an absolute path, and so are they.
            Ok(files) => Ok(files
                .into_iter()
                .map(|file| {
                    let here = self.at("").display().to_string();
                    file.source
                        .name()
                        .replace(here.trim_end_matches('/'), "")
                        .trim_start_matches('/')
                        .to_owned()
                })
                .collect()),
            Err(finding) => Err(render(&finding, &sources, false)),
        }
    }
}

fn sh(folder: &Path, script: &str) -> String {
    let output = Command::new("sh").arg("-c").arg(script).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn parse(artifacts: &str) -> (Sources, Manifest) {
    let mut sources = Sources::new();
    let text = format!(
        "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nbaseline: none\nartifacts: {artifacts}\n\
         evidence: {{ a: {{ path: a.jsonl }} }}\ngates: ['toxicity < 1%']\n"
    );
    let file = sources.add("release.yaml", text);
    match manifest::parse(&sources, file) {
        Ok(manifest) => (sources, manifest),
        Err(found) => panic!("{}", found.iter().map(|f| render(f, &sources, false)).collect::<String>()),
    }
}

fn prompt(path: &str) -> String {
    format!("{{ prompts: {{ p: {{ version: v1, path: \"{path}\" }} }} }}")
}

const RECIPE: &str =
    "find -L . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum -- | sha256sum | cut -c1-64";

#[test]
fn a_file_has_the_digest_of_its_bytes() {
    let tree = Tree::new(&[("p.md", "You are kind.\n")]);
    assert_eq!(tree.digest("p.md"), tree.sh("sha256sum p.md | cut -c1-64"));
    tree.put("empty", "");
    assert_eq!(tree.digest("empty"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn a_folder_has_the_digest_that_coreutils_give() {
    // `a-b`, `a/b` and `a.b` sort differently by path and by tree.
    let tree = Tree::new(&[
        ("m/a/b", "1"),
        ("m/a-b", "2"),
        ("m/a.b", "3"),
        ("m/Z", "4"),
        ("m/ä ö/with space", "5"),
        ("m/.hidden", "6"),
        ("m/deep/er/still/x", ""),
    ]);
    fs::create_dir(tree.at("m/empty")).unwrap();
    assert_eq!(tree.digest("m"), tree.sh(&format!("cd m; {RECIPE}")));

    let (pinned, ..) = tree.pin(&prompt("m"));
    let paths: Vec<_> =
        pinned.get("prompts.p").unwrap().files().iter().map(|file| file.path.clone()).collect();
    assert_eq!(paths, [".hidden", "Z", "a-b", "a.b", "a/b", "deep/er/still/x", "ä ö/with space"]);
    assert_eq!(pinned.get("prompts.p").unwrap().bytes(), 6);
}

#[test]
fn one_byte_a_name_or_a_moved_file_change_a_folder() {
    let tree = Tree::new(&[("m/one", "1234"), ("m/two", "5678")]);
    let before = tree.digest("m");
    tree.put("m/one", "1235");
    let flipped = tree.digest("m");
    assert_ne!(flipped, before);
    tree.put("m/one", "1234");
    assert_eq!(tree.digest("m"), before);
    fs::rename(tree.at("m/one"), tree.at("m/uno")).unwrap();
    assert_ne!(tree.digest("m"), before);
    fs::rename(tree.at("m/uno"), tree.at("m/one")).unwrap();
    tree.put("m/three", "");
    assert_ne!(tree.digest("m"), before);
    fs::remove_file(tree.at("m/three")).unwrap();
    tree.put("m/one", "5678");
    tree.put("m/two", "1234");
    assert_ne!(tree.digest("m"), before);
}

#[test]
fn values_have_the_digest_of_their_canonical_json() {
    let tree = Tree::new(&[]);
    let digest = |values: &str| {
        let (pinned, _, text) =
            tree.pin(&format!("{{ inference_configs: {{ c: {{ version: c3, values: {values} }} }} }}"));
        assert_eq!(text, "");
        pinned.get("inference_configs.c").unwrap().digest().unwrap().hex().to_owned()
    };
    let python = tree.sh(
        "python3 -c \"import json,hashlib; print(hashlib.sha256(json.dumps({'temperature':0.2,'max_tokens':512,\
         'stop':['a','ü'],'x':None},sort_keys=True,separators=(',',':'),ensure_ascii=False).encode()).hexdigest())\"",
    );
    assert_eq!(digest("{ temperature: 0.2, max_tokens: 512, stop: [a, ü], x: null }"), python);
    assert_eq!(digest("{ x: ~, stop: [a, \"ü\"], max_tokens: 512, temperature: 2e-1 }"), python);
    assert_ne!(digest("{ temperature: 0.2, max_tokens: \"512\", stop: [a, ü], x: null }"), python);

    // Read as everything else of the manifest is.
    assert_eq!(digest("{ on: True, off: FALSE }"), digest("{ on: true, off: false }"));
    assert_eq!(digest("{ id: 0042, word: inf }"), digest("{ id: \"0042\", word: \"inf\" }"));

    // RFC 8785, 3.2.3: the numbers of the sample object.
    let numbers = tree
        .sh("printf '%s' '{\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27]}' | sha256sum | cut -c1-64");
    assert_eq!(
        digest("{ numbers: [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001] }"),
        numbers
    );
}

#[test]
fn lookups_by_key_digest_and_identity() {
    let tree = Tree::new(&[("a", "same"), ("b", "same"), ("c", "other")]);
    let hex = tree.digest("a");
    let (pinned, _, text) = tree.pin(&format!(
        "{{ models: {{ m: {{ version: gpt, uri: \"x:y\", sha256: {hex} }}, n: {{ version: v2, uri: \"x:z\" }} }}, \
         prompts: {{ a: {{ version: v1, path: a }}, b: {{ version: v2, path: b, sha256: {hex} }} }} }}"
    ));
    assert_eq!(text, "");
    let a = pinned.get("prompts.a").unwrap();
    assert_eq!((a.key().as_str(), a.path.as_deref(), a.hashed()), ("prompts.a", Some("a"), true));
    let same: Vec<_> = pinned.with_digest(a.digest().unwrap()).map(artifact::PinnedArtifact::key).collect();
    assert_eq!(same, ["models.m", "prompts.a", "prompts.b"]);
    assert!(!pinned.get("models.m").unwrap().hashed());
    assert_eq!(pinned.get("models.n").unwrap().digest(), None);
    assert!(a.is("v1") && a.is(&format!("sha256:{hex}")));
    assert!(!a.is("v2") && !a.is("sha256:") && !a.is("") && !a.is(&hex));
    for wrong in ["prompts", "prompts.c", "prompt.a", "", ".", "models.a"] {
        assert!(pinned.get(wrong).is_none(), "{wrong}");
    }
}

#[test]
fn every_bad_artifact_says_what_and_where() {
    let outside = Tree::new(&[("secret", "s")]);
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4900000000\n";
    let tree = Tree::new(&[
        ("prompts/system.md", "text"),
        ("lfs.bin", pointer),
        ("model/ok", "1"),
        ("model/a.bin", pointer),
        ("model/b.bin", pointer),
        ("repo/.git/HEAD", "x"),
        ("repo/file", "x"),
        ("sub/inner/.git", "gitdir: elsewhere"),
        ("slash/a\\b", "x"),
        ("line/a\nb", "x"),
        ("dirlink/file", "x"),
        ("outlink/file", "x"),
        ("deadlink/file", "x"),
        ("pipes/file", "x"),
        ("bytes/file", "x"),
    ]);
    fs::create_dir_all(tree.at("hollow/inside")).unwrap();
    tree.link(outside.at("secret").to_str().unwrap(), "out");
    tree.link(outside.0.path().to_str().unwrap(), "outdir");
    tree.link(outside.at("secret").to_str().unwrap(), "outlink/l");
    tree.link("nowhere", "dead");
    tree.link("round", "round");
    tree.link("nowhere", "deadlink/l");
    tree.link("..", "dirlink/up");
    tree.sh("mkfifo pipe pipes/p; touch \"$(printf 'bytes/\\377')\"");

    let table: &[(&str, &str, &[&str])] = &[
        ("prompts/sytem.md", "missing-file", &["does not exist", "did you mean `system.md`", "in `prompts`"]),
        ("promts/system.md", "missing-file", &["did you mean `prompts`", "the root folder"]),
        ("prompts/system.md/x", "missing-file", &["does not exist"]),
        ("prompts\\\\system.md", "missing-file", &["write `/` between folders"]),
        ("../other", "leaves-root", &["leads out of the root folder", "--root"]),
        ("a/../../b", "leaves-root", &["out of the root"]),
        ("/etc/passwd", "absolute-path", &["absolute path", "relative to the file"]),
        ("C:/x", "absolute-path", &["absolute path"]),
        ("out", "leaves-root", &["through a symbolic link", "the link leads to"]),
        ("outdir/secret", "leaves-root", &["through a symbolic link"]),
        ("dead", "broken-link", &["leads to no file", "`nowhere`"]),
        ("dead/x", "broken-link", &["leads to no file"]),
        ("round", "broken-link", &["leads to no file"]),
        ("pipe", "special-file", &["a named pipe", "regular file"]),
        ("hollow", "empty-folder", &["holds no file"]),
        ("lfs.bin", "lfs-pointer", &["Git LFS pointer", "4900000000 bytes", "git lfs pull"]),
        ("model", "lfs-pointer", &["`model/a.bin`", "also", "`model/b.bin`", "git lfs pull"]),
        ("repo", "nested-repository", &["`repo/.git`", "name a folder without `.git`"]),
        ("sub", "nested-repository", &["`sub/inner/.git`"]),
        ("slash", "escaped-name", &["backslash or a line end", "rename"]),
        ("line", "escaped-name", &["backslash or a line end"]),
        ("dirlink", "folder-link", &["`dirlink/up`", "symbolic link to a folder"]),
        ("outlink", "leaves-root", &["`outlink/l`", "through a symbolic link"]),
        ("deadlink", "broken-link", &["`deadlink/l`", "`nowhere`"]),
        ("pipes", "special-file", &["`pipes/p`", "a named pipe"]),
        ("bytes", "name-not-utf8", &["not UTF-8", "rename"]),
    ];
    for (path, code, words) in table {
        let (pinned, found, text) = tree.pin(&prompt(path));
        let codes: Vec<_> = found.iter().map(|finding| finding.code.word()).collect();
        assert_eq!(codes, [*code], "{path}: {text}");
        assert!(found.has_errors());
        for word in words.iter().filter(|word| **word != "also") {
            assert!(text.contains(word), "{path}: `{word}` is not in\n{text}");
        }
        assert!(text.contains("release.yaml:6:"), "{path}: no place in\n{text}");
        assert_eq!(pinned.get("prompts.p").unwrap().content, PinnedContent::Unusable, "{path}");
        assert_eq!(pinned.get("prompts.p").unwrap().digest(), None);
    }
}

#[test]
fn all_findings_in_one_go_in_the_order_of_the_manifest() {
    let tree = Tree::new(&[("good", "1")]);
    let (pinned, found, _) = tree.pin(
        "{ models: { a: { version: v, path: no }, b: { version: v, path: good }, c: { version: v, path: ../up } }, \
         prompts: { d: { version: v, path: nor } } }",
    );
    let codes: Vec<_> = found.iter().map(|finding| finding.code.word()).collect();
    assert_eq!(codes, ["missing-file", "leaves-root", "missing-file"]);
    assert!(pinned.get("models.b").unwrap().hashed());
    assert_eq!(pinned.iter().count(), 4);
}

#[test]
fn a_declared_digest_that_does_not_fit_is_explained() {
    let tree =
        Tree::new(&[("p", "a\r\nb\r\n"), ("bom", "\u{feff}a\n"), ("m/x", "1\n"), ("m/y", "2\n"), ("q", "q")]);
    let lf = tree.sh("printf 'a\\nb\\n' | sha256sum | cut -c1-64");
    let no_bom = tree.sh("printf 'a\\n' | sha256sum | cut -c1-64");
    let crlf_folder =
        tree.sh(&format!("mkdir w; cd w; printf '1\\r\\n' > x; printf '2\\r\\n' > y; {RECIPE}"));
    let wrong = "0".repeat(64);
    let check = |path: &str, sha256: &str, words: &[&str], absent: &[&str]| {
        let (_, found, text) =
            tree.pin(&format!("{{ prompts: {{ p: {{ version: v1, path: {path}, sha256: {sha256} }} }} }}"));
        assert!(found.has_errors());
        assert_eq!(found.iter().map(|f| f.code.word()).collect::<Vec<_>>(), ["digest-mismatch"]);
        for word in words {
            assert!(text.contains(word), "{path}: `{word}` is not in\n{text}");
        }
        for word in absent {
            assert!(!text.contains(word), "{path}: `{word}` is in\n{text}");
        }
    };
    check("p", &lf, &["LF line ends; here they are CRLF", ".gitattributes", "-text", &lf[..12]], &[]);
    check("bom", &no_bom, &["without the byte order mark"], &[]);
    check("m", &crlf_folder, &["the folder `m`", "CRLF line ends; here they are LF"], &[]);
    let actual = tree.digest("q");
    check("q", &wrong, &["000000000000…", &format!("sha256: {actual}")], &["line ends"]);
    check("m", &wrong, &["the folder `m`"], &["line ends"]);

    let (_, found, text) = tree.pin(&format!(
        "{{ inference_configs: {{ c: {{ version: v1, values: {{ a: 1 }}, sha256: {wrong} }} }} }}"
    ));
    assert!(
        found.has_errors() && text.contains("`inference_configs.c` is not what `sha256` declares"),
        "{text}"
    );
}

#[test]
fn a_file_that_only_begins_like_a_pointer_is_a_file() {
    let long = format!("version https://git-lfs.github.com/spec/v1\n{}", "x".repeat(2000));
    let tree = Tree::new(&[("p", &long)]);
    assert_eq!(tree.digest("p"), tree.sh("sha256sum p | cut -c1-64"));
}

#[test]
fn links_that_stay_in_the_root_are_followed_to_files() {
    let tree = Tree::new(&[("blobs/1", "one"), ("m/two", "two")]);
    tree.link("../blobs/1", "m/one");
    tree.link("blobs/1", "single");
    assert_eq!(tree.digest("single"), tree.digest("blobs/1"));
    assert_eq!(tree.digest("m"), tree.sh(&format!("cd m; {}", RECIPE.replace("find .", "find -L ."))));
    let (pinned, ..) = tree.pin(&prompt("m"));
    let links: Vec<_> = pinned.get("prompts.p").unwrap().files().iter().map(|file| file.linked).collect();
    assert_eq!(links, [true, false]);
}

#[test]
fn names_that_collide_elsewhere_are_a_warning() {
    let tree =
        Tree::new(&[("m/README", "1"), ("m/readme", "2"), ("m/caf\u{e9}", "3"), ("m/cafe\u{301}", "4")]);
    let (pinned, found, text) = tree.pin(&prompt("m"));
    assert_eq!(
        found.iter().map(|f| (f.code.word(), f.severity)).collect::<Vec<_>>(),
        [("names-collide", Severity::Warning), ("names-collide", Severity::Warning)]
    );
    assert!(text.contains("`README`, `readme`") && text.contains("macOS"), "{text}");
    assert!(pinned.get("prompts.p").unwrap().hashed());
}

#[test]
fn the_root_is_the_git_top_level_or_the_manifests_folder() {
    let tree = Tree::new(&[
        ("repo/.git/HEAD", ""),
        ("repo/a/b/release.yaml", ""),
        ("repo/a/x", ""),
        ("alone/release.yaml", ""),
    ]);
    let root = Worktree::find(&tree.at("repo/a/b/release.yaml"), None).unwrap();
    assert_eq!((root.folder(), root.base()), (tree.at("repo").canonicalize().unwrap().as_path(), "a/b"));
    assert_eq!(root.resolve("../x").unwrap(), "a/x");
    assert_eq!(root.resolve("../../.").unwrap(), "");
    assert!(root.resolve("../../../x").is_err());
    assert_eq!(root.for_file("policy/base.yaml").resolve("../x").unwrap(), "x");
    assert_eq!(root.for_file("base.yaml").resolve("x").unwrap(), "x");

    let given = Worktree::find(&tree.at("repo/a/b/release.yaml"), Some(&tree.at("repo/a"))).unwrap();
    assert_eq!(given.base(), "b");
    let alone = Worktree::find(&tree.at("alone/release.yaml"), Some(&tree.at("repo"))).unwrap_err();
    assert_eq!(alone.code.word(), "manifest-outside-root");
    let missing = Worktree::find(&tree.at("alone/release.yaml"), Some(&tree.at("none"))).unwrap_err();
    assert!(missing.title.contains("--root"), "{}", missing.title);
    assert!(Worktree::find(&tree.at("alone/release.yaml"), Some(&tree.at("repo/a/x"))).is_err());

    assert!(root.target("../CHANGELOG.md").unwrap().ends_with("repo/a/CHANGELOG.md"));
    assert!(root.target("../../../CHANGELOG.md").is_err());
    assert!(root.target("no/CHANGELOG.md").is_err());
    assert!(root.target("..").is_err());
}

#[test]
fn a_manifest_that_cannot_be_read_says_why() {
    let tree =
        Tree::new(&[("folder/release.yaml", "x: 1\n"), ("bom.yaml", "\u{feff}name: ä\n"), ("big.yaml", "")]);
    tree.put("latin.yaml", b"a: 1\nb: caf\xe9\n");
    tree.put("wide.yaml", b"\xff\xfea\0");
    fs::File::options().write(true).open(tree.at("big.yaml")).unwrap().set_len(3 << 30).unwrap();
    tree.sh("mkfifo pipe");
    let read = |name: &str| files::read_manifest(&tree.at(name), name);
    let table: &[(&str, &str, &[&str])] = &[
        ("none.yaml", "no-manifest", &["there is no manifest `none.yaml`", "path/to/release.yaml"]),
        ("bom.yaml/x", "no-manifest", &["there is no manifest"]),
        ("folder", "manifest-is-folder", &["is a folder", "did you mean `folder/release.yaml`"]),
        ("pipe", "manifest-not-file", &["a named pipe"]),
        ("big.yaml", "manifest-too-large", &["a manifest of 3222 MB; at most 1 MB is read"]),
        ("latin.yaml", "manifest-not-utf8", &["latin.yaml:2", "byte 11 (0xe9) in line 2"]),
        ("wide.yaml", "manifest-not-utf8", &["UTF-16"]),
    ];
    for (name, code, words) in table {
        let finding = read(name).unwrap_err();
        let text = render(&finding, &Sources::new(), false);
        assert_eq!(finding.code.word(), *code, "{text}");
        for word in *words {
            assert!(text.contains(word), "{name}: `{word}` is not in\n{text}");
        }
    }
    let bom = read("bom.yaml").unwrap();
    assert_eq!(bom.text, "name: ä\n");
    assert_eq!(bom.sha256.hex(), tree.sh("sha256sum bom.yaml | cut -c1-64"));
}

#[test]
fn evidence_is_a_file_a_folder_or_a_glob() {
    let tree = Tree::new(&[
        ("r/b.jsonl", "{}"),
        ("r/a.csv.gz", "x"),
        ("r/A.json", "{}"),
        ("r/.hidden.jsonl", "x"),
        ("r/notes.md", "x"),
        ("r/deep/c.jsonl", "x"),
        ("r/deep/er/d.jsonl", "x"),
        ("r/deep/.git/e.jsonl", "x"),
        ("[odd].jsonl", "x"),
        ("bare/notes.md", "x"),
    ]);
    let names = |path: &str| tree.expand(path).unwrap();
    assert_eq!(names("r/b.jsonl"), ["r/b.jsonl"]);
    assert_eq!(names("./r/../r/b.jsonl"), ["r/b.jsonl"]);
    assert_eq!(names("r"), ["r/A.json", "r/a.csv.gz", "r/b.jsonl"]);
    assert_eq!(names("r/*.jsonl"), ["r/b.jsonl"]);
    assert_eq!(names("r/[a-b].*"), ["r/a.csv.gz", "r/b.jsonl"]);
    assert_eq!(names("r/?.jsonl"), ["r/b.jsonl"]);
    assert_eq!(names("r/**/*.jsonl"), ["r/b.jsonl", "r/deep/c.jsonl", "r/deep/er/d.jsonl"]);
    assert_eq!(names("**/er/*.jsonl"), ["r/deep/er/d.jsonl"]);
    assert_eq!(names("r/*/c.jsonl"), ["r/deep/c.jsonl"]);
    assert_eq!(names("r/**/**/c.jsonl"), ["r/deep/c.jsonl"]);
    assert_eq!(names("r/deep/**"), ["r/deep/c.jsonl", "r/deep/er/d.jsonl"]);
    assert_eq!(names("[odd].jsonl"), ["[odd].jsonl"]);

    let table: &[(&str, &str)] = &[
        ("none.jsonl", "does not exist"),
        ("r/*.parquet", "no file matches `r/*.parquet`"),
        ("none/*.jsonl", "`none` does not exist"),
        ("bare", "the folder `bare` holds no results file"),
        ("../*.jsonl", "leads out of the root folder"),
        ("/tmp/*.jsonl", "absolute path"),
        ("r/[a.jsonl", "cannot be used in a glob"),
        ("r/a**/x", "cannot be used in a glob"),
    ];
    for (path, words) in table {
        let text = tree.expand(path).unwrap_err();
        assert!(text.contains(words) && text.contains("release.yaml:2:"), "{path}: {text}");
    }
}

#[test]
fn evidence_links_and_pipes() {
    let outside = Tree::new(&[("x.jsonl", "x"), ("y.jsonl", "y")]);
    let tree = Tree::new(&[("in/a.jsonl", "x"), ("r/own.jsonl", "x"), ("p/x.jsonl", "x")]);
    tree.link("../in/a.jsonl", "r/linked.jsonl");
    tree.link("../in", "r/folder");
    tree.link("..", "r/up");
    assert_eq!(tree.expand("r").unwrap(), ["r/linked.jsonl", "r/own.jsonl"]);
    assert_eq!(tree.expand("r/**/*.jsonl").unwrap(), ["r/linked.jsonl", "r/own.jsonl"]);
    assert_eq!(tree.expand("r/folder/*.jsonl").unwrap(), ["r/folder/a.jsonl"]);
    tree.link(outside.at("x.jsonl").to_str().unwrap(), "r/out.jsonl");
    for path in ["r", "r/*.jsonl", "r/out.jsonl"] {
        assert!(tree.expand(path).unwrap_err().contains("leads out of the root folder"), "{path}");
    }
    tree.sh("mkfifo p/p.jsonl");
    for path in ["p", "p/*.jsonl", "p/p.jsonl"] {
        assert!(tree.expand(path).unwrap_err().contains("a named pipe"), "{path}");
    }

    let given = |path: &str| files::expand_given(outside.at(path).to_str().unwrap());
    let refused = |path: &str| given(path).err().unwrap();
    let members = |path: &str| given(path).unwrap().into_iter().map(|file| file.member).collect::<Vec<_>>();
    assert_eq!(members("x.jsonl"), ["x.jsonl"]);
    assert_eq!(members("*.jsonl"), ["x.jsonl", "y.jsonl"]);
    assert_eq!(members("."), ["x.jsonl", "y.jsonl"]);
    assert!(refused("none").title.contains("does not exist"));
    assert!(refused("z*").title.contains("no file matches"));
    assert!(files::expand_given("").is_err());

    let two = given("*.jsonl").unwrap();
    let both: Vec<_> = two.iter().collect();
    assert_eq!(artifact::digest_files(&both).unwrap().hex(), sh(outside.0.path(), RECIPE));
    assert_eq!(
        artifact::digest_files(&both[..1]).unwrap(),
        artifact::digest_source(two[0].source.as_ref()).unwrap()
    );
}

#[test]
fn an_evidence_file_keeps_the_length_of_its_opening() {
    let tree = Tree::new(&[("e.jsonl", "0123456789")]);
    let file = EvidenceFile::open(&tree.at("e.jsonl"), "e.jsonl").unwrap();
    let mut buf = [0; 64];
    assert_eq!((file.len(), file.name(), file.is_empty()), (10, "e.jsonl", false));
    assert_eq!(file.read_at(7, &mut buf).unwrap(), 3);
    assert_eq!(file.read_at(10, &mut buf).unwrap(), 0);
    assert_eq!(file.read_at(u64::MAX, &mut buf).unwrap(), 0);
    assert_eq!(file.read_at(0, &mut []).unwrap(), 0);
    file.check_unchanged().unwrap();

    let whole = fs::File::options().write(true).open(tree.at("e.jsonl")).unwrap();
    whole.set_len(20).unwrap();
    assert_eq!(file.read_at(0, &mut buf).unwrap(), 10);
    assert_eq!(file.check_unchanged().unwrap_err().code.word(), "changed-while-read");
    assert!(file.sha256().is_err());
    whole.set_len(10).unwrap();
    assert_eq!(file.check_unchanged().unwrap_err().code.word(), "changed-while-read", "written, not longer");
    whole.set_len(4).unwrap();
    assert!(file.read_at(4, &mut buf).is_err());
    assert!(file.sha256().unwrap_err().title.contains("shorter"));
    assert!(
        EvidenceFile::open(&tree.at("none"), "none").unwrap_err().title.contains("`none` cannot be read")
    );
    assert!(EvidenceFile::open(tree.0.path(), "f").unwrap_err().title.contains("a folder"));
}

/// Every path below a folder, to show that nothing was left behind.
fn below(tree: &Tree, path: &str) -> String {
    tree.sh(&format!("cd {path} && find . ! -name . | LC_ALL=C sort | tr '\\n' ' '"))
}

/// Writes a set of files with these texts.
fn set(folder: &Path, files: &[(&str, &str)]) -> Result<Vec<PathBuf>, Diagnostic> {
    let mut output = Output::begin(folder)?;
    for (name, text) in files {
        output.add(name, text.as_bytes())?;
    }
    output.finish("first.json", "report.json")
}

#[test]
fn output_appears_whole() {
    let tree = Tree::new(&[]);
    let out = tree.at("out");
    set(&out, &[("report.json", "old"), ("gone/b.md", "old")]).unwrap();
    let files = [
        ("report.json", "new"),
        ("a.md", "first"),
        ("bundle/m.yaml", "x"),
        ("a.md", "second"),
        ("first.json", "1"),
    ];
    let written = set(&out, &files).unwrap();
    assert_eq!(
        written,
        [out.join("first.json"), out.join("bundle/m.yaml"), out.join("a.md"), out.join("report.json")]
    );
    let left = "./.relgate-files ./a.md ./bundle ./bundle/m.yaml ./first.json ./report.json";
    assert_eq!(below(&tree, "out"), left);
    assert_eq!(fs::read_to_string(tree.at("out/a.md")).unwrap(), "second");
    assert_eq!(fs::read_to_string(tree.at("out/report.json")).unwrap(), "new");
    let expected = tree.sh("touch fresh; stat -c %a fresh");
    assert_eq!(tree.sh("stat -c %a out/a.md"), expected, "the umask decides, as for any other tool");
}

#[test]
fn what_no_run_made_is_neither_written_over_nor_removed() {
    let tree = Tree::new(&[
        ("out/report.json", "mine"),
        ("out/bundle/evidence/x.jsonl", "mine"),
        ("out/b.md", "mine"),
    ]);
    let out = tree.at("out");
    let before = below(&tree, "out");
    let finding = set(&out, &[("a.md", "new"), ("report.json", "new")]).unwrap_err();
    assert!(finding.title.contains("report.json` was not made by relgate"), "{}", finding.title);
    assert!(Made::read(&out).foreign_below("bundle/evidence").unwrap().ends_with("x.jsonl"));
    assert_eq!(below(&tree, "out"), before);
    // Beside them a set may stand, and the next one replaces only that.
    set(&out, &[("a.md", "1")]).unwrap();
    set(&out, &[("c.md", "2")]).unwrap();
    assert_eq!(
        tree.sh("cat out/report.json out/bundle/evidence/x.jsonl out/b.md out/c.md; ls out"),
        "mineminemine2b.md\nbundle\nc.md\nreport.json"
    );
    // A list that somebody wrote leads nowhere outside.
    let away = Tree::new(&[("out/.relgate-files", "../kept.md\n/etc/hostname\n"), ("kept.md", "kept")]);
    set(&away.at("out"), &[("a.md", "1")]).unwrap();
    assert_eq!(away.sh("cat kept.md"), "kept");
}

#[test]
fn output_that_cannot_be_written_leaves_nothing() {
    let tree = Tree::new(&[("file", "x"), ("out/taken/x", "x")]);
    set(&tree.at("out"), &[("a.md", "old")]).unwrap();
    let before = below(&tree, ".");
    let write = |folder: &str, names: &[&str]| {
        let files: Vec<(&str, &str)> = names.iter().map(|name| (*name, "new")).collect();
        let finding = set(&tree.at(folder), &files).unwrap_err();
        assert!(!finding.help.is_empty());
        assert!(finding.title.contains(folder) || finding.title.contains(names[0]), "{}", finding.title);
        finding.title
    };
    assert!(write("file", &["a.md"]).contains("is not a folder"));
    write("file/below", &["a.md"]);
    assert!(write("out", &["a.md", "taken"]).contains("is a folder"));
    write("new/deep", &["c.md/x", "c.md"]);
    assert!(write("out", &["../escape"]).contains("is not a name inside"));
    assert!(write("out", &["/abs"]).contains("is not a name inside"));
    assert_eq!(below(&tree, "."), before);
    assert_eq!(fs::read_to_string(tree.at("out/a.md")).unwrap(), "old");
}

#[test]
fn a_full_disk_leaves_the_old_report() {
    let tree = Tree::new(&[]);
    let folder = tree.at("small");
    fs::create_dir(&folder).unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&folder).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        println!("skipped: mounting a small tmpfs needs rights that this run does not have");
        return;
    }
    set(&folder, &[("a.md", "old")]).unwrap();
    let result = set(&folder, &[("a.md", "new"), ("big", &"x".repeat(1 << 20))]);
    let left = below(&tree, "small");
    let old = fs::read_to_string(folder.join("a.md")).unwrap();
    assert!(Command::new("umount").arg(&folder).status().unwrap().success());
    let finding = result.unwrap_err();
    assert!(finding.title.contains("No space left") && finding.help[0].contains("make room"), "{finding:?}");
    assert_eq!((left.as_str(), old.as_str()), ("./.relgate-files ./a.md", "old"));
}

#[test]
fn one_file_is_replaced_with_its_mode_and_through_its_link() {
    let tree = Tree::new(&[("CHANGELOG.md", "old"), ("docs/real.md", "old"), ("locked.md", "old")]);
    tree.sh("chmod 640 CHANGELOG.md; chmod 444 locked.md");
    tree.link("docs/real.md", "link.md");
    files::replace_file(&tree.at("CHANGELOG.md"), b"new").unwrap();
    files::replace_file(&tree.at("link.md"), b"new").unwrap();
    files::replace_file(&tree.at("fresh.md"), b"new").unwrap();
    assert_eq!(tree.sh("stat -c %a CHANGELOG.md; cat CHANGELOG.md docs/real.md fresh.md"), "640\nnewnewnew");
    assert!(fs::symlink_metadata(tree.at("link.md")).unwrap().is_symlink());
    assert!(files::replace_file(&tree.at("locked.md"), b"new").unwrap_err().title.contains("read-only"));
    assert!(files::replace_file(&tree.at("docs"), b"new").unwrap_err().title.contains("is not a file"));
    assert!(files::replace_file(&tree.at("none/x"), b"new").is_err());
    assert!(files::replace_file(&tree.at("fresh.md/x"), b"new").is_err());
    assert_eq!(tree.sh("ls -A"), "CHANGELOG.md\ndocs\nfresh.md\nlink.md\nlocked.md");
}
