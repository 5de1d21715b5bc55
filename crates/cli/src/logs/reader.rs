//! Reads the lines of a service's tasks through the ports, and says what cannot be had.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{
    future::{join, join_all},
    stream::{self, StreamExt as _},
};
use jiff::Timestamp;
use towpath_core::{
    engine::World,
    identifier::{TaskArn, TaskDefinitionArn},
    ports::{CallError, LogStream},
    rollout::{LogLine, ServiceEvent, ServiceKey, TargetHealth},
    task_definition::Document,
};

use super::{Line, Source, cursor::Cursor};

/// Of how many ended tasks the lines are read, unless one is named.
const ENDED: usize = 5;
/// How many lines of a stream are read, unless it is said from when on.
const LAST: usize = 100;
/// How many streams are read at once: AWS allows 25 reads a second in most regions. Source: quotas of `CloudWatch` Logs.
const AT_ONCE: usize = 8;
/// How often the streams of an ended task are read after it was first seen ended: lines arrive late.
const AFTER_ITS_END: u32 = 5;

/// What is to be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// From when on; without it, the last lines.
    pub(crate) since: Option<Timestamp>,
    /// The beginning of a task's id; without it, all tasks.
    pub(crate) task: Option<String>,
}

/// A container's stream.
#[derive(Debug, Clone)]
struct Stream {
    task: String,
    container: String,
    definition: TaskDefinitionArn,
    place: LogStream,
}

/// A task with the names of its containers.
struct Task {
    arn: TaskArn,
    definition: TaskDefinitionArn,
    containers: Vec<String>,
    has_ended: bool,
}

/// Reads one service.
pub(crate) struct Reader<'a> {
    world: &'a World,
    service: ServiceKey,
    wanted: Wanted,
    documents: BTreeMap<TaskDefinitionArn, Option<Document>>,
    cursors: BTreeMap<LogStream, Cursor>,
    streams: Vec<Stream>,
    /// How often ended tasks were seen.
    ended: BTreeMap<TaskArn, u32>,
    /// What was said that cannot be had; each once.
    notes: BTreeSet<String>,
}

/// What a look came to.
#[derive(Default)]
pub(crate) struct Look {
    /// The lines, one list a stream.
    pub(crate) lines: Vec<Vec<Line>>,
    /// What cannot be had, and was not said before.
    pub(crate) notes: Vec<String>,
    /// How many streams were read.
    pub(crate) read: usize,
    /// Why a stream could not be read, where one could not.
    pub(crate) trouble: Option<CallError>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(world: &'a World, service: ServiceKey, wanted: Wanted) -> Self {
        let (documents, cursors) = (BTreeMap::new(), BTreeMap::new());
        let (streams, ended, notes) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        Self { world, service, wanted, documents, cursors, streams, ended, notes }
    }

    /// Finds the tasks that there are now; how many, and what of them cannot be had.
    pub(crate) async fn find_tasks(&mut self) -> Result<(usize, Vec<String>), CallError> {
        let services = &self.world.services;
        let (running, ended) = join(services.tasks(&self.service), services.stopped_tasks(&self.service)).await;
        let (running, mut ended) = (running?, ended?);
        ended.sort_by_key(|task| std::cmp::Reverse(task.stopped_at));
        let running = running.into_iter().map(|task| Task {
            arn: task.arn,
            definition: task.task_definition,
            containers: task.containers.into_iter().map(|container| container.name).collect(),
            has_ended: false,
        });
        let (since, most) = (self.wanted.since, if self.wanted.task.is_some() { usize::MAX } else { ENDED });
        let ended =
            ended.into_iter().filter(|task| since.is_none_or(|since| task.stopped_at.is_none_or(|at| at >= since)));
        let ended = ended.take(most).map(|task| Task {
            arn: task.arn,
            definition: task.task_definition,
            containers: task.containers.into_iter().map(|container| container.name).collect(),
            has_ended: true,
        });
        let wanted = self.wanted.task.clone();
        let is_wanted =
            |task: &Task| wanted.as_ref().is_none_or(|wanted| task.arn.short().starts_with(wanted.as_str()));
        let tasks: Vec<Task> = running.chain(ended).filter(is_wanted).collect();
        self.describe(&tasks).await?;
        let notes = self.take_up(&tasks);
        Ok((tasks.len(), notes))
    }

