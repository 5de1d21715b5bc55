//! [`ScriptedProbe`]: answers that a test wrote beforehand.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};

use async_trait::async_trait;

use crate::{
    ports::Probe,
    smoke::{Answer, Attempt, Check, Stage},
};

use super::mishap::locked;

/// What answers where nothing is scripted.
type Fallback = Box<dyn Fn(&Check) -> Attempt + Send + Sync>;

/// A probe that answers from a script for each URL. The last answer of a script is given for ever.
#[derive(Default)]
pub struct ScriptedProbe {
    script: Mutex<BTreeMap<String, VecDeque<Attempt>>>,
    fallback: Option<Fallback>,
    asked: Mutex<Vec<String>>,
}

impl ScriptedProbe {
    /// A probe for which nobody listens anywhere.
    pub fn new() -> Self {
        Self::default()
    }

    /// A probe that this function answers for where nothing is scripted.
    pub fn answering(answer: impl Fn(&Check) -> Attempt + Send + Sync + 'static) -> Self {
        Self { fallback: Some(Box::new(answer)), ..Self::default() }
    }

    /// Adds to what the URL brings, attempt by attempt.
    pub fn script(&self, url: &str, attempts: impl IntoIterator<Item = Attempt>) {
        locked(&self.script).entry(url.to_owned()).or_default().extend(attempts);
    }

    /// The URLs that were asked, in order.
    pub fn asked(&self) -> Vec<String> {
        locked(&self.asked).clone()
    }

    /// An answer with that status and JSON body.
    pub fn json(status: u16, body: &serde_json::Value) -> Attempt {
        let headers = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
        Attempt::Answered(Answer { status, headers, body: body.to_string().into_bytes() })
    }

    /// What it is like when nobody listens.
    pub fn refused() -> Attempt {
        Attempt::Unreachable { stage: Stage::Connect, reason: "no connection: connection refused".to_owned() }
    }

    fn scripted(&self, url: &str) -> Option<Attempt> {
        let mut script = locked(&self.script);
        let attempts = script.get_mut(url)?;
        if attempts.len() > 1 { attempts.pop_front() } else { attempts.front().cloned() }
    }
}

impl std::fmt::Debug for ScriptedProbe {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ScriptedProbe").field("script", &self.script).finish_non_exhaustive()
    }
}

#[async_trait]
impl Probe for ScriptedProbe {
    async fn attempt(&self, check: &Check) -> Attempt {
        locked(&self.asked).push(check.url.clone());
        let fallback = || self.fallback.as_ref().map_or_else(Self::refused, |answer| answer(check));
        self.scripted(&check.url).unwrap_or_else(fallback)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::smoke::Method;

    use super::*;

    async fn status(probe: &ScriptedProbe, url: &str) -> Option<u16> {
        let check = Check {
            url: url.to_owned(),
            method: Method::Get,
            status: 200,
            json: BTreeMap::new(),
            headers: BTreeMap::new(),
            content_type: None,
            contains: None,
            consecutive: 1,
            interval: Duration::ZERO,
            attempt_timeout: Duration::ZERO,
            deadline: Duration::ZERO,
        };
        match probe.attempt(&check).await {
            Attempt::Answered(answer) => Some(answer.status),
            Attempt::Unreachable { .. } => None,
        }
    }

    #[tokio::test]
    async fn a_script_is_followed_and_its_last_answer_stays() {
        let probe = ScriptedProbe::new();
        probe.script("http://a", [ScriptedProbe::refused(), ScriptedProbe::json(503, &serde_json::Value::Null)]);
        probe.script("http://a", [ScriptedProbe::json(200, &serde_json::Value::Null)]);
        for expected in [None, Some(503), Some(200), Some(200)] {
            assert_eq!(status(&probe, "http://a").await, expected);
        }
        assert_eq!(status(&probe, "http://b").await, None);
        assert_eq!(probe.asked().len(), 5);
    }

    #[tokio::test]
    async fn a_function_answers_for_what_is_not_scripted() {
        let probe = ScriptedProbe::answering(|_| ScriptedProbe::json(204, &serde_json::Value::Null));
        assert_eq!(status(&probe, "http://b").await, Some(204));
    }
}
