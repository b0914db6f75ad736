//! What benchmarks share: the binary, folders that are made once, and a generator that every machine agrees on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) fn relgate(folder: &Path, arguments: &[&str]) -> bool {
    let output = Command::new(env!("CARGO_BIN_EXE_relgate"))
        .current_dir(folder)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .status()
        .unwrap();
    output.code().is_some_and(|code| code != 2)
}

pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-data").join(name)
}

/// Makes a folder once: a half-made one is made anew.
pub(crate) fn made(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let folder = data(name);
    if !folder.join("release.yaml").exists() {
        fs::create_dir_all(&folder).unwrap();
        make(&folder);
    }
    folder
}

/// A small generator (Steele, Lea and Flood 2014), so that every machine makes the same bytes.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> usize {
        usize::try_from(self.next() % limit).unwrap()
    }

    pub(crate) fn text(&mut self) -> String {
        const WORDS: [&str; 12] = [
            "refund", "order", "the", "within", "thirty", "days", "of", "delivery", "your", "account", "and",
            "shipping",
        ];
        let mut text = String::new();
        while text.len() < 320 {
            text.push_str(WORDS[self.below(12)]);
            text.push(' ');
        }
        text
    }
}
