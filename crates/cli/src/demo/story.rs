//! The story: a good release goes all the way, a bad one fails in production and is put back.
//!
//! It is verified while it is told: who sees it end well has seen it.

use towpath_core::{
    engine::{Engine, EnvironmentStatus, Health, Interrupt, Report, Settings},
    identifier::{EnvironmentName, Version},
    ledger::{Ledger, Releases},
    policy::Trigger,
    promotion::{Actor, Outcome},
    rollout::PauseWord,
};

use crate::{
    commands::{ledger, status::Status},
    error::CliError,
    notices::Notices,
    plain::one_line,
    setting::{Context, new_promotion},
    summary,
};

use super::{
    Document, Stage, Story,
    document::{History, Promotion},
    stage::commit,
    stories::Then,
};

/// What is promoted where, and how it must end.
const STORY: [(&str, &str, Outcome); 6] = [
    ("1.1.0", "dev", Outcome::Succeeded),
    ("1.1.0", "staging", Outcome::Succeeded),
    ("1.1.0", "production", Outcome::Succeeded),
    ("1.2.0", "dev", Outcome::Succeeded),
    ("1.2.0", "staging", Outcome::Succeeded),
    ("1.2.0", "production", Outcome::RolledBack),
];
/// What single stories bring.
const FIRST: &str = "1.1.0";
const NEXT: &str = "1.2.0";
/// What must serve at the end.
const ENDING: [(&str, &str); 3] = [("dev", "1.2.0"), ("staging", "1.2.0"), ("production", "1.1.0")];

/// Tells the story.
pub(crate) async fn tell(stage: &Stage, context: &Context) -> Result<Document, CliError> {
    let mut promotions = Vec::new();
    let mut told = "";
    for (version, environment, _) in STORY {
        let (version, environment) = (parse::<Version>(version)?, parse::<EnvironmentName>(environment)?);
        if told != version_words(&version) {
            told = version_words(&version);
            context.printer.say(&format!("\n{told}"));
            register(stage, &version, context).await?;
        }
        context.printer.say(&format!("\n{environment}: promoting {version}"));
        let report = promote(stage, &version, &environment, context).await?;
        context.printer.say(&summary::text(&report));
        promotions.push(Promotion::new(&report));
    }
    let mut document = Document { promotions, ..end(stage).await? };
    document.departures = departures(&document);
    Ok(document)
}

/// Tells one story: the release 1.1.0 is brought into dev, and something goes wrong. Where it does not come to its end
/// in one run, the next ones go on with it, or bring the next release.
pub(crate) async fn tell_one(story: &Story, speed: f64, context: &Context) -> Result<Document, CliError> {
    let stage = Stage::set(context, Some(story), speed).await?;
    let environment = parse::<EnvironmentName>("dev")?;
    context.printer.say(story.words);
    let interrupt = story.interrupted_after.map(|seconds| stage.interrupt_after(seconds)).unwrap_or_default();
    let mut reports = vec![bring(&stage, FIRST, interrupt, context).await?];
    for _ in 1..story.endings.len() {
        context.printer.say(&summary::text(reports.last().expect("there is one")));
        reports.push(match story.then {
            Then::GoOn => {
                context.printer.say(&format!("\n{environment}: {}", story.goes_on()));
                play(&stage, &environment, Interrupt::default(), Run::Resume(story.word), context).await?
            }
            Then::NextRelease => bring(&stage, NEXT, Interrupt::default(), context).await?,
        });
    }
    context.printer.say(&summary::text(reports.last().expect("there is one")));
    let ended = reports.iter().zip(story.endings).filter(|(report, expected)| report.outcome != **expected);
    let departures = ended.map(|(report, expected)| {
        let release = report.state.request.intent.version().map(|version| format!("{version} ")).unwrap_or_default();
        format!("{release}in {environment} {}, not {expected}", report.outcome)
    });
    let departures = departures.collect();
    Ok(Document { promotions: reports.iter().map(Promotion::new).collect(), departures, ..end(&stage).await? })
}

/// Registers the release and promotes it to dev.
async fn bring(stage: &Stage, version: &str, interrupt: Interrupt, context: &Context) -> Result<Report, CliError> {
    let (version, environment) = (parse::<Version>(version)?, parse::<EnvironmentName>("dev")?);
    register(stage, &version, context).await?;
    context.printer.say(&format!("\n{environment}: promoting {version}"));
    play(stage, &environment, interrupt, Run::Promote(&version), context).await
}

