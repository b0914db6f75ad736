//! The catalogue of rules: every kind of change that relgate knows, with its stable id.
//!
//! An id never changes its meaning; a severity may differ between releases of relgate and then stands in the changelog.

/// How much a change matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Good to know.
    Info,
    /// Somebody should look at it before the release.
    Review,
    /// It should not ship like this without a decision.
    Blocking,
}

/// Which way a change goes: towards letting more through, or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// It lets more through than before.
    Looser,
    /// relgate cannot tell.
    Unknown,
    /// It lets as much through as before.
    Neutral,
    /// It lets less through than before.
    Tighter,
}

impl Weight {
    /// The word that outputs use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Review => "review",
            Self::Blocking => "blocking",
        }
    }
}

impl Direction {
    /// The word that outputs use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Looser => "looser",
            Self::Unknown => "unknown",
            Self::Neutral => "neutral",
            Self::Tighter => "tighter",
        }
    }
}

/// The rules with their ids, severities, directions and meanings, in the order in which outputs list them.
macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $severity:ident, $direction:ident;)+) => {
        /// A kind of change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ChangeRule { $($(#[$doc])* $name),+ }

        impl ChangeRule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The id that outputs carry.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }

            /// How much it matters unless the case says otherwise.
            #[must_use]
            pub fn severity(self) -> Weight {
                match self { $(Self::$name => Weight::$severity),+ }
            }

            /// Which way it goes unless the case says otherwise.
            #[must_use]
            pub fn direction(self) -> Direction {
                match self { $(Self::$name => Direction::$direction),+ }
            }
        }
    };
}

