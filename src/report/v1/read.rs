//! A saved report back into its types; what is no report of ours, or was changed since, is refused.

use serde_json::Value;

use super::gate::ReportGate;
use super::report::Report;
use super::wire::SCHEMA;
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::gate::Outcome;
use crate::report::exit::Exit;
use crate::verdict::Decision;

/// The report in `text`; messages name it `file`.
///
/// # Errors
/// No JSON, no report, one of another schema version, or one that says something else than relgate wrote.
pub fn read(file: &str, text: &str) -> Result<Report, Diagnostic> {
    let written: Value = serde_json::from_str(text).map_err(|error| {
        let finding =
            Diagnostic::error(Code::NotAReport, format!("`{}` is no JSON: {error}", printable(file)));
        finding.at_line(file, error.line() as u64).help("name the `report.json` that `relgate check` wrote")
    })?;
    check_schema(file, &written)?;
    let report: Report = serde_json::from_str(text).map_err(|error| {
        let title = format!("`{}` is not as relgate wrote it: {error}", printable(file));
        edited(file, title).at_line(file, error.line() as u64)
    })?;
    // Keys that are missing read as `null`, and lenient parsers take other spellings: all of it has to be there.
    let again = serde_json::to_value(&report).unwrap_or(Value::Null);
    if let Some(place) = difference(&written, &again, String::new()) {
        let title = format!("`{}` is not as relgate wrote it: `{}`", printable(file), printable(&place));
        return Err(edited(file, title));
    }
    match contradiction(&report) {
        Some(what) => Err(edited(file, format!("`{}` is not as relgate wrote it: {what}", printable(file)))),
        None if report.checksum != report.content_checksum() => Err(edited(
            file,
            format!("`{}` was edited: its checksum is that of another content", printable(file)),
        )),
        None => Ok(report),
    }
}

fn edited(file: &str, title: String) -> Diagnostic {
    Diagnostic::error(Code::ReportEdited, title)
        .in_file(file)
        .help("take the file as `relgate check` wrote it, or judge again")
}

/// # Errors
/// It is not of this schema.
fn check_schema(file: &str, written: &Value) -> Result<(), Diagnostic> {
    let name = printable(file);
    if written.is_array() {
        let finding = Diagnostic::error(Code::NotAReport, format!("`{name}` is a list of reports"));
        return Err(finding.in_file(file).help("every release has its own: `OUT/<name>/report.json`"));
    }
    let Some(schema) = written.get("schema").and_then(Value::as_str) else {
        let finding =
            Diagnostic::error(Code::NotAReport, format!("`{name}` does not say that it is a report"));
        return Err(finding
            .in_file(file)
            .note(format!("a report begins with `\"schema\": \"{SCHEMA}\"`"))
            .help("name the `report.json` that `relgate check` wrote"));
    };
    if schema == SCHEMA {
        return Ok(());
    }
    let by = written.pointer("/tool/version").and_then(Value::as_str);
    let by = by.map_or_else(String::new, |version| format!(", written by relgate {}", printable(version)));
    let (family, _) = SCHEMA.rsplit_once('/').unwrap_or((SCHEMA, ""));
    let schema = printable(schema);
    Err(if schema.starts_with(family) {
        Diagnostic::error(Code::ReportVersion, format!("`{name}` is a report of the schema `{schema}`{by}"))
            .in_file(file)
            .help(format!("this relgate reads `{SCHEMA}`; use the one that wrote it"))
    } else {
        Diagnostic::error(Code::NotAReport, format!("`{name}` is `{schema}`, not a report{by}"))
            .in_file(file)
            .help("name the `report.json` that `relgate check` wrote")
    })
}

/// Where two documents first differ, as a path of keys; whole numbers may be spelled either way.
fn difference(one: &Value, other: &Value, at: String) -> Option<String> {
    match (one, other) {
        (Value::Object(own), Value::Object(others)) => {
            let missing = others.keys().find(|key| !own.contains_key(*key));
            if let Some(key) = missing {
                return Some(format!("{at}/{key}"));
            }
            own.iter().find_map(|(key, value)| {
                let at = format!("{at}/{key}");
                match others.get(key) {
                    Some(other) => difference(value, other, at),
                    None => Some(at),
                }
            })
        }
        (Value::Array(own), Value::Array(others)) if own.len() == others.len() => own
            .iter()
            .zip(others)
            .enumerate()
            .find_map(|(i, (one, other))| difference(one, other, format!("{at}/{i}"))),
        (Value::Number(own), Value::Number(others)) if own.as_f64() == others.as_f64() => None,
        _ if one == other => None,
        _ => Some(at),
    }
}

/// What in a report cannot be together: its decision follows from its gates, its exit code from its decision.
fn contradiction(report: &Report) -> Option<String> {
    let decision = report.decision.0;
    if report.exit_code != Exit::from(decision).code() {
        let word = decision.word();
        return Some(format!("the decision is `{word}` and the exit code {}", report.exit_code));
    }
    let open = |outcome: Outcome| {
        let mut gates = report.gates.iter().filter(|gate| gate.blocks() && gate.waived.is_none());
        gates.find(|gate| gate.outcome.0 == outcome)
    };
    let told = |gate: &&ReportGate| {
        let open = gate.blocks() && gate.waived.is_none();
        match gate.outcome.0 {
            Outcome::Fail | Outcome::Error => gate.stops != open,
            Outcome::Inconclusive => gate.stops && !open,
            Outcome::Pass | Outcome::NotApplicable => gate.stops,
        }
    };
    if let Some(gate) = report.gates.iter().find(told) {
        let (id, outcome) = (printable(&gate.id), gate.outcome.0.word());
        return Some(format!("`{id}` has the outcome `{outcome}` and says `stops: {}`", gate.stops));
    }
    let wrong = match decision {
        Decision::Fail if open(Outcome::Fail).is_some() => None,
        Decision::Inconclusive if !report.gates.iter().any(|gate| gate.stops) => {
            Some("no gate is undecided".to_owned())
        }
        Decision::Fail => Some("no blocking gate failed".to_owned()),
        Decision::Pass if report.gates.iter().any(|gate| gate.stops) => {
            Some("a gate stops the release".to_owned())
        }
        Decision::Pass | Decision::Inconclusive => open(Outcome::Fail)
            .or_else(|| open(Outcome::Error))
            .map(|gate| format!("`{}` has the outcome `{}`", printable(&gate.id), gate.outcome.0.word())),
        Decision::Error => open(Outcome::Fail).map(|gate| format!("`{}` failed", printable(&gate.id))),
    };
    wrong.map(|wrong| format!("the decision is `{}`, and {wrong}", decision.word()))
}
