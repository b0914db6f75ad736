//! What `relgate monitor` makes of records.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::world::{BEGIN, Harm, NONE, Ran, World, world};

/// The signals as of now, with half of the traffic on either side unless something else is said.
fn looked(world: &World, more: &[&str]) -> (i32, Value) {
    let weight = if more.contains(&"--weight") { &[][..] } else { &["--weight", "50%"][..] };
    let ran = world.run(&[&["monitor", "--format", "json"], weight, more].concat());
    (ran.code, serde_json::from_str(&ran.text).unwrap_or_else(|_| panic!("{}", ran.text)))
}

fn outcome<'a>(seen: &'a Value, id: &str) -> &'a str {
    let signals = seen["signals"].as_array().unwrap();
    signals.iter().find(|signal| signal["id"] == id).unwrap()["outcome"].as_str().unwrap()
}

/// Records of both releases without a rollout: half of the units each.
fn side_by_side(harm: Harm, hours: usize) -> World {
    let mut world = world("");
    world.serve_half(harm, hours);
    world
}

fn log(world: &World) -> String {
    fs::read_to_string(world.project.path("logs/a.jsonl")).unwrap()
}

#[test]
fn signals_without_a_rollout_need_the_weight_only() {
    let world = side_by_side(NONE, 5);
    let (code, seen) = looked(&world, &[]);
    assert_eq!(code, 0, "{seen:#}");
    crate::schemas::fits_schema("monitor", &seen).unwrap();
    assert_eq!((outcome(&seen, "cost-increase"), outcome(&seen, "split")), ("pass", "pass"));
    assert_eq!(seen["log"]["selected"], 10_000);
    let safety = seen["signals"].as_array().unwrap().iter().find(|signal| signal["id"] == "safety").unwrap();
    let why = safety["reason"].as_str().unwrap();
    assert!(why.ends_with("a pass is of whole days of a unit, and none ended 1d ago"), "{why}");
    let flagged = &seen["signals"][0];
    let events = |arm: &str| flagged[arm]["events"].as_u64().unwrap() as usize;
    assert_eq!(events("candidate") + events("stable"), log(&world).matches("user_flagged").count());
    // A share that is not served is seen, however the figures look.
    let (code, seen) = looked(&world, &["--weight", "20%"]);
    assert_eq!((code, outcome(&seen, "split")), (2, "blind"));
}

#[test]
fn harm_fails_and_says_so_to_machines() {
    let world = side_by_side(Harm { flags: 4.0, cost: 1.6, ..NONE }, 4);
    let (code, seen) = looked(&world, &[]);
    assert_eq!(code, 1);
    assert_eq!((outcome(&seen, "user-flagged"), outcome(&seen, "cost-increase")), ("fail", "fail"));
    let text = world.run(&["monitor", "--format", "prometheus", "--weight", "50%"]).text;
    for line in [
        "relgate_signal_failed{release=\"assistant\",signal=\"user-flagged\"} 1\n",
        "relgate_signal_failed{release=\"assistant\",signal=\"safety\"} 0\n",
        &format!("relgate_last_run_timestamp_seconds{{release=\"assistant\"}} {}\n", world.now()),
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    world.run(&["monitor", "--weight", "50%", "--cases", "bad.txt"]).ends(1, &["FAIL"]);
    let ids = fs::read_to_string(world.project.path("bad.txt")).unwrap();
    assert!(ids.lines().count() > 100 && ids.lines().skip(1).all(|id| id.starts_with('r')), "{ids}");
    // Feedback to the stable release's answers is no case of the candidate.
    let (mut own, mut flagged) = (BTreeSet::new(), BTreeSet::new());
    for row in log(&world).lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let id = row["id"].as_str().unwrap().to_owned();
        if row["release"] == "2.4.0" {
            own.insert(id.clone());
        }
        if row["user_flagged"] == true || row["safety_match"] == true {
            flagged.insert(id);
        }
    }
    let listed: BTreeSet<String> = ids.lines().skip(1).map(str::to_owned).collect();
    assert_eq!(listed, flagged.intersection(&own).cloned().collect());
    assert!(flagged.len() > listed.len());
}

