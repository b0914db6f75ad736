//! How far raters agree beyond chance: kappas and Krippendorff's alpha, as statistics of sums over items.
//!
//! Every item adds a row of numbers, and the statistic is one of the sums of rows: so that items can be resampled by
//! [`bootstrap::Counts`](super::bootstrap::Counts). Each is 1 where all agree and 0 where they agree as often as chance alone
//! would; it has no value where chance alone would make all agree, as with raters who say nothing but one thing. Libraries
//! answer NaN, or an error, there.

/// Rows with more numbers than this are not made: that many different ratings are no categories.
const WIDEST: usize = 2500;

/// What is said of agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Cohen's kappa of two raters: `1 - sum(w o) / sum(w r c / n)` over pairs of ratings, `o` as observed, `r` and `c` how often
    /// each rater gives which.
    ///
    /// Source: Cohen, *A coefficient of agreement for nominal scales* (1960); *Weighted kappa* (1968).
    Cohen(KappaWeight),
    /// Fleiss' kappa, of the same number of raters for every item, whoever they are.
    ///
    /// Source: Fleiss, *Measuring nominal scale agreement among many raters* (1971).
    Fleiss,
    /// Krippendorff's alpha, of any number of raters for an item: `1 - (n - 1) sum(o d) / sum(n_c n_k d)` over pairs of ratings, `o`
    /// the coincidences within items, `d` the squared distance.
    ///
    /// Source: Krippendorff, *Computing Krippendorff's alpha-reliability* (2011).
    Krippendorff(RatingLevel),
}

/// How much a disagreement weighs in Cohen's kappa.
///
/// By what the ratings are, as numbers: on a scale of 1 to 5, 1 and 3 are two apart also where nobody says 2. (scikit-learn counts
/// places among the ratings that occur, and agrees where all of a scale do.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KappaWeight {
    /// Any is as bad.
    Same,
    /// By the distance.
    Linear,
    /// By its square.
    Quadratic,
}

/// What the distance of two ratings is in Krippendorff's alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatingLevel {
    /// Whether they differ.
    Nominal,
    /// How many ratings lie between them.
    Ordinal,
    /// Their difference.
    Interval,
}

/// One rating of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rating {
    /// Who gives it, from 0.
    pub rater: u32,
    /// Its place among the different ratings, in ascending order, from 0.
    pub place: u32,
}

/// Why a statistic cannot be made of ratings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It is of two raters, and so many give ratings.
    Raters(usize),
    /// It wants the same number of ratings for every item.
    Uneven,
    /// So many different ratings are no categories.
    TooManyPlaces(usize),
    /// No item has two ratings.
    NoPairs,
}

/// Rows of numbers of the items that have two ratings or more.
#[derive(Debug, Clone)]
pub struct Tally {
    statistic: Agreement,
    /// The different ratings.
    values: Vec<f64>,
    width: usize,
    rows: Vec<f64>,
}

impl Tally {
    /// Of the ratings of each item; `values` are the different ratings in ascending order, as numbers where that means anything.
    ///
    /// # Errors
    /// See [`Unfit`].
    pub fn new(statistic: Agreement, items: &[Vec<Rating>], values: &[f64]) -> Result<Self, Unfit> {
        let places = values.len();
        let rated: Vec<&Vec<Rating>> = items.iter().filter(|ratings| ratings.len() > 1).collect();
        let first = rated.first().ok_or(Unfit::NoPairs)?;
        let width = match statistic {
            Agreement::Cohen(_) => {
                let mut raters: Vec<u32> = items.iter().flatten().map(|rating| rating.rater).collect();
                raters.sort_unstable();
                raters.dedup();
                if raters.len() != 2 {
                    return Err(Unfit::Raters(raters.len()));
                }
                2 * places + 1
            }
            Agreement::Fleiss => {
                if items.iter().any(|ratings| ratings.len() != first.len()) {
                    return Err(Unfit::Uneven);
                }
                places + 2
            }
            Agreement::Krippendorff(RatingLevel::Nominal) => places + 1,
            Agreement::Krippendorff(RatingLevel::Ordinal) => places * (places + 1) / 2,
            Agreement::Krippendorff(RatingLevel::Interval) => 4,
        };
        if width > WIDEST {
            return Err(Unfit::TooManyPlaces(places));
        }
        // Distances do not depend on where numbers begin, and small numbers keep their digits.
        let middle = values.first().zip(values.last()).map_or(0.0, |(low, high)| low.midpoint(*high));
        let values: Vec<f64> = values.iter().map(|value| value - middle).collect();
        let mut rows = vec![0.0; width * rated.len()];
        for (ratings, row) in rated.iter().zip(rows.chunks_exact_mut(width)) {
            add(statistic, ratings, &values, row);
        }
        Ok(Self { statistic, values, width, rows })
    }

