//! Answers as the `SQuAD` scripts compare them: in lower case, without marks, articles and surplus white space.
//!
//! Source: the evaluation scripts of `SQuAD` 1.1 and 2.0 (Rajpurkar et al. 2016, 2018), `normalize_answer`.

use super::letters::{is_mark, is_word, words};

/// The words of an answer that count.
pub(super) fn normal(text: &str) -> Vec<String> {
    let lower: Vec<char> = text.to_lowercase().chars().filter(|c| !is_mark(*c)).collect();
    let mut out = String::with_capacity(text.len());
    for run in lower.chunk_by(|a, b| is_word(*a) == is_word(*b)) {
        let article = matches!(run, ['a'] | ['a', 'n'] | ['t', 'h', 'e']);
        if article {
            out.push(' ');
        } else {
            out.extend(run);
        }
    }
    words(&out).map(str::to_owned).collect()
}
