//! The manifest that asks what was typed.

use std::path::Path;

use super::operands::Operands;
use crate::artifact::Tree as _;
use crate::cli::TryArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, Spanned, list, printable};
use crate::document::scalar;
use crate::evidence::Declared;
use crate::files::{Worktree, expand_given};
use crate::judge::Opened;
use crate::manifest::FieldSource;
use crate::propose::{
    self, DraftBaseline, DraftEntry, DraftField, Holding, ManifestDraft, ProposedGate, Unjudged,
};

/// The manifest that stands in no file, as messages name it.
pub(super) const UNSAVED: &str = "release.yaml (not saved)";
/// The one evidence entry.
pub(super) const ENTRY: &str = "results";

/// Both sides and what is asked of them.
pub(super) struct Sides {
    pub(super) new: Side,
    pub(super) old: Option<Side>,
    pub(super) rules: Vec<String>,
    /// What the results call the fields that we have other names for.
    pub(super) fields: Vec<DraftField>,
}

/// Results as they were typed.
pub(super) struct Side {
    /// As typed: relative to the current folder.
    pub(super) typed: String,
    /// As a manifest in the current folder names them.
    path: String,
    /// Whether they lie where no manifest may point.
    outside: bool,
    /// Which rows count.
    conditions: Vec<DraftField>,
}

impl Sides {
    pub(super) fn of(words: Operands, args: &TryArgs) -> Result<Self, Diagnostics> {
        let fields = fields(args)?;
        let new = Side::of(&words.new, &args.conditions, &fields)?;
        if words.old.is_none() && !args.baseline_conditions.is_empty() {
            return Err(Diagnostic::error(Code::NothingAsked, "`--baseline-where` selects rows of results from before, and none are named")
                .help("name them after the new ones; they may be the same file: `relgate try FILE FILE --where ... --baseline-where ...`")
                .into());
        }
        let old = words.old.map(|old| Side::of(&old, &args.baseline_conditions, &fields)).transpose()?;
        Ok(Self { new, old, rules: words.rules, fields })
    }

    /// What a check of the saved manifest needs besides, where results lie outside of its root.
    pub(super) fn elsewhere(&self) -> String {
        let one = |flag: &str, side: Option<&Side>| {
            let side = side.filter(|side| side.outside)?;
            Some(format!(" {flag} {ENTRY}={}", printable(&side.typed)))
        };
        let both: Vec<String> = one("--evidence", Some(&self.new))
            .into_iter()
            .chain(one("--baseline-evidence", self.old.as_ref()))
            .collect();
        if both.is_empty() { String::new() } else { format!(", with `relgate check{}`", both.concat()) }
    }

    /// The manifest with these gates.
    pub(super) fn draft(&self, head: Vec<String>, gates: Vec<ProposedGate>) -> ManifestDraft {
        let baseline = self
            .old
            .as_ref()
            .map(|old| DraftBaseline { path: old.path.clone(), conditions: old.conditions.clone() });
        let entry = DraftEntry {
            name: ENTRY.to_owned(),
            comments: Vec::new(),
            path: self.new.path.clone(),
            conditions: self.new.conditions.clone(),
            baseline,
            fields: self.fields.iter().map(as_yaml).collect(),
        };
        ManifestDraft {
            head,
            name: propose::name_of(
                Path::new(&self.new.typed).file_name().map_or("", |name| name.to_str().unwrap_or("")),
            ),
            after_artifacts: vec![
                "artifacts: what ships (models, prompts, ...) goes here, and is pinned".to_owned(),
            ],
            evidence: vec![entry],
            gates,
            before_require: vec![
                "no category needs a gate; without this line the type of the release says which do"
                    .to_owned(),
            ],
            ..ManifestDraft::empty()
        }
    }

    /// The files of a side, looked at.
    pub(super) fn open(&self, side: &Side) -> Result<Opened, Diagnostics> {
        Opened::open(ENTRY, expand_given(&side.typed)?, declared(&self.fields))
    }
}

