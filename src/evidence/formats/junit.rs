//! JUnit XML, as pytest, vitest, jest and promptfoo write it: a test is a sample, and `pass` its score.
//!
//! A test that was skipped has no score; one that was expected to fail and did has failed. An attempt that was run again had
//! failed, though nothing in it says so. Fewer failures than the suites count are an error. Tests that they count and do not
//! list never ran or were left out (mocha lists none behind a hook that failed): they are missing. pytest also counts
//! subtests, which it does not list, so its number of tests says nothing.

use std::borrow::Cow;

use chrono::DateTime;
use quick_xml::Reader;
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesStart, Event};

use super::about::{About, Head, Holding};
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::evidence::blocks::unreadable;
use crate::evidence::foreign::{Bounded, ForeignFile, Halt, Retelling, Row, Select};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

/// An XML document whose outermost element is one of JUnit's.
fn shows(head: &Head<'_>) -> bool {
    let mut reader = Reader::from_reader(head.text);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start) | Event::Empty(start)) => {
                return matches!(start.name().as_ref(), b"testsuites" | b"testsuite");
            }
            Ok(Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Text(_)) => buffer.clear(),
            _ => return false,
        }
    }
}

/// A test as it was met.
struct Test {
    line: u64,
    id: String,
    suite: String,
    seconds: Option<String>,
    properties: Vec<(String, String)>,
    outcome: Outcome,
}

/// How a test ended.
#[derive(Clone, PartialEq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
    Error(String),
}

/// What the suites of a file counted, and what was met of it.
#[derive(Default)]
struct Counted {
    /// Failures and errors that the suites count.
    failures: u64,
    /// Those that stand in the file.
    failures_met: u64,
    /// Tests that all of the file counts.
    tests: u64,
    /// Those that stand in it.
    tests_met: u64,
    /// Tests that the outermost suite counts, less those that stood before it.
    due: u64,
    /// Tests that suites count and that do not stand in them.
    unlisted: u64,
    /// Whether it counts subtests among them.
    by_pytest: bool,
}

impl Counted {
    /// An outermost suite counts so many.
    fn suite(&mut self, tests: u64, failures: u64) {
        self.failures += failures;
        self.due = self.tests_met + tests;
    }

    /// It ends.
    fn end_of_suite(&mut self) {
        self.unlisted += self.due.saturating_sub(self.tests_met);
        self.due = 0;
    }

    /// Tests that are counted and not listed.
    fn missing(&self) -> u64 {
        if self.by_pytest { 0 } else { self.unlisted.max(self.tests.saturating_sub(self.tests_met)) }
    }
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let (stream, bound) = Bounded::new(file.text());
    let mut reader = Reader::from_reader(stream);
    reader.config_mut().check_end_names = true;
    let mut walk = Walk {
        out,
        line: 1,
        suites: Vec::new(),
        test: None,
        before: None,
        counted: Counted::default(),
        depth: 0,
    };
    let mut buffer = Vec::new();
    loop {
        bound.begin();
        buffer.clear();
        let at = reader.buffer_position();
        walk.line = bound.line();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start)) => {
                walk.start(&start)?;
                walk.depth += 1;
            }
            Ok(Event::Empty(start)) => {
                walk.start(&start)?;
                walk.end(start.name().as_ref())?;
            }
            Ok(Event::End(end)) => {
                walk.depth = walk.depth.saturating_sub(1);
                walk.end(end.name().as_ref())?;
            }
            Ok(Event::DocType(_)) => {
                return Err(Diagnostic::error(
                    Code::UnknownFormat,
                    "this file declares entities or a document type of its own",
                )
                .in_file(file.name())
                .help("JUnit files have none; see who wrote it")
                .into());
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(quick_xml::Error::Io(error)) => return Err(unreadable(file.name(), &error).into()),
            Err(error) => return Err(broken(&error.to_string(), at, file.name())),
        }
    }
    if walk.depth > 0 {
        return Err(Diagnostic::error(Code::CutOff, "this file is cut off: its XML does not end")
            .nature(Nature::CutOff)
            .in_file(file.name())
            .help("let the tests run to their end; evidence that is not whole is never judged")
            .into());
    }
    walk.finish()
}

fn broken(what: &str, at: u64, file: &str) -> Halt {
    Diagnostic::error(Code::NotXml, format!("this is not XML: {}", printable(what)))
        .nature(Nature::Malformed)
        .in_file(file)
        .note(format!("the reading stopped about byte {at}"))
        .help("let the tool write the file again; evidence that is not whole is never judged")
        .into()
}

struct Walk<'o> {
    out: &'o mut Retelling,
    /// Where the reading stands.
    line: u64,
    suites: Vec<String>,
    test: Option<Test>,
    /// The test before, which may turn out to have been run again.
    before: Option<Test>,
    counted: Counted,
    depth: usize,
}

