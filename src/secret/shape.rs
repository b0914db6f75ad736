//! The shapes of secrets: how well-known services begin theirs, and what looks drawn at random.

/// How tokens of well-known services begin, and how long the whole is at least.
const PREFIXES: &[(&str, usize)] = &[
    ("sk-", 20),
    ("sk_live_", 20),
    ("sk_test_", 20),
    ("rk_live_", 20),
    ("pk_live_", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 24),
    ("glpat-", 16),
    ("dapi", 20),
    ("pplx-", 20),
    ("key-", 20),
    ("hf_", 20),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("xoxa-", 16),
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 30),
    ("ya29.", 20),
    ("npm_", 20),
    ("pypi-", 20),
    ("gsk_", 20),
    ("SG.", 30),
];
/// The least of those lengths.
const SHORTEST: usize = 16;
/// The least length of text that is taken for random.
const RANDOM: usize = 32;
/// Whether a token has the shape that a well-known service gives to its own.
pub(super) fn known(word: &str) -> bool {
    if word.len() < SHORTEST {
        return false;
    }
    let prefixed = PREFIXES
        .iter()
        .any(|(prefix, least)| word.len() >= *least && word.starts_with(prefix) && mixed(word));
    // Theirs are 34 letters, and now and then without a digit.
    let hub = word.strip_prefix("hf_").is_some_and(|rest| {
        rest.len() >= 30
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && rest.bytes().any(|byte| byte.is_ascii_uppercase())
    });
    let jwt =
        word.starts_with("eyJ") && word.len() >= 30 && word.bytes().filter(|byte| *byte == b'.').count() == 2;
    prefixed || hub || jwt
}

/// Letters and digits both: `sk-learn-compatible-estimator` is a name.
pub(super) fn mixed(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit()) && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether a token is long and looks drawn at random; a digest without a word that says so is hidden too.
pub(super) fn random(word: &str) -> bool {
    if word.len() < RANDOM || uuid(word) {
        return false;
    }
    let hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex {
        return mixed(word) && entropy(word) > 3.0;
    }
    let run = word.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::len).max().unwrap_or(0);
    let has = |class: fn(&u8) -> bool| word.as_bytes().iter().any(class);
    run >= 16
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && entropy(word) > 4.0
}

fn uuid(word: &str) -> bool {
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12]
}

/// Bits a byte by the frequencies of the bytes themselves.
fn entropy(word: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in word.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let all = word.len() as f64;
    let bits = |count: &u32| {
        let share = f64::from(*count) / all;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}