/// A field of the command line as a manifest writes it.
fn as_yaml(field: &DraftField) -> DraftField {
    DraftField { key: field.key.clone(), values: field.values.iter().map(|value| scalar(value)).collect() }
}

/// What a manifest with these `fields:` says of how files are read.
fn declared(fields: &[DraftField]) -> Declared {
    let mut sources = Sources::new();
    let span = Span::new(sources.add("", ""), 0, 0);
    let spanned = |text: &String| Spanned::new(text.clone(), span);
    let source = |field: &DraftField| FieldSource {
        name: spanned(&field.key),
        paths: field.values.iter().map(spanned).collect(),
    };
    let fields: Vec<FieldSource> = fields.iter().map(source).collect();
    Declared::new(&fields, None)
}

/// `--id` and `--field` as `fields:`, not yet written as YAML.
fn fields(args: &TryArgs) -> Result<Vec<DraftField>, Diagnostic> {
    let id = args
        .id
        .iter()
        .map(|id| ("id".to_owned(), id.split(',').map(|part| part.trim().to_owned()).collect()));
    let others = args.fields.iter().map(|(name, path)| (name.clone(), vec![path.clone()]));
    let mut fields: Vec<DraftField> = Vec::new();
    for (key, values) in id.chain(others) {
        if fields.iter().any(|field| field.key == key) {
            let text = format!("`{}` is said to be two fields", printable(&key));
            return Err(Diagnostic::error(Code::DuplicateKey, text)
                .help("name one field of the results for it; an id of several is `--id lang,question`"));
        }
        fields.push(DraftField { key, values });
    }
    Ok(fields)
}

impl Side {
    /// Finds results; the values of `--where` are written as the results have them.
    fn of(typed: &str, conditions: &[(String, String)], fields: &[DraftField]) -> Result<Self, Diagnostics> {
        let opened = expand_given(typed).map_err(Diagnostics::from)?;
        let opened = if conditions.is_empty() {
            None
        } else {
            // What is wrong with the files is told by the judgement.
            Opened::open(ENTRY, opened, declared(fields)).ok()
        };
        let root = Worktree::find(Path::new(UNSAVED), None)?;
        let absolute = || root.below_root(typed).map(|path| root.from_here(&path));
        let path = match root.look(typed) {
            Ok(_) => Some(typed.to_owned()),
            Err(_) if Path::new(typed).is_absolute() => absolute().filter(|path| root.look(path).is_ok()),
            // A pattern stands for files that are there.
            Err(_) => root
                .resolve(typed)
                .ok()
                .filter(|_| Path::new(typed).symlink_metadata().is_err())
                .map(|_| typed.to_owned()),
        };
        let own = || {
            Path::new(typed)
                .file_name()
                .map_or_else(|| "results".to_owned(), |name| name.to_string_lossy().into_owned())
        };
        Ok(Self {
            typed: typed.to_owned(),
            outside: path.is_none(),
            path: path.unwrap_or_else(own),
            conditions: written(conditions, opened.as_ref()),
        })
    }

    /// `NAME=PATH` for `--evidence`, where the manifest cannot name them.
    pub(super) fn given(&self) -> Option<(String, String)> {
        self.outside.then(|| (ENTRY.to_owned(), self.typed.clone()))
    }
}

/// `--where` as `where:`: a key's values together, each text, number or truth value as the results have it.
fn written(conditions: &[(String, String)], opened: Option<&Opened>) -> Vec<DraftField> {
    let mut fields: Vec<DraftField> = Vec::new();
    for (key, value) in conditions {
        let files = opened.map(|opened| opened.files.as_slice()).unwrap_or_default();
        let value = propose::condition(key, value, files.iter().map(|file| &file.catalog));
        match fields.iter_mut().find(|field| field.key == *key) {
            Some(field) => field.values.push(value),
            None => fields.push(DraftField { key: key.clone(), values: vec![value] }),
        }
    }
    fields
}

