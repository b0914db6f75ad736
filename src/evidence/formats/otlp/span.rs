//! A span as either exporter writes it.

use std::borrow::Cow;
use std::hash::Hasher as _;

use chrono::DateTime;
use siphasher::sip::SipHasher13;

use crate::evidence::foreign::{Json, Way};
use crate::evidence::formats::about::Head;

/// Whether the console exporter wrote a file.
pub(super) fn is_console(head: &Head<'_>) -> bool {
    ["context.trace_id", "parent_id", "start_time"].into_iter().all(|key| head.has(key))
}

/// Where the spans of an OTLP document stand.
pub(super) const OTLP: [Way; 3] = [
    &["resourceSpans", "*", "scopeSpans", "*", "spans", "*"],
    // Before version 0.19 of the protocol.
    &["resourceSpans", "*", "instrumentationLibrarySpans", "*", "spans", "*"],
    &["resourceSpans", "*", "resource"],
];

/// What a span is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A call of a model.
    Model,
    /// A call of a tool.
    Tool,
    /// Neither.
    Other,
}

/// A span.
pub(super) struct Span<'j> {
    pub(super) trace: &'j str,
    pub(super) id: &'j str,
    pub(super) parent: Option<&'j str>,
    pub(super) name: &'j str,
    json: &'j Json<'j>,
    console: bool,
}

/// The version of the SDK that a resource names.
pub(super) fn sdk(resource: &Json<'_>) -> Option<String> {
    let found = pairs(&resource["attributes"]).find(|(key, _)| *key == "telemetry.sdk.version");
    found.and_then(|(_, value)| value.text().map(str::to_owned))
}

/// Attributes whose value names a case.
const CASES: [&str; 5] =
    ["case.id", "case_id", "test.case.id", "test.case.name", "gen_ai.evaluation.case.id"];
/// Attributes that hold what a model or a case was asked, the whole of it.
const INPUTS: [&str; 4] = ["input.value", "gen_ai.input.messages", "traceloop.entity.input", "gen_ai.prompt"];
/// Attributes that name a model, the most exact first.
const MODELS: [&str; 3] = ["gen_ai.response.model", "gen_ai.request.model", "llm.model_name"];
/// Operations that call a model (`gen_ai.operation.name`).
const CALLS: [&str; 4] = ["chat", "text_completion", "generate_content", "completion"];
/// Attributes of each usage: input tokens, output tokens, all tokens, cost in US dollars.
const USAGE: [&[&str]; 4] = [
    &["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt"],
    &["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"],
    &["gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total"],
    &["llm.cost.total"],
];
/// The attribute that holds the messages of an answer.
const OUTPUT: &str = "gen_ai.output.messages";
/// Attributes that hold the text of an answer.
const ANSWERS: [&str; 3] =
    ["gen_ai.completion.0.content", "llm.output_messages.0.message.content", "output.value"];
/// The event that holds a score.
const RESULT: &str = "gen_ai.evaluation.result";

impl<'j> Span<'j> {
    /// Reads it; none where it has no ids.
    pub(super) fn of(json: &'j Json<'j>) -> Option<Self> {
        let context = &json["context"];
        let console = !context.is_null();
        let (trace, id, parent) = if console {
            (&context["trace_id"], &context["span_id"], &json["parent_id"])
        } else {
            (&json["traceId"], &json["spanId"], &json["parentSpanId"])
        };
        Some(Self {
            trace: trace.words()?,
            id: id.words()?,
            parent: parent.words(),
            name: json["name"].text().unwrap_or_default(),
            json,
            console,
        })
    }

    pub(super) fn key(&self) -> u64 {
        digest(&[self.trace, self.id])
    }

    /// The key of the span above it.
    pub(super) fn parent_key(&self) -> Option<u64> {
        self.parent.map(|parent| digest(&[self.trace, parent]))
    }

    /// Whether the span above it belongs to another process, as far as that is told.
    pub(super) fn has_remote_parent(&self) -> bool {
        // SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK of trace.proto.
        self.json["flags"].count().is_some_and(|flags| flags & 0x200 != 0)
    }

    /// When it began and ended, in nanoseconds since 1970; none where that is not told.
    pub(super) fn times(&self) -> [Option<i64>; 2] {
        if self.console {
            let time =
                |key: &str| DateTime::parse_from_rfc3339(self.json[key].text()?).ok()?.timestamp_nanos_opt();
            return ["start_time", "end_time"].map(time);
        }
        ["startTimeUnixNano", "endTimeUnixNano"].map(|key| named_time(&self.json[key]))
    }

