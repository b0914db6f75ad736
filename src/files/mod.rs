//! The only reader and writer of files: the world on one side, the traits of the stages on the other.
//!
//! [`Worktree`], [`Commit`] and [`Bundle`] implement [`Tree`](crate::artifact::Tree), [`find`] says which of them a name means,
//! [`EvidenceFile`] implements [`Source`](crate::artifact::Source), [`Output`] writes sets of files without leaving half of
//! one, [`Ledger`] a file an event, [`StatCache`] remembers digests. Neither the clock nor the environment is read here.
#![allow(
    clippy::disallowed_methods,
    reason = "this module is where the files that are forbidden elsewhere are read and written"
)]

mod activity;
mod ahead;
mod bundle;
mod engine;
mod evidence;
mod expand;
mod fresh;
mod git;
mod hashing;
mod interrupt;
mod kept_look;
mod ledger;
mod listed;
mod listing;
mod logs;
mod manifest;
mod mistaken;
mod named;
mod openssl;
mod output;
mod ownership;
mod program;
mod replace;
mod shown;
mod ssh_keygen;
mod stamped;
mod stat_cache;
mod stat_cached;
mod survey;
mod text;
mod worktree;

pub use activity::{Activity, activity};
pub use bundle::Bundle;
pub use engine::{engine_text, run_typed};
pub use evidence::EvidenceFile;
pub use expand::expand_given;
pub use fresh::{create_file, create_folder, create_set};
pub use git::{
    Commit, CommitMakers, commits as git_commits, contents as git_contents, parse_git_reference, tags,
    user as git_user,
};
pub use hashing::Hashing;
pub use interrupt::end_in_the_middle;
pub use kept_look::KeptLook;
pub use ledger::{Appended, Ledger, Signer};
pub use listed::lock_of;
pub use listing::names_in;
pub use logs::{LogFile, logs};
pub use manifest::read_manifest;
pub use named::{Named, find, is_bundle, manifest_of};
pub use openssl::{is_signed_by, public_half, public_key, readable_by_all, signed_bytes};
pub use output::Output;
pub use ownership::{Made, in_git_folder, is_part, is_recognised, is_unwritten, named_relgate, withdraw};
pub use replace::{StagedFiles, replace_file, replace_files, scratch};
pub use ssh_keygen::{
    NAMESPACE, WAIVER_NAMESPACE, sign_approval, sign_waiver, verify_approval, verify_waiver,
};
pub use stat_cache::StatCache;
pub use stat_cached::stat_cached;
pub use survey::{Survey, SurveyedFile, survey};
pub use text::read_text;
pub use worktree::{Worktree, inside};