/// The manifest that is judged.
pub(super) struct Asked {
    pub(super) text: String,
    /// What its report has to say besides.
    pub(super) odd: Vec<Diagnostic>,
}

impl Asked {
    /// By the rules that were typed, else by fixed margins.
    pub(super) fn of(sides: &Sides) -> Result<Self, Diagnostics> {
        let mut odd = vec![nothing_pinned()];
        let (gates, head) = match &sides.old {
            Some(old) if sides.rules.is_empty() => {
                let (gates, unjudged) = margins(sides, old)?;
                odd.extend(left_out(&unjudged));
                (gates, vec![
                    "Fixed margins, chosen before anything was measured: 2 points (pp) of a rate or a score from 0 to 1, 10 % of".to_owned(),
                    "any other mean. Write your own.".to_owned(),
                ])
            }
            _ => {
                let mut gates: Vec<_> = sides.rules.iter().map(|rule| ProposedGate::of_rule(rule)).collect();
                propose::named_apart(&mut gates);
                (gates, Vec::new())
            }
        };
        Ok(Self { text: sides.draft(head, gates).text(), odd })
    }
}

/// Looks at all that the results hold.
pub(super) fn holding(sides: &Sides, side: &Side) -> Result<(Holding, Opened), Diagnostics> {
    let mut opened = sides.open(side)?;
    opened.look_at_all()?;
    let mut holding = Holding::of(opened.files.iter().map(|file| &file.catalog));
    for file in &opened.files {
        propose::look(&mut holding, file.source(), &file.catalog)?;
    }
    Ok((holding, opened))
}

fn margins(sides: &Sides, old: &Side) -> Result<(Vec<ProposedGate>, Vec<Unjudged>), Diagnostics> {
    let (new, opened) = holding(sides, &sides.new)?;
    let (before, _) = holding(sides, old)?;
    let proposals = propose::against(ENTRY, &new, &before, &[opened.offer()]);
    if proposals.gates.is_empty() {
        return Err(no_direction(&proposals.unjudged).into());
    }
    Ok((proposals.gates, proposals.unjudged))
}

fn nothing_pinned() -> Diagnostic {
    Diagnostic::warning(
        Code::NothingPinned,
        "nothing was pinned: this is about the results, and nothing says which model and prompts made them",
    )
}

/// Says of every field without a gate why it has none; of labels together.
fn left_out(unjudged: &[Unjudged]) -> Vec<Diagnostic> {
    let one = |left: &Unjudged| {
        let rules = match left.rules.as_slice() {
            [] => String::new(),
            rules => format!("; a rule says it: {}", list(rules.iter().map(String::as_str), 2)),
        };
        let text = format!("`{}` is not judged: {}{rules}", printable(&left.field), left.why);
        Diagnostic::warning(Code::FieldNotJudged, text)
    };
    let labels: Vec<&str> =
        unjudged.iter().filter(|left| left.label).map(|left| left.field.as_str()).collect();
    let mut told: Vec<Diagnostic> = unjudged.iter().filter(|left| !left.label).map(one).collect();
    if !labels.is_empty() {
        let text = format!("no numbers, and not judged: {}", list(labels, 20));
        told.push(Diagnostic::warning(Code::FieldNotJudged, text));
    }
    told
}

fn no_direction(unjudged: &[Unjudged]) -> Diagnostic {
    let mut finding = Diagnostic::error(
        Code::NothingAsked,
        "nothing can be judged by fixed margins: the results hold no metric that relgate knows",
    );
    for left in unjudged.iter().filter(|left| !left.label).take(8) {
        finding = finding.note(format!("`{}`: {}", printable(&left.field), left.why));
    }
    let rules: Vec<&str> = unjudged.iter().flat_map(|left| left.rules.iter().map(String::as_str)).collect();
    if rules.is_empty() {
        return finding
            .help("name a field that holds numbers or true/false, in a rule: 'accuracy drop < 2pp'");
    }
    finding.help(format!("say in a rule which way is good, such as {}", list(rules, 4)))
}
