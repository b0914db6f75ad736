//! The JSON Schema (draft-07) of `release.yaml`, made of the field tables: what editors check and complete.
//!
//! It knows shapes and words, not meanings: whether a rule can be read or a path exists is `relgate check`'s to say.

use serde_json::{Map, Value, json};

use super::field::{FieldType, Mapping};
use super::lifecycle::{SIGNAL, STEP};
use super::tables::{BASELINE_EVIDENCE, CLUSTER, GATE, MISSING_SAMPLES, POLICY_FILE, REFERENCE, RELEASE};
use crate::manifest::words::ArtifactKind;

/// A length of time.
const LASTING: &str = "^[0-9]+ ?[smhdw]$";
/// A share in percent.
const WEIGHT: &str = "^[0-9]+(\\.[0-9]+)? ?%$";

/// The schema of a manifest.
#[must_use]
pub fn manifest_schema() -> Value {
    document(&RELEASE, "release.yaml of relgate")
}

/// The schema of a policy file, which `policy: extends:` names.
#[must_use]
pub fn policy_schema() -> Value {
    document(&POLICY_FILE, "A policy file of relgate")
}

fn document(root: &'static Mapping, title: &str) -> Value {
    let mut definitions = Map::new();
    let mut schema = mapping(root, &mut definitions);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        object.insert("title".to_owned(), json!(title));
        object.insert("definitions".to_owned(), Value::Object(definitions));
    }
    schema
}

/// An object with known keys; those of mappings in it are added to the definitions.
fn mapping(of: &'static Mapping, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for field in of.fields {
        let mut schema = value(field.kind, definitions);
        if let Some(object) = schema.as_object_mut() {
            // Beside a reference nothing else counts in this draft.
            if let Some(reference) = object.remove("$ref") {
                object.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
            }
            let default = field.default.map_or_else(String::new, |default| format!(" Default: {default}."));
            let example = format!(" Example: {}", field.example);
            object.insert("description".to_owned(), json!(format!("{}{default}{example}", field.doc)));
        }
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<&str> =
        of.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if let Some(object) = schema.as_object_mut().filter(|_| !required.is_empty()) {
        object.insert("required".to_owned(), json!(required));
    }
    schema
}

/// A reference to a mapping's definition.
fn reference(to: &'static Mapping, definitions: &mut Map<String, Value>) -> Value {
    let name = definition(to);
    if !definitions.contains_key(&name) {
        // Before what is in it, which may refer back.
        definitions.insert(name.clone(), Value::Null);
        let schema = mapping(to, definitions);
        definitions.insert(name.clone(), schema);
    }
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// `a metric` -> `metric`.
fn definition(of: &Mapping) -> String {
    let words = of.name.split(' ').filter(|word| !matches!(*word, "a" | "an" | "the"));
    let kept: Vec<String> =
        words.map(|word| word.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect()).collect();
    kept.join("_")
}

fn value(kind: FieldType, definitions: &mut Map<String, Value>) -> Value {
    // A text may look like a number: `version: 1.10`.
    let text = || json!({ "type": ["string", "number"] });
    let scalar = || json!({ "type": ["string", "number", "boolean"] });
    match kind {
        FieldType::Text => text(),
        FieldType::Path | FieldType::Rule | FieldType::Unit => json!({ "type": "string", "minLength": 1 }),
        FieldType::Semver => json!({ "type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+([-+].*)?$" }),
        FieldType::Word(words) => json!({ "enum": words }),
        FieldType::Words(words) => json!({ "type": "array", "items": { "enum": words } }),
        FieldType::Texts => json!({ "type": "array", "items": text() }),
        FieldType::Bool => json!({ "type": "boolean" }),
        FieldType::Count => json!({ "type": "integer", "minimum": 1 }),
        FieldType::Number => json!({ "type": "number" }),
        FieldType::Scale => json!({ "anyOf": [
            { "type": "number" },
            { "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 },
        ] }),
        FieldType::Confidence => json!({ "anyOf": [
            { "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?%$" },
            { "type": "number", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1 },
        ] }),
        FieldType::Age => json!({ "type": "string", "pattern": "^[0-9]+ ?[hd]$" }),
        FieldType::Date => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        FieldType::Digest => json!({ "type": "string", "pattern": "^(sha256:)?[0-9a-f]{64}$" }),
        FieldType::Quantity => json!({ "type": ["string", "number"] }),
        FieldType::Pair => {
            json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 })
        }
        FieldType::Conditions => json!({ "type": "object", "additionalProperties": {
            "anyOf": [scalar(), { "type": "array", "items": scalar(), "minItems": 1 }]
        } }),
        FieldType::Labels => json!({ "type": "object", "additionalProperties": scalar() }),
        FieldType::FieldSources => json!({ "type": "object", "additionalProperties": {
            "anyOf": [text(), { "type": "array", "items": text(), "minItems": 1 }]
        } }),
        FieldType::MissingSamples => {
            json!({ "anyOf": [{ "const": "worst-case" }, reference(&MISSING_SAMPLES, definitions)] })
        }
        FieldType::OneOrMore(of) => json!({ "anyOf": [
            reference(of, definitions), { "type": "array", "items": reference(of, definitions), "minItems": 1 }
        ] }),
        FieldType::Lasting => json!({ "type": "string", "pattern": LASTING }),
        FieldType::Weight => json!({ "type": "string", "pattern": WEIGHT }),
        FieldType::Traffic => {
            json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?/ ?(day|hour|minute|second)$" })
        }
        FieldType::PerTime => json!({ "type": "string", "pattern": "^[0-9]+ per [0-9]+ ?[smhdw]$" }),
        FieldType::Steps => json!({ "type": "array", "minItems": 1, "items": {
            "anyOf": [{ "type": "string", "pattern": WEIGHT }, reference(&STEP, definitions)]
        } }),
        FieldType::Signals => json!({ "type": "array", "minItems": 1, "items": {
            "anyOf": [{ "type": "string", "minLength": 1 }, reference(&SIGNAL, definitions)]
        } }),
        FieldType::Action => json!({ "anyOf": [
            { "enum": ["roll-back", "hold"] },
            { "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false, "properties": {
                "restore": { "type": "array", "items": { "enum": ArtifactKind::WORDS }, "minItems": 1 },
                "throttle": { "type": "string", "pattern": WEIGHT },
                "switch": text(),
            } },
        ] }),
        FieldType::Json => json!({}),
        FieldType::Mapping(of) => reference(of, definitions),
        FieldType::MapOf(of) => {
            json!({ "type": "object", "additionalProperties": reference(of, definitions) })
        }
        FieldType::ListOf(of) => json!({ "type": "array", "items": reference(of, definitions) }),
        FieldType::Gates => json!({ "type": "array", "items": {
            "anyOf": [{ "type": "string", "minLength": 1 }, reference(&GATE, definitions)]
        } }),
        FieldType::BaselineEvidence => json!({ "anyOf": [
            { "type": "string", "minLength": 1 }, reference(&BASELINE_EVIDENCE, definitions)
        ] }),
        FieldType::Cluster => {
            json!({ "anyOf": [{ "type": "string", "minLength": 1 }, reference(&CLUSTER, definitions)] })
        }
        FieldType::Reference => {
            json!({ "anyOf": [{ "type": "string", "minLength": 1 }, reference(&REFERENCE, definitions)] })
        }
    }
}
