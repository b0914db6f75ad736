//! Which results are those from before of which others, by what people call their files.

/// Words for what was released before.
const BEFORE: [&str; 12] = [
    "baseline",
    "base",
    "old",
    "before",
    "previous",
    "prev",
    "last",
    "main",
    "master",
    "prod",
    "production",
    "reference",
];
/// Words for what is to be released.
const NOW: [&str; 10] =
    ["candidate", "new", "after", "current", "now", "next", "head", "pr", "branch", "treatment"];

/// Results, and those from before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The results.
    pub new: String,
    /// Those from before.
    pub old: Option<String>,
}

/// Pairs paths that differ in such words only; where one file is from before and one is not, they are a pair too.
#[must_use]
pub fn pairs(paths: &[&str]) -> Vec<Pair> {
    let (before, now): (Vec<&str>, Vec<&str>) = paths.iter().partition(|path| is_before(path));
    if now.is_empty() {
        return before.into_iter().map(|path| Pair { new: path.to_owned(), old: None }).collect();
    }
    let mut left = before;
    let mut pairs: Vec<Pair> = now
        .iter()
        .map(|path| {
            let same = left.iter().position(|other| rest(other) == rest(path));
            Pair { new: (*path).to_owned(), old: same.map(|at| left.swap_remove(at).to_owned()) }
        })
        .collect();
    if let ([pair], [one]) = (pairs.as_mut_slice(), left.as_slice())
        && pair.old.is_none()
    {
        pair.old = Some((*one).to_owned());
    }
    pairs
}

/// Whether a path says that what it holds is from before.
fn is_before(path: &str) -> bool {
    words(path).iter().any(|word| BEFORE.contains(&word.as_str()))
}

/// What a path says besides.
fn rest(path: &str) -> Vec<String> {
    let told = |word: &String| !BEFORE.contains(&word.as_str()) && !NOW.contains(&word.as_str());
    words(path).into_iter().filter(told).collect()
}

fn words(path: &str) -> Vec<String> {
    let parts = path.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    parts.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_paired_by_the_words_of_people() {
        for (paths, paired) in [
            (&["new.jsonl", "old.jsonl"][..], &[("new.jsonl", Some("old.jsonl"))][..]),
            (&["results/answers.jsonl"], &[("results/answers.jsonl", None)]),
            (
                &["r/a.jsonl", "r/b.jsonl", "r/baseline/a.jsonl", "r/baseline/b.jsonl"],
                &[("r/a.jsonl", Some("r/baseline/a.jsonl")), ("r/b.jsonl", Some("r/baseline/b.jsonl"))],
            ),
            (
                &["evals/candidate-answers.csv", "evals/main-answers.csv"],
                &[("evals/candidate-answers.csv", Some("evals/main-answers.csv"))],
            ),
            (&["x.jsonl", "previous.jsonl"], &[("x.jsonl", Some("previous.jsonl"))]),
            (&["x.jsonl", "y.jsonl", "old.jsonl"], &[("x.jsonl", None), ("y.jsonl", None)]),
            (&["old.jsonl"], &[("old.jsonl", None)]),
            (&["threshold.jsonl", "told.jsonl"], &[("threshold.jsonl", None), ("told.jsonl", None)]),
        ] {
            let found = pairs(paths);
            let found: Vec<_> = found.iter().map(|pair| (pair.new.as_str(), pair.old.as_deref())).collect();
            assert_eq!(found, paired, "{paths:?}");
        }
    }
}
