//! `relgate summarize --log`: parts of a log, watched together as the records themselves; what is no whole set of them is refused.

use std::fmt::Write as _;
use std::fs;

use crate::project::{Project, project};

const PROMPT: &str =
    "You are the help desk of Acme. Never mention that refunds above 500 euros go to the manager on duty.\n";
const BODY: &str = "artifacts:
  prompts: { system: { version: 1.2.3, path: system.md } }
  safety_policies: { words: { version: 1, path: words.txt } }
evidence: { answers: { path: answers.jsonl } }
gates: ['accuracy >= 50%']
monitoring:
  log: ['logs/*.jsonl']
  refusals: [I cannot help]
  where: { kind: [chat, 1.10] }
";
const SIGNALS: &str = "  signals:
    - user_flagged
    - 'rate error < 10%'
    - 'p95 latency < 900ms'
    - 'cost increase < 20%'
    - { id: refusals, rule: 'refusal < 20%', where: { paying: true } }
    - 'drift of response chars < 6pp'
    - 'count prompt_leakage == 0'
    - 'safety match < 10%'
";
/// 2026-11-20T00:00:00Z, of the first record.
const BEGAN: usize = 1_795_132_800;

/// A record, and sometimes what comes late to the one of 40 before it.
fn record(number: usize) -> String {
    let noise = |salt: usize| (number * 7919 + salt * 104_729) % 1009;
    let time = BEGAN + 20 * number;
    let id = match number % 7 {
        0 => number.to_string(),
        1 if number.is_multiple_of(5) => "null".to_owned(),
        _ => format!("\"r{number}\""),
    };
    let response = match noise(1) % 20 {
        0 => "I cannot help with that.".to_owned(),
        1 => String::new(),
        2 => "That is bloody late.".to_owned(),
        salt => format!("Your parcel number {} arrives on {}.", noise(2), "day ".repeat(salt)),
    };
    let mut text = format!(
        "{{\"time\": {time}.{}, \"id\": {id}, \"release\": \"{}\", \"unit\": \"user-{}\", \"kind\": {}, \"paying\": {}, \
         \"latency_ms\": {}.5, \"cost_usd\": 0.00{}, \"response\": \"{response}\"{}}}\n",
        noise(3) % 10,
        ["1.2.3", "1.2.2", "1.2.2", "0.9.0"][if noise(4).is_multiple_of(50) { 3 } else { noise(5) % 3 }],
        noise(6) % 400,
        ["\"chat\"", "1.10", "1.1"][noise(7) % 3],
        noise(8).is_multiple_of(2),
        200 + noise(9),
        1 + noise(10) % 9,
        if noise(11).is_multiple_of(30) { ", \"error\": \"timeout\"" } else { "" },
    );
    if noise(12).is_multiple_of(25) && number > 40 && !(number - 40).is_multiple_of(7) {
        let _ = writeln!(
            text,
            "{{\"time\": {time}, \"id\": \"r{}\", \"kind\": \"chat\", \"user_flagged\": true}}",
            number - 40
        );
    }
    if noise(13).is_multiple_of(200) {
        let _ = writeln!(text, "{{\"time\": {time}, \"id\": \"r");
    }
    text
}

/// 3,000 records in so many files.
fn logged(files: usize, signals: &str) -> Project {
    let mut project = project()
        .manifest(&format!("{BODY}{signals}"))
        .file("system.md", PROMPT)
        .file("words.txt", "bloody\n");
    for file in 0..files {
        let text: String = (3000 * file / files..3000 * (file + 1) / files).map(record).collect();
        // By name they are in another order.
        project = project.file(&format!("logs/{:03}.jsonl", files - file), text);
    }
    project
}

impl Project {
    /// The exit code, and what was said.
    fn stripped(&self, arguments: &[&str]) -> (i32, String) {
        let run = self.relgate().args(["summarize", "--log"]).args(arguments).output().unwrap();
        let said = String::from_utf8(run.stdout).unwrap() + &String::from_utf8(run.stderr).unwrap();
        (run.status.code().unwrap(), said)
    }

    /// One part a file.
    fn log_parts(&self, files: usize, ending: &str) -> &Self {
        fs::create_dir_all(self.path("parts")).unwrap();
        for file in 1..=files {
            let (part, from) = (format!("{file}/{files}"), format!("logs/{file:03}.jsonl"));
            let (code, said) =
                self.stripped(&["--part", &part, &from, "-o", &format!("parts/{file:03}.{ending}")]);
            assert_eq!(code, 0, "{said}");
        }
        self
    }

    /// The exit code, what was said, and the document.
    fn seen(&self, arguments: &[&str]) -> (i32, String, String) {
        let fixed =
            ["monitor", "--now", "1795194000", "--weight", "33%", "--stable", "1.2.2", "--format", "json"];
        let run = self.relgate().args(fixed).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (run.status.code().unwrap(), text(run.stderr), text(run.stdout))
    }

    #[track_caller]
    fn seen_by_parts(&self) -> (i32, String, String) {
        self.seen(&["--log", "parts/*"])
    }

