//! Parts that belong together: each exactly once, all made for one release, against files that are still the same.
//!
//! Every part comes with what messages call its file, in the order of their numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::part::{MadeFor, NumbersPart};
use crate::diagnostic::{Code, Diagnostic, Nature, list, printable};

/// What parts are of, in words.
fn subject(evidence: Option<&str>) -> String {
    evidence.map_or_else(|| "the log".to_owned(), |name| format!("the evidence `{}`", printable(name)))
}

/// Makes sure that these are parts 1 to N of one set, each once, of this evidence entry; of a log where there is none.
///
/// # Errors
/// One is missing, there twice, of another set or of something else.
pub fn check_part_set(evidence: Option<&str>, found: &[(&str, &NumbersPart)]) -> Result<(), Diagnostic> {
    let taker = if evidence.is_some() { "check" } else { "monitor" };
    let help =
        format!("`relgate {taker}` takes all the parts of one `relgate summarize --part K/N`, each once");
    for [(first, one), (second, other)] in found.array_windows() {
        let (a, b) = (&one.header, &other.header);
        let why = if a.of != b.of {
            format!("this is {}, and {} is {}", other.words(), printable(first), one.words())
        } else if a.evidence != b.evidence {
            let of = |evidence: &Option<String>| subject(evidence.as_deref());
            format!("this part is of {}, and others of {}", of(&b.evidence), of(&a.evidence))
        } else if a.made_for != b.made_for {
            format!("{} and {} were made for different releases", one.words(), other.words())
        } else if a.number == b.number {
            format!("{} is there twice: {} is one too", other.words(), printable(first))
        } else {
            continue;
        };
        return Err(Diagnostic::error(Code::NumbersParts, why).in_file(*second).help(help));
    }
    let Some((file, first)) = found.first() else { return Ok(()) };
    let own = first.header.evidence.as_deref();
    if own != evidence {
        let text = format!("this part is of {}, not of {}", subject(own), subject(evidence));
        return Err(Diagnostic::error(Code::NumbersParts, text).in_file(*file).help(help));
    }
    let there: BTreeSet<u32> = found.iter().map(|(_, part)| part.header.number).collect();
    let mut missing = (1..=first.header.of).filter(|number| !there.contains(number));
    let Some(one) = missing.next() else { return Ok(()) };
    let count = first.header.of as usize - there.len();
    let shown: Vec<String> =
        std::iter::once(one).chain(missing.take(9)).map(|number| number.to_string()).collect();
    let text = format!(
        "of {} parts of {} {count} {} missing: {}",
        first.header.of,
        subject(evidence),
        if count == 1 { "is" } else { "are" },
        list(shown.iter().map(String::as_str), 10)
    );
    Err(Diagnostic::error(Code::NumbersParts, text).nature(Nature::Incomplete).in_file(*file).help(help))
}

/// Makes sure that they were made for a release.
///
/// # Errors
/// One was made for another, or its manifest has changed since.
pub fn check_parts_made_for(own: &MadeFor, found: &[(&str, &NumbersPart)]) -> Result<(), Diagnostic> {
    let Some((file, part)) = found.iter().find(|(_, part)| part.header.made_for != *own) else {
        return Ok(());
    };
    let MadeFor { name, version, .. } = &part.header.made_for;
    let same = (name, version) == (&own.name, &own.version);
    let text = if same {
        "this part was made with another release.yaml".to_owned()
    } else {
        format!(
            "this part was made for {} {}, and {} {} is judged",
            printable(name),
            printable(version),
            printable(&own.name),
            printable(&own.version)
        )
    };
    Err(Diagnostic::error(Code::NumbersMadeFor, text)
        .in_file(*file)
        .note(
            "which columns a part keeps, and how they are read, depends on release.yaml and what it extends",
        )
        .help("let `relgate summarize` read the results again, with the release.yaml that is judged"))
}

/// Makes sure that files which numbers were worked out against are what they were then, by path.
///
/// # Errors
/// One is another now.
pub fn check_parts_against(
    now: &BTreeMap<String, String>,
    found: &[(&str, &NumbersPart)],
) -> Result<(), Diagnostic> {
    for (file, part) in found {
        if let Some((path, _)) =
            part.header.against.iter().find(|(path, known)| now.get(*path) != Some(known))
        {
            let text = format!("`{}` has changed since this part was made with it", printable(path));
            return Err(Diagnostic::error(Code::NumbersMadeFor, text)
                .in_file(*file)
                .help("let `relgate summarize` read the results again"));
        }
    }
    Ok(())
}