#[test]
fn what_is_missing_is_blind_and_never_a_pass() {
    let world = side_by_side(NONE, 3);
    let whole = log(&world);
    let of = |text: &str| {
        world.project.again("logs/a.jsonl", text);
        looked(&world, &[])
    };
    let every = |nth: usize, change: &dyn Fn(&str) -> String| -> String {
        let row = |(at, row): (usize, &str)| if at % nth == 0 { change(row) } else { row.to_owned() } + "\n";
        whole.lines().enumerate().map(row).collect()
    };
    // A field that one in ten records lacks.
    let (code, seen) = of(&every(10, &|row| row.replace("cost_usd", "price")));
    assert_eq!((code, outcome(&seen, "cost-increase")), (2, "blind"));
    // Who asked is known of some only.
    let (code, seen) = of(&every(4, &|row| row.replace("user_id", "user")));
    assert_eq!((code, outcome(&seen, "cost-increase"), outcome(&seen, "safety")), (2, "blind", "blind"));
    // Nobody knows what the candidate does.
    let (code, seen) = of(&whole.replace("\"2.4.0\"", "\"2.5.0\""));
    assert_eq!((code, outcome(&seen, "user-flagged"), outcome(&seen, "safety")), (2, "blind", "blind"));
    // One row in five was torn by a crash.
    let (code, seen) = of(&every(5, &|row| row[..row.len() / 2].to_owned()));
    assert_eq!((code, outcome(&seen, "safety")), (2, "blind"));
    assert!(seen["log"]["torn"].as_u64().unwrap() > 1000);
    // A few are only counted, and so is a last line that is not written to its end.
    let few = whole.clone() + "{\"time\": 17, \"id\n" + "{\"time\": 1793520000, \"id\": \"half";
    let (code, seen) = of(&few);
    assert_eq!((code, &seen["log"]["torn"]), (0, &Value::from(1)));
    // Nothing was logged for a day.
    world.project.again("logs/a.jsonl", &whole);
    let later = (BEGIN + 3600 * (world.hour + 24)).to_string();
    Ran::of(&mut world.command(&["monitor", "--weight", "50%", "--now", &later]))
        .ends(2, &["BLIND", "the last record is 24.0 hours old"]);
}

#[test]
fn looking_again_changes_nothing_and_a_table_says_the_same() {
    let world = side_by_side(Harm { flags: 3.0, ..NONE }, 3);
    let ((_, first), (_, again)) = (looked(&world, &[]), looked(&world, &[]));
    assert_eq!(first, again);
    let names = ["id", "time", "user_id", "release", "cost_usd", "safety_match", "user_flagged"];
    let mut table = names.join(",") + "\n";
    for row in log(&world).lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let cell = |key: &str| match &row[key] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        table += &(names.map(cell).join(",") + "\n");
    }
    fs::write(world.project.path("logs.csv"), table).unwrap();
    let (_, csv) = looked(&world, &["--log", "logs.csv"]);
    assert_eq!(first["signals"], csv["signals"]);
}

#[test]
fn a_doubled_log_counts_every_record_once() {
    let world = side_by_side(NONE, 2);
    let (_, once) = looked(&world, &[]);
    world.append(&log(&world));
    let (_, twice) = looked(&world, &[]);
    assert_eq!(once["signals"], twice["signals"]);
    assert_eq!(once["log"]["selected"], twice["log"]["selected"]);
}

#[test]
fn a_log_that_is_rotated_between_two_looks_says_the_same() {
    let world = side_by_side(Harm { flags: 3.0, ..NONE }, 3);
    let (_, whole) = looked(&world, &[]);
    let log = log(&world);
    let half = log.lines().count() / 2;
    let part =
        |rows: &mut dyn Iterator<Item = &str>| rows.map(|row| row.to_owned() + "\n").collect::<String>();
    // The older half has the later name.
    fs::write(world.project.path("logs/b.1.jsonl"), part(&mut log.lines().take(half))).unwrap();
    world.project.again("logs/a.jsonl", part(&mut log.lines().skip(half)));
    let (_, rotated) = looked(&world, &[]);
    assert_eq!(whole["signals"], rotated["signals"]);
    assert_eq!(whole["log"], rotated["log"]);
}

