//! Secrets: hides values that look like one before anything of them reaches an output.
//!
//! A masked value is `<masked>` and nothing else: a digest of a short secret can be guessed back. What looks like a secret
//! is judged by its key (`api_key`, `password`) and by its shape (`sk-...`, `AKIA...`, a JWT, long random text). Deliberately
//! absent: whether it is one, and whether two hidden values differ, which the caller knows.

mod shape;

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use shape::{known, mixed, random};

/// What stands for a hidden value.
pub(crate) const MASKED: &str = "<masked>";

/// Words that make a key one of a secret, wherever they stand in it.
const SECRET_WORDS: &[&str] = &[
    "secret",
    "secrets",
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "apikey",
    "bearer",
    "accesskey",
    "accountkey",
    "sharedaccesskey",
];
/// Those behind which a single word is one too, whatever it is made of.
const PASSWORD_WORDS: &[&str] = &["password", "passwd", "pwd", "passphrase"];
/// The least length of such a word.
const PASSWORD: usize = 4;
/// Words that make a key of an address (`?sig=...`) one of a secret; in prose they are a person's signature.
const SIGNED_WORDS: &[&str] = &["sig", "signature", "sas", "jwt", "auth", "sharedaccesssignature"];
/// The least length of what such a key gives.
const SIGNED: usize = 16;
/// Words that make a secret of a following `key`.
const KEY_OWNERS: &[&str] =
    &["api", "access", "private", "signing", "encryption", "account", "master", "auth"];
/// Words that make something else of a following `token`: parts of a vocabulary.
const VOCABULARY: &[&str] = &[
    "eos", "bos", "pad", "unk", "sep", "cls", "stop", "end", "start", "begin", "per", "special", "image",
    "eot", "think", "next", "first", "last", "mask", "a",
];
/// Keys of digests and commits, whose long hexadecimal values are meant to be seen.
const DIGEST_WORDS: &[&str] = &[
    "sha", "sha1", "sha256", "sha512", "digest", "hash", "checksum", "commit", "revision", "rev", "etag",
    "oid",
];
/// How a private key begins and ends, whatever its kind.
const KEY_BEGIN: &str = "-----BEGIN ";
const KEY_END: &str = "-----END ";
/// The longest first line of a private key, in bytes.
const HEADER: usize = 200;

/// A text without what looks like a secret in it: keys in addresses, tokens, private keys.
#[must_use]
pub fn hide_secrets(text: &str) -> Cow<'_, str> {
    mask(None, text)
}

/// The value, or [`MASKED`] where it or its key looks like that of a secret; secrets inside a longer text one by one.
pub(crate) fn mask<'a>(key: Option<&str>, value: &'a str) -> Cow<'a, str> {
    if key.is_some_and(secret_key) && !harmless(value) {
        return Cow::Borrowed(MASKED);
    }
    if key.is_some_and(digest_key)
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":-+/=".contains(&byte))
    {
        return Cow::Borrowed(value);
    }
    let found = secrets(value);
    if found.is_empty() {
        return Cow::Borrowed(value);
    }
    let mut shown = String::with_capacity(value.len());
    let mut from = 0;
    for range in found {
        shown.push_str(value.get(from..range.start).unwrap_or_default());
        shown.push_str(MASKED);
        from = range.end;
    }
    shown.push_str(value.get(from..).unwrap_or_default());
    Cow::Owned(shown)
}

/// Whether the value of such a key is a secret.
pub(crate) fn secret_key(key: &str) -> bool {
    let words = words(key);
    let pair = |second: &str, firsts: &[&str]| {
        words.windows(2).any(|two| matches!(two, [a, b] if firsts.contains(&a.as_str()) && b == second))
    };
    // `secret_key` is named by its first word already.
    if words.iter().any(|word| SECRET_WORDS.contains(&word.as_str())) || pair("key", KEY_OWNERS) {
        return true;
    }
    match words.as_slice() {
        [.., before, last] => last == "token" && !VOCABULARY.contains(&before.as_str()),
        [only] => only == "token",
        [] => false,
    }
}

fn digest_key(key: &str) -> bool {
    words(key).iter().any(|word| DIGEST_WORDS.contains(&word.as_str()))
}

