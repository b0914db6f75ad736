//! One event: what its file says, as types, and the one spelling that its digest is made of.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, SubsecRound as _, Utc};
use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::artifact::digest_bytes;
use crate::manifest::Digest;

/// The format of an event.
pub const SCHEMA: &str = "relgate/event/v1";
/// The format of a checkpoint.
pub const CHECKPOINT_SCHEMA: &str = "relgate/checkpoint/v1";
/// The time in a file's name.
const STAMP: &str = "%Y%m%dT%H%M%SZ";
/// The time in an event.
const TIME: &str = "%Y-%m-%dT%H:%M:%SZ";
/// Digits of the digest in a file's name.
const DIGITS: usize = 16;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The digests of the events that it follows: all that nothing followed yet, sorted; none of the first.
    pub prev: Vec<Digest>,
    /// When, by the clock of whoever wrote it: a claim. To the second.
    pub time: DateTime<Utc>,
    /// Who wrote it: a claim.
    pub actor: String,
    /// The release that it is about.
    pub release: EventRelease,
    /// What happened to it.
    pub happening: Happening,
}

/// An event that is not in its place yet: nobody said what it follows.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// When.
    pub time: DateTime<Utc>,
    /// Who writes it.
    pub actor: String,
    /// The release that it is about.
    pub release: EventRelease,
    /// What happened to it.
    pub happening: Happening,
}

/// A release as events name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRelease {
    /// `name` of its manifest.
    pub name: String,
    /// `version` of its manifest.
    pub version: String,
    /// The digest of its lock, which is what it is known by; none without a lock.
    pub lock: Option<Digest>,
}

/// What happened to a release, by `kind`.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// It was judged.
    Checked(CheckedData),
    /// A person approved it.
    Approved(ApprovedData),
    /// Its rollout began, or goes on after it was held.
    Started(StartedData),
    /// A weight is meant: written before any engine is told.
    Step(StepData),
    /// A weight was written and read back.
    Applied(AppliedData),
    /// Its rollout stands still.
    Held(HeldData),
    /// A signal has another outcome than before.
    Signal(SignalData),
    /// It was taken back.
    RolledBack(RolledBackData),
    /// It is the release that everybody gets.
    Promoted(PromotedData),
    /// A person took the version out of use for good.
    Yanked(YankedData),
}

/// How a release was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckedData {
    /// `pass`, `inconclusive`, `error` or `fail`.
    pub decision: String,
    /// The digest of report.json, which carries the time of its making.
    pub report: Digest,
    /// The digest of the criteria: gates, metrics, policy and what selects rows, inherited ones included.
    pub gates: Digest,
    /// The digest of the results, over the names and digests of all evidence entries.
    pub evidence: Digest,
    /// Which look at growing results of the same release under the same criteria it is, from 1.
    pub look: u32,
    /// How many looks the policy allows.
    pub looks: u32,
    /// Whether the same results were judged before under other criteria.
    pub criteria_changed: bool,
    /// The artifacts, by `kind.name`.
    pub artifacts: BTreeMap<String, CheckedArtifact>,
    /// The waivers that were used.
    pub waivers: Vec<CheckedWaiver>,
    /// What each gate came to, with its figures in words; nothing in events of before they were kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<String, String>,
}

/// An artifact of a judged release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckedArtifact {
    /// Its declared version.
    pub version: String,
    /// The digest of its bytes, where they are known.
    pub sha256: Option<Digest>,
}

/// A waiver that a judgement used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckedWaiver {
    /// The gate.
    pub gate: String,
    /// The slice that it is limited to, `key=value` behind one another; none for the whole gate.
    pub slice: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who asked.
    pub owner: String,
    /// Who accepted.
    pub approver: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub expires: String,
    /// The worst value that it accepts, as written.
    pub limit: Option<String>,
}

/// A person's word for a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovedData {
    /// What for: `start`, `full`, or another step that asks for it.
    pub what: String,
    /// The digest of what was approved.
    pub digest: Digest,
    /// Who approves.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Whether a signature by `by` stands beside the event, in a file of its name with `.sig` behind it.
    pub signed: bool,
}

