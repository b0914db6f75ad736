//! What a bundle keeps of an artifact, as its index has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One artifact as the index has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) uri: Option<String>,
    pub(super) sha256: Option<String>,
    /// Where it stood below the root; only where `files` says more about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    /// Whether a folder stood there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) folder: bool,
    /// Its files; empty where none of them would be kept anyway.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) files: Vec<File>,
}

/// Path below the root -> where the file is in the bundle, or why it is not there.
pub type Places = BTreeMap<String, Result<KeptFile, &'static str>>;

/// Where a bundle keeps a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// Its path in the bundle.
    pub path: String,
    /// Its length.
    pub bytes: u64,
}

/// One file of an artifact as the index has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Its path: relative to the artifact's folder, or to the root where the file is the artifact.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    /// Why the bundle has no copy of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) omitted: Option<Omitted>,
}

/// Why a file is left out.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Omitted {
    TooLarge,
    NotText,
    BundleFull,
}

impl Omitted {
    /// Behind "the bytes of v1 are not at hand".
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::TooLarge => "a bundle keeps no file over 256 KiB",
            Self::NotText => "a bundle keeps no file that is not UTF-8 text",
            Self::BundleFull => "a bundle keeps no more than 4 MiB of files",
        }
    }
}

/// A small file of a bundle.
pub struct Copy {
    /// Its path in the bundle.
    pub path: String,
    /// All of it.
    pub bytes: Vec<u8>,
}