    /// Numbers in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The rows, one after the other.
    #[must_use]
    pub fn rows(&self) -> &[f64] {
        &self.rows
    }

    /// Items with two ratings or more.
    #[must_use]
    pub fn items(&self) -> usize {
        self.rows.len() / self.width.max(1)
    }

    /// The statistic of sums of rows, at most 1; NaN where it has no value.
    #[must_use]
    pub fn of(&self, sums: &[f64]) -> f64 {
        let (observed, expected) = match self.statistic {
            Agreement::Cohen(weight) => self.cohen(weight, sums),
            Agreement::Fleiss => fleiss(sums),
            Agreement::Krippendorff(RatingLevel::Nominal) => nominal(sums),
            Agreement::Krippendorff(RatingLevel::Ordinal) => self.ordinal(sums),
            Agreement::Krippendorff(RatingLevel::Interval) => interval(sums),
        };
        // What is left of the rounding of a difference is no disagreement.
        if expected > 1e-12 { 1.0 - observed / expected } else { f64::NAN }
    }

    /// The statistic of the ratings as they are; none where it has no value.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        let mut sums = vec![0.0; self.width];
        for row in self.rows.chunks_exact(self.width.max(1)) {
            sums.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
        }
        let value = self.of(&sums);
        value.is_finite().then_some(value)
    }

    fn cohen(&self, weight: KappaWeight, sums: &[f64]) -> (f64, f64) {
        let Some((observed, rest)) = sums.split_first() else { return (0.0, 0.0) };
        let (rows, columns) = rest.split_at(self.values.len().min(rest.len()));
        let n: f64 = rows.iter().sum();
        let mut expected = 0.0;
        for (row, one) in rows.iter().zip(&self.values).filter(|(row, _)| **row > 0.0) {
            for (column, other) in columns.iter().zip(&self.values) {
                expected += weighed(weight, *one, *other) * row * column;
            }
        }
        (*observed / n, expected / (n * n))
    }

    fn ordinal(&self, sums: &[f64]) -> (f64, f64) {
        let mut totals = vec![0.0; self.values.len()];
        for ((i, j), together) in pairs(self.values.len()).zip(sums) {
            for place in [i, j] {
                if let Some(total) = totals.get_mut(place) {
                    // A pair of the same rating is counted at both of its ends, which are one.
                    *total += if i == j { together / 2.0 } else { *together };
                }
            }
        }
        let mut up_to: Vec<f64> = Vec::with_capacity(self.values.len());
        let mut n = 0.0;
        for total in &totals {
            n += total;
            up_to.push(n - total / 2.0);
        }
        let middle = |place: usize| up_to.get(place).copied().unwrap_or(0.0);
        let total = |place: usize| totals.get(place).copied().unwrap_or(0.0);
        let (mut observed, mut expected) = (0.0, 0.0);
        for ((i, j), together) in pairs(self.values.len()).zip(sums) {
            // From the middle of one rating to the middle of the other: all between, and half of each.
            let distance = (middle(j) - middle(i)).powi(2);
            observed += together * distance;
            expected += total(i) * total(j) * distance;
        }
        ratio(observed, expected, n)
    }
}

/// Observed and expected disagreement of `n` ratings, of unordered pairs.
fn ratio(observed: f64, expected: f64, n: f64) -> (f64, f64) {
    (observed / n, expected / (n * (n - 1.0)))
}

