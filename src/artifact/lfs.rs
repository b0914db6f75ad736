//! Recognizes pointer files of Git LFS, git-annex and Xet: the few bytes that stand where a model should be.

use super::tree::{Tree, read_all};
use crate::manifest::Digest;

/// How pointer files of Git LFS start (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>); the later ones
/// are from before it had its name.
const LFS: [&[u8]; 3] = [
    b"version https://git-lfs.github.com/spec/v1",
    b"version https://hawser.github.com/spec/v1",
    b"version http://git-media.io/v/2",
];
/// What git-annex leaves for a file that is unlocked and was not fetched.
const ANNEX: &[u8] = b"/annex/objects/";
/// How a pointer of Xet starts.
const XET: &[u8] = b"# xet version ";
/// A pointer file is shorter than this by its specification.
pub(super) const MOST: u64 = 1024;

/// What a pointer file stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    /// The length of the real file, where the pointer says it.
    pub(super) size: Option<u64>,
    /// The digest of the real file, where the pointer says it.
    pub(super) digest: Option<Digest>,
    /// Which tool keeps the real file.
    pub(super) keeper: Keeper,
}

/// Who keeps a file outside git.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeper {
    Lfs,
    Annex,
    Xet,
}

impl Keeper {
    /// Its name.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Lfs => "Git LFS",
            Self::Annex => "git-annex",
            Self::Xet => "Git Xet",
        }
    }

    /// How the file is fetched.
    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Lfs => "run `git lfs pull`; in GitHub Actions give `actions/checkout` the line `lfs: true`",
            Self::Annex => "run `git annex get` (DataLad: `datalad get`)",
            Self::Xet => "run `git xet checkout`, or download the file from the hub",
        }
    }
}

/// Whether the bytes in `tree` at a path (as for [`Tree::open`]) are only a pointer to those of the file.
#[must_use]
pub fn stands_for_another(tree: &dyn Tree, path: &str) -> bool {
    let bytes = read_all(tree, path, MOST).ok().flatten();
    bytes.is_some_and(|bytes| pointer(&bytes).is_some())
}

/// The pointer that the whole bytes of a file are, if they are one.
pub(super) fn pointer(bytes: &[u8]) -> Option<Pointer> {
    if bytes.len() as u64 > MOST {
        return None;
    }
    if bytes.starts_with(ANNEX) || bytes.starts_with(b"/annex/objects\\") {
        return Some(annex(std::str::from_utf8(bytes).unwrap_or("")));
    }
    if bytes.starts_with(XET) {
        return Some(Pointer { size: None, digest: None, keeper: Keeper::Xet });
    }
    if !LFS.iter().any(|start| bytes.starts_with(start)) {
        return None;
    }
    let text = std::str::from_utf8(bytes).unwrap_or("");
    // A key that stands twice says nothing.
    let value = |key: &str| {
        let mut values = text.lines().filter_map(|line| line.strip_prefix(key));
        values.next().filter(|_| values.next().is_none()).map(str::trim)
    };
    let digest = value("oid sha256:").and_then(Digest::from_hex);
    Some(Pointer { size: value("size ").and_then(|size| size.parse().ok()), digest, keeper: Keeper::Lfs })
}

/// What a key of git-annex says: `SHA256E-s5000000--<digest>.safetensors`; other kinds of keys name no SHA-256.
fn annex(text: &str) -> Pointer {
    let key = text.lines().next().unwrap_or("").rsplit(['/', '\\']).next().unwrap_or("");
    let (about, name) = key.split_once("--").unwrap_or((key, ""));
    let size = about.split('-').find_map(|part| part.strip_prefix('s')?.parse().ok());
    let sha256 = about.starts_with("SHA256-") || about.starts_with("SHA256E-");
    let digest = name.get(..64).filter(|_| sha256).and_then(Digest::from_hex);
    Pointer { size, digest, keeper: Keeper::Annex }
}

#[cfg(test)]
mod tests {
    use super::{Keeper, pointer};

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

    #[test]
    fn every_tool_that_keeps_files_elsewhere_is_known() {
        let hex = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        for (text, keeper, size, named) in [
            (format!("/annex/objects/SHA256E-s5000000--{hex}.bin\n"), Keeper::Annex, Some(5_000_000), true),
            (format!("/annex/objects/SHA256-s12--{hex}\n"), Keeper::Annex, Some(12), true),
            (
                "/annex/objects/MD5E-s7--d41d8cd98f00b204e9800998ecf8427e.csv\n".to_owned(),
                Keeper::Annex,
                Some(7),
                false,
            ),
            (
                format!("version https://hawser.github.com/spec/v1\noid sha256:{hex}\nsize 9\n"),
                Keeper::Lfs,
                Some(9),
                true,
            ),
            ("version http://git-media.io/v/2\noid md5:1\n".to_owned(), Keeper::Lfs, None, false),
            ("# xet version 0\nfilesize = 3\n".to_owned(), Keeper::Xet, None, false),
        ] {
            let found = pointer(text.as_bytes()).unwrap();
            assert_eq!((found.keeper, found.size, found.digest.is_some()), (keeper, size, named), "{text}");
        }
        assert_eq!(pointer(b"see /annex/objects/ for more"), None);
    }
}
