//! `towpath logs`: what a component's tasks write, and what ECS and its load balancers say of them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use towpath_core::{
    config::parse_duration,
    identifier::{ComponentName, EnvironmentName},
    rollout::{LogLine, ServiceEvent, ServiceKey},
};

use crate::{
    Exit, Output,
    error::CliError,
    logs::{Cursor, HealthSeen, Line, Reader, Source, Wanted, merged},
    printer::Reading,
    setting::{Context, Word},
};

use super::bench::Bench;

/// Between two looks for new lines.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// At every how many looks new tasks are looked for.
const TASKS_EVERY: u32 = 3;
/// How many of ECS's events are told, unless it is said from when on.
const EVENTS: usize = 20;

/// Shows what a component's tasks write, running ones and those that ended lately, in the order of its time.
///
/// Only what containers log with the driver awslogs can be had; what cannot is said.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where.
    environment: EnvironmentName,
    /// Of which component.
    component: ComponentName,
    /// Goes on with new lines and new tasks as they come, until it is interrupted.
    #[arg(long, short)]
    follow: bool,
    /// From how long ago on, for example 10m; without it, the last 100 lines of each container.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    since: Option<Duration>,
    /// Shows what ECS tells of the service, and how the health of its targets changes, as well.
    #[arg(long)]
    with_events: bool,
    /// Only of the task whose id begins with this.
    #[arg(long, value_name = "ID", value_parser = task_id)]
    task: Option<String>,
}

fn task_id(text: &str) -> Result<String, String> {
    let id = text.rsplit_once('/').map_or(text, |(_, id)| id);
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_id { Ok(id.to_ascii_lowercase()) } else { Err("a task's id has digits and the letters a to f".to_owned()) }
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let stop = Word::to_stop(&context.printer);
    tokio::select! {
        told = tell(args, context) => told.map(|()| Exit::Done),
        // What is followed has no other end.
        () = stop.given() => Ok(if args.follow { Exit::Done } else { Exit::Interrupted }),
    }
}

/// Why there is no such service.
fn unknown(args: &Args, bench: &Bench) -> CliError {
    let component = args.component.clone();
    if bench.environment.sites.contains_key(&component) {
        return CliError::NoTasksOfSite { environment: args.environment.clone(), component };
    }
    CliError::NoSuchComponent { component, known: bench.environment.services.keys().map(ToString::to_string).collect() }
}

async fn tell(args: &Args, context: &Context) -> Result<(), CliError> {
    let bench = Bench::to_read(context, &args.environment).await?;
    let service = bench.environment.services.get(&args.component).ok_or_else(|| unknown(args, &bench))?;
    let key = ServiceKey { cluster: service.cluster.clone(), service: service.service.clone() };
    let asked = |source| CliError::Asked { environment: args.environment.clone(), source: Box::new(source) };
    let since =
        args.since.and_then(|since| bench.world.clock.now().checked_sub(SignedDuration::try_from(since).ok()?).ok());
    let wanted = Wanted { since, task: args.task.clone() };
    let mut teller = Teller {
        context,
        reader: Reader::new(&bench.world, key, wanted),
        events: Cursor::default(),
        health: HealthSeen::default(),
    };
    let (tasks, notes) = teller.reader.find_tasks().await.map_err(asked)?;
    teller.note(&notes);
    if let (0, Some(task)) = (tasks, &args.task) {
        return Err(CliError::NoSuchTask { component: args.component.clone(), task: task.clone() });
    }
    let first = teller.look(args.with_events, bench.world.clock.now(), EVENTS).await.map_err(asked)?;
    if !args.follow {
        return context.result(|| first.iter().map(Line::to_text).collect::<Vec<_>>().join("\n"), &first);
    }
    let mut reading = teller.print(&first)?;
    for number in 1_u32.. {
        if reading == Reading::Over {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
        if number % TASKS_EVERY == 0 {
            // What fails for a moment is tried again.
            match teller.reader.find_tasks().await {
                Ok((_, notes)) => teller.note(&notes),
                Err(error) => teller.note(&[error.to_string()]),
            }
        }
        match teller.look(args.with_events, bench.world.clock.now(), usize::MAX).await {
            Ok(lines) => reading = teller.print(&lines)?,
            Err(error) => teller.note(&[error.to_string()]),
        }
    }
    Ok(())
}

/// Tells lines as they come.
struct Teller<'a> {
    context: &'a Context,
    reader: Reader<'a>,
    /// How far ECS's events were told.
    events: Cursor,
    health: HealthSeen,
}

impl Teller<'_> {
    /// The lines that were not told yet. That nothing at all can be read is an error.
    async fn look(
        &mut self,
        with_events: bool,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<Line>, towpath_core::ports::CallError> {
        let look = self.reader.look().await;
        if let (0, Some(error), false) = (look.read, look.trouble, with_events) {
            return Err(error);
        }
        self.note(&look.notes);
        let mut lines = look.lines;
        if with_events {
            let (events, targets) = self.reader.said().await?;
            lines.push(self.events(events, most));
            lines.push(self.health.changes(&targets, now));
        }
        Ok(merged(lines))
    }

    fn events(&mut self, events: Vec<ServiceEvent>, most: usize) -> Vec<Line> {
        let events = events.into_iter().map(|event| LogLine { at: event.at, text: event.message });
        let news = self.events.news(events.collect());
        let older = news.len().saturating_sub(most);
        news.into_iter().skip(older).map(|line| Line { at: line.at, source: Source::Ecs, text: line.text }).collect()
    }

    fn note(&self, notes: &[String]) {
        for note in notes {
            self.context.printer.say(&format!("note: {}", crate::plain::one_line(note)));
        }
    }

    /// Prints lines while somebody reads them: with JSON, one document a line.
    fn print(&self, lines: &[Line]) -> Result<Reading, CliError> {
        let mut reading = Reading::GoesOn;
        for line in lines {
            reading = match self.context.globals.output {
                Output::Text => self.context.printer.stream(&line.to_text())?,
                Output::Json => self.context.printer.stream_json(line)?,
            };
        }
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_named_by_its_id_or_its_arn() {
        assert_eq!(task_id("0aF1").as_deref(), Ok("0af1"));
        assert_eq!(task_id("arn:aws:ecs:us-west-2:111111111111:task/shop/0af1").as_deref(), Ok("0af1"));
        assert!(task_id("").is_err() && task_id("xyz").is_err() && task_id("a/").is_err());
    }
}
