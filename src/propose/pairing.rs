//! Which results are those from before of which others, by what people call their files: words such as `baseline`, and
//! versions or dates.

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

impl Pair {
    /// Whether a path is one of both.
    #[must_use]
    pub fn names(&self, path: &str) -> bool {
        self.new == path || self.old.as_deref() == Some(path)
    }
}

/// Pairs paths that differ in such words only, or in a version or a date; where one file is from before and one is not, they
/// are a pair too. Of several versions the last two are a pair, and the others none of it.
#[must_use]
pub fn pairs(paths: &[&str]) -> Vec<Pair> {
    let (before, now): (Vec<&str>, Vec<&str>) = paths.iter().partition(|path| is_before(path));
    if before.is_empty() {
        return versions(&now);
    }
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

/// Numbers in a path from which on they are a version or a date, and not the part of a set.
const OF_A_VERSION: usize = 3;

/// Pairs the last two of all paths that differ in a version or a date only.
fn versions(paths: &[&str]) -> Vec<Pair> {
    let mut pairs: Vec<(Vec<String>, Pair)> = Vec::new();
    let mut sorted = paths.to_vec();
    sorted.sort_by_cached_key(|path| std::cmp::Reverse(numbers(path)));
    for path in sorted {
        let text = letters(path);
        let dated = numbers(path).len() >= OF_A_VERSION;
        match pairs.iter_mut().find(|(other, _)| dated && *other == text) {
            Some((_, pair)) if numbers(&pair.new).len() == numbers(path).len() => {
                pair.old.get_or_insert_with(|| path.to_owned());
            }
            _ => pairs.push((text, Pair { new: path.to_owned(), old: None })),
        }
    }
    let mut pairs: Vec<Pair> = pairs.into_iter().map(|(_, pair)| pair).collect();
    pairs.sort_by(|a, b| a.new.cmp(&b.new));
    pairs
}

fn runs_of(path: &str, wanted: fn(char) -> bool) -> impl Iterator<Item = &str> {
    path.split(move |c: char| !wanted(c)).filter(|run| !run.is_empty())
}

/// The numbers of a path, in order.
fn numbers(path: &str) -> Vec<u64> {
    runs_of(path, |c| c.is_ascii_digit()).map(|run| run.parse().unwrap_or(u64::MAX)).collect()
}

/// What stands between them.
fn letters(path: &str) -> Vec<String> {
    runs_of(path, |c| !c.is_ascii_digit()).map(str::to_owned).collect()
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
            (&["r/2.0.0.xml", "r/2.0.1.xml"], &[("r/2.0.1.xml", Some("r/2.0.0.xml"))]),
            (&["r/1.10.0.xml", "r/1.9.0.xml", "r/1.2.0.xml"], &[("r/1.10.0.xml", Some("r/1.9.0.xml"))]),
            (
                &["r/2026-11-01T10.json", "r/2026-10-31T11.json", "r/other.json"],
                &[("r/2026-11-01T10.json", Some("r/2026-10-31T11.json")), ("r/other.json", None)],
            ),
            (&["part-1.jsonl", "part-2.jsonl"], &[("part-1.jsonl", None), ("part-2.jsonl", None)]),
            (&["threshold.jsonl", "told.jsonl"], &[("threshold.jsonl", None), ("told.jsonl", None)]),
        ] {
            let found = pairs(paths);
            let found: Vec<_> = found.iter().map(|pair| (pair.new.as_str(), pair.old.as_deref())).collect();
            assert_eq!(found, paired, "{paths:?}");
        }
    }
}
