//! Recognizes Git LFS pointer files: the 130 bytes that stand where a model should be.

/// How every pointer file starts (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>).
const START: &[u8] = b"version https://git-lfs.github.com/spec/v1";
/// A pointer file is shorter than this by its specification.
const MOST: u64 = 1024;

/// What a pointer file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pointer {
    /// The length of the real file, where the pointer says it.
    pub(super) size: Option<u64>,
}

/// The pointer that a file of `bytes` bytes starting with `block` is, if it is one.
pub(super) fn pointer(block: &[u8], bytes: u64) -> Option<Pointer> {
    if bytes > MOST || !block.starts_with(START) {
        return None;
    }
    let text = std::str::from_utf8(block).unwrap_or("");
    let size =
        text.lines().find_map(|line| line.strip_prefix("size ")).and_then(|size| size.trim().parse().ok());
    Some(Pointer { size })
}
