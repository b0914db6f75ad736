//! What DVC leaves out of a folder: the patterns of `.dvcignore`, which are those of `.gitignore`.

use glob::{MatchOptions, Pattern};

use crate::artifact::tree::{Tree, join, read_all};

/// The largest list that is read.
const MOST: u64 = 1024 * 1024;
/// As git matches: `*` stays within one folder, and hidden files are files like others.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// The patterns that hold below a folder; a later one overrides an earlier one.
pub(super) struct Ignored {
    patterns: Vec<Line>,
}

/// One line of a list.
struct Line {
    /// The folder of the list; the pattern counts from there.
    base: String,
    pattern: Pattern,
    /// A line with `!`: what it matches is not left out after all.
    again: bool,
    /// A line with `/` at its end: folders only.
    folders: bool,
}

impl Ignored {
    /// Reads the lists from the root down to a folder. Those below it are read too, as they come.
    pub(super) fn read(folder: &str, contents: &dyn Tree) -> Self {
        let mut patterns = Vec::new();
        let mut at = String::new();
        let parts = std::iter::once("").chain(folder.split('/').filter(|part| !part.is_empty()));
        for part in parts {
            at = join(&at, part);
            // A list that cannot be read leaves out nothing: the comparison then says what differs.
            let Ok(Some(bytes)) = read_all(contents, &join(&at, ".dvcignore"), MOST) else { continue };
            patterns.extend(String::from_utf8_lossy(&bytes).lines().filter_map(|line| parse(&at, line)));
        }
        Self { patterns }
    }

    /// Whether DVC leaves out a file (its path from the root), or a folder that it is in.
    pub(super) fn holds(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let mut parts = ends.filter_map(|end| Some((path.get(..end)?, end < path.len())));
        // What is in an ignored folder cannot be taken back.
        parts.any(|(part, folder)| self.ignores(part, folder))
    }

    fn ignores(&self, path: &str, folder: bool) -> bool {
        // DVC never looks into these.
        let own = matches!(path.rsplit('/').next(), Some(".dvc" | ".git" | ".hg")) && folder;
        let last = self.patterns.iter().rev().find(|line| {
            let below = if line.base.is_empty() {
                Some(path)
            } else {
                path.strip_prefix(line.base.as_str()).and_then(|rest| rest.strip_prefix('/'))
            };
            (folder || !line.folders) && below.is_some_and(|below| line.pattern.matches_with(below, MATCHING))
        });
        own || last.is_some_and(|line| !line.again)
    }
}

fn parse(base: &str, line: &str) -> Option<Line> {
    let line = line.trim_end();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (again, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
    let (folders, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
    // Without a `/` in it a pattern holds at any depth.
    let pattern = match line.strip_prefix('/') {
        Some(anchored) => anchored.to_owned(),
        None if line.contains('/') => line.to_owned(),
        None => format!("**/{}", line.strip_prefix('\\').unwrap_or(line)),
    };
    Some(Line { base: base.to_owned(), pattern: Pattern::new(&pattern).ok()?, again, folders })
}
