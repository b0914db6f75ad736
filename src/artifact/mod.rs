//! PINNED: every declared artifact hashed, so that a release names bytes and not intentions.
//!
//! [`pin`] looks at each artifact through [`Tree`], hashes what is there and compares it with what was
//! declared; [`Pinned`] answers later questions by key and by digest; [`lock`] writes it
//! down and compares. Every way in which an artifact is not
//! what it should be is a finding, all of them in one go. `files` implements [`Tree`].

mod checkout;
mod digest;
mod findings;
mod fold;
mod imports;
mod lfs;
pub mod lock;
mod pin;
mod pinned;
mod replaced;
mod shards;
mod source;
mod spelling;
mod stamp;
mod text;
mod tree;

pub use checkout::as_checked_out;
pub use digest::{DigestWriter, Digesting, digest_bytes, digest_reader, digest_tree, digest_values};
pub use imports::cross_check;
pub use lfs::stands_for_another;
pub use lock::{Hub, hub};
pub use pin::pin;
pub use pinned::{Pinned, PinnedArtifact, PinnedContent, PinnedFile};
pub use replaced::{Replaced, replaced};
pub use source::{ResultsFile, Source, digest_files, digest_of, digest_source, reason};
pub use stamp::{Stamp, Sum};
pub use text::{Text, decode};
pub use tree::{
    Checkout, Found, ListedFile, Listing, NamedText, Remembered, Standing, Tree, Trouble, is_repository,
    join, read_all, resolve,
};
