//! What the tools that send requests have in common: how many failed, and what a request without a name is called.
//!
//! `failure_rate` is stated over all requests that a tool counts: its rows of failed requests have no latency, so only this
//! number fails a release for them. Where every request failed, latencies are those of errors and are left out.

use std::hash::Hasher as _;
use std::io::Read as _;

use siphasher::sip::SipHasher13;

use super::stated::{Figure, Measured};
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::blocks::unreadable;
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling};

/// The longest summary that a tool prints; theirs are a few kilobytes.
const LONGEST: u64 = 1 << 20;

/// Numbers that a tool states of one run, under names that begin alike.
pub(super) struct Summary<'o> {
    /// Takes them.
    pub(super) out: &'o mut Retelling,
    /// What their names begin with; nothing where there is one run.
    pub(super) before: String,
    /// Where they stand.
    pub(super) line: u64,
}

impl Summary<'_> {
    /// States that so many of the requests failed; whether one did not, so that latencies say something.
    ///
    /// # Errors
    /// There was no request, or more failed than there were.
    pub(super) fn failures(&mut self, failed: u64, requests: u64) -> Result<bool, Halt> {
        if requests == 0 {
            return Err(no_answer(self.out.file(), "it counts no request"));
        }
        if failed > requests {
            let text = format!("it counts {failed} failures among {requests} requests");
            return Err(self.out.contradiction(&text));
        }
        let measured = Measured::Events { events: failed, n: requests };
        self.out.aggregate(&format!("{}failure_rate", self.before), self.line, measured)?;
        Ok(failed < requests)
    }

    /// States a number as the tool printed it; text that is no finite number (`N/A`, `NaN`) states nothing.
    ///
    /// # Errors
    /// It is stated already.
    pub(super) fn point(&mut self, name: &str, text: &str) -> Result<(), Halt> {
        let Some(value) = text.parse().ok().filter(|value: &f64| value.is_finite()) else { return Ok(()) };
        let figure = Figure { value, text: text.to_owned() };
        self.out.aggregate(&format!("{}{name}", self.before), self.line, Measured::Point(figure))
    }

    /// States a number of a JSON document.
    ///
    /// # Errors
    /// It is stated already.
    pub(super) fn json(&mut self, name: &str, value: &Json<'_>) -> Result<(), Halt> {
        if let Json::Number(text) = value { self.point(name, text) } else { Ok(()) }
    }

    /// Tells that the latencies which are stated are those of failed requests, too.
    pub(super) fn mixed(&mut self, failed: u64) {
        if failed > 0 {
            let text = "the latencies that this file states are those of failed requests, too";
            self.out.doubt(
                Diagnostic::warning(Code::FailuresInFigures, text)
                    .help("judge `failure rate` beside them: a server that fails quickly looks quick"),
            );
        }
    }
}

/// The finding that no request of a file was answered.
pub(super) fn no_answer(file: &str, what: &str) -> Halt {
    Diagnostic::error(Code::EmptyEvidence, format!("nothing was measured here: {what}"))
        .in_file(file)
        .help("find out why nothing answered, and measure again; nothing can be judged from it")
        .into()
}

/// What tells the requests of this run from those of others, which are never the same cases: a digest of how its file begins.
///
/// # Errors
/// The file cannot be read.
pub(super) fn run_mark(file: &ForeignFile<'_>) -> Result<String, Halt> {
    let mut hasher = SipHasher13::new();
    hasher.write(&file.first_bytes()?);
    Ok(format!("{:08x}", hasher.finish() >> 32))
}

/// The text of a summary.
///
/// # Errors
/// It cannot be read, is no UTF-8, or longer than any tool prints.
pub(super) fn text(file: &ForeignFile<'_>, out: &Retelling) -> Result<String, Halt> {
    let mut bytes = Vec::new();
    let read = file.text().take(LONGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(file.name(), &error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(out.unlike("this summary is longer than any that the tool prints"));
    }
    String::from_utf8(bytes).map_err(|_| out.unlike("this summary is not UTF-8 text"))
}

/// The finding that a summary ends before its end.
pub(super) fn cut_off(file: &str, what: &str) -> Halt {
    Diagnostic::error(Code::CutOff, format!("this file is cut off: {what}"))
        .in_file(file)
        .help("let the tool write the file again; evidence that is not whole is never judged")
        .into()
}