    #[track_caller]
    fn log_parts_refused(&self, words: &[&str]) {
        let (code, said, document) = self.seen_by_parts();
        assert_eq!((code, document.as_str()), (2, ""), "{said}");
        for word in words {
            assert!(said.contains(word), "{word:?} is not in:\n{said}");
        }
    }
}

#[test]
fn any_number_of_parts_shows_what_the_log_shows() {
    for signals in [SIGNALS, ""] {
        for (files, ending) in [(1, "jsonl"), (3, "jsonl.gz"), (8, "jsonl")] {
            let project = logged(files, signals);
            let whole = project.seen(&[]);
            let document: serde_json::Value = serde_json::from_str(&whole.2).unwrap();
            let seen = |name: &str| document["log"][name].as_u64().unwrap();
            let (kept, torn, late) = (seen("selected"), seen("torn"), seen("late"));
            assert!(kept > 1500 && torn > 5 && late > 20, "{kept}, {torn}, {late}");
            assert_eq!(project.log_parts(files, ending).seen_by_parts(), whole, "{files} files, {signals:?}");
        }
    }
}

#[test]
fn parts_of_several_files_are_read_in_the_order_of_the_log() {
    let project = logged(6, SIGNALS);
    let whole = project.seen(&[]);
    fs::create_dir(project.path("parts")).unwrap();
    let part = |part: &str, files: &[&str], to: &str| {
        let files: Vec<String> = files.iter().map(|file| format!("logs/{file}.jsonl")).collect();
        let mut arguments = vec!["--part", part, "-o", to];
        arguments.extend(files.iter().map(String::as_str));
        let (code, said) = project.stripped(&arguments);
        assert_eq!(code, 0, "{said}");
    };
    part("2/3", &["006", "005"], "parts/2.jsonl");
    part("1/3", &["001", "002", "003"], "parts/1.jsonl");
    part("3/3", &["004"], "parts/3.jsonl");
    assert_eq!(project.seen_by_parts(), whole);
    part("1/3", &["001", "002", "004"], "parts/1.jsonl");
    part("3/3", &["003"], "parts/3.jsonl");
    project.log_parts_refused(&["numbers-parts", "logs/003.jsonl would have to be read before"]);
}

/// A service that was started and logged nothing yet, as the log itself puts up with it; rows that stand where none were written do not.
#[test]
fn an_empty_file_makes_a_part_of_no_rows() {
    let project = logged(2, SIGNALS).file("logs/003.jsonl", "");
    let whole = project.seen(&[]);
    assert_eq!(project.log_parts(3, "jsonl").seen_by_parts(), whole);
    let empty = fs::read_to_string(project.path("parts/003.jsonl")).unwrap();
    let header: serde_json::Value = serde_json::from_str(empty.trim()).unwrap();
    let nulls = ",null".repeat(header["columns"].as_array().unwrap().len() - 1);
    let project = project.file("parts/003.jsonl", format!("{empty}[0{nulls}]\n"));
    project.log_parts_refused(&["parts/003.jsonl", "the header says 0 rows"]);
}

#[test]
fn no_text_no_id_and_no_unit_is_in_a_part_and_nobody_asks_for_ids() {
    let project = logged(1, SIGNALS);
    project.log_parts(1, "jsonl");
    let part = fs::read_to_string(project.path("parts/001.jsonl")).unwrap();
    assert!(part.lines().count() > 2900);
    for text in ["parcel", "bloody", "cannot", "user-", "\"r1", "timeout"] {
        assert!(!part.contains(text), "{text}");
    }
    let (code, said, _) = project.seen(&["--log", "parts/*", "--cases", "cases.txt"]);
    assert_eq!((code, project.path("cases.txt").exists()), (2, false));
    assert!(said.contains("parts keep no ids"), "{said}");
}

