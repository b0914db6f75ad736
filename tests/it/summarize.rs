//! `relgate summarize`: parts of evidence, judged together as the results themselves; what is no whole set of them is refused.

use std::fmt::Write as _;
use std::fs;
use std::process::Output;

use crate::check::support::{Project, project, undemanding};

const MANIFEST: &str = "evidence:
  answers: { path: 'shards/*.jsonl', where: { graded: true }, cluster: { by: user, at_most: 12 } }
metrics:
  same: { as: exact-match, field: answer, reference: expected }
  overlap: { as: rouge-l, field: answer, reference: expected }
  wording: { as: bleu, field: answer, reference: expected }
  german: { as: rate, field: accuracy, where: { lang: de } }
gates:
  - 'accuracy >= 80%'
  - { id: by-lang, rule: 'accuracy >= 70%', by: [lang] }
  - 'german >= 99%'
  - 'p95 latency < 1500ms'
  - 'mean cost_usd < $0.02'
  - 'rate toxicity < 5%'
  - 'same >= 60%'
  - 'mean overlap >= 60%'
  - 'wording >= 50'
policy: { missing_samples: { exclude_up_to: 5% } }
";

/// A row of results; every text of it is one that no part may hold.
fn row(number: usize) -> String {
    let noise = |salt: usize| (number * 7919 + salt * 104_729) % 1009;
    let expected = format!("the secret answer {} to question {number} on bridges", noise(1));
    let answer = if noise(2).is_multiple_of(4) { expected.replace("the", "a") } else { expected.clone() };
    let id = if number.is_multiple_of(3) { number.to_string() } else { format!("\"q{number}\"") };
    if noise(3).is_multiple_of(100) {
        return format!(
            "{{\"id\": {id}, \"user\": \"user-{}\", \"graded\": true, \"lang\": \"de\", \"error\": \"timeout\\nafter {} s\"}}\n",
            number % 400,
            noise(4) % 3
        );
    }
    format!(
        "{{\"id\": {id}, \"user\": \"user-{}\", \"graded\": {}, \"lang\": \"{}\", \"accuracy\": {}, \"latency_ms\": {}.5, \
         \"cost_usd\": 0.00{}, \"toxicity\": \"{}\", \"answer\": \"{answer}\", \"expected\": \"{expected}\"}}\n",
        number % 400,
        noise(5) % 20 != 0,
        ["de", "en", "fr"][noise(6) % 3],
        noise(7) % 12 != 0,
        200 + noise(8),
        1 + noise(9) % 9,
        if noise(10).is_multiple_of(200) { "yes" } else { "no" }
    )
}

fn rows(from: usize, to: usize) -> String {
    (from..to).map(row).collect()
}

/// 1,200 rows in so many files.
fn sharded(shards: usize) -> Project {
    let mut project = project().manifest(MANIFEST);
    for shard in 0..shards {
        let text = rows(1200 * shard / shards, 1200 * (shard + 1) / shards);
        project = project.file(&format!("shards/{shard:03}.jsonl"), text);
    }
    project
}

impl Project {
    fn summarize(&self, arguments: &[&str]) -> Output {
        self.relgate().arg("summarize").args(arguments).output().unwrap()
    }

    #[track_caller]
    fn summarized(&self, arguments: &[&str]) -> &Self {
        let output = self.summarize(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self
    }

    /// One part a shard.
    fn parts(&self, shards: usize, ending: &str) -> &Self {
        fs::create_dir_all(self.path("parts")).unwrap();
        for shard in 0..shards {
            let (part, from) = (format!("{}/{shards}", shard + 1), format!("shards/{shard:03}.jsonl"));
            self.summarized(&["--part", &part, &from, "-o", &format!("parts/{shard:03}.{ending}")]);
        }
        self
    }

    /// The exit code, what was said on stderr, and the report.
    fn judged(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self
            .relgate()
            .args(["check", "--as-of", "2026-11-20", "--no-changelog"])
            .args(arguments)
            .output()
            .unwrap();
        let json = self.path("relgate-report/report.json");
        let report = fs::read_to_string(&json).unwrap_or_default();
        let _ = fs::remove_dir_all(self.path("relgate-report"));
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap(), report)
    }

    fn judged_by_parts(&self) -> (i32, String, String) {
        self.judged(&["--evidence", "answers=parts/*"])
    }

    /// Nothing is judged, and the error says all of `words`.
    #[track_caller]
    fn parts_refused(&self, words: &[&str]) {
        let (code, said, report) = self.judged_by_parts();
        assert_eq!((code, report.as_str()), (2, ""), "{said}");
        for word in words {
            assert!(said.contains(word), "{word:?} is not in:\n{said}");
        }
    }
}

