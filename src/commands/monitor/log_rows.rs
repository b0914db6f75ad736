//! Rows of a file of a log, on their way to whoever counts them.

use crate::evidence::{Catalog, Compression, Format, Paths};
use crate::files::LogFile;

/// Rows of a file, and how they are read.
pub(super) struct Rows<'f> {
    pub(super) file: &'f LogFile,
    pub(super) format: Format,
    pub(super) compression: Compression,
    pub(super) paths: Paths,
}

impl<'f> Rows<'f> {
    pub(super) fn of((_, file, catalog): (f64, &'f LogFile, Catalog)) -> Self {
        let Catalog { format, compression, paths, .. } = catalog;
        Self { file, format, compression, paths }
    }
}
