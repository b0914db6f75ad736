//! Which findings say that results are damaged or of something else, and not that something was declared wrongly.

use super::code::Code;

impl Code {
    /// Whether the results have to be repaired, rather than what was declared about them.
    #[must_use]
    pub fn is_of_data(self) -> bool {
        matches!(
            self,
            Self::BadArtifact
                | Self::BadCount
                | Self::BadDigest
                | Self::BadHeader
                | Self::BadMetric
                | Self::BadMetricsFile
                | Self::BadRow
                | Self::BadTime
                | Self::BaselineEvidenceMismatch
                | Self::BaselineLacksField
                | Self::BaselineUnread
                | Self::BundleDamaged
                | Self::ChangedWhileRead
                | Self::ClusterTooLarge
                | Self::ClustersDisagree
                | Self::Contradiction
                | Self::CutOff
                | Self::DuplicateId
                | Self::DuplicateRating
                | Self::EmptyEvidence
                | Self::EvidenceDigest
                | Self::EvidenceMismatch
                | Self::EvidenceUnbound
                | Self::FieldChangesType
                | Self::ImpossibleRate
                | Self::IntegerTooLarge
                | Self::LabelWithoutVerdict
                | Self::LimitedRun
                | Self::LineTooLong
                | Self::MissingId
                | Self::MissingRater
                | Self::NoBaselineEvidence
                | Self::NoResults
                | Self::NoSamples
                | Self::NotACount
                | Self::NotANumber
                | Self::NotAProportion
                | Self::NotBinary
                | Self::NotCsv
                | Self::NotFinite
                | Self::NotJson
                | Self::NotUtf8
                | Self::NotXml
                | Self::NothingAsserted
                | Self::OtherCaseSets
                | Self::OtherJudge
                | Self::OtherScenario
                | Self::OutOfBounds
                | Self::RowsWithoutField
                | Self::SameResults
                | Self::SecondHeader
                | Self::SuiteCutOff
                | Self::TooManyFields
                | Self::TooManyRows
                | Self::UnfinishedDownload
                | Self::UnfinishedRun
                | Self::UnknownPreference
        )
    }
}
