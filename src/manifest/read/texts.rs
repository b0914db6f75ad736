//! Metrics of texts: `as: bleu` and its like, with their options.

use super::reader::{Map, Reader};
use crate::diagnostic::{Code, Diagnostic, Spanned, list};
use crate::manifest::fields::REFERENCE;
use crate::manifest::texts::{ReferenceFile, ReferenceSpec, TextMetric, TextSpec};
use crate::manifest::tree::{Node, NodeKind};
use crate::manifest::words::{
    Aligned, Direction, EmptyAnswers, LengthUnit, MetricKind, RougePart, Smooth, Tokenize,
};
use crate::text::Tokenizer;
use crate::text::bleu::{self, Bleu, Smoothing};
use crate::text::chrf::{self, Chrf};
use crate::text::exact_match::ExactMatch;
use crate::text::length::Length;
use crate::text::regex::Pattern;
use crate::text::rouge::{Rouge, RougeFigure, Shared};
use crate::text::ter::Ter;
use crate::text::token_f1::{Empty, TokenF1};

const ROUGE: [MetricKind; 4] =
    [MetricKind::Rouge1, MetricKind::Rouge2, MetricKind::RougeL, MetricKind::RougeLsum];

/// The options, and the metrics that have them.
const OPTIONS: [(&str, &[MetricKind]); 22] = [
    ("tokenize", &[MetricKind::Bleu]),
    ("smooth", &[MetricKind::Bleu]),
    ("smooth_value", &[MetricKind::Bleu]),
    ("lowercase", &[MetricKind::Bleu, MetricKind::Chrf, MetricKind::Ter]),
    ("effective_order", &[MetricKind::Bleu]),
    ("max_order", &[MetricKind::Bleu]),
    ("char_order", &[MetricKind::Chrf]),
    ("word_order", &[MetricKind::Chrf]),
    ("beta", &[MetricKind::Chrf]),
    ("whitespace", &[MetricKind::Chrf]),
    ("eps_smoothing", &[MetricKind::Chrf]),
    ("normalize", &[MetricKind::Ter]),
    ("punctuation", &[MetricKind::Ter]),
    ("asian", &[MetricKind::Ter]),
    ("stem", &ROUGE),
    ("score", &ROUGE),
    ("strict", &[MetricKind::ExactMatch]),
    ("empty", &[MetricKind::TokenF1]),
    ("schema", &[MetricKind::JsonSchema]),
    ("pattern", &[MetricKind::Regex]),
    ("count", &[MetricKind::Length]),
    (
        "reference",
        &[
            MetricKind::Bleu,
            MetricKind::Chrf,
            MetricKind::Ter,
            MetricKind::Rouge1,
            MetricKind::Rouge2,
            MetricKind::RougeL,
            MetricKind::RougeLsum,
            MetricKind::ExactMatch,
            MetricKind::TokenF1,
        ],
    ),
];

/// Keys that say how a number of the evidence is read, which a metric of texts is not.
const OF_NUMBERS: [&str; 5] = ["per", "scale", "unit", "bounds", "cap"];

/// The metric of texts that a definition asks for; none where it asks for none.
pub(super) fn read(
    reader: &mut Reader<'_>,
    map: &Map<'_>,
    kind: Option<Spanned<MetricKind>>,
) -> Option<TextSpec> {
    check_places(reader, map, kind);
    let kind = kind.filter(|kind| kind.value.is_of_texts())?;
    needs(reader, map, kind, "field", "the field that holds the text");
    if has(kind.value, "reference") {
        needs(reader, map, kind, "reference", "what it is compared with: a field of the row, or a file");
    }
    let metric = metric(reader, map, kind)?;
    if let (Some(own), Some(node)) = (metric.direction(), map.get("direction")) {
        let stated = reader.word(Some(node), "`direction`", Direction::WORDS, Direction::from_word);
        if stated.is_some_and(|stated| stated.value != own) {
            reader.report(
                Diagnostic::error(Code::TextOption, format!("of `{}` {own} values are good", kind.value))
                    .at(node.span, "the other way round")
                    .help("remove `direction:`"),
            );
        }
    }
    let reference = map.get("reference").and_then(|node| reference(reader, node));
    let field = map.get("field").and_then(Node::scalar);
    if let (Some(ReferenceSpec::Field(other)), Some(own)) = (&reference, field)
        && other.value == own.text
    {
        reader.report(
            Diagnostic::error(Code::TextOption, "a text is compared with itself")
                .at(other.span, "this is the `field` as well")
                .help("name the field that holds what the answer should have been"),
        );
    }
    Some(TextSpec { metric, reference, schema: reader.string(map.get("schema"), "`schema`") })
}