#[test]
fn any_number_of_parts_gives_the_report_of_the_results() {
    let whole = sharded(1).judged(&[]);
    assert_eq!(whole.0, 1, "{}", whole.1);
    assert!(whole.2.contains("timeout after 1 s") && whole.2.contains("\"cases\""), "{}", whole.2);
    for (shards, ending) in [(1, "jsonl"), (7, "jsonl.gz"), (16, "jsonl")] {
        let project = sharded(shards);
        let (code, said, report) = project.judged(&[]);
        let by_parts = project.parts(shards, ending).judged_by_parts();
        assert_eq!((by_parts.0, by_parts.2 == report), (code, true), "{shards}: {said}\n{}", by_parts.1);
    }
}

#[test]
fn parts_are_of_several_files_in_any_order_and_wherever_they_stand() {
    let project = sharded(7);
    let whole = project.judged(&[]);
    fs::create_dir(project.path("parts")).unwrap();
    let of = |numbers: &[usize]| -> Vec<String> {
        numbers.iter().map(|number| format!("shards/{number:03}.jsonl")).collect()
    };
    for (part, numbers) in [("2/3", &[0, 4][..]), ("1/3", &[6, 5, 2]), ("3/3", &[3, 1])] {
        let mut arguments = vec!["--part".to_owned(), part.to_owned()];
        arguments.extend(of(numbers));
        arguments.extend(["-o".to_owned(), format!("parts/{}.jsonl.gz", &part[..1])]);
        project.summarized(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
    // The machine that judges has none of the results.
    fs::remove_dir_all(project.path("shards")).unwrap();
    assert_eq!(project.judged_by_parts(), whole);
}

#[test]
fn no_text_and_no_unit_is_in_a_part_and_ids_of_good_rows_are_hashes() {
    let body = MANIFEST.split("metrics:").next().unwrap();
    let project = sharded(1).manifest(&format!("{body}gates:\n  - 'accuracy >= 80%'\n"));
    project.parts(1, "jsonl");
    let part = fs::read_to_string(project.path("parts/000.jsonl")).unwrap();
    for text in ["secret", "bridges", "user-"] {
        assert!(!part.contains(text), "{text}");
    }
    let (named, hashed): (Vec<&str>, Vec<&str>) =
        part.lines().skip(1).partition(|row| row.starts_with("[\""));
    assert!(named.len() > 50 && hashed.len() > 900, "{} and {}", named.len(), hashed.len());
    assert!(named.iter().all(|row| row.contains("false") || row.contains("timeout")), "{named:?}");
    assert!(!hashed.iter().any(|row| row.contains(",false,") && row.ends_with("de\"]")), "{hashed:?}");
}

#[test]
fn a_set_that_is_not_whole_is_refused() {
    let project = sharded(3);
    project.parts(3, "jsonl.gz");
    let second = fs::read(project.path("parts/001.jsonl.gz")).unwrap();
    fs::remove_file(project.path("parts/001.jsonl.gz")).unwrap();
    project.parts_refused(&["numbers-parts", "of 3 parts of the evidence `answers` 1 is missing: `2`"]);
    let project = project.file("parts/001.jsonl.gz", &second).file("parts/copy.jsonl.gz", &second);
    project.parts_refused(&["numbers-parts", "part 2 of 3 is there twice"]);
    fs::remove_file(project.path("parts/copy.jsonl.gz")).unwrap();
    project.summarized(&["--part", "2/4", "shards/001.jsonl", "-o", "parts/001.jsonl.gz"]);
    project.parts_refused(&["numbers-parts", "part 2 of 4"]);
    project.summarized(&["--part", "2/3", "shards/000.jsonl", "-o", "parts/001.jsonl.gz"]);
    project.parts_refused(&["numbers-parts", "the rows of 000.jsonl are in two parts"]);
    let project = project.file("parts/001.jsonl.gz", rows(400, 800));
    project.parts_refused(&[
        "numbers-parts",
        "this does not read as a part of the evidence `answers`",
        "it is damaged",
    ]);
    let project = project.file("parts/001.jsonl.gz", &second);
    assert_ne!(project.judged_by_parts().0, 2);
    let manifest = fs::read_to_string(project.path("release.yaml")).unwrap();
    let project = project.file("release.yaml", manifest.replace("accuracy >= 80%", "accuracy >= 79%"));
    project.parts_refused(&["numbers-made-for", "this part was made with another release.yaml"]);
    let project = project.file("release.yaml", manifest.replace("version: 1.2.3", "version: 1.3.0"));
    project.parts_refused(&["numbers-made-for", "made for helpdesk 1.2.3, and helpdesk 1.3.0 is judged"]);
}

#[test]
fn a_torn_part_and_a_part_with_another_byte_are_refused() {
    let manifest =
        undemanding("evidence: { answers: { path: 'shards/*.jsonl' } }\ngates:\n  - 'accuracy >= 50%'\n");
    let samples: String = (0..60).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, "{{\"id\": \"q{i}\", \"accuracy\": {}}}", i % 9 != 0);
        text
    });
    let project = project().manifest(&manifest).file("shards/000.jsonl", samples);
    let (code, said, report) = project.judged(&[]);
    assert_eq!(code, 0, "{said}");
    for ending in ["jsonl", "jsonl.gz"] {
        let name = format!("parts/000.{ending}");
        let sound = fs::read(project.parts(1, ending).path(&name)).unwrap();
        for length in (0..sound.len()).step_by(sound.len() / 23).chain([sound.len() - 1]) {
            fs::write(project.path(&name), &sound[..length]).unwrap();
            project.parts_refused(&["000.jsonl"]);
        }
        let mut refused = 0;
        for at in (0..sound.len()).step_by(11).chain(sound.len() - 3..sound.len()) {
            let mut other = sound.clone();
            other[at] ^= 1 << (at % 7);
            fs::write(project.path(&name), &other).unwrap();
            let (code, said, json) = project.judged_by_parts();
            // In what gzip says of the time and the system nothing of the rows stands.
            assert!(
                code == 2 && json.is_empty() || ending == "jsonl.gz" && at < 10 && json == report,
                "{at}: {said}"
            );
            refused += usize::from(code == 2);
        }
        assert!(refused > 20, "{refused}");
        fs::remove_file(project.path(&name)).unwrap();
    }
}