    async fn describe(&mut self, tasks: &[Task]) -> Result<(), CallError> {
        let unknown: BTreeSet<&TaskDefinitionArn> =
            tasks.iter().map(|task| &task.definition).filter(|arn| !self.documents.contains_key(*arn)).collect();
        for arn in unknown {
            let revision = self.world.task_definitions.describe(arn).await?;
            self.documents.insert(arn.clone(), revision.map(|revision| revision.document));
        }
        Ok(())
    }

    fn take_up(&mut self, tasks: &[Task]) -> Vec<String> {
        let (mut streams, mut notes) = (Vec::new(), Vec::new());
        for task in tasks {
            if task.has_ended {
                let seen = self.ended.entry(task.arn.clone()).or_default();
                *seen += 1;
                if *seen > AFTER_ITS_END {
                    continue;
                }
            }
            let definition = &task.definition;
            for container in &task.containers {
                match self.place(task, container) {
                    Ok(place) => {
                        let (task, container) = (task.arn.short().to_owned(), container.clone());
                        streams.push(Stream { task, container, definition: definition.clone(), place });
                    }
                    Err(why) => notes.push(why),
                }
            }
        }
        self.streams = streams;
        notes.retain(|note| self.notes.insert(note.clone()));
        notes
    }

    /// Where the container's lines are, or why they cannot be had.
    fn place(&self, task: &Task, container: &str) -> Result<LogStream, String> {
        let of = task.definition.short();
        let document = self.documents.get(&task.definition).and_then(Option::as_ref);
        let document =
            document.ok_or_else(|| format!("{of} is not there any more, so where its tasks log is not known"))?;
        let name = container.parse().ok();
        let found = name.and_then(|name| document.container(&name)?.log());
        let log = found.ok_or_else(|| {
            format!("container {container} of {of} does not log with the driver awslogs and a stream prefix, so its lines cannot be had")
        })?;
        Ok(LogStream {
            region: log.region.and_then(|region| region.parse().ok()),
            group: log.group.to_owned(),
            stream: log.stream(&task.arn),
        })
    }

    /// What the tasks wrote that was not told yet.
    pub(crate) async fn look(&mut self) -> Look {
        let asked: Vec<(Stream, Option<Timestamp>)> = self
            .streams
            .iter()
            .map(|one| (one.clone(), self.cursors.get(&one.place).map(Cursor::from).or(self.wanted.since)))
            .collect();
        let world = self.world;
        let answers = stream::iter(asked).map(|(one, from)| async move {
            let answer = match from {
                Some(from) => world.logs.since(&one.place, from).await,
                None => world.logs.last(&one.place, LAST).await,
            };
            (one, answer)
        });
        let answers: Vec<(Stream, Result<Vec<LogLine>, CallError>)> = answers.buffered(AT_ONCE).collect().await;
        let mut look = Look::default();
        for (one, answer) in answers {
            match answer {
                Ok(lines) => {
                    look.read += 1;
                    let news = self.cursors.entry(one.place.clone()).or_default().news(lines);
                    let document = self.documents.get(&one.definition).and_then(Option::as_ref);
                    look.lines.push(news.into_iter().map(|line| one.line(line, document)).collect());
                }
                Err(error) => {
                    let note = format!("the log {}: {error}", one.place.group);
                    if self.notes.insert(note.clone()) {
                        look.notes.push(note);
                    }
                    look.trouble = Some(error);
                }
            }
        }
        look
    }

    /// What ECS has told people of the service, oldest first, and the health of its targets.
    pub(crate) async fn said(&self) -> Result<(Vec<ServiceEvent>, Vec<TargetHealth>), CallError> {
        let service = self.world.services.describe(std::slice::from_ref(&self.service)).await?.pop().flatten();
        let Some(service) = service else {
            return Ok((Vec::new(), Vec::new()));
        };
        let each = join_all(service.target_groups.iter().map(|group| self.world.targets.health(group))).await;
        let targets: Result<Vec<Vec<TargetHealth>>, CallError> = each.into_iter().collect();
        let events = service.events.into_iter().rev().filter(|event| event.at >= self.wanted.since);
        Ok((events.collect(), targets?.concat()))
    }
}

impl Stream {
    /// The line, without the plain values that the task was given.
    fn line(&self, line: LogLine, document: Option<&Document>) -> Line {
        let source = Source::Container { task: self.task.clone(), container: self.container.clone() };
        let text = match document {
            Some(document) => document.masked(&line.text),
            None => line.text,
        };
        Line { at: line.at, source, text }
    }
}
