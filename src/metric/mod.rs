//! ESTIMATED: samples folded into numbers, numbers into estimates with limits and p-values.
//!
//! `names` and `bind` resolve what a gate is about, `plan` says which fields that takes, `table` is the sink that
//! keeps them, `assess` and `stated` choose the method. Deliberately absent: outcomes, enforcement, wording.

mod assess;
pub mod bind;
pub mod catalog;
mod column;
mod compare;
mod compare_stated;
mod estimate;
mod gather;
mod grouped;
mod label;
mod measured;
mod names;
mod needed;
mod pairs;
mod plan;
mod row;
mod stated;
mod table;
mod threshold;

pub use bind::{Bound, Change, Measure, bind};
pub use compare::{Overlap, Side, compare, overlap};
pub use compare_stated::compare_stated;
pub use estimate::{Assessment, Estimate, Levels, Method, Shortfall};
pub use gather::{Input, gather};
pub use label::Label;
pub use measured::{Data, Measured, Selection, Settings, assess, measure, select};
pub use names::Offer;
pub use needed::{Needed, POWER};
pub use plan::Plan;
pub use stated::check as check_stated;
pub use table::Table;
