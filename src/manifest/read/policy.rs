//! `policy` and `waivers`.

use unicode_normalization::UnicodeNormalization as _;

use super::reader::{Reader, key_text};
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::manifest::fields::{MISSING_SAMPLES, POLICY, WAIVER};
use crate::manifest::release::{MissingSamples, Policy, WaiverSpec};
use crate::manifest::tree::{Node, NodeKind};
use crate::manifest::unit::Dimension;
use crate::manifest::words::{
    Binding, Category, Enforcement, LooserChanges, PointEstimates, RiskPolicy, UnpinnedModels,
};

/// The most looks that may be declared; beyond that a sequential test is the right tool.
const MAX_LOOKS: u64 = 100;

pub(super) fn read(reader: &mut Reader<'_>, node: Option<&Node>) -> Policy {
    let default = Policy::default();
    let Some(map) = node.and_then(|node| reader.open(node, &POLICY)) else {
        return default;
    };
    let stated =
        POLICY.fields.iter().filter_map(|field| Some((field.name, map.get(field.name)?.span))).collect();
    let confidence = reader.confidence(map.get("confidence"), "`confidence`");
    let fail_confidence = reader.confidence(map.get("fail_confidence"), "`fail_confidence`");
    let looks = reader.count(map.get("looks"), "`looks`");
    if let Some(looks) = looks.filter(|looks| looks.value > MAX_LOOKS) {
        reader.report(
            Diagnostic::error(Code::TooManyLooks, format!("at most {MAX_LOOKS} looks can be declared"))
                .at(looks.span, "too many")
                .help("evidence that is judged all the time needs monitoring, not more looks"),
        );
    }
    let on_inconclusive = reader.word(
        map.get("on_inconclusive"),
        "`on_inconclusive`",
        Enforcement::WORDS,
        Enforcement::from_word,
    );
    let point_estimates = reader.word(
        map.get("point_estimates"),
        "`point_estimates`",
        PointEstimates::WORDS,
        PointEstimates::from_word,
    );
    let missing_samples = map.get("missing_samples").and_then(|node| missing_samples(reader, node));
    Policy {
        extends: reader.strings(map.get("extends"), "`extends`"),
        confidence: confidence.map_or(default.confidence, |given| given.value),
        fail_confidence: fail_confidence.map_or(default.fail_confidence, |given| given.value),
        looks: looks.map_or(1, |looks| u32::try_from(looks.value).unwrap_or(1)),
        on_inconclusive: on_inconclusive.map_or(default.on_inconclusive, |word| word.value),
        point_estimates: point_estimates.map_or(default.point_estimates, |word| word.value),
        missing_samples: missing_samples.unwrap_or(default.missing_samples),
        binding: reader
            .word(map.get("binding"), "`binding`", Binding::WORDS, Binding::from_word)
            .map_or(default.binding, |word| word.value),
        unpinned_models: reader
            .word(
                map.get("unpinned_models"),
                "`unpinned_models`",
                UnpinnedModels::WORDS,
                UnpinnedModels::from_word,
            )
            .map_or(default.unpinned_models, |word| word.value),
        max_evidence_age: reader.age(map.get("max_evidence_age"), "`max_evidence_age`"),
        require: reader.words(map.get("require"), "`require`", Category::WORDS, Category::from_word),
        observed_counts: reader
            .boolean(map.get("observed_counts"), "`observed_counts`")
            .is_some_and(|b| b.value),
        looser_changes: reader
            .word(
                map.get("looser_changes"),
                "`looser_changes`",
                LooserChanges::WORDS,
                LooserChanges::from_word,
            )
            .map_or(default.looser_changes, |word| word.value),
        waiver_at_most: reader
            .age(map.get("waiver_at_most"), "`waiver_at_most`")
            .map_or(default.waiver_at_most, |age| age.value),
        risks: reader
            .word(map.get("risks"), "`risks`", RiskPolicy::WORDS, RiskPolicy::from_word)
            .map_or(default.risks, |word| word.value),
        signers: reader.string(map.get("signers"), "`signers`"),
        stated,
    }
}

