//! Names that are different here and the same on another computer: `README` and `readme`, or an "é" that is
//! one character on Linux and two on macOS.
//!
//! Decomposition covers Latin, Greek, Cyrillic, kana and Hangul, which are what file names on a Mac get into
//! trouble with; marks are not reordered. It feeds findings about names, so a rarer script may go unnoticed.

/// Groups of two or more names that fold to the same, each group and all groups in the order of the names.
pub(super) fn collisions<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Vec<&'a str>> {
    let mut folded: Vec<(String, &str)> = names.into_iter().map(|name| (fold(name), name)).collect();
    // Stable: the names of a group keep their order.
    folded.sort_by(|a, b| a.0.cmp(&b.0));
    let groups = folded.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1);
    let mut groups: Vec<Vec<&str>> =
        groups.map(|group| group.iter().map(|(_, name)| *name).collect()).collect();
    groups.sort();
    groups
}

/// The name without case and with its marks apart from their letters.
pub(super) fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(name.len());
    for letter in name.chars() {
        decompose(letter, &mut folded);
    }
    folded.to_lowercase()
}

/// Where two names that fold to the same part: in case, or in characters that look alike and are told by their numbers.
pub(super) fn apart(a: &str, b: &str) -> String {
    if a.to_lowercase() == b.to_lowercase() {
        return "in case".to_owned();
    }
    let at = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    format!("in how a letter is written ({} and {})", numbers(a, at), numbers(b, at))
}

/// A letter with the marks that follow it, as `U+0065 U+0301`.
fn numbers(name: &str, at: usize) -> String {
    let mut letters = name.chars().skip(at);
    let first = letters.next();
    let marks = letters.take_while(|letter| ('\u{300}'..='\u{36f}').contains(letter));
    let all: Vec<String> =
        first.into_iter().chain(marks).map(|letter| format!("U+{:04X}", u32::from(letter))).collect();
    all.join(" ")
}

/// Appends the canonical decomposition of a character.
fn decompose(letter: char, into: &mut String) {
    if let Some(jamo) = hangul(letter) {
        into.extend(jamo.into_iter().flatten());
        return;
    }
    for (mark, composed, bases) in MARKS {
        let base = composed.chars().zip(bases.chars()).find(|(whole, _)| *whole == letter);
        if let Some((_, base)) = base {
            decompose(base, into);
            into.push(*mark);
            return;
        }
    }
    into.push(letter);
}

/// The two or three letters of a Hangul syllable (The Unicode Standard, section 3.12).
fn hangul(syllable: char) -> Option<[Option<char>; 3]> {
    let index = u32::from(syllable).checked_sub(0xac00).filter(|index| *index < 11_172)?;
    let tail = index % 28;
    Some([
        char::from_u32(0x1100 + index / 588),
        char::from_u32(0x1161 + index % 588 / 28),
        (tail > 0).then(|| char::from_u32(0x11a7 + tail)).flatten(),
    ])
}

