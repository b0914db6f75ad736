//! Porter's stemmer for English words in lower case, with the extensions of NLTK, as rouge-score uses it.
//!
//! Source: Porter, *An algorithm for suffix stripping* (Program 14.3, 1980); NLTK 3.10 (`NLTK_EXTENSIONS`).

/// Words with stems of their own.
const IRREGULAR: [(&[u8], &[u8]); 13] = [
    (b"skies", b"sky"),
    (b"dying", b"die"),
    (b"lying", b"lie"),
    (b"tying", b"tie"),
    (b"news", b"news"),
    (b"innings", b"inning"),
    (b"inning", b"inning"),
    (b"outings", b"outing"),
    (b"outing", b"outing"),
    (b"cannings", b"canning"),
    (b"canning", b"canning"),
    (b"howe", b"howe"),
    (b"proceed", b"proceed"),
];
const UNCHANGED: [&[u8]; 2] = [b"exceed", b"succeed"];

/// Cuts a word of three letters or more down to its stem.
pub(super) fn stem(word: &mut Vec<u8>) {
    if let Some((_, stem)) = IRREGULAR.iter().find(|(known, _)| known == word) {
        word.clear();
        word.extend_from_slice(stem);
        return;
    }
    if word.len() <= 2 || UNCHANGED.contains(&word.as_slice()) {
        return;
    }
    plural(word);
    past_and_gerund(word);
    final_y(word);
    long_endings(word);
    first_rule(word, &STEP_3);
    short_endings(word);
    final_e(word);
    if word.ends_with(b"ll") && measure(word.get(..word.len() - 1).unwrap_or_default()) > 1 {
        word.pop();
    }
}

fn is_vowel_letter(c: u8) -> bool {
    matches!(c, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// Whether each letter is a consonant: a `y` is one where the letter before is none.
fn consonants(stem: &[u8]) -> impl Iterator<Item = bool> + '_ {
    stem.iter().scan(false, |before, c| {
        *before = if *c == b'y' { !*before } else { !is_vowel_letter(*c) };
        Some(*before)
    })
}

/// How often consonants follow on vowels.
fn measure(stem: &[u8]) -> usize {
    let mut found = 0;
    let mut vowel = false;
    for consonant in consonants(stem) {
        found += usize::from(vowel && consonant);
        vowel = !consonant;
    }
    found
}

fn has_vowel(stem: &[u8]) -> bool {
    consonants(stem).any(|consonant| !consonant)
}

fn ends_in_consonant(word: &[u8]) -> bool {
    consonants(word).last().unwrap_or(false)
}

fn ends_in_double_consonant(word: &[u8]) -> bool {
    matches!(word, [.., a, b] if a == b) && ends_in_consonant(word)
}

/// Consonant, vowel, consonant other than `w`, `x`, `y`; or vowel and consonant alone.
fn ends_short(word: &[u8]) -> bool {
    let kinds: Vec<bool> = consonants(word).collect();
    match kinds.as_slice() {
        [false, true] => true,
        [.., true, false, true] => !matches!(word.last(), Some(b'w' | b'x' | b'y')),
        _ => false,
    }
}

/// Puts another ending in the place of one of so many letters.
fn replace(word: &mut Vec<u8>, letters: usize, ending: &[u8]) {
    word.truncate(word.len().saturating_sub(letters));
    word.extend_from_slice(ending);
}

fn before<'w>(word: &'w [u8], ending: &[u8]) -> Option<&'w [u8]> {
    word.strip_suffix(ending)
}

fn plural(word: &mut Vec<u8>) {
    if word.last() != Some(&b's') || word.ends_with(b"ss") && !word.ends_with(b"sses") {
        return;
    }
    if word.ends_with(b"ies") && word.len() == 4 {
        replace(word, 1, b"");
    } else if word.ends_with(b"sses") || word.ends_with(b"ies") {
        replace(word, 2, b"");
    } else {
        word.pop();
    }
}