#[test]
fn spend_logs_of_a_proxy_are_read_by_what_they_call_our_fields() {
    let world = side_by_side(NONE, 2);
    let rows = log(&world);
    let spend = rows.lines().filter(|row| row.contains("release")).map(|row| {
        let row: Value = serde_json::from_str(row).unwrap();
        let time = chrono::DateTime::from_timestamp(row["time"].as_f64().unwrap() as i64, 0).unwrap();
        let told = serde_json::json!({
            "request_id": row["id"], "startTime": time.to_rfc3339(), "end_user": row["user_id"], "spend": row["cost_usd"],
            "metadata": { "release": row["release"], "safety": row["safety_match"] }, "status": "success",
        });
        format!("{told}\n")
    });
    fs::write(world.project.path("logs/a.jsonl"), spend.collect::<String>()).unwrap();
    let text = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    let fields = "{ id: request_id, time: startTime, unit: end_user, cost_usd: spend, release: metadata.release, safety_match: metadata.safety }";
    world.project.again("release.yaml", text.replace("{ unit: user_id }", fields));
    let (code, seen) = looked(&world, &[]);
    assert_eq!((code, outcome(&seen, "cost-increase")), (0, "pass"), "{seen:#}");
    assert_eq!(seen["log"]["selected"], 4000);
}

#[test]
fn a_look_writes_over_nothing_that_it_reads_or_did_not_make() {
    let world = side_by_side(NONE, 5);
    world.project.again("mine.txt", "mine\n");
    let before = world.project.snapshot();
    for path in [
        "logs/a.jsonl",
        "./logs/../logs/a.jsonl",
        "release.yaml",
        "mine.txt",
        "deploy/split.json",
        "answers.jsonl",
    ] {
        for asked in [&["--cases", path][..], &["--report", &format!("json={path}")]] {
            let more = [&["monitor", "--weight", "50%"], asked].concat();
            world.run(&more).ends(2, &["output-is-taken", "this run would write over it"]);
            assert_eq!(world.project.snapshot(), before, "{asked:?}");
        }
    }
    let both = ["monitor", "--weight", "50%", "--cases", "out", "--report", "json=out"];
    world.run(&both).ends(2, &["is named for two reports"]);
    // What a look made, the next one makes anew.
    let all = ["--cases", "c", "--report", "json=j", "--report", "prometheus=p", "--report", "terminal=t"];
    for _ in 0..2 {
        world.run(&[&["monitor", "--weight", "50%"], &all[..]].concat()).ends(0, &[]);
    }
    assert!(fs::read_to_string(world.project.path("c")).unwrap().starts_with("# relgate: ids of records"));
}

#[test]
fn a_look_that_errs_leaves_no_older_verdict() {
    let world = side_by_side(NONE, 5);
    let all = [
        "monitor",
        "--weight",
        "50%",
        "--report",
        "json=j",
        "--report",
        "prometheus=p",
        "--report",
        "terminal=t",
    ];
    world.run(&all).ends(0, &[]);
    world.project.again("mine.txt", "mine\n");
    let manifest = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    world.project.again("release.yaml", manifest.replace("version: 2.4.0", "verzion: 2.4.0"));
    world.run(&all).ends(2, &["an older report is gone"]);
    let left = ["j", "t", "p"].map(|name| world.project.path(name).exists());
    // The time of the last run in it is what alarms.
    assert_eq!(left, [false, false, true]);
    world.run(&["monitor", "--report", "json=mine.txt"]).ends(2, &["nothing was written"]);
    assert!(world.project.path("mine.txt").exists());
}