/// The plan of a rollout, as it was when it began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartedData {
    /// The digest of the declared plan.
    pub plan: Digest,
    /// `canary`, `shadow`, `blue-green`, `ab` or `flag`.
    pub strategy: String,
    /// What serves everybody else, and what to go back to; none for a first release.
    pub stable: Option<EventRelease>,
    /// The steps in order.
    pub steps: Vec<StepPlan>,
    /// The longest time in a step, in seconds.
    pub give_up_s: u64,
    /// What is watched.
    pub signals: Vec<SignalPlan>,
    /// Whether it goes on after it was held.
    pub resumes: bool,
    /// Why a release that was taken back is tried again.
    pub again: Option<String>,
    /// The digest of the statement that it was started on; none where it was judged on the spot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Digest>,
    /// What the manifest said of `deployment`, `monitoring` and `rollback`, by `table.key`: as written, on one line, the digest of
    /// what is long; nothing in events of before it was kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub declared: BTreeMap<String, String>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepPlan {
    /// The candidate's share, of 10,000.
    pub weight: u32,
    /// The least time in it, in seconds.
    pub bake_s: u64,
    /// Who gets the candidate, where it is not a random share.
    pub cohort: Option<String>,
}

/// One signal of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalPlan {
    /// Its id.
    pub id: String,
    /// Its rule, or the bare name.
    pub rule: String,
    /// What it is about; none where nobody knows.
    pub category: Option<String>,
    /// The harm that a step has to be able to see.
    pub detect: Option<f64>,
    /// What a value counts as at most, frozen at the start.
    pub cap: Option<f64>,
}

/// A weight that is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepData {
    /// The step of the plan, from 0.
    pub step: u32,
    /// The candidate's share, of 10,000.
    pub weight: u32,
    /// Who gets the candidate, where it is not a random share.
    pub cohort: Option<String>,
    /// Why now, in a sentence.
    pub why: String,
    /// Who overruled what spoke against it.
    pub overruled: Option<Overruled>,
}

/// A person who overrules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overruled {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A weight that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppliedData {
    /// The step of the plan, from 0.
    pub step: u32,
    /// The candidate's share, of 10,000.
    pub weight: u32,
    /// The kinds of the engines that were told.
    pub targets: Vec<String>,
    /// Whether it was read back from each of them.
    pub read_back: bool,
}

/// Why a rollout stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldData {
    /// Why, in a word: `engine-differs`, `give-up`, `person` and the like.
    pub code: String,
    /// Why, in a sentence.
    pub reason: String,
    /// The person who holds it; none where relgate does.
    pub by: Option<String>,
}

/// An outcome that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalData {
    /// The signal.
    pub id: String,
    /// `pass`, `inconclusive`, `fail`, `blind` and so on.
    pub outcome: String,
    /// Why, in a sentence.
    pub reason: String,
    /// What was counted of the candidate.
    pub candidate: SignalCounts,
    /// What was counted of the stable release; none where the signal looks at the candidate alone.
    pub stable: Option<SignalCounts>,
}

/// What was counted of one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalCounts {
    /// Records.
    pub n: u64,
    /// Bad ones; none where the signal is no rate.
    pub events: Option<u64>,
    /// Units among them; none where records carry none.
    pub units: Option<u64>,
    /// Records without what the signal reads.
    pub missing: u64,
}

/// A way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolledBackData {
    /// The candidate's share before, of 10,000.
    pub from: u32,
    /// The candidate's share after, of 10,000.
    pub weight: u32,
    /// What serves everybody (else) now; none where nothing is known.
    pub to: Option<EventRelease>,
    /// `roll-back`, `restore`, `throttle` or `switch`.
    pub action: String,
    /// What brought it about.
    pub cause: RollbackCause,
    /// The person who went back; none where a signal did.
    pub by: Option<String>,
    /// The hotfix that is meant, for which a manifest is written; none where none is, and in events of before there were some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hotfix: Option<HotfixData>,
}

/// A release that is meant to follow a way back: what failed, with some kinds of artifacts from what serves again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HotfixData {
    /// Its version.
    pub version: String,
    /// The kinds of artifacts that are restored: `models`, `prompts` and so on.
    pub restores: Vec<String>,
    /// What it is for, in a sentence.
    pub summary: String,
}