fn past_and_gerund(word: &mut Vec<u8>) {
    if word.ends_with(b"ied") {
        let left = if word.len() == 4 { 1 } else { 2 };
        return replace(word, left, b"");
    }
    if let Some(stem) = before(word, b"eed") {
        if measure(stem) > 0 {
            word.pop();
        }
        return;
    }
    let cut = [&b"ed"[..], b"ing"].into_iter().find(|ending| before(word, ending).is_some_and(has_vowel));
    let Some(ending) = cut else { return };
    replace(word, ending.len(), b"");
    if word.ends_with(b"at") || word.ends_with(b"bl") || word.ends_with(b"iz") {
        word.push(b'e');
    } else if ends_in_double_consonant(word) {
        if !matches!(word.last(), Some(b'l' | b's' | b'z')) {
            word.pop();
        }
    } else if measure(word) == 1 && ends_short(word) {
        word.push(b'e');
    }
}

fn final_y(word: &mut Vec<u8>) {
    if before(word, b"y").is_some_and(|stem| stem.len() > 1 && ends_in_consonant(stem)) {
        replace(word, 1, b"i");
    }
}

type Rule = (&'static [u8], &'static [u8]);

const STEP_2: [Rule; 20] = [
    (b"ational", b"ate"),
    (b"tional", b"tion"),
    (b"enci", b"ence"),
    (b"anci", b"ance"),
    (b"izer", b"ize"),
    (b"bli", b"ble"),
    (b"alli", b"al"),
    (b"entli", b"ent"),
    (b"eli", b"e"),
    (b"ousli", b"ous"),
    (b"ization", b"ize"),
    (b"ation", b"ate"),
    (b"ator", b"ate"),
    (b"alism", b"al"),
    (b"iveness", b"ive"),
    (b"fulness", b"ful"),
    (b"ousness", b"ous"),
    (b"aliti", b"al"),
    (b"iviti", b"ive"),
    (b"biliti", b"ble"),
];

const STEP_3: [Rule; 7] = [
    (b"icate", b"ic"),
    (b"ative", b""),
    (b"alize", b"al"),
    (b"iciti", b"ic"),
    (b"ical", b"ic"),
    (b"ful", b""),
    (b"ness", b""),
];

/// The first rule whose ending the word has, if enough of it is left; true where one was met, whether it was enough or not.
fn first_rule(word: &mut Vec<u8>, rules: &[Rule]) -> bool {
    // Every ending ends in one of these.
    if !matches!(word.last(), Some(b'l' | b'i' | b'r' | b'n' | b'm' | b's' | b'e')) {
        return false;
    }
    let Some((ending, new)) = rules.iter().find(|(ending, _)| word.ends_with(ending)) else { return false };
    if before(word, ending).is_some_and(|stem| measure(stem) > 0) {
        replace(word, ending.len(), new);
    }
    true
}

fn long_endings(word: &mut Vec<u8>) {
    while before(word, b"alli").is_some_and(|stem| measure(stem) > 0) {
        replace(word, 2, b"");
    }
    if first_rule(word, &STEP_2) {
        return;
    }
    if let Some(stem) = before(word, b"fulli") {
        if measure(stem) > 0 {
            replace(word, 2, b"");
        }
    } else if word.ends_with(b"logi") && measure(word.get(..word.len() - 3).unwrap_or_default()) > 0 {
        word.pop();
    }
}

const STEP_4: [&[u8]; 19] = [
    b"al", b"ance", b"ence", b"er", b"ic", b"able", b"ible", b"ant", b"ement", b"ment", b"ent", b"ion",
    b"ou", b"ism", b"ate", b"iti", b"ous", b"ive", b"ize",
];

fn short_endings(word: &mut Vec<u8>) {
    let Some(ending) = STEP_4.iter().find(|ending| word.ends_with(ending)) else { return };
    let Some(stem) = before(word, ending) else { return };
    let fits = *ending != b"ion" || matches!(stem.last(), Some(b's' | b't'));
    if fits && measure(stem) > 1 {
        replace(word, ending.len(), b"");
    }
}

fn final_e(word: &mut Vec<u8>) {
    let Some(stem) = before(word, b"e") else { return };
    let left = measure(stem);
    if left > 1 || left == 1 && !ends_short(stem) {
        word.pop();
    }
}
