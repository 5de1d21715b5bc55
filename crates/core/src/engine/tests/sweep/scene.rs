//! The stage of each story: what is configured, what the release comes to, and what has happened before.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::{
    engine::{EngineError, Interrupt, Report},
    fakes::{Moment, Outcome as Rollout, ScriptedProbe},
    promotion::Outcome,
    rollout::{Alarm, AlarmState, DeploymentConfiguration, PauseWord, TargetHealth},
};

use super::{
    super::{
        executor,
        sabotage::{Lasts, Place, Sabotage, Wrong},
        stage::{CONFIGURATION, Stage, document, image, key, td},
    },
    play::{NEW, OLD, Play},
};

/// What stands for a guess about AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Knobs {
    /// Whether ECS offers service deployments.
    pub(super) offers: bool,
    /// Whether a described service names the one that is current.
    pub(super) hints: bool,
}

impl Knobs {
    pub(super) const USUAL: Self = Self { offers: true, hints: false };
    /// Both settings of each. A hint to what may not be listed would be odd, and is left out.
    pub(super) const ALL: [Self; 3] =
        [Self::USUAL, Self { offers: true, hints: true }, Self { offers: false, hints: false }];
}

const TEST_LISTENER: &str = r#"
[[components.api.smoke]]
url = "https://test.dev.example.com/version"
before-traffic = true
consecutive = 1
interval = "5s"
deadline = "10s"
"#;

const WORKER: &str = r#"
[components.worker]
kind = "service"
cluster = "shop-dev"
service = "worker"
"#;

