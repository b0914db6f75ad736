//! The checksum of a report: whoever edits a saved one by hand does not go unnoticed. It keeps nobody out who means to deceive.

use super::report::Report;
use crate::artifact::digest_bytes;

impl Report {
    /// The same report with the checksum of its content.
    #[must_use]
    pub fn sealed(&self) -> Self {
        let checksum = self.content_checksum();
        Self { checksum, ..self.clone() }
    }

    /// SHA-256, in hexadecimal digits, of the report as JSON without white space, keys in the order of the fields, `checksum` empty.
    #[must_use]
    pub fn content_checksum(&self) -> String {
        // Serialising structs of strings and numbers cannot fail.
        let of = |open: &Self| digest_bytes(&serde_json::to_vec(open).unwrap_or_default()).hex().to_owned();
        // A large report is not copied for nothing.
        if self.checksum.is_empty() {
            of(self)
        } else {
            of(&Self { checksum: String::new(), ..self.clone() })
        }
    }
}
