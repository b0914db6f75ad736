//! What TER takes for a word: Tercom's normalisation, as sacreBLEU 2.6.0 has it.

use super::Ter;

impl Ter {
    /// A text whose words stand between white space.
    pub(super) fn normal(self, text: &str) -> String {
        let mut text = if self.case_sensitive { text.to_owned() } else { text.to_lowercase() };
        if text.is_empty() {
            return text;
        }
        if self.normalized {
            text = western(&text);
            if self.asian {
                text = text.chars().fold(String::new(), |mut out, c| {
                    if is_asian(c) || is_asian_mark(c) {
                        out.extend([' ', c, ' ']);
                    } else {
                        out.push(c);
                    }
                    out
                });
            }
        }
        if self.without_marks {
            text.retain(|c| !matches!(c, '.' | ',' | '?' | ':' | ';' | '!' | '"' | '(' | ')'));
            if self.asian {
                text.retain(|c| !is_asian_mark(c));
            }
        }
        text
    }
}

fn western(text: &str) -> String {
    let mut line = text.replace("\n-", "").replace('\n', " ");
    for (from, to) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
        line = line.replace(from, to);
    }
    let mut marked: Vec<char> = Vec::with_capacity(line.len() * 2);
    marked.push(' ');
    for c in line.chars() {
        if matches!(c, '{'..='~' | '['..='`' | ' '..='&' | '('..='+' | ':'..='@' | '/') {
            marked.extend([' ', c, ' ']);
        } else {
            marked.push(c);
        }
    }
    marked.push(' ');
    let marked: String = marked.into_iter().collect();
    let marked: Vec<char> = marked.replace("'s ", " 's ").chars().collect();
    let stops = |c: char| c == '.' || c == ',';
    let digit = |c: char| c.is_ascii_digit();
    let marked = pairs(&marked, |a, b| !digit(a) && stops(b), |a, b| [a, ' ', b, ' ']);
    let marked = pairs(&marked, |a, b| stops(a) && !digit(b), |a, b| [' ', a, ' ', b]);
    pairs(&marked, |a, b| digit(a) && b == '-', |a, b| [a, ' ', b, ' ']).into_iter().collect()
}

/// Replaces pairs from left to right, none of which overlap.
fn pairs(text: &[char], is: impl Fn(char, char) -> bool, put: impl Fn(char, char) -> [char; 4]) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((first, later)) = rest.split_first() {
        match later.split_first() {
            Some((second, further)) if is(*first, *second) => {
                out.extend(put(*first, *second));
                rest = further;
            }
            _ => {
                out.push(*first);
                rest = later;
            }
        }
    }
    out
}

/// Characters that are words. (The ranges are Tercom's; its rules for kana never apply to a line that begins with a space,
/// as every normalised line does.)
fn is_asian(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{31c0}'..='\u{31ef}' | '\u{2e80}'..='\u{2eff}'
        | '\u{3300}'..='\u{33ff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{3200}'..='\u{3f22}')
}

fn is_asian_mark(c: char) -> bool {
    matches!(c,
        '\u{3001}' | '\u{3002}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '\u{ff61}'..='\u{ff65}'
        | '\u{30fb}' | '\u{ff0e}' | '\u{ff0c}' | '\u{ff1f}' | '\u{ff1a}' | '\u{ff1b}' | '\u{ff01}' | '\u{ff02}'
        | '\u{ff08}' | '\u{ff09}')
}
