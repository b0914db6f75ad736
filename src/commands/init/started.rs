//! The manifest that is started, tried out as `relgate check --dry-run` would before anything is written.

use std::io;
use std::path::Path;

use super::checked::{judged, manifest_in, pinned};
use super::drafted::{Part, first, parts};
use super::found::{Found, LeftOut};
use super::questions::Answers;

use crate::commands::console::Console;
use crate::diagnostic::{Diagnostics, list, printable};
use crate::manifest::{ArtifactKind, Category, DatasetRole, ReleaseType};
use crate::propose::{
    DraftArtifact, DraftEntry, ManifestDraft, ProposedGate, Unjudged, name_of, named_apart,
};
use crate::verdict::Decision;

/// A manifest that is ready to be written.
pub(super) struct Started {
    pub(super) text: String,
    /// What it was tried out as; none where there are no results to judge.
    decision: Option<Decision>,
    facts: String,
}

/// The results that a manifest names before there are any.
const PLACEHOLDER: &str = "results/answers.jsonl";

/// The manifest for what was found, which `relgate check` can judge.
pub(super) fn start(folder: &Path, mut found: Found, answers: &Answers) -> Result<Started, Diagnostics> {
    let path = manifest_in(folder);
    let results = std::mem::take(&mut found.results);
    let mut left = std::mem::take(&mut found.left);
    let mut parts = parts(folder, &results, &mut left);
    apart(&mut parts);
    let mut base = base(&found, answers);
    keep_pinnable(&path, &mut base, &mut left);
    let tried = Trial { path: &path, base: &base };
    let (parts, decision) = tried.that_hold(parts, &mut left);
    let facts = facts(&found, &parts);
    let mut draft = tried.whole(&parts);
    draft.require = tried.covered(&draft);
    draft.after_evidence =
        left.iter().map(|left| format!("left out: {} ({})", left.path, left.why)).collect();
    if parts.is_empty() {
        placeholder(&mut draft);
    } else {
        draft.after_gates = unjudged(&parts);
    }
    let text = draft.text();
    let decision = match decision {
        // Comments change nothing, and what nobody judged is not called judged.
        Some(_) => Some(judged(&path, &text)?),
        None => None,
    };
    Ok(Started { text, decision, facts })
}

/// Everything but evidence and gates.
fn base(found: &Found, answers: &Answers) -> ManifestDraft {
    let mut head = vec![
        "Started by `relgate init`. What is marked PROPOSAL is a guess: read it, correct it, and delete the mark.".to_owned(),
    ];
    if found.cut {
        head.push("The folder holds more than was looked at.".to_owned());
    }
    let last = found.last.as_ref().map(|(_, tag)| tag);
    let version = last.map_or_else(String::new, |tag| format!("the last tag is {tag}"));
    let earlier = match last {
        Some(tag) => {
            format!("baseline: git:{tag}  # the release before, as soon as that commit has a release.yaml")
        }
        None => "baseline: releases/1.0.0  # the release before: a manifest, a bundle folder, or git:TAG"
            .to_owned(),
    };
    let mut after_artifacts = Vec::new();
    if found.prompts.is_empty() {
        after_artifacts.push("prompts: { system: { version: v1, path: prompts/system.md } }".to_owned());
    }
    after_artifacts.push(
        "models: { chat: { version: gpt-4.1-2025-04-14, uri: 'openai:gpt-4.1-2025-04-14' } }".to_owned(),
    );
    ManifestDraft {
        head,
        name: answers.name.clone(),
        version: (answers.version.to_string(), version),
        release_type: (answers.release_type, ReleaseType::WORDS.join(" | ")),
        summary: answers.summary.clone(),
        earlier: vec![earlier],
        artifacts: artifacts(found),
        after_artifacts,
        ..ManifestDraft::empty()
    }
}

fn artifacts(found: &Found) -> Vec<DraftArtifact> {
    let mut artifacts: Vec<DraftArtifact> = Vec::new();
    let prompts = found.prompts.iter().map(|path| (ArtifactKind::Prompts, path));
    let datasets = found.datasets.iter().map(|path| (ArtifactKind::Datasets, path));
    for (kind, path) in prompts.chain(datasets) {
        let taken = |name: &str| artifacts.iter().any(|other| other.kind == kind && other.name == name);
        let file = path.rsplit_once('/').map_or(path.as_str(), |(_, file)| file);
        let names = [name_of(file), name_of(&path.replace('/', "-"))].into_iter();
        let numbered = (2..).map(|number| format!("{}-{number}", name_of(file)));
        let name = names.chain(numbered).find(|name| !taken(name)).unwrap_or_default();
        let role = (kind == ArtifactKind::Datasets).then(|| role(path)).flatten();
        artifacts.push(DraftArtifact { kind, name, path: path.clone(), role });
    }
    artifacts
}