/// The words of a key in lower case: `maxTokens`, `max-tokens` and `MAX_TOKENS` are `max`, `tokens`.
pub(crate) fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for letter in key.chars().take(200) {
        let starts = letter.is_uppercase() && lower_before;
        lower_before = letter.is_lowercase() || letter.is_numeric();
        if starts || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the value of a secret's key is none: empty, a word of YAML, or only the name of where the secret is.
fn harmless(value: &str) -> bool {
    let value = value.trim();
    let reference = value.starts_with('$')
        || (value.starts_with("{{") && value.ends_with("}}"))
        || (value.starts_with("env:") && !value.contains(char::is_whitespace));
    reference || matches!(value, "" | "null" | "~" | "true" | "false" | "none" | "None" | MASKED)
}

/// Where secrets stand in a text: in order, not overlapping, at character boundaries.
pub(crate) fn secrets(text: &str) -> Vec<Range<usize>> {
    let blocks = key_blocks(text);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut next_block = blocks.into_iter().peekable();
    let mut before = Before::default();
    for token in tokens(text) {
        while let Some(block) = next_block.next_if(|block| block.start <= token.start) {
            found.push(block);
        }
        if found.last().is_some_and(|last| token.start < last.end) {
            continue;
        }
        let word = text.get(token.clone()).unwrap_or_default();
        if !word.bytes().any(|byte| byte.is_ascii_alphanumeric()) && !word.starts_with("//") {
            // The `=` of `password = ...`, a dash: what stood before still holds.
            continue;
        }
        let rest = text.get(token.end..).unwrap_or_default();
        if before.user && rest.starts_with('@') {
            found.push(token);
        } else if let Some(hidden) = judged(word, rest, &before, in_query(text, token.start)) {
            found.push(token.start + hidden.start..token.start + hidden.end);
        }
        before = Before::behind(word, rest);
    }
    found.extend(next_block);
    found
}

/// The blocks of private keys; one without an end reaches to the end of the text.
fn key_blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut from = 0;
    while let Some(at) = memmem::find(text.as_bytes().get(from..).unwrap_or_default(), KEY_BEGIN.as_bytes()) {
        let start = from + at;
        let line = text.as_bytes().get(start..(start + HEADER).min(text.len())).unwrap_or_default();
        let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if memmem::find(line, b"PRIVATE KEY").is_none() {
            from = start + KEY_BEGIN.len();
            continue;
        }
        let rest = text.get(start..).unwrap_or_default();
        let end = memmem::find(rest.as_bytes(), KEY_END.as_bytes()).map_or(text.len(), |at| {
            let tail = rest.get(at..).unwrap_or_default();
            start + at + tail.find('\n').unwrap_or(tail.len())
        });
        blocks.push(start..end);
        from = end;
    }
    blocks
}

/// Runs of characters that secrets are made of.
fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let of_secret = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b'+' | b'-'..=b'/' | b'=' | b'_' | b'~')
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..)?;
        let start = at + rest.iter().position(of_secret)?;
        let length = bytes.get(start..)?.iter().take_while(|byte| of_secret(byte)).count();
        at = start + length;
        Some(start..at)
    })
}

/// What stood before a token and can make a secret of it.
#[derive(Default)]
struct Before<'a> {
    /// A word like `password` with nothing but `: ` or `=` since, and whether `=` or a quote shows that it is no prose.
    key: Option<bool>,
    /// Whether that word is `password` or one like it.
    password: bool,
    /// `Bearer`, or `Basic`.
    scheme: bool,
    /// `//user` with a `:` behind it.
    user: bool,
    /// The word itself; one like `sha256` shows that what follows is no secret.
    name: &'a str,
}

impl<'a> Before<'a> {
    fn behind(word: &'a str, rest: &str) -> Self {
        const QUOTES: [char; 3] = ['"', '\'', '`'];
        let name = word.trim_end_matches('=');
        let behind = rest.trim_start_matches(QUOTES).trim_start_matches(' ');
        let equals = name.len() < word.len() || behind.starts_with('=');
        // `AccountKey=...==` has its value already.
        let last = name.rsplit('=').next().unwrap_or_default();
        let key = (equals || behind.starts_with(':')) && secret_key(last);
        let quoted = || behind.trim_start_matches([':', '=']).trim_start_matches(' ').starts_with(QUOTES);
        Self {
            key: key.then(|| equals || quoted()),
            password: key && words(last).iter().any(|word| PASSWORD_WORDS.contains(&word.as_str())),
            scheme: matches!(word, "Bearer" | "bearer" | "Basic") && rest.starts_with(' '),
            user: word.starts_with("//") && rest.starts_with(':'),
            name: if word.len() < 40 { name } else { "" },
        }
    }

