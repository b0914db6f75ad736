//! A bounded search: results that got worse, in a way that people and programs make them worse, never turn a release that could not
//! be passed into one that can; and how the same results are packed, ordered or split decides nothing.

use std::fmt::Write as _;
use std::io::Write as _;

use rayon::prelude::*;

use crate::project::{HEAD, Project, listed, project, undemanding};

/// How many small runs are tried; each with every rule's corruptions.
const RUNS: u64 = 40;

/// A small generator of its own, so that the search is the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// One case; `good` in everything that a gate of the search looks at.
#[derive(Clone)]
struct Row {
    /// As it is written.
    id: String,
    good: bool,
    lang: &'static str,
    /// What is written in place of the scores.
    scores: Option<&'static str>,
    graded: &'static str,
}

impl Row {
    fn text(&self) -> String {
        let scores = match self.scores {
            Some(scores) => scores.to_owned(),
            None => format!(
                r#", "correct": {}, "toxic": {}, "latency_ms": {}"#,
                self.good,
                !self.good,
                if self.good { 300 } else { 900 }
            ),
        };
        format!(r#"{{"id": {}, "lang": "{}"{}{}}}"#, self.id, self.lang, self.graded, scores)
    }
}

/// The rules of the search, all of methods whose level is promised.
const RULES: &[&str] = &[
    "'accuracy >= 80%'",
    "'toxicity < 20%'",
    "'p90 latency < 500ms'",
    "'count toxic <= 9'",
    "{ id: g, rule: 'accuracy >= 75%', by: [lang] }",
    "'accuracy drop < 8pp'",
    "'regressions <= 5'",
    "{ id: g, rule: 'accuracy drop < 10pp', by: [lang] }",
];

fn rows(random: &mut Random) -> Vec<Row> {
    let n = 60 + random.below(120);
    // Around the limits, so that a little decides.
    let bad = 5 + random.below(n / 5);
    let mut rows: Vec<Row> = (0..n)
        .map(|i| Row {
            id: i.to_string(),
            good: true,
            lang: if i % 3 == 0 { "de" } else { "en" },
            scores: None,
            graded: r#", "graded": true"#,
        })
        .collect();
    for _ in 0..bad {
        let at = random.below(n);
        rows[at].good = false;
    }
    rows
}

fn lines(rows: &[Row]) -> Vec<u8> {
    rows.iter()
        .fold(String::new(), |mut text, row| {
            let _ = writeln!(text, "{}", row.text());
            text
        })
        .into_bytes()
}

fn table(rows: &[Row]) -> Vec<u8> {
    rows.iter()
        .fold("id,lang,graded,correct,toxic,latency_ms\n".to_owned(), |mut text, row| {
            let ms = if row.good { 300 } else { 900 };
            let _ = writeln!(text, "{},{},True,{},{},{ms}", row.id, row.lang, row.good, !row.good);
            text
        })
        .into_bytes()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

type Files = Vec<(&'static str, Vec<u8>)>;

fn release(rule: &str, before: &[Row], files: &Files) -> Project {
    let body = format!(
        "baseline: before\nevidence: {{ answers: {{ path: results, where: {{ graded: true }} }} }}\n{}",
        listed(&["GATE"]).replace("'GATE'", rule)
    );
    let old = undemanding(&format!(
        "{}evidence: {{ answers: {{ path: old.jsonl, where: {{ graded: true }} }} }}\n{}",
        HEAD.replace("1.2.3", "1.2.2"),
        listed(&["Toxicity < 99%"])
    ));
    let project =
        project().manifest(&body).file("before/release.yaml", old).file("before/old.jsonl", lines(before));
    files.iter().fold(project, |project, (name, bytes)| project.file(&format!("results/{name}"), bytes))
}

/// The exit code of `check`, and what it printed.
fn judged(rule: &str, before: &[Row], files: &Files) -> (i32, String) {
    let project = release(rule, before, files);
    let output = project.relgate().args(["check", "--dry-run", "--as-of", "2026-11-20"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text.into_owned())
}

/// The same results in another form.
fn same(rows: &[Row]) -> Vec<(&'static str, Files)> {
    let mut turned = rows.to_vec();
    turned.reverse();
    let (head, tail) = rows.split_at(rows.len() / 3);
    let spelled: Vec<Row> =
        rows.iter().map(|row| Row { id: format!("\"{}\"", row.id), ..row.clone() }).collect();
    vec![
        ("packed", vec![("a.jsonl.gz", packed(&lines(rows)))]),
        ("reordered", vec![("a.jsonl", lines(&turned))]),
        ("split", vec![("a.jsonl", lines(head)), ("b.jsonl", lines(tail))]),
        ("ids as texts", vec![("a.jsonl", lines(&spelled))]),
        ("as a table", vec![("a.csv", table(rows))]),
    ]
}

/// Results that are worse, or that say less; `random` chooses the case that it happens to.
fn worse(rows: &[Row], random: &mut Random) -> Vec<(&'static str, Files)> {
    let good: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].good).collect();
    let bad: Vec<usize> = (0..rows.len()).filter(|at| !rows[*at].good).collect();
    let at = good[random.below(good.len())];
    let one = |change: &dyn Fn(&mut Row)| {
        let mut rows = rows.to_vec();
        change(&mut rows[at]);
        vec![("a.jsonl", lines(&rows))]
    };
    let every_bad = |change: &dyn Fn(&mut Row)| {
        let mut rows = rows.to_vec();
        for at in &bad {
            change(&mut rows[*at]);
        }
        vec![("a.jsonl", lines(&rows))]
    };
    let without = |at: usize| {
        let mut rows = rows.to_vec();
        rows.remove(at);
        vec![("a.jsonl", lines(&rows))]
    };
    let twice =
        |rows: &[Row]| lines(&rows.iter().map(|at| Row { good: true, ..at.clone() }).collect::<Vec<_>>());
    let respelled: Vec<Row> =
        rows.iter().map(|row| Row { id: format!("\"{}\"", row.id), ..row.clone() }).collect();
    let errored = Some(r#", "error": "timeout""#);
    let mut found = vec![
        ("a good case turned bad", one(&|row| row.good = false)),
        ("a good case that failed", one(&|row| row.scores = errored)),
        ("a good case that failed and says nothing", one(&|row| (row.scores, row.graded) = (errored, ""))),
        ("a good case whose score is lost", one(&|row| row.scores = Some(r#", "correct": null, "toxic": null, "latency_ms": null"#))),
        ("a good case without scores", one(&|row| row.scores = Some(""))),
        ("a score that is no number", one(&|row| row.scores = Some(r#", "correct": NaN, "toxic": NaN, "latency_ms": NaN"#))),
        ("a good case dropped", without(at)),
        ("a good case written twice", vec![("a.jsonl", [lines(rows), lines(&rows[at..=at])].concat())]),
        ("the whole run twice", vec![("a.jsonl", lines(rows)), ("b.jsonl", lines(rows))]),
        ("the whole run again with texts as ids", vec![("a.jsonl", lines(rows)), ("b.jsonl", twice(&respelled))]),
        ("the whole run again as a table", vec![("a.jsonl", lines(rows)), ("b.csv", table(rows))]),
        ("a summary beside it", vec![
            ("a.jsonl", lines(rows)),
            ("s.json", br#"{"schema": "relgate/metrics/v1", "metrics": {"accuracy": {"events": 999, "n": 1000}, "toxicity": {"events": 0, "n": 1000}, "p90_latency_ms": 3}}"#.to_vec()),
        ]),
        ("half as a table", vec![("a.csv", table(&rows[..at])), ("b.jsonl", lines(&rows[at..]))]),
        ("cut off", vec![("a.jsonl", lines(rows)[..lines(rows).len() - 9].to_vec())]),
    ];
    if !bad.is_empty() {
        found.push(("bad cases failed instead", every_bad(&|row| row.scores = errored)));
        found.push((
            "bad cases failed and say nothing",
            every_bad(&|row| (row.scores, row.graded) = (errored, "")),
        ));
        found.push((
            "bad cases graded in another spelling",
            every_bad(&|row| row.graded = r#", "graded": "true""#),
        ));
        found.push(("bad cases graded by a number", every_bad(&|row| row.graded = r#", "graded": 1"#)));
        found.push(("bad cases without scores", every_bad(&|row| row.scores = Some(""))));
    }
    found
}

/// What one run of the search came to.
struct Searched {
    /// The exit code of the results as they were.
    base: i32,
    /// What went wrong.
    wrong: Vec<String>,
}

fn search(seed: u64) -> Searched {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
    let before: Vec<Row> = {
        let mut rows = rows(&mut random);
        for row in &mut rows {
            row.good |= random.below(2) == 0;
        }
        rows
    };
    let mut after = before.clone();
    let (first, n) = (random.below(after.len()), after.len());
    // One at least: a release is not compared with itself.
    for step in 0..=random.below(n / 6) {
        let at = (first + step) % n;
        after[at].good = !after[at].good;
    }
    let rule = RULES[usize::try_from(seed).unwrap() % RULES.len()];
    let plain = vec![("a.jsonl", lines(&after))];
    let (base, told) = judged(rule, &before, &plain);
    let told = |what: &str, code: i32, text: &str| {
        format!("seed {seed}, {rule}: {base} became {code} when {what}\n--- before\n{told}--- after\n{text}")
    };
    let mut wrong = Vec::new();
    for (what, files) in same(&after) {
        let (code, text) = judged(rule, &before, &files);
        if code != base {
            wrong.push(told(what, code, &text));
        }
    }
    for (what, files) in worse(&after, &mut random) {
        let (code, text) = judged(rule, &before, &files);
        if code == 0 && base != 0 {
            wrong.push(told(what, code, &text));
        }
        // Facts about the listed cases cannot be stated, so a summary beside them is not asked.
        let asked = !what.contains("summary") || !(rule.contains("count") || rule.contains("regressions"));
        let counted_twice = ["twice", "again", "summary"].iter().any(|word| what.contains(word));
        if counted_twice && asked && code != 2 {
            wrong.push(told(what, code, &text));
        }
    }
    Searched { base, wrong }
}

#[test]
fn worse_results_pass_nothing_and_their_form_decides_nothing() {
    let searched: Vec<Searched> = (0..RUNS).into_par_iter().map(search).collect();
    let bases = |code| searched.iter().filter(|one| one.base == code).count();
    let (pass, fail, open) = (bases(0), bases(1), bases(3));
    assert!(
        pass > 2 && fail > 2 && open > 2 && bases(2) == 0,
        "a search on one side of the limits shows nothing: {pass} pass, {fail} fail, {open} open"
    );
    let wrong: Vec<String> = searched.into_iter().flat_map(|one| one.wrong).collect();
    assert!(
        wrong.is_empty(),
        "{} of the search are wrong:\n{}",
        wrong.len(),
        wrong.iter().take(3).cloned().collect::<Vec<_>>().join("\n")
    );
}
