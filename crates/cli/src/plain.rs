//! Text from outside (AWS's messages, tags, bodies, names) made harmless before a person, a terminal or a runner reads it.
//!
//! It never lets text act as a terminal's escape sequence, as a line of its own, or as a runner's command.

/// One line of plain text: every control character, line breaks included, becomes a space; marks that turn the reading
/// direction around are dropped.
pub fn one_line(text: &str) -> String {
    let kept = text.chars().filter(|character| !turns_direction(*character));
    let spaced: String = kept.map(|character| if character.is_control() { ' ' } else { character }).collect();
    spaced.trim().to_owned()
}

/// Lines that are safe to print anywhere: no control characters but line breaks, and nothing that a GitHub runner would
/// take for a command (`::command::` at the beginning of a line, `##[command]` anywhere).
pub fn harmless(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(harmless_line).collect();
    lines.join("\n")
}

fn harmless_line(line: &str) -> String {
    let kept = line.chars().filter(|character| !turns_direction(*character));
    let plain: String = kept.map(|character| if character.is_control() { ' ' } else { character }).collect();
    let plain = plain.replace("##[", "## [");
    match plain.trim_start().strip_prefix("::") {
        Some(rest) => format!("{}: :{rest}", &plain[..plain.len() - plain.trim_start().len()]),
        None => plain.trim_end().to_owned(),
    }
}

/// So many of them.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// A number with its digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes, for people.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    let mut scaled = bytes;
    let mut unit = None;
    for larger in UNITS.iter().take_while(|_| bytes >= 1000) {
        unit = Some((*larger, scaled));
        scaled /= 1000;
        if scaled < 1000 {
            break;
        }
    }
    match unit {
        None => count(usize::try_from(bytes).unwrap_or(usize::MAX), "byte"),
        Some((unit, before)) => format!("{}.{} {unit}", before / 1000, before % 1000 / 100),
    }
}

/// The text with the digests in it cut to their first twelve digits, for people.
pub(crate) fn short_digests(text: &str) -> String {
    let mut parts = text.split("sha256:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| match part.get(..64) {
        Some(digest) if digest.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!("{text}sha256:{}{}", &digest[..12], &part[64..])
        }
        Some(_) | None => format!("{text}sha256:{part}"),
    })
}

/// A JSON text that no runner takes for a command: the same document, one character written otherwise.
pub(crate) fn harmless_json(json: &str) -> String {
    json.replace("##[", "##\\u005b")
}

fn turns_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        let check = |bytes: u64, expected: &str| assert_eq!(size(bytes), expected);
        check(0, "0 bytes");
        check(1, "1 byte");
        check(999, "999 bytes");
        check(1_000, "1.0 KB");
        check(1_549_999, "1.5 MB");
        check(3_221_225_472, "3.2 GB");
        check(u64::MAX, "18446744.0 TB");
    }

    #[test]
    fn a_large_number_is_told_in_groups_of_three_digits() {
        let check = |number: u64, expected: &str| assert_eq!(grouped(number), expected);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(1_234_567, "1,234,567");
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(harmless(text), expected, "{text:?}");
    }

    #[test]
    fn no_line_can_act_as_a_workflow_command() {
        check("::set-output name=a::b", ": :set-output name=a::b");
        check("  \u{200f}::error::x", "  : :error::x");
        check("fine\n::add-mask::x", "fine\n: :add-mask::x");
        check("fine\r::add-mask::x", "fine ::add-mask::x");
        check("see ##[error]x", "see ## [error]x");
        check("a::b", "a::b");
    }

    #[test]
    fn no_text_can_steer_the_terminal() {
        check("\u{1b}[31mred\u{7}", " [31mred");
        check("a\u{9b}2J", "a 2J");
    }

    #[test]
    fn a_text_from_outside_is_one_line() {
        assert_eq!(one_line("a\r\nb\u{202e}c\t"), "a  bc");
    }

    #[test]
    fn digests_are_cut_for_people() {
        let digest = "4f1c2d7a9be0".repeat(6)[..64].to_owned();
        assert_eq!(short_digests(&format!("a@sha256:{digest} -> b")), "a@sha256:4f1c2d7a9be0 -> b");
        assert_eq!(short_digests("sha256:é and sha256:"), "sha256:é and sha256:");
    }

    #[test]
    fn json_stays_the_same_document() {
        let json = serde_json::to_string(&serde_json::json!({ "a": "##[x]" })).unwrap();
        let harmless = harmless_json(&json);
        assert!(!harmless.contains("##["));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&harmless).unwrap(),
            serde_json::from_str::<serde_json::Value>(&json).unwrap()
        );
    }
}
