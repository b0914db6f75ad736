//! A service that reads the split file and logs what it does: requests, and flags that come later.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::process::Command;

use relgate::target::TrafficSplit;

use crate::project::{Project, project};

/// 2026-11-01T08:00:00Z.
pub(super) const BEGIN: i64 = 1_793_520_000;

/// What a command did.
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) text: String,
}

impl Ran {
    pub(super) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        Self { code: output.status.code().unwrap_or(-1), text: String::from_utf8_lossy(&told).into_owned() }
    }

    #[track_caller]
    pub(super) fn ends(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}", self.text);
        // What is wrapped at the width of a screen is one sentence.
        let flat = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(flat.contains(word), "`{word}` is not in:\n{}", self.text);
        }
        self
    }
}

/// What is wrong with the candidate.
#[derive(Clone, Copy)]
pub(super) struct Harm {
    /// How many times as often it is flagged.
    pub(super) flags: f64,
    /// How many times as much it costs.
    pub(super) cost: f64,
    /// How often it matches a word of the safety policy.
    pub(super) unsafe_rate: f64,
    /// How many times as long it takes.
    pub(super) wait: f64,
}

pub(super) const NONE: Harm = Harm { flags: 1.0, cost: 1.0, unsafe_rate: 0.001, wait: 1.0 };

pub(super) struct World {
    pub(super) project: Project,
    state: u64,
    requests: u64,
    /// Hours since the beginning.
    pub(super) hour: i64,
    /// The candidate's version, and that of what serves the rest.
    pub(super) versions: (&'static str, &'static str),
    /// What is wrong with what serves the rest.
    pub(super) beside: Harm,
}

/// A release that passes, beside the one before.
pub(super) fn world(more: &str) -> World {
    let row = |i: usize| format!("{{\"id\": \"q{i}\", \"accuracy\": {}}}\n", !i.is_multiple_of(20));
    let answers: String = (0..400).map(row).collect();
    let head = |version: &str, rest: &str| {
        format!(
            "relgate: 1\nname: assistant\nversion: {version}\ntype: prompt-release\npolicy: {{ require: [quality] }}\n\
             evidence: {{ answers: {{ path: answers.jsonl }} }}\ngates: ['accuracy >= 85%']\n{rest}"
        )
    };
    let monitoring = "baseline: before/release.yaml\n\
        monitoring:\n  log: ['logs/*.jsonl']\n  fields: { unit: user_id }\n  signals:\n    - user_flagged\n    \
        - { id: safety, rule: 'safety_match < 0.5%', detect: 2% }\n    - 'cost increase < 20%'\n";
    let deployment = if more.contains("deployment:") {
        ""
    } else {
        "deployment: { strategy: canary, steps: [10%, 50%, 100%], bake: 1h, traffic: 48000/day }\n"
    };
    let project = project()
        .file("release.yaml", head("2.4.0", &format!("{monitoring}{deployment}{more}")))
        .file("before/release.yaml", head("2.3.0", "baseline: none\n"))
        .file("before/answers.jsonl", &answers)
        .file("answers.jsonl", &answers);
    let mut world =
        World { project, state: 11, requests: 0, hour: -1, versions: ("2.4.0", "2.3.0"), beside: NONE };
    // Before the start there is only the stable release.
    world.serve(NONE);
    world
}

impl World {
    fn random(&mut self) -> f64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn split(&self) -> Option<TrafficSplit> {
        let text = fs::read_to_string(self.project.path("deploy/split.json")).ok()?;
        Some(serde_json::from_str(&text).unwrap())
    }

    /// Hours of a log of its own in which half of the units get either release, without a rollout.
    pub(super) fn serve_half(&mut self, harm: Harm, hours: usize) {
        let split = TrafficSplit::new("assistant", "2.4.0", Some("2.3.0"), 5000);
        fs::create_dir_all(self.project.path("deploy")).unwrap();
        fs::remove_file(self.project.path("logs/a.jsonl")).unwrap();
        self.project.again("deploy/split.json", serde_json::to_string(&split).unwrap());
        for _ in 0..hours {
            self.serve(harm);
        }
    }

