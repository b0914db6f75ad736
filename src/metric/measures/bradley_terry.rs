//! The chance of one version to be preferred to another, by the strengths of all versions that were compared.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::manifest::{Direction, MetricKind};
use crate::metric::estimate::{Assumed, Assumptions, Method, Shortfall};
use crate::metric::label::{Label, Labels};
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind};
use crate::metric::pairs::Taken;
use crate::metric::people::Duel;
use crate::metric::quantity::{Claim, Quantity};
use crate::metric::told::{Beside, Version};
use crate::metric::values::{Range, Values};
use crate::stats::preference::{Contest, Strengths, Unranked, chance, strengths};
use crate::stats::{Bounds, SampleMean, Tails};

#[derive(Debug)]
struct Ranked {
    duel: Duel,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    if meaning.declared() != Some(MetricKind::BradleyTerry) {
        return None;
    }
    let (winner, people) = (meaning.ratings()?, &meaning.found.spec?.people);
    // The manifest reader asks for two of each.
    let [one, other] = people.sides.as_slice() else { return None };
    let [ours, theirs] = people.between.as_slice() else { return None };
    let duel = Duel {
        winner,
        sides: [one.value.clone(), other.value.clone()],
        between: [ours.value.clone(), theirs.value.clone()],
    };
    Some(meaning.is_plain_level().map(|()| Arc::new(Ranked { duel }) as _))
}

impl Measure for Ranked {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Strength
    }

    fn labels(&self) -> Vec<&str> {
        self.duel.fields().to_vec()
    }

    fn duel(&self) -> Option<&Duel> {
        Some(&self.duel)
    }

    fn case_field(&self) -> Option<&str> {
        None
    }

    fn own_range(&self) -> Option<Range> {
        Some((Some(0.0), Some(1.0)))
    }

    fn own_direction(&self) -> Option<Direction> {
        Some(Direction::Higher)
    }

    fn usual_method(&self) -> Method {
        Method::BradleyTerry
    }

    fn taken(&self, _scale: f64) -> Taken<'_> {
        Taken::Labels { names: self.labels() }
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        Answer::of(Some(self.fitted(values)))
    }
}

impl Ranked {
    fn fitted(&self, values: &Values<'_>) -> Preferred {
        let table = values.side.table;
        let [winner, one, other] = self.duel.fields().map(|field| table.labels(field));
        let name = |labels: Option<&Labels>, row: usize| {
            labels?.get(row).filter(|label| **label != Label::None).map(Label::to_string)
        };
        let mut games: Vec<(String, String, f64, u64)> = Vec::new();
        for row in values.side.rows {
            let row = *row as usize;
            let names = name(one, row).zip(name(other, row)).zip(name(winner, row));
            let Some(((one, other), winner)) = names else { continue };
            if let Some(score) = Duel::score(&winner, &one, &other) {
                // Contests of one item, or of one declared cluster, are not independent.
                games.push((one, other, score, table.cluster(row).unwrap_or_else(|| table.id(row))));
            }
        }
        let mut versions: Vec<String> =
            games.iter().flat_map(|(one, other, ..)| [one.clone(), other.clone()]).collect();
        versions.sort_unstable();
        versions.dedup();
        let place = |name: &String| versions.partition_point(|other| other < name);
        let comparisons: Vec<Contest> = games
            .iter()
            .map(|(one, other, score, item)| Contest {
                one: place(one),
                other: place(other),
                score: *score,
                item: *item,
            })
            .collect();
        let mut items: Vec<u64> = comparisons.iter().map(|one| one.item).collect();
        items.sort_unstable();
        items.dedup();
        let (gaps, size) = (values.gaps() > 0, items.len() as u64);
        let named = |places: &[usize]| -> Vec<String> {
            places.iter().filter_map(|place| versions.get(*place).cloned()).collect()
        };
        let mut found = Preferred { difference: None, shortfall: None, size, beside: Beside::default() };
        match strengths(versions.len(), &comparisons) {
            Ok(fit) => {
                let [ours, theirs] = self.duel.between.each_ref().map(place);
                found.difference = fit.difference(ours, theirs);
                found.beside.versions = told(&fit, &versions, &comparisons, values.alpha());
                found.shortfall = match &found.difference {
                    _ if gaps => Some(Shortfall::MissingUnbounded),
                    Some(difference) if difference.variance > 0.0 && size >= LEAST_ITEMS => None,
                    _ => Some(Shortfall::TooFew),
                };
            }
            Err(Unranked::Disconnected(apart)) => {
                found.shortfall = Some(Shortfall::Disconnected);
                found.beside.apart = named(&apart);
            }
            Err(Unranked::Undefeated(apart)) => {
                found.shortfall = Some(Shortfall::Undefeated);
                found.beside.apart = named(&apart);
            }
            Err(Unranked::Nonsense) => found.shortfall = Some(Shortfall::TooFew),
        }
        found
    }
}

/// With fewer items than this the spread between them says too little.
const LEAST_ITEMS: u64 = 30;

/// Every version, the strongest first.
fn told(fit: &Strengths, versions: &[String], comparisons: &[Contest], alpha: f64) -> Vec<Version> {
    let mut told: Vec<Version> = versions
        .iter()
        .enumerate()
        .filter_map(|(place, name)| {
            let strength = fit.of(place)?;
            let bounds = strength.bounds(alpha).unwrap_or(Bounds::UNBOUNDED);
            let counted = comparisons.iter().filter(|one| one.one == place || one.other == place).count();
            Some(Version {
                name: name.clone(),
                strength: strength.value,
                lower: bounds.lower,
                upper: bounds.upper,
                comparisons: counted as u64,
            })
        })
        .collect();
    told.sort_by(|a, b| b.strength.total_cmp(&a.strength).then_with(|| a.name.cmp(&b.name)));
    told
}

/// The chance to be preferred, by a difference of strengths.
struct Preferred {
    difference: Option<SampleMean>,
    shortfall: Option<Shortfall>,
    /// Items that were compared.
    size: u64,
    beside: Beside,
}

impl Quantity for Preferred {
    fn method(&self) -> Method {
        Method::BradleyTerry
    }

    fn value(&self) -> Option<f64> {
        Some(chance(self.difference?.value))
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let usable = self.difference.filter(|_| self.shortfall.is_none());
        let bounds = usable.and_then(|difference| difference.bounds(alpha)).unwrap_or(Bounds::UNBOUNDED);
        Bounds { lower: bounds.lower.map(chance), upper: bounds.upper.map(chance) }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        let difference = self.difference.filter(|_| self.shortfall.is_none())?;
        let t = claim.t.clamp(1e-12, 1.0 - 1e-12);
        difference.tails((t / (1.0 - t)).ln())
    }

    fn assumptions(&self) -> Assumptions {
        Assumptions::both(Assumed { spread_seen: true, ..Assumed::default() })
    }

    fn shortfall(&self) -> Option<Shortfall> {
        self.shortfall
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn beside(&self) -> Beside {
        self.beside.clone()
    }
}
