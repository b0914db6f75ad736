//! What has to be read of one evidence entry so that all its gates can be judged in one pass.

use std::sync::Arc;

use super::answers::{ReferenceOf, TextFields, TextScore};
use super::counts::Texts;
use super::people::{Duel, Preference, RATER, Unfolding};
use crate::diagnostic::Span;
use crate::evidence::{Projected, Projection, Role};
use crate::manifest::{Condition, Literal, People};

/// What a score must satisfy, on behalf of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The metric that asks.
    pub metric: String,
    /// Factor on the value before it is compared with the bounds.
    pub scale: f64,
    /// The smallest value that can be.
    pub lower: Option<f64>,
    /// The largest value that can be.
    pub upper: Option<f64>,
    /// Whether only true/false and 0/1 are read.
    pub binary: bool,
    /// Whether high values are good, as far as anything says so.
    pub high_is_good: bool,
    /// What its words mean, where it says which of two versions is preferred.
    pub preference: Option<Preference>,
}

/// A score that is kept, one number a row.
#[derive(Debug, Clone)]
pub struct Score {
    /// The field.
    pub field: String,
    /// Its place in the projection.
    pub at: usize,
    /// What its values must satisfy.
    pub checks: Vec<Check>,
    /// Who asks for it without saying whether it is a rate or a mean, if nothing else says it.
    pub untyped: Option<Untyped>,
    /// What makes it of texts, where it stands in no field of the row.
    pub made: Option<MadeOfTexts>,
    /// What a bundle calls it.
    pub column: String,
}

/// A score that is made of texts.
#[derive(Debug, Clone)]
pub struct MadeOfTexts {
    /// The texts and what makes it.
    pub of: TextScore,
    /// The places of the texts in the projection.
    pub at: Vec<usize>,
}

/// A rule on a metric of which nothing says whether it is a rate or a mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Untyped {
    /// The metric.
    pub metric: String,
    /// Where the rule names it.
    pub span: Span,
}

/// Texts whose counts are kept, one row of them a row.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The texts and what counts them.
    pub texts: Texts,
    /// The places of the texts in the projection; in a bundle those of the counts themselves.
    pub at: Vec<usize>,
}

/// A condition whose field is projected.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The field's place in the projection.
    pub at: usize,
    /// The values it may have.
    pub any_of: Vec<Literal>,
}

/// A number that a measure takes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberField<'a> {
    /// The field.
    pub field: &'a str,
    /// What it may be.
    pub kind: NumberKind,
}

/// What a number of a row may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberKind {
    /// A value of the metric: scaled, and within its bounds.
    Value,
    /// The same, and true/false or 0/1.
    Truth,
    /// What another number is divided by: as it is written, and not negative.
    Divisor,
    /// A word that says which of two versions is preferred.
    Preference,
    /// A rating that is no value of the metric, as it is written.
    Rating,
}

/// What one gate needs of the rows.
#[derive(Debug, Clone)]
pub struct Need<'a> {
    /// The metric.
    pub metric: &'a str,
    /// The numbers.
    pub numbers: Vec<NumberField<'a>>,
    /// The texts.
    pub texts: Option<Texts>,
    /// What makes its number of texts, where no field holds it.
    pub text_score: Option<TextScore>,
    /// Fields that are kept as labels, for what is made of names.
    pub labels: Vec<&'a str>,
    /// Who rates.
    pub people: &'a People,
    /// What words that say which version is preferred mean.
    pub preference: Option<&'a Preference>,
    /// The field of what people said, and that of a judge's verdict on the same rows.
    pub judged: Option<[&'a str; 2]>,
    /// Rows that say which of two versions was preferred.
    pub duel: Option<&'a Duel>,
    /// Whether high values are good.
    pub high_is_good: bool,
    /// Factor on the numbers.
    pub scale: f64,
    /// The smallest value that can be, after scaling.
    pub lower: Option<f64>,
    /// The largest.
    pub upper: Option<f64>,
    /// Where the rule names the metric, if nothing says whether its numbers are a rate or a mean.
    pub untyped: Option<Span>,
    /// The fields whose values are judged on their own.
    pub by: &'a [String],
    /// Rows that count besides the evidence's own selection.
    pub conditions: &'a [Condition],
}

/// What the rows of a run are read from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RowsAs {
    /// What an evaluation wrote.
    #[default]
    Written,
    /// Parts that `relgate summarize` made: texts were worked out before, ids and clusters may be hashes.
    Stripped,
    /// A bundle: the same, every id is a hash, selections are columns, and only rows that count are there.
    Bundled,
}

