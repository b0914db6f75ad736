//! What is told to people outside: cards that people edit too, bills of materials, the folder for an auditor.

use std::fs;
use std::process::Output;

use serde_json::Value;

use crate::check::support::events;
use crate::project::{ANSWERS, Project, listed, project};

const RISK: &str = "risks:\n  confabulation: { likelihood: low, impact: high, residual: low, mitigation: 'A <!-- relgate:end card --> | filter', owner: team, review: 2027-03-01, tested_by: [toxicity] }\n";
const THEIRS: &str = "---\nlicense: mit\n---\n\n# Ours\n\nWritten by people.\n";

fn release(bad: u64) -> Project {
    let artifacts = "artifacts:\n  models: { chat: { version: m1, uri: 'hf:acme/chat@0123456789abcdef0123456789abcdef01234567' } }\n  prompts: { system: { version: v1, path: system.md } }\n";
    project()
        .manifest(&format!("{artifacts}{ANSWERS}{}{RISK}", listed(&["{ rule: 'toxic < 1%', id: toxicity }"])))
        .file("system.md", "Be kind.\n")
        .file("answers.jsonl", events("toxic", bad, 5000))
        .file("CARD.md", THEIRS)
}

fn run(project: &Project, command: &str) -> Output {
    project.relgate().args(command.split_whitespace()).output().unwrap()
}

fn ends(project: &Project, command: &str, code: i32) -> String {
    let output = run(project, command);
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{command}\n{told}");
    told
}

fn read(project: &Project, file: &str) -> String {
    fs::read_to_string(project.path(file)).unwrap()
}

const WRITE: &str = "check --quiet --report card=CARD.md";
const HOLD: &str = "report relgate-report --report card=CARD.md --check";

#[test]
fn a_card_keeps_what_people_wrote_and_is_the_same_again() {
    let story = release(0);
    ends(&story, WRITE, 0);
    let card = read(&story, "CARD.md");
    assert!(
        card.starts_with("---\nlicense: mit\n# relgate:begin sha256=")
            && card.contains("\n# Ours\n\nWritten by people.\n")
    );
    assert!(
        card.contains("    - type: toxicity\n      value: 0\n") || card.contains("type: toxic\n"),
        "{card}"
    );
    assert_eq!(card.matches("<!-- relgate:end card -->").count(), 1, "{card}");
    ends(&story, WRITE, 0);
    assert_eq!(read(&story, "CARD.md"), card);
    ends(&story, HOLD, 0);
    // A byte order mark stays the first thing of the file.
    fs::write(story.path("CARD.md"), format!("\u{feff}{}", THEIRS.replace('\n', "\r\n"))).unwrap();
    ends(&story, WRITE, 0);
    assert_eq!(read(&story, "CARD.md"), format!("\u{feff}{}", card.replace('\n', "\r\n")));
    // People go on writing around it, also with other line ends.
    let more = card.replace("Written by people.", "Written by many people.") + "\n## Uses\n\nAll.\n";
    fs::write(story.path("CARD.md"), more.replace('\n', "\r\n")).unwrap();
    ends(&story, HOLD, 0);
    ends(&story, WRITE, 0);
    assert_eq!(read(&story, "CARD.md"), more.replace('\n', "\r\n"));
}

#[test]
fn a_card_of_a_release_that_fails_or_errs_leaves_no_pass() {
    let story = release(0);
    ends(&story, WRITE, 0);
    fs::write(story.path("answers.jsonl"), events("toxic", 400, 5000)).unwrap();
    ends(&story, HOLD, 0);
    ends(&story, WRITE, 1);
    let card = read(&story, "CARD.md");
    assert!(card.contains("helpdesk 1.2.3: FAIL") && !card.contains("PASS"), "{card}");
    fs::remove_file(story.path("answers.jsonl")).unwrap();
    ends(&story, WRITE, 2);
    let card = read(&story, "CARD.md");
    assert!(
        card.contains("helpdesk 1.2.3: ERROR")
            && !card.contains("FAIL")
            && card.contains("Written by people."),
        "{card}"
    );
}

