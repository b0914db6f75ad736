//! Sharded safetensors: every file that an index names is there, and no shard stands beside it that it does not name.
//!
//! A loader that follows the index fails on a missing shard, one that takes every `*.safetensors` loads an orphan as part
//! of the model. Deliberately absent: the tensors inside.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::contents::{Contents, Entry, join, read_all, resolve};
use crate::diagnostic::{Diagnostic, Span, list};

/// How the name of an index ends.
const INDEX: &str = ".safetensors.index.json";
/// How the name of a shard ends.
const SHARD: &str = ".safetensors";
/// The largest index that is read; that of a model with a million tensors is smaller.
const MOST: u64 = 256 * 1024 * 1024;
/// Shards that a finding lists.
const LISTED: usize = 5;

/// What is wrong with the shards in a folder artifact; `entries` are its files, `span` is its path in the manifest.
pub(super) fn check(folder: &str, entries: &[Entry], span: Span, contents: &dyn Contents) -> Vec<Diagnostic> {
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
                    Diagnostic::error("bad-shard-index", format!("`{path}` cannot be used: {why}"))
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
                "missing-shard",
                format!(
                    "`{path}` names {} that {} not there",
                    list(missing.iter().copied(), LISTED),
                    if missing.len() == 1 { "is" } else { "are" }
                ),
            );
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
            let what = list(orphans.iter().copied(), LISTED);
            let folder = join(folder, base);
            findings.push(
                Diagnostic::error("orphan-shard", format!("no index in `{folder}` names {what}"))
                    .note("a loader that takes every `*.safetensors` would load it as part of the model")
                    .at(span, "holds a shard too many")
                    .help("remove it, or declare it as an artifact in a folder of its own"),
            );
        }
    }
    findings
}

/// The files that an index names, relative to the artifact.
fn read(contents: &dyn Contents, path: &str, base: &str) -> Result<BTreeSet<String>, String> {
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
