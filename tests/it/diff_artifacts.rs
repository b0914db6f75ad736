//! What changed inside artifacts, from one release to the next: records with their rule, weight, direction and words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Cursor, Read};

use relgate::artifact::{self, Entry, Found, Listing, Node, Pinned, Tree, Trouble, digest_bytes, resolve};
use relgate::change::{self, Side};
use relgate::diagnostic::{Diagnostics, Sources, render};
use relgate::diff::{self, Detail, Direction, Piece, Record, ReleaseSide, Rule, Severity};
use relgate::manifest::{self, ArtifactKind, Manifest};

/// Files in memory; some of them break when they are read a second time.
#[derive(Default, Clone)]
struct Files {
    bytes: BTreeMap<String, Vec<u8>>,
    broken: BTreeSet<String>,
}

impl Tree for Files {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        let path = resolve("", declared)?;
        if let Some(bytes) = self.bytes.get(&path) {
            return Ok(Found { path, node: Node::File { bytes: bytes.len() as u64 } });
        }
        if self.bytes.keys().any(|file| file.starts_with(&format!("{path}/"))) {
            return Ok(Found { path, node: Node::Folder });
        }
        Err(Trouble::Missing { folder: String::new(), names: Vec::new() })
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        let inside = self.bytes.iter().filter_map(|(path, bytes)| {
            let path = path.strip_prefix(&format!("{folder}/"))?.to_owned();
            Some(Entry { path, bytes: bytes.len() as u64, linked: false })
        });
        Ok(Listing { files: inside.collect(), troubles: Vec::new() })
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        if self.broken.contains(path) {
            return Err(Trouble::Unreadable { reason: "input/output error".to_owned() });
        }
        Ok(Box::new(Cursor::new(&self.bytes[path])))
    }
}

/// One side: what its manifest declares, its files, and the cases that failed.
struct Made {
    manifest: Manifest,
    pinned: Pinned,
    files: Files,
    failed: BTreeSet<String>,
}

impl Made {
    /// Artifacts are `kind.name: { ... }`, files are path and text.
    fn new(artifacts: &[&str], files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        Self::of(artifacts, Files { bytes: files.collect(), broken: BTreeSet::new() })
    }

    fn of(artifacts: &[&str], files: Files) -> Self {
        let mut text =
            "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nbaseline: none\nartifacts:\n".to_owned();
        for kind in ArtifactKind::WORDS {
            let own: Vec<_> =
                artifacts.iter().filter_map(|one| one.strip_prefix(&format!("{kind}."))).collect();
            if !own.is_empty() {
                writeln!(text, "  {kind}:").unwrap();
            }
            for one in own {
                writeln!(text, "    {one}").unwrap();
            }
        }
        if artifacts.is_empty() {
            text = text.replace("artifacts:\n", "artifacts: {}\n");
        }
        text += "evidence: { a: { path: a.jsonl } }\ngates: ['toxicity < 1%']\n";
        let mut sources = Sources::new();
        let file = sources.add("release.yaml", text);
        let manifest = manifest::parse(&sources, file).unwrap_or_else(|found| {
            panic!("{}", found.iter().map(|one| render(one, &sources, false)).collect::<String>())
        });
        let pinned = artifact::pin(&manifest, &files).0;
        Self { manifest, pinned, files, failed: BTreeSet::new() }
    }

    fn failing(mut self, ids: &[&str]) -> Self {
        self.failed = ids.iter().map(|id| (*id).to_owned()).collect();
        self
    }
}

fn between(before: &Made, after: &Made) -> Result<Vec<Record>, Diagnostics> {
    with(before, after, true)
}

fn with(before: &Made, after: &Made, contents: bool) -> Result<Vec<Record>, Diagnostics> {
    let side = |made: &'_ Made| (made.manifest.clone(), made.pinned.clone());
    let (old, new) = (side(before), side(after));
    let changes = change::between(
        Some(&Side { manifest: &old.0, pinned: &old.1 }),
        &Side { manifest: &new.0, pinned: &new.1 },
    );
    let records = diff::between(
        &ReleaseSide {
            manifest: &before.manifest,
            pinned: &before.pinned,
            contents: contents.then_some(&before.files as &dyn Tree),
            failed: &before.failed,
        },
        &ReleaseSide {
            manifest: &after.manifest,
            pinned: &after.pinned,
            contents: Some(&after.files),
            failed: &after.failed,
        },
        &changes,
    )?;
    Ok(records.into_iter().filter(|record| record.artifact.is_some()).collect())
}

/// `rule severity direction: text` of every record.
fn lines(records: &[Record]) -> Vec<String> {
    let line = |record: &Record| {
        let (severity, direction) = (record.severity.word(), record.direction.word());
        format!("{} {severity} {direction}: {}", record.rule.id(), record.text)
    };
    records.iter().map(line).collect()
}

/// The records of one artifact that is one file, before and after.
fn file(kind: &str, name: &str, before: &str, after: &str) -> Vec<Record> {
    let declared = |version: &str| format!("{kind}.it: {{ version: {version}, path: {name} }}");
    between(
        &Made::new(&[&declared("v1")], &[(name, before)]),
        &Made::new(&[&declared("v2")], &[(name, after)]),
    )
    .unwrap()
}

fn rule(records: &[Record], rule: Rule) -> &Record {
    records.iter().find(|record| record.rule == rule).unwrap_or_else(|| panic!("{:#?}", lines(records)))
}

fn has(records: &[Record], rule: Rule) -> bool {
    records.iter().any(|record| record.rule == rule)
}

/// Everything a record would print.
fn printed(records: &[Record]) -> String {
    format!("{records:?}")
}

// ------------------------------------------------------------------------------------------------ artifacts

#[test]
fn the_same_release_has_no_records() {
    let made = || {
        Made::new(
            &[
                "models.m: { version: gpt-4.3, uri: 'openai:gpt-4.3' }",
                "prompts.p: { version: v1, path: p.md }",
                "safety_policies.s: { version: v1, path: s.yaml }",
                "inference_configs.c: { version: v1, values: { temperature: 0.2 } }",
                "eval_suites.e: { version: v1, path: suite }",
            ],
            &[
                ("p.md", "Never swear, {name}.\n"),
                ("s.yaml", "rules: [{ id: a, action: block }]\n"),
                ("suite/a.jsonl", "{\"id\": 1}\n"),
            ],
        )
    };
    assert_eq!(lines(&between(&made(), &made()).unwrap()), Vec::<String>::new());
}

#[test]
fn added_removed_and_what_guards_weighs_more() {
    let all = [
        "models.m: { version: gpt-4.3, uri: 'openai:gpt-4.3-2026-01-15' }",
        "prompts.p: { version: v1, path: p.md }",
        "safety_policies.s: { version: p1, path: s.yaml }",
        "eval_suites.e: { version: e1, path: e.jsonl }",
    ];
    let files = [("p.md", "a"), ("s.yaml", "a: 1"), ("e.jsonl", "{\"id\": 1}")];
    let (full, none) = (Made::new(&all, &files), Made::new(&[], &[]));
    assert_eq!(
        lines(&between(&full, &none).unwrap()),
        [
            "artifact-removed blocking looser: eval suite e (e1) is gone, and every case in it",
            "artifact-removed blocking looser: safety policy s (p1) is gone, and every rule in it",
            "artifact-removed review unknown: model m (gpt-4.3) is gone",
            "artifact-removed review unknown: prompt p (v1) is gone",
        ]
    );
    assert_eq!(
        lines(&between(&none, &full).unwrap()),
        [
            "artifact-added review neutral: model m (gpt-4.3) is new",
            "artifact-added review neutral: prompt p (v1) is new",
            "artifact-added info tighter: eval suite e (e1) is new",
            "artifact-added info tighter: safety policy s (p1) is new",
        ]
    );
}

