//! People who rate: long and wide, their agreement, what they prefer, and what is wrong with their rows.

use std::fmt::Write as _;

use crate::check::support::{Checked, Project, listed, number, project, untouched_after};

/// A number from 0 to 1 that looks random, the same everywhere.
fn noise(parts: [usize; 3]) -> f64 {
    let mut z = parts.iter().fold(0x9e37_79b9_7f4a_7c15_u64, |z, part| {
        (z ^ *part as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(29)
    });
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

const RATERS: [&str; 3] = ["anna", "ben", "cleo"];

/// What a rater gives an item: most agree, some do not.
fn rating(item: usize, rater: usize) -> usize {
    let common = 2 + (noise([item, 7, 7]) * 4.0) as usize;
    if noise([item, rater, 1]) < 0.3 { 1 + (noise([item, rater, 2]) * 5.0) as usize } else { common }
}

fn long(items: usize) -> String {
    let mut text = "qid,who,score\n".to_owned();
    for item in 0..items {
        for (number, rater) in RATERS.iter().enumerate() {
            let _ = writeln!(text, "q{item},{rater},{}", rating(item, number));
        }
    }
    text
}

fn wide(items: usize) -> String {
    let mut text = "qid,anna,ben,cleo\n".to_owned();
    for item in 0..items {
        let _ = writeln!(text, "q{item},{},{},{}", rating(item, 0), rating(item, 1), rating(item, 2));
    }
    text
}

const LONG: &str = "as: rating, field: score, item: qid, rater: who, scale: [1, 5]";

fn study(metric: &str, gate: &str, file: &str, rows: &str) -> Project {
    let body = format!(
        "evidence: {{ study: {{ path: {file} }} }}\nmetrics: {{ it: {{ {metric}, direction: higher }} }}\n{}",
        listed(&[gate])
    );
    project().manifest(&body).file(file, rows)
}

fn ratings(gate: &str, rows: &str) -> Project {
    study(LONG, gate, "r.csv", rows)
}

fn agreement(statistic: &str, gate: &str, rows: &str) -> Project {
    study(
        &format!("as: agreement, field: score, item: qid, rater: who, statistic: {statistic}"),
        gate,
        "r.csv",
        rows,
    )
}

#[test]
fn ratings_of_an_item_are_a_cluster_whether_rows_are_ratings_or_items() {
    let rows = ratings("it >= 3", &long(200)).check();
    rows.ends(0, "pass bound-clears-threshold");
    let gate = rows.gate("");
    let estimate = &gate["candidate"];
    assert_eq!((&estimate["n"], &estimate["clusters"]), (&600.into(), &200.into()));
    assert_eq!(estimate["method"], "gaffke");
    let mean =
        (0..200).flat_map(|item| (0..3).map(move |rater| rating(item, rater) as f64)).sum::<f64>() / 600.0;
    assert!((number(&estimate["value"]) - mean).abs() < 1e-12);
    let names: Vec<&str> =
        gate["raters"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert_eq!(names, RATERS);
    assert_eq!(gate["raters"][0]["ratings"], 200);
    let text = gate["reason"]["text"].as_str().unwrap();
    assert!(text.contains("600 ratings of 200 items by anna, ben and cleo"), "{text}");

    let items = study(
        "as: rating, item: qid, raters: [anna, ben, cleo], scale: [1, 5]",
        "it >= 3",
        "w.csv",
        &wide(200),
    );
    let items = items.check();
    items.ends(0, "pass bound-clears-threshold");
    for key in ["value", "lower", "upper", "n", "clusters"] {
        assert_eq!(items.gate("")["candidate"][key], estimate[key], "{key}");
    }
    assert_eq!(items.gate("")["raters"], gate["raters"]);
    // Ratings of one item are worth less than as many of different items.
    let apart =
        long(200).lines().skip(1).enumerate().fold("qid,who,score\n".to_owned(), |mut text, (i, row)| {
            let _ = writeln!(text, "p{i},{}", row.split_once(',').unwrap().1);
            text
        });
    let apart = ratings("it >= 3", &apart).check();
    assert!(number(&apart.gate("")["candidate"]["lower"]) > number(&estimate["lower"]));
}

#[test]
fn an_item_that_nobody_rated_is_missing_and_an_empty_cell_is_no_rating() {
    let metric = "as: rating, item: qid, raters: [anna, ben, cleo], scale: [1, 5]";
    let rows = |last: &str| study(metric, "it >= 3", "w.csv", &format!("{}{last}\n", wide(200))).check();
    let estimate = |checked: &Checked, key: &str| checked.gate("")["candidate"][key].clone();
    let one = rows("q200,,4,");
    assert_eq!((estimate(&one, "n"), estimate(&one, "missing")), (601.into(), 0.into()));
    let none = rows("q200,,,");
    assert_eq!((estimate(&none, "n"), estimate(&none, "missing")), (600.into(), 1.into()));
    assert!(number(&estimate(&none, "lower")) < number(&estimate(&one, "lower")), "it may have been a 1");
}

#[test]
fn raters_who_say_one_thing_and_single_raters_are_told() {
    let mut rows = long(120);
    for item in 0..120 {
        let _ = writeln!(rows, "q{item},dora,5");
    }
    let checked = ratings("it >= 3", &rows).check();
    assert!(checked.warnings().contains(&"constant-rater".to_owned()), "{}", checked.flat());
    assert!(checked.flat().contains("`dora` gives one rating"), "{}", checked.flat());
    let alone: String = long(120).lines().filter(|row| !row.contains("ben") && !row.contains("cleo")).fold(
        String::new(),
        |mut text, row| {
            let _ = writeln!(text, "{row}");
            text
        },
    );
    let checked = ratings("it >= 3", &alone).check();
    assert!(checked.warnings().contains(&"one-rater".to_owned()), "{}", checked.flat());
    assert!(!ratings("it >= 3", &long(120)).check().warnings().iter().any(|code| code.ends_with("-rater")));
}

#[test]
fn rows_of_ratings_that_cannot_be_trusted_are_refused() {
    let stories: Vec<(&str, Project, &[&str])> = vec![
        (
            "twice",
            ratings("it >= 3", &(long(20) + "q7,anna,5\n")),
            &["duplicate-rating", "q7", "anna", "r.csv:62", "r.csv:23"],
        ),
        ("outside the scale", ratings("it >= 3", &(long(20) + "q20,anna,6\n")), &["out-of-bounds", "6"]),
        ("nobody", ratings("it >= 3", &(long(20) + "q20,,5\n")), &["missing-rater"]),
        ("a word", ratings("it >= 3", &(long(20) + "q20,anna,good\n")), &["good"]),
        (
            "no scale",
            study("as: rating, field: score, item: qid, rater: who", "it >= 3", "r.csv", &long(20)),
            &["rating-misdeclared", "scale"],
        ),
        (
            "agreement of nobody",
            study("as: agreement, field: score, item: qid", "it >= 0.5", "r.csv", &long(120)),
            &["rating-misdeclared", "who rates"],
        ),
        (
            "a change of agreement",
            agreement("cohen", "it drop < 0.1", &long(120)),
            &["has a level and no drop"],
        ),
        (
            "both forms",
            study(
                "as: rating, item: qid, rater: who, raters: [anna, ben], scale: [1, 5]",
                "it >= 3",
                "r.csv",
                &long(20),
            ),
            &["rating-misdeclared", "not both"],
        ),
        (
            "a rater without a field",
            study("as: rating, item: qid, raters: [anna, bob], scale: [1, 5]", "it >= 3", "w.csv", &wide(20)),
            &["bob"],
        ),
        (
            "a scale that is no factor of a rate",
            study("as: rate, field: score, scale: [1, 5]", "it >= 50%", "r.csv", &long(20)),
            &["rating-misdeclared", "scale"],
        ),
    ];
    let wrong: Vec<String> =
        stories.into_iter().filter_map(|(name, story, words)| untouched_after(name, story, words)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn agreement_is_judged_by_its_lower_limit_over_a_hundred_items_or_more() {
    let checked = agreement("krippendorff-ordinal", "it >= 0.3", &long(300)).check();
    checked.ends(0, "pass bound-clears-threshold");
    let gate = checked.gate("");
    assert_eq!(gate["candidate"]["method"], "item-bootstrap");
    assert_eq!(gate["candidate"]["n"], 300, "items, not ratings");
    let (value, lower) = (number(&gate["candidate"]["value"]), number(&gate["candidate"]["lower"]));
    assert!(lower < value && value < 1.0 && value - lower < 0.12, "{lower} {value}");
    let text = gate["reason"]["text"].as_str().unwrap();
    assert!(text.contains("from chance (0) to always (1)"), "{text}");
    let again = agreement("krippendorff-ordinal", "it >= 0.3", &long(300)).check();
    assert_eq!(again.gate("")["candidate"], gate["candidate"], "the same draw from the same evidence");

    agreement("krippendorff-ordinal", "it >= 0.3", &long(99))
        .check()
        .ends(3, "inconclusive few-items-rated-twice");
    agreement("krippendorff-ordinal", "it >= 0.9", &long(300))
        .check()
        .ends(1, "fail bound-violates-threshold");
}

#[test]
fn agreement_without_a_value_is_null_and_no_pass() {
    let same = long(150).lines().enumerate().fold(String::new(), |mut text, (i, row)| {
        let row = if i == 0 { row.to_owned() } else { format!("{},5", row.rsplit_once(',').unwrap().0) };
        let _ = writeln!(text, "{row}");
        text
    });
    for statistic in ["krippendorff-nominal", "krippendorff-ordinal", "krippendorff-interval", "fleiss"] {
        let checked = agreement(statistic, "it >= 0.1", &same).check();
        checked.ends(3, "inconclusive agreement-undefined");
        assert!(checked.gate("")["candidate"]["value"].is_null(), "{statistic}");
    }
    agreement("cohen", "it >= 0.1", &long(150)).check().ends(3, "inconclusive not-two-raters");
    let lost = long(150).replace("q3,ben,", "q903,ben,");
    agreement("fleiss", "it >= 0.1", &lost).check().ends(3, "inconclusive uneven-ratings");
}

#[test]
fn text_is_a_rating_for_statistics_of_names() {
    let words = long(150).lines().fold(String::new(), |mut text, row| {
        let (front, score) = row.rsplit_once(',').unwrap();
        let word = match score {
            "score" => "score",
            "1" | "2" => "bad",
            "3" => "fair",
            _ => "good",
        };
        let _ = writeln!(text, "{front},{word}");
        text
    });
    agreement("krippendorff-nominal", "it >= 0.2", &words).check().ends(0, "pass bound-clears-threshold");
    agreement("krippendorff-interval", "it >= 0.2", &words).check().refuses(&["score"]);
}

fn preferences(items: usize, wins: f64, ties: f64) -> String {
    let mut text = String::new();
    for item in 0..items {
        for (number, rater) in RATERS.iter().enumerate().take(2) {
            let u = noise([item, number, 5]);
            let winner = if u < ties {
                "tie"
            } else if u < ties + wins {
                "new"
            } else {
                "old"
            };
            let _ = writeln!(text, r#"{{"qid": "q{item}", "who": "{rater}", "winner": "{winner}"}}"#);
        }
    }
    text
}

const WINS: &str = "as: win-rate, field: winner, item: qid, rater: who, between: [new, old]";

#[test]
fn a_tie_is_half_a_win_unless_it_counts_as_lost() {
    let rows = preferences(300, 0.5, 0.2);
    let checked = study(WINS, "it > 50%", "p.jsonl", &rows).check();
    checked.ends(0, "pass bound-clears-threshold");
    let count = |word: &str| rows.matches(&format!("\"{word}\"}}")).count() as f64;
    let half = (count("new") + count("tie") / 2.0) / 600.0;
    assert!((number(&checked.gate("")["candidate"]["value"]) - half).abs() < 1e-12);
    let lost = study(&format!("{WINS}, ties: lost"), "it > 50%", "p.jsonl", &rows).check();
    assert!((number(&lost.gate("")["candidate"]["value"]) - count("new") / 600.0).abs() < 1e-12);
    assert_ne!(lost.code, 0);
    study(WINS, "it > 50%", "p.jsonl", &preferences(300, 0.2, 0.2))
        .check()
        .ends(1, "fail bound-violates-threshold");
}

#[test]
fn preferences_that_contradict_each_other_or_name_nobody_are_refused() {
    let rows = preferences(50, 0.5, 0.2);
    let with = |row: &str| study(WINS, "it > 50%", "p.jsonl", &format!("{rows}{row}\n"));
    let stories: Vec<(&str, Project, &[&str])> = vec![
        (
            "both ways",
            with(r#"{"qid": "q7", "who": "anna", "winner": "old"}"#),
            &["duplicate-rating", "contradict", "anna", "q7"],
        ),
        (
            "a third",
            with(r#"{"qid": "q77", "who": "anna", "winner": "odl"}"#),
            &["unknown-preference", "odl", "new", "old"],
        ),
        (
            "three in between",
            study("as: win-rate, field: winner, between: [a, b, c]", "it > 50%", "p.jsonl", &rows),
            &["rating-misdeclared", "two versions"],
        ),
        ("a quantile", study(WINS, "p90 it > 50%", "p.jsonl", &rows), &["one value"]),
    ];
    let wrong: Vec<String> =
        stories.into_iter().filter_map(|(name, story, words)| untouched_after(name, story, words)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Comparisons of versions whose strengths are 1.0, 0.4, 0 and -0.6, by two raters.
fn tournament(items: usize) -> String {
    let (names, strengths) = (["v4", "v3", "v2", "v1"], [1.0, 0.4, 0.0, -0.6]);
    let mut text = String::new();
    for item in 0..items {
        for (number, rater) in RATERS.iter().enumerate().take(2) {
            let one = (noise([item, number, 11]) * 4.0) as usize;
            let other = (one + 1 + (noise([item, number, 12]) * 3.0) as usize) % 4;
            let chance = 1.0 / (1.0 + f64::exp(strengths[other] - strengths[one]));
            let winner = if noise([item, number, 13]) < chance { one } else { other };
            let _ = writeln!(
                text,
                r#"{{"qid": "q{item}", "who": "{rater}", "a": "{}", "b": "{}", "winner": "{}"}}"#,
                names[one], names[other], names[winner]
            );
        }
    }
    text
}

const ARENA: &str =
    "as: bradley-terry, field: winner, item: qid, rater: who, sides: [a, b], between: [v4, v3]";

#[test]
fn versions_that_were_compared_in_turn_are_ranked_with_limits() {
    let checked = study(ARENA, "it > 50%", "t.jsonl", &tournament(800)).check();
    checked.ends(0, "pass bound-clears-threshold");
    let gate = checked.gate("");
    let versions = gate["versions"].as_array().unwrap();
    let names: Vec<&str> = versions.iter().map(|version| version["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["v4", "v3", "v2", "v1"]);
    for version in versions {
        let [low, middle, high] = ["lower", "strength", "upper"].map(|key| number(&version[key]));
        assert!(low < middle && middle < high && high - low < 0.6, "{version}");
    }
    // 1 / (1 + exp(-0.6)) is the truth.
    let [low, high] = ["lower", "upper"].map(|key| number(&gate["candidate"][key]));
    assert!(low < 0.646 && 0.646 < high, "{low} {high}");
    assert!(gate["reason"]["text"].as_str().unwrap().contains("preferred to v3"));
}

#[test]
fn versions_that_nothing_connects_or_that_never_lost_are_named() {
    let island = tournament(300)
        + r#"{"qid": "z1", "who": "anna", "a": "x1", "b": "x2", "winner": "x1"}
{"qid": "z2", "who": "anna", "a": "x1", "b": "x2", "winner": "x2"}
"#;
    let checked = study(ARENA, "it > 50%", "t.jsonl", &island).check();
    checked.ends(3, "inconclusive versions-not-connected");
    assert!(checked.gate("")["reason"]["text"].as_str().unwrap().contains("x1, x2"));
    let champion =
        tournament(300) + r#"{"qid": "z1", "who": "anna", "a": "x1", "b": "v4", "winner": "x1"}"# + "\n";
    let checked = study(ARENA, "it > 50%", "t.jsonl", &champion).check();
    checked.ends(3, "inconclusive version-undefeated");
    assert!(checked.gate("")["candidate"]["value"].is_null());
    let stories: Vec<(&str, Project, &[&str])> = vec![
        (
            "misspelt",
            study(&ARENA.replace("v3]", "v33]"), "it > 50%", "t.jsonl", &tournament(100)),
            &["unknown-preference", "v33"],
        ),
        (
            "swapped sides contradict",
            study(
                ARENA,
                "it > 50%",
                "t.jsonl",
                r#"{"qid": "q1", "who": "anna", "a": "v3", "b": "v4", "winner": "v3"}
{"qid": "q1", "who": "anna", "a": "v4", "b": "v3", "winner": "v4"}
"#,
            ),
            &["duplicate-rating", "anna"],
        ),
        (
            "with itself",
            study(
                ARENA,
                "it > 50%",
                "t.jsonl",
                r#"{"qid": "q1", "who": "anna", "a": "v3", "b": "v3", "winner": "v3"}"#,
            ),
            &["unknown-preference", "itself"],
        ),
        (
            "a winner that did not play",
            study(
                ARENA,
                "it > 50%",
                "t.jsonl",
                r#"{"qid": "q1", "who": "anna", "a": "v3", "b": "v4", "winner": "v1"}"#,
            ),
            &["unknown-preference", "v1"],
        ),
    ];
    let wrong: Vec<String> =
        stories.into_iter().filter_map(|(name, story, words)| untouched_after(name, story, words)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn several_studies_say_which_one_a_metric_reads() {
    let two = "evidence: { a: { path: a.csv }, b: { path: b.csv } }\n";
    let metric = format!("metrics: {{ it: {{ {LONG}, direction: higher }} }}\n");
    let story = project().manifest(&format!("{two}{metric}{}", listed(&["it >= 3"])));
    story
        .file("a.csv", long(120))
        .file("b.csv", long(130))
        .check()
        .refuses(&["rating-misdeclared", "which evidence"]);
    let one = "evidence: { a: { path: a.csv } }\n";
    let metrics = format!(
        "metrics: {{ it: {{ {LONG} }}, other: {{ as: agreement, field: score, item: qid, rater: score }} }}\n"
    );
    let story = project().manifest(&format!("{one}{metrics}{}", listed(&["it >= 3"])));
    story.file("a.csv", long(120)).check().refuses(&["rating-misdeclared", "two ways"]);
}

#[test]
fn ratings_compare_with_those_of_the_release_before_item_by_item() {
    let rows = long(200);
    let worse = rows.lines().fold(String::new(), |mut text, row| {
        let (front, score) = row.rsplit_once(',').unwrap();
        let score =
            score.parse::<usize>().map_or_else(|_| score.to_owned(), |score| score.max(2).to_string());
        // Other people rated the release before.
        let _ = writeln!(text, "{},{score}", front.replace("anna", "xenia"));
        text
    });
    let body = "evidence: { study: { path: r.csv, baseline: b.csv } }\n".to_owned()
        + &format!("metrics: {{ it: {{ {LONG}, direction: higher }} }}\n")
        + &listed(&["it drop < 0.5"]);
    let checked = project().manifest(&body).file("r.csv", rows).file("b.csv", worse).check();
    checked.ends(0, "pass bound-clears-threshold");
    assert_eq!(checked.gate("")["change"]["paired"], true);
    assert_eq!(checked.gate("")["change"]["n"], 200);
}

/// What a row says that errored is no rating, whatever stands in it.
#[test]
fn ratings_and_comparisons_that_errored_are_lost() {
    let errored = |text: String| {
        let mark = |(i, row): (usize, &str)| match row.strip_suffix('}') {
            Some(row) if i % 9 == 0 => format!("{row}, \"error\": \"timeout\"}}\n"),
            _ => format!("{row}\n"),
        };
        text.lines().enumerate().map(mark).collect::<String>()
    };
    study(ARENA, "it > 50%", "t.jsonl", &errored(tournament(800)))
        .check()
        .ends(3, "inconclusive missing-samples-unbounded");
    let ratings: String = (0..300)
        .flat_map(|item| (0..3).map(move |rater| (item, rater)))
        .map(|(item, rater)| {
            let score = rating(item, rater);
            format!("{{\"qid\": \"q{item}\", \"who\": \"{}\", \"score\": {score}}}\n", RATERS[rater])
        })
        .collect();
    for statistic in ["krippendorff-nominal", "krippendorff-ordinal"] {
        let metric = format!("as: agreement, field: score, item: qid, rater: who, statistic: {statistic}");
        let of = |rows: &str| study(&metric, "it >= 0.2", "r.jsonl", rows).check();
        of(&ratings).ends(0, "pass bound-clears-threshold");
        of(&errored(ratings.clone())).ends(3, "inconclusive missing-samples-unbounded");
    }
}