fn missing_samples(reader: &mut Reader<'_>, node: &Node) -> Option<MissingSamples> {
    if let NodeKind::Scalar(scalar) = &node.kind {
        if scalar.text == "worst-case" {
            return Some(MissingSamples::WorstCase);
        }
        reader.expected(
            node,
            "`missing_samples` is `worst-case` or a mapping",
            "for example `missing_samples: { exclude_up_to: 1% }`",
        );
        return None;
    }
    let map = reader.open(node, &MISSING_SAMPLES)?;
    let share = reader.quantity(map.get("exclude_up_to"), "`exclude_up_to`")?;
    let fraction = share.value.unit.to_base(share.value.value);
    let fits = matches!(share.value.unit.dimension, Dimension::Fraction | Dimension::Number);
    if fits && (0.0..0.5).contains(&fraction) {
        return Some(MissingSamples::ExcludeUpTo(fraction));
    }
    reader.report(
        Diagnostic::error(Code::BadShare, "`exclude_up_to` is a share below 50%")
            .at(share.span, "not such a share")
            .help("for example `1%`"),
    );
    None
}

pub(super) fn waivers(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<WaiverSpec> {
    let Some(items) = node.and_then(|node| reader.items(node, "`waivers`")) else {
        return Vec::new();
    };
    items.iter().filter_map(|item| waiver(reader, item)).collect()
}

fn waiver(reader: &mut Reader<'_>, node: &Node) -> Option<WaiverSpec> {
    let map = reader.open(node, &WAIVER)?;
    let gate = reader.string(map.get("gate"), "`gate`");
    let reason = reader.string(map.get("reason"), "`reason`");
    let owner = reader.string(map.get("owner"), "`owner`");
    let approver = reader.string(map.get("approver"), "`approver`");
    let expires = reader.date(map.get("expires"), "`expires`");
    let limit = reader.quantity(map.get("limit"), "`limit`");
    let slice = map.get("slice").and_then(|node| {
        let pairs = reader.mapping(node, "`slice`")?;
        let labels: Vec<_> = pairs
            .into_iter()
            .map(|(key, value)| {
                Some((key_text(key).to_owned(), reader.string(Some(value), "a slice")?.value))
            })
            .collect();
        Some(Spanned::new(labels.into_iter().collect::<Option<_>>()?, node.span))
    });
    let signature = reader.string(map.get("signature"), "`signature`");
    if let (Some(owner), Some(approver)) = (&owner, &approver)
        && skeleton(&owner.value) == skeleton(&approver.value)
    {
        reader.report(
            Diagnostic::error(Code::SelfApprovedWaiver, "a waiver is not approved by its own owner")
                .at(approver.span, "the owner approves")
                .also(owner.span, "the owner")
                .help("somebody else has to accept the risk"),
        );
    }
    Some(WaiverSpec {
        gate: gate?,
        reason: reason?,
        owner: owner?,
        approver: approver?,
        expires: expires?,
        limit,
        slice,
        signature,
        span: node.span,
    })
}

/// A name as the eye reads it: letters that look alike, other forms of one letter, case, spaces and signs that show nothing do
/// not make another person.
pub(super) fn skeleton(name: &str) -> String {
    let shown = |c: &char| c.is_alphanumeric() || c.is_ascii_punctuation();
    let plain: String = name.nfkc().flat_map(char::to_lowercase).collect();
    let plain: String = unicode_security::skeleton(&plain).flat_map(char::to_lowercase).collect();
    plain.nfkd().filter(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[test]
    fn names_that_look_alike_are_one_name() {
        for other in [
            "Anna Meier",
            " anna  meier ",
            "АNNA MEIER",
            "аnnа mеiеr",
            "ａｎｎａ ｍｅｉｅｒ",
            "an\u{200b}na mei\u{fe0f}er",
            "anna\u{a0}meier",
            "αnnα meier",
            "𝐚𝐧𝐧𝐚 𝐦𝐞𝐢𝐞𝐫",
        ] {
            assert_eq!(skeleton(other), skeleton("anna meier"), "{other:?}");
        }
        assert_eq!(skeleton("Zoe\u{301}"), skeleton("Zo\u{e9}"));
        for other in ["anna maier", "anna-b meier", "annameier2", "release-board"] {
            assert_ne!(skeleton(other), skeleton("anna meier"), "{other}");
        }
    }
}
