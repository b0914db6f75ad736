//! Both releases answer every request: their answers are compared request by request.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::world::{BEGIN, World, world};

/// What both releases answer to one request, candidate first; fields of a record each.
type Answers = [String; 2];

fn fields(refusal: bool, chars: u64) -> String {
    format!("\"refusal\": {refusal}, \"response_chars\": {chars}")
}

/// A request is refused by both releases in one of 16 cases; by the candidate alone in so many of a thousand, by the stable release in 3.
/// Lengths are very different from request to request; the candidate's is so much longer.
fn request(k: u64, alone: u64, longer: u64) -> Answers {
    let chars = 100 + k * 7919 % 4000;
    let (both, of) = (k.is_multiple_of(16), k * 37 % 1000);
    let (candidate, stable) = (both || of < alone, both || (500..503).contains(&of));
    [fields(candidate, chars + longer + k * 13 % 7), fields(stable, chars + k * 29 % 7)]
}

struct Shadow {
    world: World,
    candidate: Vec<String>,
    stable: Vec<String>,
}

impl Shadow {
    fn new(signals: &str, requests: u64, of: impl Fn(u64) -> Answers) -> Self {
        Self::of_users(signals, requests, requests, of)
    }

    fn of_users(signals: &str, requests: u64, users: u64, of: impl Fn(u64) -> Answers) -> Self {
        let mut world = world("deployment: { strategy: shadow, bake: 1h }\n");
        world.hour = (5 * requests as i64 + 3599) / 3600;
        world.edit(
            "    - user_flagged\n    - { id: safety, rule: 'safety_match < 0.5%', detect: 2% }\n    - 'cost increase < 20%'\n",
            signals,
        );
        let row = |k: u64, version: &str, fields: &str| {
            let at = (BEGIN + 5 * k as i64).to_string();
            format!(
                "{{\"time\": {at}, \"id\": \"r{k}\", \"user_id\": \"u{}\", \"release\": \"{version}\", {fields}}}\n",
                k % users
            )
        };
        let (mut candidate, mut stable) = (Vec::new(), Vec::new());
        for k in 0..requests {
            let [ours, theirs] = of(k);
            candidate.push(row(k, "2.4.0", &ours));
            stable.push(row(k, "2.3.0", &theirs));
        }
        Self { world, candidate, stable }
    }

    /// The log in which every pair stands together, one or the other first.
    fn mixed(&self) -> String {
        let pairs = self.candidate.iter().zip(&self.stable).enumerate();
        pairs.fold(String::new(), |mut text, (k, (ours, theirs))| {
            let _ = if k % 3 == 0 { write!(text, "{ours}{theirs}") } else { write!(text, "{theirs}{ours}") };
            text
        })
    }

    fn look(&self, log: &str) -> (i32, Value) {
        fs::write(self.world.project.path("logs/a.jsonl"), log).unwrap();
        let ran = self.world.run(&["monitor", "--format", "json", "--no-cache"]);
        let seen = serde_json::from_str(&ran.text).unwrap_or_else(|_| panic!("{}", ran.text));
        crate::schemas::fits_schema("monitor", &seen).unwrap();
        (ran.code, seen)
    }
}

fn signal<'a>(seen: &'a Value, id: &str) -> &'a Value {
    seen["signals"].as_array().unwrap().iter().find(|signal| signal["id"] == id).unwrap()
}

const SIGNALS: &str =
    "    - refusal\n    - response_chars\n    - { id: drift, rule: 'drift of response_chars < 0.06' }\n";

#[test]
fn what_both_refuse_does_not_hide_what_only_one_refuses() {
    // 6.3 % beside 7.6 % refused, of which 6.3 % by both.
    let shadow = Shadow::new(SIGNALS, 5000, |k| request(k, 15, 0));
    let (code, seen) = shadow.look(&shadow.mixed());
    let refusal = signal(&seen, "refusal");
    assert_eq!((code, refusal["outcome"].as_str()), (1, Some("fail")), "{refusal:#}");
    assert_eq!(refusal["method"], "pair-betting");
    // Only requests that one of them refuses alone say anything.
    let units = |arm: &str| refusal[arm]["units"].as_u64().unwrap();
    let rows = |mine: &[String], other: &[String]| {
        let refused = |row: &String| row.contains("\"refusal\": true");
        mine.iter().zip(other).filter(|(row, beside)| refused(row) && !refused(beside)).count() as u64
    };
    assert_eq!(units("candidate"), rows(&shadow.candidate, &shadow.stable));
    assert_eq!(units("stable"), rows(&shadow.stable, &shadow.candidate));
    let alike = Shadow::new(SIGNALS, 5000, |k| request(k, 3, 0));
    let (code, seen) = alike.look(&alike.mixed());
    assert_eq!((code, signal(&seen, "refusal")["outcome"].as_str()), (0, Some("inconclusive")));
}