fn has(kind: MetricKind, option: &str) -> bool {
    OPTIONS.iter().any(|(name, kinds)| *name == option && kinds.contains(&kind))
}

/// An option of another metric changes nothing, and somebody thinks that it does.
fn check_places(reader: &mut Reader<'_>, map: &Map<'_>, kind: Option<Spanned<MetricKind>>) {
    for (option, kinds) in OPTIONS {
        let Some(node) = map.get(option) else { continue };
        if kind.is_some_and(|kind| kinds.contains(&kind.value)) {
            continue;
        }
        let owners = kinds.iter().map(|kind| kind.word());
        let text = format!("`{option}` is an option of {}", list(owners, 9));
        let finding = Diagnostic::error(Code::TextOption, text).at(node.span, "does nothing here");
        reader.report(finding.help(match kind {
            Some(kind) => format!("remove it, or ask for another metric than `{}`", kind.value),
            None => "say which metric it is with `as:`".to_owned(),
        }));
    }
    let Some(kind) = kind.filter(|kind| kind.value.is_of_texts()) else { return };
    let allowed = |key: &str| kind.value == MetricKind::Length && matches!(key, "bounds" | "cap");
    for key in OF_NUMBERS.into_iter().filter(|key| !allowed(key)) {
        let Some(node) = map.get(key) else { continue };
        reader.report(
            Diagnostic::error(Code::TextOption, format!("`{key}` has no place beside `as: {}`", kind.value))
                .at(node.span, "says how a number of the evidence is read")
                .help("remove it: what this metric can be is known"),
        );
    }
}

fn needs(reader: &mut Reader<'_>, map: &Map<'_>, kind: Spanned<MetricKind>, key: &str, what: &str) {
    if map.get(key).is_none() {
        reader.report(
            Diagnostic::error(Code::MissingKey, format!("`as: {}` needs `{key}`", kind.value))
                .at(kind.span, format!("`{key}` says {what}"))
                .help(match key {
                    "reference" => "for example `field: answer, reference: expected`",
                    "pattern" => "for example `field: answer, pattern: '\\[[0-9]+\\]'`",
                    "schema" => "for example `field: answer, schema: schemas/answer.json`",
                    _ => "for example `field: answer`",
                }),
        );
    }
}

