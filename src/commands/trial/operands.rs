//! What was typed after `relgate try`: results, results from before, rules.

use std::path::Path;

use crate::cli::TryArgs;
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::files::names_in;

/// What the words mean: what names something that is there is results, anything else a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Operands {
    pub(super) new: String,
    pub(super) old: Option<String>,
    pub(super) rules: Vec<String>,
}

/// The letters of which a rule has one.
const COMPARATORS: [char; 7] = ['<', '>', '=', '!', '≤', '≥', '≠'];

impl Operands {
    pub(super) fn read(args: &TryArgs) -> Result<Self, Diagnostic> {
        if !is_there(&args.new) && args.new.contains(COMPARATORS) {
            let text = format!("`{}` names no results", printable(&args.new));
            return Err(Diagnostic::error(Code::NeitherFileNorRule, text)
                .note("the first word names the results that are judged; rules come after them")
                .help("for example `relgate try new.jsonl old.jsonl 'accuracy drop < 2pp'`"));
        }
        let mut read = Self { new: args.new.clone(), old: None, rules: Vec::new() };
        for word in &args.rest {
            if is_there(word) || (is_pattern(word) && !word.contains(COMPARATORS)) {
                if read.old.replace(word.clone()).is_some() {
                    return Err(third(word));
                }
            } else if word.contains(COMPARATORS) {
                read.rules.push(word.clone());
            } else {
                return Err(neither(word));
            }
        }
        Ok(read)
    }
}

/// Whether something of that name is there, be it a broken link.
fn is_there(path: &str) -> bool {
    Path::new(path).symlink_metadata().is_ok()
}

fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?'])
}

fn third(word: &str) -> Diagnostic {
    Diagnostic::error(
        Code::NeitherFileNorRule,
        format!("`{}` would be the third results, and there are two sides: new and old", printable(word)),
    )
    .help("several files of one side are named as one: a folder, or a pattern in quotes such as 'results/*.jsonl'")
}

fn neither(word: &str) -> Diagnostic {
    let path = Path::new(word);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let names = names_in(folder.unwrap_or(Path::new("."))).unwrap_or_default();
    let own = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let finding = Diagnostic::error(
        Code::NeitherFileNorRule,
        format!("`{}` is neither a file nor a rule", printable(word)),
    )
    .suggest(&own, names.iter().map(String::as_str));
    finding
        .note("no file or folder has that name, and a rule has one of < <= > >=")
        .help("a rule is one word for the shell: put it in quotes, such as 'accuracy drop < 2pp'")
}
