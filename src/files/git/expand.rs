//! Which files of a commit an evidence path means: the rules of `files/expand.rs` over a list of names.
//!
//! One difference: a wildcard does not cross a link to a folder; the part before the first wildcard may.

use glob::{MatchOptions, Pattern};

use super::tree::{At, Kind};
use super::{GitTree, TreeFile};
use crate::artifact::{Trouble, join};
use crate::diagnostic::{Code, Diagnostic, Spanned};

/// File name endings that a folder is searched for, each also with an ending of [`PACKED`].
const ENDINGS: [&str; 6] = [".jsonl", ".ndjson", ".csv", ".json", ".yaml", ".yml"];
/// Endings of packed files.
const PACKED: [&str; 4] = ["", ".gz", ".zst", ".zstd"];

/// As a shell: `*` crosses no folder and finds no hidden file.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// Why a path gives no files.
enum Refused {
    /// One path cannot be used.
    Trouble(String, Trouble),
    /// The whole means nothing.
    Finding(Diagnostic),
}

impl GitTree {
    /// The files that an evidence path means in this commit, at least one, in byte order.
    ///
    /// # Errors
    /// Nothing is there, or something that relgate does not read; placed at the path.
    pub fn expand(&self, declared: &Spanned<String>) -> Result<Vec<TreeFile>, Diagnostic> {
        let found = match self.resolve(&declared.value) {
            Ok(path) => self.expand_path(&path),
            Err(trouble) => Err(Refused::Trouble(declared.value.clone(), trouble)),
        };
        found.map_err(|refused| {
            let finding = match refused {
                Refused::Trouble(path, trouble) => trouble.at(&path, declared.span),
                Refused::Finding(finding) => finding.at(declared.span, "no results here"),
            };
            finding.note(format!("looked for in commit {} (`git:{}`)", self.short(), self.revision()))
        })
    }

    fn expand_path(&self, path: &str) -> Result<Vec<TreeFile>, Refused> {
        // A file whose own name holds a bracket is that file.
        match self.commit.find(path) {
            Ok(At::File(id)) => {
                let member = path.rsplit('/').next().unwrap_or(path).to_owned();
                Ok(vec![TreeFile::new(self, path, member, id)])
            }
            Ok(At::Folder(real)) => self.expand_folder(path, &real),
            Err(Trouble::Missing { .. }) if path.contains(['*', '?', '[']) => self.expand_glob(path),
            Err(trouble) => Err(Refused::Trouble(path.to_owned(), trouble)),
        }
    }

    /// The results files directly inside a folder.
    fn expand_folder(&self, path: &str, real: &str) -> Result<Vec<TreeFile>, Refused> {
        let files =
            self.take(path, real, |name| !name.contains('/') && !name.starts_with('.') && results(name))?;
        if files.is_empty() {
            let shown = if path.is_empty() { "." } else { path };
            return Err(Refused::Finding(
                Diagnostic::error(Code::NoResults, format!("the folder `{shown}` holds no results file"))
                    .note(format!("files directly inside it count that end in {}", ENDINGS.join(", ")))
                    .help("name the file, or the folder it is in, or a glob such as `results/**/*.jsonl`"),
            ));
        }
        Ok(files)
    }

    fn expand_glob(&self, path: &str) -> Result<Vec<TreeFile>, Refused> {
        let wild = |part: &str| part.contains(['*', '?', '[']);
        let top: Vec<&str> = path.split('/').take_while(|part| !wild(part)).collect();
        let top = top.join("/");
        let rest = path.strip_prefix(top.as_str()).unwrap_or(path).trim_start_matches('/');
        let pattern = Pattern::new(rest).map_err(|error| {
            let text = format!("`{rest}` cannot be used in a glob: {}", error.msg);
            Refused::Finding(
                Diagnostic::error(Code::BadGlob, text).help("use `*`, `?`, `[a-z]` and `**` between two `/`"),
            )
        })?;
        let files = match self.commit.find(&top) {
            Ok(At::Folder(real)) => self.take(&top, &real, |name| pattern.matches_with(name, MATCHING))?,
            Ok(At::File(_)) => Vec::new(),
            Err(trouble) => return Err(Refused::Trouble(top, trouble)),
        };
        if files.is_empty() {
            let finding = Diagnostic::error(Code::NoMatch, format!("no file matches `{path}`"))
                .note("`*` stays within one folder and `**` crosses folders; hidden files are not found")
                .help("correct the pattern, or name a commit in which the results were committed");
            return Err(Refused::Finding(finding));
        }
        Ok(files)
    }

    /// The wanted files below a folder that is declared as `path` and really is `real`.
    fn take(&self, path: &str, real: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<TreeFile>, Refused> {
        let mut files = Vec::new();
        for (name, node) in self.commit.tree.below(real).filter(|(name, _)| wanted(name)) {
            let refuse = |trouble| Refused::Trouble(join(path, name), trouble);
            if !node.utf8 {
                return Err(refuse(Trouble::NotUtf8));
            }
            let at = match node.kind {
                Kind::File => At::File(node.id.clone()),
                Kind::Link => self.commit.find(&join(real, name)).map_err(refuse)?,
                Kind::Submodule => continue,
            };
            if let At::File(id) = at {
                files.push(TreeFile::new(self, &join(path, name), name.to_owned(), id));
            }
        }
        Ok(files)
    }
}

/// Whether a file name has an ending that evaluation results have.
fn results(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PACKED
        .iter()
        .filter_map(|packed| name.strip_suffix(packed))
        .any(|name| ENDINGS.iter().any(|ending| name.ends_with(ending)))
}
