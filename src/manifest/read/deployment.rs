//! `deployment` and `rollback`: how the release is rolled out, and how it goes back.

use super::reader::{Reader, key_text};
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::manifest::fields::{ACTIONS, APPROVALS, DEPLOYMENT, ROLLBACK, STEP, TARGET};
use crate::manifest::lifecycle::{
    ActionSpec, ApprovalsSpec, DeploymentSpec, Lasting, RollbackSpec, StepSpec, TargetSpec, TrafficWeight,
};
use crate::manifest::tree::{Node, NodeKind};
use crate::manifest::words::{ArtifactKind, Category, Strategy, TargetKind};

/// What is written to where nothing is said of it.
const USUAL_FILE: &str = "deploy/split.json";

pub(super) fn read(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<DeploymentSpec> {
    let node = node?;
    let map = reader.open(node, &DEPLOYMENT)?;
    let strategy = reader.word(map.get("strategy"), "`strategy`", Strategy::WORDS, Strategy::from_word);
    let targets = targets(reader, map.get("target"), node);
    let bake = reader.lasting(map.get("bake"), "`bake`").map_or(Lasting::hours(24), |bake| bake.value);
    let give_up = reader.lasting(map.get("give_up"), "`give_up`");
    let unit = reader.string(map.get("unit"), "`unit`").map_or_else(|| "unit".to_owned(), |unit| unit.value);
    let traffic = reader.traffic(map.get("traffic"), "`traffic`");
    let approvals = map.get("approvals").and_then(|node| approvals(reader, node));
    let goal = reader.string(map.get("goal"), "`goal`");
    let stable = reader.string(map.get("stable"), "`stable`");
    let ledger = reader.string(map.get("ledger"), "`ledger`");
    let strategy = strategy?;
    let steps = match map.get("steps") {
        Some(node) => steps(reader, node, bake),
        None => {
            usual_steps(strategy.value).iter().map(|share| usual_step(*share, bake, strategy.span)).collect()
        }
    };
    check_steps(reader, &steps, strategy.value, node);
    if strategy.value == Strategy::Ab && goal.is_none() {
        reader.report(
            Diagnostic::error(Code::RolloutPlan, "an A/B test has no `goal`")
                .at(strategy.span, "it never ends")
                .help("name the metric that has to be shown better, such as `goal: user_flagged`"),
        );
    }
    if let Some(goal) = goal.as_ref().filter(|_| strategy.value != Strategy::Ab) {
        reader.report(
            Diagnostic::error(Code::RolloutPlan, "`goal` is for an A/B test")
                .at(goal.span, format!("the strategy is `{}`", strategy.value))
                .help("watch it under `monitoring: signals:`, or write `strategy: ab`"),
        );
    }
    let longest = steps.iter().map(|step| step.bake).max().unwrap_or(bake);
    if let Some(give_up) = give_up.filter(|give_up| give_up.value < longest) {
        reader.report(
            Diagnostic::error(Code::RolloutPlan, format!("`give_up` is shorter than `bake` ({longest})"))
                .at(give_up.span, "no step could end")
                .help(format!("write {longest} or more")),
        );
    }
    Some(DeploymentSpec {
        strategy,
        targets,
        steps,
        give_up: give_up.map_or(Lasting::hours(14 * 24), |give_up| give_up.value),
        unit: (unit != "request").then_some(unit),
        traffic,
        approvals,
        goal,
        stable,
        ledger,
        span: node.span,
    })
}

fn targets(reader: &mut Reader<'_>, node: Option<&Node>, whole: &Node) -> Vec<TargetSpec> {
    let Some(node) = node else {
        let span = reader.first_line(whole.span);
        return vec![TargetSpec {
            kind: Spanned::new(TargetKind::File, span),
            path: Some(Spanned::new(USUAL_FILE.to_owned(), span)),
            name: None,
            stable: "stable".to_owned(),
            candidate: "candidate".to_owned(),
        }];
    };
    let items: Vec<&Node> = match &node.kind {
        NodeKind::Sequence(items) if !items.is_empty() => items.iter().collect(),
        _ => vec![node],
    };
    items.into_iter().filter_map(|item| target(reader, item)).collect()
}

fn target(reader: &mut Reader<'_>, node: &Node) -> Option<TargetSpec> {
    let map = reader.open(node, &TARGET)?;
    let kind = reader.word(map.get("kind"), "`kind`", TargetKind::WORDS, TargetKind::from_word)?;
    let path = reader.string(map.get("path"), "the path of a target");
    let (command, named) = (kind.value == TargetKind::Command, path.is_some());
    if command == named {
        let (text, help) = if command {
            (
                "a `command` has no file",
                "leave `path` out: `--run` writes the weights, `--read-back` reads them",
            )
        } else {
            (
                "this target has no `path`",
                "name the file that the engine reads, such as `path: deploy/split.json`",
            )
        };
        reader.report(Diagnostic::error(Code::RolloutPlan, text).at(kind.span, "here").help(help));
    }
    let called = |reader: &mut Reader<'_>, key: &str| {
        let name = reader.string(map.get(key), &format!("`{key}`"));
        name.map_or_else(|| key.to_owned(), |name| name.value)
    };
    let (stable, candidate) = (called(reader, "stable"), called(reader, "candidate"));
    if stable == candidate {
        reader.report(
            Diagnostic::error(Code::RolloutPlan, format!("both sides are called `{stable}`"))
                .at(node.span, "nobody could tell them apart")
                .help("give `stable` and `candidate` names of their own"),
        );
    }
    Some(TargetSpec { kind, path, name: reader.string(map.get("name"), "`name`"), stable, candidate })
}

