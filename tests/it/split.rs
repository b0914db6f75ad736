//! The two short functions of an application give every unit the release that relgate means, and log what relgate reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use relgate::target::TrafficSplit;

/// More than one look at a split needs.
const UNITS: usize = 20_000;

/// Units of all kinds: numbers, letters of other scripts, signs, none at all.
fn unit(i: usize) -> String {
    match i % 5 {
        0 => format!("user-{i}"),
        1 => i.to_string(),
        2 => format!("größe {i} 日本"),
        3 => format!("{i}@example.org:\"\\ 😀"),
        _ => " ".repeat(i % 7) + &format!("{:x}", i * 7919),
    }
}

/// What an interpreter prints; none where it is not here.
fn run(program: &str, arguments: &[&str], split: &Path, log: &Path) -> Option<String> {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/lifecycle/app");
    let mut command = Command::new(program);
    command.args(arguments).current_dir(app).env("RELGATE_SPLIT", split).env("RELGATE_LOG", log);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let Ok(output) = command.output() else {
        println!("skipped: {program} is not here");
        return None;
    };
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

const PYTHON: &str = r#"
import json, sys
from split import release, log_interaction, feedback
for line in open(sys.argv[1], encoding="utf-8"):
    unit, cohorts = json.loads(line)
    print(release(unit, cohorts))
id = log_interaction("Grüße?", "ja\n", 840, 0.002, unit="u1", release=release("u1"), lang="de")
feedback(id, user_flagged=True)
"#;

const NODE: &str = r#"
import { readFileSync } from "node:fs";
import { release, log_interaction, feedback } from "./split.mjs";
const lines = readFileSync(process.argv[1], "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
console.log(lines.map(([unit, cohorts]) => release(unit, cohorts)).join("\n"));
const id = log_interaction("Grüße?", "ja\n", 840, 0.002, false, { unit: "u1", release: release("u1"), lang: "de" });
feedback(id, { user_flagged: true });
"#;

#[test]
fn python_and_node_give_every_unit_what_relgate_means() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let lines: String = (0..UNITS)
        .map(|i| {
            serde_json::json!([unit(i), if i % 97 == 0 { vec!["staff"] } else { Vec::new() }]).to_string()
                + "\n"
        })
        .collect();
    fs::write(at("units.jsonl"), lines).unwrap();
    let units: PathBuf = at("units.jsonl");
    for share in [0, 1, 1000, 2550, 10_000] {
        let mut split = TrafficSplit::new("support-assistant", "2.4.0", Some("2.3.0"), share);
        split.cohorts = vec!["staff".to_owned()];
        fs::write(at("split.json"), serde_json::to_string(&split).unwrap()).unwrap();
        let meant: Vec<&str> = (0..UNITS)
            .map(|i| if i % 97 == 0 || split.is_candidate(&unit(i)) { "2.4.0" } else { "2.3.0" })
            .collect();
        let units = units.to_str().unwrap();
        let told = [
            ("python3", run("python3", &["-c", PYTHON, units], &at("split.json"), &at("python3.jsonl"))),
            (
                "node",
                run(
                    "node",
                    &["--input-type=module", "-e", NODE, units],
                    &at("split.json"),
                    &at("node.jsonl"),
                ),
            ),
        ];
        for (program, told) in told {
            let Some(told) = told else { continue };
            assert!(told.lines().eq(meant.iter().copied()), "{program} at {share} of 10,000");
            // Two lines a run: the interaction, and its feedback by the same id.
            let log = fs::read_to_string(at(&format!("{program}.jsonl"))).unwrap();
            let last: Vec<serde_json::Value> =
                log.lines().rev().take(2).map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(last[0]["id"], last[1]["id"]);
            assert_eq!((&last[0]["user_flagged"], &last[1]["user_flagged"]), (&true.into(), &false.into()));
            assert_eq!((&last[1]["prompt"], &last[1]["latency_ms"]), (&"Grüße?".into(), &840.into()));
        }
    }
}