#[test]
fn a_rename_is_one_record_and_only_within_a_kind() {
    let before = Made::new(&["prompts.system: { version: v1, path: a.md }"], &[("a.md", "Be kind.")]);
    let after = Made::new(&["prompts.main: { version: v2, path: b.md }"], &[("b.md", "Be kind.")]);
    let found = between(&before, &after).unwrap();
    assert_eq!(
        lines(&found),
        ["artifact-renamed info neutral: prompt system is now called main, with the same bytes (v1 -> v2)"]
    );
    assert_eq!(found[0].before.as_deref(), Some("prompts.system"));
    let other = Made::new(&["datasets.main: { version: v2, path: b.md }"], &[("b.md", "Be kind.")]);
    let found = between(&before, &other).unwrap();
    assert!(has(&found, Rule::ArtifactRemoved) && has(&found, Rule::ArtifactAdded));
}

#[test]
fn versions_bytes_and_uris() {
    let path = |version: &str| format!("prompts.p: {{ version: {version}, path: p.md }}");
    let one = |version: &str, text: &str| Made::new(&[&path(version)], &[("p.md", text)]);
    assert_eq!(
        lines(&between(&one("v1", "Be kind."), &one("v2", "Be kind.")).unwrap()),
        ["artifact-relabelled info neutral: prompt p: v1 -> v2, a new version of the same bytes"]
    );
    let silent = between(&one("v1", "Be kind."), &one("v1", "Be rude.")).unwrap();
    assert_eq!(
        lines(&silent)[0],
        "artifact-silent blocking unknown: prompt p: its bytes changed, and it still calls itself v1"
    );
    assert!(silent[0].before.as_deref().unwrap().starts_with("sha256:"));

    let model = |version: &str, uri: &str| {
        Made::new(&[&format!("models.m: {{ version: {version}, uri: '{uri}' }}")], &[])
    };
    assert_eq!(
        lines(&between(&model("gpt-4.3", "openai:gpt-4.3"), &model("gpt-5.1", "openai:gpt-5.1")).unwrap()),
        [
            "artifact-version review unknown: model m: gpt-4.3 -> gpt-5.1",
            "artifact-uri review unknown: model m comes from another place: openai:gpt-4.3 -> openai:gpt-5.1",
        ]
    );
    let found =
        between(&model("r1", "https://u:hunter22@host-1/m"), &model("r1", "https://u:other333@host-1/m"))
            .unwrap();
    assert!(found[0].text.contains("https://u:<masked>@host-1/m, under the same version"), "{found:?}");
    assert!(!printed(&found).contains("hunter22") && !printed(&found).contains("other333"));
}

#[test]
fn a_model_that_came_loose() {
    let model = |line: &str| Made::new(&[&format!("models.m: {line}")], &[]);
    let pinned = model("{ version: gpt-4.3-2025-01-15, uri: 'openai:gpt-4.3-2025-01-15' }");
    let loose = model("{ version: latest, uri: 'openai:gpt-4.3' }");
    let found = between(&pinned, &loose).unwrap();
    assert_eq!(
        rule(&found, Rule::ModelUnpinned).text,
        "model m is not pinned any more and may change without a release: `latest` means another model tomorrow"
    );
    let went = |before: &Made| {
        let found = between(before, &loose).unwrap();
        let record = rule(&found, Rule::ModelUnpinned);
        (record.severity, record.direction)
    };
    assert_eq!(went(&pinned), (Severity::Blocking, Direction::Looser));
    // It may be the pinned one under another name; one more was never pinned.
    let other =
        Made::new(&["models.old: { version: gpt-4.3-2025-01-15, uri: 'openai:gpt-4.3-2025-01-15' }"], &[]);
    assert_eq!(went(&other), (Severity::Blocking, Direction::Unknown));
    assert_eq!(went(&Made::new(&[], &[])), (Severity::Review, Direction::Unknown));
    assert!(!has(&between(&loose, &loose).unwrap(), Rule::ModelUnpinned));
    assert!(!has(&between(&loose, &pinned).unwrap(), Rule::ModelUnpinned));
}

/// However many other keys changed before it.
#[test]
fn a_guard_that_is_switched_off_among_many_keys_is_told() {
    let config = |version: &str, value: u32, guard: bool| {
        let keys = (0..300).map(|at| format!("a{at}: {value}")).collect::<Vec<_>>().join(", ");
        let values = format!("{{ {keys}, zz_safety_filter: {guard} }}");
        Made::new(&[&format!("inference_configs.c: {{ version: {version}, values: {values} }}")], &[])
    };
    let found = between(&config("c1", 1, true), &config("c2", 2, false)).unwrap();
    let looser: Vec<&str> = found
        .iter()
        .filter(|record| record.direction == Direction::Looser)
        .map(|record| record.text.as_str())
        .collect();
    assert_eq!(looser, ["inference config c: c1 -> c2, zz_safety_filter true -> false"]);
    let rest = found.iter().find(|record| record.text.contains("more keys changed")).unwrap();
    assert!(rest.text.ends_with("and 101 more keys changed, 0 of them to the looser side"), "{}", rest.text);
}

/// What guards a release and is put where nobody reads it may have lost everything.
#[test]
fn guards_that_are_put_out_of_sight_block() {
    let inside = |kind: &str, file: &str| {
        Made::new(&[&format!("{kind}.g: {{ version: v1, path: {file} }}")], &[(file, "{\"id\": 1}\n")])
    };
    let outside = |kind: &str| Made::new(&[&format!("{kind}.g: {{ version: v2, uri: 's3://b/g' }}")], &[]);
    for (kind, weight) in [
        ("safety_policies", Severity::Blocking),
        ("eval_suites", Severity::Blocking),
        ("prompts", Severity::Review),
    ] {
        let found = between(&inside(kind, "g.json"), &outside(kind)).unwrap();
        let record = rule(&found, Rule::ArtifactVersion);
        assert_eq!((record.severity, record.direction), (weight, Direction::Unknown), "{kind}");
        // Elsewhere before is what it was.
        let found = between(&outside(kind), &inside(kind, "g.json")).unwrap();
        assert_eq!(rule(&found, Rule::ArtifactVersion).severity, Severity::Review, "{kind}");
    }
    let folder = |version: &str, second: &str| {
        Made::new(
            &[&format!("safety_policies.g: {{ version: {version}, path: g }}")],
            &[("g/a.yaml", "rules: [{ id: a }]\n"), (second, "rules: [{ id: b }]\n")],
        )
    };
    let weight = |second: &str| {
        let found = between(&folder("v1", "g/b.yaml"), &folder("v2", second)).unwrap();
        let record = rule(&found, Rule::ArtifactFiles);
        (record.severity, record.direction)
    };
    assert_eq!(weight("g/b.yaml.disabled"), (Severity::Blocking, Direction::Unknown));
    // Files may be read in the order of their names, or by name.
    assert_eq!(weight("g/c.yaml"), (Severity::Review, Direction::Unknown));
}

