//! How far raters agree beyond chance, over the items that two or more of them rated; limits by resampling those items.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::manifest::{Direction, MetricKind, Statistic};
use crate::metric::estimate::{Assumed, Assumptions, Method, Shortfall};
use crate::metric::label::Label;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind};
use crate::metric::pairs::Taken;
use crate::metric::people::RATER;
use crate::metric::plan::{NumberField, NumberKind};
use crate::metric::quantity::{Claim, Quantity};
use crate::metric::values::{Range, Values};
use crate::stats::agreement::{Agreement, KappaWeight, Rating, RatingLevel, Tally, Unfit};
use crate::stats::bootstrap::{self, Contrast, Counts, Refused, Replicates};
use crate::stats::{Bounds, Tails};

#[derive(Debug)]
struct Agreed {
    field: String,
    rater: String,
    statistic: Statistic,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    if meaning.declared() != Some(MetricKind::Agreement) {
        return None;
    }
    let field = meaning.ratings()?;
    Some(meaning.is_plain_level().map(|()| {
        let people = meaning.found.spec.map(|spec| &spec.people);
        let rater = people.and_then(|people| people.rater.as_ref());
        let rater = rater.map_or_else(|| RATER.to_owned(), |rater| rater.value.clone());
        let statistic = people.and_then(|people| people.statistic);
        let statistic = statistic.map_or(Statistic::KrippendorffNominal, |statistic| statistic.value);
        Arc::new(Agreed { field, rater, statistic }) as _
    }))
}

impl Measure for Agreed {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Agreement(self.statistic)
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        if self.statistic.is_of_names() {
            return Vec::new();
        }
        vec![NumberField { field: &self.field, kind: NumberKind::Rating }]
    }

    fn labels(&self) -> Vec<&str> {
        if self.statistic.is_of_names() { vec![&self.field] } else { Vec::new() }
    }

    fn case_field(&self) -> Option<&str> {
        None
    }

    fn own_range(&self) -> Option<Range> {
        Some((None, Some(1.0)))
    }

    fn own_direction(&self) -> Option<Direction> {
        Some(Direction::Higher)
    }

    fn usual_method(&self) -> Method {
        Method::ItemBootstrap
    }

    fn taken(&self, _scale: f64) -> Taken<'_> {
        if self.statistic.is_of_names() {
            return Taken::Labels { names: vec![&self.field, &self.rater] };
        }
        Taken::Field { name: &self.field, scale: 1.0 }
    }

    fn resamples(&self) -> bool {
        true
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        Answer::of(Some(self.resampled(values)))
    }
}

impl Agreed {
    fn resampled(&self, values: &Values<'_>) -> ResampledItems {
        let (items, places) = self.items(values);
        let tally = match Tally::new(statistic(self.statistic), &items, &places) {
            Ok(tally) => tally,
            Err(unfit) => return ResampledItems::nothing(unfit),
        };
        let of = |sums: &[f64]| tally.of(sums);
        let counts = Counts::new(tally.width(), tally.rows(), None, None);
        let asked = (bootstrap::RESAMPLES, values.alpha());
        // An item that somebody did not rate says nothing; a rating that errored may be the one that disagrees.
        let lost = values.gaps() > 0 && values.side.table.errored > 0;
        let replicates = counts.and_then(|counts| counts.resample(of, Contrast::Level, asked, values.seed()));
        let replicates = if lost { Err(Refused::Mismatch) } else { replicates };
        let value = tally.value();
        let shortfall = match &replicates {
            _ if value.is_none() => Some(Shortfall::AgreementUndefined),
            _ if lost => Some(Shortfall::MissingUnbounded),
            Ok(_) => None,
            Err(Refused::TooFew(_)) => Some(Shortfall::FewRatedTwice),
            Err(_) => Some(Shortfall::AgreementUndefined),
        };
        ResampledItems { value, replicates: replicates.ok(), shortfall, items: tally.items() as u64 }
    }

    /// The ratings of each item, and the different ratings in ascending order.
    fn items(&self, values: &Values<'_>) -> (Vec<Vec<Rating>>, Vec<f64>) {
        let side = values.side;
        let table = side.table;
        let (raters, names, column) =
            (table.labels(&self.rater), table.labels(&self.field), table.column(&self.field));
        let rating = |row: usize| match column.filter(|_| !self.statistic.is_of_names()) {
            Some(column) => column.get(row),
            None => {
                names?.get(row).filter(|name| **name != Label::None).and(names?.at(row)).map(|at| at as f64)
            }
        };
        let rater = |row: usize| raters?.get(row).filter(|name| **name != Label::None).and(raters?.at(row));
        let mut places: Vec<f64> = side.rows.iter().filter_map(|row| rating(*row as usize)).collect();
        places.sort_unstable_by(f64::total_cmp);
        places.dedup();
        let id = |row: &u32| table.id(*row as usize);
        let of_item = |rows: &[u32]| -> Vec<Rating> {
            let one = |row: &u32| {
                let row = *row as usize;
                let rating = rating(row)?;
                let place = places.partition_point(|other| *other < rating) as u32;
                Some(Rating { rater: rater(row)? as u32, place })
            };
            rows.iter().filter_map(one).collect()
        };
        let items = side.rows.chunk_by(|a, b| id(a) == id(b)).map(of_item).filter(|item| !item.is_empty());
        (items.collect(), places)
    }
}

fn statistic(statistic: Statistic) -> Agreement {
    match statistic {
        Statistic::KrippendorffNominal => Agreement::Krippendorff(RatingLevel::Nominal),
        Statistic::KrippendorffOrdinal => Agreement::Krippendorff(RatingLevel::Ordinal),
        Statistic::KrippendorffInterval => Agreement::Krippendorff(RatingLevel::Interval),
        Statistic::Cohen => Agreement::Cohen(KappaWeight::Same),
        Statistic::CohenLinear => Agreement::Cohen(KappaWeight::Linear),
        Statistic::CohenQuadratic => Agreement::Cohen(KappaWeight::Quadratic),
        Statistic::Fleiss => Agreement::Fleiss,
    }
}

/// A statistic of items, with those of its resamples.
struct ResampledItems {
    value: Option<f64>,
    replicates: Option<Replicates>,
    shortfall: Option<Shortfall>,
    /// Items with two ratings or more.
    items: u64,
}

impl ResampledItems {
    fn nothing(unfit: Unfit) -> Self {
        let shortfall = match unfit {
            Unfit::Raters(_) => Shortfall::NotTwoRaters,
            Unfit::Uneven => Shortfall::UnevenRatings,
            Unfit::TooManyPlaces(_) => Shortfall::TooManyRatings,
            Unfit::NoPairs => Shortfall::FewRatedTwice,
        };
        Self { value: None, replicates: None, shortfall: Some(shortfall), items: 0 }
    }
}

impl Quantity for ResampledItems {
    fn method(&self) -> Method {
        Method::ItemBootstrap
    }

    fn value(&self) -> Option<f64> {
        self.value
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let bounds = self.replicates.as_ref().and_then(|replicates| replicates.bounds(alpha));
        bounds.unwrap_or(Bounds::UNBOUNDED)
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        self.replicates.as_ref()?.tails(claim.t)
    }

    fn assumptions(&self) -> Assumptions {
        Assumptions::both(Assumed { spread_seen: true, ..Assumed::default() })
    }

    fn shortfall(&self) -> Option<Shortfall> {
        self.shortfall
    }

    fn size(&self) -> Option<u64> {
        Some(self.items)
    }
}
