//! How an image behaves when a task runs it: what the scheduler and the loopback targets ask.
//!
//! It does not say where images come from: that is the registry's and the catalog's work.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, Visitor},
};

/// Resolves what a task definition's `image` names.
pub trait ImageCatalog {
    /// The image behind `reference` (`registry/repo@sha256:…`, `registry/repo:tag`, `nginx`), as account `account` in `region` pulls it.
    ///
    /// # Errors
    /// The reason that ECS would put into `stoppedReason`, beginning with `CannotPullContainerError`.
    fn pull(&self, account: &str, region: &str, reference: &str) -> Result<PulledImage, String>;
}

/// What a pull brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PulledImage {
    /// The digest that ECS reports for the container, `sha256:…`.
    pub digest: String,
    /// What the image does once it runs.
    pub behaviour: Behaviour,
}

/// What an image does once it runs. Durations count from the task's start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Behaviour {
    /// The version that `/version` answers.
    pub version: String,
    /// The commit that `/version` answers.
    pub commit: String,
    /// When it becomes healthy after its start, in seconds of simulated time; `None` (written `"never"`) means never.
    #[serde(deserialize_with = "seconds_or_never")]
    pub healthy_after: Option<f64>,
    /// When a healthy container turns unhealthy, in seconds after its start.
    pub unhealthy_after: Option<f64>,
    /// When the container exits by itself, in seconds after its start.
    pub exit_after: Option<f64>,
    /// The code it exits with.
    pub exit_code: i32,
    /// Whether it exits before it ever counts as RUNNING (a task that fails to start).
    pub fails_to_start: Option<String>,
    /// How long it takes to stop after SIGTERM, in seconds.
    pub stops_after: f64,
    /// Answers by path that differ from the usual ones.
    pub routes: Vec<Route>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            version: String::new(),
            commit: String::new(),
            healthy_after: Some(1.0),
            unhealthy_after: None,
            exit_after: None,
            exit_code: 0,
            fails_to_start: None,
            stops_after: 1.0,
            routes: Vec::new(),
        }
    }
}

/// A scripted answer of an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Route {
    /// The exact path, for example `/version`.
    pub path: String,
    /// The HTTP status.
    #[serde(default = "ok")]
    pub status: u16,
    /// The body.
    #[serde(default)]
    pub body: String,
    /// Headers beside the usual ones.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How long it takes to answer, in milliseconds of real time.
    #[serde(default)]
    pub delay_ms: u64,
    /// The only account in which the image answers so; absent means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl Behaviour {
    /// The scripted answer for `path` in `account`, if there is one; the first that fits wins.
    pub fn route(&self, path: &str, account: &str) -> Option<&Route> {
        self.routes
            .iter()
            .find(|route| route.path == path && route.account.as_deref().is_none_or(|only| only == account))
    }
}

const fn ok() -> u16 {
    200
}

/// A running task as a load balancer sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The task's ARN.
    pub task_arn: String,
    /// The task definition it runs.
    pub task_definition: String,
    /// The digest of its first essential container.
    pub digest: String,
    /// What its first essential container does.
    pub behaviour: Behaviour,
    /// How long the task has run.
    pub uptime: Duration,
    /// Whether it takes new requests: healthy and not draining.
    pub in_service: bool,
}

/// Reads a number of seconds, or `"never"`.
fn seconds_or_never<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    deserializer.deserialize_any(SecondsOrNever)
}

struct SecondsOrNever;

impl<'de> Visitor<'de> for SecondsOrNever {
    type Value = Option<f64>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number of seconds or \"never\"")
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Self::Value, E> {
        Ok(Some(seconds))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Self::Value, E> {
        i32::try_from(seconds)
            .map(|seconds| Some(f64::from(seconds)))
            .map_err(|_| E::invalid_value(de::Unexpected::Signed(seconds), &self))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Self::Value, E> {
        i32::try_from(seconds)
            .map(|seconds| Some(f64::from(seconds)))
            .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(seconds), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "never" => Ok(None),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        seconds_or_never(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Behaviour {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_behaviour_without_keys_becomes_healthy_after_a_second() {
        assert_eq!(read(""), Behaviour::default());
    }

    #[test]
    fn never_healthy_can_be_written_and_survives_json() {
        let never = read("healthy-after = \"never\"");
        assert_eq!(never.healthy_after, None);
        let json = serde_json::to_string(&never).unwrap();
        assert_eq!(serde_json::from_str::<Behaviour>(&json).unwrap(), never);
    }

    #[test]
    fn whole_seconds_need_no_decimal_point() {
        assert_eq!(read("healthy-after = 5").healthy_after, Some(5.0));
    }

    #[test]
    fn a_route_may_hold_in_one_account_only() {
        let behaviour = read("[[routes]]\npath = \"/version\"\nstatus = 500\naccount = \"333333333333\"");
        assert!(behaviour.route("/version", "111111111111").is_none());
        assert_eq!(behaviour.route("/version", "333333333333").map(|route| route.status), Some(500));
    }
}