    /// Whether it is a word like `sha256`.
    fn digest(&self) -> bool {
        digest_key(self.name)
    }
}

/// The part of a token that is hidden; `rest` stands behind it.
fn judged(word: &str, rest: &str, before: &Before<'_>, in_query: bool) -> Option<Range<usize>> {
    // Punctuation of the sentence is none of the secret's; `key=value` is one token.
    let end = word.trim_end_matches(['.', '-', '%']).len();
    let start = match word.find('=') {
        Some(at) if word.get(at + 1..end).is_some_and(|value| value.len() >= 6) => at + 1,
        _ => 0,
    };
    let name = word.get(..start.saturating_sub(1)).unwrap_or_default();
    let value = word.get(start..end)?;
    let named = start > 0 && (secret_key(name) || signed(name, value, in_query));
    let digits = value.bytes().any(|byte| byte.is_ascii_digit());
    let hidden = (value.len() >= 6 && (named || before.key.is_some_and(|assigned| assigned || digits)))
        || (before.password && value.len() >= PASSWORD && !harmless(value) && is_alone(rest))
        || (before.scheme && (value.len() >= 16 || (value.len() >= 8 && digits)))
        || known(value)
        || (random(value) && !before.digest());
    hidden.then_some(start..end)
}

/// Whether nothing of the same sentence follows: `password: swordfish`, and not `the password: ask for it`.
fn is_alone(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t']);
    rest.is_empty() || !rest.starts_with(|letter: char| letter.is_alphanumeric())
}

/// Whether a token stands where a query has its names: behind `?` or `&`.
fn in_query(text: &str, start: usize) -> bool {
    start.checked_sub(1).and_then(|at| text.as_bytes().get(at)).is_some_and(|byte| b"?&".contains(byte))
}

