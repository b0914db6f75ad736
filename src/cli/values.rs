//! Values of flags: words, kinds of reports, `KEY=VALUE`.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::attest::ResourceDescriptor;
use crate::manifest::{ArtifactKind, Digest, ReleaseType};
use crate::report::Screen;
use crate::report::diff::Comparison;
use crate::report::kinds::{self, KINDS, Kind};

/// A kind that can tell a comparison, and how.
#[derive(Debug, Clone, Copy)]
pub struct DiffFormat {
    /// The kind.
    pub kind: &'static Kind,
    /// A comparison as text.
    pub render: fn(&Comparison, Screen) -> String,
}

/// Reads a type of release.
pub(super) fn release_type() -> impl TypedValueParser<Value = ReleaseType> {
    PossibleValuesParser::new(ReleaseType::WORDS)
        .try_map(|word| ReleaseType::from_word(&word).ok_or("no type of release"))
}

/// Reads a kind of artifacts.
pub(super) fn artifact_kind() -> impl TypedValueParser<Value = ArtifactKind> {
    PossibleValuesParser::new(ArtifactKind::WORDS)
        .try_map(|word| ArtifactKind::from_word(&word).ok_or("no kind of artifacts"))
}

/// Reads the name of a kind of report.
pub(super) fn kind() -> impl TypedValueParser<Value = &'static Kind> {
    let values = KINDS.iter().map(|kind| PossibleValue::new(kind.name).help(kind.about));
    PossibleValuesParser::new(values).try_map(|name| kinds::named(&name).ok_or("no kind of report"))
}

/// Reads the name of a kind of report that can tell a comparison.
pub(super) fn diff_kind() -> impl TypedValueParser<Value = DiffFormat> {
    let kinds = KINDS.iter().filter(|kind| kind.comparison.is_some());
    let values = kinds.map(|kind| PossibleValue::new(kind.name).help(kind.about));
    PossibleValuesParser::new(values).try_map(|name| diff_format(&name))
}

fn diff_format(name: &str) -> Result<DiffFormat, String> {
    let found = kinds::named(name).and_then(|kind| Some(DiffFormat { kind, render: kind.comparison? }));
    found.ok_or_else(|| no_kind(name, |kind| kind.comparison.is_some()))
}

fn no_kind(name: &str, wanted: impl Fn(&Kind) -> bool) -> String {
    let names: Vec<&str> = KINDS.iter().filter(|kind| wanted(kind)).map(|kind| kind.name).collect();
    format!("`{name}` is no kind of report; the kinds are {}", names.join(", "))
}

/// `KIND` or `KIND=PATH`.
fn kind_and_path(text: &str) -> Result<(&str, Option<PathBuf>), String> {
    match text.split_once('=') {
        Some((kind, path)) if !path.is_empty() => Ok((kind, Some(PathBuf::from(path)))),
        Some(_) => Err("the path after `=` is empty".to_owned()),
        None => Ok((text, None)),
    }
}

pub(super) fn parse_report(text: &str) -> Result<(&'static Kind, Option<PathBuf>), String> {
    let (name, path) = kind_and_path(text)?;
    Ok((kinds::named(name).ok_or_else(|| no_kind(name, |_| true))?, path))
}

pub(super) fn parse_report_path(text: &str) -> Result<(DiffFormat, PathBuf), String> {
    let (name, path) = kind_and_path(text)?;
    let kind = diff_format(name)?;
    Ok((kind, path.ok_or("write KIND=PATH, for example markdown=diff.md")?))
}

pub(super) fn parse_condition(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, for example lang=de".to_owned()),
    }
}

pub(super) fn parse_field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, field)) if !name.is_empty() && !field.is_empty() => {
            Ok((name.to_owned(), field.to_owned()))
        }
        _ => Err("write NAME=FIELD, for example latency_s=latency".to_owned()),
    }
}

pub(super) fn parse_named_path(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), path.to_owned())),
        _ => Err("write NAME=PATH, for example answers=results/answers.jsonl".to_owned()),
    }
}

/// A time as RFC 3339 or in seconds since 1970.
pub(super) fn parse_time(text: &str) -> Result<chrono::DateTime<chrono::Utc>, String> {
    let seconds = text.parse::<i64>().ok().and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
    let written = || chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    seconds
        .or_else(written)
        .ok_or_else(|| "write a time such as 2026-11-30T12:00:00Z, or seconds since 1970".to_owned())
}

/// A share of the traffic, strictly between 0 and 1.
pub(super) fn parse_share(text: &str) -> Result<f64, String> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
        None => text.parse().ok(),
    };
    share
        .filter(|share| *share > 0.0 && *share < 1.0)
        .ok_or_else(|| "write a share between 0% and 100%, for example 10%".to_owned())
}

/// A length of time such as `30s`.
pub(super) fn parse_lasting(text: &str) -> Result<std::time::Duration, String> {
    let units = [("s", 1), ("m", 60), ("h", 3600)];
    let seconds = units.iter().find_map(|(letter, seconds)| {
        let count: u64 = text.strip_suffix(letter)?.trim().parse().ok()?;
        count.checked_mul(*seconds).filter(|seconds| *seconds > 0)
    });
    seconds
        .map(std::time::Duration::from_secs)
        .ok_or_else(|| "write a length of time such as 30s or 5m".to_owned())
}

/// An age such as `7d`.
pub(super) fn parse_age(text: &str) -> Result<chrono::TimeDelta, String> {
    let units = [("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)];
    let seconds = units.iter().find_map(|(letter, seconds)| {
        let count: u32 = text.strip_suffix(letter)?.parse().ok()?;
        (count > 0).then(|| i64::from(count) * seconds)
    });
    seconds
        .map(chrono::TimeDelta::seconds)
        .ok_or_else(|| "write a length of time such as 12h or 7d".to_owned())
}

/// The name of an environment, as it can stand in a URI.
pub(super) fn parse_environment(text: &str) -> Result<String, String> {
    let fits =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("write letters, digits, `-`, `_` and `.`: production".to_owned())
    }
}

/// `sha256:` and 64 digits.
pub(super) fn parse_digest(text: &str) -> Result<Digest, String> {
    Digest::from_hex(text)
        .filter(|_| text.starts_with("sha256:"))
        .ok_or_else(|| "write `sha256:` and 64 lower-case hexadecimal digits".to_owned())
}

/// `NAME@sha256:DIGITS`.
pub(super) fn parse_subject(text: &str) -> Result<ResourceDescriptor, String> {
    let parts = text.rsplit_once('@').filter(|(name, _)| !name.trim().is_empty());
    let (name, digest) = parts.ok_or("write NAME@sha256:DIGITS, as `docker images --digests` shows it")?;
    Ok(ResourceDescriptor::new(name, parse_digest(digest)?))
}
