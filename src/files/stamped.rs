//! What the system says of a file without reading it, and when that tells its content from every other one.

use std::fs::Metadata;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::artifact::Stamp;

/// What was written later than this before a run, in nanoseconds, is not trusted.
const SETTLED: i64 = 2_000_000_000;

/// Nanoseconds since 1970.
pub(super) fn nanoseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    i64::try_from(since).unwrap_or(i64::MAX)
}

/// Whether a file was last touched long enough before `now`, on a system that tells its files apart. Else a second write in the
/// same tick of the clock could go unnoticed.
pub(super) fn is_settled(stamp: &Stamp, now: i64) -> bool {
    let limit = now.saturating_sub(SETTLED);
    stamp.trusted && stamp.inode != 0 && stamp.modified < limit && stamp.changed < limit
}

/// What the system says of the file at `path`.
pub(super) fn stamped(path: &Path, about: &Metadata) -> Stamp {
    Stamp { trusted: keeps_change_time(path, about), ..stamp(about) }
}

/// What the system says of a file without reading it.
fn stamp(about: &Metadata) -> Stamp {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;

        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Stamp {
            device: about.dev(),
            inode: about.ino(),
            bytes: about.len(),
            modified: nanoseconds(about.mtime(), about.mtime_nsec()),
            changed: nanoseconds(about.ctime(), about.ctime_nsec()),
            trusted: false,
        }
    }
    #[cfg(not(unix))]
    {
        let modified = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = modified.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
        Stamp { device: 0, inode: 0, bytes: about.len(), modified, changed: modified, trusted: false }
    }
}

/// Whether the file system of a file keeps a change time of its own that programs cannot set.
///
/// Images (squashfs, erofs, ISO) and many mounts of FUSE or of a network show the modification time instead, and
/// anything that is mounted read-only may be another image with the same times tomorrow. Known by what they are are the
/// file systems of local disks; of all others, two different times are the proof.
#[cfg(target_os = "linux")]
fn keeps_change_time(path: &Path, about: &Metadata) -> bool {
    use rustix::fs::{StatVfsMountFlags, statfs, statvfs};
    use std::os::unix::fs::MetadataExt as _;

    /// ext2 to ext4, XFS, btrfs, F2FS, tmpfs, ZFS, bcachefs.
    const LOCAL: [u32; 7] =
        [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x0102_1994, 0x2fc1_2fc1, 0xca45_1a4e];
    /// It passes on the times of what is below.
    const OVERLAY: u32 = 0x794c_7630;
    let (Ok(kind), Ok(mount)) = (statfs(path), statvfs(path)) else { return false };
    if mount.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return false;
    }
    let kind = kind.f_type as u32;
    let apart = (about.mtime(), about.mtime_nsec()) != (about.ctime(), about.ctime_nsec());
    LOCAL.contains(&kind) || (kind == OVERLAY && apart)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn keeps_change_time(_: &Path, about: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    (about.mtime(), about.mtime_nsec()) != (about.ctime(), about.ctime_nsec())
}

#[cfg(not(unix))]
fn keeps_change_time(_: &Path, _: &Metadata) -> bool {
    false
}
