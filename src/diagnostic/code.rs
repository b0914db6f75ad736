//! The catalogue of findings: every code that relgate can print, once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// What kind of finding it is; the same in the terminal and in `report.json`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in the order of the alphabet.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable word in kebab-case.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// The code of that word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.word() == word)
            }

            /// What it means, in one sentence.
            #[must_use]
            pub fn doc(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

/// What brings a finding about, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingExample {
    /// What somebody wrote or did.
    pub cause: &'static str,
    /// What to write or do instead.
    pub cure: &'static str,
}

/// The lines of `examples.txt`, by code.
static EXAMPLES: LazyLock<BTreeMap<&'static str, FindingExample>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let mut cells = line.split(" | ").map(str::trim);
        let code = cells.next().filter(|code| !code.starts_with('#'))?;
        Some((code, FindingExample { cause: cells.next()?, cure: cells.next()? }))
    };
    include_str!("examples.txt").lines().filter_map(line).collect()
});

impl Code {
    /// An example of what brings it about, and the cure.
    #[must_use]
    pub fn example(self) -> Option<FindingExample> {
        EXAMPLES.get(self.word()).copied()
    }
}

codes! {
    /// A path in the manifest is absolute; write it relative to the file in which it stands.
    AbsolutePath = "absolute-path",
    /// A rule takes an average or a quantile of a ratio of sums, which has one value; gate the ratio itself or one of
    /// its fields.
    AggregateOfRatio = "aggregate-of-ratio",
    /// What would be written is there already, and relgate overwrites nothing that it did not make; name another place.
    AlreadyThere = "already-there",
    /// A rule holds whatever is measured, so it decides nothing: ask for a value that a bad release would miss.
    AlwaysHolds = "always-holds",
    /// A margin on a proportion has no unit; write points (`2pp`) or a share (`2% of baseline`).
    AmbiguousChange = "ambiguous-change",
    /// A rule could mean more than one field or evidence entry; write the gate as a mapping that names `evidence:` or
    /// the exact `metric:`.
    AmbiguousMetric = "ambiguous-metric",
    /// Anchor and baseline are one release, so no drift shows yet; keep the anchor, the next release will show it.
    AnchorIsBaseline = "anchor-is-baseline",
    /// The anchor is not older than this release or its baseline; let `anchor` name an older release.
    AnchorNotOlder = "anchor-not-older",
    /// Evidence says that it was made with something that is no `kind.name` of an artifact or has no version; write
    /// for example `prompts.system`.
    BadArtifact = "bad-artifact",
    /// A statement, an envelope or a bundle cannot be read, or is not in its one spelling; take it as it was written.
    BadAttestation = "bad-attestation",
    /// The comparison or its margin cannot be shown of this change; the finding shows one that can.
    BadComparison = "bad-comparison",
    /// A stated count is no whole number of 0 or more, or more events than samples; correct the metrics file.
    BadCount = "bad-count",
    /// Evidence names an artifact by something that is no SHA-256; write `sha256:` and 64 lower-case digits.
    BadDigest = "bad-digest",
    /// `SOURCE_DATE_EPOCH` is no number of seconds; unset it or set it to seconds since 1970.
    BadEnvironment = "bad-environment",
    /// A pattern cannot be used; write `*`, `?`, `[a-z]`, and `**` between two `/`.
    BadGlob = "bad-glob",
    /// A column of a CSV file holds values below no name; name every column that holds something.
    BadHeader = "bad-header",
    /// A key cannot be used, or should not be: statements are signed with an ECDSA key on the curve P-256 in PEM, without a
    /// password, and held against its public half.
    BadKey = "bad-key",
    /// An entry of a metrics file is not a metric: no name, no value, or statements that do not belong together.
    BadMetric = "bad-metric",
    /// A metrics file is empty or has another shape; write a map of names and numbers, or `relgate/metrics/v1`.
    BadMetricsFile = "bad-metrics-file",
    /// A name holds other characters than letters, digits, `-`, `_` and `.`; choose another.
    BadName = "bad-name",
    /// The `pattern` of a metric is no regular expression that relgate reads.
    BadPattern = "bad-pattern",
    /// A CSV row has more or fewer cells than the header; quote text that holds commas, and see whether the file is
    /// cut off.
    BadRow = "bad-row",
    /// The file of a `json-schema` metric is no JSON Schema that stands for itself.
    BadSchema = "bad-schema",
    /// The index of a model's shards cannot be read; take it again from where the model came from.
    BadShardIndex = "bad-shard-index",
    /// `exclude_up_to` is not a share below 50%; write for example `1%`.
    BadShare = "bad-share",
    /// A rule is met by getting worse, as `toxicity > 10%` is: turn the comparison round, or define a metric with
    /// `direction:`.
    BadSide = "bad-side",
    /// An approval, a waiver or a statement cannot be signed, or its signature is not one of whoever it names; sign it with the
    /// key that the list of signers has, or that the deployment pins.
    BadSignature = "bad-signature",
    /// Evidence records no proper time of its making; write date, time and zone.
    BadTime = "bad-time",
    /// `version` is no semantic version; write major.minor.patch.
    BadVersion = "bad-version",
    /// A limit on a bad rate is a bare fraction, which reads like a percentage; write the percentage.
    BareFraction = "bare-fraction",
    /// The earlier release's results were made with other artifacts than its manifest declares; evaluate it as it was
    /// released.
    BaselineEvidenceMismatch = "baseline-evidence-mismatch",
    /// The bundle of a release that did not pass is compared with; name one that did, or say why this one is accepted with
    /// `accept_failed_baseline`.
    BaselineFailed = "baseline-failed",
    /// Both sides of a comparison are the same results; evaluate the candidate.
    BaselineIsCandidate = "baseline-is-candidate",
    /// `baseline` names results where a release belongs; name a manifest, a bundle or `git:REV`, and results with
    /// `--baseline-evidence`.
    BaselineIsResults = "baseline-is-results",
    /// The earlier results lack a field that a comparison needs; name results that have it.
    BaselineLacksField = "baseline-lacks-field",
    /// Other results are read for the baseline than those that it declares itself; leave `baseline:` of the entry out, or see
    /// to it that whoever approves the release knows why.
    BaselineReplaced = "baseline-replaced",
    /// The baseline's results are there and cannot be read, so cases and slices that got lost since go unnoticed; repair them.
    BaselineUnread = "baseline-unread",
    /// An artifact is a symbolic link that leads to no file; restore the target or replace the link.
    BrokenLink = "broken-link",
    /// A bundle is not as relgate wrote it; take it again from the run that made it.
    BundleDamaged = "bundle-damaged",
    /// A report, bundle, lock or changelog cannot be written; make the place writable or choose another with `--out`.
    CannotWrite = "cannot-write",
    /// A `cap:` stands where it means nothing; it belongs to a mean of values that are not negative and have no upper end.
    CapMisplaced = "cap-misplaced",
    /// A mean is capped and no blocking gate limits how often a value is above the cap; add one on a quantile of the metric.
    CapWithoutTail = "cap-without-tail",
    /// Values are above the cap of their metric and count as the cap in its mean; look at them.
    CappedValues = "capped-values",
    /// The marks around what relgate wrote into a card do not fit together, or its metadata do not end; put them back, or remove them.
    CardDamaged = "card-damaged",
    /// What relgate wrote into a card was changed; write outside of its marks, and let relgate write what is between them.
    CardEdited = "card-edited",
    /// The policy or the release type requires a blocking gate on a category, and none stands for it; write one.
    CategoryNotCovered = "category-not-covered",
    /// A rule compares a fact about the listed cases with the baseline; compare a rate or a mean, or count
    /// `regressions`.
    ChangeOfAFact = "change-of-a-fact",
    /// A file changed while it was read, so its digest and its numbers may differ; run again once it stands still.
    ChangedWhileRead = "changed-while-read",
    /// Results changed after a person's text was adopted as the entry; correct its figures, or delete it to have a
    /// new one written.
    ChangelogAdoptedBehind = "changelog-adopted-behind",
    /// The changelog tells a pass of a release that does not pass now; delete the entry, or repair the release and run
    /// again.
    ChangelogBehind = "changelog-behind",
    /// The changelog has a section of this version that relgate did not write; `--adopt` it, or delete it.
    ChangelogByHand = "changelog-by-hand",
    /// The changelog holds an unfinished merge; finish it.
    ChangelogConflict = "changelog-conflict",
    /// A person edited relgate's entry, so it is left alone; `--adopt` it, or delete it to have a new one written.
    ChangelogEdited = "changelog-edited",
    /// `changelog` names a folder; name a file in it.
    ChangelogIsFolder = "changelog-is-folder",
    /// `changelog` names a file that this run reads or writes for another purpose; name one of its own.
    ChangelogIsTaken = "changelog-is-taken",
    /// A comment that marks relgate's entry is damaged, alone or inside something else; restore it, or delete both of
    /// the entry's.
    ChangelogMarker = "changelog-marker",
    /// A code block or comment of the changelog never ends; close it.
    ChangelogNeverClosed = "changelog-never-closed",
    /// Nothing in the changelog shows where entries go, so the place is a guess; move the entry with its comments.
    ChangelogNoVersions = "changelog-no-versions",
    /// `changelog` names a file that is not Markdown; name one such as `CHANGELOG.md`.
    ChangelogNotMarkdown = "changelog-not-markdown",
    /// The changelog has a further section of the entry's version; delete one of them.
    ChangelogSecondSection = "changelog-second-section",
    /// The changelog has two entries of one version; delete one with its comments.
    ChangelogTwoBlocks = "changelog-two-blocks",
    /// What changed inside the artifacts could not be found out; the verdict stands without it.
    ChangesNotTold = "changes-not-told",
    /// A cluster has more rows than `at_most` says that one can have; declare the largest that can occur.
    ClusterTooLarge = "cluster-too-large",
    /// Rows of one id name different clusters; give every id one cluster.
    ClustersDisagree = "clusters-disagree",
    /// A comma inside `{ ... }` cut a value in two; put the text in single quotes.
    CommaInFlow = "comma-in-flow",
    /// A gate asks for less confidence than its policy; write as much or more.
    ConfidenceLowered = "confidence-lowered",
    /// A rater gives every item the same rating, which says nothing of the items; ask whether they looked.
    ConstantRater = "constant-rater",
    /// Results of another tool contradict themselves, as a total that is smaller than the list it counts; let the tool write
    /// them again.
    Contradiction = "contradiction",
    /// The same results were judged before under other gates, metrics or policy; say why they changed after the results were known.
    CriteriaChanged = "criteria-changed",
    /// A file ends in the middle of a row or document, so rows may be missing; write or copy it again.
    CutOff = "cut-off",
    /// The bytes of an artifact are not what `sha256` declares; restore them or declare the new digest.
    DigestMismatch = "digest-mismatch",
    /// A limit on the change since the baseline alone allows that margin at every release; add an `anchor` or a gate
    /// on the level.
    Drift = "drift",
    /// Two gates have one id; give one of them its own.
    DuplicateGate = "duplicate-gate",
    /// A sample stands in the evidence twice; keep one row for each id and epoch.
    DuplicateId = "duplicate-id",
    /// A key or column stands there twice, and readers differ on which holds; keep one.
    DuplicateKey = "duplicate-key",
    /// Two metrics have one name once case and punctuation are folded; rename one.
    DuplicateMetric = "duplicate-metric",
    /// One person rates one item twice, or prefers both of two versions on it, so that nobody knows what they think; give
    /// repeated ratings an `epoch` each.
    DuplicateRating = "duplicate-rating",
    /// The earlier release's shared policy could not be read again, so its own part alone is compared.
    EarlierPolicy = "earlier-policy",
    /// A results file holds nothing; run the evaluation, or name the right file.
    EmptyEvidence = "empty-evidence",
    /// An artifact is a folder without files; put them there or name another folder.
    EmptyFolder = "empty-folder",
    /// A path is empty; name a file or a folder.
    EmptyPath = "empty-path",
    /// An engine serves another split than was written, or engines disagree; find out who changed it.
    EngineDiffers = "engine-differs",
    /// An engine cannot be told or asked; mend what the finding names, and run again: nothing was lost.
    EngineFailed = "engine-failed",
    /// A rule asks an estimate to equal a number; use `<` or `>`, or take a fact such as `count`.
    EqualityOfEstimate = "equality-of-estimate",
    /// A tool leaves what ended in an error out of its file and does not say how many; compare the number of cases with
    /// that of the dataset.
    ErrorsNotListed = "errors-not-listed",
    /// A file's name holds a backslash or a line end, which digest tools write differently; rename it.
    EscapedName = "escaped-name",
    /// Results are not the bytes that `sha256` of their entry declares; restore them or declare the new digest.
    EvidenceDigest = "evidence-digest",
    /// Evidence does not say enough about what it was made with, or when, and the policy requires it; write `created`
    /// and `artifacts` into it.
    EvidenceIdentity = "evidence-identity",
    /// Evidence says that it was made with other artifacts than the manifest declares; evaluate this release.
    EvidenceMismatch = "evidence-mismatch",
    /// Evidence does not say which artifacts it was made with, or when; write `created` and `artifacts` into it.
    EvidenceUnbound = "evidence-unbound",
    /// Policy files extend each other in a circle; remove one link.
    ExtendsCircle = "extends-circle",
    /// `extends` names a release; move what is shared into a policy file.
    ExtendsRelease = "extends-release",
    /// Policy files extend each other through too many steps; name them from the release.
    ExtendsTooDeep = "extends-too-deep",
    /// Cases of an evaluation suite are gone or changed, and nobody can tell whether they had failed.
    FailedCasesUnknown = "failed-cases-unknown",
    /// The latencies that a load tool states are those of failed requests, too, or requests without an answer are missing; judge the
    /// rate of failures beside them.
    FailuresInFigures = "failures-in-figures",
    /// Every value lies tens of times past the limit: the unit may be another than was thought; state it.
    FarFromLimit = "far-from-limit",
    /// A field is a number in one row and text or a truth value in another; write it the same way everywhere.
    FieldChangesType = "field-changes-type",
    /// `relgate try` without a rule left a field out, and says why; a rule about it judges it.
    FieldNotJudged = "field-not-judged",
    /// A path names one file of a bundle; name the bundle's folder.
    FileInBundle = "file-in-bundle",
    /// A symbolic link leads to a folder, and such links are not followed; declare that folder itself or put a copy
    /// there.
    FolderLink = "folder-link",
    /// The manifest is of a format that this relgate does not read; write `relgate: 1`, or use the newer relgate.
    FormatVersion = "format-version",
    /// A gate has the id of a shared gate and asks about something else; give it another id.
    GateDiffers = "gate-differs",
    /// A gate is looser than the shared gate of the same id; a release may only tighten.
    GateLoosened = "gate-loosened",
    /// A revision means more than one thing in git; write the whole reference or more digits.
    GitAmbiguous = "git-ambiguous",
    /// git could not read the release; the note holds what it said.
    GitFailed = "git-failed",
    /// A `git:` release needs the program git, which is not there; install it or name a path.
    GitMissing = "git-missing",
    /// A `git:` release is named outside of a repository; run in the clone, or name a path.
    GitNoRepository = "git-no-repository",
    /// git refuses a repository of another user; declare it safe if you trust it.
    GitOwnership = "git-ownership",
    /// git does not know the revision; name a tag, a branch or a commit.
    GitRevision = "git-revision",
    /// The revision is not in this shallow clone; fetch the whole history (`fetch-depth: 0`).
    GitShallow = "git-shallow",
    /// A quantile, minimum or maximum looks at the best values only, as `p95` does where high is good: look at the
    /// other end.
    GoodTail = "good-tail",
    /// A kind of report has no form for a history, or there is no path for it; name one that has, and where to write it.
    HistoryKind = "history-kind",
    /// A release was taken back, and the manifest of a hotfix with restored artifacts could not be written; nothing else depends on it.
    HotfixNotWritten = "hotfix-not-written",
    /// A hotfix does not say what it fixes; write a `summary`.
    HotfixWithoutReason = "hotfix-without-reason",
    /// Files contradict what DVC, a hub or a list of checksums says of them; take them again, or correct what is
    /// wrong.
    ImportMismatch = "import-mismatch",
    /// A file of DVC, a hub or a list of checksums cannot be read; repair or remove it.
    ImportUnreadable = "import-unreadable",
    /// No count of that many samples gives the stated rate; state `events` and `n`, or declare a mean.
    ImpossibleRate = "impossible-rate",
    /// A file would be written into an artifact that it describes and change its digest; write it elsewhere.
    InsideArtifact = "inside-artifact",
    /// An integer beyond 2^53 in inline values is not the same in every reader; put it in quotes.
    IntegerTooLarge = "integer-too-large",
    /// A `judge:` stands where no judge gives verdicts, or is corrected in two ways, or by half of what that takes.
    JudgeMisdeclared = "judge-misdeclared",
    /// People labelled a row that the judge did not: labels are for a part of the judged rows, or they say nothing of the judge.
    LabelWithoutVerdict = "label-without-verdict",
    /// The labelled rows are no random part of all: what the judge gets wrong among them is not what it gets wrong elsewhere.
    LabelsNotRandom = "labels-not-random",
    /// A path or link leads out of the root; move it inside, or name a larger root with `--root`.
    LeavesRoot = "leaves-root",
    /// An event of the ledger does not follow its newest checkpoint: it was put in behind it, or a branch was merged; see who wrote
    /// it.
    LedgerBesideCheckpoint = "ledger-beside-checkpoint",
    /// Another command writes the ledger; run again when it has ended.
    LedgerBusy = "ledger-busy",
    /// An event stands in the ledger twice; remove the file whose name is not its own, or ask who wrote it.
    LedgerDoubled = "ledger-doubled",
    /// A file of the ledger is not what its name or git says; restore it from git.
    LedgerEdited = "ledger-edited",
    /// A file in the ledger's folder is neither event nor signature nor checkpoint; move it elsewhere.
    LedgerForeign = "ledger-foreign",
    /// An event that others follow, that a checkpoint counts or that git knows is not in the ledger; restore it from git.
    LedgerMissing = "ledger-missing",
    /// An event of the ledger is cut off or no JSON; restore it from git.
    LedgerTorn = "ledger-torn",
    /// A Git LFS pointer stands where the content belongs; fetch it with `git lfs pull`.
    LfsPointer = "lfs-pointer",
    /// An evaluation was run on a part of its cases; evaluate all of them before a release.
    LimitedRun = "limited-run",
    /// A line of a results file is longer than relgate reads; write one sample a line.
    LineTooLong = "line-too-long",
    /// The lock is not as relgate wrote it; take it from version control, or make it anew.
    LockEdited = "lock-edited",
    /// The earlier release was locked and this one is not; run `relgate lock` and commit the file.
    LockGone = "lock-gone",
    /// An artifact is not what the lock pins; restore it, or lock anew if it is meant.
    LockMismatch = "lock-mismatch",
    /// The lock beside the manifest is that of another release; make it anew, or name the manifests apart.
    LockOfAnotherRelease = "lock-of-another-release",
    /// The lock was made by other rules of finding files; make it anew.
    LockPolicy = "lock-policy",
    /// The lock would list too many files; pack them into fewer.
    LockTooLarge = "lock-too-large",
    /// The lock is of another version of its format; use the relgate that wrote it, or make it anew.
    LockVersion = "lock-version",
    /// Cases of the release that is compared with are not in the candidate's results; evaluate them.
    LostCases = "lost-cases",
    /// The baseline has the higher version; raise `version`.
    LowerVersion = "lower-version",
    /// A file holds no manifest; a manifest begins with `relgate: 1`, `name:` and `version:`.
    ManifestEmpty = "manifest-empty",
    /// A folder is named where a manifest belongs; name the file.
    ManifestIsFolder = "manifest-is-folder",
    /// A pipe or device is named where a manifest belongs; write it to a file.
    ManifestNotFile = "manifest-not-file",
    /// A manifest is no UTF-8 text; save it as UTF-8.
    ManifestNotUtf8 = "manifest-not-utf8",
    /// The manifest is not below the root; let `--root` name a folder that holds it.
    ManifestOutsideRoot = "manifest-outside-root",
    /// A manifest is larger, deeper or has more values than relgate reads; keep data in files of their own.
    ManifestTooLarge = "manifest-too-large",
    /// A manifest cannot be read; make it readable.
    ManifestUnreadable = "manifest-unreadable",
    /// A key stands on an artifact of a kind for which it means nothing; remove it there.
    MisplacedKey = "misplaced-key",
    /// A file that is named does not exist; correct the path or restore the file.
    MissingFile = "missing-file",
    /// A row has no `id`; give every sample one.
    MissingId = "missing-id",
    /// A key that has to be there is missing; add it.
    MissingKey = "missing-key",
    /// A row of ratings does not say who gave it, or which versions were compared.
    MissingRater = "missing-rater",
    /// A shard of a model is not there; download the model again.
    MissingShard = "missing-shard",
    /// A threshold has no unit and needs one; the finding shows it.
    MissingUnit = "missing-unit",
    /// Reports of several releases, or one without a version, make no history; name reports of one release.
    MixedHistory = "mixed-history",
    /// Files of one download from a model hub are of several revisions; download one revision as a whole.
    MixedRevisions = "mixed-revisions",
    /// There are more findings than a hundred; those that are listed come first.
    MoreFindings = "more-findings",
    /// A file's name is no UTF-8 and would not read the same everywhere; rename it.
    NameNotUtf8 = "name-not-utf8",
    /// Two file names are one on macOS and Windows; rename one.
    NamesCollide = "names-collide",
    /// A word after `relgate try` names no file and is no rule, or names more results than two sides; put rules in quotes.
    NeitherFileNorRule = "neither-file-nor-rule",
    /// An artifact holds a git repository's own data, which git rewrites; name a folder without `.git`.
    NestedRepository = "nested-repository",
    /// A gate can never fail at the planned size, so it stops no bad release; plan more samples, or tighten its limit.
    NeverFails = "never-fails",
    /// A gate can never pass at the planned size, whatever is true; plan more samples, in more and smaller clusters where
    /// there are any.
    NeverPasses = "never-passes",
    /// No number of samples can show this rate; allow a few exceptions, or take a fact about the listed cases.
    NeverProvable = "never-provable",
    /// Cases are new since the release that is compared with, and left out of the comparison; nothing to do.
    NewCases = "new-cases",
    /// The release to compare with does not exist; name a manifest, its folder, a bundle, or `git:REV`.
    NoBaseline = "no-baseline",
    /// A gate compares with an earlier release, and no results of it are there; name them.
    NoBaselineEvidence = "no-baseline-evidence",
    /// No gate blocks and applies, so nothing was asked of the release; write one.
    NoBlockingGate = "no-blocking-gate",
    /// Inline values have no canonical JSON form, so no digest; the finding names the value.
    NoCanonicalJson = "no-canonical-json",
    /// A row lacks the field that samples are clustered by; every row needs it.
    NoCluster = "no-cluster",
    /// An artifact does not say where it is; give `path`, `uri` or `values`.
    NoContent = "no-content",
    /// A folder on the command line cannot be used; check the path.
    NoFolder = "no-folder",
    /// A manifest has no gate, and cannot be judged; write one.
    NoGates = "no-gates",
    /// There is no ledger to read or write; begin one with `relgate ledger init`.
    NoLedger = "no-ledger",
    /// There is no lock to verify against; make it with `relgate lock` and commit it.
    NoLock = "no-lock",
    /// There is no manifest at this path; name the file.
    NoManifest = "no-manifest",
    /// A pattern matches no file; run the evaluation first, or correct the pattern.
    NoMatch = "no-match",
    /// An entry of a metrics file is no number; gates are on others.
    NoMetric = "no-metric",
    /// Signatures are asked for, and the protected branch that says whose is not here or cannot be read; fetch it, or name it with
    /// `--protected-ref`.
    NoProtectedRef = "no-protected-ref",
    /// A folder holds no results file; name the file, its folder, or a glob.
    NoResults = "no-results",
    /// A metrics file holds aggregates where samples are needed; name a file with a row a sample.
    NoSamples = "no-samples",
    /// What is served is not watched from here: nothing is known of it, or its manifest is neither here nor in the history.
    NobodyWatches = "nobody-watches",
    /// A count is compared with something that is no whole number.
    NotACount = "not-a-count",
    /// A score is text where a number or truth value belongs; write the number, or `null` where there is none.
    NotANumber = "not-a-number",
    /// A proportion lies outside of 0 % to 100 %; write a share or a percentage.
    NotAProportion = "not-a-proportion",
    /// The file is no report of relgate; name the `report.json` that `check` wrote.
    NotAReport = "not-a-report",
    /// A rate is made of values that are neither true/false nor 0/1; use `mean`, or correct them.
    NotBinary = "not-binary",
    /// A row is no CSV; write the file with a CSV library.
    NotCsv = "not-csv",
    /// A number is infinite or not a number; a missing score is `null`.
    NotFinite = "not-finite",
    /// A file or line is no JSON; write it with a JSON library.
    NotJson = "not-json",
    /// A file stands in the output folder that no run of relgate made; move it away or choose another folder.
    NotOurs = "not-ours",
    /// An artifact could not be hashed, so it is not locked; mend what the other findings say.
    NotPinned = "not-pinned",
    /// An outcome takes something for granted that its numbers cannot show; the finding says what, and how to do without.
    NotPromised = "not-promised",
    /// A results file is no UTF-8 text; write it as UTF-8.
    NotUtf8 = "not-utf8",
    /// A file is no XML; let the tool write it again.
    NotXml = "not-xml",
    /// There are neither rules nor results from before, or none that fixed margins fit; write a rule, or name results to
    /// compare with.
    NothingAsked = "nothing-asked",
    /// Tests of an evaluation tool assert nothing, so that nothing can be said of them; give each an assertion.
    NothingAsserted = "nothing-asserted",
    /// Nothing that ships changed since the baseline; see whether the manifest names what did.
    NothingChanged = "nothing-changed",
    /// `relgate try` judges results as they are; only a manifest says which artifacts made them, and pins them.
    NothingPinned = "nothing-pinned",
    /// A part that `relgate summarize` made is cut off, or a byte of it is another; copy it again, or make it anew.
    NumbersDamaged = "numbers-damaged",
    /// A part keeps nothing of a field that is asked for; make the parts with the release.yaml that is judged.
    NumbersLackField = "numbers-lack-field",
    /// A part was made for another release, or its release.yaml has changed since; make it anew.
    NumbersMadeFor = "numbers-made-for",
    /// Parts are missing, there twice, or not of one set; `check` takes all parts of one evidence entry, `monitor` of one log, each once.
    NumbersParts = "numbers-parts",
    /// All ratings come from one person, so that nothing says how another would judge; let a second person rate some items.
    OneRater = "one-rater",
    /// A folder holds a shard that no index names, which a loader may take; remove it.
    OrphanShard = "orphan-shard",
    /// A comparison case by case has no id on both sides; evaluate both on the same cases.
    OtherCaseSets = "other-case-sets",
    /// A definition lets a metric stand for what it does not measure, such as a latency for safety; remove `category:`.
    OtherCategory = "other-category",
    /// The two sides of a comparison were scored by different models, which are a part of the scale; score both with one.
    OtherJudge = "other-judge",
    /// The two releases have different names; see whether the right ones are compared.
    OtherRelease = "other-release",
    /// The two sides of a comparison were measured under different loads; measure both under the same.
    OtherScenario = "other-scenario",
    /// A value lies outside of what its metric can be; mend the evidence, or declare the bounds.
    OutOfBounds = "out-of-bounds",
    /// This run would overwrite what it reads with its own bundle; write elsewhere with `--out`.
    OutputIsBaseline = "output-is-baseline",
    /// A file that this run reads, or that somebody else made, stands where it would write; move it or write elsewhere.
    OutputIsTaken = "output-is-taken",
    /// A metric has `per` and is no ratio; add `as: ratio`, or remove it.
    PerWithoutRatio = "per-without-ratio",
    /// A policy file holds neither `policy:` nor `gates:`.
    PolicyEmpty = "policy-empty",
    /// A policy loosens the one it extends; a release may only tighten.
    PolicyLoosened = "policy-loosened",
    /// The release type needs a blocking gate that quality is no worse than the baseline's; write one such as
    /// `accuracy drop < 2pp`.
    QualityNotGuarded = "quality-not-guarded",
    /// A metric about ratings or preferences lacks a key that it needs, has one that belongs to another kind, or tells the
    /// rows of its evidence apart otherwise than another metric does.
    RatingMisdeclared = "rating-misdeclared",
    /// A ratio has no denominator; add `per`.
    RatioWithoutPer = "ratio-without-per",
    /// A file of references has other rows or ids than the results that are compared with it.
    ReferencesUnmatched = "references-unmatched",
    /// An artifact has a new version and the same bytes; keep the old version, or put the new content there.
    Relabelled = "relabelled",
    /// The release changes artifacts that its type may not change; declare the type that fits.
    ReleaseTypeMismatch = "release-type-mismatch",
    /// An artifact has another `uri` under the same version; give it a new version if its content may differ.
    Relocated = "relocated",
    /// A report for people outside says something else than the report it is made of; write it anew.
    ReportDrifted = "report-drifted",
    /// A saved report says something that relgate did not write; take the file of `check`, or judge again.
    ReportEdited = "report-edited",
    /// A report folder is named where a release belongs; name the bundle in it.
    ReportFolder = "report-folder",
    /// A saved report is of another version of the schema; read it with the relgate that wrote it.
    ReportVersion = "report-version",
    /// `require` leaves out what the release type needs by default; every output says so.
    RequireNarrowed = "require-narrowed",
    /// A gate has the id of a built-in one; choose another.
    ReservedGate = "reserved-gate",
    /// Ids of an earlier release were dropped on purpose by `retired:`, and are not missed in what is compared with it.
    RetiredCases = "retired-cases",
    /// `retired:` lists ids that the candidate's results have; they count like any other.
    RetiredPresent = "retired-present",
    /// `retired:` lists ids that the earlier release's results do not have; mend them, or take them from the list.
    RetiredUnknown = "retired-unknown",
    /// The day on which a risk of the register is looked at again has passed; look at it, and write down the next.
    RiskReviewDue = "risk-review-due",
    /// The register of risks says something that does not stand; the finding says what.
    RiskSpec = "risk-spec",
    /// `deployment` says something that no rollout could do; the finding says what fits.
    RolloutPlan = "rollout-plan",
    /// Rows have no value in a field by which the evidence selects, and do not count.
    RowsWithoutField = "rows-without-field",
    /// YAML read a rule as a mapping because of `: `; put it in single quotes.
    RuleReadAsMapping = "rule-read-as-mapping",
    /// A rule is not understood; the finding underlines where, and shows a rule that is.
    RuleSyntax = "rule-syntax",
    /// Two of the manifests release the same name, and their reports would overwrite each other; check them one by
    /// one.
    SameName = "same-name",
    /// Candidate and baseline have the same results, byte for byte, with nothing in them that tells runs apart; evaluate the
    /// candidate if it was not.
    SameResults = "same-results",
    /// The baseline has the same version; raise `version`, or name the release before.
    SameVersion = "same-version",
    /// Samples without a score are left out, as `missing_samples: exclude_up_to` allows; find out why they have none.
    SamplesLeftOut = "samples-left-out",
    /// A metric's `scale` is not above 0; use `direction` to say what is good.
    ScaleNotPositive = "scale-not-positive",
    /// A results file has a second header, as joined files do; keep one file a run.
    SecondHeader = "second-header",
    /// A `where:` selects rows by what a gate judges, or by whether they failed, so it decides the outcome; select by
    /// something that was known before the evaluation.
    SelectedByOutcome = "selected-by-outcome",
    /// A waiver is approved by its own owner; somebody else has to accept the risk.
    SelfApprovedWaiver = "self-approved-waiver",
    /// A file holds several runs and nothing says which one counts; select it with `where:`.
    SeveralRuns = "several-runs",
    /// A definition in `metrics:` gives another meaning to what a gate of a shared policy asks for; remove it there.
    SharedMetricRedefined = "shared-metric-redefined",
    /// Two reports would be written to one path, or one over the report that is read; give each a path of its own.
    SharedReport = "shared-report",
    /// `monitoring` asks for what production records cannot show; the finding says what they can.
    SignalSpec = "signal-spec",
    /// Who may sign is another list here than on the protected branch, which counts; bring the list there first.
    SignersChanged = "signers-changed",
    /// An artifact changed and its version did not; give it a new version, or restore it.
    SilentChange = "silent-change",
    /// An aggregate cannot be judged by slices; give relgate the samples, or a gate for each slice's own number.
    SlicesOfAnAggregate = "slices-of-an-aggregate",
    /// An artifact is a pipe, socket or device; write its content to a file.
    SpecialFile = "special-file",
    /// A report is not about what is here: another manifest, lock or policy, or nothing was judged; check again.
    StaleReport = "stale-report",
    /// An evaluation suite ends in the middle of a case; write or copy it again.
    SuiteCutOff = "suite-cut-off",
    /// A list of checksums would stand outside of the root, where it finds no file; put it inside.
    SumsOutsideRoot = "sums-outside-root",
    /// A list of checksums would replace something else; name a new file.
    SumsOverwrites = "sums-overwrites",
    /// A key of a metric of texts belongs to another metric, or cannot have this value.
    TextOption = "text-option",
    /// The baseline's bundle has the metric by other rules (tokenizer, smoothing, case), whose figures are not compared.
    TextSignature = "text-signature",
    /// An answer or a reference is longer than the metric is worked out for.
    TextTooLong = "text-too-long",
    /// A file is larger than relgate reads here; the finding names the limit.
    TooLarge = "too-large",
    /// The rows have too many different fields to be samples; write the same fields in every row.
    TooManyFields = "too-many-fields",
    /// More looks are declared than can be paid for; evidence that is judged all the time needs monitoring.
    TooManyLooks = "too-many-looks",
    /// A dataset has more rows than can be compared; split it.
    TooManyRows = "too-many-rows",
    /// A field of `by:` has too many values; slice by one with few.
    TooManySlices = "too-many-slices",
    /// An artifact has both `path` and `values`; keep one.
    TwoContents = "two-contents",
    /// The operands of `diff` name more or other than two releases; the finding shows how.
    TwoReleases = "two-releases",
    /// Growing results of one release were judged more often under the same criteria than `looks` declares, so its errors are
    /// more frequent than stated; declare the looks before the first one.
    UndeclaredLook = "undeclared-look",
    /// Datasets do not say what they are for, so rows that they share were not looked for; add `role:`.
    UndeclaredRole = "undeclared-role",
    /// A folder holds a download that was not finished; download it again, or remove it.
    UnfinishedDownload = "unfinished-download",
    /// An evaluation did not come to its end; run it again to its end.
    UnfinishedRun = "unfinished-run",
    /// A rule about a level has the unit of a change; write a change, or the level's unit.
    UnitOfAChange = "unit-of-a-change",
    /// The ledger holds no event, version or artifact of that name; look at `relgate ledger`.
    UnknownEvent = "unknown-event",
    /// No evidence entry has that name; correct it.
    UnknownEvidence = "unknown-evidence",
    /// A results file is in no format that relgate reads; write JSON Lines, CSV or a metrics file.
    UnknownFormat = "unknown-format",
    /// No gate of the release has that name; correct it, or ask for a gate of the report.
    UnknownGate = "unknown-gate",
    /// A key is not known here, and might be a slip that loosens a gate; correct or remove it.
    UnknownKey = "unknown-key",
    /// The evidence has no field or aggregate of that name; correct the rule, or define the metric.
    UnknownMetric = "unknown-metric",
    /// A preference names neither of the two versions that were compared, and is no tie; or a version that nobody compared
    /// is asked for.
    UnknownPreference = "unknown-preference",
    /// A file names a schema that relgate does not know; use the relgate that does, or write it again.
    UnknownSchema = "unknown-schema",
    /// A unit is not known; the finding lists those that are.
    UnknownUnit = "unknown-unit",
    /// A threshold has a unit and the metric has none; define it in `metrics:`.
    UnknownUnitOfMetric = "unknown-unit-of-metric",
    /// A value is none of the words that may stand there; the finding lists them.
    UnknownWord = "unknown-word",
    /// A model may change behind its name; pin a revision or a dated snapshot.
    UnpinnedModel = "unpinned-model",
    /// A `uri` names a revision that can be moved; name the commit, or declare `sha256`.
    UnpinnedRevision = "unpinned-revision",
    /// A file cannot be read; the finding says why.
    Unreadable = "unreadable",
    /// Nothing says whether a metric is a rate or a mean, and its values are all 0 or 1; write `rate NAME`, or `as: rate`.
    UntypedMetric = "untyped-metric",
    /// The release changes none of what its type is about; declare the type that fits.
    UnusualReleaseType = "unusual-release-type",
    /// The version was raised by another step than the release type is expected to take.
    VersionStep = "version-step",
    /// A waiver is needed and has expired; mend the release, or have the risk accepted anew.
    WaiverExpired = "waiver-expired",
    /// A built-in gate cannot be waived; remove the waiver and mend what it found.
    WaiverForBuiltInGate = "waiver-for-built-in-gate",
    /// A gate that could not be judged cannot be waived; mend the data.
    WaiverForError = "waiver-for-error",
    /// A waiver names no gate of the release; correct its id.
    WaiverForUnknownGate = "waiver-for-unknown-gate",
    /// A waiver accepts much worse than was measured; set its limit nearer.
    WaiverGenerous = "waiver-generous",
    /// A waiver's limit is not shown by what was measured, so it has no effect.
    WaiverLimit = "waiver-limit",
    /// A waiver does not cover all that did not pass; waive the rest too, or mend it.
    WaiverPartial = "waiver-partial",
    /// A waiver's limit is stricter than the rule it waives, so it could never help; write the worst value still
    /// accepted.
    WaiverTighterThanRule = "waiver-tighter-than-rule",
    /// A waiver expires later than `policy: waiver_at_most` allows; let it expire earlier and renew it.
    WaiverTooLong = "waiver-too-long",
    /// A waiver without a `limit` accepts any value; set one.
    WaiverUnlimited = "waiver-unlimited",
    /// A waiver is needed and nobody who may has signed it as it stands; let its approver sign it.
    WaiverUnsigned = "waiver-unsigned",
    /// A waiver is not needed, or not for what did not pass; remove or correct it.
    WaiverUnused = "waiver-unused",
    /// The only limits on a loss of quality are wide; 5pp, or 10 % where relative, would show that it is no worse.
    WideMargin = "wide-margin",
    /// A value is of another type than belongs there; the finding says which.
    WrongType = "wrong-type",
    /// A threshold is in a unit that the metric cannot have; the finding shows one that it can.
    WrongUnit = "wrong-unit",
    /// YAML aliases are not read; write the value out, or quote a text that begins with `*`.
    YamlAlias = "yaml-alias",
    /// YAML anchors are not read; write the value out where it is needed.
    YamlAnchor = "yaml-anchor",
    /// A file holds a second YAML document; put it into a file of its own.
    YamlDocuments = "yaml-documents",
    /// A YAML key is no single word or text.
    YamlKey = "yaml-key",
    /// YAML merge keys are not read; write the keys out.
    YamlMerge = "yaml-merge",
    /// A file is no YAML; the finding shows where the reading stopped.
    YamlSyntax = "yaml-syntax",
    /// YAML tags are not read; remove them, or quote a text that begins with `!`.
    YamlTag = "yaml-tag",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