/// Whether a name and its value sign an address, as in `&sig=...` and `&X-Amz-Signature=...`; elsewhere only what is long
/// and has digits does.
fn signed(name: &str, value: &str, in_query: bool) -> bool {
    (in_query || (value.len() >= SIGNED && mixed(value)))
        && words(name).last().is_some_and(|word| SIGNED_WORDS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_headers_by_their_shape() {
        let token = "hf_AbcDefGhiJklMnoPqrStuVwxYzAbCdEfGh";
        assert_eq!(hide_secrets(token), MASKED);
        assert_eq!(
            hide_secrets("hf_transformers_compatible_estimator_x"),
            "hf_transformers_compatible_estimator_x"
        );
        assert_eq!(mask(Some("Cookie"), "session=deadbeef42"), MASKED);
    }

    #[test]
    fn keys_of_secrets_and_their_lookalikes() {
        for key in [
            "api_key",
            "apiKey",
            "API-KEY",
            "token",
            "auth_token",
            "client_secret",
            "password",
            "Authorization",
            "secret_key",
            "aws_access_key_id",
            "dbPassword",
        ] {
            assert_eq!(mask(Some(key), "hunter22"), MASKED, "{key}");
        }
        for key in
            ["max_tokens", "tokenizer", "token_limit", "eos_token", "maxTokens", "key", "keyword", "author"]
        {
            assert_eq!(mask(Some(key), "hunter22"), "hunter22", "{key}");
        }
        for value in ["${API_KEY}", "$TOKEN", "", "null", "{{ secret }}"] {
            assert_eq!(mask(Some("api_key"), value), value);
        }
    }

    #[test]
    fn shapes_of_secrets_and_their_lookalikes() {
        let hidden = [
            "sk-abcdefghij0123456789",
            "ghp_0123456789abcdefghijABCDEFGHIJ012345",
            "AKIAIOSFODNN7EXAMPLE",
            "glpat-a1B2c3D4e5F6g7H8i9J0",
            "dapi0123456789abcdef0123456789abcdef",
            "pplx-0123456789abcdefghijklmnopqrst",
            "key-3ax6xnjp29jd6fds4gc373sgvjxteol0",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
            "x7Jq2LmZ9vB4nTwK8sYd3HfRg6PcQe1A",
            "9f86d081884c7d659a2feaa0c55ad015",
        ];
        for secret in hidden {
            assert_eq!(mask(None, secret), MASKED, "{secret}");
            assert_eq!(mask(None, &format!("Say {secret}, then stop.")), format!("Say {MASKED}, then stop."));
        }
        for shown in [
            "gpt-4.3-2025-01-15",
            "sk-learn-compatible-estimator",
            "projects/support/locations/europe-west3/publishers/google/models/gemini-2.5-pro",
            "550e8400-e29b-41d4-a716-446655440000",
            "The password: ask the customer for it",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "https://example.org/a/very/long/path/that-goes-on-and-on-2025-01-01/index.html",
        ] {
            assert_eq!(mask(None, shown), shown);
        }
        let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(mask(Some("sha256"), digest), digest);
        assert_eq!(mask(None, &format!("sha256: {digest}")), format!("sha256: {digest}"));
    }

    #[test]
    fn secrets_inside_texts() {
        assert_eq!(mask(None, "password: hunter22, please"), format!("password: {MASKED}, please"));
        for text in
            ["password: swordfish", "Password: swordfish.\nHi", "DB_PASSWORD: swordfish, x", "(pwd: open)"]
        {
            let shown = mask(None, text).into_owned();
            assert!(
                !shown.contains("swordfish") && !shown.contains("open") && shown.contains(MASKED),
                "{shown}"
            );
        }
        for text in ["The password: never say it.", "password: none", "password: ask\u{20}for it"] {
            assert_eq!(mask(None, text), text);
        }
        assert_eq!(mask(None, "password = 'swordfish'"), format!("password = '{MASKED}'"));
        assert_eq!(mask(None, "{\"password\": \"swordfish\"}"), format!("{{\"password\": \"{MASKED}\"}}"));
        assert_eq!(mask(None, "?api_key=abc123def"), format!("?api_key={MASKED}"));
        assert_eq!(
            mask(None, "Authorization: Bearer abcdefghijklmnop"),
            format!("Authorization: Bearer {MASKED}")
        );
        for (name, value) in [
            ("sig", "k3Zq%2Fv8Yb0%2BxT1mWc%3D"),
            ("sig", "a1b2c3d4e5f6a7b8c9d0"),
            ("sig", "abcDEF%3D"),
            ("X-Amz-Signature", "fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024"),
            ("X-Goog-Signature", "a1b2c3d4e5f6a7b8"),
            ("X-Amz-Security-Token", "IQoJb3JpZ2luX2VjE"),
            ("token", "abc123"),
            ("access_token", "abc123def"),
        ] {
            let hidden = format!("See https://x.example/a.md?sv=2024-01-01&{name}={MASKED}&se=1, please.");
            assert_eq!(mask(None, &hidden.replace(MASKED, value)), hidden, "{name}");
        }
        assert_eq!(
            mask(None, "AccountName=store;AccountKey=Zm9vYmFyMTIzNDU2==;EndpointSuffix=core"),
            format!("AccountName=store;AccountKey={MASKED};EndpointSuffix=core")
        );
        for shown in [
            "End with the signature: Your support team, 2025.",
            "signature=short",
            "Give 50% off, 100%.",
            "sig=unsigned-addresses-only",
            "https://x.example/a%20long%20name%20of%20a%20page%20in%202025?page=2&sort=up",
        ] {
            assert_eq!(mask(None, shown), shown);
        }
        let key = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nx\n-----END RSA PRIVATE KEY-----\nb";
        assert_eq!(mask(None, key), format!("a\n{MASKED}\nb"));
        assert_eq!(mask(None, "-----BEGIN PRIVATE KEY-----\nMIIE"), MASKED);
        assert_eq!(
            mask(None, "postgres://u:p4ssw0rd@host/db"),
            "postgres://u:p4ssw0rd@host/db".replace("p4ssw0rd", MASKED)
        );
    }
}