fn usual_steps(strategy: Strategy) -> &'static [u16] {
    match strategy {
        Strategy::Canary | Strategy::Flag => &[1000, 5000, 10_000],
        Strategy::Ab => &[5000],
        Strategy::BlueGreen => &[10_000],
        Strategy::Shadow => &[0],
    }
}

fn usual_step(per_10000: u16, bake: Lasting, span: crate::diagnostic::Span) -> StepSpec {
    StepSpec { weight: Spanned::new(TrafficWeight { per_10000 }, span), bake, cohort: None }
}

fn steps(reader: &mut Reader<'_>, node: &Node, bake: Lasting) -> Vec<StepSpec> {
    let Some(items) = reader.items(node, "`steps`") else { return Vec::new() };
    items.iter().filter_map(|item| step(reader, item, bake)).collect()
}

fn step(reader: &mut Reader<'_>, node: &Node, bake: Lasting) -> Option<StepSpec> {
    if !matches!(node.kind, NodeKind::Mapping(_)) {
        return Some(StepSpec { weight: reader.weight(Some(node), "a step")?, bake, cohort: None });
    }
    let map = reader.open(node, &STEP)?;
    let weight = reader.weight(map.get("weight"), "`weight`");
    let bake = reader.lasting(map.get("bake"), "`bake`").map_or(bake, |bake| bake.value);
    let cohort = reader.string(map.get("cohort"), "`cohort`");
    Some(StepSpec { weight: weight?, bake, cohort })
}

/// What the steps of each strategy have to be.
fn check_steps(reader: &mut Reader<'_>, steps: &[StepSpec], strategy: Strategy, whole: &Node) {
    let wrong = |text: String, span, label: &str, help: &str| {
        Diagnostic::error(Code::RolloutPlan, text).at(span, label.to_owned()).help(help.to_owned())
    };
    let Some(last) = steps.last() else {
        let span = reader.first_line(whole.span);
        return reader.report(wrong(
            "`steps` holds no step".to_owned(),
            span,
            "of this",
            "for example `steps: [10%, 50%, 100%]`, or leave it out",
        ));
    };
    for (before, after) in steps.iter().zip(steps.iter().skip(1)) {
        if before.weight.value >= after.weight.value {
            let text = format!("the steps do not rise: {} after {}", after.weight.value, before.weight.value);
            reader.report(wrong(
                text,
                after.weight.span,
                "not more than before",
                "for example `[10%, 50%, 100%]`",
            ));
        }
    }
    let (share, span) = (last.weight.value, last.weight.span);
    let first = steps.first().map_or(TrafficWeight::NONE, |step| step.weight.value);
    match strategy {
        Strategy::Canary | Strategy::Flag | Strategy::BlueGreen if share != TrafficWeight::ALL => {
            let text = format!("the last step of a {strategy} rollout is 100%, and this is {share}");
            reader.report(wrong(text, span, "the release would never be out", "add `100%`"));
        }
        Strategy::Canary | Strategy::Flag if first == TrafficWeight::NONE => {
            let text = "the first step sends nothing to the candidate".to_owned();
            reader.report(wrong(
                text,
                span,
                "nothing is seen at 0%",
                "for example `[10%, 50%, 100%]`, or `strategy: shadow`",
            ));
        }
        Strategy::Shadow if share != TrafficWeight::NONE => {
            let text = format!("a shadow serves nobody, and this is {share}");
            reader.report(wrong(
                text,
                span,
                "people would get its answers",
                "leave `steps` out, or write `strategy: canary`",
            ));
        }
        Strategy::Ab if steps.len() != 1 || share == TrafficWeight::ALL || share == TrafficWeight::NONE => {
            let text = "an A/B test has one step between 0% and 100%".to_owned();
            reader.report(wrong(text, span, "two sides have to be seen", "for example `steps: [50%]`"));
        }
        _ => {}
    }
}

