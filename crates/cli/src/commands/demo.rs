//! `towpath demo`: everything in a few seconds, with nothing but this program.

use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::{
    Exit,
    demo::{Document, STORIES, Stage, Story, alone, tell, tell_one, text},
    error::CliError,
    setting::Context,
};

/// Shows what Towpath does in a few seconds, in a simulated AWS on loopback: no account, docker, git or network needed.
///
/// A good release goes through dev and staging to production; a bad one fails its smoke check there and is put back.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Plays one story in place of the whole: one thing that goes wrong, and what comes of it.
    #[arg(long, value_name = "NAME", value_parser = names())]
    story: Option<String>,
    /// How many simulated seconds pass in a real one.
    #[arg(long, value_name = "NUMBER", default_value = "60", value_parser = speed)]
    speed: f64,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| (0.1..=1e9).contains(speed));
    speed.ok_or_else(|| "a number from 0.1 on".to_owned())
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(STORIES.iter().map(|story| PossibleValue::new(story.name).help(story.words)))
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    if let Some(exit) = alone()? {
        return Ok(exit);
    }
    if let Some(story) = args.story.as_deref().and_then(Story::named) {
        let document = tell_one(story, args.speed, context).await?;
        context.result(|| "That is what was to come of it.".to_owned(), &document)?;
        return Ok(ending(&document, context));
    }
    context
        .printer
        .say("A shop runs release 1.0.0 in three accounts: dev, staging and production. AWS is simulated, and fast.");
    let stage = Stage::set(context, None, args.speed).await?;
    let document = tell(&stage, context).await?;
    context.printer.say("");
    context.result(|| text(&document, stage.now()), &document)?;
    Ok(ending(&document, context))
}

fn ending(document: &Document, context: &Context) -> Exit {
    if document.departures.is_empty() {
        return Exit::Done;
    }
    context.printer.say(&format!("error: the demonstration did not go as told: {}", document.departures.join("; ")));
    Exit::Errored
}
