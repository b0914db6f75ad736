//! ESTIMATED: samples folded into numbers, numbers into estimates with limits and p-values.
//!
//! `names` and `bind` resolve what a gate is about, `plan` says which fields that takes, `table` is the sink that
//! keeps them, `assess` and `stated` choose the method. Deliberately absent: outcomes, enforcement, wording.

mod assess;
mod bind;
mod bound;
pub mod catalog;
mod column;
mod compare;
mod compare_stated;
mod demand;
mod estimate;
mod failing;
mod gather;
mod grouped;
mod label;
mod measured;
mod names;
mod needed;
mod pairs;
mod plan;
mod redefined;
mod row;
mod stated;
mod table;
mod threshold;

pub use bind::bind;
pub use bound::{Bound, Change, Measure};
pub use compare::{Overlap, compare, overlap};
pub use compare_stated::compare_stated;
pub use estimate::{Assessment, Estimate, Levels, Method, Shortfall};
pub use failing::{MOST_FAILING, failing};
pub use gather::{Input, gather};
pub use label::{Label, MOST_LABELS};
pub use measured::{Data, Measured, Selection, Settings, add_slices_of, measure, select, select_like};
pub use names::Offer;
pub use needed::{Needed, POWER};
pub use pairs::Side;
pub use plan::Plan;
pub use stated::check as check_stated;
pub use table::Table;

/// Assesses what was measured against the gate's threshold.
#[must_use]
pub fn assess(bound: &Bound, measured: &Measured, settings: &Settings) -> Assessment {
    match &measured.data {
        Data::Stated(stated) => stated::assess(bound, stated, settings),
        Data::Grouped(grouped) => grouped::assess(bound, measured, grouped, settings),
        _ => assess::assess(bound, measured, settings),
    }
}
