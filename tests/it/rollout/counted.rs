//! Signals of which only counts are known, as a query writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use super::world::{BEGIN, Harm, NONE, Ran, World, world};
use crate::schemas::fits_schema;

/// Seconds of a stretch of time.
const STRETCH: i64 = 600;

/// A service whose log only a query reads.
fn counted_world() -> World {
    let world = world("");
    let text = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    let text = text
        .replace("logs/*.jsonl", "counts.jsonl")
        .replace("    - 'cost increase < 20%'\n", "")
        .replace("  signals:", "  mature: 1h\n  signals:");
    world.project.again("release.yaml", text);
    count(&world);
    world
}

/// What a query makes of the log: late feedback counts for the time of its record.
fn counts(world: &World) -> BTreeMap<(i64, String, &'static str), (u64, u64)> {
    let mut rows: BTreeMap<String, (i64, String, bool, bool)> = BTreeMap::new();
    for line in fs::read_to_string(world.project.path("logs/a.jsonl")).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let id = row["id"].as_str().unwrap().to_owned();
        if row["user_flagged"] == true {
            rows.get_mut(&id).unwrap().3 = true;
            continue;
        }
        let time = (row["time"].as_f64().unwrap() as i64 - BEGIN).div_euclid(STRETCH) * STRETCH + BEGIN;
        let release = row["release"].as_str().unwrap().to_owned();
        rows.insert(id, (time, release, row["safety_match"] == true, false));
    }
    let mut counts: BTreeMap<(i64, String, &str), (u64, u64)> = BTreeMap::new();
    for (time, release, safety, flagged) in rows.into_values() {
        for (signal, is) in [("safety_match", safety), ("user_flagged", flagged)] {
            let own = counts.entry((time, release.clone(), signal)).or_default();
            *own = (own.0 + u64::from(is), own.1 + 1);
        }
    }
    counts
}

fn count(world: &World) {
    let mut text = String::new();
    for ((time, release, signal), (events, n)) in counts(world) {
        let row = json!({ "time": time, "release": release, "signal": signal, "events": events, "n": n });
        let _ = writeln!(text, "{row}");
    }
    world.project.again("counts.jsonl", text);
}

fn looked(world: &World, more: &[&str]) -> (i32, Value) {
    let ran = world.run(&[&["monitor", "--format", "json", "--weight", "50%"], more].concat());
    (ran.code, serde_json::from_str(&ran.text).unwrap_or_else(|_| panic!("{}", ran.text)))
}

#[test]
fn a_rollout_is_decided_by_counts_alone() {
    let mut world = counted_world();
    let fits = |command: &[&str], name: &str, world: &World| {
        let ran = world.run(command);
        let document = serde_json::from_str(&ran.text).unwrap_or_else(|_| panic!("{}", ran.text));
        fits_schema(name, &document).unwrap_or_else(|wrong| panic!("{name}: {wrong}\n{document:#}"));
        let mut worse = document.clone();
        worse["schema"] = json!("relgate/none/v1");
        assert!(fits_schema(name, &worse).is_err());
        worse = document;
        worse["surprise"] = json!(1);
        assert!(fits_schema(name, &worse).is_err());
    };
    fits(&["rollout", "--format", "json"], "rollout", &world);
    world.start().ends(0, &["running at 10%", "beside 2.3.0"]);
    let split = fs::read_to_string(world.project.path("deploy/split.json")).unwrap();
    fits_schema("split", &serde_json::from_str(&split).unwrap()).unwrap();
    for line in fs::read_to_string(world.project.path("counts.jsonl")).unwrap().lines() {
        fits_schema("counts", &serde_json::from_str(line).unwrap()).unwrap();
    }
    let mut shares = Vec::new();
    for _ in 0..40 {
        world.serve(NONE);
        count(&world);
        let ran = world.next();
        assert_eq!(ran.code, 0, "{}", ran.text);
        shares.push(world.share());
        fits(&["monitor", "--format", "json"], "monitor", &world);
        fits(&["rollout", "--format", "json"], "rollout", &world);
        if ran.text.starts_with("PROMOTE") {
            break;
        }
    }
    assert!(shares.contains(&1000) && shares.contains(&5000), "{shares:?}");
    assert!(world.kinds().contains(&"promoted".to_owned()), "{:?}", world.kinds());
    // Alone it is held against what it was.
    for _ in 0..3 {
        world.serve(NONE);
        count(&world);
        world.next().ends(0, &["promoted at 100%"]);
    }
    for hour in 0..16 {
        assert!(hour < 15, "it is never seen");
        world.serve(Harm { flags: 8.0, ..NONE });
        count(&world);
        let ran = world.next();
        if ran.code == 1 {
            ran.ends(1, &["`user-flagged` fails"]);
            break;
        }
    }
}

