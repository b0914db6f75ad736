//! Thresholds in the unit of what they are compared with; what is ambiguous is an error that shows the ways to say it.

use super::bound::{Bound, Change};
use super::measure::{Measure, MeasureKind, Truth};
use crate::diagnostic::{Code, Diagnostic, Span, Spanned};
use crate::document::decimal;
use crate::manifest::{Aggregate, ChangeWord, Comparator, Dimension, Quantity, Reference, Rule, Unit};

/// What a rule asks, of a metric that is known.
pub(super) struct Asked<'a> {
    /// The rule; the number to be converted is its threshold.
    pub(super) rule: &'a Rule,
    /// How it compares with an earlier release, if it does.
    pub(super) word: Option<ChangeWord>,
    /// Which one.
    pub(super) against: Reference,
    /// The metric's name in the evidence.
    pub(super) name: &'a str,
    /// What is measured.
    pub(super) measure: &'a dyn Measure,
    /// The unit of the metric, where something says it.
    pub(super) known: Option<Unit>,
    /// What the metric is by the catalogue, whose unit nothing says.
    pub(super) unstated: Option<Dimension>,
}

impl Bound {
    /// The same gate held against another number, which is converted and checked as that of its rule was: the limit of a
    /// waiver. What else the rule says stays.
    ///
    /// # Errors
    /// A unit that does not fit, or a number that no rule of this metric can have; underlined at `limit`.
    pub fn with_threshold(&self, limit: &Spanned<Quantity>) -> Result<Self, Diagnostic> {
        let rule = Rule { threshold: limit.clone(), ..self.rule.clone() };
        let names = self.names();
        let asked = Asked {
            rule: &rule,
            word: self.change.map(|change| change.word),
            against: self.against().unwrap_or_default(),
            name: names.first().copied().unwrap_or(&self.metric),
            measure: self.measure.as_ref(),
            known: self.known_unit,
            unstated: self.unstated,
        };
        let Threshold { unit, value, change } = of(&asked)?;
        Ok(Self { unit, threshold: value, change, rule, ..self.clone() })
    }
}

/// A threshold that can be compared.
pub(super) struct Threshold {
    /// The unit of the judged numbers.
    pub(super) unit: Unit,
    /// The threshold in it.
    pub(super) value: f64,
    /// For a comparison with the baseline.
    pub(super) change: Option<Change>,
}

/// The threshold of a gate.
pub(super) fn of(asked: &Asked<'_>) -> Result<Threshold, Diagnostic> {
    if asked.measure.counts_regressions() {
        let quantity = &asked.rule.threshold;
        let (unit, value) = count_threshold(quantity.value.value, quantity.value.unit, quantity.span)?;
        let change = Change {
            word: ChangeWord::Increase,
            relative: false,
            level_unit: Unit::FRACTION,
            against: asked.against,
        };
        return Ok(Threshold { unit, value, change: Some(change) });
    }
    refuse_unstated(asked)?;
    match asked.word {
        Some(word) => margin(asked, word),
        None => level(asked).map(|(unit, value)| Threshold { unit, value, change: None }),
    }
}

/// Refuses a number that means nothing until somebody says what the metric is counted in. A part of the baseline is the same
/// in every unit.
fn refuse_unstated(asked: &Asked<'_>) -> Result<(), Diagnostic> {
    let (Some(dimension), None) = (asked.unstated, asked.known) else { return Ok(()) };
    let threshold = &asked.rule.threshold;
    let written = threshold.value.unit;
    match written.dimension {
        one if one == dimension || written == Unit::NUMBER => {
            Err(unknown_unit(asked.name, dimension, written, threshold.span))
        }
        Dimension::Points | Dimension::OfBaseline => Ok(()),
        Dimension::Fraction if asked.word.is_some() => Ok(()),
        _ => Err(other_dimension(asked.rule, dimension, written, threshold.span)),
    }
}