fn approvals(reader: &mut Reader<'_>, node: &Node) -> Option<ApprovalsSpec> {
    let map = reader.open(node, &APPROVALS)?;
    let mut many = |key: &str| {
        let count = reader.count(map.get(key), &format!("`{key}`"));
        count.map_or(0, |count| u32::try_from(count.value).unwrap_or(u32::MAX))
    };
    let (start, full) = (many("start"), many("full"));
    let from = reader.strings(map.get("from"), "`from`");
    let signers = reader.string(map.get("signers"), "`signers`");
    let most = start.max(full);
    if most == 0 {
        reader.report(
            Diagnostic::error(Code::RolloutPlan, "`approvals` asks for none")
                .at(node.span, "neither `start` nor `full` stands here")
                .help("for example `{ full: 1, from: [release-board] }`"),
        );
    }
    if !from.is_empty() && (from.len() as u64) < u64::from(most) {
        reader.report(
            Diagnostic::error(
                Code::RolloutPlan,
                format!("{most} approvals cannot come from {} people", from.len()),
            )
            .at(node.span, "each of them counts once")
            .help("name more people under `from`"),
        );
    }
    Some(ApprovalsSpec { start, full, from, signers })
}

/// What is done when a signal fails.
pub(super) fn action(reader: &mut Reader<'_>, node: &Node) -> Option<Spanned<ActionSpec>> {
    let help =
        "write `roll-back`, `hold`, `{ restore: [prompts] }`, `{ throttle: 50% }` or `{ switch: 2.3.0 }`";
    let found = match &node.kind {
        NodeKind::Scalar(scalar) => match scalar.text.as_str() {
            "roll-back" => Some(ActionSpec::RollBack),
            "hold" => Some(ActionSpec::Hold),
            _ => None,
        },
        NodeKind::Mapping(pairs) => match pairs.as_slice() {
            [(key, value)] => match key_text(key) {
                "restore" => {
                    let kinds =
                        reader.words(Some(value), "`restore`", ArtifactKind::WORDS, ArtifactKind::from_word);
                    (!kinds.is_empty())
                        .then(|| ActionSpec::Restore(kinds.into_iter().map(|kind| kind.value).collect()))
                }
                "throttle" => Some(ActionSpec::Throttle(reader.weight(Some(value), "`throttle`")?.value)),
                "switch" => Some(ActionSpec::Switch(reader.string(Some(value), "`switch`")?.value)),
                _ => None,
            },
            _ => None,
        },
        NodeKind::Sequence(_) => None,
    };
    if found.is_none() {
        reader.expected(node, "this is no action", help);
    }
    Some(Spanned::new(found?, node.span))
}

pub(super) fn rollback(reader: &mut Reader<'_>, node: Option<&Node>) -> RollbackSpec {
    let default = RollbackSpec::default();
    let Some(map) = node.and_then(|node| reader.open(node, &ROLLBACK)) else { return default };
    let automatic = map.get("automatic").map(|node| {
        let words = reader.words(Some(node), "`automatic`", Category::WORDS, Category::from_word);
        words.into_iter().map(|word| word.value).collect()
    });
    let mut actions = Vec::new();
    if let Some(node) = map.get("actions")
        && let Some(own) = reader.open(node, &ACTIONS)
    {
        for category in Category::ALL {
            let found = own.get(category.word()).and_then(|node| action(reader, node));
            actions.extend(found.map(|found| (*category, found)));
        }
    }
    RollbackSpec {
        to: reader.string(map.get("to"), "`to`").filter(|to| to.value != "last-good"),
        automatic,
        actions,
        cooldown: reader.lasting(map.get("cooldown"), "`cooldown`").map_or(default.cooldown, |one| one.value),
        most: reader.per_time(map.get("most"), "`most`").map_or(default.most, |one| one.value),
    }
}