#[test]
fn a_set_that_is_not_whole_or_not_of_this_release_is_refused() {
    let project = logged(3, SIGNALS);
    project.log_parts(3, "jsonl");
    let second = fs::read(project.path("parts/002.jsonl")).unwrap();
    fs::remove_file(project.path("parts/002.jsonl")).unwrap();
    project.log_parts_refused(&["numbers-parts", "of 3 parts of the log 1 is missing: `2`"]);
    let project = project.file("parts/002.jsonl", &second).file("parts/copy.jsonl", &second);
    project.log_parts_refused(&["numbers-parts", "part 2 of 3 is there twice"]);
    fs::remove_file(project.path("parts/copy.jsonl")).unwrap();
    let text = String::from_utf8(second.clone()).unwrap();
    let (rows, last) = text.trim_end().rsplit_once('\n').unwrap();
    let project = project.file("parts/002.jsonl", format!("{rows}\n{}\n", last.replacen('0', "1", 1)));
    project.log_parts_refused(&["numbers-damaged"]);
    let project = project.file("parts/002.jsonl", record(7));
    project.log_parts_refused(&["numbers-parts", "these are records"]);
    let (code, said) = project.stripped(&["--part", "2/3", "logs/001.jsonl", "-o", "parts/003.jsonl"]);
    assert_eq!(code, 0, "{said}");
    let project = project.file("parts/002.jsonl", &second);
    project.log_parts_refused(&["numbers-parts", "part 2 of 3 is there twice"]);
    let (code, _) = project.stripped(&["--part", "3/3", "logs/001.jsonl", "-o", "parts/003.jsonl"]);
    assert_eq!(code, 0);
    project.log_parts_refused(&["numbers-parts", "the rows of logs/001.jsonl are in two parts"]);
    let (code, _) = project.stripped(&["--part", "3/3", "logs/003.jsonl", "-o", "parts/003.jsonl"]);
    assert_eq!((code, project.seen_by_parts().0 == 2), (0, false));
    let project = project.file("words.txt", "bloody\nparcel\n");
    project.log_parts_refused(&["numbers-made-for", "`words.txt` has changed since"]);
    let project = project.file("words.txt", "bloody\n");
    let manifest = fs::read_to_string(project.path("release.yaml")).unwrap();
    let project = project.file("release.yaml", manifest.replace("< 900ms", "< 901ms"));
    project.log_parts_refused(&["numbers-made-for", "this part was made with another release.yaml"]);
}

#[test]
fn parts_of_evidence_are_no_log_and_parts_of_a_log_are_no_evidence() {
    let answers: String = (0..60).map(|i| format!("{{\"id\": {i}, \"accuracy\": true}}\n")).collect();
    let project = logged(1, SIGNALS).file("answers.jsonl", answers);
    project.log_parts(1, "jsonl");
    let check =
        project.relgate().args(["check", "--evidence", "answers=parts/*", "--dry-run"]).output().unwrap();
    let said = String::from_utf8(check.stderr).unwrap();
    assert_eq!(check.status.code(), Some(2));
    assert!(said.contains("this part is of the log, not of the evidence `answers`"), "{said}");
    let part =
        project.relgate().args(["summarize", "answers.jsonl", "-o", "parts/001.jsonl"]).output().unwrap();
    assert!(part.status.success());
    project.log_parts_refused(&["this part is of the evidence `answers`, not of the log"]);
}

#[test]
fn what_is_no_record_makes_no_part_and_an_older_part_does_not_stay() {
    let project = logged(1, SIGNALS);
    project.log_parts(1, "jsonl");
    let (code, said) = project.stripped(&["parts/001.jsonl", "-o", "parts/2.jsonl"]);
    assert!(code == 2 && said.contains("this is a part already"), "{said}");
    let counts = "{\"schema\": \"relgate/counts/v1\"}\n{\"time\": 1795132800, \"release\": \"1.2.3\", \"signal\": \"x\", \"events\": 1, \"n\": 9}\n";
    let project = project.file("counts.jsonl", counts);
    let (code, said) = project.stripped(&["counts.jsonl", "-o", "parts/001.jsonl"]);
    assert!(code == 2 && said.contains("these are counts"), "{said}");
    assert!(said.contains("an older part is gone") && !project.path("parts/001.jsonl").exists(), "{said}");
    let before = fs::read(project.path("logs/001.jsonl")).unwrap();
    let (code, said) = project.stripped(&["logs/001.jsonl", "-o", "logs/001.jsonl"]);
    assert!(code == 2 && said.contains("written over"), "{said}");
    assert_eq!(fs::read(project.path("logs/001.jsonl")).unwrap(), before);
}

#[test]
fn a_signal_that_no_shard_has_is_told_at_once_and_again_by_who_watches() {
    let project = logged(2, "  signals: [user_flagged, { id: stars, rule: 'mean stars >= 4', cap: 5 }]\n");
    let (code, said) = project.stripped(&["--part", "1/2", "logs/001.jsonl", "-o", "1.jsonl"]);
    assert!(code == 0 && said.contains("nothing of `stars"), "{said}");
    // What no log could show is an error.
    let other = logged(1, "  signals: ['mean latency >= 4ms']\n");
    let (code, said) = other.stripped(&["logs/001.jsonl", "-o", "1.jsonl"]);
    assert!(code == 2 && said.contains("error["), "{said}");
    // A field that only the end of a large shard has is found.
    let late =
        (0..30).map(|i| record(9000 + i).replace("\"paying\"", "\"stars\": 5, \"depth\": 2, \"paying\""));
    let large: String = (3000..30_000).map(record).chain(late).collect();
    assert!(large.len() > 5 << 20);
    let project = project.file("logs/003.jsonl", large);
    let (code, said) = project.stripped(&["--part", "2/2", "logs/003.jsonl", "-o", "2.jsonl"]);
    assert!(code == 0 && !said.contains("stars"), "{said}");
    let header = fs::read_to_string(project.path("2.jsonl")).unwrap().lines().next().unwrap().to_owned();
    // Also what the whole log may turn out to be about.
    assert!(header.contains("score stars") && header.contains("score depth"), "{header}");
}
