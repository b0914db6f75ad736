//! What changed inside artifacts, from one release to the next: records with their rule, weight, direction and words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Cursor, Read};

use relgate::artifact::{
    self, Found, ListedFile, Listing, Pinned, Standing, Tree, Trouble, digest_bytes, resolve,
};
use relgate::change::{self, ComparedSide};
use relgate::diagnostic::{Diagnostics, Sources, render};
use relgate::diff::{self, ChangeRule, Detail, Direction, Record, ReleaseSide, Weight, WordEdit};
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
            return Ok(Found { path, node: Standing::File { bytes: bytes.len() as u64 } });
        }
        if self.bytes.keys().any(|file| file.starts_with(&format!("{path}/"))) {
            return Ok(Found { path, node: Standing::Folder });
        }
        Err(Trouble::Missing { folder: String::new(), names: Vec::new() })
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        let inside = self.bytes.iter().filter_map(|(path, bytes)| {
            let path = path.strip_prefix(&format!("{folder}/"))?.to_owned();
            Some(ListedFile { path, bytes: bytes.len() as u64, linked: false })
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
        Some(&ComparedSide { manifest: &old.0, pinned: &old.1 }),
        &ComparedSide { manifest: &new.0, pinned: &new.1 },
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

fn rule(records: &[Record], rule: ChangeRule) -> &Record {
    records.iter().find(|record| record.rule == rule).unwrap_or_else(|| panic!("{:#?}", lines(records)))
}

fn has(records: &[Record], rule: ChangeRule) -> bool {
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
            "artifact-added review unknown: safety policy s (p1) is new",
            "artifact-added info neutral: eval suite e (e1) is new",
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
    assert!(has(&found, ChangeRule::ArtifactRemoved) && has(&found, ChangeRule::ArtifactAdded));
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
        rule(&found, ChangeRule::ModelUnpinned).text,
        "model m is not pinned any more and may change without a release: `latest` means another model tomorrow"
    );
    let went = |before: &Made| {
        let found = between(before, &loose).unwrap();
        let record = rule(&found, ChangeRule::ModelUnpinned);
        (record.severity, record.direction)
    };
    assert_eq!(went(&pinned), (Weight::Blocking, Direction::Looser));
    // It may be the pinned one under another name; one more was never pinned.
    let other =
        Made::new(&["models.old: { version: gpt-4.3-2025-01-15, uri: 'openai:gpt-4.3-2025-01-15' }"], &[]);
    assert_eq!(went(&other), (Weight::Blocking, Direction::Unknown));
    assert_eq!(went(&Made::new(&[], &[])), (Weight::Review, Direction::Unknown));
    assert!(!has(&between(&loose, &loose).unwrap(), ChangeRule::ModelUnpinned));
    assert!(!has(&between(&loose, &pinned).unwrap(), ChangeRule::ModelUnpinned));
}

/// What guards a release and is put where nobody reads it may have lost everything.
#[test]
fn guards_that_are_put_out_of_sight_block() {
    let inside = |kind: &str, file: &str| {
        Made::new(&[&format!("{kind}.g: {{ version: v1, path: {file} }}")], &[(file, "{\"id\": 1}\n")])
    };
    let outside = |kind: &str| Made::new(&[&format!("{kind}.g: {{ version: v2, uri: 's3://b/g' }}")], &[]);
    for (kind, weight) in [
        ("safety_policies", Weight::Blocking),
        ("eval_suites", Weight::Blocking),
        ("prompts", Weight::Review),
    ] {
        let found = between(&inside(kind, "g.json"), &outside(kind)).unwrap();
        let record = rule(&found, ChangeRule::ArtifactVersion);
        assert_eq!((record.severity, record.direction), (weight, Direction::Unknown), "{kind}");
        // Elsewhere before is what it was.
        let found = between(&outside(kind), &inside(kind, "g.json")).unwrap();
        assert_eq!(rule(&found, ChangeRule::ArtifactVersion).severity, Weight::Review, "{kind}");
    }
    let folder = |version: &str, second: &str| {
        Made::new(
            &[&format!("safety_policies.g: {{ version: {version}, path: g }}")],
            &[("g/a.yaml", "rules: [{ id: a }]\n"), (second, "rules: [{ id: b }]\n")],
        )
    };
    let weight = |second: &str| {
        let found = between(&folder("v1", "g/b.yaml"), &folder("v2", second)).unwrap();
        let record = rule(&found, ChangeRule::ArtifactFiles);
        (record.severity, record.direction)
    };
    assert_eq!(weight("g/b.yaml.disabled"), (Weight::Blocking, Direction::Unknown));
    // Files may be read in the order of their names, or by name.
    assert_eq!(weight("g/c.yaml"), (Weight::Review, Direction::Unknown));
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
            .find(|record| record.rule == ChangeRule::ArtifactPin)
            .map(|record| (record.text, record.severity, record.direction))
    };
    let told = |text: &str, weight, way| Some((text.to_owned(), weight, way));
    assert_eq!(
        of(&inside(&own), &inside("")),
        told("prompt p: its digest is not pinned any more", Weight::Review, Direction::Looser)
    );
    assert_eq!(
        of(&inside(""), &inside(&own)),
        told("prompt p: its digest is pinned now", Weight::Info, Direction::Tighter)
    );
    assert_eq!(
        of(&outside(&digest("a")), &outside("")),
        told(
            "dataset p: any bytes may stand for it now; before, its digest was pinned",
            Weight::Blocking,
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
    let files = rule(&found, ChangeRule::ArtifactFiles);
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
    assert_eq!(rule(&found, ChangeRule::ArtifactFiles).details.len(), 21);
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
    assert!(rule(&found, ChangeRule::ConfigKey).text.ends_with("top_p 0.1 -> 0.2"), "{:?}", lines(&found));
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
    let words = rule(&found, ChangeRule::PromptWords);
    assert_eq!(words.text, "prompt it: v1 -> v2, 1 passage changed, 2 words added");
    assert_eq!(
        words.details,
        [
            Detail::Line("under # Role".to_owned()),
            Detail::Words {
                line: 2,
                pieces: vec![
                    (WordEdit::Same, "You are kind".to_owned()),
                    (WordEdit::Added, " and patient".to_owned()),
                    (WordEdit::Same, ".\n".to_owned()),
                ]
            }
        ]
    );
    assert_eq!((words.severity, words.direction), (Weight::Review, Direction::Unknown));
}

#[test]
fn only_the_first_passages_are_shown_and_the_rest_is_counted() {
    let text =
        |word: &str| (0..50).fold(String::new(), |text, at| text + &format!("{word} {at}\n\nsame {at}\n\n"));
    let found = file("prompts", "p.md", &text("old"), &text("new"));
    let words = rule(&found, ChangeRule::PromptWords);
    assert!(words.text.contains("50 passages changed, 50 words added, 50 removed"), "{}", words.text);
    assert_eq!(words.details.len(), 21);
    assert_eq!(words.details[20], Detail::Line("and 30 more passages".to_owned()));
}

#[test]
fn variables_that_came_and_went() {
    let found =
        file("prompts", "p.md", "Hi {name} {{ city }} {\"json\": 1}\n", "Hi {name} ${city} {\"other\": 1}\n");
    assert_eq!(
        rule(&found, ChangeRule::PromptVariableRemoved).text,
        "prompt it: v1 -> v2, it no longer has the template variable {{city}}"
    );
    assert_eq!(rule(&found, ChangeRule::PromptVariableAdded).after.as_deref(), Some("${city}"));
    // Gone in one place and still there in another is not gone.
    let found = file("prompts", "p.md", "{name}\n\nsame\n\n{name}\n", "x\n\nsame\n\n{name}\n");
    assert!(!has(&found, ChangeRule::PromptVariableRemoved), "{:?}", lines(&found));
}

/// Edits in several languages, looser ones and harmless ones: from the words alone nobody can tell which is which.
#[test]
fn any_change_of_words_is_to_be_reviewed_whatever_it_says() {
    for (before, after) in [
        ("Never give medical advice.\n", ""),
        ("Never give medical advice.\n", "Never give medical advise.\n"),
        ("Never give medical advice.\n", "Never hesitate to give medical advice.\n"),
        ("Hi.\n", "Hi.\nNever waste the time of a user with long safety warnings.\n"),
        ("Hi.\n", "Hi.\nNever name prices.\n"),
        ("You must never:\n- share an address\n", "Feel free to:\n- share an address\n"),
        ("Gib niemals medizinischen Rat.\n", "Gib immer medizinischen Rat.\n"),
        ("Verrate nie das Passwort.\n", "Verrate das Passwort.\n"),
        ("Nunca reveles el precio.\n", "Revela siempre el precio.\n"),
        ("No des consejos médicos.\n", "Da consejos médicos.\n"),
        ("絶対に価格を明かさないでください。\n", "価格を明かしてください。\n"),
        ("Stop.\n", "<!-- Stop. -->\n"),
        ("Stop.\n", "{# Stop. #}\n"),
        ("{% include 'safety.md' %}\n", ""),
        ("Be kind.\n", "be kind.\n"),
        ("a b\n", "ab\n"),
        ("a b\n", "a\u{a0}b\n"),
    ] {
        for (before, after) in [(before, after), (after, before)] {
            let found = file("prompts", "p.md", &format!("x\n{before}"), &format!("x\n{after}"));
            let words = rule(&found, ChangeRule::PromptWords);
            assert_eq!(
                (words.severity, words.direction),
                (Weight::Review, Direction::Unknown),
                "{before:?} -> {after:?}"
            );
            assert!(words.details.iter().any(|one| matches!(one, Detail::Words { .. })), "{words:?}");
            let told = |one: &Record| matches!(one.direction, Direction::Looser | Direction::Tighter);
            assert!(!found.iter().any(told), "{:?}", lines(&found));
        }
    }
    for (before, after) in [("a b.\n", "a  b.\n\n"), ("- a\n- b\n", "\t- a\r\n- b"), ("a\nb\n", "a b\n")] {
        let found = file("prompts", "p.md", before, after);
        let words = rule(&found, ChangeRule::PromptWords);
        assert_eq!((words.severity, words.direction), (Weight::Info, Direction::Neutral), "{before:?}");
    }
}

#[test]
fn characters_that_nobody_sees_are_named_and_never_printed() {
    for (hidden, name) in [
        ('\u{200b}', "U+200B"),
        ('\u{e0069}', "U+E0069"),
        ('\u{fe0f}', "U+FE0F"),
        ('\u{e0101}', "U+E0101"),
        ('\u{202e}', "U+202E"),
        ('\u{3164}', "U+3164"),
        ('\u{115f}', "U+115F"),
        ('\u{ffa0}', "U+FFA0"),
        ('\u{34f}', "U+034F"),
        ('\u{2800}', "U+2800"),
        ('\u{1d173}', "U+1D173"),
        ('\u{2063}', "U+2063"),
        ('\u{a0}', "U+00A0"),
        ('\u{7}', "U+0007"),
    ] {
        let found = file("prompts", "p.md", "Be kind.\n", &format!("Be{hidden}{hidden} kind.\n"));
        let record = rule(&found, ChangeRule::PromptInvisible);
        assert_eq!((record.severity, record.direction), (Weight::Review, Direction::Unknown));
        let text = format!("it now has characters that nobody sees: {name} (2 times)");
        assert!(record.text.ends_with(&text), "{}", record.text);
        let words = rule(&found, ChangeRule::PromptWords);
        assert_eq!(words.severity, Weight::Review, "{name}");
        assert!(format!("{:?}", words.details).contains(&format!("<{name}><{name}>")), "{:?}", words.details);
        assert!(!found.iter().any(|one| format!("{:?}", one.details).contains(hidden)), "{name}");
        let back = file("prompts", "p.md", &format!("Be{hidden} kind.\n"), "Be kind.\n");
        assert!(
            rule(&back, ChangeRule::PromptInvisible).text.contains("it no longer has"),
            "{:?}",
            lines(&back)
        );
    }
    // As many as before, in another place.
    let found = file("prompts", "p.md", "a\u{200b}b c\n", "ab\u{200b} c\n");
    assert!(!has(&found, ChangeRule::PromptInvisible));
    assert_eq!(rule(&found, ChangeRule::PromptWords).severity, Weight::Review);
}

#[test]
fn changed_numbers_are_pointed_at() {
    for (before, after, told) in [
        ("At most 30 words.", "At most 60 words.", Some("numbers: 30 -> 60")),
        ("Keep it below 0.5.", "Keep it below 0.7.", Some("numbers: 0.5 -> 0.7")),
        ("Refund up to 1,000 EUR.", "Refund up to 10,000 EUR.", Some("numbers: 1,000 -> 10,000")),
        ("Between 1 and 5 lines.", "Between 2 and 9 lines.", Some("numbers: 1 -> 2, 5 -> 9")),
        ("Höchstens 30%.", "Höchstens 80%.", Some("numbers: 30 -> 80")),
        ("At most 30 words.", "At most 30 letters.", None),
        ("At most 30 words.", "At most many words.", None),
    ] {
        let found = file("prompts", "p.md", before, after);
        let text = &rule(&found, ChangeRule::PromptWords).text;
        assert_eq!(text.split_once(", numbers").map(|(_, rest)| format!("numbers{rest}")).as_deref(), told);
    }
}

#[test]
fn passages_stand_under_their_headings() {
    let before = "# Role\n\nA kind bot.\n\n## Safety\n\nSay no.\nSay why.\n\nTone\n----\n\nWarm.\n";
    let after = before.replace("kind", "calm").replace("Say no.\n", "").replace("Warm", "Cold");
    let found = file("prompts", "p.md", before, &after);
    let told = rule(&found, ChangeRule::PromptWords).details.iter().filter_map(|one| match one {
        Detail::Line(line) => Some(line.as_str()),
        Detail::Words { .. } => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), ["under # Role", "under ## Safety", "under Tone"]);
}

#[test]
fn too_many_variables_are_said() {
    let names =
        |from: usize| (from..from + 10_050).map(|at| format!("{{v{at}}}\n")).collect::<Vec<_>>().concat();
    let found = file("prompts", "p.md", &names(0), &names(10));
    let words = rule(&found, ChangeRule::PromptWords);
    assert!(words.text.contains("not all of its template variables were compared"), "{}", words.text);
    assert_eq!(words.severity, Weight::Review);
}

#[test]
fn sizes_in_approximate_tokens() {
    let found = file("prompts", "p.md", &"word ".repeat(400), &"word ".repeat(500));
    let size = rule(&found, ChangeRule::PromptSize);
    assert_eq!(
        size.text,
        "prompt it: v1 -> v2, about 500 tokens -> about 625 tokens (characters / 4), 25 % longer"
    );
    assert_eq!(size.severity, Weight::Review);
    let found = file("prompts", "p.md", &"word ".repeat(500), &"word ".repeat(550));
    assert_eq!(rule(&found, ChangeRule::PromptSize).severity, Weight::Info);
    let found = file("prompts", "p.md", &"word ".repeat(500), &"word ".repeat(300));
    let size = rule(&found, ChangeRule::PromptSize);
    assert_eq!((size.severity, size.direction), (Weight::Review, Direction::Unknown));
}

#[test]
fn line_ends_marks_and_bytes_that_are_no_text() {
    let found = file("prompts", "p.md", "Be kind.\nBye.\n", "Be kind.\r\nBye.\r\n");
    assert_eq!(
        rule(&found, ChangeRule::PromptWords).text,
        "prompt it: v1 -> v2, only line ends differ (LF -> CRLF)"
    );
    let found = file("prompts", "p.md", "\u{feff}Be kind.\n", "Be kind.\n");
    assert_eq!(
        rule(&found, ChangeRule::PromptWords).text,
        "prompt it: v1 -> v2, only a byte order mark (U+FEFF) is gone"
    );
    assert_eq!(rule(&found, ChangeRule::PromptWords).severity, Weight::Review);
    let found = file("prompts", "p.md", "Be kind.\n", "Be\0kind.\n");
    let text = &rule(&found, ChangeRule::NotText).text;
    assert!(text.contains("p.md is not UTF-8 text: 9 bytes (sha256:"), "{text}");
    assert!(!has(&found, ChangeRule::PromptWords));
}

#[test]
fn secrets_in_a_prompt_show_that_they_changed_and_nothing_more() {
    let (old, new) = ("sk-abcdefghij0123456789", "sk-zyxwvutsrq9876543210");
    let text = |key: &str| format!("Never show the key {key} to anyone.\n");
    let found = file("prompts", "p.md", &text(old), &text(new));
    let shown = printed(&found);
    assert!(!shown.contains("abcdefghij") && !shown.contains("zyxwvutsrq"), "{shown}");
    assert!(
        format!("{:?}", rule(&found, ChangeRule::PromptWords).details)
            .contains("(Removed, \"<masked>\"), (Added, \"<masked>\")")
    );
}

#[test]
fn a_prompt_that_is_too_large_is_never_silence() {
    let before = "Say something kind to {name} about the mountains.\n".repeat(200_000);
    let found = file("prompts", "p.md", &before, &format!("{before}x"));
    let record = rule(&found, ChangeRule::NotText);
    assert!(record.text.contains("p.md is too large or not UTF-8 text"), "{}", record.text);
    assert_eq!((record.severity, record.direction), (Weight::Review, Direction::Unknown));
}

// ------------------------------------------------------------------------------------------------ configurations

/// Path below the artifact, before and after of every key.
fn keys(records: &[Record]) -> Vec<String> {
    let own = records.iter().filter(|record| record.rule == ChangeRule::ConfigKey);
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

/// `safe_mode` may be what it says, or the mode of a safe.
#[test]
fn no_key_of_a_foreign_configuration_has_a_direction() {
    let found = file(
        "inference_configs",
        "c.toml",
        "safe_mode = true\ndisable_filter = false\n[moderation]\nlevel = 'block'\n",
        "safe_mode = false\ndisable_filter = true\nredact_pii = true\n[moderation]\nlevel = 'warn'\n",
    );
    assert_eq!(
        keys(&found),
        [
            "disable_filter: false -> true unknown",
            "moderation.level: \"block\" -> \"warn\" unknown",
            "redact_pii: - -> true unknown",
            "safe_mode: true -> false unknown",
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
    let text = &rule(&found, ChangeRule::ArtifactText).text;
    assert!(
        text.contains("the file after cannot be read key by key: `a` stands here twice at line 1"),
        "{text}"
    );
    let found = file("inference_configs", "c.py", "a = 1\n", "a = 2\n");
    assert!(rule(&found, ChangeRule::ArtifactText).text.contains("it is in no form that is read key by key"));
    let found = file("inference_configs", "c.json", "{\"a\": 1}", "{ \"a\": 1.0 }\n");
    let record = rule(&found, ChangeRule::ArtifactText);
    assert!(record.text.ends_with("no key differs, only the way it is written"));
    assert_eq!(record.severity, Weight::Info);
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
fn what_is_gone_from_a_policy_is_looser_and_everything_else_is_unknown() {
    let before = "rules:\n\
                  - { id: weapons, action: block, severity: high }\n\
                  - { id: medical, action: refuse, max_score: 0.5 }\n\
                  - { id: pii, action: log, enabled: true }\n\
                  - { id: fraud, action: block }\n\
                  message: We do not talk about this.\n";
    let after = "rules:\n\
                 - { id: weapons, action: block, severity: low }\n\
                 - { id: pii, action: block, enabled: false }\n\
                 - { id: spam, action: block }\n\
                 message: We do not talk about that.\n\
                 about: Written by the safety team.\n";
    assert_eq!(
        rules(&file("safety_policies", "s.yaml", before, after)),
        [
            "safety-rule-removed blocking looser rules[fraud]",
            "safety-rule-removed blocking looser rules[medical]",
            "safety-rule-added blocking unknown rules[spam]",
            "safety-rule-changed blocking unknown rules[pii].action",
            "safety-rule-changed blocking unknown rules[pii].enabled",
            "safety-rule-changed blocking unknown rules[weapons].severity",
            "safety-rule-added review unknown about",
            "safety-rule-changed review unknown message",
        ]
    );
    let found = file("safety_policies", "s.yaml", before, &before.replace("high", "low"));
    assert_eq!(
        rule(&found, ChangeRule::SafetyRuleChanged).text,
        "safety policy it: v1 -> v2, rules[weapons].severity \"high\" -> \"low\""
    );
}

/// The same policy in every form that has keys or entries, with its filter gone, with another one, and with one switched.
#[test]
fn policies_have_one_structure_in_every_form() {
    for (name, full, gone, changed, path) in [
        (
            "s.yaml",
            "a: { on: true }\nb: { on: true }\n",
            "a: { on: true }\n",
            "a: { on: true }\nb: { on: false }\n",
            "b.on",
        ),
        (
            "s.json",
            r#"{"a":{"on":true},"b":{"on":true}}"#,
            r#"{"a":{"on":true}}"#,
            r#"{"a":{"on":true},"b":{"on":false}}"#,
            "b.on",
        ),
        (
            "s.toml",
            "[a]\non = true\n[b]\non = true\n",
            "[a]\non = true\n",
            "[a]\non = true\n[b]\non = false\n",
            "b.on",
        ),
        (
            "s.ini",
            "[a]\non = yes\n[b]\non = yes\n",
            "[a]\non = yes\n",
            "[a]\non = yes\n[b]\non = no ; now\n",
            "b.on",
        ),
        (".env", "A=1\nB=1 # why not\n", "A=1\n", "A=1\nB=0 # or not\n", "B"),
        (".env.production", "A=1\nexport B=1\n", "A=1\n", "A=1\nexport B=0\n", "B"),
        (
            "s.csv",
            "id,action\na,block\nb,block\n",
            "id,action\na,block\n",
            "id,action\na,block\nb,allow\n",
            "[b].action",
        ),
        (
            "s.tsv",
            "topic\taction\nx y\tblock\nz\tblock\n",
            "topic\taction\nx y\tblock\n",
            "topic\taction\nx y\tblock\nz\tallow\n",
            "[1].action",
        ),
    ] {
        let found = file("safety_policies", name, full, gone);
        let looser = found.iter().filter(|one| one.direction == Direction::Looser);
        assert_eq!(
            looser.map(|one| one.severity).collect::<Vec<_>>(),
            [Weight::Blocking],
            "{name}: {:?}",
            lines(&found)
        );
        assert!(has(&found, ChangeRule::SafetyRuleRemoved), "{name}");
        let found = file("safety_policies", name, gone, full);
        let new = rule(&found, ChangeRule::SafetyRuleAdded);
        assert_eq!((new.severity, new.direction), (Weight::Blocking, Direction::Unknown), "{name}");
        let found = file("safety_policies", name, full, changed);
        assert_eq!(rules(&found), [format!("safety-rule-changed blocking unknown {path}")], "{name}");
        let found = file("safety_policies", name, full, &format!("{full}\n"));
        assert!(rules(&found).is_empty(), "{name}: {:?}", lines(&found));
        assert_eq!(rule(&found, ChangeRule::ArtifactText).severity, Weight::Info, "{name}");
    }
}

const POLICY: &str = "rules:\n\
                      - { id: weapons, action: block, pattern: 'bomb|gun', threshold: 0.5 }\n\
                      - { id: pii, action: redact }\n\
                      max_score: 0.4\n\
                      allowlist: [x]\n\
                      words: [a, b]\n";

#[test]
fn nothing_in_a_policy_is_ever_tighter() {
    for (was, is, expected) in [
        ("block,", "block, only_for: [staging],", vec!["added blocking unknown rules[weapons].only_for"]),
        ("block,", "block, enabled: false,", vec!["added blocking unknown rules[weapons].enabled"]),
        ("action: block, ", "", vec!["removed blocking looser rules[weapons].action"]),
        ("action: block", "action: null", vec!["changed blocking unknown rules[weapons].action"]),
        ("max_score: 0.4", "max_score: 0.4\nweapons: allow", vec!["added blocking unknown weapons"]),
        ("rules:", "enabled: true\nrules:", vec!["added blocking unknown enabled"]),
        ("bomb|gun", "zzz", vec!["changed blocking unknown rules[weapons].pattern"]),
        ("0.4", "0.3", vec!["changed blocking unknown max_score"]),
        ("max_score: 0.4\n", "", vec!["removed blocking looser max_score"]),
        ("[a, b]", "[a, b, c]", vec!["added blocking unknown words"]),
        ("[a, b]", "[a, b, two words]", vec!["added review unknown words"]),
        ("[a, b]", "[a, c]", vec!["removed blocking looser words", "added blocking unknown words"]),
        ("[a, b]", "[b, a]", vec!["changed review unknown words"]),
        ("words: [a, b]\n", "", vec!["removed blocking looser words"]),
        ("[x]", "[]", vec!["removed blocking looser allowlist"]),
        ("rules:\n", "rules:\n- { id: all, action: allow }\n", vec!["added blocking unknown rules[all]"]),
        ("rules:\n", "exceptions: [{ id: x }]\nrules:\n", vec!["added blocking unknown exceptions[x]"]),
        ("rules:\n", "rules:\n- { id: pii2, action: redact }\n", vec!["added blocking unknown rules[pii2]"]),
    ] {
        let found = file("safety_policies", "s.yaml", POLICY, &POLICY.replace(was, is));
        let expected: Vec<String> = expected.iter().map(|one| format!("safety-rule-{one}")).collect();
        assert_eq!(rules(&found), expected, "{was} -> {is}");
        let back = file("safety_policies", "s.yaml", &POLICY.replace(was, is), POLICY);
        assert!(!back.iter().any(|one| one.direction == Direction::Tighter), "{:?}", lines(&back));
        assert!(!rules(&back).is_empty());
    }
    // The first rule that fits may decide, named or not.
    for name in ["id", "when"] {
        let rule = |value: &str| format!("{{ {name}: {value}, action: {value} }}");
        let text = |one: &str, two: &str| format!("rules: [{}, {}]\n", rule(one), rule(two));
        let found = file("safety_policies", "s.yaml", &text("a", "b"), &text("b", "a"));
        assert_eq!(rules(&found), ["safety-rule-changed review unknown rules"]);
    }
    let gone =
        file("safety_policies", "s.yaml", POLICY, "rules:\nmax_score: 0.4\nallowlist: [x]\nwords: [a, b]\n");
    assert_eq!(
        rules(&gone),
        [
            "safety-rule-removed blocking looser rules[pii]",
            "safety-rule-removed blocking looser rules[weapons]"
        ]
    );
    // Twice the same rule and once is one less.
    let found = file("safety_policies", "s.yaml", "r: [{ when: a }, { when: a }]\n", "r: [{ when: a }]\n");
    assert_eq!(rules(&found), ["safety-rule-removed blocking looser r[1]"]);
}

/// Whatever it has for keys: no rule inside of a rule is hidden by the words that its group has.
#[test]
fn a_filter_that_is_gone_is_told_wherever_it_stands() {
    let filter = |rest: &str| {
        format!(
            r#"{{"properties":{{"mode":"Default","enabled":true,"threshold":1,"contentFilters":[{{"name":"Hate","blocking":true}}{rest}]}}}}"#
        )
    };
    let found =
        file("safety_policies", "f.json", &filter(r#",{"name":"Jailbreak","blocking":true}"#), &filter(""));
    assert_eq!(rules(&found), ["safety-rule-removed blocking looser properties.contentFilters[Jailbreak]"]);
    // However many other values changed before it.
    let many = |value: u32, last: &str| {
        (0..300).map(|at| format!("a{at}: {value}\n")).collect::<Vec<_>>().concat() + last
    };
    let found = file("safety_policies", "s.yaml", &many(1, "zz: { on: true }\n"), &many(2, ""));
    let looser: Vec<_> = found.iter().filter(|one| one.direction == Direction::Looser).collect();
    assert_eq!(looser.len(), 1);
    assert_eq!(looser[0].path.rsplit('.').next(), Some("zz"), "{:?}", lines(&found));
    assert!(found.iter().any(|one| one.text.ends_with("and 101 more differences, 0 of them what is gone")));
    // A whole file of rules that is gone loses each of them.
    let folder = |files: &[(&str, &str)]| Made::new(&["safety_policies.it: { version: v1, path: s }"], files);
    let rest = ("s/b.yaml", "x: 1");
    let full = [("s/a.yaml", "rules: [{ id: a, action: block }, { id: b, action: warn }]"), rest];
    assert_eq!(
        rules(&between(&folder(&full), &folder(&[rest])).unwrap()),
        ["safety-rule-removed blocking looser rules[a]", "safety-rule-removed blocking looser rules[b]"]
    );
}

#[test]
fn a_policy_that_nobody_can_read_any_more_blocks() {
    for (name, before, after) in [
        ("s.yaml", POLICY, "rules: [ {\n"),
        ("s.yaml", POLICY, ""),
        ("s.yaml", POLICY, "# nothing\n"),
        ("s.yaml", POLICY, "a: &x 1\nb: *x\n"),
        ("s.yaml", "a: &x { action: block }\nb: *x\n", "a: &x { action: allow }\nb: *x\n"),
        ("s.yaml", "about: this\n", ""),
        ("s.toml", "a = 1\n", "a = 1\na = 2\n"),
        (".env", "A=1\n", "A=1\nA=2\n"),
        ("s.csv", "id,a\n1,2\n", "id,a\n1,2,3\n"),
        ("s.md", "Be kind to all of them, please.\n", ""),
        ("s.txt", "{\"a\": 1}\n", "nothing {at} all, really.\n"),
        ("s.rego", "allow { input.age > 18 }\n", "allow { input.age > 8 }\n"),
        ("s.py", "BLOCK = True\n", "BLOCK = False\n"),
        ("s.xml", "<block on=\"1\"/>\n", "<block on=\"0\"/>\n"),
    ] {
        let found = file("safety_policies", name, before, after);
        assert_eq!(found[0].severity, Weight::Blocking, "{name} {after:?}: {:?}", lines(&found));
        assert!(matches!(found[0].direction, Direction::Looser | Direction::Unknown), "{name} {after:?}");
    }
    // One file, under a name that no reader may look for.
    let loose = POLICY.replace("action: block", "action: allow");
    let before = Made::new(&["safety_policies.it: { version: v1, path: s.yaml }"], &[("s.yaml", POLICY)]);
    let after = Made::new(&["safety_policies.it: { version: v2, path: s.off }"], &[("s.off", &loose)]);
    let found = between(&before, &after).unwrap();
    assert_eq!(rules(&found), ["safety-rule-changed blocking unknown rules[weapons].action"]);
    let named = rule(&found, ChangeRule::ArtifactFiles);
    assert_eq!((named.severity, named.direction), (Weight::Blocking, Direction::Unknown));
    let folder = |files: &[(&str, &str)]| Made::new(&["safety_policies.it: { version: v1, path: s }"], files);
    let before = folder(&[("s/a.yaml", POLICY), ("s/b.yaml", "x: 1")]);
    let found = between(&before, &folder(&[("s/a.yaml.bak", POLICY), ("s/b.yaml", "x: 1")])).unwrap();
    assert_eq!(rule(&found, ChangeRule::ArtifactFiles).severity, Weight::Blocking, "{:?}", lines(&found));
    let found = between(&before, &folder(&[("s/old/a.yaml", POLICY), ("s/b.yaml", "x: 1")])).unwrap();
    assert_eq!(rule(&found, ChangeRule::ArtifactFiles).severity, Weight::Review, "{:?}", lines(&found));
}

#[test]
fn policies_in_words_and_lists_of_words() {
    for (before, after) in [
        ("Never discuss weapons of any kind.", "Discuss weapons of any kind."),
        ("Sprich niemals über Waffen.", "Sprich über Waffen."),
        ("Be kind to every customer.", "Be kind to every customer. Never say no to them."),
    ] {
        let found = file("safety_policies", "s.md", before, after);
        let text = rule(&found, ChangeRule::ArtifactText);
        assert_eq!((text.severity, text.direction), (Weight::Review, Direction::Unknown), "{after}");
        assert!(text.text.contains("(a policy in plain words)"), "{}", text.text);
    }
    let found = file("safety_policies", "s.md", "Never  discuss\nweapons.", "Never discuss weapons.");
    assert_eq!(rule(&found, ChangeRule::ArtifactText).severity, Weight::Info);
    let found = file("safety_policies", "words.txt", "# English\nidiot\nmoron\n", "# English\nmoron\ndamn\n");
    assert_eq!(
        rules(&found),
        ["safety-rule-removed blocking looser ", "safety-rule-added blocking unknown "]
    );
    assert!(rule(&found, ChangeRule::SafetyRuleRemoved).text.ends_with("1 entry is gone, such as \"idiot\""));
    for (before, after, expected) in [
        ("bomb\n", "bomb\n!gun\n", "safety-rule-added blocking unknown "),
        ("bomb\n", "bomb\ntwo words\n", "safety-rule-added review unknown "),
        ("bomb\ngun\n", "bomb\n#gun\n", "safety-rule-removed blocking looser "),
        ("!gun\nbomb\n", "bomb\n!gun\n", "safety-rule-changed review unknown "),
    ] {
        let found = file("safety_policies", "words.txt", before, after);
        assert_eq!(rules(&found), [expected], "{before:?} -> {after:?}");
    }
    let weight = |after: &str| {
        rule(&file("safety_policies", "w.txt", "# a\nbomb\n", after), ChangeRule::ArtifactText).severity
    };
    assert_eq!((weight("# a\n bomb\n"), weight("# b\nbomb\n")), (Weight::Info, Weight::Review));
    // Short lines under another name are no list of words.
    let found = file("safety_policies", "words", "bomb\ngun\n", "bomb\n");
    assert!(rules(&found).is_empty(), "{:?}", lines(&found));
    assert_eq!(rule(&found, ChangeRule::ArtifactText).severity, Weight::Review);
    let found = file("safety_policies", "s.bin", "a\0b", "a\0c");
    assert_eq!(rule(&found, ChangeRule::NotText).severity, Weight::Blocking);
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
            "suite-case-added info neutral: eval suite it: v1 -> v2, 1 case is new, d",
        ]
    );
    assert_eq!(
        rule(&found, ChangeRule::SuiteCaseChanged).details,
        [Detail::Line("c: q \"3\" -> \"4\"".to_owned())]
    );
    // The same cases in another order and another file.
    let found = suites(
        &[("e/a.jsonl", CASES)],
        &[("e/b.json", &format!("[{}]", CASES.trim().replace('\n', ",")))],
        &["b"],
    );
    assert!(!lines(&found).iter().any(|line| line.starts_with("suite-")), "{:?}", lines(&found));
    assert!(rule(&found, ChangeRule::ArtifactText).text.contains("the same cases"));
}

#[test]
fn tables_documents_and_rows_that_cannot_be_read() {
    let csv = "id,q\na,\"x, \"\"y\"\"\nz\"\nb,2\n";
    let found = suites(&[("e/a.csv", csv)], &[("e/a.csv", &csv.replace("b,2", "b,3"))], &[]);
    assert_eq!(
        rule(&found, ChangeRule::SuiteCaseChanged).text,
        "eval suite it: v1 -> v2, 1 case changed in q, b"
    );
    let yaml = "judge: m1\ncases:\n- { id: a, q: 1 }\n- { id: b, q: 2 }\n";
    let changed = "judge: m2\ncases:\n- { id: a, q: 1 }\n";
    let found = suites(&[("e/a.yaml", yaml)], &[("e/a.yaml", changed)], &["b"]);
    assert!(rule(&found, ChangeRule::ConfigKey).text.ends_with("judge \"m1\" -> \"m2\""));
    assert!(has(&found, ChangeRule::SuiteFailingCaseRemoved));
    let found = suites(
        &[("e/a.jsonl", CASES)],
        &[("e/a.jsonl", &CASES.replace("{\"id\":\"b\"", "{{\"id\":\"b\""))],
        &[],
    );
    // The same reader as for results: a row that nobody can read may have been any case.
    let text = rule(&found, ChangeRule::ArtifactText);
    assert!(text.text.contains("not read case by case: "), "{}", text.text);
    assert_eq!((text.severity, text.direction), (Weight::Blocking, Direction::Unknown));
    let twice = format!("{CASES}{{\"id\":\"a\",\"q\":\"9\"}}\n");
    let found = suites(&[("e/a.jsonl", CASES)], &[("e/a.jsonl", &twice.replace("\"c\"", "\"e\""))], &[]);
    let gone = rule(&found, ChangeRule::SuiteCaseRemoved);
    // What is gone is gone, whatever else stands there twice.
    assert!(
        gone.text.ends_with("(case ids that stand more than once: 1)") && gone.direction == Direction::Looser,
        "{gone:?}"
    );
    assert!(has(&found, ChangeRule::SuiteCaseChanged));
    let found = suites(&[("e/a.jsonl", &twice)], &[("e/a.jsonl", CASES)], &["a"]);
    let gone = rule(&found, ChangeRule::SuiteCaseRemoved);
    assert!(gone.text.contains("1 row of ids that stand more than once is gone"), "{gone:?}");
    assert_eq!(gone.direction, Direction::Looser);
    assert!(has(&found, ChangeRule::SuiteFailingCaseChanged));
}

/// Whether other words or another switch ask for less, nobody can tell; a case that failed before blocks whatever changed.
#[test]
fn cases_that_changed_are_unknown_and_block_where_they_failed() {
    let case = |id: &str, rest: &str| format!("{{\"id\":\"{id}\",\"q\":\"1\",{rest}}}\n");
    let full = "\"expected\":\"4\",\"criteria\":[\"polite\",\"short\"]";
    let before = case("a", full) + &case("b", full);
    for other in [
        "\"expected\":\"\",\"criteria\":[\"polite\",\"short\"]",
        "\"expected\":\"4\",\"criteria\":[\"polite\"]",
        &format!("{full},\"skip\":true"),
        &format!("{full},\"überspringen\":true"),
    ] {
        let after = case("a", full) + &case("b", other);
        let found = suites(&[("e/a.jsonl", &before)], &[("e/a.jsonl", &after)], &[]);
        let changed = rule(&found, ChangeRule::SuiteCaseChanged);
        assert_eq!((changed.direction, changed.severity), (Direction::Unknown, Weight::Review), "{other}");
        assert!(!has(&found, ChangeRule::SuiteFailingCaseChanged), "{other}");
        let found = suites(&[("e/a.jsonl", &before)], &[("e/a.jsonl", &after)], &["b"]);
        let failing = rule(&found, ChangeRule::SuiteFailingCaseChanged);
        assert_eq!((failing.direction, failing.severity), (Direction::Unknown, Weight::Blocking), "{other}");
        assert!(failing.text.contains("1 case that failed before changed in"), "{}", failing.text);
    }
    // However many others changed before it.
    let many = |q: &str, last: &str| {
        (0..500).fold(String::new(), |text, at| text + &format!("{{\"id\":\"{at}\",\"q\":\"{q}\"}}\n"))
            + &case("last", last)
    };
    let (before, after) = (many("1", full), many("2", "\"expected\":\"\""));
    let found = suites(&[("e/a.jsonl", &before)], &[("e/a.jsonl", &after)], &["last"]);
    let failing = rule(&found, ChangeRule::SuiteFailingCaseChanged);
    assert!(
        failing.text.ends_with("1 case that failed before changed in criteria, expected, last"),
        "{failing:?}"
    );
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
    let text = rule(&found, ChangeRule::ArtifactText);
    assert_eq!((text.direction, text.severity), (Direction::Unknown, Weight::Blocking));
    // Nor is it read under another ending.
    let found = suites(&[("e/a.jsonl", CASES)], &[("e/a.jsonl.off", CASES)], &[]);
    let text = rule(&found, ChangeRule::ArtifactText);
    assert!(text.text.contains("a.jsonl is now called a.jsonl.off"), "{}", text.text);
    assert_eq!((text.direction, text.severity), (Direction::Unknown, Weight::Blocking));
}

#[test]
fn many_cases_are_counted_and_few_are_shown() {
    let text = (0..5000).fold(String::new(), |text, at| {
        text + &format!("{{\"id\":{at},\"key\":\"sk-abcdefghij012345{at:04}\"}}\n")
    });
    let found = suites(&[("e/a.jsonl", &text)], &[("e/a.jsonl", "{\"id\":\"new\"}\n")], &["17"]);
    let gone = rule(&found, ChangeRule::SuiteCaseRemoved);
    assert_eq!(gone.text, "eval suite it: v1 -> v2, 5000 cases are gone, such as 0, 1, 2");
    assert_eq!(
        (gone.details.len(), gone.details.last()),
        (11, Some(&Detail::Line("and 4990 more".to_owned())))
    );
    assert!(has(&found, ChangeRule::SuiteFailingCaseRemoved));
    let found = suites(&[("e/a.jsonl", &text)], &[("e/a.jsonl", &text.replace("sk-abc", "sk-xyz"))], &[]);
    assert!(!printed(&found).contains("defghij"), "{:?}", rule(&found, ChangeRule::SuiteCaseChanged));
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
                ("safety_policies", "s.yaml"), ("safety_policies", "s.txt"), ("safety_policies", "s.toml"),
                ("safety_policies", ".env"), ("safety_policies", "s.csv"), ("eval_suites", "e.jsonl"),
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
