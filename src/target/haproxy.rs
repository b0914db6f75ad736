//! Weights of two servers of an `HAProxy` backend, in the file and for the runtime socket.
//!
//! Both weights always sum to 200: with `hash-type consistent` a server whose weight grows keeps every unit that it has, so growing
//! moves none back. Weights end at 256, so shares are multiples of 0.5 %.

use std::ops::Range;

use super::edit::{Edit, apply, share_of};
use super::refusal::Refusal;
use super::split::TrafficSplit;
use crate::manifest::TargetSpec;

/// What both weights sum to.
const TOTAL: u16 = 200;
/// The words that begin a section.
const SECTIONS: [&str; 16] = [
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "peers",
    "resolvers",
    "userlist",
    "mailers",
    "program",
    "http-errors",
    "cache",
    "ring",
    "fcgi-app",
    "log-forward",
    "crt-store",
];
/// How servers are chosen so that a unit always meets the same one.
const STICKY: [&str; 6] = ["source", "uri", "url_param", "hdr", "rdp-cookie", "hash"];

/// A server of the backend.
struct Server {
    name: String,
    /// Where its weight stands.
    weight: Option<Range<usize>>,
    /// One past its last word.
    end: usize,
    start: usize,
    is_backup: bool,
}

/// The backend, as far as it matters.
struct Backend {
    start: usize,
    servers: Vec<Server>,
    /// The line of `balance` that counts for it: where, and its words.
    balance: Option<(usize, String)>,
}

pub(super) fn write(
    target: &TargetSpec,
    split: &TrafficSplit,
    existing: Option<&str>,
) -> Result<String, Refusal> {
    let [candidate, stable] = weights(split)?;
    let name = name(target, &split.name);
    let Some(text) = existing else { return Err(begin(name, target)) };
    let backend = backend(text, name, target)?;
    let mut edits = Vec::new();
    for (server, weight) in sides(text, &backend, target)?.into_iter().zip([candidate, stable]) {
        match &server.weight {
            Some(place) if text.get(place.clone()) == Some(&weight.to_string()) => {}
            Some(place) => edits.push(Edit::new(place.clone(), weight.to_string())),
            None => edits.push(Edit::new(server.end..server.end, format!(" weight {weight}"))),
        }
    }
    Ok(apply(text, edits))
}

pub(super) fn read(target: &TargetSpec, name: &str, existing: &str) -> Result<u16, Refusal> {
    let backend = backend(existing, self::name(target, name), target)?;
    let mut weights = Vec::new();
    for server in sides(existing, &backend, target)? {
        // A server without a weight has 1.
        let Some(place) = &server.weight else {
            weights.push(1);
            continue;
        };
        let word = existing.get(place.clone()).unwrap_or_default();
        weights.push(word.parse::<u64>().ok().filter(|weight| *weight <= 256).ok_or_else(|| {
            Refusal::at(
                existing,
                place.start,
                format!("`{word}` is no weight of HAProxy"),
                "write a whole number from 0 to 256",
            )
        })?);
    }
    match weights.as_slice() {
        [candidate, stable] => share_of(*candidate, *stable).ok_or_else(|| {
            let why = format!("the weights {candidate} and {stable} are no share of hundredths of a percent");
            Refusal::at(existing, backend.start, why, format!("let them sum to {TOTAL}"))
        }),
        _ => Err(begin(self::name(target, name), target)),
    }
}

/// What to send to the runtime socket, so that it holds before the next reload.
pub(super) fn runtime(target: &TargetSpec, split: &TrafficSplit) -> Result<Vec<String>, Refusal> {
    let [candidate, stable] = weights(split)?;
    let name = name(target, &split.name);
    let command = |server: &str, weight: u16| format!("set server {name}/{server} weight {weight}");
    Ok(vec![command(&target.candidate, candidate), command(&target.stable, stable)])
}

/// Why units would not stay where they are.
pub(super) fn unsticky(target: &TargetSpec, name: &str, existing: &str) -> Option<Refusal> {
    let backend = backend(existing, self::name(target, name), target).ok()?;
    let (at, words) = backend.balance.unwrap_or((backend.start, String::new()));
    let method = words.split([' ', '(']).next().unwrap_or_default().to_owned();
    if STICKY.contains(&method.as_str()) {
        return None;
    }
    let method = if method.is_empty() { "roundrobin".to_owned() } else { method };
    Some(Refusal::at(
        existing,
        at,
        format!("`balance {method}` sends one user now here, now there"),
        "write `balance hash req.cook(user)` and `hash-type consistent`, or `unit: request` in release.yaml",
    ))
}

