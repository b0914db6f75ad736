//! A comparison with something in every part, and what each rendering makes of it.

use super::*;
use crate::diff::{ChangeRule, Detail, Direction, Record, Weight, WordEdit};
use crate::manifest::{ReleaseType, Unit};
use crate::metric::{Estimate, Method};
use crate::report::Screen;
use crate::report::v1::ReportTool;
use unicode_width::UnicodeWidthStr;

fn records() -> Vec<Record> {
    let passage = vec![
        (WordEdit::Same, "Never give ".to_owned()),
        (WordEdit::Removed, "medical".to_owned()),
        (WordEdit::Added, "legal".to_owned()),
        (WordEdit::Same, " advice.\n::error::x @team <b>".to_owned()),
    ];
    vec![
        Record::new(ChangeRule::GateThreshold, "gates.toxicity.threshold", "gate toxicity allows more")
            .weighs(Weight::Blocking)
            .goes(Direction::Looser)
            .from_to(Some("< 0.1%".to_owned()), Some("< 0.5%".to_owned())),
        Record::new(
            ChangeRule::WaiverAdded,
            "waivers.cost",
            "a waiver accepts what cost finds, until 2026-12-31",
        ),
        Record::new(
            ChangeRule::ArtifactSilent,
            "artifacts.prompts.system",
            "prompt system changed in silence",
        ),
        Record::new(ChangeRule::PromptVariableAdded, "artifacts.prompts.system", "a | in {{user}} (unknown)")
            .from_to(
                Some("a value of some length that does not fit beside another one".to_owned()),
                Some("line\nline".to_owned()),
            ),
        Record::new(ChangeRule::PromptWords, "artifacts.prompts.system", "prompt system v1 -> v2: 1 passage")
            .of("prompts.system")
            .weighs(Weight::Info)
            .goes(Direction::Neutral)
            .from_to(Some("sha256:1".to_owned()), Some("sha256:2".to_owned()))
            .showing([Detail::Words { line: 3, pieces: passage }, Detail::Line("a row".to_owned())]),
    ]
}

fn estimate(value: f64, half: f64) -> Estimate {
    let method = Method::ClopperPearson;
    let (lower, upper) = (Some(value - half), Some(value + half));
    Estimate {
        value: Some(value),
        lower,
        upper,
        confidence: 0.95,
        n: Some(1000),
        ..Estimate::nothing(method)
    }
}

fn comparison(records: Vec<Record>) -> Comparison {
    let release = |minor: u64, source: &str| ComparedRelease {
        name: "helpdesk".to_owned(),
        version: semver::Version::new(1, minor, 0),
        release_type: ReleaseType::PromptRelease,
        source: source.to_owned(),
        manifest_sha256: format!("{minor:064}"),
    };
    let points = Unit::from_spelling("pp").unwrap();
    let figure = |difference, note: Option<&str>| ComparedFigure {
        gates: vec!["toxicity".to_owned()],
        metric: "toxicity".to_owned(),
        evidence: "answers".to_owned(),
        unit: Unit::FRACTION,
        threshold: 0.01,
        before: estimate(0.02, 0.01),
        after: estimate(0.03, 0.01),
        difference,
        note: note.map(str::to_owned),
    };
    let up = FigureDifference { estimate: estimate(0.01, 0.02), unit: points, relative: false, paired: true };
    Comparison {
        tool: ReportTool { name: "relgate".to_owned(), version: "0.0.0".to_owned() },
        before: release(2, "git:v1.2.0:release.yaml"),
        after: release(3, "release.yaml"),
        records,
        figures: vec![figure(Some(up), None), figure(None, Some("the same results on both sides"))],
        notes: vec!["no figures for `cost`: the results before are not there".to_owned()],
        missing: Missing::default(),
        warnings: Vec::new(),
        fail_on: Some("looser"),
        exit_code: 1,
    }
}

fn terminal(width: Option<usize>, color: bool) -> String {
    super::terminal(&comparison(records()), Screen { width, color, ..Screen::default() })
}

#[test]
fn a_terminal_shows_what_got_looser_first() {
    let expected = "\
helpdesk 1.2.0 -> 1.3.0: 2 looser (1 of them blocking), 1 blocking, 1 to review, 1 for information

LOOSER  lets more through than before
  blocking  gate toxicity allows more [gate-threshold]
            | < 0.1% -> < 0.5%
  review    a waiver accepts what cost finds, until 2026-12-31 [waiver-added]

BLOCKING  should not ship without a decision
  unknown   prompt system changed in silence [artifact-silent]

TO REVIEW  somebody should look at it
  unknown   a | in {{user}} [prompt-variable-added]
            - | a value of some length that does not fit beside another one
            + | line
              | line

FOR INFORMATION  good to know
  neutral   prompt system v1 -> v2: 1 passage [prompt-words]
               3 | Never give [-medical-]{+legal+} advice.
                 | ::error::x @team <b>
            | a row

FIGURES  measured on both sides
gate      before [limits]         after [limits]          after - before
--------- ----------------------- ----------------------- ------------------------------------
toxicity  2.0% [1.0%, 3.0%], n 1,000  3.0% [2.0%, 4.0%], n 1,000  +1.0pp [-1.0pp, +3.0pp]
";
    let shown = terminal(None, false);
    // Columns are laid out by another crate; what stands in them is compared.
    let squeezed = |text: &str| {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        text.lines().filter(|line| !line.starts_with("---")).map(words).collect::<Vec<_>>()
    };
    assert_eq!(squeezed(&shown)[..squeezed(expected).len()], squeezed(expected), "{shown}");
    assert!(shown.ends_with("\nnote: no figures for `cost`: the results before are not there\n\ncompared git:v1.2.0:release.yaml with release.yaml\nexit code 1 for `--fail-on looser`: 2 looser, and 1 that may be looser\n"), "{shown}");
    let records = shown.split("FIGURES").next().unwrap();
    assert!(expected.starts_with(records), "{records}");
}

