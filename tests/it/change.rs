//! What differs between two releases, what that means for type and version, and a baseline read through git.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use relgate::artifact::{self, Found, Listing, Pinned, Standing, Tree, Trouble};
use relgate::change::{self, Bytes, ChangeKind, Changes, ComparedSide, between, release_type};
use relgate::diagnostic::{Diagnostic, Severity, Sources, Spanned, render};
use relgate::files::{self, Commit, Worktree, parse_git_reference};
use relgate::manifest::{self, ArtifactKind, Category, Manifest, ReleaseType, When};

// ------------------------------------------------------------------------------------------------ two manifests

/// A release whose files hold what their paths say, so that another path is other bytes.
struct Echo;

impl Tree for Echo {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        if declared.contains("gone") {
            return Err(Trouble::Missing { folder: String::new(), names: Vec::new() });
        }
        Ok(Found { path: declared.to_owned(), node: Standing::File { bytes: declared.len() as u64 } })
    }

    fn list(&self, _: &str) -> Result<Listing, Trouble> {
        Ok(Listing::default())
    }

    fn open(&self, path: &str) -> Result<Box<dyn std::io::Read + '_>, Trouble> {
        Ok(Box::new(std::io::Cursor::new(path.as_bytes().to_vec())))
    }
}

struct Release {
    sources: Sources,
    manifest: Manifest,
    pinned: Pinned,
}

impl Release {
    fn side(&self) -> ComparedSide<'_> {
        ComparedSide { manifest: &self.manifest, pinned: &self.pinned }
    }
}

/// A release from its first lines (with defaults) and its artifacts, each `kind.name: { ... }`.
fn release(head: &str, artifacts: &[&str]) -> Release {
    let mut text = "relgate: 1\n".to_owned();
    for (key, default) in [("name", "n"), ("version", "1.0.0"), ("type", "prompt-release")] {
        if !head.contains(&format!("{key}:")) {
            writeln!(text, "{key}: {default}").unwrap();
        }
    }
    text += head;
    text += "\nartifacts:\n";
    for kind in ArtifactKind::WORDS {
        let own: Vec<_> = artifacts.iter().filter_map(|one| one.strip_prefix(&format!("{kind}."))).collect();
        if !own.is_empty() {
            writeln!(text, "  {kind}:").unwrap();
            for one in own {
                writeln!(text, "    {one}").unwrap();
            }
        }
    }
    text += "evidence: { a: { path: a.jsonl } }\ngates: ['toxicity < 1%']\n";
    if artifacts.is_empty() {
        text = text.replace("artifacts:\n", "artifacts: {}\n");
    }
    let mut sources = Sources::new();
    let file = sources.add("release.yaml", text);
    let manifest = manifest::parse(&sources, file).unwrap_or_else(|found| {
        panic!("{}", found.iter().map(|one| render(one, &sources, false)).collect::<String>())
    });
    let pinned = artifact::pin(&manifest, &Echo).0;
    Release { sources, manifest, pinned }
}

fn compare(before: &[&str], after: &[&str]) -> Changes {
    between(Some(&release("", before).side()), &release("", after).side())
}

/// What one artifact became, and its line in a changelog.
fn one(before: &str, after: &str) -> (ChangeKind, String) {
    let changes = compare(&[before], &[after]);
    assert_eq!(changes.artifacts.len(), 1);
    (changes.artifacts[0].change.unwrap(), changes.artifacts[0].summary())
}

const A: &str = "3f5a1b2c3d4e5f60718293a4b5c6d7e8f9000000000000000000000000000001";
const B: &str = "3f5a1b2c3d4e5f60718293a4b5c6d7e8f9000000000000000000000000000002";

#[test]
fn every_kind_of_change_and_its_line() {
    let cases = [
        (
            "{ version: v1.8, path: p8 }",
            "{ version: v1.8, path: p8 }",
            ChangeKind::Unchanged,
            "prompt s v1.8: unchanged",
        ),
        (
            "{ version: v1.8, path: p8 }",
            "{ version: v1.9, path: p9 }",
            ChangeKind::Modified,
            "prompt s v1.8 -> v1.9",
        ),
        (
            "{ version: v1.8, path: p8 }",
            "{ version: v1.8, path: p9 }",
            ChangeKind::Modified,
            "prompt s v1.8: bytes changed without a new version",
        ),
        (
            "{ version: v1.8, path: p8 }",
            "{ version: v1.9, path: p8 }",
            ChangeKind::Modified,
            "prompt s v1.8 -> v1.9 (same bytes)",
        ),
        (
            "{ version: c, values: { t: 0.2 } }",
            "{ version: c, values: { t: 0.3 } }",
            ChangeKind::Modified,
            "prompt s c: values changed without a new version",
        ),
        (
            "{ version: c, values: { t: 1, u: 2 } }",
            "{ version: c, values: { u: 2, t: 1 } }",
            ChangeKind::Unchanged,
            "prompt s c: unchanged",
        ),
        (
            "{ version: g, uri: 'x:a' }",
            "{ version: g, uri: 'x:a' }",
            ChangeKind::Unchanged,
            "prompt s g: unchanged",
        ),
        ("{ version: g, uri: 'x:a' }", "{ version: h, uri: 'x:b' }", ChangeKind::Modified, "prompt s g -> h"),
        (
            "{ version: g, uri: 'x:a' }",
            "{ version: g, uri: 'x:b' }",
            ChangeKind::Modified,
            "prompt s g: x:a -> x:b without a new version",
        ),
    ];
    for (before, after, change, line) in cases {
        let found = one(&format!("prompts.s: {before}"), &format!("prompts.s: {after}"));
        assert_eq!(found, (change, line.to_owned()), "{before} -> {after}");
    }
    // An unknown digest proves nothing, and neither does a file that is not there.
    let found = one(
        "models.m: { version: g, uri: 'x:a' }",
        &format!("models.m: {{ version: g, uri: 'x:a', sha256: {A} }}"),
    );
    assert_eq!(
        found,
        (ChangeKind::Modified, "model m g: not comparable, only one release knows its bytes".to_owned())
    );
    let gone = "prompts.s: { version: v, path: gone }";
    assert_eq!(one(gone, gone).0, ChangeKind::Modified);
}