fn name<'a>(target: &'a TargetSpec, release: &'a str) -> &'a str {
    target.name.as_ref().map_or(release, |name| name.value.as_str())
}

/// The weights of candidate and stable release.
fn weights(split: &TrafficSplit) -> Result<[u16; 2], Refusal> {
    let per_10000 = split.candidate_per_10000;
    let step = 10_000 / TOTAL;
    if per_10000.is_multiple_of(step) {
        let candidate = per_10000 / step;
        return Ok([candidate, TOTAL - candidate.min(TOTAL)]);
    }
    Err(Refusal::new(
        format!("HAProxy's weights cannot say {}%", f64::from(per_10000) / 100.0),
        "take steps of multiples of 0.5%",
    ))
}

/// The two servers, the candidate first.
fn sides<'a>(text: &str, backend: &'a Backend, target: &TargetSpec) -> Result<[&'a Server; 2], Refusal> {
    let of = |name: &str| backend.servers.iter().find(|server| server.name == name);
    let (Some(candidate), Some(stable)) = (of(&target.candidate), of(&target.stable)) else {
        let why = format!("this backend has no servers `{}` and `{}`", target.stable, target.candidate);
        return Err(Refusal::at(
            text,
            backend.start,
            why,
            "name both in `target: { stable, candidate }` as they are called here",
        ));
    };
    let own = |server: &&Server| server.name == target.candidate || server.name == target.stable;
    if let Some(other) = backend.servers.iter().find(|server| !own(server) && !server.is_backup) {
        let why = format!("`{}` serves this backend as well, so two weights are no split", other.name);
        return Err(Refusal::at(
            text,
            other.start,
            why,
            "keep a backend of two servers, or put further ones behind each of them",
        ));
    }
    Ok([candidate, stable])
}

fn begin(name: &str, target: &TargetSpec) -> Refusal {
    Refusal::new(
        format!("it has no `backend {name}`"),
        format!(
            "begin with `backend {name}`, `balance hash req.cook(user)`, `hash-type consistent`, `server {} ADDRESS weight {TOTAL}`, `server {} ADDRESS weight 0`",
            target.stable, target.candidate
        ),
    )
}

/// The backend of that name.
fn backend(text: &str, name: &str, target: &TargetSpec) -> Result<Backend, Refusal> {
    let (mut found, mut defaults): (Option<Backend>, Option<(usize, String)>) = (None, None);
    let (mut inside, mut in_defaults) = (false, false);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let words = words(line, start);
        start += line.len();
        let word = |at: usize| words.get(at).and_then(|place| text.get(place.clone())).unwrap_or_default();
        let Some(first) = words.first() else { continue };
        if SECTIONS.contains(&word(0)) {
            inside = matches!(word(0), "backend" | "listen") && word(1) == name;
            in_defaults = word(0) == "defaults";
            if inside && found.is_some() {
                return Err(Refusal::at(
                    text,
                    first.start,
                    format!("`{name}` stands here for the second time"),
                    "leave one of them",
                ));
            }
            if inside {
                found = Some(Backend { start: first.start, servers: Vec::new(), balance: defaults.clone() });
            }
            if in_defaults {
                defaults = None;
            }
            continue;
        }
        let rest =
            || words.iter().skip(1).filter_map(|place| text.get(place.clone())).collect::<Vec<_>>().join(" ");
        if word(0) == "balance" && in_defaults {
            defaults = Some((first.start, rest()));
        }
        let Some(backend) = found.as_mut().filter(|_| inside) else { continue };
        match word(0) {
            "balance" => backend.balance = Some((first.start, rest())),
            "server-template" => {
                let help = "write two `server` lines instead";
                return Err(Refusal::at(
                    text,
                    first.start,
                    "a template of servers has no weights of two sides",
                    help,
                ));
            }
            "server" => backend.servers.push(server(text, &words)),
            _ => {}
        }
    }
    found.ok_or_else(|| begin(name, target))
}

fn server(text: &str, words: &[Range<usize>]) -> Server {
    let word = |place: &Range<usize>| text.get(place.clone()).unwrap_or_default();
    let weight = words.iter().position(|place| word(place) == "weight").and_then(|at| words.get(at + 1));
    Server {
        name: words.get(1).map(word).unwrap_or_default().to_owned(),
        weight: weight.cloned(),
        end: words.last().map_or(0, |last| last.end),
        start: words.first().map_or(0, |first| first.start),
        is_backup: words.iter().any(|place| word(place) == "backup"),
    }
}

