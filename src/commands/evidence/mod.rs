//! `relgate evidence`: what relgate understands of results files, and the lines of a manifest that fit them.

mod proposed;
mod understood;

use std::io;

use super::console::{Console, tell_findings};
use super::progress::watched;
use crate::cli::{EvidenceArgs, EvidenceFormat};
use crate::diagnostic::{Diagnostics, Severity, Sources};
use crate::files::expand_given;
use crate::report::{Exit, UNDERSTOOD, Understood};
use understood::{Looked, look_at};

/// Says what is in the files.
pub(super) fn run(args: &EvidenceArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut looked = Vec::new();
    let mut findings = Diagnostics::new();
    for path in &args.files {
        match expand_given(path) {
            Ok(files) => looked.extend(watched(false, || look_at(files))),
            Err(finding) => findings.push(finding),
        }
    }
    for one in &looked {
        findings.extend(one.findings.iter().filter(|finding| finding.severity == Severity::Error).cloned());
    }
    match args.format {
        EvidenceFormat::Json => {
            let files = looked.into_iter().map(|one| one.told).collect();
            let told = Understood { schema: UNDERSTOOD, files };
            let text = serde_json::to_string_pretty(&told).map_err(io::Error::other)?;
            writeln!(console.out, "{}", crate::diagnostic::inert_json(&text))?;
        }
        EvidenceFormat::Terminal => tell(&looked, console)?,
    }
    tell_findings(&findings, &Sources::new(), console)?;
    Ok(if findings.has_errors() { Exit::Error } else { Exit::Pass })
}

fn tell(looked: &[Looked], console: &mut Console<'_>) -> io::Result<()> {
    let screen = console.screen(false);
    for (number, one) in looked.iter().enumerate() {
        if number > 0 {
            console.tell("\n")?;
        }
        console.tell(&one.told.text(screen))?;
        if let Some(lines) = &one.lines {
            console.tell("\nFor release.yaml:\n\n")?;
            // To be pasted as it is.
            writeln!(console.out, "{lines}")?;
        }
    }
    Ok(())
}