/// A margin: points of a proportion, a share of the baseline, or an amount in the metric's unit.
fn margin(asked: &Asked<'_>, word: ChangeWord) -> Result<Threshold, Diagnostic> {
    let Asked { rule, measure, known, against, .. } = *asked;
    let quantity = &rule.threshold;
    let (value, written, span) = (quantity.value.value, quantity.value.unit, quantity.span);
    let comparator = rule.comparator;
    if let MeasureKind::Observed(fact) = measure.kind() {
        return Err(Diagnostic::error(
            Code::ChangeOfAFact,
            format!("`{fact}` is a fact about the listed cases; it has no change"),
        )
        .at(rule.subject_span(), "compared with the baseline here")
        .help("compare the rate or the mean, or count the regressions: `regressions <= 0`"));
    }
    if matches!(comparator.value, Comparator::Equal | Comparator::NotEqual)
        || (word == ChangeWord::Change && !comparator.value.wants_low())
    {
        return Err(Diagnostic::error(
            Code::BadComparison,
            format!("`{}` cannot be shown of this change", comparator.value.symbol()),
        )
        .at(comparator.span, "write < or <=")
        .help("`change < m` holds when the metric moved by less than m, either way"));
    }
    let proportion =
        known.map_or(measure.truth() == Truth::Always, |unit| unit.dimension == Dimension::Fraction);
    let level_unit = known.unwrap_or(if proportion { Unit::FRACTION } else { Unit::NUMBER });
    let points = Unit::from_spelling("pp").unwrap_or(Unit::NUMBER);
    let relative = |value| Threshold {
        unit: Unit::FRACTION,
        value,
        change: Some(Change { word, relative: true, level_unit, against }),
    };
    let absolute = |unit, value| Threshold {
        unit,
        value,
        change: Some(Change { word, relative: false, level_unit, against }),
    };
    match (written.dimension, proportion) {
        (Dimension::OfBaseline, _) if written.word == "x" => {
            if word == ChangeWord::Increase && value > 0.0 {
                return Ok(relative(decimal::difference(value, 1.0)));
            }
            Err(Diagnostic::error(
                Code::BadComparison,
                "`x` says how many times the baseline, so it goes with `increase`",
            )
            .at(span, "a factor")
            .help("for example `p95 latency increase < 1.1x`, or `drop < 10% of baseline`"))
        }
        (Dimension::OfBaseline, _) => Ok(relative(written.to_base(value))),
        (Dimension::Fraction | Dimension::Points, _) if measure.is_in_points() => {
            Err(points_of_texts(rule, span))
        }
        (Dimension::Fraction, false) if written.word == "%" => Ok(relative(written.to_base(value))),
        (Dimension::Points, true) => Ok(absolute(points, written.to_base(value))),
        (Dimension::Fraction | Dimension::Number, true) => Err(ambiguous(&quantity.value, span)),
        (Dimension::Points, false) => Err(other_dimension(rule, level_unit.dimension, written, span)),
        (Dimension::Number, false)
            if matches!(level_unit.dimension, Dimension::Number | Dimension::Tokens) =>
        {
            quantile_margin(measure, span)?;
            Ok(absolute(level_unit, value))
        }
        (Dimension::Number, false) => Err(bare_number(&quantity.value.digits, level_unit, span)),
        _ => {
            quantile_margin(measure, span)?;
            let value = written
                .convert(value, level_unit)
                .ok_or_else(|| other_dimension(rule, level_unit.dimension, written, span))?;
            Ok(absolute(level_unit, value))
        }
    }
}

/// Quantiles are compared by their ratio; no method here is known to hold for their difference.
fn quantile_margin(measure: &dyn Measure, span: Span) -> Result<(), Diagnostic> {
    match measure.kind() {
        MeasureKind::Quantile(_) => {
            Err(Diagnostic::error(Code::BadComparison, "a quantile is compared in parts of the baseline")
                .at(span, "an absolute margin")
                .help("for example `p95 latency increase < 10%`"))
        }
        _ => Ok(()),
    }
}

fn ambiguous(written: &Quantity, span: Span) -> Diagnostic {
    // A bare 0.03 is a fraction, as it is in the data: three points.
    let digits = match written.unit.dimension {
        Dimension::Number if written.value.abs() < 1.0 => {
            decimal::times_ratio(written.value, 100, 1).to_string()
        }
        _ => written.digits.clone(),
    };
    Diagnostic::error(Code::AmbiguousChange, "a change of a proportion needs its unit")
        .at(span, "points, or a share of the baseline?")
        .help(format!("write `{digits}pp` for percentage points, or `{digits}% of baseline`"))
}

