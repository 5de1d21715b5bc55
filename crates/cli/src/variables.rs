//! Every environment variable that is read here, in one place, with what it is for.
//!
//! AWS's own variables are read by AWS's SDK, proxies' by the HTTP client.

use std::collections::BTreeMap;

/// A variable: its name and what it is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is for, in one sentence.
    pub(crate) meaning: &'static str,
}

macro_rules! variables {
    ($($name:ident = $text:literal: $meaning:literal),* $(,)?) => {
        $(#[doc = $meaning] pub(crate) const $name: &str = $text;)*

        /// All of them, in the order of the documentation.
        pub(crate) const ALL: &[Variable] = &[$(Variable { name: $text, meaning: $meaning }),*];
    };
}

variables! {
    CONFIG = "TOWPATH_CONFIG": "The configuration file, in place of `--config`.",
    OUTPUT = "TOWPATH_OUTPUT": "`text` or `json`, in place of `--output`.",
    FILE_LEDGER = "TOWPATH_FILE_LEDGER": "`keep` allows a `file:` ledger on a runner that GitHub hosts; say so only where the directory outlives the runner.",
    ENDPOINT = "AWS_ENDPOINT_URL": "Where AWS is, for example the simulator; read by AWS's SDK, which reads its other variables too.",
    ACTIONS = "GITHUB_ACTIONS": "`true` where a GitHub workflow runs: the trigger and the actor are then read from the variables below.",
    ACTOR = "GITHUB_ACTOR": "Who started the workflow.",
    EVENT_NAME = "GITHUB_EVENT_NAME": "What started the workflow.",
    EVENT_PATH = "GITHUB_EVENT_PATH": "The event's file; read for the action of a release and the number of a pull request.",
    REF = "GITHUB_REF": "The full reference that started the workflow.",
    SHA = "GITHUB_SHA": "The commit that started the workflow.",
    SERVER_URL = "GITHUB_SERVER_URL": "Where the repository is, for the image's label.",
    RUN_ID = "GITHUB_RUN_ID": "The workflow run, for the record.",
    RUN_ATTEMPT = "GITHUB_RUN_ATTEMPT": "Its attempt, for the record.",
    REPOSITORY = "GITHUB_REPOSITORY": "The repository, for the record.",
    WORKFLOW = "GITHUB_WORKFLOW": "The workflow, for the record.",
    RUNNER = "RUNNER_ENVIRONMENT": "`github-hosted` where what is written to disk is lost when the job ends.",
    USER = "USER": "Who you are, for the record, outside a workflow.",
    USERNAME = "USERNAME": "The same where `USER` is not set.",
    HOSTNAME = "HOSTNAME": "The machine's name, for the lease.",
}

/// The values of these variables, read once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<&'static str, String>);

impl Variables {
    /// What the process was started with. What is empty or no text counts as not set.
    pub fn of_process() -> Self {
        Self::from(|name: &str| std::env::var(name).ok())
    }

    /// What this function says.
    pub fn from(read: impl Fn(&str) -> Option<String>) -> Self {
        let value = |variable: &Variable| Some((variable.name, read(variable.name).filter(|value| !value.is_empty())?));
        Self(ALL.iter().filter_map(value).collect())
    }

    /// The value of one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether a GitHub workflow runs us.
    pub(crate) fn in_workflow(&self) -> bool {
        self.get(ACTIONS) == Some("true")
    }
}
