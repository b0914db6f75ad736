//! How often releases whose truth is known pass, fail, or are left undecided: `cargo bench --bench honesty [-- N]`.
//!
//! Prints a Markdown table over N simulated releases a line (default 2,000, or `RELGATE_REPS`).
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program that is run by hand")]

mod simulation;

use simulation::{Standing, Tally, settings, simulate, standard_error};

/// Another seed than the tests have.
const SEED: u64 = 20_261_123;

fn main() {
    let asked = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let releases = asked.or(std::env::var("RELGATE_REPS").ok().and_then(|word| word.parse().ok()));
    let releases: u64 = releases.filter(|count| *count > 0).unwrap_or(2000);
    println!("| gate | n | truth | point estimate passes | relgate passes | is inconclusive | fails |");
    println!("|---|--:|---|--:|--:|--:|--:|");
    let mut complaints = Vec::new();
    for (i, setting) in settings().iter().enumerate() {
        let tally = simulate(setting, releases, SEED + i as u64);
        complaints.extend(setting.complaints(&tally));
        let share = |count: u64| share(&tally, count);
        // What must be rare is set in bold where it is not.
        let naive = match setting.standing {
            Standing::Bad | Standing::Limit if tally.share(tally.naive_pass) > setting.false_pass => {
                format!("**{}**", share(tally.naive_pass))
            }
            _ => share(tally.naive_pass),
        };
        println!(
            "| {} | {} | {} | {naive} | {} | {} | {} |",
            setting.title,
            setting.n,
            setting.truth,
            share(tally.pass),
            share(tally.inconclusive),
            share(tally.fail),
        );
    }
    println!(
        "\nPercent of {releases} simulated releases, one standard error behind \u{b1}. Bold: bad releases that a"
    );
    println!("point-estimate gate passes too often; what it does not pass, it fails.");
    for complaint in complaints {
        println!("\nBeyond what is documented: {complaint}");
    }
}

fn share(tally: &Tally, count: u64) -> String {
    let share = tally.share(count);
    let error = standard_error(share, tally.releases);
    format!("{:.1} \u{b1} {:.1}", 100.0 * share, 100.0 * error)
}