fn fleiss(sums: &[f64]) -> (f64, f64) {
    let [items, agreeing, totals @ ..] = sums else { return (0.0, 0.0) };
    let n: f64 = totals.iter().sum();
    let chance: f64 = totals.iter().map(|total| (total / n).powi(2)).sum();
    (1.0 - agreeing / items, 1.0 - chance)
}

fn nominal(sums: &[f64]) -> (f64, f64) {
    let Some((observed, totals)) = sums.split_first() else { return (0.0, 0.0) };
    let n: f64 = totals.iter().sum();
    let alike: f64 = totals.iter().map(|total| total * total).sum();
    ratio(*observed, n * n - alike, n)
}

fn interval(sums: &[f64]) -> (f64, f64) {
    let [observed, n, sum, squares] = sums else { return (0.0, 0.0) };
    ratio(*observed, 2.0 * (n * squares - sum * sum), *n)
}

/// The unordered pairs of places, each place with itself among them.
fn pairs(places: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..places).flat_map(move |i| (i..places).map(move |j| (i, j)))
}

fn weighed(weight: KappaWeight, one: f64, other: f64) -> f64 {
    let distance = (one - other).abs();
    match weight {
        KappaWeight::Same => f64::from(u8::from(distance > 0.0)),
        KappaWeight::Linear => distance,
        KappaWeight::Quadratic => distance * distance,
    }
}

/// Adds an item to its row.
fn add(statistic: Agreement, ratings: &[Rating], values: &[f64], row: &mut [f64]) {
    let (size, places) = (ratings.len() as f64, values.len());
    let mut counts: Vec<(usize, f64)> = Vec::with_capacity(ratings.len());
    for rating in ratings {
        match counts.iter_mut().find(|(place, _)| *place == rating.place as usize) {
            Some((_, count)) => *count += 1.0,
            None => counts.push((rating.place as usize, 1.0)),
        }
    }
    let alike: f64 = counts.iter().map(|(_, count)| count * count).sum();
    let mut put = |at: usize, number: f64| {
        if let Some(place) = row.get_mut(at) {
            *place += number;
        }
    };
    match statistic {
        Agreement::Cohen(weight) => {
            let mut ordered = ratings.to_vec();
            ordered.sort_unstable();
            if let [one, other] = ordered.as_slice() {
                let (i, j) = (one.place as usize, other.place as usize);
                let value = |place: usize| values.get(place).copied().unwrap_or(0.0);
                put(0, weighed(weight, value(i), value(j)));
                put(1 + i, 1.0);
                put(1 + places + j, 1.0);
            }
        }
        Agreement::Fleiss => {
            put(0, 1.0);
            put(1, (alike - size) / (size * (size - 1.0)));
            for (place, count) in &counts {
                put(2 + place, *count);
            }
        }
        Agreement::Krippendorff(RatingLevel::Nominal) => {
            put(0, (size * size - alike) / (size - 1.0));
            for (place, count) in &counts {
                put(1 + place, *count);
            }
        }
        Agreement::Krippendorff(RatingLevel::Ordinal) => {
            for (i, one) in &counts {
                for (j, other) in counts.iter().filter(|(j, _)| i <= j) {
                    // The pairs of row `i` come after those of all rows before it.
                    let at = i * places - i * (i + 1) / 2 + j;
                    let together = if i == j { one * (one - 1.0) } else { one * other };
                    put(at, together / (size - 1.0));
                }
            }
        }
        Agreement::Krippendorff(RatingLevel::Interval) => {
            let of = |of: fn(f64) -> f64| -> f64 {
                counts
                    .iter()
                    .map(|(place, count)| count * of(values.get(*place).copied().unwrap_or(0.0)))
                    .sum()
            };
            let (sum, squares) = (of(|value| value), of(|value| value * value));
            put(0, 2.0 * (size * squares - sum * sum).max(0.0) / (size - 1.0));
            put(1, size);
            put(2, sum);
            put(3, squares);
        }
    }
}