#[test]
fn no_byte_of_our_lines_changes_unnoticed() {
    let story = release(0);
    ends(&story, WRITE, 0);
    let card = read(&story, "CARD.md");
    fs::copy(story.path("relgate-report/report.json"), story.path("kept.json")).unwrap();
    let inside = |mark: &str, end: &str| {
        let from = card.find(mark).unwrap();
        from..from + card[from..].find(end).unwrap() + end.len()
    };
    let ours = [
        inside("# relgate:begin", "# relgate:end"),
        inside("<!-- relgate:begin", "<!-- relgate:end card -->"),
    ];
    let mut tried = 0;
    for at in ours.into_iter().flatten().step_by(37) {
        let mut bytes = card.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        fs::write(story.path("CARD.md"), &bytes).unwrap();
        ends(&story, "report kept.json --report card=CARD.md --check", 1);
        // What cannot be told apart from theirs is not written over.
        assert_ne!(run(&story, WRITE).status.code(), Some(0), "byte {at}");
        assert_eq!(fs::read(story.path("CARD.md")).unwrap(), bytes, "byte {at}");
        tried += 1;
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn a_card_that_nobody_could_write_into_is_refused() {
    let ours = "<!-- relgate:begin card sha256=0 -->\n";
    for (card, words) in [
        (ours.to_owned(), "do not fit together"),
        (
            format!("{ours}<!-- relgate:end card -->\n{ours}<!-- relgate:end card -->\n"),
            "do not fit together",
        ),
        ("<!-- relgate:end card -->\n".to_owned(), "do not fit together"),
        (format!("{ours}FAIL\n<!-- relgate:end card -->\n"), "was changed since"),
        ("---\nmodel-index: []\n---\n".to_owned(), "that relgate did not write"),
        ("---\nlicense: mit\n".to_owned(), "do not end"),
    ] {
        let story = release(0).file("CARD.md", &card);
        let told = ends(&story, WRITE, 2);
        assert!(told.contains(words), "{card}{told}");
        assert_eq!(read(&story, "CARD.md"), card);
        assert!(!story.path("relgate-report/report.json").exists(), "{card}");
    }
    let story = release(0);
    assert!(ends(&story, "check --report card=system.md", 2).contains("system.md"));
    assert!(ends(&story, "check --report card=card.txt", 2).contains("Markdown"));
    #[cfg(unix)]
    {
        fs::write(story.path("hosts"), "127.0.0.1\n").unwrap();
        std::os::unix::fs::symlink("hosts", story.path("LINK.md")).unwrap();
        assert!(ends(&story, "check --report card=LINK.md", 2).contains("does not lead to"));
        assert_eq!(read(&story, "hosts"), "127.0.0.1\n");
    }
    ends(&story, "check --quiet", 0);
    assert!(ends(&story, "report relgate-report --report card=NONE.md --check", 1).contains("there is no"));
}

#[test]
fn a_bill_of_materials_names_what_ships() {
    let story = release(0);
    ends(&story, "check --quiet --report bom=bom.json", 0);
    let bom: Value = serde_json::from_str(&read(&story, "bom.json")).unwrap();
    assert_eq!(bom["metadata"]["component"]["version"], "1.2.3");
    let of =
        |name: &str| bom["components"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    assert_eq!(of("chat")["purl"], "pkg:huggingface/acme/chat@0123456789abcdef0123456789abcdef01234567");
    let digest = relgate::artifact::digest_bytes(b"Be kind.\n");
    assert_eq!(of("system")["hashes"][0]["content"], digest.hex());
    let figures = &of("chat")["modelCard"]["quantitativeAnalysis"]["performanceMetrics"];
    assert_eq!((figures[0]["value"].as_str(), figures.as_array().unwrap().len()), (Some("0"), 1));
    assert!(
        of("chat")["modelCard"]["considerations"]["ethicalConsiderations"][0]["name"]
            .as_str()
            .unwrap()
            .starts_with("confabulation")
    );
    let hold = "report relgate-report --report bom=bom.json --check";
    ends(&story, hold, 0);
    fs::write(story.path("bom.json"), read(&story, "bom.json").replace("\"1.2.3\"", "\"1.2.4\"")).unwrap();
    assert!(ends(&story, hold, 1).contains("says something else than the report"));
}

#[test]
fn an_audit_says_what_is_not_provided() {
    let story = release(0);
    ends(&story, "check --quiet --report audit=audit", 0);
    let index = read(&story, "audit/audit.md");
    assert!(index.contains("| Who approved it? | not provided | - |"), "{index}");
    for file in ["report.json", "RISKS.md", "bom.cdx.json"] {
        let digest = relgate::artifact::digest_bytes(read(&story, &format!("audit/{file}")).as_bytes());
        assert!(index.contains(&format!("| {file} | {} |", digest.hex())), "{file}: {index}");
    }
    // The manifest as it was judged; once it went on, the copy stays, and a run without one has none.
    let manifest = read(&story, "release.yaml");
    assert_eq!(read(&story, "audit/release.yaml"), manifest);
    fs::write(story.path("release.yaml"), format!("{manifest}# the next one\n")).unwrap();
    ends(&story, "report relgate-report --report audit=audit --check", 0);
    ends(&story, "report relgate-report --report audit=late", 0);
    assert_eq!(read(&story, "audit/release.yaml"), manifest);
    assert!(
        !story.path("late/release.yaml").exists()
            && !read(&story, "late/audit.md").contains("| release.yaml |")
    );
    fs::write(story.path("audit/release.yaml"), "relgate: 1\n").unwrap();
    ends(&story, "report relgate-report --report audit=audit --check", 1);
    fs::write(story.path("release.yaml"), manifest).unwrap();
    ends(&story, "ledger init", 0);
    ends(&story, "check --quiet --record", 0);
    ends(&story, "report relgate-report --report audit=audit --report card=CARD.md", 0);
    assert!(read(&story, "audit/audit.md").contains("events: 1"));
    assert!(read(&story, "CARD.md").contains("judged pass, look 1 of 1"));
    let hold = "report relgate-report --report audit=audit --check";
    ends(&story, hold, 0);
    fs::write(story.path("audit/RISKS.md"), "none\n").unwrap();
    ends(&story, hold, 1);
    // A folder of somebody else stays as it is.
    fs::create_dir(story.path("mine")).unwrap();
    fs::write(story.path("mine/audit.md"), "mine\n").unwrap();
    ends(&story, "check --quiet --report audit=mine", 2);
    assert_eq!(read(&story, "mine/audit.md"), "mine\n");
}

/// A prompt over its versions: what changed, who approved it, what it was measured at, from the ledger and git.
#[test]
fn a_prompt_is_told_version_by_version() {
    let story = release(0).with_git().git("init -q").git("add .").git("commit -q -m one");
    ends(&story, "ledger init", 0);
    ends(&story, "check --quiet --record", 0);
    let manifest =
        read(&story, "release.yaml").replace("version: v1,", "version: v2,").replace("1.2.3", "1.2.4");
    fs::write(story.path("release.yaml"), manifest).unwrap();
    fs::write(story.path("system.md"), "Be kind and brief.\u{202e}\n").unwrap();
    fs::write(story.path("answers.jsonl"), events("toxic", 9, 5000)).unwrap();
    let story = story.git("commit -q -a -m two");
    ends(&story, "check --quiet --record", 0);
    let told = ends(&story, "ledger --artifact prompts.system", 0);
    assert!(told.contains("changed   line 1: Be kind[-.-]{+ and brief.<U+202E>+}\n"), "{told}");
    assert!(
        told.contains("gate      toxicity: pass: 0.18%") && told.contains("gate      toxicity: pass: 0%"),
        "{told}"
    );
    assert_eq!(told.matches("approved  by nobody").count(), 2, "{told}");
    // The version that nobody finds any more is said so, and no other one is taken for it.
    let told: Value =
        serde_json::from_str(&ends(&story, "ledger --artifact prompts.system --format json", 0)).unwrap();
    assert!(told["artifact"][0]["changed"].is_null() && told["artifact"][1]["changed"].is_array(), "{told}");
    fs::remove_dir_all(story.path(".git")).unwrap();
    let told = ends(&story, "ledger --artifact prompts.system", 0);
    assert_eq!(told.matches("not told: this version or the one before").count(), 1, "{told}");
}
