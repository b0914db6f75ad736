//! What a manifest's own definition of a metric may not say: that it is about something else than it is, or, where a shared
//! policy asks for the metric, that its name means something else.

use super::catalog::{Standard, ValueType, split_unit, standard};
use super::names::{Match, Offer, Origin};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::manifest::{Category, Dimension, GateSpec, MetricKind, MetricSpec, Unit, fold};

/// # Errors
/// The definition contradicts the name of its field or the catalogue, or it redefines what a shared gate asks for.
pub(super) fn check(gate: &GateSpec, found: &Match<'_>, offers: &[Offer]) -> Result<(), Diagnostic> {
    let Some(spec) = found.spec else { return Ok(()) };
    other_unit(spec, found.origin.name())?;
    let of_field = standard(split_unit(&fold(found.origin.name())).0);
    for known in found.standard.into_iter().chain(of_field) {
        other_category(spec, known)?;
    }
    let Some(shared) = gate.shared else { return Ok(()) };
    match redefinition(spec, found, offers) {
        None => Ok(()),
        Some(part) => Err(Diagnostic::error(
            Code::SharedMetricRedefined,
            format!("`{}` redefines what gate `{}` of a shared policy asks for", spec.name.value, gate.id.value),
        )
        .at(part.span, part.what)
        .also(shared, "the shared gate")
        .help("remove it; results that use other names or units are read with `fields:` of the evidence, which changes no value")),
    }
}

/// A stated unit beside a field whose name says another.
fn other_unit(spec: &MetricSpec, field: &str) -> Result<(), Diagnostic> {
    let (Some(stated), Some(named)) = (spec.unit, split_unit(&fold(field)).1) else { return Ok(()) };
    let rescaled = spec.scale.is_some() || spec.kind.is_some_and(|kind| kind.value == MetricKind::Ratio);
    if rescaled || stated.value == named {
        return Ok(());
    }
    Err(Diagnostic::error(
        Code::WrongUnit,
        format!("`{field}` says that it is in {named}, and `unit:` that it is in {}", stated.value),
    )
    .at(stated.span, "another unit")
    .help("remove `unit:`; or convert the values with `scale:`"))
}

/// What is measured decides whom a metric can stand for: a latency is no proof of safety.
fn other_category(spec: &MetricSpec, known: &Standard) -> Result<(), Diagnostic> {
    let Some(stated) = spec.category else { return Ok(()) };
    let about = |category: Category| match category {
        Category::Latency | Category::Cost => Some(category),
        Category::Quality | Category::Safety | Category::Robustness => None,
    };
    if about(stated.value) == about(known.category) {
        return Ok(());
    }
    Err(Diagnostic::error(
        Code::OtherCategory,
        format!("`{}` measures {}, and stands for no {}", known.name, known.category, stated.value),
    )
    .at(stated.span, format!("this is {}", known.category))
    .help("remove `category:`"))
}

/// A part of a definition that gives the name another meaning.
struct Part {
    span: Span,
    what: String,
}

fn redefinition(spec: &MetricSpec, found: &Match<'_>, offers: &[Offer]) -> Option<Part> {
    let part = |span: Span, what: String| Some(Part { span, what });
    if let Some(condition) = spec.conditions.first() {
        return part(condition.field.span, "only some of the rows count".to_owned());
    }
    if let Some(cap) = spec.cap {
        return part(cap.span, "larger values are judged as smaller ones".to_owned());
    }
    if let (Some(text), Some(kind)) = (&spec.text, spec.kind)
        && let Some(known) = standard(&fold(&spec.name.value))
        && text.metric.standard() != Some(known.name)
    {
        return part(kind.span, format!("`{}` is something else", known.name));
    }
    let Some(known) = found.standard else { return another_field(spec, found, offers) };
    if let (Some(field), Origin::Field(name) | Origin::Aggregate(name)) = (&spec.field, &found.origin) {
        let stem = fold(name);
        if !known.names().any(|own| own == split_unit(&stem).0) {
            return part(field.span, format!("`{name}` is no name of `{}`", known.name));
        }
    }
    // Money or tokens per something are ratios by nature.
    let per_something = matches!(known.unit.dimension, Dimension::MoneyPerToken | Dimension::TokenRate);
    if let Some(kind) = spec.kind {
        let same = match (kind.value, known.value_type) {
            (MetricKind::Ratio, _) => per_something,
            (MetricKind::Rate, value_type) => value_type != ValueType::Mean,
            (MetricKind::Mean | MetricKind::Rating, value_type) => value_type != ValueType::Rate,
            (MetricKind::WinRate | MetricKind::BradleyTerry, _) => known.name == "win_rate",
            (MetricKind::Agreement, _) => known.name == "agreement",
            // Nobody's standard: `found` has none.
            _ => true,
        };
        if !same {
            return part(kind.span, format!("`{}` is another kind of number", known.name));
        }
    }
    if let Some(scale) = spec.scale.filter(|_| !per_something) {
        return part(scale.span, "other numbers are judged than the evidence has".to_owned());
    }
    // Seconds or milliseconds is for whoever measured to say; a percentage would be a hundredth of what it is.
    let same_unit = |unit: Unit| {
        unit == known.unit
            || (unit.dimension == known.unit.dimension && unit.dimension != Dimension::Fraction)
    };
    if let Some(unit) = spec.unit.filter(|unit| !per_something && !same_unit(unit.value)) {
        return part(unit.span, "other numbers are judged than the evidence has".to_owned());
    }
    if let Some(direction) = spec.direction.filter(|direction| direction.value != known.direction) {
        return part(direction.span, format!("of `{}` {} values are good", known.name, known.direction));
    }
    if let Some(category) = spec.category.filter(|category| category.value != known.category) {
        return part(category.span, format!("`{}` is about {}", known.name, known.category));
    }
    if let Some(bounds) = spec.bounds.filter(|bounds| {
        let (low, high) = bounds.value;
        known.lower.is_some_and(|known| low > known) || known.upper.is_some_and(|known| high < known)
    }) {
        return part(bounds.span, format!("`{}` may lie outside", known.name));
    }
    None
}

/// A name that the catalogue does not know means the field of that name, where there is one.
fn another_field(spec: &MetricSpec, found: &Match<'_>, offers: &[Offer]) -> Option<Part> {
    let field = spec.field.as_ref()?;
    let name = fold(&spec.name.value);
    let answers = |other: &String| split_unit(&fold(other)).0 == name || fold(other) == name;
    let own = offers
        .iter()
        .filter(|offer| offer.evidence == found.evidence)
        .flat_map(|offer| offer.fields.iter().chain(&offer.aggregates))
        .find(|other| answers(other) && **other != *found.origin.name())?;
    Some(Part { span: field.span, what: format!("the evidence has `{own}` itself") })
}