#[test]
fn a_narrow_terminal_is_kept_to() {
    let shown = terminal(Some(48), false);
    let wide: Vec<&str> = shown.lines().filter(|line| line.width() > 48).collect();
    assert_eq!(wide, [""; 0], "{shown}");
    assert!(shown.contains("  change  +1.0pp"), "{shown}");
    // No line begins with what a CI system reads as a command.
    assert!(!shown.lines().any(|line| line.trim_start().starts_with("::")), "{shown}");
}

#[test]
fn colour_changes_no_word() {
    let plain = terminal(None, false);
    let colored = terminal(None, true);
    let mut stripped = String::new();
    for (i, part) in colored.split('\u{1b}').enumerate() {
        stripped.push_str(if i == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_ne!(plain, colored);
    assert_eq!(stripped, plain.replace("[-medical-]{+legal+}", "medicallegal"));
}

#[test]
fn quiet_is_one_line() {
    let screen = Screen { width: Some(50), color: true, quiet: true, ascii: false };
    assert_eq!(
        super::terminal(&comparison(records()), screen),
        "helpdesk 1.2.0 -> 1.3.0: 2 looser (1 of them blocking), 1 blocking, 1 to review, 1 for information\n"
    );
    let none = super::terminal(&comparison(Vec::new()), screen);
    assert_eq!(
        none,
        "helpdesk 1.2.0 -> 1.3.0: no changes; the manifests differ only in what no gate reads (layout, comments, summary)\n"
    );
}

#[test]
fn markdown_says_the_same_and_lets_nothing_through() {
    let shown = markdown(&comparison(records()));
    let expected = "\
## relgate diff: helpdesk 1.2.0 -&gt; 1.3.0

**2 looser (1 of them blocking), 1 blocking, 1 to review, 1 for information.**

### Looser: lets more through than before

| weight | change | before | after |
|---|---|---|---|
| blocking | gate toxicity allows more `gate-threshold` | &lt; 0.1% | &lt; 0.5% |
| review | a waiver accepts what cost finds, until 2026-12-31 `waiver-added` |  |  |

### Blocking: should not ship without a decision

| direction | change | before | after |
|---|---|---|---|
| unknown | prompt system changed in silence `artifact-silent` |  |  |

### To review: somebody should look at it

| direction | change | before | after |
|---|---|---|---|
| unknown | a \\| in \\{\\{user\\}\\} `prompt-variable-added` | a value of some length that does not fit beside another one | line<br>line |

<details><summary>For information (1)</summary>
";
    assert!(shown.starts_with(expected), "{shown}");
    assert!(shown.contains("- line 3: Never give <del>medical</del><ins>legal</ins> advice.<br>&#58;:error::x @&#8203;team &lt;b&gt;\n- a row\n"), "{shown}");
    assert!(shown.contains("<details><summary>prompt system v1 -&gt; v2: 1 passage</summary>"), "{shown}");
    assert!(shown.contains("| +1.0pp \\[-1.0pp, +3.0pp\\] |"), "{shown}");
    assert!(shown.contains("| - \\(the same results on both sides\\) |"), "{shown}");
}

#[test]
fn a_long_comment_still_fits_and_says_what_it_left_out() {
    let long = |i: usize| {
        Record::new(ChangeRule::PromptWords, "p", format!("prompt {i}"))
            .weighs(Weight::Info)
            .showing([Detail::Line("x".repeat(1000))])
    };
    let shown = markdown(&comparison((0..3000).map(long).collect()));
    assert!(shown.len() <= 60_000, "{}", shown.len());
    assert!(shown.contains("and 2,900 more"), "{shown}");
    assert!(shown.contains("is left out"), "{shown}");
}

#[test]
fn json_has_everything_in_a_fixed_order() {
    let shown = json(&comparison(records()));
    let json: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(json["schema"], "relgate/diff/v1");
    assert_eq!(json["counts"]["severity"], serde_json::json!({"blocking": 2, "review": 2, "info": 1}));
    assert_eq!(json["counts"]["direction"]["looser"], 2);
    assert_eq!(
        json["records"][4]["details"][0]["words"][1],
        serde_json::json!({"op": "removed", "text": "medical"})
    );
    assert_eq!(json["records"][4]["details"][0]["at"], 3);
    assert_eq!(json["records"][4]["details"][1]["line"], "a row");
    assert_eq!((&json["fail_on"], &json["exit_code"]), (&"looser".into(), &1.into()));
    assert_eq!(json["figures"][0]["difference"]["paired"], true);
    assert!(json["figures"][1]["difference"].is_null());
    let keys: Vec<&str> = shown
        .lines()
        .filter_map(|line| line.strip_prefix("  \"")?.split_once('"').map(|(key, _)| key))
        .collect();
    assert_eq!(
        keys,
        [
            "schema",
            "tool",
            "fail_on",
            "exit_code",
            "before",
            "after",
            "counts",
            "records",
            "figures",
            "notes",
            "warnings"
        ]
    );
    let record: Vec<&str> = shown
        .lines()
        .skip_while(|line| !line.starts_with("  \"records\""))
        .filter_map(|line| line.strip_prefix("      \"")?.split_once('"').map(|(key, _)| key))
        .take(9)
        .collect();
    assert_eq!(
        record,
        ["id", "path", "artifact", "severity", "direction", "text", "before", "after", "details"]
    );
}