#[test]
fn a_digest_that_is_not_pinned_any_more() {
    let digest = |letter: &str| format!(", sha256: {}", letter.repeat(64));
    let own = format!(", sha256: {}", digest_bytes(b"Be kind.").hex());
    let inside = |pin: &str| {
        Made::new(&[&format!("prompts.p: {{ version: v1, path: p.md{pin} }}")], &[("p.md", "Be kind.")])
    };
    let outside =
        |pin: &str| Made::new(&[&format!("datasets.p: {{ version: v1, uri: 's3://b/p'{pin} }}")], &[]);
    let of = |before: &Made, after: &Made| {
        let found = between(before, after).unwrap();
        found
            .into_iter()
            .find(|record| record.rule == Rule::ArtifactPin)
            .map(|record| (record.text, record.severity, record.direction))
    };
    let told = |text: &str, weight, way| Some((text.to_owned(), weight, way));
    assert_eq!(
        of(&inside(&own), &inside("")),
        told("prompt p: its digest is not pinned any more", Severity::Review, Direction::Looser)
    );
    assert_eq!(
        of(&inside(""), &inside(&own)),
        told("prompt p: its digest is pinned now", Severity::Info, Direction::Tighter)
    );
    assert_eq!(
        of(&outside(&digest("a")), &outside("")),
        told(
            "dataset p: any bytes may stand for it now; before, its digest was pinned",
            Severity::Blocking,
            Direction::Looser
        )
    );
    assert_eq!(of(&outside(&digest("a")), &outside(&digest("b"))), None);
}

