//! What shells and `man` read, and the hints for whoever types another program's words.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::check::support::Checked;
use crate::project::project;

fn typed(words: &[&str]) -> Checked {
    Checked::new(&project().relgate().args(words).output().unwrap(), None)
}

#[test]
fn other_words_for_a_command_get_a_hint() {
    for (word, hint) in [
        ("compare", "relgate diff"),
        ("validate", "relgate check --dry-run"),
        ("gates", "relgate check"),
        ("Judge", "relgate check"),
        ("pin", "relgate lock"),
        ("why", "relgate explain"),
    ] {
        let told = typed(&[word, "release.yaml"]);
        assert_eq!(told.code, 2, "{word}");
        assert!(told.stderr.contains("hint: ") && told.stderr.contains(hint), "{word}: {}", told.stderr);
    }
    for (word, meant) in
        [("chek", "check"), ("explan", "explain"), ("evidnce", "evidence"), ("plann", "plan")]
    {
        let told = typed(&[word]);
        assert_eq!(told.code, 2, "{word}");
        assert!(told.stderr.contains(&format!("'{meant}'")), "{word}: {}", told.stderr);
    }
    assert!(!typed(&["frobnicate"]).stderr.contains("hint:"));
}

#[test]
fn completions_name_every_command_and_bash_can_read_them() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let told = typed(&["completions", shell]);
        assert_eq!(told.code, 0, "{shell}");
        for command in ["check", "plan", "explain", "diff", "schema", "verify"] {
            assert!(told.stdout.contains(command), "{shell}: {command}");
        }
        // Where the shell is there, it has to understand them.
        if matches!(shell, "bash" | "zsh" | "fish") {
            let Ok(mut child) = Command::new(shell).arg("-n").stdin(Stdio::piped()).spawn() else { continue };
            child.stdin.take().unwrap().write_all(told.stdout.as_bytes()).unwrap();
            assert!(child.wait().unwrap().success(), "{shell}");
        }
    }
    assert_eq!(typed(&["completions", "tcsh"]).code, 2);
}

#[test]
fn every_command_has_a_manual_page() {
    let page = typed(&["man"]);
    assert!(page.stdout.contains(".TH relgate 1"), "{}", page.stdout);
    let check = typed(&["man", "check"]);
    assert!(
        check.stdout.contains(".SH NAME\nrelgate\\-check") && check.stdout.contains("\\-\\-dry\\-run"),
        "{}",
        check.stdout
    );
    let wrong = typed(&["man", "chek"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("did you mean `check`?"), "{}", wrong.stderr);
    let project = project().file("man1/.keep", "");
    let written = project.relgate().args(["man", "--out", "man1"]).output().unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    for name in ["relgate", "relgate-check", "relgate-plan", "relgate-explain", "relgate-diff"] {
        let text = std::fs::read_to_string(project.path(&format!("man1/{name}.1"))).unwrap();
        assert!(text.contains(&format!(".TH {name} 1")), "{name}");
    }
}