#[test]
fn added_and_removed_in_one_order() {
    let changes = compare(
        &["models.chat: { version: v1, uri: 'x:a' }", "prompts.s: { version: v1, path: p }"],
        &[
            "datasets.eval: { version: eval_v7, path: d }",
            "prompts.a: { version: v2, path: q }",
            "prompts.s: { version: v1, path: p }",
        ],
    );
    let lines: Vec<_> = changes.artifacts.iter().map(change::ArtifactChange::summary).collect();
    assert_eq!(
        lines,
        [
            "model chat removed",
            "prompt a added (v2)",
            "prompt s v1: unchanged",
            "dataset eval added (eval_v7)"
        ]
    );
    let words: Vec<_> = changes.artifacts.iter().map(|change| change.change.unwrap().word()).collect();
    assert_eq!(words, ["removed", "added", "unchanged", "added"]);
    assert_eq!(
        changes.changed_kinds(),
        [ArtifactKind::Models, ArtifactKind::Prompts, ArtifactKind::Datasets]
    );
    let removed = changes.get(ArtifactKind::Models, "chat").unwrap();
    assert!(removed.after.is_none() && removed.before.as_ref().unwrap().digest.is_none());
    assert_eq!(changes.get(ArtifactKind::Prompts, "s").unwrap().aspects.bytes, Bytes::Same);
}

#[test]
fn silent_relabelled_relocated() {
    let before = release(
        "",
        &[
            &format!("models.declared: {{ version: v1, uri: 'x:a', sha256: {A} }}"),
            "models.moved: { version: v1, uri: 'x:a' }",
            "prompts.same: { version: v1, path: p }",
            "prompts.relabelled: { version: v1, path: p }",
            "prompts.silent: { version: v1, path: p }",
            "inference_configs.c: { version: c1, values: { t: 1 } }",
        ],
    );
    let after = release(
        "version: 1.1.0",
        &[
            &format!("models.declared: {{ version: v1, uri: 'x:a', sha256: {B} }}"),
            "models.moved: { version: v1, uri: 'x:b' }",
            "prompts.same: { version: v1, path: p }",
            "prompts.relabelled: { version: v2, path: p }",
            "prompts.silent: { version: v1, path: q }",
            "inference_configs.c: { version: c1, values: { t: 2 } }",
        ],
    );
    let changes = between(Some(&before.side()), &after.side());
    let names =
        |found: Vec<&change::ArtifactChange>| found.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(changes.silent().collect()), ["declared", "silent", "c"]);
    assert_eq!(names(changes.relabelled().collect()), ["relabelled"]);
    assert_eq!(names(changes.relocated().collect()), ["moved"]);

    let warnings = change::warnings(&changes, &after.manifest);
    assert_eq!(codes(&warnings), ["relocated", "relabelled"]);
    assert!(warnings.iter().all(|one| one.severity == Severity::Warning));
    assert!(print(&warnings, &after).contains("`prompts.relabelled` has a new version and the same bytes"));

    let silent =
        change::silent_change(changes.get(ArtifactKind::Prompts, "silent").unwrap(), &after.manifest);
    assert_eq!((silent.code.word(), silent.severity), (change::SILENT_CHANGE, Severity::Error));
    assert_eq!(silent.title, "the bytes of `prompts.silent` changed and its version did not");
    let values =
        change::silent_change(changes.get(ArtifactKind::InferenceConfigs, "c").unwrap(), &after.manifest);
    assert!(values.title.starts_with("the values of"), "{}", values.title);
}

#[test]
fn when_applies() {
    use ArtifactKind::{Datasets, Models, Prompts};
    let changes = compare(&["prompts.s: { version: v1, path: p }"], &["prompts.s: { version: v2, path: q }"]);
    let when = |changed: &[ArtifactKind], types: &[ReleaseType]| {
        let when = When { changed: changed.to_vec(), types: types.to_vec() };
        changes.applies(&when, ReleaseType::PromptRelease)
    };
    assert!(
        when(&[], &[]) && when(&[Models, Prompts], &[]) && when(&[Prompts], &[ReleaseType::PromptRelease])
    );
    assert!(!when(&[Models, Datasets], &[]) && !when(&[Prompts], &[ReleaseType::Hotfix]));

    let first = between(None, &release("", &["prompts.s: { version: v1, path: p }"]).side());
    assert_eq!((first.artifacts[0].change, first.artifacts[0].summary()), (None, "prompt s v1".to_owned()));
    assert_eq!(first.changed_kinds(), ArtifactKind::ALL);
    assert!(first.applies(&When { changed: vec![Datasets], types: vec![] }, ReleaseType::Hotfix));
    assert_eq!(first.silent().count(), 0);
}

// ---------------------------------------------------------------------------------------------- types and versions

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|one| one.code.word()).collect()
}

fn print(found: &[Diagnostic], release: &Release) -> String {
    found.iter().map(|one| render(one, &release.sources, false) + "\n").collect()
}

fn judge(before: &Release, after: &Release) -> Vec<Diagnostic> {
    let changes = between(Some(&before.side()), &after.side());
    release_type::check(Some(&before.manifest), &after.manifest, &changes)
}