/// What brought a way back about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackCause {
    /// The signal; none where a person decided.
    pub signal: Option<String>,
    /// What the signal is about.
    pub category: Option<String>,
    /// In a sentence.
    pub text: String,
}

/// A release that everybody gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromotedData {
    /// What it replaces.
    pub from: Option<EventRelease>,
    /// Requests that were expected in the period of `monitoring: false_alarms:`.
    pub requests: u64,
    /// What later records are held against, by signal.
    pub references: BTreeMap<String, PromotedReference>,
}

/// What a signal looked like during a rollout.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromotedReference {
    /// The upper 95 % limit of the candidate's own value.
    pub upper: Option<f64>,
    /// What a value counted as at most.
    pub cap: Option<f64>,
    /// Quantile edges of its values, ascending; empty where drift is not watched.
    pub edges: Vec<f64>,
}

/// A version that is out of use for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YankedData {
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: String,
}

/// Why bytes are no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed {
    /// They end before their end, or are no JSON.
    Torn,
    /// They are of another schema; the one that they state, if any.
    OtherSchema(Option<String>),
    /// They are of the schema, and do not fit it; why.
    Unfit(String),
}

/// The event as its file has it.
#[derive(Serialize)]
struct Written<'a> {
    schema: &'static str,
    prev: &'a [Digest],
    time: String,
    actor: &'a str,
    kind: &'static str,
    release: &'a EventRelease,
    data: &'a Happening,
}

/// The same as it is read first, when nobody knows what kind of `data` it has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    schema: String,
    prev: Vec<Digest>,
    time: String,
    actor: String,
    kind: String,
    release: EventRelease,
    #[serde(rename = "data")]
    _data: IgnoredAny,
}

/// And then of its kind.
#[derive(Deserialize)]
struct Body<T> {
    data: T,
}

impl Serialize for Happening {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Checked(data) => data.serialize(to),
            Self::Approved(data) => data.serialize(to),
            Self::Started(data) => data.serialize(to),
            Self::Step(data) => data.serialize(to),
            Self::Applied(data) => data.serialize(to),
            Self::Held(data) => data.serialize(to),
            Self::Signal(data) => data.serialize(to),
            Self::RolledBack(data) => data.serialize(to),
            Self::Promoted(data) => data.serialize(to),
            Self::Yanked(data) => data.serialize(to),
        }
    }
}

impl Happening {
    /// Every word of `kind`.
    pub const KINDS: [&'static str; 10] = [
        "checked",
        "approved",
        "started",
        "step",
        "applied",
        "held",
        "signal",
        "rolled-back",
        "promoted",
        "yanked",
    ];

    /// The word of `kind`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Checked(_) => "checked",
            Self::Approved(_) => "approved",
            Self::Started(_) => "started",
            Self::Step(_) => "step",
            Self::Applied(_) => "applied",
            Self::Held(_) => "held",
            Self::Signal(_) => "signal",
            Self::RolledBack(_) => "rolled-back",
            Self::Promoted(_) => "promoted",
            Self::Yanked(_) => "yanked",
        }
    }

    /// `data` as JSON.
    #[must_use]
    pub fn data(&self) -> Value {
        // Structs of strings, numbers and lists always serialise.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The `data` of that kind in the text of an event.
    fn read(kind: &str, text: &str) -> Result<Self, String> {
        fn of<T: DeserializeOwned>(text: &str) -> Result<T, String> {
            let body: Body<T> = serde_json::from_str(text).map_err(|error| format!("`data`: {error}"))?;
            Ok(body.data)
        }
        Ok(match kind {
            "checked" => Self::Checked(of(text)?),
            "approved" => Self::Approved(of(text)?),
            "started" => Self::Started(of(text)?),
            "step" => Self::Step(of(text)?),
            "applied" => Self::Applied(of(text)?),
            "held" => Self::Held(of(text)?),
            "signal" => Self::Signal(of(text)?),
            "rolled-back" => Self::RolledBack(of(text)?),
            "promoted" => Self::Promoted(of(text)?),
            "yanked" => Self::Yanked(of(text)?),
            other => return Err(format!("`kind`: `{other}` is none of {}", Self::KINDS.join(", "))),
        })
    }
}