/// The words of a line that begins at `start`; a comment is none.
fn words(line: &str, start: usize) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let (mut from, mut quote, mut escaped) = (None, None, false);
    for (at, c) in line.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match (c, quote) {
            ('\\', None | Some('"')) => {
                escaped = true;
                from = from.or(Some(at));
            }
            ('"' | '\'', None) => {
                quote = Some(c);
                from = from.or(Some(at));
            }
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('#', None) if from.is_none() => break,
            (c, None) if c.is_whitespace() || c == '#' => {
                words.extend(from.take().map(|from| start + from..start + at));
                if c == '#' {
                    return words;
                }
            }
            _ => from = from.or(Some(at)),
        }
    }
    words.extend(from.map(|from| start + from..start + line.trim_end().len()));
    words
}

#[cfg(test)]
mod tests {
    use super::super::tests::{refused, target};
    use super::*;
    use crate::manifest::TargetKind;

    const FILE: &str = "# edge\ndefaults\n  balance roundrobin\nfrontend fe\n  default_backend assistant\nbackend other\n  server stable 127.0.0.1:1 weight 3\nbackend assistant # ours\n  balance hash req.cook(user)\n  hash-type consistent\n  server stable 127.0.0.1:18081 check weight 180 maxconn 20 # old\n  server candidate 127.0.0.1:18082 weight 20\n  server spare 127.0.0.1:18083 backup\n";

    fn write(per_10000: u16, existing: &str) -> Result<String, Refusal> {
        let split = TrafficSplit::new("assistant", "2.4.0", Some("2.3.0"), per_10000);
        super::write(&target(TargetKind::Haproxy), &split, Some(existing))
    }

    fn read(existing: &str) -> Result<u16, Refusal> {
        super::read(&target(TargetKind::Haproxy), "assistant", existing)
    }

    #[test]
    fn only_two_weights_change() {
        let text = write(2500, FILE).unwrap();
        assert_eq!(text, FILE.replace("weight 180", "weight 150").replace("weight 20\n", "weight 50\n"));
        for share in [0, 50, 2550, 9950, 10_000] {
            assert_eq!(read(&write(share, FILE).unwrap()), Ok(share));
        }
        let bare = FILE.replace(" weight 20\n", "\n").replace("check weight 180 ", "");
        assert_eq!(read(&bare), Ok(5000), "without weights both have 1");
        assert!(
            write(1000, &bare)
                .unwrap()
                .contains("maxconn 20 weight 180 # old\n  server candidate 127.0.0.1:18082 weight 20\n")
        );
        let split = TrafficSplit::new("assistant", "2.4.0", None, 1000);
        assert_eq!(
            runtime(&target(TargetKind::Haproxy), &split).unwrap(),
            ["set server assistant/candidate weight 20", "set server assistant/stable weight 180"]
        );
    }

    #[test]
    fn what_cannot_be_said_or_understood_is_refused() {
        refused(write(25, FILE), None, "cannot say 0.25%");
        refused(read("backend x\n"), None, "no `backend assistant`");
        refused(read(&FILE.replace(" backup", "")), Some(13), "`spare` serves this backend as well");
        refused(
            read(&FILE.replace("server candidate", "server canary")),
            Some(8),
            "no servers `stable` and `candidate`",
        );
        refused(read(&FILE.replace("weight 20\n", "weight 300\n")), Some(12), "no weight of HAProxy");
        refused(read(&format!("{FILE}backend assistant\n")), Some(14), "second time");
        refused(read(&format!("{FILE}  server-template a 3 b:1\n")), Some(14), "template");
        refused(
            read(&FILE.replace("weight 180", "weight 0").replace("weight 20\n", "weight 0\n")),
            Some(8),
            "no share",
        );
        let sticky = |text: &str| unsticky(&target(TargetKind::Haproxy), "assistant", text);
        assert_eq!(sticky(FILE), None);
        let robin = FILE.replace("  balance hash req.cook(user)\n", "");
        let refusal = sticky(&robin).unwrap();
        assert_eq!((refusal.line, refusal.text.contains("roundrobin")), (Some(3), true), "{refusal:?}");
    }
}
