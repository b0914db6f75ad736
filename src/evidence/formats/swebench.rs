//! SWE-bench: the report of a run. Every instance is a sample with `resolved`.
//!
//! Its rates are of what was completed. Here the empty patch did not resolve its instance, and an instance whose evaluation
//! errored, or for which nothing was submitted, is an error: all of them count. The model stands in the name of the file only.

use std::collections::BTreeMap;

use super::about::{About, Head, Holding};
use crate::diagnostic::printable;
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, ScoreType, Select, Way, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    head.has("total_instances") && head.has("resolved_ids")
}

/// The lists of which every instance stands in one, and the counts beside them.
const LISTS: [(&str, &str); 5] = [
    ("resolved_ids", "resolved_instances"),
    ("unresolved_ids", "unresolved_instances"),
    ("empty_patch_ids", "empty_patch_instances"),
    ("error_ids", "error_instances"),
    ("incomplete_ids", ""),
];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    const WAYS: [Way; 1] = [&[]];
    let select = Select::new();
    out.tool("swe-bench", None);
    out.evaluated(&select, model(file.name()).as_deref())?;
    out.score("resolved", ScoreType::Rate);
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        instances(&json, out)?;
        let Some(total) = json["total_instances"].count() else {
            return Err(out.unlike("`total_instances` is no number"));
        };
        out.attempts(&select, total, "counted in `total_instances` and in none of the lists")
    })
}

/// `acme/mock-1` of `acme__mock-1.RUN.json`.
fn model(file: &str) -> Option<String> {
    let name = file.rsplit(['/', '\\']).next()?.split(".json").next()?;
    let (model, _run) = name.rsplit_once('.')?;
    model.contains("__").then(|| model.replace("__", "/"))
}

fn instances(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for (list, count) in LISTS {
        let ids = json[list].list();
        if let Some(told) = json[count].count().filter(|told| *told != ids.len() as u64) {
            return Err(
                out.contradiction(&format!("`{count}` is {told}, and `{list}` has {} ids", ids.len()))
            );
        }
        for id in ids {
            let Some(id) = id.words() else { return Err(out.unlike(&format!("`{list}` holds no id"))) };
            if let Some(other) = known.insert(id, list) {
                let text = format!("`{}` stands in `{other}` and in `{list}`", printable(id));
                return Err(out.contradiction(&text));
            }
            instance(id, list, json, out)?;
        }
    }
    // Newer versions tell apart why a harness failed; those instances mostly stand in another list too.
    for list in ["infra_failure_ids", "ambiguous_failure_ids"] {
        for id in json[list].list().iter().filter_map(Json::words) {
            if known.insert(id, list).is_none() {
                instance(id, list, json, out)?;
            }
        }
    }
    Ok(())
}

fn instance(id: &str, list: &str, json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let mut row = Row::new(id.to_owned());
    match list {
        "resolved_ids" => row.truth("resolved", Some(true)),
        "unresolved_ids" | "empty_patch_ids" => row.truth("resolved", Some(false)),
        "incomplete_ids" => row.error(Some("nothing was submitted for this instance")),
        _ => {
            let reason = json["failure_reasons"][id].words().unwrap_or("its evaluation ended in an error");
            row.error(Some(reason.to_owned()));
        }
    }
    row.label("status", list.trim_end_matches("_ids").to_owned());
    out.row(&Select::new(), row)
}
