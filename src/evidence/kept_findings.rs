//! Findings about a file as its numbers file keeps them: they are told where the numbers are judged, as if the file were there.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::diagnostic::{Code, Diagnostic, Place, Severity};

/// One finding; of its places only lines and files can be kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptFinding {
    code: String,
    error: bool,
    title: String,
    file: Option<String>,
    line: Option<u64>,
    notes: Vec<String>,
    help: Vec<String>,
}

pub(super) fn serialize<S: Serializer>(findings: &[Diagnostic], out: S) -> Result<S::Ok, S::Error> {
    let kept = findings.iter().map(|finding| {
        let (file, line) = match &finding.place {
            Place::File(file) => (Some(file.clone()), None),
            Place::Line { file, line } => (Some(file.clone()), Some(*line)),
            Place::Nowhere | Place::Span(_) => (None, None),
        };
        KeptFinding {
            code: finding.code.word().to_owned(),
            error: finding.severity == Severity::Error,
            title: finding.title.clone(),
            file,
            line,
            notes: finding.notes.clone(),
            help: finding.help.clone(),
        }
    });
    out.collect_seq(kept)
}

pub(super) fn deserialize<'d, D: Deserializer<'d>>(input: D) -> Result<Vec<Diagnostic>, D::Error> {
    let restored = |kept: KeptFinding| {
        let code = Code::from_word(&kept.code).ok_or_else(|| D::Error::custom("no finding has this code"))?;
        let made = if kept.error { Diagnostic::error } else { Diagnostic::warning };
        Ok(Diagnostic {
            place: match (kept.file, kept.line) {
                (Some(file), Some(line)) => Place::Line { file, line },
                (Some(file), None) => Place::File(file),
                _ => Place::Nowhere,
            },
            notes: kept.notes,
            help: kept.help,
            ..made(code, kept.title)
        })
    };
    Vec::<KeptFinding>::deserialize(input)?.into_iter().map(restored).collect()
}
