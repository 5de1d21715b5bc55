//! How far a stream was told: each line once, also where lines arrive late.

use jiff::{SignedDuration, Timestamp};
use towpath_core::rollout::LogLine;

/// How late a line may arrive behind one that is newer.
const LATE: SignedDuration = SignedDuration::from_secs(20);

/// How far a stream was told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cursor {
    newest: Option<Timestamp>,
    /// What was told of the last moments, which is read again.
    told: Vec<LogLine>,
}

impl Cursor {
    /// From when on the stream is to be read.
    pub(super) fn from(&self) -> Timestamp {
        let again = self.newest.and_then(|newest| newest.checked_sub(LATE).ok());
        again.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// What of these lines was not told yet; from now on it was.
    pub(crate) fn news(&mut self, lines: Vec<LogLine>) -> Vec<LogLine> {
        let is_first = self.newest.is_none() && self.told.is_empty();
        let (mut before, from) = (self.told.clone(), self.from());
        let mut news = Vec::new();
        for line in lines {
            match before.iter().position(|told| *told == line) {
                Some(place) => {
                    before.swap_remove(place);
                }
                // What is older than what is read again was told, or is too late to be in order.
                None if !is_first && line.at.is_some_and(|at| at < from) => {}
                // Without a time nobody knows whether it was there before: it is told at the first look alone.
                None if line.at.is_none() && !is_first => {}
                None => news.push(line),
            }
        }
        self.newest = news.iter().filter_map(|line| line.at).max().max(self.newest);
        self.told.extend(news.iter().cloned());
        let from = self.from();
        self.told.retain(|line| line.at.is_none_or(|at| at >= from));
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(second: i64, text: &str) -> LogLine {
        LogLine { at: Some(Timestamp::from_second(second).unwrap()), text: text.to_owned() }
    }

    fn check(cursor: &mut Cursor, lines: &[LogLine], expected: &[&str]) {
        let news: Vec<String> = cursor.news(lines.to_vec()).into_iter().map(|line| line.text).collect();
        assert_eq!(news, expected);
    }

    #[test]
    fn what_is_read_again_is_told_once() {
        let mut cursor = Cursor::default();
        check(&mut cursor, &[line(1, "a"), line(2, "b")], &["a", "b"]);
        check(&mut cursor, &[line(1, "a"), line(2, "b")], &[]);
        check(&mut cursor, &[line(2, "b"), line(2, "c"), line(3, "b")], &["c", "b"]);
    }

    #[test]
    fn the_same_text_at_the_same_moment_is_told_as_often_as_it_was_written() {
        let mut cursor = Cursor::default();
        check(&mut cursor, &[line(1, "a"), line(1, "a")], &["a", "a"]);
        check(&mut cursor, &[line(1, "a"), line(1, "a"), line(1, "a")], &["a"]);
    }

    #[test]
    fn a_line_that_arrives_late_is_told_too() {
        let mut cursor = Cursor::default();
        check(&mut cursor, &[line(30, "new")], &["new"]);
        assert_eq!(cursor.from(), Timestamp::from_second(10).unwrap());
        check(&mut cursor, &[line(15, "late"), line(30, "new")], &["late"]);
        assert_eq!(cursor.from(), Timestamp::from_second(10).unwrap());
    }

    #[test]
    fn a_line_without_a_time_is_told_at_the_first_look() {
        let untimed = LogLine { at: None, text: "x".to_owned() };
        let mut cursor = Cursor::default();
        check(&mut cursor, std::slice::from_ref(&untimed), &["x"]);
        check(&mut cursor, &[untimed], &[]);
    }
}
