//! Whether a response repeats what was meant for the model alone.

use std::collections::BTreeSet;
use std::ops::Range;

use memchr::memmem::Finder;

use super::disguised::decoded;
use super::folded::Letters;
use super::repeated::{MixedSet, Stretches, mixed};

/// Characters of a common run, a gap between words as one.
const RUN: usize = 40;
/// Words of which more than half of the four-word sequences are the prompt's.
const WORDS: usize = 12;
const GRAM: usize = 4;
/// Letters and digits of the shortest secret token: a shorter one is found by chance.
const TOKEN: usize = 8;
/// Letters of a public text by which it is recognised in a prompt, where it has so many.
const PUBLIC: usize = 20;

/// How a response gives a prompt away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leak {
    /// It has a secret token that stands in no other text.
    Token,
    /// It has 40 characters in a row of a prompt.
    Run,
    /// Of twelve words in a row, at least half of the sequences of four are a prompt's.
    Words,
}

/// Why prompts cannot be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptsTrouble {
    /// Every prompt is shorter than 40 characters or public, and there are no tokens.
    Nothing,
    /// The token at this place, from 0, has fewer than 8 letters and digits: it would be found by chance.
    ShortToken(usize),
}

/// Prompts that are not to be repeated, made ready once.
///
/// A response is compared as its letters and digits alone: case, punctuation, line breaks, marks, invisible characters and
/// spaced-out letters hide nothing. Also found are the prompt in rot13, and in base64 (both alphabets, broken into lines or
/// not) or hexadecimal digits. Takes time in proportion to the response, whatever it and the prompts are.
#[derive(Debug, Clone)]
pub struct PromptIndex {
    stretches: Stretches,
    grams: MixedSet,
    tokens: Vec<Finder<'static>>,
}

impl PromptIndex {
    /// Makes `prompts` ready. What they have in common with `public` texts (20 letters in a row, or a whole shorter text) may
    /// be repeated and is cut out first. `tokens` stand for themselves: whoever repeats one has leaked.
    ///
    /// # Errors
    /// Nothing could ever be found, or a token is too short.
    pub fn new(prompts: &[&str], public: &[&str], tokens: &[&str]) -> Result<Self, PromptsTrouble> {
        let public: Vec<Letters> = public.iter().map(|text| Letters::of(text)).collect();
        let mut index =
            Self { stretches: Stretches::default(), grams: MixedSet::default(), tokens: Vec::new() };
        for prompt in prompts {
            let letters = Letters::of(prompt);
            let secret = secret(&letters.bytes, &public);
            let runs = runs(&letters, &secret);
            let turned = letters.rot13();
            for form in [&letters, &turned] {
                index.stretches.add(&form.bytes, runs.iter().cloned());
                index.grams.extend(grams(form, &secret));
            }
        }
        for (i, token) in tokens.iter().enumerate() {
            let letters = Letters::of(token);
            if letters.bytes.len() < TOKEN {
                return Err(PromptsTrouble::ShortToken(i));
            }
            index
                .tokens
                .extend([&letters, &letters.rot13()].map(|form| Finder::new(&form.bytes).into_owned()));
        }
        let blind = index.stretches.is_empty() && index.tokens.is_empty();
        if blind { Err(PromptsTrouble::Nothing) } else { Ok(index) }
    }

    /// How a response gives something away; `None` where it does not.
    #[must_use]
    pub fn leak(&self, response: &str) -> Option<Leak> {
        self.plain(response).or_else(|| decoded(response).iter().find_map(|text| self.plain(text)))
    }

    fn plain(&self, text: &str) -> Option<Leak> {
        let letters = Letters::of(text);
        if self.tokens.iter().any(|token| token.find(&letters.bytes).is_some()) {
            return Some(Leak::Token);
        }
        if self.stretches.any_in(&letters.bytes) {
            return Some(Leak::Run);
        }
        self.repeats_words(&letters).then_some(Leak::Words)
    }

    fn repeats_words(&self, letters: &Letters) -> bool {
        if letters.word_ends.len() < WORDS || self.grams.is_empty() {
            return false;
        }
        let words: Vec<u64> = letters.words().map(mixed).collect();
        let known: Vec<bool> = words.windows(GRAM).map(|gram| self.grams.contains(&together(gram))).collect();
        let within = WORDS - GRAM + 1;
        known.windows(within).any(|known| 2 * known.iter().filter(|known| **known).count() >= within)
    }
}

/// The number of a sequence of words.
fn together(words: &[u64]) -> u64 {
    words.iter().fold(0, |sum, word| mixed(&(sum ^ word.rotate_left(17)).to_le_bytes()))
}

/// Of every letter whether no public text has it.
fn secret(prompt: &[u8], public: &[Letters]) -> Vec<bool> {
    let mut shared = Stretches::default();
    let mut secret = vec![true; prompt.len()];
    let mut cut =
        |range: Range<usize>| secret.get_mut(range).into_iter().flatten().for_each(|letter| *letter = false);
    for text in public.iter().map(|text| &text.bytes).filter(|text| !text.is_empty()) {
        if text.len() < PUBLIC {
            memchr::memmem::find_iter(prompt, text).for_each(|at| cut(at..at + text.len()));
        }
        let last = (text.len() + 1).saturating_sub(PUBLIC);
        shared.add(text, (0..last).map(|at| at..at + PUBLIC));
    }
    shared.found(prompt).for_each(cut);
    secret
}

/// From every letter on the shortest stretch of 40 characters, where none of its letters is public.
fn runs(letters: &Letters, secret: &[bool]) -> Vec<Range<usize>> {
    // Places of characters in the text with one gap between words.
    let mut ends = letters.word_ends.iter().peekable();
    let (mut place, mut places) = (0, Vec::with_capacity(letters.bytes.len()));
    for (at, byte) in letters.bytes.iter().enumerate() {
        if ends.next_if(|end| **end == at).is_some() {
            place += 1;
        }
        // Only the first byte of a character counts.
        place += usize::from(byte & 0xc0 != 0x80);
        places.push(place);
    }
    let mut end = 0;
    let stretch = |from: usize| {
        let first = *places.get(from)?;
        while *places.get(end)? < first + RUN - 1 {
            end += 1;
        }
        // The last character has its other bytes behind it.
        let behind = places.get(end..)?.iter().take_while(|place| **place == first + RUN - 1).count();
        let stretch = from..end + behind.max(1);
        secret.get(stretch.clone())?.iter().all(|letter| *letter).then_some(stretch)
    };
    (0..letters.bytes.len()).map(stretch).fold(Vec::new(), |mut all, one| {
        all.extend(one);
        all
    })
}

/// The numbers of all sequences of four words without a public letter.
fn grams(letters: &Letters, secret: &[bool]) -> BTreeSet<u64> {
    let mut from = 0;
    let mut words = Vec::new();
    for (word, end) in letters.words().zip(&letters.word_ends) {
        let own = secret.get(from..*end).is_some_and(|letters| letters.iter().all(|letter| *letter));
        words.push(own.then(|| mixed(word)));
        from = *end;
    }
    let gram = |words: &[Option<u64>]| Some(together(&words.iter().copied().collect::<Option<Vec<u64>>>()?));
    words.windows(GRAM).filter_map(gram).collect()
}
