//! What an image shows of itself to others than ECS: what it logs, and what it answers to a load balancer's checks.
//!
//! Whether and when it is healthy, and when it exits, is its behaviour ([`crate::image::Behaviour`]).

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

use super::fate::Unpullable;

/// The shortest time between two lines of the same kind, in seconds.
const SHORTEST: f64 = 0.1;
/// The longest, about thirty years.
const LONGEST: f64 = 1e9;

/// What an image shows of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Conduct {
    pub(crate) logs: LogScript,
    pub(crate) unhealthy_answer: HealthAnswer,
    /// Why it cannot be pulled, if it cannot.
    pub(crate) unpullable: Option<Unpullable>,
}

/// The lines that an image's containers log, stamped with simulated time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LogScript {
    /// When the container starts.
    pub start: Vec<String>,
    /// Again and again while it runs.
    pub every: Vec<RepeatedLine>,
    /// When it exits by itself: the stack of a crash.
    pub exit: Vec<String>,
    /// When it is told to stop.
    pub stop: Vec<String>,
}

/// A line that is logged again and again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RepeatedLine {
    /// From the start to the first one, and from one to the next, in seconds; at least a tenth of one.
    pub seconds: f64,
    /// The line.
    pub line: String,
}

/// What an image answers to a load balancer's check while it is not healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthAnswer {
    /// An HTTP status.
    Code(u16),
    /// Nothing: it listens on another port behind a firewall, or is stuck. Written `"timeout"`.
    Timeout,
    /// It refuses the connection. Written `"refused"`.
    Refused,
}

impl Default for HealthAnswer {
    fn default() -> Self {
        Self::Code(503)
    }
}

impl LogScript {
    /// What is wrong with it, if anything is.
    pub(super) fn has_wrong_duration(&self) -> bool {
        self.every.iter().any(|line| !(SHORTEST..=LONGEST).contains(&line.seconds))
    }
}

impl Serialize for HealthAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Code(code) => serializer.serialize_u16(*code),
            Self::Timeout => serializer.serialize_str("timeout"),
            Self::Refused => serializer.serialize_str("refused"),
        }
    }
}

impl<'de> Deserialize<'de> for HealthAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnswerVisitor)
    }
}

struct AnswerVisitor;

impl Visitor<'_> for AnswerVisitor {
    type Value = HealthAnswer;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an HTTP status, \"timeout\" or \"refused\"")
    }

    fn visit_i64<E: de::Error>(self, code: i64) -> Result<Self::Value, E> {
        let read = u16::try_from(code).ok().filter(|code| (100..=599).contains(code));
        read.map(HealthAnswer::Code).ok_or_else(|| E::invalid_value(de::Unexpected::Signed(code), &self))
    }

    fn visit_u64<E: de::Error>(self, code: u64) -> Result<Self::Value, E> {
        self.visit_i64(i64::try_from(code).unwrap_or(i64::MAX))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "timeout" => Ok(HealthAnswer::Timeout),
            "refused" => Ok(HealthAnswer::Refused),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Holder {
        answer: HealthAnswer,
    }

    fn check(text: &str, expected: Option<HealthAnswer>) {
        let read = toml::from_str::<Holder>(&format!("answer = {text}")).ok().map(|holder| holder.answer);
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn an_answer_is_a_status_or_one_of_two_words() {
        check("503", Some(HealthAnswer::Code(503)));
        check("\"timeout\"", Some(HealthAnswer::Timeout));
        check("\"refused\"", Some(HealthAnswer::Refused));
        for wrong in ["99", "600", "-1", "\"503\"", "true"] {
            check(wrong, None);
        }
    }

    #[test]
    fn an_answer_survives_json() {
        for answer in [HealthAnswer::Code(404), HealthAnswer::Timeout, HealthAnswer::Refused] {
            let json = serde_json::to_string(&Holder { answer }).unwrap();
            assert_eq!(serde_json::from_str::<Holder>(&json).unwrap(), Holder { answer });
        }
    }
}
