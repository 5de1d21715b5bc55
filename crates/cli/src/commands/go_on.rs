//! `towpath continue`: a person's word to a rollout that ECS holds at a hook.

use serde_json::json;
use towpath_core::{
    identifier::{ComponentName, EnvironmentName, PromotionId},
    promotion::{Journal, Promotion},
    rollout::{Pause, PauseWord},
};

use crate::{Exit, error::CliError, plain::one_line, setting::Context, summary};

use super::{bench::Bench, confirm::confirm};

/// Lets a rollout go on that waits at a hook for a person, and brings the promotion to its end; or puts it back.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where.
    environment: EnvironmentName,
    /// Puts back what served before, in place of going on.
    #[arg(long)]
    rollback: bool,
    /// Does not ask.
    #[arg(long)]
    yes: bool,
    /// Takes the lease even where it has not expired: only when you know that its holder is gone.
    #[arg(long)]
    take_over: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let environment = &args.environment;
    let Some((promotion, state)) = open(context, environment).await? else {
        let text = format!("{environment}: nothing is open, so nothing waits for a word");
        let document = json!({ "environment": environment, "outcome": null, "exit_code": Exit::Done.code() });
        context.result(|| text, &document)?;
        return Ok(Exit::Done);
    };
    let waiting: Vec<String> = waiting(&state).map(|(name, pause)| line(name, pause)).collect();
    if waiting.is_empty() {
        return Err(CliError::NothingWaits { environment: environment.clone(), promotion });
    }
    for line in &waiting {
        context.printer.say(&format!("{environment}: {line}"));
    }
    if !args.yes {
        let will = if args.rollback { "what served before will be put back" } else { "it will go on" };
        confirm(context, environment, &format!("{environment}: {will}."))?;
    }
    let word = if args.rollback { PauseWord::Rollback } else { PauseWord::Continue };
    let bench = Bench::to_change(context, environment).await?.answering(word);
    let bench = if args.take_over { bench.taking_over() } else { bench };
    let report = bench.ended(bench.engine().resume().await)?;
    context.result(|| summary::text(&report), &summary::document(&report))?;
    Ok(Exit::of_report(&report))
}

/// The promotion that is open, as its journal has made it.
async fn open(context: &Context, environment: &EnvironmentName) -> Result<Option<(PromotionId, Promotion)>, CliError> {
    let bench = Bench::without_aws(context, environment)?;
    let Some(open) = bench.ended(bench.engine().open().await)? else {
        return Ok(None);
    };
    let journal = Journal::load(&*bench.world.store, environment, &open).await?;
    Ok(journal.map(|journal| (open, journal.promotion)))
}

/// The components that wait, each with its hook.
fn waiting(state: &Promotion) -> impl Iterator<Item = (&ComponentName, &Pause)> {
    state.components.iter().filter_map(|(name, component)| Some((name, component.held_at()?)))
}

fn line(name: &ComponentName, pause: &Pause) -> String {
    let stage = pause.stage.as_deref().map(|stage| format!(" of stage {}", one_line(stage))).unwrap_or_default();
    let until = pause.expires_at.map(|at| format!(", until {at}")).unwrap_or_default();
    let then = pause.then.as_deref().map(|then| format!(", then ECS does {}", one_line(then))).unwrap_or_default();
    format!("{name} waits at the hook {}{stage}{until}{then}", one_line(pause.hook.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_says_where_until_when_and_what_comes_then() {
        let pause = Pause {
            hook: "approve".parse().unwrap(),
            stage: Some("POST_TEST_TRAFFIC_SHIFT".to_owned()),
            expires_at: Some("2026-03-02T10:00:00Z".parse().unwrap()),
            then: Some("ROLLBACK".to_owned()),
        };
        insta::assert_snapshot!(line(&"api".parse().unwrap(), &pause), @"api waits at the hook approve of stage POST_TEST_TRAFFIC_SHIFT, until 2026-03-02T10:00:00Z, then ECS does ROLLBACK");
    }
}
