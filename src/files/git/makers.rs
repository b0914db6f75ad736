//! Who made a commit, as git has it: a claim, and enough to tell that somebody approves what is their own.

use super::Commit;

/// The people whom a commit names: its author and its committer, each by name and address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommitMakers {
    names: Vec<String>,
}

impl Commit {
    /// Who made it.
    #[must_use]
    pub fn makers(&self) -> CommitMakers {
        let output = self.commit.git.run(&["cat-file", "commit", &self.commit.id], &[]);
        let text =
            output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        CommitMakers::read(&text)
    }
}

impl CommitMakers {
    /// Those of the text of a commit object.
    fn read(commit: &str) -> Self {
        let header = commit.lines().take_while(|line| !line.is_empty());
        let people =
            header.filter_map(|line| line.strip_prefix("author ").or(line.strip_prefix("committer ")));
        let mut names = Vec::new();
        for person in people {
            let Some((name, rest)) = person.split_once('<') else { continue };
            let address = rest.split('>').next().unwrap_or_default().trim();
            let account = address.split('@').next().unwrap_or_default();
            names.extend([name.trim(), address, account].map(str::to_lowercase));
        }
        names.retain(|name| !name.is_empty());
        Self { names }
    }

    /// Whether somebody is one of them: by name, by address, or by what stands before its `@`.
    #[must_use]
    pub fn are(&self, somebody: &str) -> bool {
        self.names.contains(&somebody.trim().to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::CommitMakers;

    #[test]
    fn people_are_known_by_name_and_address() {
        let makers = CommitMakers::read(
            "tree 1\nauthor Ana Lopez <ana@example.org> 1 +0000\ncommitter GitHub <noreply@github.com> 1 +0000\n\nauthor Eve <eve@x> 1 +0000\n",
        );
        for own in ["Ana Lopez", "ana lopez", "ana@example.org", "ana", "noreply"] {
            assert!(makers.are(own), "{own}");
        }
        for other in ["eve", "lopez", "ben", ""] {
            assert!(!makers.are(other), "{other}");
        }
    }
}