/// Everything that is read of one evidence entry.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The fields.
    pub projection: Projection,
    /// The scores among them.
    pub scores: Vec<Score>,
    /// The texts of which counts are kept.
    pub counted: Vec<Counted>,
    /// Which rows count at all.
    pub selection: Vec<Test>,
    /// What the rows are read from.
    pub rows_as: RowsAs,
    /// Whether labels are all text (CSV), so that `true` and `"true"` are one.
    pub labels_are_text: bool,
    /// Further selections of single metrics; a gate refers to one by its place.
    pub masks: Vec<Vec<Test>>,
    conditions_of_masks: Vec<Vec<Condition>>,
    /// Labels that some gate is judged by: name and place in the projection.
    pub labels: Vec<(String, usize)>,
    /// Those of them that are measurements: a row that errored has none.
    pub measured_labels: Vec<String>,
    /// Ids whose rows do not count, in ascending order.
    pub left_out: Vec<u64>,
    /// The place of the field that says which samples are not independent.
    pub cluster: Option<usize>,
    /// How many samples a cluster can have, where the evidence says it.
    pub cluster_at_most: Option<u64>,
    /// The rows that each row of one item stands for, where every rater has a field.
    pub unfolding: Option<Arc<Unfolding>>,
    /// What rows that say which version was preferred must say.
    pub duels: Vec<(Duel, [usize; 3])>,
    /// The label that says who rates.
    pub rater: Option<String>,
    /// The places of what people said and of a judge's verdict: a row with the first needs the other.
    pub judged: Vec<[usize; 2]>,
}