#[test]
fn a_length_that_grows_a_little_everywhere_is_seen_and_is_no_drift() {
    let shadow = Shadow::new(SIGNALS, 3000, |k| request(k, 3, 5));
    let (code, seen) = shadow.look(&shadow.mixed());
    assert_eq!((code, signal(&seen, "response-chars")["outcome"].as_str()), (1, Some("fail")));
    assert_eq!(signal(&seen, "drift")["outcome"], "pass");
}

/// Where the rows stand is nothing that the releases did.
#[test]
fn the_order_of_the_two_answers_does_not_matter() {
    let shadow = Shadow::new(SIGNALS, 2000, |k| request(k, 9, 3));
    let (_, seen) = shadow.look(&shadow.mixed());
    let apart = shadow.candidate.concat() + &shadow.stable.concat();
    let (_, first) = shadow.look(&apart);
    assert_eq!(first["signals"], seen["signals"]);
    let (_, last) = shadow.look(&(shadow.stable.concat() + &shadow.candidate.concat()));
    assert_eq!(last["signals"], seen["signals"]);
}

#[test]
fn requests_that_one_release_does_not_answer_make_it_blind() {
    let shadow = Shadow::new(SIGNALS, 2000, |k| request(k, 3, 0));
    let some = |rows: &[String]| {
        let kept = rows.iter().enumerate().filter(|(k, _)| k % 8 != 0);
        kept.map(|(_, row)| row.as_str()).collect::<String>()
    };
    let why = |log: &str| {
        let (code, seen) = shadow.look(log);
        assert_eq!(code, 2);
        signal(&seen, "refusal")["reason"].as_str().unwrap().to_owned()
    };
    // 720 requests of the last hour may still be answered.
    let text = why(&(shadow.stable.concat() + &some(&shadow.candidate)));
    assert_eq!(
        text,
        "the candidate has not answered 160 requests of the stable release that are older than 1.0 hours"
    );
    let text = why(&(some(&shadow.stable) + &shadow.candidate.concat()));
    assert!(text.starts_with("the stable release has not answered 160 requests of the candidate"), "{text}");
    let nameless: String = shadow
        .mixed()
        .lines()
        .fold(String::new(), |text, row| text + &row.replacen("\"id\"", "\"no\"", 1) + "\n");
    assert_eq!(
        why(&nameless),
        "4000 of 4000 records have no id: which answers are to one request is not known"
    );
}

/// Feedback is of the stable release's answers: that nobody objects to the others is no pass.
#[test]
fn nobody_objects_to_answers_that_nobody_sees() {
    let signals = "    - user_flagged\n    - { id: level, rule: 'user_flagged < 5%' }\n"
        .replace("    - user_flagged", "    - { id: flags, rule: user_flagged }");
    let shadow = Shadow::new(&signals, 2000, |k| request(k, 3, 0));
    let flags: String = (0..2000)
        .step_by(25)
        .map(|k| format!("{{\"id\": \"r{k}\", \"time\": {}, \"user_flagged\": true}}\n", BEGIN + 5 * k + 60))
        .collect();
    let (code, seen) = shadow.look(&(shadow.mixed() + &flags));
    assert_eq!(code, 0);
    for id in ["flags", "level"] {
        let one = signal(&seen, id);
        assert_eq!(one["outcome"], "inconclusive", "{one:#}");
        assert!(one["reason"].as_str().unwrap().starts_with("people see the stable release's answers only"));
        assert_eq!((&one["stable"]["events"], &one["stable"]["n"]), (&80.into(), &2000.into()));
    }
    // Also where nothing can be said at all.
    let (_, silent) = shadow.look(&(shadow.stable.concat() + &flags));
    let one = signal(&silent, "flags");
    assert_eq!((one["outcome"].as_str(), &one["stable"]["n"]), (Some("blind"), &2000.into()), "{one:#}");
    // Who labels answers of both labels all of them, or the others are missing.
    let labels = |every: i64| {
        let of = |k: i64| {
            let row = |version: &str, flagged: bool| {
                format!(
                    "{{\"id\": \"r{k}\", \"time\": {}, \"release\": \"{version}\", \"user_flagged\": {flagged}}}\n",
                    BEGIN + 5 * k + 60
                )
            };
            row("2.4.0", k % 10 == 0) + &row("2.3.0", k % 50 == 0)
        };
        (0..2000).step_by(every as usize).map(of).collect::<String>()
    };
    let (code, seen) = shadow.look(&(shadow.mixed() + &labels(1)));
    assert_eq!((code, signal(&seen, "flags")["outcome"].as_str()), (1, Some("fail")), "{seen:#}");
    assert_eq!(signal(&seen, "level")["outcome"], "fail");
    let (code, seen) = shadow.look(&(shadow.mixed() + &labels(2)));
    assert_eq!(code, 1);
    assert_eq!(signal(&seen, "flags")["candidate"]["missing"], 1000);
}

