//! What a folder holds that belongs into a manifest.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::evidence::{Catalog, Declared, Depth, FieldKind, Paths, probe_as};
use crate::files::{EvidenceFile, SurveyedFile, survey, tags};
use crate::propose::{DraftField, known};

/// The most files that are looked into.
const MOST_PROBED: usize = 300;
/// The largest that is proposed as evidence without being asked for, packed or not.
const LARGEST: u64 = 512 << 20;
/// The most of a kind that are listed.
const MOST_LISTED: usize = 12;

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) prompts: Vec<String>,
    pub(super) datasets: Vec<String>,
    pub(super) results: Vec<Results>,
    /// What looks like results and is not proposed.
    pub(super) left: Vec<LeftOut>,
    /// Whether there is more than anybody looked at.
    pub(super) cut: bool,
    /// The greatest version that a git tag names, with that tag.
    pub(super) last: Option<(semver::Version, String)>,
}

/// A file of results.
pub(super) struct Results {
    /// Relative to the folder.
    pub(super) path: String,
    pub(super) catalog: Catalog,
    /// What it calls our names.
    pub(super) fields: Vec<DraftField>,
}

/// A file that is not proposed, and why.
pub(super) struct LeftOut {
    pub(super) path: String,
    pub(super) why: String,
}

/// Endings of files that may hold results.
const OF_RESULTS: [&str; 10] =
    ["jsonl", "ndjson", "json", "csv", "tsv", "yaml", "yml", "eval", "xml", "parquet"];
/// Endings of packed files.
const PACKED: [&str; 3] = ["gz", "zst", "zstd"];
/// Endings of files that a person writes as a prompt.
const OF_PROMPTS: [&str; 11] =
    ["md", "txt", "j2", "jinja", "jinja2", "prompt", "prompty", "mustache", "hbs", "liquid", "tmpl"];
/// Words of paths that lead to results.
const RESULTS: [&str; 20] = [
    "result",
    "results",
    "eval",
    "evals",
    "evaluation",
    "evaluations",
    "output",
    "outputs",
    "report",
    "reports",
    "run",
    "runs",
    "score",
    "scores",
    "metrics",
    "answers",
    "baseline",
    "candidate",
    "new",
    "old",
];
/// Words of paths that lead to data.
const DATA: [&str; 12] = [
    "data",
    "dataset",
    "datasets",
    "questions",
    "testset",
    "golden",
    "goldens",
    "train",
    "training",
    "corpus",
    "cases",
    "inputs",
];
/// What tools call the field that says which case a row is.
const IDS: [&str; 10] =
    ["question_id", "sample_id", "case_id", "test_id", "example_id", "qid", "uuid", "ID", "key", "index"];

impl Found {
    /// Looks at a folder.
    pub(super) fn of(folder: &Path) -> Result<Self, Diagnostic> {
        let survey = survey(folder)?;
        let mut found = Self { cut: survey.cut, last: last_release(folder), ..Self::default() };
        let mut probed = 0;
        for file in &survey.files {
            let about = About::of(&file.path);
            if about.is_prompt() {
                list(&mut found.prompts, &file.path, &mut found.cut);
            } else if OF_RESULTS.contains(&about.ending.as_str()) {
                if probed == MOST_PROBED {
                    found.cut = true;
                    break;
                }
                probed += 1;
                found.look(folder, file, &about);
            }
        }
        Ok(found)
    }

    /// Sorts a file into results, data, and what is neither.
    fn look(&mut self, folder: &Path, file: &SurveyedFile, about: &About) {
        let path = || file.path.clone();
        if file.bytes > LARGEST {
            if about.says(&RESULTS) || about.says(&DATA) {
                self.left.push(LeftOut {
                    path: path(),
                    why: "it is larger than 512 MiB; name it yourself".to_owned(),
                });
            }
            return;
        }
        match probe(folder, &file.path) {
            Ok((catalog, fields)) if about.is_results(&catalog) => {
                if self.results.len() < MOST_LISTED {
                    self.results.push(Results { path: path(), catalog, fields });
                } else {
                    let why = format!("{MOST_LISTED} others are proposed; name it yourself");
                    self.left.push(LeftOut { path: path(), why });
                }
            }
            Err(findings) if about.says(&RESULTS) && about.is_rows() => {
                let why = findings.iter().next().map_or_else(String::new, |first| first.title.clone());
                self.left.push(LeftOut { path: path(), why });
            }
            _ if about.says(&DATA) => list(&mut self.datasets, &file.path, &mut self.cut),
            _ => {}
        }
    }
}