    /// What went wrong in it, if anything did.
    pub(super) fn error(&self) -> Option<String> {
        let status = &self.json["status"];
        let (code, text) = if self.console {
            (&status["status_code"], &status["description"])
        } else {
            (&status["code"], &status["message"])
        };
        let kind = self.attribute(&["error.type"]);
        let failed = matches!(code.name(), Some("2" | "STATUS_CODE_ERROR" | "ERROR"));
        if !failed && kind.is_none() {
            return None;
        }
        let kind = kind.as_ref().and_then(Json::name).unwrap_or_default();
        Some(text.words().unwrap_or(kind).to_owned())
    }

    /// Its attributes that have one value each, in their order.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'j str, Json<'j>)> {
        pairs(&self.json["attributes"])
    }

    /// The first of these attributes that it has.
    fn attribute(&self, names: &[&str]) -> Option<Json<'j>> {
        names.iter().find_map(|name| self.attributes().find(|(own, _)| own == name).map(|(_, value)| value))
    }

    /// The case that it names.
    pub(super) fn case(&self) -> Option<String> {
        self.attribute(&CASES).as_ref().and_then(named).map(str::to_owned)
    }

    /// What it was asked.
    pub(super) fn input(&self) -> Option<String> {
        self.attribute(&INPUTS).as_ref().and_then(Json::words).map(str::to_owned)
    }

    /// The model that it calls, by all its names, a line each.
    pub(super) fn model(&self) -> Option<String> {
        let mut names: Vec<&str> = Vec::new();
        for model in MODELS {
            let name = self.attribute(&[model]).as_ref().and_then(text);
            names.extend(name.filter(|name| !name.trim().is_empty() && !names.contains(name)));
        }
        (!names.is_empty()).then(|| names.join("\n"))
    }

    pub(super) fn kind(&self) -> Kind {
        let has = |names: &[&str], words: &[&str]| {
            self.attribute(names).as_ref().and_then(Json::text).map(|own| words.contains(&own))
        };
        let kinds = ["openinference.span.kind", "traceloop.span.kind"];
        let operation = has(&["gen_ai.operation.name"], &CALLS);
        if has(&["gen_ai.operation.name"], &["execute_tool"]) == Some(true)
            || has(&kinds, &["TOOL", "tool"]) == Some(true)
        {
            return Kind::Tool;
        }
        let called = operation.or(has(&kinds, &["LLM", "llm"]));
        // Older instrumentations name no operation.
        let old = || {
            self.attribute(&["gen_ai.system"]).is_some()
                && self.attribute(&["gen_ai.request.model"]).is_some()
                && has(&["llm.request.type"], &["embedding", "rerank"]) != Some(true)
        };
        if called.unwrap_or_else(old) { Kind::Model } else { Kind::Other }
    }

    /// Input tokens, output tokens, all tokens, cost.
    pub(super) fn usage(&self) -> [Option<f64>; 4] {
        USAGE.map(|names| {
            let value = self.attribute(names)?;
            value.number().filter(|number| *number >= 0.0)
        })
    }

    /// The evaluation events: the name of the score, its value and its label.
    pub(super) fn results(&self) -> impl Iterator<Item = Evaluation<'j>> {
        let events = self.json["events"].list().iter();
        events.filter(|event| event["name"].text() == Some(RESULT)).map(Evaluation::of)
    }

    /// What the model said, where that was kept.
    pub(super) fn answer(&self) -> Option<String> {
        let messages = self.json["attributes"].list().iter().find(|pair| pair["key"].text() == Some(OUTPUT));
        if let Some(value) = messages.map(|pair| &pair["value"]) {
            let mut said = Vec::new();
            match &value["stringValue"] {
                Json::Text(text) => {
                    let messages = Json::parse(text).ok()?;
                    spoken(&messages, &mut |text| said.push(text.to_owned()));
                }
                _ => spoken_values(value, &mut |text| said.push(text.to_owned())),
            }
            return (!said.is_empty()).then(|| said.join("\n"));
        }
        if let Some(Json::Text(text)) = self.attribute(&[OUTPUT]) {
            let mut said = Vec::new();
            spoken(&Json::parse(&text).ok()?, &mut |text| said.push(text.to_owned()));
            return (!said.is_empty()).then(|| said.join("\n"));
        }
        self.attribute(&ANSWERS).as_ref().and_then(Json::words).map(str::to_owned)
    }
}

/// Hands over the texts of messages: `[{"parts": [{"type": "text", "content": "..."}]}]`.
fn spoken(messages: &Json<'_>, take: &mut impl FnMut(&str)) {
    for part in messages.list().iter().flat_map(|message| message["parts"].list()) {
        if let Some(text) = part["content"].text().filter(|_| part["type"].text() == Some("text")) {
            take(text);
        }
    }
}