impl Walk<'_> {
    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Halt> {
        let file = self.out.file().to_owned();
        let attribute =
            |name: &str| attribute(start, name).map_err(|error| broken(&error.to_string(), 0, &file));
        let number = |text: Option<Cow<'_, str>>| text.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        match start.name().as_ref() {
            b"testsuites" => {
                self.counted.tests = number(attribute("tests")?);
                self.counted.by_pytest = attribute("name")?.is_some_and(|name| name == "pytest tests");
            }
            b"testsuite" => {
                let name = attribute("name")?.unwrap_or_default().into_owned();
                // Suites within others are counted by the outer ones.
                if self.suites.is_empty() {
                    let failures = number(attribute("failures")?) + number(attribute("errors")?);
                    self.counted.suite(number(attribute("tests")?), failures);
                }
                if let Some(time) =
                    attribute("timestamp")?.and_then(|time| DateTime::parse_from_rfc3339(&time).ok())
                {
                    let run = self.out.run(&Select::new())?;
                    run.created = Some(run.created.map_or(time.to_utc(), |known| known.min(time.to_utc())));
                }
                if attribute("hostname")?.is_some() && name == "pytest" {
                    self.out.tool("pytest", None);
                    self.counted.by_pytest = true;
                }
                self.suites.push(name);
            }
            b"testcase" => {
                self.counted.tests_met += 1;
                let class = attribute("classname")?.unwrap_or_default();
                let name = attribute("name")?.unwrap_or_default();
                let id = match (class.is_empty(), name.is_empty()) {
                    (_, true) => return Err(broken("a test has no name", 0, &file)),
                    (true, false) => name.into_owned(),
                    (false, false) => format!("{class}.{name}"),
                };
                let seconds = attribute("time")?.map(Cow::into_owned);
                let suite = self.suites.last().cloned().unwrap_or_default();
                let (line, outcome) = (self.line, Outcome::Passed);
                self.test = Some(Test { line, id, suite, seconds, properties: Vec::new(), outcome });
            }
            b"property" => {
                let (name, value) = (attribute("name")?, attribute("value")?);
                if let (Some(test), Some(name)) = (&mut self.test, name) {
                    test.properties.push((name.into_owned(), value.unwrap_or_default().into_owned()));
                }
            }
            b"failure" => {
                self.counted.failures_met += 1;
                self.outcome(Outcome::Failed);
            }
            b"error" => {
                self.counted.failures_met += 1;
                let message = attribute("message")?.or(attribute("type")?).unwrap_or_default().into_owned();
                self.outcome(Outcome::Error(message));
            }
            b"skipped" => {
                // It was run, and did what it should not.
                let expected = attribute("type")?.is_some_and(|kind| kind == "pytest.xfail");
                self.outcome(if expected { Outcome::Failed } else { Outcome::Skipped });
            }
            _ => {}
        }
        Ok(())
    }

    /// A test can end in several ways at once; the worst counts.
    fn outcome(&mut self, outcome: Outcome) {
        let Some(test) = &mut self.test else { return };
        let rank = |outcome: &Outcome| match outcome {
            Outcome::Passed => 0,
            Outcome::Skipped => 1,
            Outcome::Failed => 2,
            Outcome::Error(_) => 3,
        };
        if rank(&outcome) > rank(&test.outcome) {
            test.outcome = outcome;
        }
    }

    fn end(&mut self, name: &[u8]) -> Result<(), Halt> {
        match name {
            b"testsuite" => {
                self.suites.pop();
                if self.suites.is_empty() {
                    self.counted.end_of_suite();
                }
                self.tell_before(false)
            }
            b"testcase" => {
                let Some(test) = self.test.take() else { return Ok(()) };
                let again = self.before.as_ref().is_some_and(|before| before.id == test.id);
                self.tell_before(again)?;
                self.before = Some(test);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Hands over the test before; one that was run again had failed.
    fn tell_before(&mut self, run_again: bool) -> Result<(), Halt> {
        let Some(mut test) = self.before.take() else { return Ok(()) };
        self.out.on_line(test.line);
        if run_again && test.outcome == Outcome::Passed {
            test.outcome = Outcome::Failed;
        }
        let mut row = Row::new(test.id);
        match test.outcome {
            Outcome::Passed | Outcome::Failed => row.truth("pass", Some(test.outcome == Outcome::Passed)),
            Outcome::Skipped => row.truth("pass", None),
            Outcome::Error(text) => {
                row.truth("pass", None);
                row.error(Some(text));
                row.truth("skipped", Some(false));
                return self.rest(row, test.suite, test.seconds, test.properties);
            }
        }
        row.truth("skipped", Some(test.outcome == Outcome::Skipped));
        self.rest(row, test.suite, test.seconds, test.properties)
    }

    fn rest(
        &mut self,
        mut row: Row<'_>,
        suite: String,
        seconds: Option<String>,
        properties: Vec<(String, String)>,
    ) -> Result<(), Halt> {
        row.written("duration_s", &seconds.unwrap_or_default());
        row.label("suite", suite);
        for (name, value) in properties {
            row.written(name, &value);
        }
        self.out.row(&Select::new(), row)
    }

    fn finish(mut self) -> Result<(), Halt> {
        self.tell_before(false)?;
        let Counted { failures, failures_met, .. } = self.counted;
        if failures_met < failures {
            let text =
                format!("its suites count {failures} failures and errors, and {failures_met} stand in it");
            return Err(self.out.contradiction(&text));
        }
        let missing = self.counted.missing();
        if missing > 0 {
            self.out.unlisted(
                &Select::new(),
                missing,
                "counted by its suite and not in its list of tests",
            )?;
        }
        Ok(())
    }
}

/// The value of an attribute.
fn attribute<'a>(start: &'a BytesStart<'_>, name: &str) -> Result<Option<Cow<'a, str>>, quick_xml::Error> {
    match start.try_get_attribute(name) {
        Ok(Some(attribute)) => attribute.unescape_value().map(Some),
        Ok(None) => Ok(None),
        Err(AttrError::Duplicated(..)) => Err(quick_xml::Error::from(AttrError::Duplicated(0, 0))),
        Err(error) => Err(error.into()),
    }
}
