//! The files of one evidence entry, wherever they are: in the working tree or in a git commit.

use std::collections::BTreeSet;
use std::path::Path;

use crate::artifact::reason;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::evidence::{self, Catalog, Compression, Declared, Depth, Identity, Source};
use crate::files::{EvidenceFile, Located, TreeFile, digest_all, digest_tree_files};
use crate::manifest::{Condition, Digest};
use crate::metric::{self, Bound, Input};

/// Where the files of an entry are.
pub(super) enum Places {
    /// In the file system.
    Files(Vec<Located>),
    /// In a commit.
    Tree(Vec<TreeFile>),
}

/// One evidence entry, opened.
pub(super) struct Opened {
    /// Its name in the manifest.
    pub(super) name: String,
    /// Its files with what the first rows show.
    pub(super) files: Vec<(Box<dyn Source>, Catalog)>,
    places: Places,
    watched: Vec<EvidenceFile>,
    declared: Declared,
}

impl Opened {
    /// Opens the files and looks at their first rows.
    pub(super) fn open(name: &str, places: Places, declared: Declared) -> Result<Self, Diagnostics> {
        let mut files: Vec<(Box<dyn Source>, Catalog)> = Vec::new();
        let mut watched = Vec::new();
        match &places {
            Places::Files(located) => {
                for one in located {
                    let file = one.open()?;
                    let catalog = evidence::probe_as(&file, Depth::Head, &declared)?;
                    watched.push(one.open()?);
                    files.push((Box::new(file), catalog));
                }
            }
            Places::Tree(tree) => {
                for one in tree {
                    let file = one.open()?;
                    let catalog = evidence::probe_as(&file, Depth::Head, &declared)?;
                    files.push((Box::new(file), catalog));
                }
            }
        }
        Ok(Self { name: name.to_owned(), files, places, watched, declared })
    }

    /// Where its files stand in the working tree.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let files: &[Located] = match &self.places {
            Places::Files(located) => located,
            Places::Tree(_) => &[],
        };
        files.iter().map(Located::path)
    }

    /// The bytes of its files with the ending that says what they are; for aggregates, which are small.
    pub(super) fn copies(&self) -> Result<Vec<(String, Vec<u8>)>, Diagnostic> {
        self.files.iter().map(|(file, catalog)| copy(file.as_ref(), catalog)).collect()
    }

    /// Looks at all rows, where the first did not show everything.
    pub(super) fn look_at_all(&mut self) -> Result<(), Diagnostics> {
        for (file, catalog) in self.files.iter_mut().filter(|(_, catalog)| !catalog.whole) {
            *catalog = evidence::probe_as(file.as_ref(), Depth::Whole, &self.declared)?;
        }
        Ok(())
    }

    /// Whether some rows were not looked at.
    pub(super) fn is_partial(&self) -> bool {
        self.files.iter().any(|(_, catalog)| !catalog.whole)
    }

    /// The digest of the entry's bytes.
    pub(super) fn digest(&self) -> Result<Digest, Diagnostic> {
        match &self.places {
            Places::Files(located) => digest_all(located),
            Places::Tree(files) => digest_tree_files(files),
        }
    }

    /// A file that changed while it was read has told two stories.
    pub(super) fn check_lengths(&self) -> Result<(), Diagnostic> {
        self.watched.iter().try_for_each(EvidenceFile::check_length)
    }

    /// The ids of cases that failed one of the rates among `bounds`; none where they are too many.
    ///
    /// # Errors
    /// Damaged results.
    pub(super) fn failing(
        &self,
        conditions: &[Condition],
        bounds: &[&Bound],
    ) -> Result<Option<BTreeSet<String>>, Diagnostics> {
        let sampled = || self.files.iter().filter(|(_, catalog)| catalog.format.has_samples());
        let inputs: Vec<Input<'_>> = sampled()
            .map(|(file, catalog)| Input {
                source: file.as_ref(),
                format: catalog.format,
                compression: catalog.compression,
                paths: &catalog.paths,
            })
            .collect();
        let text = sampled().any(|(_, catalog)| catalog.format.labels_are_text());
        metric::failing(&inputs, conditions, text, bounds)
    }

    /// What each file says about itself: one that was made with other artifacts must not hide behind the others.
    pub(super) fn identities(&self) -> Vec<Identity> {
        self.files.iter().map(|(_, catalog)| catalog.identity.clone()).collect()
    }
}

fn copy(file: &dyn Source, catalog: &Catalog) -> Result<(String, Vec<u8>), Diagnostic> {
    let refuse = |why: &str| {
        Diagnostic::error(
            Code::Unreadable,
            format!("`{}` cannot be copied into the bundle: {why}", file.name()),
        )
        .in_file(file.name())
        .help("run relgate again once the file stands still")
    };
    let length = usize::try_from(file.len()).map_err(|_| refuse("it is too large"))?;
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(filled as u64, rest) {
            Ok(0) => return Err(refuse("it became shorter")),
            Ok(count) => filled += count,
            Err(error) => return Err(refuse(&reason(&error))),
        }
    }
    let yaml = [".yaml", ".yml"].iter().any(|ending| file.name().to_lowercase().contains(ending));
    let packed = match catalog.compression {
        Compression::None => "",
        Compression::Gzip => ".gz",
        Compression::Zstd => ".zst",
    };
    Ok((format!("{}{packed}", if yaml { "yaml" } else { "json" }), bytes))
}
