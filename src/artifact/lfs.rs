//! Recognizes Git LFS pointer files: the 130 bytes that stand where a model should be.

use crate::manifest::Digest;

/// How every pointer file starts (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>).
const START: &[u8] = b"version https://git-lfs.github.com/spec/v1";
/// A pointer file is shorter than this by its specification.
pub(super) const MOST: u64 = 1024;

/// What a pointer file stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    /// The length of the real file, where the pointer says it.
    pub(super) size: Option<u64>,
    /// The digest of the real file, where the pointer says it.
    pub(super) digest: Option<Digest>,
}

/// The pointer that the whole bytes of a file are, if they are one.
pub(super) fn pointer(bytes: &[u8]) -> Option<Pointer> {
    if bytes.len() as u64 > MOST || !bytes.starts_with(START) {
        return None;
    }
    let text = std::str::from_utf8(bytes).unwrap_or("");
    // A key that stands twice says nothing.
    let value = |key: &str| {
        let mut values = text.lines().filter_map(|line| line.strip_prefix(key));
        values.next().filter(|_| values.next().is_none()).map(str::trim)
    };
    let digest = value("oid sha256:").and_then(Digest::from_hex);
    Some(Pointer { size: value("size ").and_then(|size| size.parse().ok()), digest })
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn only_a_whole_pointer_names_a_file() {
        let hex = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        let text = |rest: &str| format!("version https://git-lfs.github.com/spec/v1\n{rest}");
        let whole = pointer(text(&format!("oid sha256:{hex}\nsize 12345\n")).as_bytes()).unwrap();
        assert_eq!((whole.size, whole.digest.unwrap().hex()), (Some(12345), hex));
        for (rest, size) in [
            (format!("oid sha256:{}\nsize 9\n", hex.to_uppercase()), Some(9)),
            ("oid sha256:1\nsize 9\n".to_owned(), Some(9)),
            (format!("oid md5:{hex}\nsize 9\n"), Some(9)),
            (format!("oid sha256:{hex}\noid sha256:{hex}\nsize -1\n"), None),
        ] {
            let found = pointer(text(&rest).as_bytes()).unwrap();
            assert_eq!((found.digest, found.size), (None, size), "{rest}");
        }
        assert_eq!(pointer(text(&"x".repeat(2000)).as_bytes()), None);
        assert_eq!(pointer(b"oid sha256:1\n"), None);
    }
}
