//! What somebody means who types a command of another program.

/// The line that helps whoever typed `word` for a command; none where nothing does.
#[must_use]
pub fn hint(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    Some(match word.as_str() {
        "validate" | "lint" | "dry-run" | "dryrun" => {
            "to judge without writing anything: `relgate check --dry-run`"
        }
        "gate" | "gates" | "judge" | "run" | "test" | "eval" | "evaluate" | "ci" => {
            "to judge a release by its gates: `relgate check`; one gate retold: `relgate explain GATE`"
        }
        "compare" | "changes" => "to compare two releases: `relgate diff BEFORE AFTER`",
        "pin" | "freeze" | "hash" => "to pin the artifacts: `relgate lock`",
        "new" | "create" | "start" | "setup" => "to start a manifest: `relgate init`",
        "results" | "inspect" | "show" | "parse" => "what is in results files: `relgate evidence FILE...`",
        "power" | "samples" | "size" | "estimate" => "how many samples an evaluation needs: `relgate plan`",
        "why" | "describe" | "doc" | "docs" => "what there is to explain: `relgate explain`",
        "render" | "convert" | "html" | "markdown" => {
            "a saved report in another form: `relgate report FILE --format KIND`"
        }
        "completion" => "for a shell: `relgate completions SHELL`",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::hint;
    use crate::cli::Cli;

    #[test]
    fn hints_name_commands_that_are_there_and_hide_none() {
        let command = Cli::command();
        let known: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        for word in
            ["validate", "gates", "compare", "pin", "new", "results", "power", "why", "render", "completion"]
        {
            let told = hint(word).unwrap();
            let named = told.split("`relgate ").nth(1).unwrap().split([' ', '`']).next().unwrap();
            assert!(known.contains(&named), "{told}");
            assert!(!known.contains(&word), "{word} is a command");
        }
        assert_eq!(hint("chek"), None);
    }
}
