//! Which rows of evidence count, by its `where:`.

use crate::evidence::ToolRun;
use crate::manifest::{Condition, Literal};

/// The runs of a file whose rows can meet the conditions.
pub(super) fn picked<'r>(
    runs: &'r [ToolRun],
    conditions: &'r [Condition],
) -> impl Iterator<Item = &'r ToolRun> {
    runs.iter().filter(|run| conditions.iter().all(|condition| meets(run, condition)))
}

fn meets(run: &ToolRun, condition: &Condition) -> bool {
    let Some(own) = run.select.get(&condition.field.value) else { return true };
    condition.any_of.iter().any(|literal| match literal {
        Literal::Text(text) | Literal::Number(text) => text == own,
        Literal::Bool(value) => own.eq_ignore_ascii_case(if *value { "true" } else { "false" }),
    })
}

/// Whether the same rows count.
pub(super) fn same_conditions(one: &[Condition], other: &[Condition]) -> bool {
    let same = |(a, b): (&Condition, &Condition)| a.field.value == b.field.value && a.any_of == b.any_of;
    one.len() == other.len() && one.iter().zip(other).all(same)
}