#[test]
fn harm_in_counts_goes_back() {
    for (harm, signal) in
        [(Harm { flags: 6.0, ..NONE }, "user-flagged"), (Harm { unsafe_rate: 0.05, ..NONE }, "safety")]
    {
        let mut world = counted_world();
        world.start().ends(0, &[]);
        for hour in 0..16 {
            assert!(hour < 15, "{signal} is never seen");
            world.serve(harm);
            count(&world);
            let ran = world.next();
            if ran.code == 1 {
                ran.ends(1, &[&format!("`{signal}` fails"), "rolled-back at 0%"]);
                break;
            }
        }
        assert_eq!(world.share(), 0, "{signal}");
    }
}

/// Half of the units each, for some hours.
fn side_by_side(harm: Harm, hours: usize) -> World {
    let mut world = counted_world();
    world.serve_half(harm, hours);
    count(&world);
    world
}

#[test]
fn integers_add_to_what_the_records_themselves_show() {
    let world = side_by_side(Harm { flags: 1.3, ..NONE }, 30);
    let (_, seen) = looked(&world, &[]);
    // Records of nobody, so that each counts by itself as well.
    let log =
        fs::read_to_string(world.project.path("logs/a.jsonl")).unwrap().replace("\"user_id\"", "\"who\"");
    world.project.again("logs/a.jsonl", log);
    let (_, records) = looked(&world, &["--log", "logs/a.jsonl"]);
    for at in 0..2 {
        let (counted, logged) = (&seen["signals"][at], &records["signals"][at]);
        for arm in ["candidate", "stable"] {
            for key in ["value", "n", "events", "missing"] {
                assert_eq!(counted[arm][key], logged[arm][key], "{at} {arm} {key}");
            }
        }
        // The highest evidence of all looks at records, of counts that of now.
        let fail = |signal: &Value| signal["evidence"]["fail"].as_f64().unwrap();
        assert!(fail(counted) <= fail(logged) + 1e-9 && fail(counted) >= 0.0, "{at}");
        assert_eq!(counted["evidence"]["fail_at"], logged["evidence"]["fail_at"]);
        let pass = |signal: &Value| signal["evidence"]["pass"].as_f64().unwrap();
        assert!((pass(counted) - pass(logged)).abs() < 1e-6, "{at}: {} {}", pass(counted), pass(logged));
        assert_eq!(counted["seen"]["needed"], logged["seen"]["needed"]);
        assert_eq!(counted["seen"]["have"], logged["seen"]["have"]);
        assert_eq!(counted["method"], logged["method"]);
    }
    for key in ["selected", "requests_a_day", "other", "outside"] {
        let of = |seen: &Value| seen["log"][key].as_f64().unwrap();
        assert!((of(&seen) - of(&records)).abs() < 2.0, "{key}: {} {}", of(&seen), of(&records));
    }
    let ids = |seen: &Value| seen["signals"].as_array().unwrap().len();
    assert_eq!((ids(&seen), ids(&records)), (2, 3), "nobody knows how units were split");
    let note = seen["notes"][0].as_str().unwrap();
    assert!(
        note.starts_with("`user_flagged` and `safety_match` are only known as counts, which tell no units"),
        "{note}"
    );
    assert!(note.ends_with("how units were split is not checked"), "{note}");
    // The order of the rows says nothing, and CSV says the same.
    let text = fs::read_to_string(world.project.path("counts.jsonl")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.reverse();
    world.project.again("counts.jsonl", lines.join("\n") + "\n");
    assert_eq!(looked(&world, &[]).1, seen);
    let mut csv = "release,signal,n,events,time\n".to_owned();
    for ((time, release, signal), (events, n)) in counts(&world) {
        let time = chrono::DateTime::from_timestamp(time, 0).unwrap().to_rfc3339();
        let _ = writeln!(csv, "{release},{signal},{n},{events},{time}");
    }
    world.project.again("counts.csv", csv);
    assert_eq!(looked(&world, &["--log", "counts.csv"]).1, seen);
    // As two files, too.
    let (one, other) = text.split_at(text[..text.len() / 2].rfind('\n').unwrap() + 1);
    world.project.again("one.jsonl", one);
    world.project.again("other.jsonl", other);
    assert_eq!(looked(&world, &["--log", "one.jsonl", "--log", "other.jsonl"]).1, seen);
    Ran::of(&mut world.command(&["monitor", "--log", "one.jsonl", "--log", "counts.jsonl"]))
        .ends(2, &["error[duplicate-id]", "one.jsonl:", "also by counts.jsonl:"]);
}

#[test]
fn counts_stand_beside_records_of_other_signals() {
    let world = side_by_side(NONE, 6);
    let manifest = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    let logged = fs::read_to_string(world.project.path("logs/a.jsonl")).unwrap();
    let records: String = logged
        .lines()
        .filter(|line| !line.contains("user_flagged"))
        .map(|line| line.to_owned() + "\n")
        .collect();
    let counted = fs::read_to_string(world.project.path("counts.jsonl")).unwrap();
    let flags: String =
        counted.lines().filter(|line| !line.contains("safety")).map(|line| line.to_owned() + "\n").collect();
    world.project.again("logs/a.jsonl", &records);
    world.project.again("flags.jsonl", &flags);
    world
        .project
        .again("release.yaml", manifest.replace("['counts.jsonl']", "['logs/*.jsonl', flags.jsonl]"));
    let (_, seen) = looked(&world, &[]);
    assert_eq!(
        (&seen["log"]["selected"], &seen["signals"][2]["id"]),
        (&json!(12_000), &json!("split")),
        "{seen:#}"
    );
    let events = seen["signals"][0]["candidate"]["events"].as_u64().unwrap();
    assert!(events > 50 && seen["signals"][1]["candidate"]["units"].as_u64().unwrap() > 0, "{seen:#}");
    assert_eq!(seen["signals"][0]["candidate"]["n"], seen["signals"][1]["candidate"]["n"]);
    let note = seen["notes"][0].as_str().unwrap();
    assert!(note.starts_with("`user_flagged` is only known as counts") && !note.contains("split"), "{note}");
    // Of both at once nobody knows which holds, and counts that end are blind although the records go on.
    world.project.again("flags.jsonl", &counted);
    Ran::of(&mut world.command(&["monitor", "--weight", "50%"]))
        .ends(2, &["`safety_match` is counted, and logged record by record too"]);
    let half: String = flags.lines().take(40).map(|line| line.to_owned() + "\n").collect();
    world.project.again("flags.jsonl", half);
    let (code, seen) = looked(&world, &[]);
    assert_eq!(
        (code, seen["signals"][0]["outcome"].as_str(), seen["signals"][1]["outcome"].as_str()),
        (2, Some("blind"), Some("inconclusive")),
        "{seen:#}"
    );
    assert!(seen["signals"][0]["reason"].as_str().unwrap().starts_with("its last counts are"), "{seen:#}");
}

#[test]
fn what_counts_cannot_say_is_refused() {
    let world = side_by_side(NONE, 3);
    let manifest = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    for (signal, word) in [
        ("'p95 user_flagged < 1200'", "only known as counts"),
        ("'drift of user flagged < 6pp'", "only known as counts"),
        ("'user_flagged increase < 5pp'", "only known as counts"),
        ("{ rule: 'user_flagged < 5%', where: { lang: de } }", "`where` could select by"),
        ("'p95 latency < 1200ms'", "latency"),
    ] {
        world
            .project
            .again("release.yaml", manifest.replace("    - user_flagged\n", &format!("    - {signal}\n")));
        Ran::of(&mut world.command(&["monitor", "--weight", "50%"])).ends(2, &["release.yaml:", word]);
    }
    world.project.again("release.yaml", manifest.replace("  signals:", "  where: { lang: de }\n  signals:"));
    Ran::of(&mut world.command(&["monitor", "--weight", "50%"]))
        .ends(2, &["counts have no fields that `where`"]);
    world.project.again("release.yaml", &manifest);
    let sound = fs::read_to_string(world.project.path("counts.jsonl")).unwrap();
    let second = |row: &str| sound.lines().next().unwrap().to_owned() + "\n" + row + "\n";
    let row = |events: &str, n: &str| {
        format!(
            r#"{{"time": {BEGIN}, "release": "2.4.0", "signal": "user_flagged", "events": {events}, "n": {n}}}"#
        )
    };
    for bad in
        [row("-1", "5"), row("0.5", "5"), row("6", "5"), row("NaN", "5"), row("1", "5.0"), row("1", "\"5\"")]
    {
        world.project.again("counts.jsonl", second(&bad));
        Ran::of(&mut world.command(&["monitor", "--weight", "50%"]))
            .ends(2, &["error[bad-count]", "counts.jsonl:2"]);
    }
    world.project.again("counts.jsonl", second(sound.lines().next().unwrap()));
    Ran::of(&mut world.command(&["monitor", "--weight", "50%"]))
        .ends(2, &["error[duplicate-id]", "counts.jsonl:2", "counts.jsonl:1"]);
    // Read as records they would be so many records in which nothing happened.
    world.project.again("counts.jsonl", &sound);
    world.project.again("release.yaml", manifest.replace("  signals:", "  format: jsonl\n  signals:"));
    Ran::of(&mut world.command(&["monitor", "--weight", "50%"]))
        .ends(2, &["release.yaml:", "`counts.jsonl` holds counts, and no records", "this says jsonl"]);
    world.project.again("release.yaml", manifest.replace("  signals:", "  format: counts\n  signals:"));
    assert_ne!(looked(&world, &[]).0, 2);
    // As evidence they are refused with what would be.
    Ran::of(&mut world.command(&["evidence", "counts.jsonl"])).ends(2, &["counts of production records"]);
}

#[test]
fn counts_that_are_old_short_or_of_one_side_are_blind() {
    let mut world = counted_world();
    world.start().ends(0, &[]);
    for _ in 0..4 {
        world.serve(NONE);
    }
    count(&world);
    let whole = fs::read_to_string(world.project.path("counts.jsonl")).unwrap();
    let looked = |rows: String, now: i64| -> Value {
        world.project.again("counts.jsonl", rows);
        let ran = Ran::of(&mut world.command(&["monitor", "--format", "json", "--now", &now.to_string()]));
        serde_json::from_str(&ran.text).unwrap_or_else(|_| panic!("{}", ran.text))
    };
    let now: i64 = world.now().parse().unwrap();
    let of = |keep: &dyn Fn(&Value) -> bool| -> String {
        whole
            .lines()
            .filter(|line| keep(&serde_json::from_str(line).unwrap()))
            .map(|line| line.to_owned() + "\n")
            .collect()
    };
    let reason = |seen: &Value, at: usize| seen["signals"][at]["reason"].as_str().unwrap().to_owned();
    let seen = looked(whole.clone(), now);
    assert_ne!(seen["decision"], "blind", "{seen:#}");
    // Those before the start are of no step.
    assert_eq!(seen["log"]["selected"].as_u64().unwrap() + seen["log"]["outside"].as_u64().unwrap(), 10_000);
    assert_eq!(seen["log"]["outside"], 2000);
    let old = looked(whole.clone(), now + 7200);
    assert!(reason(&old, 0).starts_with("the last record is 2.0 hours old"), "{old:#}");
    let short = looked(of(&|row| row["time"].as_i64().unwrap() > BEGIN + 7300), now);
    assert!(reason(&short, 0).contains("does not reach back to the start"), "{short:#}");
    let one = looked(of(&|row| row["release"] == "2.4.0"), now);
    assert!(["fail", "blind"].contains(&one["signals"][0]["outcome"].as_str().unwrap()), "{one:#}");
    assert_eq!(one["signals"][1]["outcome"], seen["signals"][1]["outcome"], "a level needs nobody beside it");
    // Of some times only one signal was counted: the other is missing there.
    let holes = looked(
        of(&|row| row["signal"] != "safety_match" || row["time"].as_i64().unwrap() / STRETCH % 3 != 1),
        now,
    );
    assert!(reason(&holes, 1).starts_with("`safety_match` is missing in"), "{holes:#}");
    // A stretch of time that reaches over the start is of no step.
    let late = whole.replace(&format!("\"time\":{BEGIN}"), &format!("\"time\":{}", BEGIN - 60));
    let seen = looked(late, now);
    let outside = seen["log"]["outside"].as_u64().unwrap();
    assert!(outside > 2200 && outside < 2500, "{seen:#}");
    // Counts of tomorrow are nobody's.
    let mut row: Value = serde_json::from_str(whole.lines().last().unwrap()).unwrap();
    row["time"] = json!(now + 7200);
    let ahead = looked(whole.clone() + &row.to_string() + "\n", now);
    assert_eq!(
        (&ahead["log"]["selected"], &ahead["log"]["outside"]),
        (&json!(8000), &json!(2001)),
        "{ahead:#}"
    );
}
