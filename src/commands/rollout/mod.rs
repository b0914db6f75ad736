//! `relgate rollout` and `relgate rollback`: intent, engine, read back, applied, so that a run that is killed anywhere is finished
//! by the next.

mod back;
mod context;
mod done;
mod engines;
mod foreseen;
mod hotfix;
mod next;
mod people;
mod rendered;
mod restore;
mod start;
mod status;

use std::io;

pub(super) use self::back::run as rollback;
use self::done::tell;
use super::console::Console;
use crate::cli::{RolloutAct, RolloutArgs};
use crate::diagnostic::Sources;
use crate::report::Exit;

/// Does what was asked.
pub(super) fn run(args: &RolloutArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut sources = Sources::new();
    let sources_of = &mut sources;
    let (done, of) = match &args.act {
        None => (status::told(&args.of, sources_of), &args.of),
        Some(RolloutAct::Plan { of, stable_rate, render, image }) => {
            let rendered =
                render.as_deref().map_or(Ok(()), |path| rendered::write(of, path, image, sources_of));
            (rendered.and_then(|()| foreseen::plan(of, *stable_rate, sources_of)), of)
        }
        Some(RolloutAct::Start { of, engine, attestation, again, reason }) => {
            let again = reason.as_deref().filter(|_| *again);
            (start::start(of, engine, attestation, again, sources_of), of)
        }
        Some(RolloutAct::Next { of, engine, anyway, by, reason }) => {
            let overruled = by.as_deref().zip(reason.as_deref()).filter(|_| *anyway);
            (next::next(of, engine, overruled, sources_of), of)
        }
        Some(RolloutAct::Approve { of, person, key }) => {
            (people::approve(of, person, key.as_deref(), sources_of), of)
        }
        Some(RolloutAct::Hold { of, person }) => (people::hold(of, person, sources_of), of),
    };
    tell(done, &sources, (args.format, of.quiet), console)
}
