//! Sharded models: every file that an index names is there, and no shard stands beside it that it does not name;
//! without an index, every number of `model-00001-of-00003.safetensors` is there.
//!
//! A loader that follows the index fails on a missing shard, one that takes every `*.safetensors` loads an orphan as part
//! of the model.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::tree::{ListedFile, Tree, join, read_all, resolve};
use crate::diagnostic::{Code, Diagnostic, Nature, Span, list};

/// How the name of an index ends.
const INDEX: &str = ".safetensors.index.json";
/// How the name of a shard ends.
const SHARD: &str = ".safetensors";
/// Endings of files that are numbered as parts of one model.
const NUMBERED: [&str; 4] = [SHARD, ".gguf", ".bin", ".pt"];
/// The largest index that is read; that of a model with a million tensors is smaller.
const MOST: u64 = 256 * 1024 * 1024;
/// Shards that a finding lists.
const LISTED: usize = 5;

/// What is wrong with the shards in a folder artifact; `entries` are its files, `span` is its path in the manifest.
pub(super) fn check(
    folder: &str,
    entries: &[ListedFile],
    span: Span,
    contents: &dyn Tree,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    // Folder of an index (relative to the artifact) -> the files that its indexes name.
    let mut named: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.path.ends_with(INDEX)) {
        let path = join(folder, &entry.path);
        let base = parent(&entry.path);
        let files = match read(contents, &path, base) {
            Ok(files) => files,
            Err(why) => {
                findings.push(
                    Diagnostic::error(Code::BadShardIndex, format!("`{path}` cannot be used: {why}"))
                        .at(span, "found in this folder")
                        .help("take it again from where the model came from"),
                );
                continue;
            }
        };
        let there = |file: &&String| {
            entries.binary_search_by(|entry| entry.path.as_bytes().cmp(file.as_bytes())).is_ok()
        };
        let missing: Vec<&str> = files.iter().filter(|file| !there(file)).map(String::as_str).collect();
        if !missing.is_empty() {
            let finding = Diagnostic::error(
                Code::MissingShard,
                format!(
                    "`{path}` names {} that {} not there",
                    list(missing.iter().copied(), LISTED),
                    if missing.len() == 1 { "is" } else { "are" }
                ),
            )
            .nature(Nature::Incomplete);
            findings.push(
                finding
                    .note(format!("{} of {} files are missing", missing.len(), files.len()))
                    .at(span, "incomplete")
                    .help("download the whole model; a loader fails without them"),
            );
        }
        named.entry(base).or_default().extend(files);
    }
    for (base, files) in &named {
        let orphans: Vec<&str> = entries
            .iter()
            .map(|entry| entry.path.as_str())
            .filter(|path| path.ends_with(SHARD) && parent(path) == *base && !files.contains(*path))
            .collect();
        if !orphans.is_empty() {
            let folder = join(folder, base);
            findings.extend(orphaned(&folder, base, &orphans, files, span));
        }
    }
    let indexed = |path: &str| named.values().any(|files| files.contains(path));
    findings.extend(numbered(folder, entries, span, &indexed));
    findings
}

/// What no index names: an error where it goes by the name of the indexed model, so that a loader may take it instead
/// or as well; a warning where it is something else of the same download (the weights once more in one file, another
/// precision, an adapter).
fn orphaned(
    folder: &str,
    base: &str,
    orphans: &[&str],
    files: &BTreeSet<String>,
    span: Span,
) -> Vec<Diagnostic> {
    let stem = |path: &str| shard_number(path).map(|(stem, ..)| stem.to_owned());
    let mut stems: BTreeSet<String> = files.iter().filter_map(|file| stem(file)).collect();
    stems.insert(join(base, "model"));
    let (same, other): (Vec<&str>, Vec<&str>) = orphans.iter().partition(|path| {
        stems.contains(&stem(path).unwrap_or_else(|| path.trim_end_matches(SHARD).to_owned()))
    });
    let words =
        |names: &[&str]| format!("no index in `{folder}` names {}", list(names.iter().copied(), LISTED));
    let mut findings = Vec::new();
    if !same.is_empty() {
        findings.push(
            Diagnostic::error(Code::OrphanShard, words(&same))
                .nature(Nature::Incomplete)
                .note("a loader that takes every `*.safetensors` would load it as part of the model")
                .at(span, "holds a shard too many")
                .help("remove it, or declare it as an artifact in a folder of its own"),
        );
    }
    if !other.is_empty() {
        findings.push(
            Diagnostic::warning(Code::OrphanShard, words(&other))
                .nature(Nature::Incomplete)
                .note(
                    "it is pinned with the rest; a loader that takes every `*.safetensors` would load it too",
                )
                .at(span, "holds weights beside the indexed ones")
                .help("if the release does not use it, leave it out of the download"),
        );
    }
    findings
}