#[test]
fn an_id_that_stands_in_two_shards_is_found() {
    let manifest = "evidence: { answers: { path: 'shards/*.jsonl' } }\ngates:\n  - 'accuracy >= 50%'\n";
    let first = "{\"id\": \"q1\", \"accuracy\": true}\n{\"id\": 7, \"accuracy\": false}\n";
    // Of a good row the hash is kept, of a bad one the id.
    for again in ["\"q1\", \"accuracy\": true", "\"q1\", \"accuracy\": false", "\"7\", \"accuracy\": true"] {
        let second = format!("{{\"id\": \"q2\", \"accuracy\": true}}\n{{\"id\": {again}}}\n");
        let project =
            project().manifest(manifest).file("shards/000.jsonl", first).file("shards/001.jsonl", second);
        let (code, said, _) = project.judged(&[]);
        assert!(code == 2 && said.contains("duplicate-id"), "{said}");
        let place =
            if again.contains('7') { "sample 2 of shards/000.jsonl" } else { "sample 1 of shards/000.jsonl" };
        project.parts(2, "jsonl").parts_refused(&[
            "duplicate-id",
            "parts/001.jsonl",
            "it is sample 2 of shards/001.jsonl",
            place,
        ]);
    }
}

#[test]
fn what_makes_no_part_is_refused_and_nothing_is_written() {
    let project = sharded(2)
        .file("summary.json", r#"{"accuracy": {"events": 5, "n": 10}}"#)
        .file("broken.jsonl", "{\"id\": \"q1\", \"graded\": true, \"user\": \"a\", \"accuracy\": 0.4}\n");
    for (arguments, words) in [
        (&["summary.json"][..], "no-samples"),
        (&["broken.jsonl"], "not-binary"),
        (&["missing.jsonl"], "missing.jsonl"),
        (&["--evidence", "other", "shards/000.jsonl"], "the release has no evidence `other`"),
    ] {
        let output = project.summarize(&[arguments, &["-o", "part.jsonl"]].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(words), "{said}");
        assert!(!project.path("part.jsonl").exists());
    }
    let output = project.summarize(&["shards/000.jsonl", "-o", "shards/000.jsonl"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(project.path("shards/000.jsonl")).unwrap(), rows(0, 600));
    for wrong in ["0/3", "4/3", "1", "a/b", "-1/3"] {
        let output = project.summarize(&[&format!("--part={wrong}"), "shards/000.jsonl", "-o", "p"]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
    project.parts(2, "jsonl");
    let output = project.summarize(&["parts/000.jsonl", "-o", "again.jsonl"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("this is a part already"), "{said}");
}

#[test]
fn a_part_is_written_over_no_file_of_others_and_an_older_one_goes_where_none_is_made() {
    let project = sharded(1).file("notes.txt", "mine\n").file("empty", "");
    for taken in ["notes.txt", "release.yaml"] {
        let before = project.snapshot();
        let output = project.summarize(&["shards/000.jsonl", "-o", taken]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.code() == Some(2) && said.contains("is no part that `summarize` made"),
            "{said}"
        );
        assert_eq!(project.snapshot(), before);
    }
    project.summarized(&["shards/000.jsonl", "-o", "empty"]);
    for part in ["part.jsonl", "part.jsonl.gz"] {
        for _ in 0..2 {
            project.summarized(&["shards/000.jsonl", "-o", part]);
        }
        // A part is not made of itself, and stays.
        assert_eq!(project.summarize(&[part, "-o", part]).status.code(), Some(2));
        assert!(project.path(part).exists());
        fs::write(project.path("shards/000.jsonl"), rows(0, 1200) + "{broken\n").unwrap();
        let output = project.summarize(&["shards/000.jsonl", "-o", part]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains("an older part is gone"), "{said}");
        assert!(!project.path(part).exists());
        fs::write(project.path("shards/000.jsonl"), rows(0, 1200)).unwrap();
    }
}