fn metric(reader: &mut Reader<'_>, map: &Map<'_>, kind: Spanned<MetricKind>) -> Option<TextMetric> {
    let rouge = |reader: &mut Reader<'_>, shared| {
        let part = reader.word(map.get("score"), "`score`", RougePart::WORDS, RougePart::from_word);
        let part = match part.map(|part| part.value) {
            None | Some(RougePart::F) => RougeFigure::F,
            Some(RougePart::Precision) => RougeFigure::Precision,
            Some(RougePart::Recall) => RougeFigure::Recall,
        };
        TextMetric::Rouge(Rouge { shared, stem: flag(reader, map, "stem", false), part })
    };
    Some(match kind.value {
        MetricKind::Rate
        | MetricKind::Mean
        | MetricKind::Ratio
        | MetricKind::Rating
        | MetricKind::WinRate
        | MetricKind::Agreement
        | MetricKind::BradleyTerry => return None,
        MetricKind::Bleu => TextMetric::Bleu(bleu(reader, map)),
        MetricKind::Chrf => TextMetric::Chrf(chrf(reader, map)),
        MetricKind::Ter => TextMetric::Ter(Ter {
            normalized: flag(reader, map, "normalize", false),
            without_marks: !flag(reader, map, "punctuation", true),
            asian: flag(reader, map, "asian", false),
            case_sensitive: !flag(reader, map, "lowercase", true),
        }),
        MetricKind::Rouge1 => rouge(reader, Shared::Words),
        MetricKind::Rouge2 => rouge(reader, Shared::Pairs),
        MetricKind::RougeL => rouge(reader, Shared::Sequence),
        MetricKind::RougeLsum => rouge(reader, Shared::Lines),
        MetricKind::ExactMatch => {
            TextMetric::ExactMatch(ExactMatch { strict: flag(reader, map, "strict", false) })
        }
        MetricKind::TokenF1 => {
            let empty =
                reader.word(map.get("empty"), "`empty`", EmptyAnswers::WORDS, EmptyAnswers::from_word);
            let misses = empty.is_some_and(|empty| empty.value == EmptyAnswers::Miss);
            TextMetric::TokenF1(TokenF1 { empty: if misses { Empty::Misses } else { Empty::Matches } })
        }
        MetricKind::ValidJson => TextMetric::ValidJson,
        MetricKind::JsonSchema => {
            needs(reader, map, kind, "schema", "the file of the JSON Schema");
            TextMetric::JsonSchema
        }
        MetricKind::Regex => {
            needs(reader, map, kind, "pattern", "the regular expression");
            TextMetric::Regex(pattern(reader, map)?)
        }
        MetricKind::Length => {
            let count = reader.word(map.get("count"), "`count`", LengthUnit::WORDS, LengthUnit::from_word);
            TextMetric::Length(match count.map(|count| count.value) {
                None | Some(LengthUnit::Characters) => Length::Characters,
                Some(LengthUnit::Words) => Length::Words,
                Some(LengthUnit::Bytes) => Length::Bytes,
            })
        }
    })
}

fn flag(reader: &mut Reader<'_>, map: &Map<'_>, key: &str, default: bool) -> bool {
    reader.boolean(map.get(key), &format!("`{key}`")).map_or(default, |stated| stated.value)
}

/// A whole number from 1 up to `most`.
fn order(reader: &mut Reader<'_>, map: &Map<'_>, key: &str, (default, most): (usize, usize)) -> usize {
    let Some(stated) = reader.count(map.get(key), &format!("`{key}`")) else { return default };
    match usize::try_from(stated.value) {
        Ok(value) if value <= most => value,
        _ => {
            reader.report(
                Diagnostic::error(Code::TextOption, format!("`{key}` is at most {most}"))
                    .at(stated.span, "too long")
                    .help(format!("write a number up to {most}; usual is {default}")),
            );
            default
        }
    }
}