/// A mark, the characters that hold it, and the same characters without it
/// (canonical decompositions in the Unicode Character Database of U+00C0..U+04FF, U+1E00..U+1EFF, U+3000..U+30FF).
#[rustfmt::skip]
const MARKS: &[(char, &str, &str)] = &[
    ('\u{300}', "ÀÈÌÒÙàèìòùǛǜǸǹЀЍѐѝḔḕṐṑẀẁẦầẰằỀềỒồỜờỪừỲỳ", "AEIOUaeiouÜüNnЕИеиĒēŌōWwÂâĂăÊêÔôƠơƯưYy"),
    ('\u{301}', "ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹźǗǘǴǵǺǻǼǽǾǿ΅ΆΈΉΊ", "AEIOUYaeiouyCcLlNnRrSsZzÜüGgÅåÆæØø¨ΑΕΗΙ"),
    ('\u{301}', "ΌΎΏΐάέήίΰόύώϓЃЌѓќḈḉḖḗḮḯḰḱḾḿṌṍṒṓṔṕṸṹẂẃẤấẮ", "ΟΥΩϊαεηιϋουωϒГКгкÇçĒēÏïKkMmÕõŌōPpŨũWwÂâĂ"),
    ('\u{301}', "ắẾếỐốỚớỨứ", "ăÊêÔôƠơƯư"),
    ('\u{302}', "ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷẐẑẬậỆệỘộ", "AEIOUaeiouCcGgHhJjSsWwYyZzẠạẸẹỌọ"),
    ('\u{303}', "ÃÑÕãñõĨĩŨũṼṽẪẫẴẵẼẽỄễỖỗỠỡỮữỸỹ", "ANOanoIiUuVvÂâĂăEeÊêÔôƠơƯưYy"),
    ('\u{308}', "ÄËÏÖÜäëïöüÿŸΪΫϊϋϔЁЇёїӒӓӚӛӜӝӞӟӤӥӦӧӪӫӬӭӰӱӴ", "AEIOUaeiouyYΙΥιυϒЕІеіАаӘәЖжЗзИиОоӨөЭэУуЧ"),
    ('\u{308}', "ӵӸӹḦḧṎṏṺṻẄẅẌẍẗ", "чЫыHhÕõŪūWwXxt"),
    ('\u{30a}', "ÅåŮůẘẙ", "AaUuwy"),
    ('\u{327}', "ÇçĢģĶķĻļŅņŖŗŞşŢţȨȩḐḑḨḩ", "CcGgKkLlNnRrSsTtEeDdHh"),
    ('\u{304}', "ĀāĒēĪīŌōŪūǕǖǞǟǠǡǢǣǬǭȪȫȬȭȰȱȲȳӢӣӮӯḠḡḸḹṜṝ", "AaEeIiOoUuÜüÄäȦȧÆæǪǫÖöÕõȮȯYyИиУуGgḶḷṚṛ"),
    ('\u{306}', "ĂăĔĕĞğĬĭŎŏŬŭЎЙйўӁӂӐӑӖӗḜḝẶặ", "AaEeGgIiOoUuУИиуЖжАаЕеȨȩẠạ"),
    ('\u{328}', "ĄąĘęĮįŲųǪǫ", "AaEeIiUuOo"),
    ('\u{307}', "ĊċĖėĠġİŻżȦȧȮȯḂḃḊḋḞḟḢḣṀṁṄṅṖṗṘṙṠṡṤṥṦṧṨṩṪṫẆ", "CcEeGgIZzAaOoBbDdFfHhMmNnPpRrSsŚśŠšṢṣTtW"),
    ('\u{307}', "ẇẊẋẎẏẛ", "wXxYyſ"),
    ('\u{30c}', "ČčĎďĚěĽľŇňŘřŠšŤťŽžǍǎǏǐǑǒǓǔǙǚǦǧǨǩǮǯǰȞȟ", "CcDdEeLlNnRrSsTtZzAaIiOoUuÜüGgKkƷʒjHh"),
    ('\u{30b}', "ŐőŰűӲӳ", "OoUuУу"),
    ('\u{31b}', "ƠơƯư", "OoUu"),
    ('\u{30f}', "ȀȁȄȅȈȉȌȍȐȑȔȕѶѷ", "AaEeIiOoRrUuѴѵ"),
    ('\u{311}', "ȂȃȆȇȊȋȎȏȒȓȖȗ", "AaEeIiOoRrUu"),
    ('\u{326}', "ȘșȚț", "SsTt"),
    ('\u{325}', "Ḁḁ", "Aa"),
    ('\u{323}', "ḄḅḌḍḤḥḲḳḶḷṂṃṆṇṚṛṢṣṬṭṾṿẈẉẒẓẠạẸẹỊịỌọỢợỤụỰự", "BbDdHhKkLlMmNnRrSsTtVvWwZzAaEeIiOoƠơUuƯư"),
    ('\u{323}', "Ỵỵ", "Yy"),
    ('\u{331}', "ḆḇḎḏḴḵḺḻṈṉṞṟṮṯẔẕẖ", "BbDdKkLlNnRrTtZzh"),
    ('\u{32d}', "ḒḓḘḙḼḽṊṋṰṱṶṷ", "DdEeLlNnTtUu"),
    ('\u{330}', "ḚḛḬḭṴṵ", "EeIiUu"),
    ('\u{32e}', "Ḫḫ", "Hh"),
    ('\u{324}', "Ṳṳ", "Uu"),
    ('\u{309}', "ẢảẨẩẲẳẺẻỂểỈỉỎỏỔổỞởỦủỬửỶỷ", "AaÂâĂăEeÊêIiOoÔôƠơUuƯưYy"),
    ('\u{3099}', "がぎぐげござじずぜぞだぢづでどばびぶべぼゔゞガギグゲゴザジズゼゾダヂヅデドバビブ", "かきくけこさしすせそたちつてとはひふへほうゝカキクケコサシスセソタチツテトハヒフ"),
    ('\u{3099}', "ベボヴヷヸヹヺヾ", "ヘホウワヰヱヲヽ"),
    ('\u{309a}', "ぱぴぷぺぽパピプペポ", "はひふへほハヒフヘホ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_other_computers_fold() {
        let names = [
            "a/README.md",
            "A/readme.md",
            "caf\u{e9}",
            "cafe\u{301}",
            "\u{1ec7}",
            "e\u{323}\u{302}",
            "plain",
        ];
        assert_eq!(
            collisions(names),
            [
                vec!["a/README.md", "A/readme.md"],
                vec!["caf\u{e9}", "cafe\u{301}"],
                vec!["\u{1ec7}", "e\u{323}\u{302}"],
            ]
        );
        assert_eq!(fold("\u{ac01}"), "\u{1100}\u{1161}\u{11a8}");
        assert_eq!(fold("\u{30ac}"), "\u{30ab}\u{3099}");
        assert!(collisions(["a", "\u{e4}", "b"]).is_empty());
    }

    #[test]
    fn every_row_of_the_table_is_aligned() {
        for (mark, composed, bases) in MARKS {
            assert_eq!(composed.chars().count(), bases.chars().count(), "{mark:?}");
        }
    }
}
