use super::{close, json, read, read_bytes, reference};
use relgate::evidence::{Format, Measured};

#[test]
fn annotations_give_the_win_rate_of_the_leaderboard() {
    let Some(path) = reference("alpaca_eval/annotations.json") else { return };
    let (rows, board) = (read(&path), read(&path.with_file_name("leaderboard.csv")));
    assert_eq!((rows.catalog.format, board.catalog.format), (Format::AlpacaEval, Format::AlpacaEval));
    let Measured::Stderr { value, stderr, n, .. } = &board.catalog.aggregates["win_rate"].measured else {
        panic!()
    };
    let win = rows.all("win");
    assert_eq!((Some(win.n as u64), *n), (*n, Some(8)));
    // In percent there, as shares here.
    let text = std::fs::read_to_string(path.with_file_name("leaderboard.csv")).unwrap();
    let cells: Vec<f64> =
        text.lines().nth(1).unwrap().split(',').filter_map(|cell| cell.parse().ok()).collect();
    close(value.value * 100.0, cells[0], 1e-12);
    close(stderr * 100.0, cells[1], 1e-12);
    close(win.mean, value.value, 1e-8);
    close(rows.all("identical").mean * 8.0, 3.0, 1e-9);
    assert_eq!(rows.value("en: 2+2?", "preference").as_deref(), Some("1.1824255238"));
    assert_eq!(rows.value("en: Capital of France?", "judge_s"), None, "no judge was asked");
    assert!(format!("{:?}", rows.run().models).contains("cand-1"));
    assert_eq!(rows.catalog.told.tool.as_deref(), Some("alpaca-eval 0.6.6"));
}

#[test]
fn a_win_rate_is_a_mean_of_shares_and_not_a_count() {
    let Some(path) = reference("alpaca_eval/leaderboard.csv") else { return };
    // Its standard error is smaller than that of any count of 8.
    let (code, text) = super::tried(&[&path], "win_rate >= 20%");
    assert!(code == Some(0) && text.contains("46%"), "{text}");
    assert_eq!(super::tried(&[&path], "win_rate >= 40%").0, Some(3));
}

#[test]
fn a_judge_that_failed_gives_no_preference_and_models_are_runs() {
    let Some(path) = reference("alpaca_eval/annotations.json") else { return };
    let mut own = json(&path);
    own[1]["preference"] = serde_json::Value::Null;
    let read = read_bytes("a.json", own.to_string().as_bytes()).unwrap();
    assert_eq!((read.run().rows, read.all("win").n), (8, 7));
    own[1]["generator_2"] = "cand-2".into();
    assert_eq!(read_bytes("a.json", own.to_string().as_bytes()).unwrap().catalog.told.runs.len(), 2);
}
