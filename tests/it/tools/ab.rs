//! ab.

use std::fs;

use super::{close, fixture, read, read_bytes, reference};
use relgate::evidence::{Format, Measured};

fn events(read: &super::Read) -> (u64, u64) {
    let measured = &read.catalog.aggregates["failure_rate"].measured;
    let Measured::Events { events, n } = measured else { panic!("{measured:?}") };
    (*events, *n)
}

fn point(read: &super::Read, name: &str) -> f64 {
    let measured = &read.catalog.aggregates[name].measured;
    let Measured::Point(figure) = measured else { panic!("{name} is {measured:?}") };
    figure.value
}

fn code(name: &str, bytes: &[u8]) -> &'static str {
    read_bytes(name, bytes).err().map(|found| found.iter().next().unwrap().code.word()).unwrap_or_default()
}

fn doubts(read: &super::Read) -> Vec<&str> {
    read.catalog.told.problems.iter().map(|problem| problem.title.as_str()).collect()
}

#[test]
fn a_summary_states_what_failed_and_how_long_it_took() {
    let whole = read(&fixture("ab-2.3", "summary.txt"));
    assert_eq!(whole.catalog.format, Format::Ab);
    // 20 of another length and 20 that are not 2xx: nothing says that they are the same.
    assert_eq!(events(&whole), (40, 200));
    assert!(doubts(&whole)[0].starts_with("20 answers of another length and 20 with another status"));
    for (name, value) in [
        ("latency_ms", 21.0),
        ("min_latency_ms", 4.0),
        ("max_latency_ms", 121.0),
        ("p50_latency_ms", 4.0),
        ("p95_latency_ms", 121.0),
        ("p99_latency_ms", 121.0),
    ] {
        close(point(&whole, name), value, 0.0);
    }
    assert_eq!(whole.run().scenario["concurrency"], "5");
    // With `-l` the status alone counts, and the table of times has fewer columns.
    let lengths = read(&fixture("ab-2.3", "lengths.txt"));
    assert_eq!(events(&lengths), (10, 100));
    close(point(&lengths, "latency_ms"), 21.0, 0.0);
    close(point(&lengths, "max_latency_ms"), 121.0, 0.0);
    assert_eq!(lengths.run().scenario["concurrency"], "2");
    let Some(path) = reference("http_tools/ab.txt") else { return };
    let steady = read(&path);
    assert_eq!(events(&steady), (0, 60));
    assert_eq!(doubts(&steady), [""; 0]);
    close(point(&steady, "latency_ms"), 52.0, 0.0);
    close(point(&steady, "p95_latency_ms"), 59.0, 0.0);
    close(point(&steady, "requests_per_second"), 71.95, 0.0);
}

#[test]
fn requests_and_percentiles_are_those_of_the_summary() {
    let folder = |name: &str| fixture("ab-2.3", name);
    let other = reference("http_tools/ab.txt");
    let of_reference = |name: &str| other.as_ref().map(|path| path.with_file_name(name));
    let runs = [
        (Some(folder("requests.tsv")), Some(folder("percentiles.csv")), Some(folder("summary.txt")), 200),
        (of_reference("ab_gnuplot.tsv"), of_reference("ab_percentiles.csv"), other.clone(), 60),
    ];
    for (requests, percentiles, summary, n) in runs {
        let (Some(requests), Some(percentiles), Some(summary)) = (requests, percentiles, summary) else {
            continue;
        };
        let (requests, percentiles, summary) = (read(&requests), read(&percentiles), read(&summary));
        assert_eq!((requests.catalog.format, percentiles.catalog.format), (Format::Ab, Format::Ab));
        let latency = requests.all("latency_ms");
        assert_eq!((requests.run().rows, latency.n), (n, n as usize));
        close(latency.mean, point(&summary, "latency_ms"), 0.5);
        // The summary rounds to milliseconds.
        for name in ["p50_latency_ms", "p90_latency_ms", "p95_latency_ms", "p99_latency_ms", "max_latency_ms"]
        {
            close(point(&percentiles, name), point(&summary, name), 1.0);
        }
        for read in [&requests, &percentiles] {
            assert!(doubts(read)[0].contains("nothing of failed requests"));
            assert!(!read.catalog.aggregates.contains_key("failure_rate"));
        }
    }
}

#[test]
fn what_is_not_whole_is_refused() {
    let text = fs::read_to_string(fixture("ab-2.3", "summary.txt")).unwrap();
    for end in ["\n\n\nServer", "Complete", "Connection Times", " 100%"] {
        assert_eq!(code("a.txt", &text.as_bytes()[..text.find(end).unwrap()]), "cut-off", "{end}");
    }
    assert_eq!(code("a.txt", text.repeat(2).as_bytes()), "contradiction");
    let none = text.replace("Complete requests:      200", "Complete requests:      0");
    assert_eq!(code("a.txt", none.as_bytes()), "empty-evidence");
    let all = text.replace("Failed requests:        20", "Failed requests:        200");
    let all = read_bytes("a.txt", all.as_bytes()).unwrap();
    assert_eq!((events(&all), all.catalog.aggregates.len()), ((200, 200), 1));
    let rows = fs::read_to_string(fixture("ab-2.3", "requests.tsv")).unwrap();
    assert_eq!(code("a.tsv", rows.lines().next().unwrap().as_bytes()), "empty-evidence");
    assert_eq!(code("a.tsv", &rows.as_bytes()[..rows.len() - 5]), "bad-row");
    assert_eq!(
        code("a.tsv", rows.replacen("\t0\t4\t4\t4", "\t0\t4\tNaN\t4", 1).as_bytes()),
        "unknown-format"
    );
    let percentiles = fs::read_to_string(fixture("ab-2.3", "percentiles.csv")).unwrap();
    assert_eq!(code("a.csv", &percentiles.as_bytes()[..percentiles.find("\n98,").unwrap()]), "cut-off");
    assert_eq!(code("a.csv", percentiles.trim_end().strip_suffix('6').unwrap().as_bytes()), "cut-off");
    assert_eq!(code("a.csv", percentiles.replace("98,", "97,").as_bytes()), "contradiction");
}