/// The same of messages as values of OTLP.
fn spoken_values(value: &Json<'_>, take: &mut impl FnMut(&str)) {
    for message in value["arrayValue"]["values"].list() {
        let parts = under(message, "parts").map(|parts| parts["arrayValue"]["values"].list());
        for part in parts.unwrap_or_default() {
            let text = |key: &str| under(part, key)?["stringValue"].text();
            if let (Some("text"), Some(content)) = (text("type"), text("content")) {
                take(content);
            }
        }
    }
}

/// What a map of OTLP has under a key.
fn under<'v, 'j>(map: &'v Json<'j>, key: &str) -> Option<&'v Json<'j>> {
    let mut pairs = map["kvlistValue"]["values"].list().iter();
    pairs.find(|pair| pair["key"].text() == Some(key)).map(|pair| &pair["value"])
}

/// A log record that holds a score.
pub(super) struct Told<'j> {
    /// The trace and span that it is about, where it names them.
    pub(super) span: Option<(&'j str, &'j str)>,
    /// When it was written, in nanoseconds since 1970.
    pub(super) time: Option<i64>,
    pub(super) result: Evaluation<'j>,
}

impl<'j> Told<'j> {
    /// Reads it; none where it is about something else.
    pub(super) fn of(json: &'j Json<'j>) -> Option<Self> {
        let event = json["eventName"].text();
        let named = || pairs(&json["attributes"]).find(|(key, _)| *key == "event.name");
        let is_result = event == Some(RESULT) || named().is_some_and(|(_, name)| name.text() == Some(RESULT));
        let time = |key: &str| named_time(&json[key]);
        is_result.then(|| Self {
            span: json["traceId"].words().zip(json["spanId"].words()),
            time: time("timeUnixNano").or_else(|| time("observedTimeUnixNano")),
            result: Evaluation::of(json),
        })
    }
}

/// A time in nanoseconds since 1970, where there is one.
fn named_time(json: &Json<'_>) -> Option<i64> {
    named(json)?.parse().ok().filter(|time: &i64| *time > 0)
}

/// A score of a span.
pub(super) struct Evaluation<'j> {
    pub(super) name: &'j str,
    pub(super) value: Option<f64>,
    pub(super) label: Option<&'j str>,
}

impl<'j> Evaluation<'j> {
    /// What the attributes of an event, or of a log record, say.
    fn of(event: &'j Json<'j>) -> Self {
        let mut found = Self { name: "evaluation", value: None, label: None };
        for (key, value) in pairs(&event["attributes"]) {
            match key.strip_prefix("gen_ai.evaluation.") {
                Some("name") => found.name = text(&value).unwrap_or(found.name),
                Some("score.value") => found.value = value.number(),
                Some("score.label") => found.label = text(&value),
                _ => {}
            }
        }
        found
    }
}

/// The values of attributes that are no lists, by name.
pub(super) fn pairs<'j>(attributes: &'j Json<'j>) -> impl Iterator<Item = (&'j str, Json<'j>)> {
    let listed = attributes.list().iter();
    let listed = listed.filter_map(|pair| Some((pair["key"].text()?, wrapped(&pair["value"])?)));
    let keyed = attributes.entries().iter().filter_map(|(key, value)| Some((key.as_ref(), plain(value)?)));
    listed.chain(keyed)
}

/// A value of OTLP, which says its type: `{"intValue": "6"}`, with 64-bit integers as text.
fn wrapped<'j>(value: &'j Json<'j>) -> Option<Json<'j>> {
    let (kind, inner) = value.entries().first()?;
    match (kind.as_ref(), inner) {
        ("intValue", Json::Text(digits)) => {
            let number = digits.parse::<i64>().ok()?;
            (number.to_string() == *digits).then_some(Json::Number(digits))
        }
        // `NaN` and `Infinity`.
        ("doubleValue", Json::Text(word)) => Some(Json::Word(word)),
        _ => plain(inner),
    }
}

/// A value that is no list and no object.
fn plain<'j>(value: &'j Json<'j>) -> Option<Json<'j>> {
    match value {
        Json::Text(text) => Some(Json::Text(Cow::Borrowed(text))),
        Json::Bool(_) | Json::Number(_) | Json::Word(_) => Some(value.clone()),
        Json::Null | Json::List(_) | Json::Object(_) => None,
    }
}

/// The text of a value that was borrowed from the file.
fn text<'j>(value: &Json<'j>) -> Option<&'j str> {
    if let Json::Text(Cow::Borrowed(text)) = value { Some(text) } else { None }
}

/// A key of texts. Two spans that share one count as one span that stands twice, which is an error.
pub(super) fn digest(texts: &[&str]) -> u64 {
    let mut hasher = SipHasher13::new();
    for text in texts {
        hasher.write(text.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

/// The text of a value, where it names something.
fn named<'j>(value: &'j Json<'_>) -> Option<&'j str> {
    value.name().filter(|name| !name.trim().is_empty())
}