/// Leaves out artifacts that cannot be pinned, such as a pointer to a file that is not here.
fn keep_pinnable(path: &Path, base: &mut ManifestDraft, left: &mut Vec<LeftOut>) {
    for artifact in std::mem::take(&mut base.artifacts) {
        let mut alone = ManifestDraft { artifacts: vec![artifact.clone()], ..base.clone() };
        placeholder(&mut alone);
        match pinned(path, &alone.text()) {
            Ok(()) => base.artifacts.push(artifact),
            Err(findings) => left.push(LeftOut { path: artifact.path, why: first(&findings) }),
        }
    }
}

/// What a dataset is for, where its path says it.
fn role(path: &str) -> Option<DatasetRole> {
    let lower = path.to_lowercase();
    let says = |words: &[&str]| lower.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word));
    if says(&["train", "training"]) {
        return Some(DatasetRole::Train);
    }
    says(&["eval", "evals", "test", "testset", "questions", "golden", "goldens"]).then_some(DatasetRole::Eval)
}

/// Drafts on their way to one that can be judged.
struct Trial<'a> {
    path: &'a Path,
    base: &'a ManifestDraft,
}

impl Trial<'_> {
    fn draft(&self, entries: Vec<DraftEntry>, gates: Vec<ProposedGate>) -> ManifestDraft {
        ManifestDraft { evidence: entries, gates, ..self.base.clone() }
    }

    fn whole(&self, parts: &[Part]) -> ManifestDraft {
        let entries = parts.iter().map(|part| part.entry.clone()).collect();
        let gates = parts.iter().flat_map(|part| part.gates.iter().cloned()).collect();
        let mut draft = self.draft(entries, gates);
        if parts.iter().any(|part| part.entry.baseline.is_some()) {
            draft.before_gates = vec![
                "PROPOSAL: margins that fit most, chosen before anything was measured: 2 points (pp) of a rate, 10 % of any other mean.".to_owned(),
            ];
        }
        draft.before_require = vec![
            "the categories that need a blocking gate; without this line the type of the release says which"
                .to_owned(),
        ];
        draft
    }

    /// Whether a draft can be judged; else why not.
    fn judge(&self, draft: &ManifestDraft) -> Result<Decision, String> {
        match judged(self.path, &draft.text()) {
            Ok(Decision::Error) => Err("it cannot be judged".to_owned()),
            Ok(decision) => Ok(decision),
            Err(findings) => Err(first(&findings)),
        }
    }

    /// The categories that the gates of a draft stand for: a number without its uncertainty stands for none.
    fn covered(&self, draft: &ManifestDraft) -> Vec<Category> {
        let mut categories: Vec<Category> = draft.gates.iter().filter_map(|gate| gate.category).collect();
        categories.sort_unstable();
        categories.dedup();
        let asked = |require: Vec<Category>| self.judge(&ManifestDraft { require, ..draft.clone() }).is_ok();
        if !asked(categories.clone()) {
            categories.retain(|category| asked(vec![*category]));
        }
        categories
    }

    /// The parts of which every gate can be judged, and what they come to together; the others go to `left` or to the
    /// fields without a gate.
    fn that_hold(&self, parts: Vec<Part>, left: &mut Vec<LeftOut>) -> (Vec<Part>, Option<Decision>) {
        let parts: Vec<Part> = parts.into_iter().filter_map(|part| some_gate(part, left)).collect();
        if parts.is_empty() {
            return (parts, None);
        }
        if let Ok(decision) = self.judge(&self.whole(&parts)) {
            return (parts, Some(decision));
        }
        let kept: Vec<Part> = parts
            .into_iter()
            .map(|part| self.one_by_one(part))
            .filter_map(|part| some_gate(part, left))
            .collect();
        if kept.is_empty() {
            return (kept, None);
        }
        match self.judge(&self.whole(&kept)) {
            Ok(decision) => (kept, Some(decision)),
            Err(why) => {
                left.extend(kept.into_iter().map(|part| LeftOut { path: part.entry.path, why: why.clone() }));
                (Vec::new(), None)
            }
        }
    }

    /// Keeps the gates of a part that can be judged alone.
    fn one_by_one(&self, mut part: Part) -> Part {
        for gate in std::mem::take(&mut part.gates) {
            let alone =
                self.draft(vec![part.entry.clone()], vec![ProposedGate { evidence: None, ..gate.clone() }]);
            match self.judge(&alone) {
                Ok(_) => part.gates.push(gate),
                Err(why) => {
                    part.unjudged.push(Unjudged { field: gate.field, why, rules: Vec::new(), label: false });
                }
            }
        }
        part
    }
}

