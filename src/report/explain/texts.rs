//! Metrics of texts in words, for a person who never heard of them.

/// What a metric says and what it does not, by the first word of its signature; none of one that is no such metric.
pub(super) fn about(signature: &str) -> Option<&'static str> {
    Some(match signature.split('|').next()? {
        "bleu" => {
            "BLEU says how alike the words are: how many runs of one to four words of the answers stand in the reference texts, \
             from 0 (none) to 100 (the same texts), over all answers together; answers that are too short lose points. A right \
             answer in other words scores low, and a wrong one in the same words scores high."
        }
        "chrf" => {
            "chrF says how alike the letters are: how many runs of one to six characters the answers and the reference texts share, \
             from 0 (none) to 100 (the same texts), over all answers together. It forgives other endings of a word, not other words."
        }
        "ter" => {
            "TER says how much a person would have to mend: how many words of every hundred of the reference texts have to be put in, \
             taken out, replaced or moved. 0 is the same text, low is good, and it may exceed 100."
        }
        "rouge-1" => {
            "ROUGE-1 says how many words an answer and its reference share, from 0% (none) to 100% (the same words); the figure is the mean over the answers. It does not say whether they are true."
        }
        "rouge-2" => {
            "ROUGE-2 says how many pairs of neighbouring words an answer and its reference share, from 0% to 100%; the figure is the mean over the answers. It does not say whether they are true."
        }
        "rouge-l" | "rouge-lsum" => {
            "ROUGE-L says how many words an answer and its reference share in the same order, from 0% (none) to 100% (the same text); the figure is the mean over the answers. It does not say whether they are true."
        }
        "exact-match" => {
            "Exact match says how many answers are word for word one of their references; unless it is strict, case, marks and English articles do not count."
        }
        "token-f1" => {
            "Token F1 says how many words an answer and its reference share, in any order, from 0% (none) to 100% (the same words); the figure is the mean over the answers."
        }
        "valid-json" => {
            "It says how many answers are JSON that a program can read, and nothing else around it."
        }
        "json-schema" => {
            "It says how many answers are JSON with the fields and types that the schema asks for."
        }
        "regex" => "It says how many answers have a part that the regular expression describes.",
        "length" => "It says how long the answers are.",
        _ => return None,
    })
}