/// What a type says when the artifacts of these kinds change, on top of a fitting version.
fn typed(word: &str, changed: &[&str]) -> Vec<&'static str> {
    let artifacts = |version: &str, only: &[&str]| -> Vec<String> {
        ArtifactKind::WORDS
            .iter()
            .map(|kind| {
                let version = if only.contains(kind) { version } else { "v1" };
                format!("{kind}.x: {{ version: {version}, path: {kind}-{version} }}")
            })
            .collect()
    };
    let (old, new) = (artifacts("v1", &[]), artifacts("v2", changed));
    let version = if word == "model-upgrade" { "1.1.0" } else { "1.0.1" };
    let before = release("", &old.iter().map(String::as_str).collect::<Vec<_>>());
    let head = format!("type: {word}\nversion: {version}\nsummary: fixes INC-1");
    codes(&judge(&before, &release(&head, &new.iter().map(String::as_str).collect::<Vec<_>>())))
}

#[test]
fn types_by_what_changed() {
    const MISMATCH: &[&str] = &["release-type-mismatch"];
    const UNUSUAL: &[&str] = &["unusual-release-type"];
    // Rows: models, prompts, datasets, safety_policies, inference_configs; columns in the order of the types.
    let table: [(&str, [&[&str]; 6]); 5] = [
        ("models", [&[], MISMATCH, MISMATCH, MISMATCH, MISMATCH, &[]]),
        ("prompts", [UNUSUAL, &[], UNUSUAL, MISMATCH, MISMATCH, &[]]),
        ("datasets", [UNUSUAL, MISMATCH, &[], MISMATCH, MISMATCH, &[]]),
        ("safety_policies", [UNUSUAL, UNUSUAL, UNUSUAL, &[], MISMATCH, &[]]),
        ("inference_configs", [UNUSUAL, UNUSUAL, UNUSUAL, MISMATCH, &[], &[]]),
    ];
    for (kind, expected) in table {
        for (word, expected) in ReleaseType::WORDS.iter().zip(expected) {
            assert_eq!(typed(word, &[kind]), expected, "{word} that changes {kind}");
        }
    }
    for word in ReleaseType::WORDS {
        assert_eq!(typed(word, &[]), ["nothing-changed"], "{word}");
        assert_eq!(typed(word, &["eval_suites"]), ["nothing-changed"], "{word}");
    }
    // A larger type takes the smaller kinds along; a smaller one never takes a larger kind along.
    assert_eq!(typed("model-upgrade", &["models", "prompts", "datasets", "inference_configs"]), [""; 0]);
    assert_eq!(typed("prompt-release", &["prompts", "safety_policies", "inference_configs"]), [""; 0]);
    assert_eq!(typed("prompt-release", &["prompts", "models"]), MISMATCH);
    assert_eq!(typed("safety-patch", &["safety_policies", "inference_configs"]), MISMATCH);
}