    /// An hour of 2,000 requests of 6,000 users.
    pub(super) fn serve(&mut self, harm: Harm) -> &mut Self {
        let split = self.split();
        let (mut rows, mut late) = (String::new(), String::new());
        for k in 0..2000 {
            let at = 1.8f64.mul_add(f64::from(k), (BEGIN + 3600 * self.hour) as f64);
            let user = format!("u{}", (self.random() * 6000.0) as u64);
            let candidate = split.as_ref().is_some_and(|split| split.is_candidate(&user));
            let (ours, theirs) = self.versions;
            let (version, harm) = if candidate { (ours, harm) } else { (theirs, self.beside) };
            self.requests += 1;
            let (id, cost) = (self.requests, harm.cost * 0.003f64.mul_add(self.random(), 0.001));
            let unsafe_match = self.random() < harm.unsafe_rate;
            // From 300 to 799 ms.
            let latency = harm.wait * (300 + id * 37 % 500) as f64;
            let _ = writeln!(
                rows,
                "{{\"time\": {at:.1}, \"id\": \"r{id}\", \"user_id\": \"{user}\", \"release\": \"{version}\", \
                 \"cost_usd\": {cost:.6}, \"latency_ms\": {latency}, \"safety_match\": {unsafe_match}}}"
            );
            if self.random() < 0.02 * harm.flags {
                let _ = writeln!(late, "{{\"id\": \"r{id}\", \"time\": {at:.1}, \"user_flagged\": true}}");
            }
        }
        self.append(&(rows + &late));
        self.hour += 1;
        self
    }

    /// Changes the manifest.
    pub(super) fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.project.path("release.yaml")).unwrap();
        assert!(text.contains(from), "{text}");
        self.project.again("release.yaml", text.replacen(from, to, 1));
    }

    /// Runs git in the project, as somebody.
    pub(super) fn git(&self, line: &str) {
        let output = Command::new("git")
            .args(["-c", "user.name=Ben Smith", "-c", "user.email=ben@example.org"])
            .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"])
            .args(line.split(' '))
            .current_dir(self.project.path(""))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {line}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Serves and looks, until everybody has the candidate for good.
    pub(super) fn promote(&mut self) {
        self.start().ends(0, &["START"]);
        for _ in 0..40 {
            if self.serve(NONE).next().ends(0, &[]).text.starts_with("PROMOTE") {
                return;
            }
        }
        panic!("it was never promoted");
    }

    pub(super) fn append(&self, rows: &str) {
        fs::create_dir_all(self.project.path("logs")).unwrap();
        let path = self.project.path("logs/a.jsonl");
        let mut log = OpenOptions::new().append(true).create(true).open(path).unwrap();
        log.write_all(rows.as_bytes()).unwrap();
    }

    pub(super) fn now(&self) -> String {
        (BEGIN + 3600 * self.hour).to_string()
    }

    /// Runs a command as of now.
    pub(super) fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.command(words).args(["--now", &self.now()]))
    }

    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.project.relgate();
        // Commands that are typed are run by a shell.
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).args(words);
        command
    }

    pub(super) fn next(&self) -> Ran {
        self.run(&["rollout", "next"])
    }

    pub(super) fn start(&self) -> Ran {
        self.run(&["rollout", "start"])
    }

    /// The candidate's share that the file says.
    pub(super) fn share(&self) -> u16 {
        self.split().map_or(0, |split| split.candidate_per_10000)
    }

    /// What the ledger says happened, word by word.
    pub(super) fn kinds(&self) -> Vec<String> {
        let ran = Ran::of(&mut self.command(&["ledger", "--format", "json", "--all"]));
        let ledger: serde_json::Value = serde_json::from_str(&ran.text).unwrap();
        let events = ledger["events"].as_array().unwrap();
        events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    }
}