#[test]
fn where_the_stable_release_logs_nothing_no_comparison_fails() {
    let world = side_by_side(NONE, 1);
    let rows: String = (0..12)
        .map(|k| {
            let time = BEGIN + 3600 * world.hour - 7200 + 300 * k;
            format!("{{\"id\": \"r{k}\", \"time\": {time}, \"release\": \"2.4.0\", \"user_id\": \"u{k}\", \"user_flagged\": true, \"safety_match\": false, \"cost_usd\": 0.002}}\n")
        })
        .collect();
    world.project.again("logs/a.jsonl", &rows);
    let (code, seen) = looked(&world, &["--weight", "10%"]);
    let flagged = &seen["signals"][0];
    assert!(flagged["evidence"]["fail"].as_f64() > flagged["evidence"]["fail_at"].as_f64(), "{flagged:#}");
    assert_eq!((code, outcome(&seen, "user-flagged")), (2, "blind"), "{flagged:#}");
    assert_eq!(flagged["reason"], "the stable release logs nothing");
}

#[test]
fn a_row_of_a_log_is_named_from_where_the_command_runs() {
    let world = side_by_side(NONE, 1);
    let manifest = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    fs::create_dir_all(world.project.path("team/bot/logs")).unwrap();
    world.project.again(
        "team/bot/release.yaml",
        manifest.replace("before/release.yaml", "none").replace("*.jsonl", "*.csv"),
    );
    world.project.again(
        "team/bot/logs/c.csv",
        "time,release,signal,events,n\n2026-11-20T09:00:00Z,2.4.0,error,1e2,1000\n",
    );
    world.run(&["monitor", "team/bot/release.yaml"]).ends(2, &["--> team/bot/logs/c.csv:2"]);
    world
        .run(&["monitor", "team/bot/release.yaml", "--log", "team/bot/logs/c.csv"])
        .ends(2, &["--> team/bot/logs/c.csv:2"]);
}

