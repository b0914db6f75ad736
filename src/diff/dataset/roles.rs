//! Whether a dataset trains or evaluates, as far as its name and version tell.
//!
//! Words count, not letters: `latest` holds no `test`, `constraints` no `train`. Deliberately absent: reading rows.

/// What a dataset is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Role {
    pub(super) trains: bool,
    pub(super) evaluates: bool,
}

/// Words that say that a model is trained on it, alone or with an ending (`training`, `trainset`).
const TRAINS: [&str; 5] = ["train", "pretrain", "finetun", "posttrain", "sft"];
/// Words that say that a model is evaluated on it.
const EVALUATES: [&str; 14] = [
    "eval",
    "evals",
    "evaluation",
    "test",
    "tests",
    "testset",
    "testing",
    "valid",
    "validation",
    "dev",
    "devset",
    "holdout",
    "heldout",
    "golden",
];

/// What the name says, else what the version says.
pub(super) fn of(name: &str, version: &str) -> Role {
    let role = of_words(name);
    if role == Role::default() { of_words(version) } else { role }
}

fn of_words(text: &str) -> Role {
    let words = words(text);
    let mut role = Role::default();
    for (at, word) in words.iter().enumerate() {
        let pair = words.get(at + 1).map(|next| format!("{word}{next}")).unwrap_or_default();
        for word in [word, &pair] {
            role.trains |= TRAINS.iter().any(|known| word.starts_with(known));
            role.evaluates |= EVALUATES.contains(&word.as_str()) || word.starts_with("benchmark");
        }
    }
    role
}

/// The words of a name in lower case: they end at anything but a letter, and at a capital after a small letter.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for letter in text.chars() {
        if !letter.is_alphabetic() || (small && letter.is_uppercase()) {
            words.push(String::new());
        }
        small = letter.is_lowercase();
        if letter.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn words_count_and_not_letters() {
        let table = [
            ("train", "v1", (true, false)),
            ("support-training", "v1", (true, false)),
            ("fine-tune", "v1", (true, false)),
            ("fineTuning2024", "v1", (true, false)),
            ("sft_mix", "v1", (true, false)),
            ("pre-training", "v1", (true, false)),
            ("eval", "v1", (false, true)),
            ("evalSet", "v1", (false, true)),
            ("hold-out", "v1", (false, true)),
            ("benchmarks", "v1", (false, true)),
            ("dev", "train_v7", (false, true)),
            ("support", "train_v7", (true, false)),
            ("support", "eval_v7", (false, true)),
            ("train-test", "v1", (true, true)),
            ("latest", "v1", (false, false)),
            ("constraints", "v1", (false, false)),
            ("contest", "medieval", (false, false)),
            ("devices", "invalid", (false, false)),
        ];
        for (name, version, expected) in table {
            let role = of(name, version);
            assert_eq!((role.trains, role.evaluates), expected, "{name} {version}");
        }
    }
}
