//! Texts from outside made short, made one line, and compared without the ids in them.
//!
//! Control characters that are no space stay: they are for the printers to neutralise.

/// How many characters of a text of AWS are kept.
pub(super) const TEXT_LIMIT: usize = 1000;
/// How many characters of a text are looked at; AWS's own are shorter.
const READ_LIMIT: usize = 4000;
/// From how many characters on a run of digits and separators counts as an id.
const ID_LENGTH: usize = 7;

/// At most `limit` characters, with `…` as the last where something was cut.
pub(super) fn clip(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => text.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// At most [`TEXT_LIMIT`] characters on one line.
pub(super) fn one_line(text: &str) -> String {
    let read = clip(text, READ_LIMIT);
    clip(&read.split_whitespace().collect::<Vec<_>>().join(" "), TEXT_LIMIT)
}

/// The text as it is searched: on one line, in small letters.
pub(super) fn searchable(text: &str) -> String {
    let read = clip(text, READ_LIMIT).to_lowercase();
    read.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text without the ids, addresses and times that differ from task to task.
pub(super) fn without_ids(text: &str) -> String {
    let text = one_line(text);
    let mut rest = text.as_str();
    let mut kept = String::with_capacity(text.len());
    while let Some(start) = rest.find(may_be_in_id) {
        let end = rest[start..].find(|character| !may_be_in_id(character)).map_or(rest.len(), |length| start + length);
        let run = &rest[start..end];
        kept.push_str(&rest[..start]);
        kept.push_str(if is_id(run) { "#" } else { run });
        rest = &rest[end..];
    }
    kept.push_str(rest);
    kept
}

fn may_be_in_id(character: char) -> bool {
    character.is_ascii_hexdigit() || matches!(character, '-' | '.' | ':')
}

fn is_id(run: &str) -> bool {
    run.len() >= ID_LENGTH && run.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äö…");
        assert_eq!(one_line(&"a\r\n".repeat(5000)).chars().count(), TEXT_LIMIT);
    }

    #[test]
    fn ids_are_taken_out_and_short_numbers_stay() {
        let check = |text: &str, expected: &str| assert_eq!(without_ids(text), expected, "{text}");
        check("failed with these codes: [503]", "failed with these codes: [503]");
        check("(task 0f1e2d3c4b5a69788796a5b4c3d2e1f0) (port 80)", "(task #) (port 80)");
        check("RequestID: 1a2b3c4d-0000-4111-8222-333344445555, api", "RequestID: #, api");
        check("read udp 10.0.3.4:57811->10.0.0.2:53: i/o timeout", "read udp #># i/o timeout");
        check("defaced decade", "defaced decade");
    }
}
