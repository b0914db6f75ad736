//! Which reports go where, looked at before anything is judged: no two may go to one place.

use std::path::{Path, PathBuf};

use super::finished::Question;
use super::unjudged::declared;
use crate::cli::CheckArgs;
use crate::commands::report_paths::needs_name;
use crate::diagnostic::{Code, Diagnostic, printable};

/// # Errors
/// Two reports would go to one place, so that the last would stand for both.
pub(super) fn distinct(args: &CheckArgs) -> Result<(), Diagnostic> {
    let several = args.manifests.len() > 1;
    let paths = || args.report.iter().filter_map(|(_, path)| path.as_ref());
    let shared =
        |path: &&PathBuf| (several && !needs_name(path)) || paths().filter(|other| other == path).count() > 1;
    if let Some(path) = paths().find(shared) {
        return Err(shared_report(path, args.manifests.len()));
    }
    let mut names: Vec<String> = Vec::new();
    for path in args.manifests.iter().filter(|_| several) {
        let root = Question::of_file(path, args).tree(args).ok();
        let Some((manifest, _)) = root.as_ref().and_then(declared) else { continue };
        let name = manifest.name.value;
        // Some file systems take both for one folder.
        if names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            return Err(same_name(path, &name));
        }
        names.push(name);
    }
    Ok(())
}

fn shared_report(path: &Path, manifests: usize) -> Diagnostic {
    let path = printable(&path.to_string_lossy());
    let finding = Diagnostic::error(
        Code::SharedReport,
        format!(
            "`--report` names `{path}` for more than one report, and each would overwrite the one before"
        ),
    );
    if manifests > 1 {
        finding
            .note(format!("{manifests} manifests are checked, each with a report of its own"))
            .help("let the path have the name of the release: `--report KIND={name}.xml`; or write `--report KIND` without a path: each report then goes to `OUT/<name>/`")
    } else {
        finding.help("give every report a path of its own")
    }
}

fn same_name(path: &Path, name: &str) -> Diagnostic {
    Diagnostic::error(Code::SameName, format!("two of the manifests release `{}`", printable(name)))
        .in_file(path.to_string_lossy())
        .help("their reports would overwrite each other; check them one by one with `--out`")
}