fn list(listed: &mut Vec<String>, path: &str, cut: &mut bool) {
    if listed.len() < MOST_LISTED { listed.push(path.to_owned()) } else { *cut = true }
}

/// What is in a file; its id may be called otherwise.
fn probe(folder: &Path, path: &str) -> Result<(Catalog, Vec<DraftField>), Diagnostics> {
    let source = EvidenceFile::open(&folder.join(path), path)?;
    let first = probe_as(&source, Depth::Head, &Declared::default());
    let Err(findings) = first else { return first.map(|catalog| (catalog, Vec::new())) };
    for id in IDS {
        let mut paths = Paths::default();
        paths.add("id", vec![id.to_owned()]);
        if let Ok(catalog) = probe_as(&source, Depth::Head, &Declared { format: None, paths, records: false })
        {
            let field = DraftField { key: "id".to_owned(), values: vec![id.to_owned()] };
            return Ok((catalog, vec![field]));
        }
    }
    Err(findings)
}

/// The greatest release among the tags.
fn last_release(folder: &Path) -> Option<(semver::Version, String)> {
    let version = |tag: String| {
        let text = tag.rsplit_once('/').map_or(tag.as_str(), |(_, name)| name);
        Some((semver::Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()?, tag))
    };
    tags(folder).into_iter().filter_map(version).max_by(|a, b| a.0.cmp(&b.0))
}

/// What the path of a file says.
struct About {
    ending: String,
    words: Vec<String>,
    name: String,
}

impl About {
    fn of(path: &str) -> Self {
        let lower = path.to_lowercase();
        let name = lower.rsplit_once('/').map_or(lower.as_str(), |(_, name)| name).to_owned();
        let mut endings = name.split('.').skip(1).collect::<Vec<_>>();
        if endings.last().is_some_and(|last| PACKED.contains(last)) {
            endings.pop();
        }
        let ending = endings.last().map_or_else(String::new, |ending| (*ending).to_owned());
        let words = lower.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
        Self { ending, words, name }
    }

    fn says(&self, words: &[&str]) -> bool {
        self.words.iter().any(|own| words.contains(&own.as_str()))
    }

    fn is_prompt(&self) -> bool {
        let about_people = ["readme", "changelog", "license"].iter().any(|word| self.name.starts_with(word));
        OF_PROMPTS.contains(&self.ending.as_str()) && self.says(&["prompt", "prompts"]) && !about_people
    }

    /// Whether a file that relgate cannot read was most likely meant to hold samples.
    fn is_rows(&self) -> bool {
        ["jsonl", "ndjson", "csv", "tsv", "eval"].contains(&self.ending.as_str())
    }

    /// Whether what is in a file was measured, and not what it was measured with.
    fn is_results(&self, catalog: &Catalog) -> bool {
        let scores = |kind: &FieldKind| matches!(kind, FieldKind::Bool | FieldKind::Number);
        let any_known = catalog.aggregates.keys().any(|name| known(name).is_some())
            || catalog.fields.iter().any(|(name, kind)| known(name).is_some() && *kind != FieldKind::Nested);
        let named = self.says(&RESULTS);
        let of_a_tool = !catalog.told.runs.is_empty();
        of_a_tool
            || (any_known && (named || !self.says(&DATA)))
            || (named && catalog.fields.values().any(scores))
    }
}

#[cfg(test)]
mod tests {
    use super::About;

    #[test]
    fn paths_say_what_files_are() {
        for (path, ending, prompt) in [
            ("prompts/system.md", "md", true),
            ("prompts/README.md", "md", false),
            ("src/system_prompt.txt", "txt", true),
            ("docs/guide.md", "md", false),
            ("results/a.jsonl.gz", "jsonl", false),
            ("a.v2.csv", "csv", false),
            ("prompts/few.prompt", "prompt", true),
            ("no_ending", "", false),
        ] {
            let about = About::of(path);
            assert_eq!((about.ending.as_str(), about.is_prompt()), (ending, prompt), "{path}");
        }
    }
}