fn version_words(version: &Version) -> &'static str {
    if version.to_string() == STORY[0].0 {
        "Release 1.1.0 is good. It goes through dev and staging to production."
    } else {
        "Release 1.2.0 is bad: in production, and only there, its /version answers 500. ECS will not notice."
    }
}

async fn register(stage: &Stage, version: &Version, context: &Context) -> Result<(), CliError> {
    let release = stage.release(version).await?;
    let _either_way = Releases::new(&*stage.project.store).create(&release).await?;
    let images: Vec<&str> =
        release.artifacts.keys().filter_map(|name| Some(release.image(name)?.digest().short())).collect();
    context.printer.say(&format!(
        "release {version} registered: commit {}, sha256:{}",
        release.commit.short(),
        images.join(", ")
    ));
    Ok(())
}

async fn promote(
    stage: &Stage,
    version: &Version,
    environment: &EnvironmentName,
    context: &Context,
) -> Result<Report, CliError> {
    play(stage, environment, Interrupt::default(), Run::Promote(version), context).await
}

/// What a run is to do.
enum Run<'a> {
    Promote(&'a Version),
    /// Go on, with a person's word where something waits for it.
    Resume(Option<PauseWord>),
}

async fn play(
    stage: &Stage,
    environment: &EnvironmentName,
    interrupt: Interrupt,
    run: Run<'_>,
    context: &Context,
) -> Result<Report, CliError> {
    let environment = stage.project.environment(environment)?;
    let world = stage.world(environment).await?;
    let mut settings = Settings::new("the demonstration", env!("CARGO_PKG_VERSION"));
    if let Run::Resume(word) = run {
        settings.word_at_pause = word;
    }
    let notices = context.notices()?;
    let engine = Engine {
        application: &stage.project.application,
        environment,
        world: &world,
        settings: &settings,
        observer: &notices,
        interrupt: &interrupt,
    };
    let report = match run {
        Run::Promote(version) => {
            let actor = Actor { name: "demo".to_owned(), run: None };
            let request = new_promotion(trigger(version, &environment.name)?, actor, stage.now());
            engine.promote(version, request).await
        }
        Run::Resume(_) => engine.resume().await,
    };
    Notices::end(&notices);
    Ok(report?)
}

/// What asks, as the shop's policy wants it: a push, a tag, a tag of the stable form.
fn trigger(version: &Version, environment: &EnvironmentName) -> Result<Trigger, CliError> {
    let commit = commit(version)?;
    Ok(match environment.as_str() {
        "dev" => Trigger::Push { branch: parse("main")?, commit },
        "staging" => Trigger::Tag { tag: format!("v{version}"), commit },
        _ => Trigger::Tag { tag: format!("v{version}-stable"), commit },
    })
}

/// What is there when the story is told.
async fn end(stage: &Stage) -> Result<Document, CliError> {
    let (mut environments, mut history, mut verified) = (Vec::new(), Vec::new(), Vec::new());
    for environment in &stage.project.application.environments {
        let world = stage.world(environment).await?;
        let (status, trouble) = EnvironmentStatus::read(&stage.project.application, environment, &world).await?;
        environments.push(Status { status, trouble: trouble.map(|error| one_line(&error.to_string())) });
        let records = Ledger::new(&*stage.project.store, &environment.name).records().await?;
        history.push(History { environment: environment.name.clone(), records });
        verified.push(ledger::verify(&*stage.project.store, &environment.name).await?);
    }
    let directory = stage.project.folder.clone();
    Ok(Document { promotions: Vec::new(), environments, ledger: verified, history, departures: Vec::new(), directory })
}

/// In what the story differs from what it should have been; empty where it went as told.
fn departures(document: &Document) -> Vec<String> {
    let mut departures = Vec::new();
    for ((version, environment, expected), promotion) in STORY.iter().zip(&document.promotions) {
        if promotion.outcome != *expected || promotion.record.is_none() {
            departures.push(format!("{version} in {environment} {}, not {expected}", promotion.outcome));
        }
    }
    for ((environment, version), Status { status, .. }) in ENDING.iter().zip(&document.environments) {
        let is_as_told = status.components.values().all(|component| {
            let serving = component.proven.as_ref().and_then(|proven| proven.version.as_ref());
            component.health == Health::Steady && serving.is_some_and(|serving| serving.to_string() == *version)
        });
        if !is_as_told || status.components.is_empty() {
            departures.push(format!("{environment} does not serve {version} steadily"));
        }
    }
    departures
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, CliError> {
    text.parse().map_err(|_| CliError::Demonstration(vec![format!("`{text}` is malformed")]))
}