catalogue! {
    /// A gate is gone.
    GateRemoved = "gate-removed", Blocking, Looser;
    /// A gate is new.
    GateAdded = "gate-added", Info, Tighter;
    /// The same gate under another id.
    GateRenamed = "gate-renamed", Info, Neutral;
    /// A gate has another threshold; looser thresholds are blocking.
    GateThreshold = "gate-threshold", Review, Unknown;
    /// A gate compares in another way (`<` to `<=`), or another quantity.
    GateRule = "gate-rule", Review, Unknown;
    /// A gate blocks or only warns.
    GateEnforcement = "gate-enforcement", Review, Unknown;
    /// A gate has another confidence of its own.
    GateConfidence = "gate-confidence", Review, Unknown;
    /// A gate needs more or fewer samples.
    GateMinSamples = "gate-min-samples", Review, Unknown;
    /// A gate is judged by other slices.
    GateSlices = "gate-slices", Review, Unknown;
    /// A gate applies in other cases.
    GateWhen = "gate-when", Review, Unknown;
    /// A gate reads other evidence.
    GateEvidence = "gate-evidence", Review, Unknown;
    /// The policy has another value.
    PolicyValue = "policy-value", Review, Unknown;
    /// The release extends other policy files.
    PolicyExtends = "policy-extends", Review, Unknown;
    /// A waiver is new.
    WaiverAdded = "waiver-added", Review, Looser;
    /// A waiver is gone.
    WaiverRemoved = "waiver-removed", Info, Tighter;
    /// A waiver holds longer or shorter.
    WaiverExpiry = "waiver-expiry", Review, Unknown;
    /// A waiver accepts more or less: its limit or its slice.
    WaiverScope = "waiver-scope", Review, Unknown;
    /// A waiver has another reason, owner or approver.
    WaiverTerms = "waiver-terms", Review, Neutral;
    /// A risk is gone from the register.
    RiskRemoved = "risk-removed", Blocking, Looser;
    /// A risk is new in the register.
    RiskAdded = "risk-added", Info, Tighter;
    /// Other gates and signals test a risk.
    RiskTests = "risk-tests", Review, Unknown;
    /// A risk is assessed otherwise, or declared not applicable.
    RiskAssessment = "risk-assessment", Review, Unknown;
    /// A signal is not watched any more.
    SignalRemoved = "signal-removed", Blocking, Looser;
    /// A signal is new.
    SignalAdded = "signal-added", Info, Tighter;
    /// A signal asks for something else, or has another limit.
    SignalRule = "signal-rule", Review, Unknown;
    /// A signal has other terms: `detect`, `cap`, `shown`, `action`, `where`, its id.
    SignalTerms = "signal-terms", Review, Unknown;
    /// A value of `deployment`, `monitoring` or `rollback` lets more or less through.
    LifecycleValue = "lifecycle-value", Review, Unknown;
    /// A metric is defined in another way.
    MetricDefinition = "metric-definition", Review, Unknown;
    /// Evidence is new, gone, or of other rows or clusters.
    EvidenceSelection = "evidence-selection", Review, Unknown;
    /// The release has another name.
    ReleaseName = "release-name", Review, Neutral;
    /// The version of the release goes down.
    ReleaseVersion = "release-version", Review, Unknown;
    /// The older release that drift is measured against.
    ReleaseAnchor = "release-anchor", Review, Unknown;
    /// The release compares itself with another release.
    ReleaseBaseline = "release-baseline", Info, Neutral;
    /// The type of the release, and what it must show by default.
    ReleaseType = "release-type", Info, Neutral;
    /// Something else that happens after `check` changed: `deployment`, `monitoring`, `rollback`.
    ReleaseLifecycle = "release-lifecycle", Review, Unknown;

    /// Bytes changed and the version did not.
    ArtifactSilent = "artifact-silent", Blocking, Unknown;
    /// The digest of an artifact is no longer pinned, or newly so.
    ArtifactPin = "artifact-pin", Review, Unknown;
    /// An artifact is gone.
    ArtifactRemoved = "artifact-removed", Review, Unknown;
    /// An artifact is new.
    ArtifactAdded = "artifact-added", Review, Neutral;
    /// The same bytes under another name.
    ArtifactRenamed = "artifact-renamed", Info, Neutral;
    /// A new version.
    ArtifactVersion = "artifact-version", Info, Neutral;
    /// A new version of the same bytes.
    ArtifactRelabelled = "artifact-relabelled", Info, Neutral;
    /// Another uri.
    ArtifactUri = "artifact-uri", Review, Unknown;
    /// Nobody can tell whether it is the same: no digest on one side.
    ArtifactUnknown = "artifact-unknown", Review, Unknown;
    /// A phrase that the release promises to keep is lost.
    KeptPhraseLost = "kept-phrase-lost", Blocking, Looser;
    /// A phrase need not, or must, be kept from now on.
    KeepEntry = "keep-entry", Blocking, Looser;
    /// A dataset is declared for something else.
    ArtifactRole = "artifact-role", Review, Unknown;
    /// Another set of files in a folder.
    ArtifactFiles = "artifact-files", Info, Neutral;
    /// Words of a file that is not read key by key.
    ArtifactText = "artifact-text", Review, Unknown;

    /// A model that may change behind the same name.
    ModelUnpinned = "model-unpinned", Review, Unknown;
    /// The words of a prompt; where only spaces and line ends differ it is for information.
    PromptWords = "prompt-words", Review, Unknown;
    /// Characters that nobody sees and a model reads are new in a prompt, or gone.
    PromptInvisible = "prompt-invisible", Review, Unknown;
    /// A template variable that the prompt no longer has.
    PromptVariableRemoved = "prompt-variable-removed", Review, Unknown;
    /// A template variable that the prompt now has.
    PromptVariableAdded = "prompt-variable-added", Review, Unknown;
    /// The prompt is longer or shorter.
    PromptSize = "prompt-size", Info, Neutral;
    /// Bytes that are no text and cannot be compared word by word.
    NotText = "not-text", Review, Unknown;
    /// A key of an inference configuration.
    ConfigKey = "config-key", Review, Unknown;
    /// An entry or rule of a safety policy is gone.
    SafetyRuleRemoved = "safety-rule-removed", Blocking, Looser;
    /// An entry or rule of a safety policy is new; whether it stops something or lets it through, nobody can tell.
    SafetyRuleAdded = "safety-rule-added", Blocking, Unknown;
    /// A value of a safety policy differs, or the order of its entries.
    SafetyRuleChanged = "safety-rule-changed", Blocking, Unknown;

    /// Rows of the training data and of the evaluation data are the same.
    DatasetOverlap = "dataset-overlap", Blocking, Looser;
    /// Training and evaluation data of which rows could not be compared.
    DatasetOverlapUnchecked = "dataset-overlap-unchecked", Info, Unknown;
    /// Rows added, removed or changed.
    DatasetRows = "dataset-rows", Info, Neutral;
    /// Fields added, removed or of another type.
    DatasetSchema = "dataset-schema", Review, Unknown;
    /// Labels are distributed in another way.
    DatasetLabels = "dataset-labels", Review, Unknown;
    /// Keys that more than one row has.
    DatasetDuplicateKeys = "dataset-duplicate-keys", Review, Unknown;
    /// A case that failed before is gone.
    SuiteFailingCaseRemoved = "suite-failing-case-removed", Blocking, Looser;
    /// A case that failed before asks or expects something else.
    SuiteFailingCaseChanged = "suite-failing-case-changed", Blocking, Unknown;
    /// Cases are gone.
    SuiteCaseRemoved = "suite-case-removed", Review, Looser;
    /// Cases are new.
    SuiteCaseAdded = "suite-case-added", Info, Neutral;
    /// Cases ask or expect something else.
    SuiteCaseChanged = "suite-case-changed", Review, Unknown;
}

#[cfg(test)]
mod tests {
    use super::ChangeRule;

    #[test]
    fn ids_are_unique() {
        let mut ids: Vec<&str> = ChangeRule::ALL.iter().map(|rule| rule.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ChangeRule::ALL.len());
    }
}