impl Plan {
    /// The plan for the gates of one evidence entry with its own `where:`.
    #[must_use]
    pub fn new(selection: &[Condition], cluster: Option<&str>, rows_as: RowsAs, needs: &[Need<'_>]) -> Self {
        let mut plan = Self::default();
        plan.rows_as = rows_as;
        plan.selection = plan.tests(selection);
        let role = if rows_as == RowsAs::Stripped { Role::Unit } else { Role::Label };
        plan.cluster = cluster.map(|field| plan.project(field, role));
        for need in needs {
            for number in &need.numbers {
                plan.score(*number, need);
            }
            if let Some(texts) = &need.texts {
                plan.count(texts);
            }
            plan.people(need);
            for field in need.by {
                let at = plan.project(field, Role::Label);
                if !plan.labels.iter().any(|(name, _)| name == field) {
                    plan.labels.push((field.clone(), at));
                }
            }
            if !need.conditions.is_empty() && plan.mask(need.conditions).is_none() {
                let tests = if rows_as == RowsAs::Bundled {
                    plan.bundled_mask(need.conditions)
                } else {
                    plan.tests(need.conditions)
                };
                plan.masks.push(tests);
                plan.conditions_of_masks.push(need.conditions.to_vec());
            }
        }
        plan
    }

    /// The plan that keeps these fields as numbers, whatever gates ask.
    #[must_use]
    pub fn of_fields(selection: &[Condition], rows_as: RowsAs, fields: &[&str]) -> Self {
        let selection = if rows_as == RowsAs::Bundled { &[] } else { selection };
        let mut plan = Self::new(selection, None, rows_as, &[]);
        for field in fields {
            let at = plan.project(field, Role::Score);
            plan.scores.push(Score {
                field: (*field).to_owned(),
                column: (*field).to_owned(),
                at,
                checks: Vec::new(),
                untyped: None,
                made: None,
            });
        }
        plan
    }

    /// The place of a gate's own selection among the masks; none where it has none.
    #[must_use]
    pub fn mask(&self, own: &[Condition]) -> Option<usize> {
        self.conditions_of_masks.iter().position(|conditions| same(conditions, own))
    }

    fn score(&mut self, NumberField { field, kind }: NumberField<'_>, need: &Need<'_>) {
        // A word stands there; in a bundle it was read before.
        let word = kind == NumberKind::Preference && self.rows_as != RowsAs::Bundled;
        let score = need.text_score.as_ref();
        let column = score.map_or_else(|| field.to_owned(), TextScore::column);
        let made = score
            .filter(|_| self.rows_as == RowsAs::Written)
            .map(|score| MadeOfTexts { of: score.clone(), at: self.project_texts(&score.texts) });
        let at = match &made {
            Some(made) => made.at.first().copied().unwrap_or(usize::MAX),
            None => self.project_each(&column, if word { Role::Label } else { Role::Score }, need.people),
        };
        let divisor = kind == NumberKind::Divisor;
        let rating = kind == NumberKind::Rating;
        let range = need.people.range.map(|range| range.value);
        let check = Check {
            metric: need.metric.to_owned(),
            scale: if divisor || rating { 1.0 } else { need.scale },
            // A denominator below zero would turn the ratio around.
            lower: if divisor {
                Some(0.0)
            } else if rating {
                range.map(|range| range.0)
            } else {
                need.lower
            },
            upper: if divisor {
                None
            } else if rating {
                range.map(|range| range.1)
            } else {
                need.upper
            },
            binary: kind == NumberKind::Truth,
            high_is_good: need.high_is_good,
            preference: need.preference.filter(|_| kind == NumberKind::Preference).cloned(),
        };
        let untyped = need.untyped.map(|span| Untyped { metric: need.metric.to_owned(), span });
        match self.scores.iter_mut().find(|score| score.field == field) {
            Some(score) if score.checks.contains(&check) => {}
            Some(score) => score.checks.push(check),
            None => {
                let checks = vec![check];
                self.scores.push(Score { field: field.to_owned(), column, at, checks, untyped: None, made });
            }
        }
        if let Some(score) = self.scores.iter_mut().find(|score| score.field == field) {
            score.untyped = score.untyped.take().or(untyped);
        }
    }

    fn count(&mut self, texts: &Texts) {
        let name = texts.name();
        if self.counted.iter().any(|known| known.texts.name() == name) {
            return;
        }
        let at = if self.rows_as == RowsAs::Written {
            self.project_texts(&texts.fields)
        } else {
            texts.columns().map(|column| self.project(&column, Role::Score)).collect()
        };
        self.counted.push(Counted { texts: texts.clone(), at });
    }

    /// The places of an answer and of what it is compared with.
    fn project_texts(&mut self, texts: &TextFields) -> Vec<usize> {
        let mut at = vec![self.project(&texts.answer, Role::Text)];
        if let ReferenceOf::Field(field) = &texts.reference {
            at.push(self.project(field, Role::Texts));
        }
        at
    }

    /// What a gate needs of people and their words.
    fn people(&mut self, need: &Need<'_>) {
        let people = need.people;
        let rater = people.rater.as_ref().map(|rater| rater.value.as_str());
        let rater = rater.or((!people.raters.is_empty()).then_some(RATER));
        self.measured_labels.extend(need.labels.iter().map(|field| (*field).to_owned()));
        for field in need.labels.iter().copied().chain(rater) {
            let at = self.project_each(field, Role::Label, people);
            if !self.labels.iter().any(|(name, _)| name == field) {
                self.labels.push((field.to_owned(), at));
            }
        }
        if let Some([label, verdict]) = need.judged {
            let pair = [self.project(label, Role::Score), self.project(verdict, Role::Score)];
            self.judged.push(pair);
        }
        self.rater = self.rater.take().or_else(|| rater.map(str::to_owned));
        if let Some(duel) = need.duel.filter(|duel| !self.duels.iter().any(|(own, _)| own == *duel)) {
            let at = duel.fields().map(|field| self.project(field, Role::Label));
            self.duels.push((duel.clone(), at));
        }
    }

    /// The place of a field; of what every rater has a field for, it is a place of its own that is filled from each of them.
    fn project_each(&mut self, field: &str, role: Role, people: &People) -> usize {
        let at = self.project(field, role);
        if self.rows_as == RowsAs::Bundled || people.raters.is_empty() || field != people.ratings() {
            return at;
        }
        let raters: Vec<String> = people.raters.iter().map(|rater| rater.value.clone()).collect();
        let of: Vec<usize> = raters.iter().map(|rater| self.project(rater, role)).collect();
        let rater_at = self.project(RATER, Role::Label);
        let mut unfolding = self.unfolding.take().map_or_else(
            || Unfolding { raters, rater_at, fields: Vec::new() },
            |known| known.as_ref().clone(),
        );
        if !unfolding.fields.iter().any(|(known, _)| *known == at) {
            unfolding.fields.push((at, of));
        }
        self.unfolding = Some(Arc::new(unfolding));
        at
    }

    /// In a bundle the outcome of a selection is a column of its own.
    fn bundled_mask(&mut self, conditions: &[Condition]) -> Vec<Test> {
        let at = self.project(&mask_name(conditions), Role::Label);
        vec![Test { at, any_of: vec![Literal::Bool(true)] }]
    }

    /// The name of the field that says which samples are not independent.
    pub(super) fn cluster_name(&self) -> Option<String> {
        Some(self.projection.fields.get(self.cluster?)?.name.clone())
    }

    /// The names of the selections of single metrics, as a bundle's columns.
    pub(super) fn mask_names(&self) -> Vec<String> {
        self.conditions_of_masks.iter().map(|conditions| mask_name(conditions)).collect()
    }

    fn tests(&mut self, conditions: &[Condition]) -> Vec<Test> {
        conditions
            .iter()
            .map(|condition| Test {
                at: self.project(&condition.field.value, Role::Label),
                any_of: condition.any_of.clone(),
            })
            .collect()
    }

    fn project(&mut self, name: &str, role: Role) -> usize {
        let fields = &mut self.projection.fields;
        fields.iter().position(|known| known.name == name && known.role == role).unwrap_or_else(|| {
            fields.push(Projected { name: name.to_owned(), role });
            fields.len() - 1
        })
    }
}

/// A selection as the name of a column: the same for the same conditions.
fn mask_name(conditions: &[Condition]) -> String {
    let one = |condition: &Condition| format!("{}={:?}", condition.field.value, condition.any_of);
    format!("where {}", conditions.iter().map(one).collect::<Vec<_>>().join(" "))
}

fn same(a: &[Condition], b: &[Condition]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.field.value == b.field.value && a.any_of == b.any_of)
}