const GROUP: &str = "arn:aws:elasticloadbalancing:us-west-2:111111111111:targetgroup/api/0123456789abcdef";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl Play {
    fn configuration(self) -> String {
        let of_environment = |line: &str| CONFIGURATION.replace("region = ", &format!("{line}\nregion = "));
        match self {
            Self::PassesAtTestListener | Self::FailsAtTestListener => format!("{CONFIGURATION}{TEST_LISTENER}"),
            Self::Drill | Self::UndetectedDrill => of_environment("drill = true"),
            Self::Cancelled => of_environment("on-cancel = \"rollback\""),
            Self::ConfigurationFailsSmoke | Self::ConfigurationBreakerRollsBack => CONFIGURATION
                .replace("service = \"api\"\n", "service = \"api\"\ndeployment = { maximum-percent = 150 }\n"),
            Self::Pair => format!("{CONFIGURATION}{WORKER}"),
            Self::Good
            | Self::FailsSmoke
            | Self::BreakerRollsBack
            | Self::BreakerStops
            | Self::CrashLoops
            | Self::PersonContinues
            | Self::PersonDeclines
            | Self::WaitsForSomebody
            | Self::DeploysOver
            | Self::DeploysOverAndFails
            | Self::WayBackFails
            | Self::TargetGone
            | Self::Restores
            | Self::Superseded
            | Self::ResumesForward
            | Self::ResumesBack => CONFIGURATION.to_owned(),
        }
    }

    /// The settings that it is told with: without service deployments nothing is held at a hook.
    pub(super) fn knobs(self) -> &'static [Knobs] {
        match self {
            Self::PassesAtTestListener | Self::FailsAtTestListener | Self::PersonContinues | Self::PersonDeclines => {
                &Knobs::ALL[..2]
            }
            Self::Good
            | Self::FailsSmoke
            | Self::BreakerRollsBack
            | Self::BreakerStops
            | Self::CrashLoops
            | Self::Restores
            | Self::Pair
            | Self::WaitsForSomebody
            | Self::DeploysOver
            | Self::DeploysOverAndFails
            | Self::Drill
            | Self::UndetectedDrill
            | Self::WayBackFails
            | Self::TargetGone
            | Self::ConfigurationFailsSmoke
            | Self::ConfigurationBreakerRollsBack
            | Self::Cancelled
            | Self::Superseded
            | Self::ResumesForward
            | Self::ResumesBack => &Knobs::ALL,
        }
    }

    pub(super) fn services(self) -> &'static [&'static str] {
        if self == Self::Pair { &["api", "worker"] } else { &["api"] }
    }

    /// What a rollout of the release comes to; for a drill, of the spoiled copy.
    fn rollout(self) -> Rollout {
        let after = seconds(4);
        match self {
            Self::Good
            | Self::FailsSmoke
            | Self::WaitsForSomebody
            | Self::DeploysOver
            | Self::DeploysOverAndFails
            | Self::UndetectedDrill
            | Self::WayBackFails
            | Self::TargetGone
            | Self::ConfigurationFailsSmoke
            | Self::Restores
            | Self::ResumesForward
            | Self::ResumesBack
            | Self::Pair => Rollout::Succeeds { after },
            Self::Cancelled => Rollout::Succeeds { after: seconds(30) },
            Self::BreakerRollsBack | Self::ConfigurationBreakerRollsBack => Rollout::BreakerRollsBack { after },
            Self::BreakerStops => Rollout::BreakerStops { after },
            Self::CrashLoops | Self::Drill => Rollout::CrashLoops { every: seconds(10) },
            Self::PassesAtTestListener | Self::FailsAtTestListener | Self::PersonContinues | Self::PersonDeclines => {
                Rollout::Pauses { after }
            }
            Self::Superseded => Rollout::Superseded { after },
        }
    }

    fn fails_smoke(self) -> bool {
        matches!(
            self,
            Self::FailsSmoke
                | Self::DeploysOverAndFails
                | Self::WayBackFails
                | Self::TargetGone
                | Self::ConfigurationFailsSmoke
                | Self::ResumesBack
                | Self::Pair
        )
    }

    /// The stage just before the run that is sabotaged.
    pub(super) fn stage(self, knobs: Knobs) -> Stage {
        let mut stage = Stage::with(&self.configuration(), self.services());
        if !knobs.offers {
            stage.ports.ecs.hide_service_deployments();
        }
        if knobs.hints {
            stage.ports.ecs.hint_service_deployments();
        }
        stage.release_of(NEW, self.services(), self.rollout());
        if self.fails_smoke() {
            stage.answers(NEW, json!({ "status": "critical" }));
        }
        stage.ports.ecs.script(image(OLD).digest(), Rollout::Succeeds { after: seconds(4) });
        self.furnish(&mut stage);
        stage
    }

    /// What only this story needs.
    fn furnish(self, stage: &mut Stage) {
        match self {
            Self::CrashLoops => add_evidence(stage),
            Self::PassesAtTestListener => listen_for_tests(stage, 200),
            Self::FailsAtTestListener => listen_for_tests(stage, 500),
            Self::PersonContinues => leave_at_hook(stage, PauseWord::Continue),
            Self::PersonDeclines => leave_at_hook(stage, PauseWord::Rollback),
            Self::WaitsForSomebody => somebody_deploys(stage, Rollout::Succeeds { after: seconds(15) }),
            Self::DeploysOver | Self::DeploysOverAndFails => {
                somebody_deploys(stage, Rollout::CrashLoops { every: seconds(5) });
                stage.ports.clock.advance(seconds(16));
            }
            Self::Drill | Self::UndetectedDrill => {
                stage.ports.ecs.script(image(OLD).digest(), self.rollout());
                stage.ports.ecs.script_revision(&td("api:1"), Rollout::Succeeds { after: seconds(4) });
            }
            Self::WayBackFails => {
                let given_up = Rollout::BreakerStops { after: seconds(4) };
                stage.ports.ecs.script(image(OLD).digest(), given_up);
            }
            Self::TargetGone => {
                let ports = Arc::clone(&stage.ports);
                stage.ports.before(("services:update", 1), move || ports.ecs.deregister(&td("api:1")));
            }
            Self::ConfigurationFailsSmoke | Self::ConfigurationBreakerRollsBack => {
                stage.ports.ecs.configure(&key("api"), configuration_before());
            }
            Self::Cancelled => {
                let (give, given) = futures_util::future::abortable(std::future::pending::<()>());
                stage.interrupt = Interrupt::when(futures_util::FutureExt::map(give, drop));
                stage.ports.before(("services:describe", 4), move || given.abort());
            }
            Self::Restores => {
                let report = stage.promote(NEW, "p-0").unwrap();
                assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
                stage.ports.clock.advance(Duration::from_mins(5));
            }
            Self::ResumesForward => die(stage, ("services:update", 1)),
            Self::ResumesBack => die(stage, ("services:update", 2)),
            Self::Good
            | Self::FailsSmoke
            | Self::BreakerRollsBack
            | Self::BreakerStops
            | Self::Superseded
            | Self::Pair => {}
        }
    }

    /// The run that is sabotaged.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other stories begin one way")]
    pub(super) fn begin(self, stage: &Stage, id: &str) -> Option<Result<Report, EngineError>> {
        stage.ports.label(id);
        let ports = Arc::clone(&stage.ports);
        let run = async {
            match self {
                Self::Drill | Self::UndetectedDrill => stage.engine().drill(stage.request(id)).await,
                Self::Restores if id == "p-1" => stage.engine().restore(None, stage.request(id)).await,
                _ if id == "p-1" && !self.begins() => stage.engine().resume().await,
                _ => stage.engine().promote(&NEW.parse().unwrap(), stage.request(id)).await,
            }
        };
        executor::run_unless(run, move || ports.is_killed()).unwrap_or_else(|how| panic!("{how}"))
    }

    /// What a person does once nothing goes wrong any more.
    pub(super) fn mend(self, stage: &mut Stage) {
        stage.interrupt = Interrupt::default();
        if self == Self::WayBackFails {
            stage.ports.ecs.script(image(OLD).digest(), Rollout::Succeeds { after: seconds(4) });
        }
    }
}