impl NewEvent {
    /// The event after those of `heads`.
    #[must_use]
    pub fn after(self, mut heads: Vec<Digest>) -> Event {
        heads.sort_unstable();
        let Self { time, actor, release, happening } = self;
        Event { prev: heads, time: time.trunc_subsecs(0), actor, release, happening }
    }
}

impl Event {
    /// The one spelling of an event: RFC 8785 JSON and a line feed.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let wire = Written {
            schema: SCHEMA,
            prev: &self.prev,
            time: self.time.format(TIME).to_string(),
            actor: &self.actor,
            kind: self.happening.kind(),
            release: &self.release,
            data: &self.happening,
        };
        // JSON cannot spell infinite numbers, and `serde_json` has made them null before.
        let mut bytes = serde_json_canonicalizer::to_vec(&wire).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// The event that bytes spell.
    ///
    /// # Errors
    /// They are cut off, of another schema, do not fit it, or are another spelling of what they say.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed::Torn)?;
        let wire: Head = match serde_json::from_str(text) {
            Ok(wire) => wire,
            Err(wrong) => return Err(why_not(text, &wrong)),
        };
        if wire.schema != SCHEMA {
            return Err(Malformed::OtherSchema(Some(wire.schema)));
        }
        let time = NaiveDateTime::parse_from_str(&wire.time, TIME).map_err(|_| {
            Malformed::Unfit(format!("`time`: `{}` is no time to the second in UTC", wire.time))
        })?;
        let happening = Happening::read(&wire.kind, text).map_err(Malformed::Unfit)?;
        let event = Self {
            prev: wire.prev,
            time: time.and_utc(),
            actor: wire.actor,
            release: wire.release,
            happening,
        };
        if !event.prev.is_sorted_by(|one, next| one < next) {
            return Err(Malformed::Unfit("`prev` is not sorted, or names an event twice".to_owned()));
        }
        if event.bytes() == bytes {
            return Ok(event);
        }
        // Without its last line feed it is what a copy that was cut off looks like.
        if !bytes.ends_with(b"\n") {
            return Err(Malformed::Torn);
        }
        Err(Malformed::Unfit("it is not spelled as RFC 8785 says, with one line feed behind it".to_owned()))
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        Self::name_of(self.time, &digest_bytes(&self.bytes()))
    }

    /// The name of the file of an event of that time and digest.
    #[must_use]
    pub fn name_of(time: DateTime<Utc>, digest: &Digest) -> String {
        format!("{}-{}.json", time.format(STAMP), digest.hex().get(..DIGITS).unwrap_or_default())
    }
}

/// The time in the name of an event's file; none where it is no such name.
#[must_use]
pub fn event_time_of(name: &str) -> Option<DateTime<Utc>> {
    let (stamp, digits) = name.strip_suffix(".json")?.split_once('-')?;
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let time = NaiveDateTime::parse_from_str(stamp, STAMP).ok()?.and_utc();
    // Another spelling of the same time is another name.
    let own = time.format(STAMP).to_string() == stamp;
    (own && digits.len() == DIGITS && digits.bytes().all(hex)).then_some(time)
}

/// Why a text does not read as an event.
fn why_not(text: &str, wrong: &serde_json::Error) -> Malformed {
    if wrong.is_eof() || text.trim().is_empty() {
        return Malformed::Torn;
    }
    let schema = match serde_json::from_str::<Value>(text) {
        Ok(value) => value.get("schema").and_then(Value::as_str).map(str::to_owned),
        Err(_) => return Malformed::Torn,
    };
    if schema.as_deref() == Some(SCHEMA) {
        Malformed::Unfit(wrong.to_string())
    } else {
        Malformed::OtherSchema(schema)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.hex())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let digest = Self::from_hex(&text).filter(|digest| digest.hex() == text);
        digest.ok_or_else(|| D::Error::custom(format!("`{text}` is no SHA-256 of 64 lower-case digits")))
    }
}