/// The unit of the measured values and the threshold in it.
fn level(asked: &Asked<'_>) -> Result<(Unit, f64), Diagnostic> {
    let Asked { rule, name, measure, known, .. } = *asked;
    let quantity = &rule.threshold;
    let (value, written) = (quantity.value.value, quantity.value.unit);
    let span = quantity.span;
    if measure.kind() == MeasureKind::Observed(Aggregate::Count) {
        return count_threshold(value, written, span);
    }
    if measure.is_in_points() && (written.dimension == Dimension::Fraction || value > 0.0 && value < 1.0) {
        return Err(points_of_texts(rule, span));
    }
    let unit = match known {
        Some(unit) => unit,
        None if written.dimension == Dimension::Fraction => Unit::FRACTION,
        None if written == Unit::NUMBER => Unit::NUMBER,
        None => return Err(unknown_unit(name, written.dimension, written, span)),
    };
    let converted = match (unit.dimension, written.dimension) {
        (Dimension::Fraction, Dimension::Number) if (0.0..=1.0).contains(&value) => value,
        (Dimension::Fraction, Dimension::Number) => {
            return Err(not_a_proportion(&quantity.value.digits, span));
        }
        (Dimension::Tokens | Dimension::Number, Dimension::Number) => value,
        (_, Dimension::Number) => return Err(bare_number(&quantity.value.digits, unit, span)),
        (_, Dimension::Points | Dimension::OfBaseline) => {
            return Err(Diagnostic::error(
                Code::UnitOfAChange,
                format!("`{written}` measures a change, and this rule is a level"),
            )
            .at(span, "a change is meant?")
            .help("write `... drop < 2pp` to compare with the baseline, or `%` for a level"));
        }
        _ => written
            .convert(value, unit)
            .ok_or_else(|| other_dimension(rule, unit.dimension, written, span))?,
    };
    if unit.dimension == Dimension::Fraction && !measure.is_observed() {
        check_proportion(rule, converted, span)?;
    }
    Ok((unit, converted))
}

fn count_threshold(value: f64, written: Unit, span: Span) -> Result<(Unit, f64), Diagnostic> {
    if written == Unit::NUMBER && value >= 0.0 && value.fract() == 0.0 {
        return Ok((Unit::NUMBER, value));
    }
    Err(Diagnostic::error(Code::NotACount, "a count is compared with a whole number")
        .at(span, "not a whole number")
        .help("for example `count toxicity == 0`; a share is a rate: `toxicity < 0.1%`"))
}

/// A proportion's threshold must leave something to be shown.
fn check_proportion(rule: &Rule, value: f64, span: Span) -> Result<(), Diagnostic> {
    let comparator = rule.comparator.value;
    if !(0.0..=1.0).contains(&value) {
        return Err(Diagnostic::error(Code::NotAProportion, "a proportion lies between 0% and 100%")
            .at(span, "outside"));
    }
    let hopeless = match comparator {
        Comparator::Less | Comparator::AtMost => value <= 0.0,
        Comparator::Greater | Comparator::AtLeast => value >= 1.0,
        Comparator::Equal | Comparator::NotEqual => false,
    };
    if hopeless {
        let words: Vec<&str> = rule.words.iter().map(|word| word.value.as_str()).collect();
        let (loose, fact) = if comparator.wants_low() {
            ("a small rate, such as `< 0.1%`", format!("count {} == 0", words.join(" ")))
        } else {
            ("a few exceptions, such as `>= 99.9%`", format!("min {} >= 100%", words.join(" ")))
        };
        return Err(Diagnostic::error(Code::NeverProvable, "no number of samples can show this rate")
            .at(span, "a sample always leaves some uncertainty")
            .help(format!("allow {loose}"))
            .help(format!("or take a fact about the listed cases only: `{fact}`")));
    }
    Ok(())
}

/// Names the lines of which one says the unit: the right one is that of the values, not of the limit.
fn unknown_unit(name: &str, dimension: Dimension, written: Unit, span: Span) -> Diagnostic {
    let other = [Unit::MILLISECONDS, Unit::SECONDS].into_iter().find(|unit| *unit != written);
    let line = |unit: Unit| format!("`metrics: {{ {name}: {{ unit: {unit} }} }}`");
    let finding =
        Diagnostic::error(Code::UnknownUnitOfMetric, format!("nothing says in which unit `{name}` is"))
            .at(span, format!("compared with {}", dimension.describe()));
    match other.filter(|_| dimension == Dimension::Time) {
        Some(other) => {
            let first = if written.dimension == Dimension::Time { written } else { Unit::SECONDS };
            let first = if first == other { Unit::SECONDS } else { first };
            finding.help(format!(
                "say it: {} or {}, whichever its values are in; a field named `{name}_ms` or `{name}_s` says it itself",
                line(first),
                line(other)
            ))
        }
        None => finding.help(format!("define it: {}", line(written))),
    }
}

fn not_a_proportion(digits: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::NotAProportion, format!("{digits} is not a proportion"))
        .at(span, "between 0 and 1, or a percentage")
        .help(format!("did you mean `{digits}%`?"))
}