pub(super) fn configuration_before() -> DeploymentConfiguration {
    serde_json::from_value(json!({ "maximumPercent": 200, "minimumHealthyPercent": 100 })).unwrap()
}

/// The service has targets and alarms, and its containers write logs.
fn add_evidence(stage: &Stage) {
    let group: crate::identifier::TargetGroupArn = GROUP.parse().unwrap();
    let alarm: crate::identifier::AlarmName = "api-5xx".parse().unwrap();
    let unhealthy = TargetHealth {
        group: group.clone(),
        target: "10.0.0.1".to_owned(),
        port: Some(80),
        state: "unhealthy".to_owned(),
        reason: Some("Target.ResponseCodeMismatch".to_owned()),
        description: Some("Health checks failed with these codes: [503]".to_owned()),
    };
    stage.ports.evidence.put_targets(&group, vec![unhealthy]);
    let firing = Alarm { name: alarm.clone(), state: AlarmState::Ok, reason: None, since: None };
    stage.ports.evidence.put_alarm(firing);
    stage.ports.ecs.distort(&key("api"), move |snapshot| {
        snapshot.target_groups = vec![group.clone()];
        snapshot.alarms = vec![alarm.clone()];
    });
}

/// The test listener answers like the new release, with this status; the other one like what serves.
fn listen_for_tests(stage: &mut Stage, status: u16) {
    let ports = Arc::clone(&stage.ports);
    let probe = Arc::new(ScriptedProbe::answering(move |check| {
        let serves_old = ports.ecs.serving(&key("api")).last() == Some(&td("api:1"));
        let is_test = check.url.contains("test.");
        let version = if is_test || !serves_old { NEW } else { OLD };
        ScriptedProbe::json(if is_test { status } else { 200 }, &json!({ "version": version }))
    }));
    stage.world.probe = Arc::clone(&probe) as _;
    stage.probe = probe;
}

/// A run has met the hook and left it to a person, whose word is known now.
fn leave_at_hook(stage: &mut Stage, word: PauseWord) {
    let report = stage.promote(NEW, "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Inconclusive, "{}", report.reason);
    stage.settings.word_at_pause = Some(word);
}

/// Somebody's rollout of 1.2.0 is under way.
fn somebody_deploys(stage: &Stage, rollout: Rollout) {
    stage.ports.images.push(&image("1.2.0"));
    stage.ports.ecs.script(image("1.2.0").digest(), rollout);
    let theirs = stage.ports.ecs.add_task_definition(document("api", "1.2.0")).unwrap();
    stage.ports.ecs.deploy_as_somebody_else(&key("api"), &theirs).unwrap();
}

/// A run is killed just after that call, and its lease has expired.
fn die(stage: &Stage, place: Place) {
    let killed = Sabotage { place, lasts: Lasts::Once, wrong: Wrong::Killed(Moment::After) };
    stage.ports.sabotage(Some(killed));
    stage.ports.label("p-1");
    let (engine, version) = (stage.engine(), NEW.parse().unwrap());
    let run = engine.promote(&version, stage.request("p-1"));
    let ports = Arc::clone(&stage.ports);
    let ended = executor::run_unless(run, move || ports.is_killed()).unwrap();
    assert!(ended.is_none(), "it was killed");
    stage.ports.sabotage(None);
    stage.ports.clock.advance(Duration::from_mins(5));
}
