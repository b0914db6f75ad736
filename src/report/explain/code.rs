//! A finding's code, with an example and the cure.

use crate::diagnostic::Code;
use crate::report::page::{Screen, push_wrapped};

/// What the code means, what brings it about, and what to do.
#[must_use]
pub fn code(code: Code, screen: Screen) -> String {
    let width = screen.columns();
    let mut out = format!("{code}\n\n");
    push_wrapped(&mut out, "  ", code.doc(), width);
    if let Some(example) = code.example() {
        out.push('\n');
        push_wrapped(&mut out, "  example  ", example.cause, width);
        push_wrapped(&mut out, "  instead  ", example.cure, width);
    }
    out
}