/// A unit counts once: what one user asks again and again does not.
#[test]
fn a_user_counts_once() {
    let shadow = Shadow::of_users(SIGNALS, 3000, 2, |k| request(k, 15, 0));
    let (code, seen) = shadow.look(&shadow.mixed());
    let units = |arm: &str| signal(&seen, "refusal")[arm]["units"].as_u64().unwrap();
    assert_eq!((code, units("candidate") + units("stable")), (0, 2), "{seen:#}");
}

#[test]
fn what_was_kept_of_pairs_says_the_same() {
    let shadow = Shadow::new(SIGNALS, 2000, |k| request(k, 9, 3));
    let kept = shadow.candidate.iter().enumerate().filter(|(k, _)| k % 50 != 0).map(|(_, row)| row.as_str());
    fs::write(shadow.world.project.path("logs/a.jsonl"), shadow.stable.concat() + &kept.collect::<String>())
        .unwrap();
    let past = std::time::SystemTime::now() - std::time::Duration::from_mins(1);
    let log = fs::File::options().append(true).open(shadow.world.project.path("logs/a.jsonl")).unwrap();
    log.set_modified(past).unwrap();
    let look = |more: &[&str]| shadow.world.run(&[&["monitor", "--format", "json"], more].concat()).text;
    assert_eq!(look(&[]), look(&[]));
    assert_eq!(look(&[]), look(&["--no-cache"]));
}

/// Both answer every request, so that a request is two answers; what people say, and what is no rate, has no figure.
#[test]
fn a_plan_of_a_shadow_counts_requests() {
    let signals =
        "    - user_flagged\n    - refusal\n    - latency_ms\n    - { id: level, rule: 'refusal < 20%' }\n";
    let shadow = Shadow::new(signals, 2000, |k| request(k, 3, 0));
    let plan = |world: &World| {
        let ran = world.run(&["rollout", "plan"]);
        ran.text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    fs::remove_file(shadow.world.project.path("logs/a.jsonl")).unwrap();
    shadow.world.edit("strategy: shadow,", "strategy: shadow, traffic: 24000/day,");
    let unseen = plan(&shadow.world);
    for words in [
        "`user-flagged` says nothing of the candidate: people see the stable release's answers only",
        "`latency-ms` says how many records it needs when some are logged",
    ] {
        assert!(unseen.contains(words), "{unseen}");
    }
    // Twice a rate of 6.6 % at half of the traffic each would be as many requests of one answer.
    fs::write(shadow.world.project.path("logs/a.jsonl"), shadow.mixed()).unwrap();
    shadow.world.edit("    - latency_ms\n", "");
    let figure = |text: &str, of: &str| {
        let (_, rest) = text.split_once(&format!("`{of}` sees")).unwrap_or_else(|| panic!("{text}"));
        let (_, rest) = rest.split_once("8 times in 10 after ").unwrap();
        rest.split(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let both = plan(&shadow.world);
    shadow.world.edit(
        "strategy: shadow, traffic: 24000/day,",
        "strategy: canary, steps: [50%, 100%], traffic: 24000/day,",
    );
    let half = plan(&shadow.world);
    // The number of steps, and with it what a step is held to, is another.
    let times = |of: &str| figure(&half, of) / figure(&both, of);
    assert!((1.9..2.6).contains(&times("level")), "{both}\n{half}");
    assert!((1.7..2.6).contains(&times("refusal")), "{both}\n{half}");
}