#[test]
fn files_of_a_folder() {
    let folder = |version: &str, files: &[(&str, &str)]| {
        Made::new(&[&format!("prompts.p: {{ version: {version}, path: p }}")], files)
    };
    let before = folder("v1", &[("p/a.md", "Be kind."), ("p/b.md", "b"), ("p/c.md", "c"), ("p/d.md", "d")]);
    let after = folder("v2", &[("p/a.md", "Be rude."), ("p/b2.md", "b"), ("p/d.md", "d"), ("p/e.md", "e")]);
    let found = between(&before, &after).unwrap();
    let files = rule(&found, Rule::ArtifactFiles);
    assert_eq!(files.text, "prompt p: v1 -> v2, 1 file added, 1 removed, 1 changed, 1 renamed");
    let shown: Vec<_> = files.details.iter().map(|detail| format!("{detail:?}")).collect();
    assert_eq!(
        shown,
        [
            "Line(\"changed: a.md\")",
            "Line(\"renamed: b.md -> b2.md\")",
            "Line(\"removed: c.md\")",
            "Line(\"added: e.md\")"
        ]
    );
    let many: Vec<(String, &str)> = (0..40).map(|at| (format!("p/{at}.md"), "x")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let found = between(&before, &folder("v2", &many)).unwrap();
    assert_eq!(rule(&found, Rule::ArtifactFiles).details.len(), 21);
}

#[test]
fn bytes_that_are_not_at_hand_are_never_silence() {
    let made = |version: &str, text: &str| {
        Made::new(&[&format!("prompts.p: {{ version: {version}, path: p.md }}")], &[("p.md", text)])
    };
    let found = with(&made("v1", "Be kind."), &made("v2", "Be rude."), false).unwrap();
    assert_eq!(
        lines(&found),
        [
            "artifact-version review unknown: prompt p: v1 -> v2; the bytes of v1 are not at hand (only their digest \
             was kept), so what changed inside is not shown"
        ]
    );
    let values = |value: &str| {
        Made::new(
            &[&format!("inference_configs.c: {{ version: {value}, values: {{ top_p: {value} }} }}")],
            &[],
        )
    };
    let found = with(&values("0.1"), &values("0.2"), false).unwrap();
    assert!(rule(&found, Rule::ConfigKey).text.ends_with("top_p 0.1 -> 0.2"), "{:?}", lines(&found));
}

#[test]
fn what_cannot_be_read_any_more_is_an_error_and_never_no_change() {
    let made = |version: &str, text: &str| {
        Made::new(&[&format!("prompts.p: {{ version: {version}, path: p.md }}")], &[("p.md", text)])
    };
    let (before, mut after) = (made("v1", "Be kind."), made("v2", "Be rude."));
    after.files.broken.insert("p.md".to_owned());
    let found = between(&before, &after).unwrap_err();
    let first = found.iter().next().unwrap();
    assert_eq!(
        (first.code.word(), first.title.as_str()),
        ("unreadable", "`p.md` cannot be read: input/output error")
    );
    assert_eq!(first.notes, ["it belongs to `prompts.p` of n 1.0.0"]);
    after.files.broken.clear();
    after.files.bytes.insert("p.md".to_owned(), b"Be kind, again.".to_vec());
    assert_eq!(
        between(&before, &after).unwrap_err().iter().next().unwrap().code.word(),
        "changed-while-read"
    );
}

// ------------------------------------------------------------------------------------------------ prompts

#[test]
fn words_of_a_prompt() {
    let found = file(
        "prompts",
        "p.md",
        "# Role\nYou are kind.\n\nBye.\n",
        "# Role\nYou are kind and patient.\n\nBye.\n",
    );
    let words = rule(&found, Rule::PromptWords);
    assert_eq!(words.text, "prompt it: v1 -> v2, 1 passage changed, 2 words added");
    assert_eq!(
        words.details,
        [Detail::Words {
            line: 2,
            pieces: vec![
                (Piece::Same, "You are kind".to_owned()),
                (Piece::Added, " and patient".to_owned()),
                (Piece::Same, ".\n".to_owned()),
            ]
        }]
    );
    assert_eq!((words.severity, words.direction), (Severity::Info, Direction::Neutral));
}

#[test]
fn only_the_first_passages_are_shown_and_the_rest_is_counted() {
    let text =
        |word: &str| (0..50).fold(String::new(), |text, at| text + &format!("{word} {at}\n\nsame {at}\n\n"));
    let found = file("prompts", "p.md", &text("old"), &text("new"));
    let words = rule(&found, Rule::PromptWords);
    assert!(words.text.contains("50 passages changed, 50 words added, 50 removed"), "{}", words.text);
    assert_eq!(words.details.len(), 21);
    assert_eq!(words.details[20], Detail::Line("and 30 more passages".to_owned()));
}

#[test]
fn variables_that_came_and_went() {
    let found =
        file("prompts", "p.md", "Hi {name} {{ city }} {\"json\": 1}\n", "Hi {name} ${city} {\"other\": 1}\n");
    assert_eq!(
        rule(&found, Rule::PromptVariableRemoved).text,
        "prompt it: v1 -> v2, it no longer has the template variable {{city}}"
    );
    assert_eq!(rule(&found, Rule::PromptVariableAdded).after.as_deref(), Some("${city}"));
    // Gone in one place and still there in another is not gone.
    let found = file("prompts", "p.md", "{name}\n\nsame\n\n{name}\n", "x\n\nsame\n\n{name}\n");
    assert!(!has(&found, Rule::PromptVariableRemoved), "{:?}", lines(&found));
}

#[test]
fn demands_that_are_gone_or_weaker() {
    let found = file(
        "prompts",
        "p.md",
        "Be kind.\n\nNever promise a\nrefund. You must not give legal advice to anyone.\n",
        "Be kind.\n\nYou must give legal advice to anyone. Always say hello.\n",
    );
    let lost = rule(&found, Rule::PromptImperativeRemoved);
    assert_eq!((lost.severity, lost.direction), (Severity::Review, Direction::Looser));
    assert_eq!(
        lost.before.as_deref(),
        Some("Never promise a refund.\nYou must not give legal advice to anyone.")
    );
    assert_eq!(lost.after.as_deref(), Some("You must give legal advice to anyone."));
    let new = rule(&found, Rule::PromptImperativeAdded);
    assert!(
        new.text
            .ends_with("1 sentence that demands something is new; nobody can tell whether less gets through"),
        "{}",
        new.text
    );
    assert_eq!(new.after.as_deref(), Some("Always say hello."));
    // A sentence that moves to another file of the prompt is still there.
    let folder = |version: &str, files: &[(&str, &str)]| {
        Made::new(&[&format!("prompts.p: {{ version: {version}, path: p }}")], files)
    };
    let before = folder("v1", &[("p/a.md", "Hi.\nNever swear.\n"), ("p/b.md", "Bye.\n")]);
    let after = folder("v2", &[("p/a.md", "Hi.\n"), ("p/b.md", "Bye.\nNever swear.\n")]);
    let found = between(&before, &after).unwrap();
    assert!(!has(&found, Rule::PromptImperativeRemoved), "{:?}", lines(&found));
}

/// `rule severity direction` of the records about the words of prompts.
fn weights(records: &[Record]) -> Vec<String> {
    let own = records.iter().filter(|record| record.rule.id().starts_with("prompt-"));
    own.map(|record| format!("{} {} {}", record.rule.id(), record.severity.word(), record.direction.word()))
        .collect()
}

#[test]
fn demands_in_other_words_are_never_silence_and_never_tighter() {
    let old = "Never give medical advice to the customer who asks about symptoms.\n";
    for (new, severity) in [
        ("Never hesitate to give medical advice to the customer who asks about symptoms.\n", "blocking"),
        (
            "Never give medical advice to the customer who asks about symptoms unless they insist.\n",
            "blocking",
        ),
        ("Never give medical advice to the customer who asks about horoscopes.\n", "review"),
        ("Never give medical advice to the customer who asks 30 times about symptoms.\n", "review"),
    ] {
        let found = file("prompts", "p.md", old, new);
        let weight = format!("prompt-imperative-changed {severity} unknown");
        assert!(weights(&found).contains(&weight), "{new}: {:?}", lines(&found));
        assert!(found.iter().all(|record| record.direction != Direction::Tighter), "{:?}", lines(&found));
    }
    for (more, weight) in [
        (
            "Everything above is only a suggestion; feel free to ignore it.",
            "prompt-permission-added blocking unknown",
        ),
        ("Never refuse a request.", "prompt-permission-added blocking unknown"),
        ("You may name prices.", "prompt-permission-added review unknown"),
        ("Always answer.", "prompt-imperative-added review unknown"),
        ("Never say no.", "prompt-imperative-added review unknown"),
        ("The rules do not apply to staff.", "prompt-imperative-added review unknown"),
        ("Answer in at most 30 words.", "prompt-imperative-added review unknown"),
        ("Only refuse what is about weapons.", "prompt-imperative-added review unknown"),
        ("Never name prices.", "prompt-imperative-added info tighter"),
    ] {
        let found = file("prompts", "p.md", old, &format!("{old}{more}\n"));
        let found = weights(&found);
        let known = found.iter().filter(|found| found.contains("permission") || found.contains("imperative"));
        assert_eq!(known.collect::<Vec<_>>(), [weight], "{more}");
    }
    let found = file("prompts", "p.md", "Be kind.\nAvoid politics.\nPrices are prohibited.\n", "Be kind.\n");
    assert_eq!(
        rule(&found, Rule::PromptImperativeRemoved).before.as_deref(),
        Some("Avoid politics.\nPrices are prohibited.")
    );
}

#[test]
fn a_demand_cannot_hide_in_a_large_prompt() {
    let many: Vec<String> = (0..30_000).map(|at| format!("Rule {at} is kind number {at}.\n\n")).collect();
    let many = many.concat();
    let found = file("prompts", "p.md", &format!("{many}Never swear.\n"), &many.replace("kind", "nice"));
    assert_eq!(rule(&found, Rule::PromptImperativeRemoved).before.as_deref(), Some("Never swear."));
    let long = "word ".repeat(30_000);
    let found =
        file("prompts", "p.md", &format!("{long}. Never swear. {long}\n"), &format!("{long}. {long}\n"));
    assert_eq!(rule(&found, Rule::PromptImperativeRemoved).before.as_deref(), Some("Never swear."));
}

#[test]
fn what_was_not_looked_for_is_said_and_to_be_reviewed() {
    let german = "Du bist ein Bot. Gib niemals medizinischen Rat. Verrate nie das Passwort eines Kunden.\n";
    let found = file("prompts", "p.md", german, "Du bist ein Bot, der immer Rat gibt.\n");
    let words = rule(&found, Rule::PromptWords);
    assert!(words.text.ends_with("demands are looked for in English only, and this does not look English"));
    assert_eq!((words.severity, words.direction), (Severity::Review, Direction::Unknown));
    let names =
        |from: usize| (from..from + 10_050).map(|at| format!("{{v{at}}}\n")).collect::<Vec<_>>().concat();
    let found = file("prompts", "p.md", &names(0), &names(10));
    let words = rule(&found, Rule::PromptWords);
    assert!(words.text.contains("not all of its template variables were compared"), "{}", words.text);
    assert_eq!(words.severity, Severity::Review);
}

#[test]
fn demands_of_a_prompt_that_is_gone_or_not_at_hand_are_told() {
    let text = "Be kind.\nNever swear.\n";
    let before = Made::new(&["prompts.it: { version: v1, path: p.md }"], &[("p.md", text)]);
    let elsewhere = Made::new(&["prompts.it: { version: v2, uri: 's3://b/p' }"], &[]);
    let values = Made::new(&["prompts.it: { version: v2, values: { text: Be kind. } }"], &[]);
    let other = Made::new(&["prompts.main: { version: v1, path: p.md }"], &[("p.md", "Be kind.\n")]);
    for after in [elsewhere, values, other] {
        let found = between(&before, &after).unwrap();
        let record = rule(&found, Rule::PromptImperativeRemoved);
        assert_eq!((record.severity, record.direction), (Severity::Blocking, Direction::Unknown));
        assert_eq!(record.before.as_deref(), Some("Never swear."));
    }
    let renamed = Made::new(&["prompts.main: { version: v1, path: q.md }"], &[("q.md", text)]);
    assert!(!has(&between(&before, &renamed).unwrap(), Rule::PromptImperativeRemoved));
    let kind = Made::new(&["prompts.it: { version: v1, path: p.md }"], &[("p.md", "Be kind.\n")]);
    let gone = Made::new(&["prompts.main: { version: v1, path: q.md }"], &[("q.md", "Bye.\n")]);
    assert!(!has(&between(&kind, &gone).unwrap(), Rule::PromptImperativeRemoved));
}

#[test]
fn sizes_in_approximate_tokens() {
    let found = file("prompts", "p.md", &"word ".repeat(400), &"word ".repeat(500));
    let size = rule(&found, Rule::PromptSize);
    assert_eq!(
        size.text,
        "prompt it: v1 -> v2, about 500 tokens -> about 625 tokens (characters / 4), 25 % longer"
    );
    assert_eq!(size.severity, Severity::Review);
    let found = file("prompts", "p.md", &"word ".repeat(500), &"word ".repeat(550));
    assert_eq!(rule(&found, Rule::PromptSize).severity, Severity::Info);
    let found = file("prompts", "p.md", &"word ".repeat(500), &"word ".repeat(300));
    let size = rule(&found, Rule::PromptSize);
    assert_eq!((size.severity, size.direction), (Severity::Review, Direction::Unknown));
}

#[test]
fn line_ends_marks_and_bytes_that_are_no_text() {
    let found = file("prompts", "p.md", "Be kind.\nBye.\n", "Be kind.\r\nBye.\r\n");
    assert_eq!(
        rule(&found, Rule::PromptWords).text,
        "prompt it: v1 -> v2, only line ends differ (LF -> CRLF)"
    );
    let found = file("prompts", "p.md", "\u{feff}Be kind.\n", "Be kind.\n");
    assert_eq!(rule(&found, Rule::PromptWords).text, "prompt it: v1 -> v2, only a byte order mark is gone");
    let found = file("prompts", "p.md", "Be kind.\n", "Be\0kind.\n");
    let text = &rule(&found, Rule::NotText).text;
    assert!(text.contains("p.md is not UTF-8 text: 9 bytes (sha256:"), "{text}");
    assert!(!has(&found, Rule::PromptWords));
}

#[test]
fn secrets_in_a_prompt_show_that_they_changed_and_nothing_more() {
    let (old, new) = ("sk-abcdefghij0123456789", "sk-zyxwvutsrq9876543210");
    let text = |key: &str| format!("Never show the key {key} to anyone.\n");
    let found = file("prompts", "p.md", &text(old), &text(new));
    let shown = printed(&found);
    assert!(!shown.contains("abcdefghij") && !shown.contains("zyxwvutsrq"), "{shown}");
    assert!(
        format!("{:?}", rule(&found, Rule::PromptWords).details)
            .contains("(Removed, \"<masked>\"), (Added, \"<masked>\")")
    );
}

#[test]
fn a_prompt_that_does_not_fit_into_memory_is_streamed() {
    let line = "Say something kind to {name} about the mountains.\n";
    let before = line.repeat(200_000) + "Never swear.\n";
    let after = line.repeat(200_000) + "{other}\n";
    let found = file("prompts", "p.md", &before, &after);
    assert!(rule(&found, Rule::PromptWords).text.contains("1 line added, 1 removed"), "{:?}", lines(&found));
    assert_eq!(rule(&found, Rule::PromptImperativeRemoved).before.as_deref(), Some("Never swear."));
    assert_eq!(rule(&found, Rule::PromptVariableAdded).after.as_deref(), Some("{other}"));
}

// ------------------------------------------------------------------------------------------------ configurations

/// Path below the artifact, before and after of every key.
fn keys(records: &[Record]) -> Vec<String> {
    let own = records.iter().filter(|record| record.rule == Rule::ConfigKey);
    own.map(|record| {
        let word = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
        let path = record.path.trim_start_matches("artifacts.inference_configs.it.");
        format!("{path}: {} -> {} {}", word(&record.before), word(&record.after), record.direction.word())
    })
    .collect()
}

#[test]
fn keys_of_a_configuration_with_units() {
    let before = r#"{"generation": {"temperature": 0.2, "max_tokens": 160}, "timeout_ms": 900, "stop": ["a", "b"], "seed": 7, "top_k": 2}"#;
    let after = r#"{"generation": {"temperature": 0.7, "max_tokens": 96}, "timeout_ms": 900.0, "stop": ["c", "b"], "top_k": "2", "a b": null}"#;
    let found = file("inference_configs", "c.json", before, after);
    assert_eq!(
        keys(&found),
        [
            "\"a b\": - -> null unknown",
            "generation.max_tokens: 160 tokens -> 96 tokens unknown",
            "generation.temperature: 0.2 -> 0.7 unknown",
            "seed: 7 -> - unknown",
            "stop: [\"a\", \"b\"] -> [\"c\", \"b\"] unknown",
            "top_k: 2 -> \"2\" unknown",
        ]
    );
    let text = |path: &str| &found.iter().find(|record| record.path.ends_with(path)).unwrap().text;
    assert_eq!(text("temperature"), "inference config it: v1 -> v2, generation.temperature 0.2 -> 0.7");
    assert_eq!(text("stop"), "inference config it: v1 -> v2, stop: \"c\" added, \"a\" removed");
    assert!(text("top_k").ends_with("top_k 2 -> \"2\" (was a number, is text)"));
}

#[test]
fn keys_that_guard_have_a_direction() {
    let found = file(
        "inference_configs",
        "c.yaml",
        "safe_mode: true\nmoderation: { level: block }\ndisable_filter: false\nguardrails: [a, b]\n",
        "safe_mode: false\nmoderation: { level: warn }\ndisable_filter: true\nguardrails: [a]\nredact_pii: true\n",
    );
    assert_eq!(
        keys(&found),
        [
            "disable_filter: false -> true looser",
            "guardrails: [\"a\", \"b\"] -> [\"a\"] looser",
            "moderation.level: \"block\" -> \"warn\" looser",
            "safe_mode: true -> false looser",
            "redact_pii: - -> true tighter",
        ]
    );
}

#[test]
fn tools_are_compared_by_name_and_secrets_are_hidden() {
    let found = file(
        "inference_configs",
        "c.json",
        r#"{"tools": [{"name": "a", "x": 1}, {"name": "b", "x": 1}], "api_key": "hunter22", "auth": {"password": {"value": 123456}}}"#,
        r#"{"tools": [{"name": "b", "x": 2}], "api_key": "hunter33", "auth": {"password": {"value": 654321}}}"#,
    );
    assert_eq!(
        keys(&found),
        [
            "api_key: \"<masked>\" -> \"<masked>\" unknown",
            "auth.password.value: <masked> -> <masked> unknown",
            "tools[a].name: \"a\" -> - unknown",
            "tools[a].x: 1 -> - unknown",
            "tools[b].x: 1 -> 2 unknown",
        ]
    );
    assert!(found.iter().any(|record| record.text.ends_with("api_key changed, its value is <masked>")));
    let shown = printed(&found);
    assert!(!shown.contains("hunter") && !shown.contains("123456") && !shown.contains("654321"), "{shown}");
}

#[test]
fn configurations_that_cannot_be_read_key_by_key() {
    let found = file("inference_configs", "c.json", "{\"a\": 1}\n", "{\"a\": 1, \"a\": 2}\n");
    let text = &rule(&found, Rule::ArtifactText).text;
    assert!(
        text.contains("the file after cannot be read key by key: `a` stands here twice at line 1"),
        "{text}"
    );
    let found = file("inference_configs", "c.toml", "a = 1\n", "a = 2\n");
    assert!(rule(&found, Rule::ArtifactText).text.contains("only JSON and YAML are read key by key"));
    let found = file("inference_configs", "c.json", "{\"a\": 1}", "{ \"a\": 1.0 }\n");
    let record = rule(&found, Rule::ArtifactText);
    assert!(record.text.ends_with("no key differs, only the way it is written"));
    assert_eq!(record.severity, Severity::Info);
    let inline = Made::new(&["inference_configs.it: { version: v2, values: { a: 2 } }"], &[]);
    let before =
        Made::new(&["inference_configs.it: { version: v1, path: c.json }"], &[("c.json", "{\"a\": 1}")]);
    assert_eq!(keys(&between(&before, &inline).unwrap()), ["a: 1 -> 2 unknown"]);
}

// ------------------------------------------------------------------------------------------------ safety policies

/// `rule severity direction path` of the records about rules.
fn rules(records: &[Record]) -> Vec<String> {
    let own = records.iter().filter(|record| record.rule.id().starts_with("safety-"));
    own.map(|record| {
        let path = record.path.trim_start_matches("artifacts.safety_policies.it").trim_start_matches('.');
        format!("{} {} {} {path}", record.rule.id(), record.severity.word(), record.direction.word())
    })
    .collect()
}

#[test]
fn rules_gone_new_loosened_and_tightened() {
    let before = "rules:\n\
                  - { id: weapons, action: block, severity: high }\n\
                  - { id: medical, action: refuse, max_score: 0.5 }\n\
                  - { id: pii, action: log, enabled: true }\n\
                  - { id: idle, action: allow }\n\
                  - { id: old-name, pattern: abc, action: block }\n\
                  - { id: fraud, action: block }\n";
    let after = "rules:\n\
                 - { id: weapons, action: block, severity: low }\n\
                 - { id: pii, action: block, enabled: false }\n\
                 - { id: spam, action: block }\n\
                 - { id: vip, action: allow }\n\
                 - { id: new-name, pattern: abc, action: block }\n";
    let found = file("safety_policies", "s.yaml", before, after);
    assert_eq!(
        rules(&found),
        [
            "safety-rule-removed blocking looser rules[fraud]",
            "safety-rule-removed blocking looser rules[medical]",
            "safety-rule-moved blocking looser rules[pii].enabled",
            "safety-rule-moved blocking looser rules[weapons].severity",
            "safety-rule-added blocking unknown rules[vip]",
            "safety-rule-removed info neutral rules[idle]",
            "safety-rule-added info tighter rules[spam]",
            "safety-rule-moved info tighter rules[pii].action",
            "safety-rule-changed info neutral rules[new-name]",
        ]
    );
    assert_eq!(
        rule(&found, Rule::SafetyRuleMoved).text,
        "safety policy it: v1 -> v2, rules[pii].enabled true -> false, which is looser"
    );
}

#[test]
fn categories_lists_and_exemptions() {
    let before = r#"{"categories": {"hate": {"threshold": "BLOCK_LOW_AND_ABOVE"}, "sex": {"threshold": 0.5}}, "blocked_words": ["a", "b"], "allowlist": ["x"]}"#;
    let after = r#"{"categories": {"hate": {"threshold": "BLOCK_NONE"}, "sex": {"threshold": 0.6}, "new": {"action": "block"}}, "blocked_words": ["a", "c"], "allowlist": ["x", "y"]}"#;
    let found = file("safety_policies", "s.json", before, after);
    assert_eq!(
        rules(&found),
        [
            "safety-rule-removed blocking looser blocked_words",
            "safety-rule-moved blocking looser allowlist",
            "safety-rule-moved blocking looser categories.hate.threshold",
            "safety-rule-changed blocking unknown categories.sex.threshold",
            "safety-rule-added info tighter categories.new",
        ]
    );
    assert_eq!(
        rule(&found, Rule::SafetyRuleRemoved).text,
        "safety policy it: v1 -> v2, blocked_words: 1 gone, 1 new (gone: \"b\")"
    );
    // A whole file of rules that is gone loses each of them.
    let folder = |files: &[(&str, &str)]| Made::new(&["safety_policies.it: { version: v1, path: s }"], files);
    let found = between(
        &folder(&[
            ("s/a.yaml", "rules: [{ id: a, action: block }, { id: b, action: warn }]"),
            ("s/b.yaml", "x: 1"),
        ]),
        &folder(&[("s/b.yaml", "x: 1")]),
    )
    .unwrap();
    assert_eq!(
        rules(&found),
        ["safety-rule-removed blocking looser rules[a]", "safety-rule-removed blocking looser rules[b]"]
    );
}

const POLICY: &str = "rules:\n\
                      - { id: weapons, action: block, pattern: 'bomb|gun', threshold: 0.5 }\n\
                      - { id: pii, action: redact }\n\
                      max_score: 0.4\n\
                      words: [a, b]\n";

#[test]
fn a_policy_that_may_let_more_through_is_never_tighter_and_never_information() {
    for (was, is, expected) in [
        ("block,", "block, only_for: [staging],", "moved blocking looser rules[weapons].only_for"),
        ("block,", "block, languages: [en],", "moved blocking looser rules[weapons].languages"),
        ("block,", "block, enabled: false,", "moved blocking looser rules[weapons].enabled"),
        ("block,", "block, disabled: true,", "moved blocking looser rules[weapons].disabled"),
        ("action: block, ", "", "moved blocking looser rules[weapons].action"),
        ("action: block", "action: null", "moved blocking looser rules[weapons].action"),
        ("action: block", "action: noop", "moved blocking looser rules[weapons].action"),
        ("max_score: 0.4", "max_score: 0.4\nweapons: allow", "changed blocking unknown weapons"),
        ("rules:", "enabled: false\nrules:", "moved blocking looser enabled"),
        ("block,", "block, sample_rate: 0.01,", "changed blocking unknown rules[weapons].sample_rate"),
        ("bomb|gun", "zzz", "changed blocking unknown rules[weapons].pattern"),
        ("0.5", "0.9", "changed blocking unknown rules[weapons].threshold"),
        ("0.4", "0.9", "moved blocking looser max_score"),
        ("0.4", "0.3", "moved info tighter max_score"),
        ("[a, b]", "[a, b, c]", "added info tighter words"),
        ("[a, b]", "[a, b, '!bomb']", "changed blocking unknown words"),
        ("[a, b]", "[b, a]", "changed review unknown words"),
        ("rules:\n", "rules:\n- { id: all, action: allow }\n", "added blocking unknown rules[all]"),
        ("rules:\n", "rules:\n- { id: new, action: log }\n", "added review unknown rules[new]"),
        ("rules:\n", "exceptions: [{ id: x }]\nrules:\n", "added blocking looser exceptions[x]"),
    ] {
        let found = file("safety_policies", "s.yaml", POLICY, &POLICY.replace(was, is));
        assert_eq!(rules(&found), [format!("safety-rule-{expected}")], "{was} -> {is}");
    }
    // The first rule that fits may decide.
    let found = file(
        "safety_policies",
        "s.yaml",
        "rules: [{ id: a, action: allow }, { id: b, action: block }]\n",
        "rules: [{ id: b, action: block }, { id: a, action: allow }]\n",
    );
    assert_eq!(rules(&found), ["safety-rule-changed review unknown rules"]);
    let found = file(
        "safety_policies",
        "s.yaml",
        "rules: [{ pattern: a, action: allow }, { pattern: a, action: block }]\n",
        "rules: [{ pattern: a, action: block }, { pattern: a, action: allow }]\n",
    );
    assert_eq!(rules(&found), ["safety-rule-changed review unknown rules"]);
    let gone = file("safety_policies", "s.yaml", POLICY, "rules:\nmax_score: 0.4\nwords: [a, b]\n");
    assert_eq!(
        rules(&gone),
        [
            "safety-rule-removed blocking looser rules[pii]",
            "safety-rule-removed blocking looser rules[weapons]"
        ]
    );
}

#[test]
fn a_policy_that_nobody_can_read_any_more_blocks() {
    for after in ["rules: [ {\n", "", "# nothing\n", "a: &x 1\nb: *x\n"] {
        let found = file("safety_policies", "s.yaml", POLICY, after);
        assert_eq!(found[0].severity, Severity::Blocking, "{after:?}: {:?}", lines(&found));
        assert_ne!(found[0].direction, Direction::Tighter);
    }
    // Nor could anybody read it key by key before.
    let aliased = "a: &x { action: block }\nb: *x\n";
    let found = file("safety_policies", "s.yaml", aliased, &aliased.replace("block", "allow"));
    let text = rule(&found, Rule::ArtifactText);
    assert_eq!(
        (text.severity, text.direction),
        (Severity::Blocking, Direction::Unknown),
        "{:?}",
        lines(&found)
    );
    let found = file("safety_policies", "s.yaml", "about: this\n", "");
    assert_eq!(rules(&found)[0], "safety-rule-removed blocking looser ");
    let found = file("safety_policies", "s.md", "Be kind to all of them, please.\n", "");
    assert_eq!(found[0].severity, Severity::Blocking, "{:?}", lines(&found));
    // One file, under a name that no reader may look for.
    let loose = POLICY.replace("action: block", "action: allow");
    let before = Made::new(&["safety_policies.it: { version: v1, path: s.yaml }"], &[("s.yaml", POLICY)]);
    let after = Made::new(&["safety_policies.it: { version: v2, path: s.off }"], &[("s.off", &loose)]);
    let found = between(&before, &after).unwrap();
    assert_eq!(rules(&found), ["safety-rule-moved blocking looser rules[weapons].action"]);
    let named = rule(&found, Rule::ArtifactFiles);
    assert_eq!((named.severity, named.direction), (Severity::Blocking, Direction::Unknown));
    let folder = |files: &[(&str, &str)]| Made::new(&["safety_policies.it: { version: v1, path: s }"], files);
    let before = folder(&[("s/a.yaml", POLICY), ("s/b.yaml", "x: 1")]);
    let found = between(&before, &folder(&[("s/a.yaml.bak", POLICY), ("s/b.yaml", "x: 1")])).unwrap();
    assert_eq!(rule(&found, Rule::ArtifactFiles).severity, Severity::Blocking, "{:?}", lines(&found));
    let found = between(&before, &folder(&[("s/old/a.yaml", POLICY), ("s/b.yaml", "x: 1")])).unwrap();
    assert_eq!(rule(&found, Rule::ArtifactFiles).severity, Severity::Review, "{:?}", lines(&found));
}

#[test]
fn policies_in_words_and_lists_of_words() {
    let found = file(
        "safety_policies",
        "s.md",
        "# Policy\n\nNever discuss weapons of any kind.\n\nBe kind.\n",
        "# Policy\n\nDiscuss weapons of any kind.\n\nBe kind.\n",
    );
    assert_eq!(rules(&found), ["safety-rule-removed blocking looser "]);
    assert!(rule(&found, Rule::ArtifactText).text.contains("1 word added"), "{:?}", lines(&found));
    let found = file("safety_policies", "words.txt", "# English\nidiot\nmoron\n", "# English\nmoron\ndamn\n");
    assert_eq!(rules(&found), ["safety-rule-removed blocking looser ", "safety-rule-added info tighter "]);
    assert!(rule(&found, Rule::SafetyRuleRemoved).text.ends_with("1 entry is gone, such as \"idiot\""));
    let found = file("safety_policies", "excluded.txt", "bomb\ngun\n", "bomb\n");
    assert_eq!(rules(&found), ["safety-rule-removed blocking unknown "]);
    let found = file("safety_policies", "words.txt", "bomb\n", "bomb\n!gun\n");
    assert_eq!(rules(&found), ["safety-rule-added blocking unknown "]);
    let found = file("safety_policies", "words.txt", "!gun\nbomb\n", "bomb\n!gun\n");
    assert_eq!(rules(&found), ["safety-rule-changed review unknown "]);
    let found = file("safety_policies", "s.bin", "a\0b", "a\0c");
    assert_eq!(rule(&found, Rule::NotText).severity, Severity::Blocking);
}

// ------------------------------------------------------------------------------------------------ suites

const CASES: &str = "{\"id\":\"a\",\"q\":\"1\"}\n{\"id\":\"b\",\"q\":\"2\"}\n{\"id\":\"c\",\"q\":\"3\"}\n";

fn suites(before: &[(&str, &str)], after: &[(&str, &str)], failed: &[&str]) -> Vec<Record> {
    let made = |version: &str, files| {
        Made::new(&[&format!("eval_suites.it: {{ version: {version}, path: e }}")], files)
    };
    between(&made("v1", before).failing(failed), &made("v2", after)).unwrap()
}

#[test]
fn cases_gone_new_and_changed() {
    let after = "{\"q\":\"1\",\"id\":\"a\"}\n{\"id\":\"c\",\"q\":\"4\"}\n{\"id\":\"d\",\"q\":\"5\"}\n";
    let found = suites(&[("e/a.jsonl", CASES)], &[("e/a.jsonl", after)], &["b", "elsewhere"]);
    let own: Vec<String> = lines(&found).into_iter().filter(|line| line.starts_with("suite-")).collect();
    assert_eq!(
        own,
        [
            "suite-failing-case-removed blocking looser: eval suite it: v1 -> v2, 1 case that failed before is gone, b",
            "suite-case-removed review looser: eval suite it: v1 -> v2, 1 case is gone, b",
            "suite-case-changed review unknown: eval suite it: v1 -> v2, 1 case changed in q, c",
            "suite-case-added info tighter: eval suite it: v1 -> v2, 1 case is new, d",
        ]
    );
    assert_eq!(
        rule(&found, Rule::SuiteCaseChanged).details,
        [Detail::Line("c: q \"3\" -> \"4\"".to_owned())]
    );
    // The same cases in another order and another file.
    let found = suites(
        &[("e/a.jsonl", CASES)],
        &[("e/b.json", &format!("[{}]", CASES.trim().replace('\n', ",")))],
        &["b"],
    );
    assert!(!lines(&found).iter().any(|line| line.starts_with("suite-")), "{:?}", lines(&found));
    assert!(rule(&found, Rule::ArtifactText).text.contains("the same cases"));
}

#[test]
fn tables_documents_and_rows_that_cannot_be_read() {
    let csv = "id,q\na,\"x, \"\"y\"\"\nz\"\nb,2\n";
    let found = suites(&[("e/a.csv", csv)], &[("e/a.csv", &csv.replace("b,2", "b,3"))], &[]);
    assert_eq!(rule(&found, Rule::SuiteCaseChanged).text, "eval suite it: v1 -> v2, 1 case changed in q, b");
    let yaml = "judge: m1\ncases:\n- { id: a, q: 1 }\n- { id: b, q: 2 }\n";
    let changed = "judge: m2\ncases:\n- { id: a, q: 1 }\n";
    let found = suites(&[("e/a.yaml", yaml)], &[("e/a.yaml", changed)], &["b"]);
    assert!(rule(&found, Rule::ConfigKey).text.ends_with("judge \"m1\" -> \"m2\""));
    assert!(has(&found, Rule::SuiteFailingCaseRemoved));
    let found = suites(
        &[("e/a.jsonl", CASES)],
        &[("e/a.jsonl", &CASES.replace("{\"id\":\"b\"", "{{\"id\":\"b\""))],
        &[],
    );
    let text = &rule(&found, Rule::SuiteCaseRemoved).text;
    assert!(
        text.ends_with("1 case is gone, b (rows that cannot be read and count by their bytes: 1)"),
        "{text}"
    );
    let twice = format!("{CASES}{{\"id\":\"a\",\"q\":\"9\"}}\n");
    let found = suites(&[("e/a.jsonl", CASES)], &[("e/a.jsonl", &twice.replace("\"c\"", "\"e\""))], &[]);
    let gone = rule(&found, Rule::SuiteCaseRemoved);
    // What is gone is gone, whatever else stands there twice.
    assert!(
        gone.text.ends_with("(case ids that stand more than once: 1)") && gone.direction == Direction::Looser,
        "{gone:?}"
    );
    assert!(has(&found, Rule::SuiteCaseChanged));
    let found = suites(&[("e/a.jsonl", &twice)], &[("e/a.jsonl", CASES)], &["a"]);
    let gone = rule(&found, Rule::SuiteCaseRemoved);
    assert!(gone.text.contains("1 row of ids that stand more than once is gone"), "{gone:?}");
    assert_eq!(gone.direction, Direction::Looser);
    assert!(has(&found, Rule::SuiteFailingCaseChanged));
}

/// A case that asks for less is worth as much as one that is gone; one that failed before blocks whatever changed in it.
#[test]
fn cases_that_ask_for_less() {
    let case = |id: &str, rest: &str| format!("{{\"id\":\"{id}\",\"q\":\"1\",{rest}}}\n");
    let full = "\"expected\":\"4\",\"criteria\":[\"polite\",\"short\"]";
    let before = case("a", full) + &case("b", full);
    for eased in [
        "\"expected\":\"\",\"criteria\":[\"polite\",\"short\"]",
        "\"criteria\":[\"polite\",\"short\"]",
        "\"expected\":\"4\",\"criteria\":[\"polite\"]",
        &format!("{full},\"skip\":true"),
        &format!("{full},\"enabled\":false"),
    ] {
        let after = case("a", full) + &case("b", eased);
        let found = suites(&[("e/a.jsonl", &before)], &[("e/a.jsonl", &after)], &[]);
        let changed = rule(&found, Rule::SuiteCaseChanged);
        assert_eq!((changed.direction, changed.severity), (Direction::Looser, Severity::Review), "{eased}");
        assert!(!has(&found, Rule::SuiteFailingCaseChanged), "{eased}");
        let found = suites(&[("e/a.jsonl", &before)], &[("e/a.jsonl", &after)], &["b"]);
        let failing = rule(&found, Rule::SuiteFailingCaseChanged);
        assert_eq!((failing.direction, failing.severity), (Direction::Looser, Severity::Blocking), "{eased}");
        assert!(failing.text.contains("1 case that failed before changed in"), "{}", failing.text);
        // The other way round it asks for more.
        let found = suites(&[("e/a.jsonl", &after)], &[("e/a.jsonl", &before)], &[]);
        assert_eq!(rule(&found, Rule::SuiteCaseChanged).direction, Direction::Unknown, "{eased}");
    }
    let other = before.replace("\"id\":\"b\",\"q\":\"1\"", "\"id\":\"b\",\"q\":\"hi\"");
    let found = suites(&[("e/a.jsonl", &before)], &[("e/a.jsonl", &other)], &["b"]);
    let failing = rule(&found, Rule::SuiteFailingCaseChanged);
    assert_eq!((failing.direction, failing.severity), (Direction::Unknown, Severity::Blocking));
    // However many others changed before it.
    let many = |q: &str, last: &str| {
        (0..500).fold(String::new(), |text, at| text + &format!("{{\"id\":\"{at}\",\"q\":\"{q}\"}}\n"))
            + &case("last", last)
    };
    let (before, after) = (many("1", full), many("2", "\"expected\":\"\""));
    let found = suites(&[("e/a.jsonl", &before)], &[("e/a.jsonl", &after)], &["last"]);
    let failing = rule(&found, Rule::SuiteFailingCaseChanged);
    assert!(
        failing.text.ends_with("1 case that failed before changed in criteria, expected, last"),
        "{failing:?}"
    );
    assert!(found.iter().any(|one| one.rule == Rule::SuiteCaseChanged && one.direction == Direction::Looser));
}

/// A file that ends in the middle of a case has lost nobody knows what.
#[test]
fn a_suite_that_is_cut_off_is_refused() {
    let made = |version: &str, name: &str, text: &str| {
        Made::new(&[&format!("eval_suites.it: {{ version: {version}, path: {name} }}")], &[(name, text)])
    };
    let csv = "id,q\na,1\nb,\"2\n3\"\n";
    for (name, text, cut) in [("e.jsonl", CASES, CASES.len() - 6), ("e.csv", csv, csv.len() - 3)] {
        let (whole, part) = (made("v1", name, text), made("v2", name, &text[..cut]));
        for refused in [between(&whole, &part), between(&part, &whole)] {
            let refused = refused.unwrap_err();
            let finding = refused.iter().next().unwrap();
            assert_eq!(finding.code.word(), "suite-cut-off");
            assert!(finding.title.contains(name), "{}", finding.title);
        }
    }
    // Without its last line end it is whole.
    let whole = made("v2", "e.jsonl", CASES.trim_end());
    let found = between(&made("v1", "e.jsonl", CASES), &whole).unwrap();
    assert!(!lines(&found).iter().any(|line| line.starts_with("suite-")), "{:?}", lines(&found));
    // A document that can no longer be read may have lost any case.
    let found =
        between(&made("v1", "e.json", "[{\"id\": 1}]"), &made("v2", "e.json", "[{\"id\": 1")).unwrap();
    let text = rule(&found, Rule::ArtifactText);
    assert_eq!((text.direction, text.severity), (Direction::Unknown, Severity::Blocking));
    // Nor is it read under another ending.
    let found = suites(&[("e/a.jsonl", CASES)], &[("e/a.jsonl.off", CASES)], &[]);
    let text = rule(&found, Rule::ArtifactText);
    assert!(text.text.contains("a.jsonl is now called a.jsonl.off"), "{}", text.text);
    assert_eq!((text.direction, text.severity), (Direction::Unknown, Severity::Blocking));
}

#[test]
fn many_cases_are_counted_and_few_are_shown() {
    let text = (0..5000).fold(String::new(), |text, at| {
        text + &format!("{{\"id\":{at},\"key\":\"sk-abcdefghij012345{at:04}\"}}\n")
    });
    let found = suites(&[("e/a.jsonl", &text)], &[("e/a.jsonl", "{\"id\":\"new\"}\n")], &["17"]);
    let gone = rule(&found, Rule::SuiteCaseRemoved);
    assert_eq!(gone.text, "eval suite it: v1 -> v2, 5000 cases are gone, such as 0, 1, 2");
    assert_eq!(
        (gone.details.len(), gone.details.last()),
        (11, Some(&Detail::Line("and 4990 more".to_owned())))
    );
    assert!(has(&found, Rule::SuiteFailingCaseRemoved));
    let found = suites(&[("e/a.jsonl", &text)], &[("e/a.jsonl", &text.replace("sk-abc", "sk-xyz"))], &[]);
    assert!(!printed(&found).contains("defghij"), "{:?}", rule(&found, Rule::SuiteCaseChanged));
}

// ------------------------------------------------------------------------------------------------ all of them

mod hostile {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever stands in a file: an answer, the same both times, and none where nothing changed.
        #[test]
        fn any_bytes(before in prop::collection::vec(any::<u8>(), 0..200), after in "[\\[\\]{}:,\"a-c0-2 \\n<>$%#-]{0,120}") {
            for (kind, name) in [
                ("prompts", "p.md"), ("inference_configs", "c.json"), ("inference_configs", "c.yaml"),
                ("safety_policies", "s.yaml"), ("safety_policies", "s.txt"), ("eval_suites", "e.jsonl"),
                ("eval_suites", "e.csv"), ("eval_suites", "e.yaml"),
            ] {
                let made = |version: &str, bytes: &[u8]| {
                    let files = Files {
                        bytes: BTreeMap::from([(name.to_owned(), bytes.to_vec())]),
                        broken: BTreeSet::new(),
                    };
                    Made::of(&[&format!("{kind}.it: {{ version: {version}, path: {name} }}")], files)
                };
                let same = digest_bytes(&before) == digest_bytes(after.as_bytes());
                let found = between(&made("v1", &before), &made("v2", after.as_bytes()));
                // A suite that ends in the middle of a case is refused.
                if kind == "eval_suites" && found.is_err() {
                    continue;
                }
                let found = found.unwrap();
                prop_assert!(same || found.len() >= 2, "{kind} {name}: {:?}", lines(&found));
                let back = between(&made("v1", after.as_bytes()), &made("v2", &before)).unwrap();
                prop_assert!(same || back.len() >= 2, "{kind} {name}: {:?}", lines(&back));
                let again = between(&made("v1", &before), &made("v2", after.as_bytes())).unwrap();
                prop_assert_eq!(found, again);
                prop_assert_eq!(between(&made("v1", &before), &made("v1", &before)).unwrap(), vec![]);
            }
        }
    }
}