fn bleu(reader: &mut Reader<'_>, map: &Map<'_>) -> Bleu {
    let tokenize = reader.word(map.get("tokenize"), "`tokenize`", Tokenize::WORDS, Tokenize::from_word);
    let tokenizer = match tokenize.map(|word| word.value) {
        None | Some(Tokenize::Western) => Tokenizer::Western,
        Some(Tokenize::International) => Tokenizer::International,
        Some(Tokenize::Characters) => Tokenizer::Characters,
        Some(Tokenize::Chinese) => Tokenizer::Chinese,
        Some(Tokenize::Spaces) => Tokenizer::Spaces,
    };
    let smooth = reader.word(map.get("smooth"), "`smooth`", Smooth::WORDS, Smooth::from_word);
    let value = reader.number(map.get("smooth_value"), "`smooth_value`");
    if let Some(value) = value.filter(|value| !(value.value > 0.0 && value.value <= 100.0)) {
        reader.report(
            Diagnostic::error(Code::TextOption, "`smooth_value` lies above 0, and at most at 100")
                .at(value.span, "no such count")
                .help("remove it: usual are 0.1 of `floor` and 1 of `add-k`"),
        );
    }
    let smoothing = match smooth.map(|word| word.value) {
        Some(Smooth::Floor) => Smoothing::Floor(value.map_or(0.1, |value| value.value)),
        Some(Smooth::AddK) => Smoothing::Add(value.map_or(1.0, |value| value.value)),
        other => {
            if let Some(value) = value {
                reader.report(
                    Diagnostic::error(
                        Code::TextOption,
                        "`smooth_value` belongs to `smooth: floor` and `smooth: add-k`",
                    )
                    .at(value.span, "does nothing here")
                    .help("remove it, or name one of the two"),
                );
            }
            if other == Some(Smooth::None) { Smoothing::None } else { Smoothing::Exponential }
        }
    };
    Bleu {
        tokenizer,
        smoothing,
        lowercase: flag(reader, map, "lowercase", false),
        effective_order: flag(reader, map, "effective_order", false),
        order: order(reader, map, "max_order", (bleu::MOST_ORDER, bleu::MOST_ORDER)),
    }
}

fn chrf(reader: &mut Reader<'_>, map: &Map<'_>) -> Chrf {
    let beta = reader.number(map.get("beta"), "`beta`");
    if let Some(beta) = beta.filter(|beta| !(beta.value > 0.0 && beta.value <= 100.0)) {
        reader.report(
            Diagnostic::error(Code::TextOption, "`beta` lies above 0, and at most at 100")
                .at(beta.span, "no such weight")
                .help("remove it: usual is 2"),
        );
    }
    Chrf {
        characters: order(reader, map, "char_order", (6, chrf::MOST_ORDER)),
        words: order(reader, map, "word_order", (0, chrf::MOST_WORDS)),
        beta: beta.map_or(2.0, |beta| beta.value),
        lowercase: flag(reader, map, "lowercase", false),
        whitespace: flag(reader, map, "whitespace", false),
        every_order: flag(reader, map, "eps_smoothing", false),
    }
}

fn pattern(reader: &mut Reader<'_>, map: &Map<'_>) -> Option<Pattern> {
    let stated = reader.string(map.get("pattern"), "`pattern`")?;
    match Pattern::new(&stated.value) {
        Ok(pattern) => Some(pattern),
        Err(why) => {
            reader.report(
                Diagnostic::error(Code::BadPattern, format!("`pattern` is no regular expression: {why}"))
                    .at(stated.span, "cannot be read")
                    .help("look-around and back references do not exist here; put the expression in single quotes"),
            );
            None
        }
    }
}

/// A field, or a file.
fn reference(reader: &mut Reader<'_>, node: &Node) -> Option<ReferenceSpec> {
    if !matches!(node.kind, NodeKind::Mapping(_)) {
        return reader.string(Some(node), "`reference`").map(ReferenceSpec::Field);
    }
    let map = reader.open(node, &REFERENCE)?;
    let by = reader.word(map.get("by"), "`by`", Aligned::WORDS, Aligned::from_word);
    let file = ReferenceFile {
        path: reader.string(map.get("path"), "the path of references")?,
        field: reader.string(map.get("field"), "`field`"),
        id: reader.string(map.get("id"), "`id`"),
        by_line: by.is_some_and(|by| by.value == Aligned::Line),
    };
    if let Some(other) = file.field.as_ref().or(file.id.as_ref()).filter(|_| file.by_line) {
        reader.report(
            Diagnostic::error(Code::TextOption, "lines of text have no fields")
                .at(other.span, "does nothing beside `by: line`")
                .help("remove it; or remove `by: line`, so that rows are found by their id"),
        );
    }
    Some(ReferenceSpec::File(file))
}
