//! The words that relgate uses, for a person who meets them for the first time.

use super::gate::{METHODS, about as about_method};
use crate::metric::Method;
use crate::report::page::{Screen, push_wrapped};

/// A word, its other spellings, and what it means.
const WORDS: [(&str, &[&str], &str); 33] = [
    (
        "pass",
        &[],
        "The data show that the rule holds: had the true value been on the wrong side of the limit, results as good as these would come at most 5% of the time (at the default confidence of 95%).",
    ),
    (
        "fail",
        &[],
        "The data show that the rule is broken. More samples of this release will not help; mend it.",
    ),
    (
        "inconclusive",
        &["undecided"],
        "Neither is shown: the release may be good enough, and these results do not say. It blocks by default; `relgate explain GATE` says how many samples would most likely decide it.",
    ),
    (
        "error",
        &[],
        "It could not be judged: something is missing, unreadable or contradictory. It never counts as a pass; the exit code is 2.",
    ),
    (
        "waived",
        &["waiver"],
        "Somebody accepted that a gate did not pass, by name, with a reason and until a day. The manifest holds it below `waivers:`, and every report shows it.",
    ),
    (
        "not-applicable",
        &[],
        "The gate's `when:` does not hold for this release, so it says nothing about it.",
    ),
    (
        "gate",
        &[],
        "One rule that the release is held against, such as `Hallucination rate < 1.5%`, with what happens when it is not met.",
    ),
    (
        "rule",
        &["rules"],
        "A sentence of metric, comparison and limit. `relgate explain rules` shows how they are written.",
    ),
    (
        "metric",
        &[],
        "What is measured: a rate, a mean, a quantile. `relgate explain metrics` lists those that need no definition.",
    ),
    (
        "judge",
        &["judge rate", "judge-rate"],
        "A model that says of answers whether they are good. It errs, so its rate is not the true one: labels of a random part of the answers correct it (`judge: { labels: ... }`), or every output calls the figure a judge rate.",
    ),
    (
        "agreement",
        &["kappa", "alpha", "krippendorff", "cohen", "fleiss"],
        "How far people who rate the same items agree beyond chance: 1 where they always do, 0 where they agree as often as chance alone would. Where everybody says one thing it has no value.",
    ),
    (
        "re-run",
        &["rerun", "flip", "flips"],
        "The same cases run again. Cases that were run several times say how many verdicts would be another one, and how likely the gate would end otherwise; where every case was run once, nobody knows.",
    ),
    (
        "limit",
        &["threshold", "limits"],
        "The number that a rule asks for (`< 1.5%`). The numbers in brackets behind a value are its own limits: the true value lies above the lower one and below the upper one, each with 95% confidence by default.",
    ),
    (
        "one-sided",
        &[],
        "Each limit holds on its own: the true value is above the lower limit in 95 of 100 such evaluations, and below the upper one in 95 of 100; between both in 90 of 100.",
    ),
    (
        "confidence",
        &[],
        "How often limits made like this hold. At 95% at most 5 of 100 releases that are at the limit or worse pass a gate.",
    ),
    (
        "estimate",
        &["value"],
        "What was measured on the samples: the best guess of the true value, and never exact.",
    ),
    (
        "true value",
        &["true", "true-value"],
        "What would be measured on all cases that there could be. A sample shows it up to its limits.",
    ),
    (
        "n",
        &["samples", "sample"],
        "The number of samples that a value rests on. A sample is one case of the evaluation: a question and what came of it.",
    ),
    (
        "pp",
        &["points", "percentage points"],
        "Percentage points: from 2% to 3% is 1pp more, and 50% more. A change of a rate is written in pp, or in `% of baseline`.",
    ),
    (
        "baseline",
        &[],
        "The release that this one is compared with, usually the one in production. Changes are measured on the same ids wherever that can be.",
    ),
    (
        "anchor",
        &[],
        "An older release that every one is compared with, too, so that small losses at every release cannot add up unseen.",
    ),
    (
        "slice",
        &["slices", "by"],
        "A group of samples that is judged on its own (`by: [lang]`): the gate passes where the whole and every slice pass.",
    ),
    (
        "cluster",
        &["clusters"],
        "Samples that hang together, such as the turns of one conversation. They count for less than as many independent ones.",
    ),
    (
        "epoch",
        &["epochs"],
        "One of several answers to the same question. The epochs of a question are one cluster.",
    ),
    (
        "case",
        &["cases"],
        "A sample that speaks against a gate. Reports name the worst of them by id, so that people can read the answers.",
    ),
    (
        "evidence",
        &[],
        "Files with the results of an evaluation. `relgate evidence FILE` says what is understood of one.",
    ),
    (
        "bundle",
        &[],
        "What a run keeps of a release beside its report, so that the next release can be compared with it.",
    ),
    (
        "p",
        &["p-value", "p of a pass", "p of a fail"],
        "How often results like these would come by chance if the true value were at the limit. A pass needs a small p of a pass, a fail a small p of a fail.",
    ),
    (
        "power",
        &[],
        "The chance that an evaluation of this size shows a pass if the true value is as assumed. `relgate plan` finds the size for 80%.",
    ),
    (
        "operating characteristic",
        &["oc"],
        "The chance that a gate passes, drawn over every true value that there could be.",
    ),
    (
        "not promised",
        &["promised", "unquantified"],
        "The confidence holds only under an assumption that the data cannot show, which the message names: of unbounded values, that those far out were seen.",
    ),
    (
        "observed",
        &[],
        "A fact about the listed cases only: counted, not estimated. It says nothing about other cases.",
    ),
    (
        "looks",
        &["look"],
        "How often the same evidence may be judged while it grows. Judging again and again until it passes lets bad releases through, so the looks share the level.",
    ),
];

/// The meaning of a word or a method; none where it is neither.
#[must_use]
pub fn word(asked: &str, screen: Screen) -> Option<String> {
    let folded = asked.trim().to_lowercase();
    let known = WORDS.iter().find(|(word, others, _)| *word == folded || others.contains(&folded.as_str()));
    let (word, about) = match known {
        Some((word, _, about)) => ((*word).to_owned(), (*about).to_owned()),
        None => {
            let method = METHODS.into_iter().find(|method| method.word() == folded)?;
            (folded, format!("A method: {}.", about_method(method)))
        }
    };
    let mut out = format!("{word}\n");
    push_wrapped(&mut out, "  ", &about, screen.columns());
    Some(out)
}

/// Every word that can be explained.
pub fn words() -> impl Iterator<Item = &'static str> + Clone {
    let others =
        WORDS.iter().flat_map(|(word, others, _)| std::iter::once(*word).chain(others.iter().copied()));
    others.chain(METHODS.into_iter().map(Method::word))
}
