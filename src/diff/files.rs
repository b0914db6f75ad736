//! The files of an artifact on both sides: which ones differ, which one became which, and their bytes.
//!
//! Bytes that are read again must still have the digest that they were pinned with.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::side::ReleaseSide;
use crate::artifact::{
    PinnedArtifact, PinnedContent, PinnedFile, Tree, Trouble, digest_bytes, join, read_all,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::Digest;

/// The largest file that is read into memory whole, in bytes; larger ones are streamed.
pub(super) const WHOLE: u64 = 8_000_000;

/// One file before and after; at least one side has it, and the two differ in bytes or name.
pub(super) struct FilePair<'a> {
    /// How outputs name it: its path in the artifact's folder, or the whole path of an artifact that is one file.
    pub(super) name: String,
    /// Its name before, where that was another one and the bytes are the same.
    pub(super) renamed_from: Option<String>,
    /// The file before.
    pub(super) before: Option<&'a PinnedFile>,
    /// The file after.
    pub(super) after: Option<&'a PinnedFile>,
}

/// The files of an artifact that differ, in the order of their names.
pub(super) fn changed<'a>(old: &'a PinnedArtifact, new: &'a PinnedArtifact) -> Vec<FilePair<'a>> {
    if let (PinnedContent::File(before), PinnedContent::File(after)) = (&old.content, &new.content) {
        // One file is the artifact, whatever it is called: a folder per version is common.
        if before.digest == after.digest {
            return Vec::new();
        }
        let name = after.path.clone();
        return vec![FilePair { name, renamed_from: None, before: Some(before), after: Some(after) }];
    }
    let (mut before, after) = (by_name(old), by_name(new));
    let mut pairs = Vec::new();
    let mut added = Vec::new();
    for (name, file) in after {
        match before.remove(name) {
            Some(old) if old.digest == file.digest => {}
            Some(old) => pairs.push(FilePair {
                name: name.to_owned(),
                renamed_from: None,
                before: Some(old),
                after: Some(file),
            }),
            None => added.push((name, file)),
        }
    }
    let mut gone: BTreeMap<&Digest, Vec<(&str, &PinnedFile)>> = BTreeMap::new();
    for (name, file) in before.into_iter().rev() {
        gone.entry(&file.digest).or_default().push((name, file));
    }
    for (name, file) in added {
        let old = gone.get_mut(&file.digest).and_then(Vec::pop);
        pairs.push(FilePair {
            name: name.to_owned(),
            renamed_from: old.map(|(name, _)| name.to_owned()),
            before: old.map(|(_, file)| file),
            after: Some(file),
        });
    }
    pairs.extend(gone.into_values().flatten().map(|(name, file)| FilePair {
        name: name.to_owned(),
        renamed_from: None,
        before: Some(file),
        after: None,
    }));
    pairs.sort_by(|a, b| a.name.cmp(&b.name));
    pairs
}

/// The files by their path in the folder; an artifact that is one file by its own name.
fn by_name(artifact: &PinnedArtifact) -> BTreeMap<&str, &PinnedFile> {
    let name = |file: &'_ PinnedFile| match artifact.content {
        PinnedContent::File(_) => file.path.rfind('/').map_or(0, |at| at + 1),
        _ => 0,
    };
    artifact.files().iter().map(|file| (file.path.get(name(file)..).unwrap_or(&file.path), file)).collect()
}

/// Why the bytes of `own`, one of the two artifacts, are not at hand where they differ; none where all such bytes are.
pub(super) fn absent(
    (old, new): (&PinnedArtifact, &PinnedArtifact),
    own: &PinnedArtifact,
    contents: &dyn Tree,
) -> Option<&'static str> {
    let same = |one: &PinnedFile, side: Option<&PinnedFile>| {
        side.is_some_and(|side| side.path == one.path && side.digest == one.digest)
    };
    let differing: Vec<FilePair<'_>> =
        changed(old, new).into_iter().filter(|file| file.renamed_from.is_none()).collect();
    let differs =
        |one: &&PinnedFile| differing.iter().any(|file| same(one, file.before) || same(one, file.after));
    own.files().iter().filter(differs).find_map(|file| contents.missing(&path(own, file)))
}

/// All bytes of a file, or nothing where it is larger than [`WHOLE`].
///
/// # Errors
/// It cannot be read, or no longer has the digest that it was pinned with.
pub(super) fn whole(
    (release, artifact): (&ReleaseSide<'_>, &PinnedArtifact),
    file: &PinnedFile,
) -> Result<Option<Vec<u8>>, Diagnostics> {
    if file.bytes > WHOLE {
        return Ok(None);
    }
    let path = path(artifact, file);
    let read = contents(release)
        .and_then(|contents| read_all(contents, &path, WHOLE))
        .and_then(|bytes| bytes.filter(|bytes| digest_bytes(bytes) == file.digest).ok_or(Trouble::Changed));
    read.map(Some).map_err(|trouble| refused(release, artifact, &path, &trouble))
}

/// A file of any size, read as a stream that must have the length it had when it was hashed.
///
/// # Errors
/// It cannot be opened.
pub(super) fn stream<'a>(contents: &'a dyn Tree, path: &str, bytes: u64) -> Result<Exact<'a>, Diagnostics> {
    match contents.open(path) {
        Ok(stream) => Ok(Exact { stream, left: bytes }),
        Err(trouble) => Err(trouble.finding(path).in_file(path).into()),
    }
}

/// A file of a known length.
pub(super) struct Exact<'a> {
    stream: Box<dyn Read + 'a>,
    left: u64,
}

impl Read for Exact<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buf)?;
        let changed = || io::Error::new(io::ErrorKind::InvalidData, "the file changed after it was hashed");
        self.left = self.left.checked_sub(read as u64).ok_or_else(changed)?;
        if read == 0 && self.left > 0 && !buf.is_empty() { Err(changed()) } else { Ok(read) }
    }
}

/// The path of a file relative to the root.
pub(super) fn path(artifact: &PinnedArtifact, file: &PinnedFile) -> String {
    match &artifact.content {
        PinnedContent::Folder { .. } => join(artifact.path.as_deref().unwrap_or_default(), &file.path),
        _ => file.path.clone(),
    }
}

fn contents<'a>(release: &ReleaseSide<'a>) -> Result<&'a dyn Tree, Trouble> {
    // Whoever asks has looked at `Pair::readable` first.
    release.contents.ok_or_else(|| Trouble::Unreadable { reason: "only its digest was kept".to_owned() })
}

fn refused(
    release: &ReleaseSide<'_>,
    artifact: &PinnedArtifact,
    path: &str,
    trouble: &Trouble,
) -> Diagnostics {
    let (name, version) = (&release.manifest.name.value, &release.manifest.version.value);
    let finding: Diagnostic = trouble.finding(path);
    finding.note(format!("it belongs to `{}` of {name} {version}", artifact.key())).into()
}
