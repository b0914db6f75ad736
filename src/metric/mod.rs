//! ESTIMATED: samples folded into numbers, numbers into estimates with limits and p-values.
//!
//! `names` and `bind` resolve what a gate is about (`meant` says what was meant where nothing answers), `plan` says which fields that takes, `table` is the sink that
//! keeps them. A measure (`measures`) makes a quantity of a gate's values: it can be estimated, whatever is asked of it,
//! and tested against a claim (`quantity`); `assess` does both. Outcomes, enforcement and wording come later.

mod answers;
mod assess;
mod beside;
mod bind;
mod bound;
mod cap;
mod cases;
pub mod catalog;
mod clusters;
mod column;
mod compared;
mod counts;
mod demand;
pub(crate) mod doubts;
mod estimate;
mod fact;
mod failing;
mod gather;
mod label;
mod labelled;
mod meaning;
mod meant;
mod measure;
mod measures;
mod names;
mod needed;
mod numbers;
mod operating;
mod overlap;
mod pairs;
mod people;
mod plan;
mod quantity;
mod raters;
mod reasons;
mod redefined;
mod reference_rows;
mod references;
mod repeats;
mod rerun;
mod resampled;
mod row;
mod selection;
mod settings;
mod side;
mod spread;
mod stated;
mod stripped;
mod student;
mod table;
mod threshold;
mod told;
mod two_limits;
mod unmeasured;
mod value_kind;
mod values;
mod weighing;

pub use answers::{ReferenceOf, Scorer, TextFields, TextScore};
pub use assess::{assess, compare, level_of};
pub use bind::{bind, bind_those};
pub use bound::{Bound, Change};
pub use cases::{BadCase, BadCases, WrittenId, bad_cases, written_ids};
pub use counts::{Counter, Texts};
pub use estimate::{
    Assessment, Assumed, Assumptions, Estimate, LargestCluster, Levels, LimitsAt, Method, Shortfall,
};
pub use failing::{MOST_FAILING, failing};
pub use gather::{Gathered, Input, gather, gather_and_digest};
pub use label::{Label, MOST_LABELS};
pub use labelled::{Uneven, uneven};
pub use measure::{LoadedFile, Measure, MeasureKind, Truth};
pub use names::{Offer, split_quantile};
pub use needed::{Needed, POWER};
pub use operating::{Chance, Operating};
pub use overlap::{Overlap, overlap};
pub use people::{Duel, Preference, Unfolding};
pub use plan::{Need, NumberField, NumberKind, Plan, RowsAs};
pub use reasons::{Reasons, ToldReasons};
pub use reference_rows::{ReferenceRows, references_by_id, references_by_line};
pub use references::References;
pub use row::id_of;
pub use selection::{Selection, add_slices_of, select, select_like};
pub use settings::Settings;
pub use side::Side;
pub use spread::{SHARES, spread};
pub use stated::{assess_stated, check as check_stated, compare_stated};
pub(crate) use stripped::write_cell;
pub use stripped::{Stripping, strip};
pub use table::Table;
pub use told::{Beside, JudgeFigures, Rater, Rerun, Version};
pub use unmeasured::{Unreckoned, unmeasured};
