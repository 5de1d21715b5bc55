//! What a run told: exit code, text, calls. Its assertions show the whole story when they fail.

use serde_json::Value;
use towpath_cli::Exit;
use towpath_core::{
    engine::{EngineError, Notice, Report},
    ledger::Record,
};
use towpath_sim::calls::Call;

use super::{play::Play, truth::Truth};

/// What a run told, and what really was at its end.
#[derive(Debug)]
#[must_use = "a run that is not looked at shows nothing"]
pub struct Told {
    /// The exit code that the command line ends with.
    pub exit: Exit,
    /// What a person reads at the end.
    pub text: String,
    /// The report, where it came to one.
    pub report: Option<Report>,
    /// What was told on the way.
    pub notices: Vec<Notice>,
    /// The calls of this promotion, over all runs that it took.
    pub calls: Vec<Call>,
    /// What really is.
    pub truth: Truth,
}

/// The operations that change something.
const CHANGING: [&str; 9] = [
    "RegisterTaskDefinition",
    "UpdateService",
    "StopServiceDeployment",
    "RunTask",
    "DeregisterTaskDefinition",
    "DeleteTaskDefinitions",
    "DeleteService",
    "TagResource",
    "PutImage",
];

impl Told {
    pub(super) fn new(play: &Play, report: Result<Report, EngineError>) -> Self {
        let (exit, text, report) = match report {
            Ok(report) => {
                let (exit, text) = towpath_cli::told(Ok(&report));
                (exit, text, Some(report))
            }
            Err(error) => {
                let (exit, text) = towpath_cli::told(Err(error));
                (exit, text, None)
            }
        };
        let began = play.recorder.began();
        let calls = play.stage.simulator.calls().into_iter().filter(|call| call.sequence > began).collect();
        Self { exit, text, report, notices: play.recorder.notices(), calls, truth: play.truth() }
    }

    /// It ends with that exit code.
    #[track_caller]
    pub fn ends(&self, exit: Exit) -> &Self {
        assert_eq!(self.exit, exit, "{}", self.story());
        self
    }

    /// A person reads that at the end.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "it does not say `{text}`\n{}", self.story());
        self
    }

    /// A person does not read that at the end.
    #[track_caller]
    pub fn never_says(&self, text: &str) -> &Self {
        assert!(!self.text.contains(text), "it says `{text}`\n{}", self.story());
        self
    }

    /// A person reads that on the way.
    #[track_caller]
    pub fn mentions(&self, text: &str) -> &Self {
        assert!(self.notes().contains(text), "it does not mention `{text}`\n{}", self.story());
        self
    }

    /// That many calls of the operation were carried out.
    #[track_caller]
    pub fn sent(&self, operation: &str, number: usize) -> &Self {
        assert_eq!(self.accepted(operation).len(), number, "{operation}\n{}", self.story());
        self
    }

    /// Nothing that changes anything was carried out.
    #[track_caller]
    pub fn changed_nothing(&self) -> &Self {
        assert_eq!(self.changes().len(), 0, "{}", self.story());
        self
    }

    /// That revision serves, all wanted tasks of it, and the service is set to it.
    #[track_caller]
    pub fn serves(&self, revision: &str) -> &Self {
        assert_eq!(self.truth.revision(), revision, "{}", self.story());
        assert!(self.truth.is_whole(), "not all tasks run {revision}\n{}", self.story());
        assert_eq!(self.truth.primary()["rolloutState"], "COMPLETED", "{}", self.story());
        self
    }

    /// That revision may still be deployed.
    #[track_caller]
    pub fn keeps(&self, revision: &str) -> &Self {
        assert!(self.truth.is_active(revision), "{revision} is not active\n{}", self.story());
        self
    }

    /// The calls of that operation that were carried out.
    pub fn accepted(&self, operation: &str) -> Vec<&Call> {
        self.calls.iter().filter(|call| call.operation == operation && call.accepted).collect()
    }

    /// The calls that were carried out and change something.
    pub fn changes(&self) -> Vec<&Call> {
        let is_changing = |call: &&Call| call.accepted && CHANGING.contains(&call.operation.as_str());
        self.calls.iter().filter(is_changing).collect()
    }

    /// What the calls of that operation were given, sent in vain or not.
    pub fn inputs(&self, operation: &str) -> Vec<&Value> {
        self.calls.iter().filter(|call| call.operation == operation).map(|call| &call.input).collect()
    }

    /// The report.
    #[track_caller]
    pub fn report(&self) -> &Report {
        self.report.as_ref().unwrap_or_else(|| panic!("it came to no report\n{}", self.story()))
    }

    /// The record.
    #[track_caller]
    pub fn record(&self) -> &Record {
        self.report().record.as_ref().unwrap_or_else(|| panic!("it has no record\n{}", self.story()))
    }

    /// Why the rollout failed, as a person reads it on the way.
    pub fn diagnosis(&self) -> String {
        let components = self.report().state.components.values();
        let lines = components
            .filter_map(|component| component.diagnosis.as_ref())
            .flat_map(towpath_core::rollout::Diagnosis::lines);
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What was told on the way, as machines read it.
    pub fn notes(&self) -> String {
        let lines = self.notices.iter().map(|notice| serde_json::to_string(notice).unwrap_or_default());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The whole story, for whoever reads a failed test.
    pub fn story(&self) -> String {
        let calls: Vec<String> = self.calls.iter().map(line).collect();
        let notices: Vec<String> =
            self.notices.iter().filter(|notice| is_news(notice)).map(|notice| format!("{notice:?}")).collect();
        format!(
            "exit {:?}\n{}\n-- calls\n{}\n-- notices\n{}\n-- service\n{:#}",
            self.exit,
            self.text,
            calls.join("\n"),
            notices.join("\n"),
            self.truth.service["deployments"]
        )
    }
}

fn is_news(notice: &Notice) -> bool {
    !matches!(notice, Notice::Looked { .. } | Notice::Tried { .. } | Notice::Carried { .. })
}

fn line(call: &Call) -> String {
    let answer = match (&call.error, call.status) {
        (Some(error), _) => error.clone(),
        (None, Some(status)) => status.to_string(),
        (None, None) => "no answer".to_owned(),
    };
    let done = if call.accepted { "done" } else { "not done" };
    let input = if CHANGING.contains(&call.operation.as_str()) { call.input.to_string() } else { String::new() };
    format!("{} {} {} {answer} {done} {input}", call.sequence, call.time, call.operation)
}
