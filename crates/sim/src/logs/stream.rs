//! One stream: the lines of one container, made when they are asked for.
//!
//! Lines only ever come at the end, so that a line's place in the stream never changes.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::images::LogScript;

/// The most lines of a stream; what comes after them is lost.
const MOST: usize = 100_000;

/// The lines of one container.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stream {
    pub(super) created: Timestamp,
    script: LogScript,
    /// When the container stopped, and whether it was told to.
    ended: Option<(Timestamp, bool)>,
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) at: Timestamp,
    pub(super) message: String,
}

impl Stream {
    pub(super) fn new(created: Timestamp, script: LogScript) -> Self {
        Self { created, script, ended: None }
    }

    /// Notes that the container has stopped; only the first time counts.
    pub(super) fn end(&mut self, at: Timestamp, killed: bool) {
        self.ended.get_or_insert((at, killed));
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// The lines until `now`, oldest first.
    pub(super) fn events(&self, now: Timestamp) -> Vec<Event> {
        let until = self.ended.map_or(now, |(at, _)| at.min(now));
        let said = |lines: &[String], at: Timestamp| -> Vec<Event> {
            lines.iter().map(|message| Event { at, message: message.clone() }).collect()
        };
        let mut events = said(&self.script.start, self.created);
        events.extend(self.repeated(until));
        match self.ended.filter(|(at, _)| *at <= now) {
            Some((at, true)) => events.extend(said(&self.script.stop, at)),
            Some((at, false)) => events.extend(said(&self.script.exit, at)),
            None => {}
        }
        events.truncate(MOST);
        events
    }

    /// Lines at the same instant come in the order of the script.
    fn repeated(&self, until: Timestamp) -> Vec<Event> {
        let mut repeated: Vec<Event> = Vec::new();
        for line in &self.script.every {
            let times = (1..=MOST).map_while(|number| {
                #[expect(clippy::cast_precision_loss, reason = "at most a hundred thousand")]
                let since = SignedDuration::try_from_secs_f64(line.seconds * number as f64).ok()?;
                self.created.checked_add(since).ok().filter(|at| *at <= until)
            });
            repeated.extend(times.map(|at| Event { at, message: line.line.clone() }));
        }
        repeated.sort_by_key(|event| event.at);
        repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = r#"
        start = ["listening", "ready"]
        every = [{ seconds = 10, line = "tick" }, { seconds = 15, line = "tock" }]
        exit = ["Traceback"]
        stop = ["bye"]
    "#;

    /// The lines at `now` of a container that started at 100 and ended as `ended` says.
    fn check(ended: Option<(i64, bool)>, now: i64, expected: &[(i64, &str)]) {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut stream = Stream::new(at(100), toml::from_str(SCRIPT).unwrap());
        if let Some((second, killed)) = ended {
            stream.end(at(second), killed);
        }
        let events = stream.events(at(now));
        let events: Vec<_> = events.iter().map(|event| (event.at.as_second(), event.message.as_str())).collect();
        assert_eq!(events, expected);
    }

    #[test]
    fn a_container_logs_at_its_start_while_it_runs_and_at_its_end() {
        check(None, 100, &[(100, "listening"), (100, "ready")]);
        let running = [(100, "listening"), (100, "ready"), (110, "tick"), (115, "tock"), (120, "tick")];
        check(None, 121, &running);
        check(Some((121, false)), 500, &[&running[..], &[(121, "Traceback")]].concat());
        check(Some((121, true)), 500, &[&running[..], &[(121, "bye")]].concat());
    }

    #[test]
    fn a_stream_has_an_end_however_long_it_runs() {
        let script = toml::from_str("every = [{ seconds = 0.1, line = \"tick\" }]").unwrap();
        let stream = Stream::new(Timestamp::UNIX_EPOCH, script);
        assert_eq!(stream.events(Timestamp::MAX).len(), MOST);
    }
}