#[test]
fn a_prompt_release_that_swaps_the_model_says_so() {
    let before = release(
        "",
        &["models.chat: { version: gpt-4.2, uri: 'openai:gpt-4.2' }", "prompts.s: { version: v1, path: p }"],
    );
    let after = release(
        "version: 1.1.0",
        &["models.chat: { version: gpt-4.3, uri: 'openai:gpt-4.3' }", "prompts.s: { version: v2, path: q }"],
    );
    let text = print(&judge(&before, &after), &after);
    for words in [
        "a prompt-release may not change `models`",
        "model chat gpt-4.2 -> gpt-4.3",
        "`type: model-upgrade`",
        "release.yaml:3:7",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    // Removing a model has no line to underline.
    let after = release("version: 1.1.0", &["prompts.s: { version: v2, path: q }"]);
    assert!(print(&judge(&before, &after), &after).contains("model chat removed"));
}

#[test]
fn what_is_no_sign_of_another_model() {
    let with = |models: &str, prompt: &str| {
        release("version: 1.1.0", &[models, &format!("prompts.s: {{ version: {prompt}, path: {prompt} }}")])
    };
    let plain = "models.m: { version: v1, uri: 'x:a1' }";
    let pinned = format!("models.m: {{ version: v1, uri: 'x:a1', sha256: {A} }}");
    let moved = format!("models.m: {{ version: v1, uri: 's3://mirror/a1', sha256: {A} }}");
    let swapped = format!("models.m: {{ version: v1, uri: 'x:a1', sha256: {B} }}");
    for (before, after, expected) in [
        (plain, pinned.as_str(), &[][..]),
        (&pinned, &moved, &[]),
        (&pinned, &swapped, &["release-type-mismatch"]),
        (plain, "models.m: { version: v1, uri: 'x:b1' }", &["release-type-mismatch"]),
    ] {
        let mut before = with(before, "p1");
        before.manifest.version.value = semver::Version::new(1, 0, 0);
        assert_eq!(codes(&judge(&before, &with(after, "p2"))), expected, "{after}");
    }
    // Evaluation data do not ship; training data do. A name alone says neither.
    let data = |name: &str, role: &str| {
        release(
            "version: 1.1.0",
            &[
                &format!("datasets.{name}: {{ version: v, path: d{role} }}"),
                "prompts.s: { version: p2, path: p2 }",
            ],
        )
    };
    let before = release("", &["prompts.s: { version: p1, path: p1 }"]);
    for name in ["testset", "test", "eval-de", "train"] {
        assert_eq!(codes(&judge(&before, &data(name, ", role: eval"))), [""; 0], "{name}");
        for role in ["", ", role: train", ", role: retrieval"] {
            assert_eq!(codes(&judge(&before, &data(name, role))), ["release-type-mismatch"], "{name}{role}");
        }
    }
    // What was trained on does not stop to ship by another word.
    let mut before = data("d", ", role: train");
    before.manifest.version.value = semver::Version::new(1, 0, 0);
    let after = release(
        "version: 1.1.0",
        &["datasets.d: { version: w, path: e, role: eval }", "prompts.s: { version: p3, path: p3 }"],
    );
    assert_eq!(codes(&judge(&before, &after)), ["release-type-mismatch"]);
}

#[test]
fn versions_step() {
    let step = |word: &str, old: &str, new: &str| {
        let kind = match word {
            "model-upgrade" => "models",
            "data-release" => "datasets",
            "safety-patch" => "safety_policies",
            "performance-patch" => "inference_configs",
            _ => "prompts",
        };
        let before = release(&format!("version: {old}"), &[&format!("{kind}.x: {{ version: v1, path: a }}")]);
        let head = format!("version: {new}\ntype: {word}\nsummary: s");
        codes(&judge(&before, &release(&head, &[&format!("{kind}.x: {{ version: v2, path: b }}")])))
    };
    for word in ReleaseType::WORDS {
        assert_eq!(step(word, "1.2.3", "1.2.3"), ["same-version"], "{word}");
        assert_eq!(step(word, "1.2.3+a", "1.2.3+b"), ["same-version"], "{word}");
        assert_eq!(step(word, "1.2.3", "1.2.3-rc.1"), ["lower-version"], "{word}");
        assert_eq!(step(word, "1.10.0", "1.9.0"), ["lower-version"], "{word}");
        assert_eq!(step(word, "1.2.3-rc.1", "1.2.3"), [""; 0], "{word}");
    }
    for word in ["hotfix", "safety-patch", "performance-patch"] {
        assert_eq!(step(word, "1.2.3", "1.2.4"), [""; 0], "{word}");
        assert_eq!(step(word, "1.2.3", "1.3.0"), ["version-step"], "{word}");
        assert_eq!(step(word, "1.2.3", "2.0.0"), ["version-step"], "{word}");
    }
    assert_eq!(step("model-upgrade", "1.2.3", "1.2.4"), ["version-step"]);
    for new in ["1.3.0", "2.0.0", "1.3.0-rc.1"] {
        assert_eq!(step("model-upgrade", "1.2.3", new), [""; 0], "{new}");
    }
    for new in ["1.2.4", "1.3.0", "2.0.0"] {
        assert_eq!(step("prompt-release", "1.2.3", new), [""; 0], "{new}");
    }
    assert_eq!(step("hotfix", "1.2.18446744073709551615", "1.3.0"), ["version-step"]);
}

#[test]
fn names_and_reasons() {
    let prompts = |path: &str| format!("prompts.s: {{ version: {path}, path: {path} }}");
    let before = release("name: assistant", &[&prompts("p1")]);
    let found = judge(&before, &release("name: translator\nversion: 0.1.0", &[&prompts("p2")]));
    assert_eq!((codes(&found), found[0].severity), (vec!["other-release"], Severity::Error));

    for (summary, expected) in [("", &["hotfix-without-reason"][..]), ("\nsummary: Reverts 1.0.0", &[])] {
        let hotfix =
            release(&format!("name: assistant\nversion: 1.0.1\ntype: hotfix{summary}"), &[&prompts("p2")]);
        assert_eq!(codes(&judge(&before, &hotfix)), expected, "{summary}");
        let first = between(None, &hotfix.side());
        assert_eq!(codes(&release_type::check(None, &hotfix.manifest, &first)), expected, "{summary}");
    }
}

#[test]
fn required_categories() {
    use Category::{Cost, Latency, Quality, Robustness, Safety};
    let expected: [(&[Category], bool); 6] = [
        (&[Quality, Safety, Robustness, Latency, Cost], false),
        (&[Quality, Safety, Cost], false),
        (&[Quality, Safety, Robustness], false),
        (&[Safety], true),
        (&[Latency, Cost], true),
        (&[Safety], false),
    ];
    for (kind, (categories, no_regression)) in ReleaseType::ALL.iter().zip(expected) {
        assert_eq!(change::required(*kind), categories, "{kind}");
        assert_eq!(change::needs_no_regression_on_quality(*kind), no_regression, "{kind}");
    }
}

#[test]
fn models_without_a_pin() {
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
    let loose = |version: &str, rest: &str| {
        let release = release("", &[&format!("models.m: {{ version: '{version}'{rest} }}")]);
        let found = change::unpinned(&release.manifest);
        assert!(
            found.iter().all(|one| one.code.word() == "unpinned-model" && one.severity == Severity::Warning)
        );
        !found.is_empty()
    };
    let uri = |uri: &str| format!(", uri: '{uri}'");
    for (version, at) in [
        ("latest", "openai:gpt-4o-2024-11-20"),
        ("Main", "s3://models/chat-7"),
        ("gpt", "openai:gpt"),
        ("v1", "openai:gpt"),
        ("v1", "openai:"),
        ("v1", "openai:gpt-4o"),
        ("gpt-4o", "openai:gpt-4o"),
        ("gpt-4", "OpenAI:gpt-4"),
        ("o3", "openai://o3"),
        ("gpt-4.3", "openai:gpt-4.3"),
        ("claude-sonnet-4", "anthropic:claude-sonnet-4"),
        ("gemini-1.5-pro", "vertex:publishers/google/models/gemini-1.5-pro"),
        // What is called decides, not what it is said to be.
        ("gpt-4o-2024-11-20", "openai:gpt-4o"),
        ("v1", "anthropic:claude-3-5-sonnet-latest"),
        ("claude", "s3://models/claude"),
        ("v1", "s3://models/claude-7@release"),
        ("v1", "s3://models/claude-7@"),
        ("v1", "https://host.example/o/n/resolve/main/model.safetensors"),
        ("v1", "hf:meta-llama/Llama-3-8B"),
        ("v1", "HF:meta-llama/Llama-3-8B"),
        ("v1", "hf:meta-llama/Llama-3-8B@main"),
        ("v1", "hf:meta-llama/Llama-3-8B@feature/v2"),
        ("v1", "hf:meta-llama/Llama-3-8B@v1.0"),
        ("v1", "hf:meta-llama/Llama-3-8B@a1b2c3d4"),
        ("a1b2c3d4", "hf:meta-llama/Llama-3-8B"),
        ("v1", "hf:meta-llama/Llama-3-8B@"),
        ("v1", "https://huggingface.co/meta-llama/Llama-3-8B/resolve/main/model.safetensors"),
        ("v1", "http://www.HuggingFace.co/meta-llama/Llama-3-8B/tree/v1.0"),
        ("v1", "ollama:llama3:latest"),
        ("v1", "ollama:llama3:8b"),
        // A bare name, and the addresses of providers.
        ("v1", "gpt-4o"),
        ("gpt-4o", "gpt-4o"),
        ("v1", "meta-llama/Llama-3-8B"),
        ("v1", "https://api.openai.com/v1/models/gpt-4o"),
        ("v1", "https://API.OpenAI.com/v1"),
        (
            "v1",
            "https://eu.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-06-01",
        ),
        ("v1", "https://generativelanguage.googleapis.com/v1beta/models/gemini-1.5-pro:generateContent"),
        ("v1", "https://api.somebody.example/v1/chat?x=1&model=claude-3-5-sonnet"),
        ("v1", "https://openrouter.ai/anthropic/claude-3.5-sonnet"),
        ("v1", "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-v2/invoke"),
    ] {
        assert!(loose(version, &uri(at)), "{version} {at}");
        assert!(!loose(version, &format!("{}, sha256: {A}", uri(at))), "{version} {at} with a digest");
    }
    let committed = format!("hf:meta-llama/Llama-3-8B@{COMMIT}");
    let in_path = format!("https://HuggingFace.co/meta-llama/Llama-3-8B/resolve/{COMMIT}/model.safetensors");
    let of_bytes = format!("ollama:llama3@sha256:{A}");
    for (version, at) in [
        ("gpt-4o-2024-11-20", "openai:gpt-4o-2024-11-20"),
        ("v1", "openai:gpt-4o-2024-08-06"),
        ("v1", "anthropic:claude-sonnet-4-20250514"),
        ("v1", "vertex:publishers/google/models/gemini-1.5-pro-002"),
        ("v1", "bedrock:amazon.nova-pro-v1:0"),
        ("stable-diffusion-3.5", "s3://models/stable-diffusion-3.5"),
        ("template-qa-1.0", "file:assistant"),
        ("v7", "s3://models/chat"),
        ("v1", &committed),
        ("latest", &committed),
        ("v1", &committed.replace("hf:", "HF:")),
        ("v1", &in_path),
        (COMMIT, "hf:meta-llama/Llama-3-8B"),
        ("v1", &of_bytes),
        ("v1", "https://user@host.example:8080/models/7"),
        ("v1", "gpt-4o-2024-08-06"),
        ("v1", "https://api.openai.com/v1/models/gpt-4o-2024-08-06"),
        ("v1", "https://api.anthropic.com/v1/messages?model=claude-3-5-sonnet-20241022"),
        ("v1", "https://storage.googleapis.com/models/chat-7.tar.gz"),
        ("v1", "https://notopenai.com/models/7"),
    ] {
        assert!(!loose(version, &uri(at)), "{version} {at}");
    }
    assert!(!loose("latest", ", path: weights"));
}

// ------------------------------------------------------------------------------------------------------------- git

/// A repository that disappears with the test, untouched by the configuration of whoever runs it.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "-q", "-b", "main"]);
        repository
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), bytes).unwrap();
    }

    fn link(&self, target: &str, path: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, self.at(path)).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(self.0.path(), arguments)
    }

    fn commit(&self, tag: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", tag]);
        self.git(&["tag", tag]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn open(&self, rev: &str) -> Commit {
        Commit::open(self.0.path(), rev).unwrap_or_else(|finding| panic!("{}", text(&finding)))
    }

    fn refuse(&self, rev: &str) -> String {
        text(&Commit::open(self.0.path(), rev).unwrap_err())
    }

    fn root(&self) -> Worktree {
        Worktree::find(&self.at("release.yaml"), None).unwrap()
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
        .args(arguments)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .envs(
            ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"]
                .map(|name| (name, "t")),
        )
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn text(finding: &Diagnostic) -> String {
    render(finding, &Sources::new(), false)
}

/// The digest of the prompt at a path.
fn digest(contents: &dyn Tree, path: &str) -> Result<String, String> {
    let release = release("", &[&format!("prompts.p: {{ version: v1, path: '{path}' }}")]);
    let (pinned, found) = artifact::pin(&release.manifest, contents);
    match pinned.get("prompts.p").unwrap().digest() {
        Some(digest) if found.is_empty() => Ok(digest.hex().to_owned()),
        _ => Err(found.iter().map(|one| render(one, &release.sources, false)).collect()),
    }
}

#[test]
fn references_are_spelled_git_rev_path() {
    assert_eq!(parse_git_reference("git:v2.3.0"), Some(("v2.3.0", None)));
    assert_eq!(parse_git_reference("git:HEAD~1:a/release.yaml"), Some(("HEAD~1", Some("a/release.yaml"))));
    assert_eq!(parse_git_reference("git:"), Some(("", None)));
    assert_eq!(parse_git_reference("releases/2.3.0"), None);
}

#[test]
fn a_commit_has_the_digests_of_its_working_tree() {
    let repository = Repository::new();
    let large: Vec<u8> =
        (0..3_000_000u32).flat_map(|at| (at.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()).collect();
    repository.put("m/large.bin", &large);
    for (path, bytes) in
        [("m/a/b", "1"), ("m/a-b", "2"), ("m/a.b", "3"), ("m/empty", ""), ("m/.hidden", "\0\r\n")]
    {
        repository.put(path, bytes);
    }
    for name in ["m/with space", "m/ä ö/日本", "m/\"quoted\"", "m/tab\there", "m/-dash", "m/$(x);'"] {
        repository.put(name, name);
    }
    repository.link("a/b", "m/link");
    repository.link("m", "folder-link");
    repository.link("link", "m/link-to-link");
    repository.commit("v1");

    let (root, tree) = (repository.root(), repository.open("v1"));
    for path in [
        "m",
        "m/large.bin",
        "m/a",
        "./m//ä ö/日本",
        "m/link",
        "folder-link",
        "folder-link/a/b",
        "m/empty",
        "x/../m",
    ] {
        let expected = digest(&root, path).unwrap();
        assert_eq!(digest(&tree, path).unwrap(), expected, "{path}");
    }
    let listed = |contents: &dyn Tree| contents.list("m").unwrap();
    assert_eq!(listed(&root), listed(&tree));

    // What the working tree becomes later changes nothing in the commit.
    let old = digest(&tree, "m").unwrap();
    repository.put("m/a/b", "other");
    fs::remove_file(repository.at("m/empty")).unwrap();
    assert_eq!(digest(&tree, "m").unwrap(), old);
    assert_ne!(digest(&root, "m").unwrap(), old);
    repository.git(&["mv", "m/a.b", "m/renamed"]);
    repository.commit("v2");
    assert_ne!(digest(&repository.open("v2"), "m").unwrap(), old);
    assert_eq!(digest(&repository.open("v2~1"), "m").unwrap(), old);
}

#[test]
fn links_and_names_keep_the_rules_of_the_root() {
    let repository = Repository::new();
    repository.put("a/file", "1");
    repository.put("a/deep/er", "1");
    for (target, path) in [
        ("../..", "out/one"),
        ("/etc/passwd", "absolute"),
        ("nowhere", "broken"),
        ("loop-b", "loop-a"),
        ("loop-a", "loop-b"),
        ("../a", "folders/a"),
        ("a/file/x", "through-file"),
        ("a/deep/../file", "fine"),
    ] {
        repository.link(target, path);
    }
    repository.put("escaped/new\nline", "1");
    repository.commit("v1");
    let (root, tree) = (repository.root(), repository.open("v1"));
    for path in [
        "out/one",
        "out",
        "broken",
        "loop-a",
        "folders",
        "through-file",
        "escaped",
        "a/fil",
        "a/file/x",
        "nope/x/y",
        "..",
        "/a",
        "a/deep/er/x",
    ] {
        let (expected, found) = (digest(&root, path).unwrap_err(), digest(&tree, path).unwrap_err());
        let code = |text: &str| text.lines().next().unwrap().to_owned();
        assert_eq!(code(&found), code(&expected), "{path}");
    }
    assert_eq!(digest(&tree, "fine"), digest(&root, "fine"));
    assert!(
        digest(&tree, "absolute").unwrap_err().contains("out of the root folder through a symbolic link")
    );
    assert!(digest(&tree, "a/fil").unwrap_err().contains("did you mean `file`?"));
}

#[test]
fn submodules_pointers_and_other_bytes_are_refused() {
    let (outer, inner) = (Repository::new(), Repository::new());
    inner.put("x", "1");
    inner.commit("v1");
    outer.put("m/weights", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n");
    outer.git(&["submodule", "--quiet", "add", inner.0.path().to_str().unwrap(), "sub/module"]);
    outer.commit("v1");
    let tree = outer.open("v1");
    for path in ["sub", "sub/module", "sub/module/x"] {
        assert!(digest(&tree, path).unwrap_err().contains("a git submodule"), "{path}");
    }
    for path in ["m", "m/weights"] {
        let found = digest(&tree, path).unwrap_err();
        assert!(found.contains("`m/weights` is a Git LFS pointer that names no file"), "{found}");
    }
}

/// What git-lfs commits in the place of `bytes`.
fn lfs_pointer(bytes: &[u8]) -> String {
    let digest = relgate::artifact::digest_bytes(bytes);
    let (hex, size) = (digest.hex(), bytes.len());
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{hex}\nsize {size}\n")
}

#[test]
fn a_pointer_in_a_commit_has_the_digest_of_its_file() {
    let repository = Repository::new();
    let weights = vec![7u8; 100_000];
    repository.put("m/weights.bin", &weights);
    repository.put("m/config.json", "{}");
    let root = Worktree::find(&repository.0.path().join("release.yaml"), None).unwrap();
    let (file, folder) = (digest(&root, "m/weights.bin").unwrap(), digest(&root, "m").unwrap());
    repository.put("m/weights.bin", lfs_pointer(&weights));
    repository.commit("v1");
    let tree = repository.open("v1");
    assert_eq!((digest(&tree, "m/weights.bin").unwrap(), digest(&tree, "m").unwrap()), (file, folder));
    // Where a checkout left the pointer, nobody has seen the bytes.
    assert!(digest(&root, "m").unwrap_err().contains("git lfs pull"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;

    let repository = Repository::new();
    repository.put("m/fine", "1");
    fs::write(repository.at("m").join(std::ffi::OsStr::from_bytes(b"b\xffd.jsonl")), "1").unwrap();
    repository.commit("v1");
    assert!(digest(&repository.open("v1"), "m").unwrap_err().contains("not UTF-8"));
    assert!(expand(&repository.open("v1"), "m/*.jsonl").err().unwrap().contains("not UTF-8"));
}

#[test]
fn revisions_that_are_not_there() {
    let repository = Repository::new();
    assert!(repository.refuse("HEAD").contains("git knows no commit `HEAD`"));
    repository.put("a", "1");
    let id = repository.commit("v2.3.0");
    repository.git(&["branch", "release"]);
    assert_eq!(repository.open("v2.3.0").commit(), id);
    for rev in ["HEAD", "main", &id[..10], "release@{0}", "refs/tags/v2.3.0", "@"] {
        assert_eq!(repository.open(rev).commit(), id, "{rev}");
    }
    assert!(repository.refuse("v2.30").contains("did you mean `v2.3.0`?"));
    assert!(repository.refuse("relaese~2").contains("did you mean `release`?"));
    assert!(repository.refuse("v2.3.0~5").contains("`v2.3.0` exists, but not `v2.3.0~5`"));
    for rev in ["zzz", "HEAD^{tree}", "^main", "main..HEAD", &"f".repeat(40)] {
        assert!(repository.refuse(rev).contains("git knows no commit"), "{rev}: {}", repository.refuse(rev));
    }
    for rev in ["-h", "--help", "--upload-pack=touch x", "", "  ", "a:b", "a\nb", "a\0b"] {
        let text = repository.refuse(rev);
        assert!(text.contains("error[git-revision]") && text.contains("git:v2.3.0"), "{rev:?}: {text}");
    }
    repository.put("a", "2");
    repository.git(&["branch", "v2.3.0"]);
    repository.commit("v3");
    let text = repository.refuse("v2.3.0");
    assert!(text.contains("more than one thing") && text.contains("git:refs/tags/v2.3.0"), "{text}");
}

#[test]
fn a_shallow_clone_names_fetch_depth() {
    let origin = Repository::new();
    origin.put("a", "1");
    origin.commit("v1");
    origin.put("a", "2");
    let newest = origin.commit("v2");
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.0.path().display());
    git(folder.path(), &["clone", "-q", "--depth", "1", &url, "shallow"]);
    git(folder.path(), &["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "partial"]);
    let shallow = folder.path().join("shallow");
    assert_eq!(Commit::open(&shallow, "HEAD").unwrap().commit(), newest);
    for rev in ["v1", "HEAD~1"] {
        let text = text(&Commit::open(&shallow, rev).unwrap_err());
        assert!(text.contains("error[git-shallow]") && text.contains("`fetch-depth: 0`"), "{text}");
    }
}

#[test]
fn a_partial_clone_is_not_completed_from_the_network() {
    let origin = Repository::new();
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    origin.put("m/a", "1");
    origin.commit("v1");
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.0.path().display());
    git(folder.path(), &["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "partial"]);
    let partial = folder.path().join("partial");
    let tree = Commit::open(&partial, "v1").unwrap();
    for path in ["m", "m/a"] {
        assert!(digest(&tree, path).unwrap_err().contains("a partial clone leaves it out"), "{path}");
    }
    let missing = git(&partial, &["rev-list", "--objects", "--all", "--missing=print"]);
    assert!(missing.lines().any(|line| line.starts_with('?')), "the blob was fetched: {missing}");
}

#[test]
fn no_repository_and_a_root_below_the_top() {
    let plain = tempfile::tempdir().unwrap();
    let finding = Commit::open(plain.path(), "v1").unwrap_err();
    assert_eq!(finding.code.word(), "git-no-repository");

    let repository = Repository::new();
    repository.put("services/chat/p", "1");
    repository.put("outside", "2");
    repository.link("../../outside", "services/chat/out");
    repository.link("../chat/p", "services/chat/around");
    repository.commit("v1");
    let tree = Commit::open(&repository.at("services/chat"), "v1").unwrap();
    let root =
        Worktree::find(&repository.at("services/chat/release.yaml"), Some(&repository.at("services/chat")))
            .unwrap();
    assert_eq!(digest(&tree, "p"), digest(&root, "p"));
    for path in ["out", "outside", "../../outside"] {
        assert!(digest(&tree, path).is_err() && digest(&root, path).is_err(), "{path}");
    }
    // By its letters it leaves the root on the way, whatever the folder above is called.
    assert!(digest(&tree, "around").unwrap_err().contains("out of the root"));
}

#[test]
fn manifests_are_read_from_the_commit() {
    let repository = Repository::new();
    repository.put("svc/release.yaml", "\u{feff}relgate: 1\n");
    repository.put("svc/p.md", "x");
    repository.put("latin1.yaml", b"name: caf\xe9\n");
    repository.put("large.yaml", vec![b'#'; 1_000_001 + 100_000]);
    repository.commit("v1");
    let tree = repository.open("v1");
    let read = tree.text("svc/release.yaml").unwrap();
    assert_eq!(read.text, "relgate: 1\n");
    assert_eq!(read, files::read_manifest(&repository.at("svc/release.yaml"), "x").unwrap());
    assert_eq!(tree.name("svc/release.yaml"), "git:v1:svc/release.yaml");
    let below = tree.for_file("svc/release.yaml");
    assert_eq!((below.base(), below.look("p.md").unwrap().path.as_str()), ("svc", "svc/p.md"));
    for (path, words) in [
        ("svc/relase.yaml", "did you mean `release.yaml`?"),
        ("svc", "is a folder"),
        ("", "empty"),
        ("../x", "out of the root"),
        ("latin1.yaml", "not UTF-8"),
        ("large.yaml", "large.yaml"),
    ] {
        let text = text(&tree.text(path).unwrap_err());
        assert!(text.contains(words), "{path}: {text}");
    }
}

fn expand(tree: &Commit, path: &str) -> Result<Vec<artifact::ResultsFile>, String> {
    let release = release("", &[]);
    let declared = Spanned::new(path.to_owned(), release.manifest.name.span);
    tree.expand("e", &declared).map_err(|finding| render(&finding, &release.sources, false))
}

#[test]
fn evidence_is_found_as_in_the_working_tree() {
    let repository = Repository::new();
    for path in [
        "r/a.jsonl",
        "r/b.JSON",
        "r/c.csv.gz",
        "r/d.ndjson.zst",
        "r/e.yml",
        "r/f.yaml.zstd",
        "r/notes.txt",
        "r/.hidden.jsonl",
        "r/sub/g.jsonl",
        "r/sub/deep/h.jsonl",
        "r/[x].jsonl",
        "r/.dir/i.jsonl",
        "empty/notes.txt",
    ] {
        repository.put(path, format!("{{\"id\": \"{path}\"}}\n"));
    }
    repository.link("../r/a.jsonl", "links/a.jsonl");
    repository.link("r", "linked");
    repository.commit("v1");
    let (root, tree) = (repository.root(), repository.open("v1"));
    let anchor = release("", &[]).manifest.name.span;
    for path in [
        "r",
        "r/",
        "r/a.jsonl",
        "r/*.jsonl",
        "r/**/*.jsonl",
        "r/**",
        "**/*.jsonl",
        "r/*/*.jsonl",
        "r/[ab].*",
        "r/[x].jsonl",
        "links",
        "linked",
        "linked/*.jsonl",
        "r/?.csv.gz",
        "nothing/*.jsonl",
        "r/*.parquet",
        "empty",
        "r/[",
        "../x/*.jsonl",
    ] {
        let expected = root.expand("e", &Spanned::new(path.to_owned(), anchor));
        match (expected, expand(&tree, path)) {
            (Ok(expected), Ok(found)) => {
                let names: Vec<_> =
                    found.iter().map(|file| (file.source.name().to_owned(), file.member.clone())).collect();
                let expected_names: Vec<_> = expected
                    .iter()
                    .map(|file| {
                        // The manifest was named by an absolute path, and so are they.
                        let here = format!("{}/", repository.at("").display());
                        let name = file.source.name().replace(here.trim_end_matches('/'), "");
                        (format!("git:v1:{}", name.trim_start_matches('/')), file.member.clone())
                    })
                    .collect();
                assert_eq!(names, expected_names, "{path}");
                let digest = |files: &[artifact::ResultsFile]| {
                    artifact::digest_files(&files.iter().collect::<Vec<_>>())
                };
                assert_eq!(digest(&found), digest(&expected), "{path}");
            }
            (Err(expected), Err(found)) => {
                assert!(
                    found.contains(expected.code.word()) && found.contains("looked for in commit"),
                    "{path}: {found}"
                );
            }
            (expected, found) => {
                let (expected, found) = (expected.map(|files| files.len()), found.map(|files| files.len()));
                panic!("{path}: {expected:?} but {found:?}")
            }
        }
    }
}

#[test]
fn a_blob_is_a_source() {
    let repository = Repository::new();
    repository.put("a.jsonl", "0123456789");
    repository.put("p.jsonl", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n");
    repository.commit("v1");
    let tree = repository.open("v1");
    let blob = expand(&tree, "a.jsonl").unwrap().remove(0).source;
    assert_eq!((blob.name(), blob.len()), ("git:v1:a.jsonl", 10));
    assert_eq!(artifact::digest_source(blob.as_ref()).unwrap(), artifact::digest_bytes(b"0123456789"));
    let mut buffer = [0; 4];
    let counts: Vec<_> =
        [0, 8, 10, u64::MAX].iter().map(|at| blob.read_at(*at, &mut buffer).unwrap()).collect();
    assert_eq!(counts, [4, 2, 0, 0]);
    assert!(expand(&tree, "p.jsonl").err().unwrap().contains("lfs-pointer"));
}

#[test]
fn two_readers_at_once_and_a_reader_left_half_way() {
    use std::io::Read as _;

    let repository = Repository::new();
    repository.put("a", vec![b'a'; 500_000]);
    repository.put("b", vec![b'b'; 500_000]);
    repository.commit("v1");
    let tree = repository.open("v1");
    let (mut one, mut two) = (tree.open("a").unwrap(), tree.open("b").unwrap());
    let mut buffer = [0; 1000];
    one.read_exact(&mut buffer).unwrap();
    two.read_exact(&mut buffer).unwrap();
    assert!(buffer.iter().all(|byte| *byte == b'b'));
    drop(one);
    let mut rest = Vec::new();
    two.read_to_end(&mut rest).unwrap();
    assert_eq!(rest.len(), 499_000);
    let mut again = Vec::new();
    tree.open("a").unwrap().read_to_end(&mut again).unwrap();
    assert!(again.len() == 500_000 && again.iter().all(|byte| *byte == b'a'));
}

/// Run by the test below, in a process of its own that has another environment.
#[test]
fn in_another_environment() {
    let Some(rev) = std::env::var_os("RELGATE_TEST_REV") else { return };
    let root = PathBuf::from(std::env::var_os("RELGATE_TEST_ROOT").unwrap());
    let found = Commit::open(&root, rev.to_str().unwrap());
    println!(
        "FOUND {}",
        found.map_or_else(|finding| finding.code.word().to_owned(), |tree| tree.commit().to_owned())
    );
}

#[test]
fn the_environment_of_a_hook_and_a_missing_git() {
    let repository = Repository::new();
    repository.put("a", "1");
    let id = repository.commit("v1");
    let other = Repository::new();
    other.put("a", "2");
    other.commit("v1");
    let ask = |name: &str, value: &std::ffi::OsStr| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "change::in_another_environment", "--nocapture"])
            .env("RELGATE_TEST_REV", "v1")
            .env("RELGATE_TEST_ROOT", repository.0.path())
            .env(name, value)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.split("FOUND ").nth(1).expect(&text).split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(ask("PATH", "/nonexistent".as_ref()), "git-missing");
    assert_eq!(ask("GIT_DIR", other.at(".git").as_os_str()), id);
    assert_eq!(ask("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1".as_ref()), "git-ownership");
}
