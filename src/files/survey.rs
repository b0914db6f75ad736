//! What stands in a folder that nobody has described yet: its files, without following a link, within limits.

use std::fs;
use std::path::Path;

use super::named_relgate;
use super::shown::shown;
use crate::artifact::{join, reason};
use crate::diagnostic::{Code, Diagnostic};

/// So many folders deep.
const DEEPEST: usize = 8;
/// So many names in all.
const MOST_NAMES: usize = 20_000;
/// Folders of tools: what stands in them was made by none of those who evaluate.
const OF_TOOLS: [&str; 9] =
    ["node_modules", "__pycache__", "site-packages", "venv", "env", "target", "dist", "build", "vendor"];
/// What stands in a virtual environment of Python, whatever it is called.
const ENVIRONMENT: &str = "pyvenv.cfg";

/// The files of a folder.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// The files, in byte order of their paths.
    pub files: Vec<SurveyedFile>,
    /// Whether there is more than anybody looked at.
    pub cut: bool,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyedFile {
    /// Relative to the folder, with `/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
}

/// Looks at everything below a folder but links, hidden names, the folders of tools and the reports of relgate.
///
/// # Errors
/// The folder itself cannot be listed.
pub fn survey(folder: &Path) -> Result<Survey, Diagnostic> {
    let mut survey = Survey::default();
    let mut names = 0;
    let mut waiting = vec![(String::new(), 0)];
    while let Some((below, depth)) = waiting.pop() {
        let own = if below.is_empty() { folder.to_path_buf() } else { folder.join(&below) };
        let entries = match fs::read_dir(&own) {
            Ok(entries) => entries,
            Err(error) if below.is_empty() => {
                let name = shown(folder);
                let text = format!("the folder `{name}` cannot be used: {}", reason(&error));
                return Err(Diagnostic::error(Code::NoFolder, text).help("name a folder that is there"));
            }
            // What nobody may look at is nothing that could be proposed.
            Err(_) => continue,
        };
        let mut entries: Vec<_> = entries.flatten().take(MOST_NAMES + 1 - names).collect();
        names += entries.len();
        if names > MOST_NAMES {
            survey.cut = true;
            break;
        }
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries.into_iter().rev() {
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let (path, Ok(about)) = (join(&below, name), entry.metadata()) else { continue };
            if about.is_file() {
                survey.files.push(SurveyedFile { path, bytes: about.len() });
            } else if about.is_dir() && !OF_TOOLS.contains(&name) && !is_made(&entry.path()) {
                survey.cut |= depth == DEEPEST;
                if depth < DEEPEST {
                    waiting.push((path, depth + 1));
                }
            }
        }
    }
    survey.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(survey)
}

/// Whether a folder holds an environment of Python, or what relgate wrote.
fn is_made(folder: &Path) -> bool {
    folder.join(ENVIRONMENT).exists() || named_relgate(folder)
}