/// Gates of several entries may not share an identifier either.
fn apart(parts: &mut [Part]) {
    let mut gates: Vec<ProposedGate> = parts.iter().flat_map(|part| part.gates.iter().cloned()).collect();
    named_apart(&mut gates);
    let mut gates = gates.into_iter();
    for gate in parts.iter_mut().flat_map(|part| part.gates.iter_mut()) {
        gate.id = gates.next().and_then(|named| named.id);
    }
}

/// A part with a gate; one without is left out.
fn some_gate(part: Part, left: &mut Vec<LeftOut>) -> Option<Part> {
    if !part.gates.is_empty() {
        return Some(part);
    }
    let why = part
        .unjudged
        .iter()
        .find(|one| !one.label)
        .map_or_else(|| "it holds no numbers".to_owned(), |one| format!("`{}`: {}", one.field, one.why));
    left.push(LeftOut { path: part.entry.path, why });
    None
}

/// The fields without a gate, as comments.
fn unjudged(parts: &[Part]) -> Vec<String> {
    let mut lines = Vec::new();
    for part in parts {
        for one in part.unjudged.iter().filter(|one| !one.label) {
            let rules = match one.rules.as_slice() {
                [] => String::new(),
                rules => format!("; such as '{}'", rules.join("' or '")),
            };
            lines.push(format!("not judged: {} of {} ({}{rules})", one.field, part.entry.name, one.why));
        }
    }
    lines
}

/// What a manifest says before there are results.
fn placeholder(draft: &mut ManifestDraft) {
    let mut comments = vec![
        "PLACEHOLDER: no results were found that can be judged. Let the evaluation write a line a case, such as".to_owned(),
        r#"{"id": "q1", "accuracy": true, "latency_ms": 812, "cost_usd": 0.0021}"#.to_owned(),
    ];
    comments.append(&mut draft.after_evidence);
    draft.evidence = vec![DraftEntry {
        name: "answers".to_owned(),
        comments,
        path: PLACEHOLDER.to_owned(),
        ..DraftEntry::default()
    }];
    let gate = |rule: &str, why: &str| ProposedGate { why: why.to_owned(), ..ProposedGate::of_rule(rule) };
    draft.gates =
        vec![gate("accuracy >= 80%", "PLACEHOLDER: what must hold; a metric, a comparison, a limit")];
}

fn facts(found: &Found, parts: &[Part]) -> String {
    let count = |n: usize, one: &str, many: &str| {
        if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
    };
    let rows: u64 = parts.iter().map(|part| part.rows).sum();
    let gates: usize = parts.iter().map(|part| part.gates.len()).sum();
    format!(
        "{}, {}, {} ({rows} rows seen), {}",
        count(found.prompts.len(), "prompt", "prompts"),
        count(found.datasets.len(), "dataset", "datasets"),
        count(parts.len(), "file of results", "files of results"),
        count(gates, "gate", "gates"),
    )
}

impl Started {
    /// Says what was written and what comes next.
    pub(super) fn tell(&self, path: &Path, console: &mut Console<'_>) -> io::Result<()> {
        let name = printable(&path.to_string_lossy());
        let next = match self.decision {
            Some(decision) => format!(
                "its gates are proposals; judged by them now it is: {}\nnext: read it, then `relgate check {name} --dry-run`",
                decision.word()
            ),
            None => format!(
                "no results were found that can be judged: write them to {} or name where they are, then `relgate check {name}`",
                list([PLACEHOLDER], 1)
            ),
        };
        console.tell(&format!("wrote {name}: {}\n{next}\n", self.facts))
    }
}
