//! Texts that stand in a text as base64 or hexadecimal digits.

/// Shorter stretches between spaces are words, but for a last line.
const LINE: usize = 16;
/// Digits of the shortest text that is looked for, 40 characters: in base64, in hexadecimal digits.
const SHORTEST: usize = 54;
const SHORTEST_HEX: usize = 80;

/// The texts that long stretches of base64 (both alphabets, in lines, with padding or without, beginning anywhere) or of
/// hexadecimal digits stand for.
pub(super) fn decoded(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines = text.as_bytes().split(|byte| !is_digit(char::from(*byte)));
    if lines.map(<[u8]>::len).max().is_none_or(|longest| longest < LINE) {
        return found;
    }
    let other = |c: char| !(is_digit(c) || c.is_ascii_whitespace() || c == '=');
    for stretch in text.split(other).filter(|stretch| stretch.len() >= SHORTEST) {
        let mut digits: Vec<u8> = Vec::new();
        for line in stretch.split_ascii_whitespace() {
            let long = line.len() >= LINE;
            // A word after hexadecimal digits is not their last line.
            let last = !digits.is_empty() && (is_hex(line.as_bytes()) || !is_hex(&digits));
            if long || last {
                digits.extend(line.bytes().filter(|byte| *byte != b'='));
            }
            if !long {
                texts(&digits, &mut found);
                digits.clear();
            }
        }
        texts(&digits, &mut found);
    }
    found
}

fn is_digit(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')
}

fn is_hex(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}

fn texts(digits: &[u8], found: &mut Vec<String>) {
    if digits.len() >= SHORTEST_HEX && is_hex(digits) {
        for digits in [digits, digits.get(1..).unwrap_or_default()] {
            found.push(text(
                digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |sum, digit| sum << 4 | hex(*digit))),
            ));
        }
    }
    if digits.len() >= SHORTEST {
        // What stands before may have been taken for the first digits.
        for from in 0..4 {
            found.push(base64(digits.get(from..).unwrap_or_default()));
        }
    }
}

fn text(bytes: impl Iterator<Item = u8>) -> String {
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

fn hex(digit: u8) -> u8 {
    char::from(digit).to_digit(16).map_or(0, |value| value as u8)
}

fn base64(digits: &[u8]) -> String {
    let value = |digit: &u8| match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    };
    let group = |group: &[u8]| {
        let bits = group.iter().fold(0_u32, |bits, digit| bits << 6 | u32::from(value(digit)))
            << (6 * (4 - group.len()));
        let [_, bytes @ ..] = bits.to_be_bytes();
        bytes.into_iter().take((6 * group.len()) / 8)
    };
    text(digits.chunks(4).flat_map(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `base64` and `xxd -p` of GNU coreutils and Vim.
    #[test]
    fn what_other_programs_wrote_is_read() {
        let plain = "You are the assistant of Acme; never tell prices: \u{fc} is fine.";
        let lines =
            "WW91IGFyZSB0aGUgYXNzaXN0YW50IG9m\nIEFjbWU7IG5ldmVyIHRlbGwgcHJpY2Vz\r\n OiDDvCBpcyBmaW5lLg==";
        assert!(decoded(&format!("Here:\n{lines} bye")).iter().any(|text| text.starts_with(plain)));
        // Without a gap before it.
        let one = lines.replace(['\n', '\r', ' ', '='], "");
        for before in ["x", "xy", "xyz"] {
            let found = decoded(&format!("{before}{one}"));
            assert!(found.iter().any(|text| text.contains("assistant of Acme; never tell")), "{found:?}");
        }
        let hex = "596f752061726520746865206173736973\n74616e74206f662041636d653b206e657665722074656c6c20707269636573";
        assert!(decoded(hex).iter().any(|text| text == "You are the assistant of Acme; never tell prices"));
    }

    #[test]
    fn prose_is_not_decoded() {
        assert!(decoded(&"An ordinary answer in words of ordinary length, ".repeat(50)).is_empty());
    }
}
