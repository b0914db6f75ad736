//! A file of another tool, and what reads it.

use std::io::Read;

use super::halt::Halt;
use super::logged::Logged;
use super::retelling::Retelling;
use super::standing::Standing;
use crate::evidence::blocks::unreadable;
use crate::evidence::source::{Compression, Source};
use crate::evidence::unpack::{self, first_bytes, text_of};

/// Reads a file of another tool.
pub(in crate::evidence) type Retell = fn(&ForeignFile<'_>, &mut Retelling) -> Result<(), Halt>;

/// A file of another tool.
pub(in crate::evidence) struct ForeignFile<'s> {
    /// Its bytes.
    pub(in crate::evidence) source: &'s dyn Source,
    /// How it is packed.
    pub(in crate::evidence) compression: Compression,
    /// Where its reader stands.
    pub(in crate::evidence) standing: Standing,
    /// How it is read where it is a log of production.
    pub(in crate::evidence) logged: Option<Logged>,
}

impl<'s> ForeignFile<'s> {
    /// What messages call it.
    pub(in crate::evidence) fn name(&self) -> &'s str {
        self.source.name()
    }

    /// Its first bytes, for the look at its head.
    ///
    /// # Errors
    /// It cannot be read.
    pub(in crate::evidence) fn first_bytes(&self) -> Result<Vec<u8>, Halt> {
        let bytes = first_bytes(self.source, self.compression);
        Ok(text_of(&bytes.map_err(|error| unreadable(self.name(), &error))?).to_vec())
    }

    /// Its text from the front.
    pub(in crate::evidence) fn text(&self) -> Box<dyn Read + Send + 's> {
        let text = unpack::open(self.source, self.compression);
        match &self.logged {
            Some(logged) => logged.text(text),
            None => text,
        }
    }
}