/// BLEU and its like go from 0 to 100 here, and somebody writes them as a share, or means one of two things by a percentage.
fn points_of_texts(rule: &Rule, span: Span) -> Diagnostic {
    let quantity = &rule.threshold.value;
    let level = rule.readings().iter().all(|reading| reading.change.is_none());
    let digits = match quantity.unit.dimension {
        Dimension::Number => decimal::times_ratio(quantity.value, 100, 1).to_string(),
        _ => quantity.digits.clone(),
    };
    let finding = Diagnostic::error(
        Code::AmbiguousChange,
        "this metric is in points from 0 to 100, as sacreBLEU prints it",
    )
    .at(span, "points, or a share of something?");
    finding.help(if level {
        format!("write `{digits}`")
    } else {
        format!("write `{digits}` for points, or `{digits}% of baseline`")
    })
}

fn bare_number(digits: &str, unit: Unit, span: Span) -> Diagnostic {
    let spelled = match unit.word.strip_prefix('$') {
        Some(rest) => format!("${digits}{rest}"),
        None => format!("{digits}{unit}"),
    };
    Diagnostic::error(Code::MissingUnit, format!("{digits} of what?"))
        .at(span, "a unit is missing")
        .help(format!("did you mean `{spelled}`?"))
}

fn other_dimension(rule: &Rule, dimension: Dimension, written: Unit, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::WrongUnit,
        format!(
            "this metric is {}, and `{written}` is {}",
            dimension.describe(),
            written.dimension.describe()
        ),
    )
    .at(span, "cannot be compared")
    .also(rule.subject_span(), dimension.describe())
    .help(match dimension {
        Dimension::Fraction => "for example `1.5%`",
        Dimension::Time => "for example `1200ms` or `1.2s`",
        Dimension::Money => "for example `$0.02`",
        Dimension::MoneyPerToken => "for example `$0.02/1k tokens`",
        Dimension::Tokens => "for example `100 tokens`",
        Dimension::TokenRate => "for example `100 tokens/s`",
        Dimension::RequestRate => "for example `100 requests/s`",
        Dimension::Number | Dimension::Points | Dimension::OfBaseline => "write the number without a unit",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;
    use crate::manifest::{self, rule};
    use crate::metric::{Offer, bind};

    fn bound(rule: &str) -> Bound {
        let text = format!(
            "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nbaseline: b\nevidence: {{ e: {{ path: a.jsonl }} }}\n\
             gates: [{{ rule: '{rule}' }}]\n"
        );
        let mut sources = Sources::new();
        let file = sources.add("release.yaml", text);
        let manifest = manifest::parse(&sources, file).unwrap();
        let fields = ["latency_ms", "accuracy", "cost", "duration"].map(str::to_owned).to_vec();
        let offer = Offer { evidence: "e".to_owned(), fields, ..Offer::default() };
        bind(&manifest, &[offer]).unwrap().remove(0)
    }

    fn limit(text: &str) -> Spanned<Quantity> {
        let mut sources = Sources::new();
        let file = sources.add("limit", text);
        rule::parse_quantity(text, rule::Locator::whole_file(file, text)).unwrap()
    }

    #[test]
    fn another_number_is_converted_as_that_of_the_rule() {
        let at = |rule: &str, text: &str| bound(rule).with_threshold(&limit(text)).unwrap();
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-12;
        assert!(near(at("latency < 1200ms", "1.5s").threshold, 1500.0));
        assert!(near(at("accuracy drop < 2pp", "5pp").threshold, 0.05));
        assert!(near(at("p95 latency increase < 10%", "1.2x").threshold, 0.2));
        assert_eq!(at("cost < $0.02", "$0.03").rule.threshold.value.digits, "0.03");
        // Points become a share of the baseline, and the gate compares accordingly.
        let relative = at("accuracy drop < 2pp", "10% of baseline");
        assert!(relative.change.unwrap().relative && near(relative.threshold, 0.1));
    }

    #[test]
    fn a_unit_that_does_not_fit_is_refused() {
        for (rule, text, code) in [
            ("latency < 1200ms", "5%", Code::WrongUnit),
            ("latency < 1200ms", "5", Code::MissingUnit),
            ("duration increase < 10%", "20ms", Code::UnknownUnitOfMetric),
            ("accuracy >= 80%", "80", Code::NotAProportion),
            ("accuracy drop < 2pp", "3%", Code::AmbiguousChange),
        ] {
            assert_eq!(bound(rule).with_threshold(&limit(text)).unwrap_err().code, code, "{rule} -> {text}");
        }
    }
}