/// A judge that writes its labels and scores later writes them of records that had none: nothing is missing then.
#[test]
fn labels_that_come_later_are_not_missing() {
    let mut world = world("");
    world.serve_half(NONE, 3);
    world.edit("    - user_flagged\n", "    - refusal\n    - { id: refused, rule: 'refusal < 20%' }\n    - { id: tone, rule: 'mean tone > 0.3', cap: 1 }\n");
    let labels = |world: &World, of: &dyn Fn(usize) -> Option<String>| {
        let rows = log(world);
        let mut late = String::new();
        for (k, row) in rows.lines().enumerate() {
            let row: Value = serde_json::from_str(row).unwrap();
            if let (Some(label), Some(_)) = (of(k), row["release"].as_str()) {
                let time = row["time"].as_f64().unwrap() + 60.0;
                let _ = writeln!(late, "{{\"id\": {}, \"time\": {time:.1}, {label}}}", row["id"]);
            }
        }
        world.append(&late);
    };
    let some = |k: usize| {
        let labelled = !k.is_multiple_of(4);
        labelled.then(|| format!("\"refusal\": {}, \"tone\": 0.{}", k % 8 == 1, 5 + k % 3))
    };
    labels(&world, &some);
    let (code, seen) = looked(&world, &[]);
    let of = |seen: &Value, id: &str| {
        seen["signals"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone()
    };
    assert_eq!(code, 2, "{seen:#}");
    let why = of(&seen, "tone")["reason"].as_str().unwrap().to_owned();
    assert!(why.starts_with("`tone` is missing in 25."), "{why}");
    labels(&world, &|k| (k % 4 == 0).then(|| format!("\"refusal\": false, \"tone\": 0.{}", 5 + k % 3)));
    let (code, seen) = looked(&world, &[]);
    assert_eq!(code, 0, "{seen:#}");
    for id in ["refusal", "refused", "tone"] {
        let one = of(&seen, id);
        let all =
            |what: &str| one["candidate"][what].as_u64().unwrap() + one["stable"][what].as_u64().unwrap();
        assert_eq!((all("n"), all("missing")), (6000, 0), "{one:#}");
    }
    assert_eq!(of(&seen, "tone")["outcome"], "pass");
    let refused = |seen: &Value| {
        let one = of(seen, "refusal");
        one["candidate"]["events"].as_u64().unwrap() + one["stable"]["events"].as_u64().unwrap()
    };
    let wanted = log(&world).matches("\"refusal\": true").count() as u64;
    assert_eq!(refused(&seen), wanted);
}

/// Feedback to records that a signal leaves out is none of its events.
#[test]
fn late_feedback_to_what_is_left_out_does_not_count() {
    let mut world = world("");
    world.serve_half(NONE, 2);
    world.edit("    - user_flagged\n", "    - { id: flagged, rule: user_flagged, where: { kind: ask } }\n");
    let (mut k, mut asked, mut rows) = (0, BTreeSet::new(), String::new());
    for row in log(&world).lines() {
        let mut row: Value = serde_json::from_str(row).unwrap();
        if row.get("release").is_some() {
            k += 1;
            row["kind"] = if k % 2 == 0 { "ask" } else { "chat" }.into();
            if k % 2 == 0 {
                asked.insert(row["id"].as_str().unwrap().to_owned());
            }
        }
        rows += &format!("{row}\n");
    }
    fs::write(world.project.path("logs/a.jsonl"), &rows).unwrap();
    let (_, seen) = looked(&world, &[]);
    let events = |arm: &str| seen["signals"][0][arm]["events"].as_u64().unwrap() as usize;
    let flags = rows.lines().filter(|row| row.contains("user_flagged"));
    let ids = flags.map(|row| serde_json::from_str::<Value>(row).unwrap()["id"].as_str().unwrap().to_owned());
    assert_eq!(events("candidate") + events("stable"), ids.filter(|id| asked.contains(id)).count());
}

/// Where large numbers are good harm makes them smaller, and a step can end when it would have seen that.
#[test]
fn a_step_sees_harm_to_what_should_be_large() {
    let mut world = world("");
    world.serve_half(NONE, 2);
    let signals = "    - tone\n    - { id: falls, rule: 'tone drop < 5%' }\n    \
        - { id: level, rule: 'mean tone > 7.9', cap: 20, detect: 6 }\n";
    world
        .edit("    - user_flagged\n    - { id: safety, rule: 'safety_match < 0.5%', detect: 2% }\n", signals);
    let text = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    let head = "metrics: { tone: { as: mean, direction: higher, category: quality } }\n";
    world.project.again("release.yaml", text.replace("monitoring:\n", &format!("{head}monitoring:\n")));
    // From 6 to 10, alike in both.
    let rows: String = log(&world).lines().enumerate().fold(String::new(), |mut rows, (k, row)| {
        let mut row: Value = serde_json::from_str(row).unwrap();
        row["tone"] = (6 + k * 7 % 5).into();
        let _ = writeln!(rows, "{row}");
        rows
    });
    fs::write(world.project.path("logs/a.jsonl"), &rows).unwrap();
    let (_, seen) = looked(&world, &[]);
    let of = |id: &str| seen["signals"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
    for (id, detect) in [("tone", 0.5), ("falls", 0.5), ("level", 6.0)] {
        let one = &of(id)["seen"];
        assert_eq!(
            (one["detect"].as_f64(), one["enough"].as_bool()),
            (Some(detect), Some(true)),
            "{:#}",
            of(id)
        );
        assert!((10..2000).contains(&one["needed"].as_u64().unwrap()), "{one:#}");
    }
    let told = world.run(&["monitor", "--weight", "50%", "--no-cache"]).text;
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("would show 0.5 times the stable release's 8 times in 10"), "{told}");
}

/// A name that says neither is no signal: half of all guesses would call a better release back.
#[test]
fn a_bare_name_has_to_say_what_is_good() {
    let mut world = world("");
    world.serve_half(NONE, 1);
    let rows = log(&world).replace("\"safety_match\": false}", "\"safety_match\": false, \"solved\": true}");
    fs::write(world.project.path("logs/a.jsonl"), rows).unwrap();
    world.edit("    - user_flagged\n", "    - solved\n");
    let words = [
        "nothing says whether small or large values of `solved` are good",
        "release.yaml:13:",
        "direction: higher",
    ];
    world.run(&["monitor", "--weight", "50%"]).ends(2, &words);
    world.edit("monitoring:\n", "metrics: { solved: { direction: higher } }\nmonitoring:\n");
    let ran = world.run(&["monitor", "--weight", "50%"]);
    assert!(ran.code == 0 && ran.text.contains("solved not worse"), "{}", ran.text);
}
