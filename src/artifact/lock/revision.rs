//! Which revision a uri names: `hf:org/name@<commit>`, `.../tree/<commit>`, `...@sha256:...`.
//!
//! Nobody asks the hub whether such a commit exists.

/// The prefixes of uris on the Hugging Face hub.
const HUBS: &[&str] = &["hf:", "huggingface:", "https://huggingface.co/", "https://hf.co/"];

/// The revision in a uri, else a version that is a whole commit of a hub uri; none where neither names one.
#[must_use]
pub fn revision(uri: Option<&str>, version: &str) -> Option<String> {
    let uri = uri?.trim();
    // `user@host` stands before a `/`, a revision after the last one.
    let last = uri.rsplit('/').next().unwrap_or(uri);
    let marked = last.rsplit_once('@').map(|(_, revision)| revision);
    let in_path =
        || uri.split('/').skip_while(|part| !matches!(*part, "tree" | "resolve" | "blob" | "raw")).nth(1);
    let whole = || Some(version.trim()).filter(|version| on_hub(uri) && is_commit(version));
    let found = marked.or_else(in_path).or_else(whole)?;
    (!found.is_empty()).then(|| found.to_owned())
}

/// Why a hub uri does not pin what it names, if it does not: only a whole commit stays the same.
#[must_use]
pub fn loose_revision(uri: &str, version: &str) -> Option<String> {
    let uri = uri.trim();
    if !on_hub(uri) {
        return None;
    }
    match revision(Some(uri), version) {
        None => Some("without a revision it means the newest commit".to_owned()),
        Some(revision) if is_commit(&revision) => None,
        Some(revision) => {
            Some(format!("`{revision}` is a name that can be moved, not a commit of 40 digits"))
        }
    }
}

/// A repository on the Hugging Face hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hub {
    /// `ORG/NAME`.
    pub repository: String,
    /// Which revision of it, where the uri says so.
    pub revision: Option<String>,
}

/// The repository that a uri names; none for one that is not on the hub.
#[must_use]
pub fn hub(uri: &str) -> Option<Hub> {
    let uri = uri.trim();
    let rest = HUBS.iter().find_map(|hub| uri.strip_prefix(hub))?;
    let rest = rest.strip_prefix("datasets/").unwrap_or(rest);
    let mut parts = rest.split('/');
    let (owner, name) = (parts.next()?, parts.next()?.split('@').next()?);
    let fits =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (fits(owner) && fits(name))
        .then(|| Hub { repository: format!("{owner}/{name}"), revision: revision(Some(uri), "") })
}

fn on_hub(uri: &str) -> bool {
    HUBS.iter().any(|hub| uri.starts_with(hub))
}

/// Whether a text is a whole commit.
pub(crate) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn revisions_are_found_where_people_write_them() {
        let of = |uri: &str| revision(Some(uri), "v1");
        assert_eq!(of(&format!("hf:org/name@{COMMIT}")).as_deref(), Some(COMMIT));
        assert_eq!(of("hf:org/name@main").as_deref(), Some("main"));
        assert_eq!(of(&format!("https://huggingface.co/o/n/tree/{COMMIT}")).as_deref(), Some(COMMIT));
        assert_eq!(of("oci://host/team/model@sha256:aa").as_deref(), Some("sha256:aa"));
        assert_eq!(of("ssh://git@host/team/model"), None);
        assert_eq!(of("hf:org/name@"), None);
        assert_eq!(of("openai:gpt-4.3"), None);
        assert_eq!(revision(Some("hf:org/name"), COMMIT).as_deref(), Some(COMMIT));
        assert_eq!(revision(None, COMMIT), None);
    }

    #[test]
    fn only_a_whole_commit_pins_on_the_hub() {
        assert_eq!(loose_revision(&format!("hf:org/name@{COMMIT}"), "v1"), None);
        assert_eq!(loose_revision("hf:org/name", COMMIT), None);
        assert_eq!(loose_revision("openai:gpt-4.3", "v1"), None);
        assert!(loose_revision("hf:org/name", "v1").unwrap().contains("newest commit"));
        assert!(loose_revision("hf:org/name@main", "v1").unwrap().contains("`main`"));
        assert!(
            loose_revision(&format!("hf:org/name@{}", &COMMIT[..7]), "v1").unwrap().contains("40 digits")
        );
        assert!(loose_revision(&format!("hf:o/n@{}", COMMIT.to_uppercase()), "v1").is_some());
    }
}
