//! One line, who says it, and many lines in the order of their times.

use jiff::Timestamp;
use serde::Serialize;

use crate::plain::one_line;

/// How much of a task's id people need to tell tasks apart.
const SHORT: usize = 8;

/// Who says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Source {
    /// A container of a task.
    Container {
        /// The task's id.
        task: String,
        /// The container's name.
        container: String,
    },
    /// ECS, to people.
    Ecs,
    /// A load balancer, of one of its targets.
    Target {
        /// The target, with its port.
        target: String,
    },
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    /// When, by the writer's clock, where that is known.
    pub(crate) at: Option<Timestamp>,
    /// Who.
    pub(crate) source: Source,
    /// What.
    pub(crate) text: String,
}

impl Line {
    /// The line for people.
    pub(crate) fn to_text(&self) -> String {
        let at = self.at.map_or_else(|| "-".to_owned(), |at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
        let source = match &self.source {
            Source::Container { task, container } => {
                let task: String = task.chars().take(SHORT).collect();
                format!("{}/{}", one_line(&task), one_line(container))
            }
            Source::Ecs => "ECS".to_owned(),
            Source::Target { target } => format!("target {}", one_line(target)),
        };
        format!("{at} {source}: {}", one_line(&self.text))
    }
}

/// All lines in the order of their times. Each source's lines stay in their order: one without a time follows the one
/// before it, and the first ones are the oldest of all.
pub(crate) fn merged(sources: Vec<Vec<Line>>) -> Vec<Line> {
    let mut timed: Vec<(Timestamp, Line)> = Vec::new();
    for lines in sources {
        let mut last = Timestamp::MIN;
        for line in lines {
            last = line.at.unwrap_or(last).max(last);
            timed.push((last, line));
        }
    }
    timed.sort_by_key(|(at, _)| *at);
    timed.into_iter().map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(second: Option<i64>, text: &str) -> Line {
        let at = second.map(|second| Timestamp::from_second(second).unwrap());
        Line { at, source: Source::Ecs, text: text.to_owned() }
    }

    fn check(sources: Vec<Vec<Line>>, expected: &[&str]) {
        let texts: Vec<String> = merged(sources).into_iter().map(|line| line.text).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn lines_of_several_sources_come_in_the_order_of_their_times() {
        let one = vec![line(Some(1), "a"), line(Some(4), "d")];
        let two = vec![line(Some(2), "b"), line(Some(3), "c")];
        check(vec![one, two], &["a", "b", "c", "d"]);
        check(vec![], &[]);
    }

    #[test]
    fn a_source_keeps_its_order_also_where_times_are_missing_or_go_back() {
        let one = vec![line(None, "a"), line(Some(5), "c"), line(None, "d"), line(Some(4), "e")];
        check(vec![one, vec![line(Some(4), "b")]], &["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn a_line_says_when_and_who_and_cannot_act() {
        let source = Source::Container { task: "0123456789abcdef".to_owned(), container: "api".to_owned() };
        let line = Line { at: Some(Timestamp::UNIX_EPOCH), source, text: "a\n::error::\u{1b}[2J".to_owned() };
        assert_eq!(line.to_text(), "1970-01-01T00:00:00.000Z 01234567/api: a ::error:: [2J");
    }
}