/// Shards by their folder and the name around the number; the numbers that are there, and how many there should be.
type Series<'a> = BTreeMap<(&'a str, &'a str, u32), BTreeSet<u32>>;

/// Shards that no index names tell by their own names how many they should be.
fn numbered(
    folder: &str,
    entries: &[ListedFile],
    span: Span,
    indexed: &dyn Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let mut series = Series::new();
    for entry in entries.iter().filter(|entry| !indexed(&entry.path)) {
        if let Some((stem, number, of, ending)) = shard_number(&entry.path) {
            series.entry((stem, ending, of)).or_default().insert(number);
        }
    }
    let mut findings = Vec::new();
    for ((stem, ending, of), numbers) in series {
        // Data sets count from 0, models from 1.
        let first = u32::from(!numbers.contains(&0));
        let missing: Vec<String> = (first..first.saturating_add(of))
            .filter(|number| !numbers.contains(number))
            .take(LISTED + 1)
            .map(|number| format!("{stem}-{number:05}-of-{of:05}{ending}"))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let what = list(missing.iter().map(String::as_str), LISTED);
        let is = if missing.len() == 1 { "is" } else { "are" };
        findings.push(
            Diagnostic::error(Code::MissingShard, format!("{what} {is} not in `{folder}`"))
                .nature(Nature::Incomplete)
                .note(format!("the names of {} shards there say that they are {of}", numbers.len()))
                .at(span, "incomplete")
                .help("download the whole model; a loader fails without them"),
        );
    }
    findings
}

/// What stands before `-00001-of-00003`, the two numbers, and the ending; none for other names.
fn shard_number(path: &str) -> Option<(&str, u32, u32, &str)> {
    let dot = path.rfind('.')?;
    let (name, ending) = path.split_at(dot);
    if !NUMBERED.contains(&ending) {
        return None;
    }
    let (rest, of) = name.rsplit_once("-of-")?;
    let (stem, number) = rest.rsplit_once('-')?;
    let digits = |text: &str| {
        let valid = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
        valid.then(|| text.parse().ok()).flatten()
    };
    Some((stem, digits(number)?, digits(of)?, ending))
}

/// The files that an index names, relative to the artifact.
fn read(contents: &dyn Tree, path: &str, base: &str) -> Result<BTreeSet<String>, String> {
    let bytes = read_all(contents, path, MOST).map_err(|trouble| trouble.finding(path).title)?;
    let bytes = bytes.ok_or_else(|| format!("it is larger than {} MiB", MOST >> 20))?;
    let index: Index =
        serde_json::from_slice(&bytes).map_err(|error| format!("it is not an index ({error})"))?;
    if index.weight_map.0.is_empty() {
        return Err("its `weight_map` names no file".to_owned());
    }
    let inside = |file: &String| {
        let resolved = resolve("", file).ok().filter(|resolved| resolved == file);
        resolved
            .map(|file| join(base, &file))
            .ok_or_else(|| format!("it names `{file}`, which is no file below it"))
    };
    index.weight_map.0.iter().map(inside).collect()
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// An index; `metadata` and what may come later are passed over.
#[derive(Deserialize)]
struct Index {
    weight_map: Files,
}

/// The values of `weight_map`; the tensors are not kept.
struct Files(BTreeSet<String>);

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;

        impl<'de> Visitor<'de> for Map {
            type Value = Files;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of tensors to file names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Files, A::Error> {
                let mut tensors = BTreeSet::new();
                let mut files = BTreeSet::new();
                while let Some((tensor, file)) = map.next_entry::<String, String>()? {
                    if tensors.contains(&tensor) {
                        return Err(serde::de::Error::custom(format!(
                            "the tensor `{tensor}` stands there twice"
                        )));
                    }
                    tensors.insert(tensor);
                    files.insert(file);
                }
                Ok(Files(files))
            }
        }

        deserializer.deserialize_map(Map)
    }
}
