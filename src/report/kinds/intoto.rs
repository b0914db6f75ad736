//! For whoever collects statements about software: in-toto's result of tests, not signed. `relgate attest` signs it, and says whether the
//! release may be deployed as well.

use super::kind::{Kind, Several};
use crate::attest::{STATEMENT_TYPE, TEST_RESULT};
use crate::report::attested::{TEST_RESULT_FILE, test_result};
use crate::report::v1::Report;

/// The document of a report that read no manifest, of which nothing can be stated.
const NOTHING: &str = "null\n";

pub(super) const KIND: Kind = Kind {
    name: "intoto",
    about: "for supply-chain tools (in-toto test-result statement, unsigned)",
    file: TEST_RESULT_FILE,
    media: "application/vnd.in-toto+json",
    always: false,
    report: |report, _| document(report),
    ending: None,
    several: Several::Whole(|reports, _| {
        let documents: Vec<String> = reports.iter().map(document).collect();
        format!("[\n{}]\n", documents.join(",\n"))
    }),
    comparison: None,
    history: None,
    is_own: |text| {
        text.trim() == NOTHING.trim()
            || text.starts_with('{') && text.contains(STATEMENT_TYPE) && text.contains(TEST_RESULT)
    },
    shared: None,
};

fn document(report: &Report) -> String {
    test_result(report).map_or_else(|| NOTHING.to_owned(), |statement| statement.text())
}
