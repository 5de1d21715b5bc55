//! What an engine is run with: configuration, ports, settings, those who watch, and the word to stop.

use std::sync::Arc;

use towpath_core::{
    config::Environment,
    engine::{Engine, EngineError, Interrupt, Observer, Settings, World},
    identifier::EnvironmentName,
    rollout::PauseWord,
};

use crate::{
    error::CliError,
    notices::Notices,
    setting::{AtHand, Context, Project, Word, connect, holder, world_without_aws},
    variables,
};

/// All that an engine borrows.
pub(super) struct Bench {
    pub(super) project: Project,
    pub(super) environment: Environment,
    pub(super) world: World,
    settings: Settings,
    notices: Notices,
    interrupt: Interrupt,
}

impl Bench {
    /// For a command that changes an environment.
    pub(super) async fn to_change(context: &Context, environment: &EnvironmentName) -> Result<Self, CliError> {
        let project = context.project()?;
        project.require_lasting_ledger(context)?;
        let environment = project.environment(environment)?.clone();
        if let Some(endpoint) = context.variables.get(variables::ENDPOINT) {
            context.printer.say(&format!("note: AWS_ENDPOINT_URL is set, so AWS is taken to be at {endpoint}"));
        }
        let stop = Word::to_suspend(&context.printer);
        let world = tokio::select! {
            world = connect(&project, &environment) => world?,
            () = stop.given() => return Err(CliError::Interrupted),
        };
        Self::new(context, project, environment, world, stop.interrupt())
    }

    /// For a command that only reads.
    pub(super) async fn to_read(context: &Context, environment: &EnvironmentName) -> Result<Self, CliError> {
        let project = context.project()?;
        let environment = project.environment(environment)?.clone();
        let world = connect(&project, &environment).await?;
        Self::new(context, project, environment, world, Interrupt::default())
    }

    /// For a command that asks no AWS.
    pub(super) fn without_aws(context: &Context, environment: &EnvironmentName) -> Result<Self, CliError> {
        let project = context.project()?;
        let environment = project.environment(environment)?.clone();
        let world = world_without_aws(&project, None);
        Self::new(context, project, environment, world, Interrupt::default())
    }

    fn new(
        context: &Context,
        project: Project,
        environment: Environment,
        world: World,
        interrupt: Interrupt,
    ) -> Result<Self, CliError> {
        let settings = Settings::new(&holder(&context.variables), env!("CARGO_PKG_VERSION"));
        Ok(Self { project, environment, world, settings, notices: context.notices()?, interrupt })
    }

    /// With these directories of sites, in place of the configured ones.
    pub(super) fn with_sites(mut self, at_hand: Vec<AtHand>) -> Self {
        if let Some(sites) = &mut self.world.sites {
            for AtHand { component, files, manifest } in at_hand {
                sites.files.insert(component, files);
                sites.made.extend(manifest.map(|manifest| (manifest.digest().clone(), Arc::new(manifest))));
            }
        }
        self
    }

    /// Also a lease that has not expired is taken: somebody knows that its holder is gone.
    pub(super) fn taking_over(mut self) -> Self {
        self.settings.take_over = towpath_core::ledger::TakeOver::Anyway;
        self
    }

    /// What a person says to rollouts that wait at a hook.
    pub(super) fn answering(mut self, word: PauseWord) -> Self {
        self.settings.word_at_pause = Some(word);
        self
    }

    pub(super) fn engine(&self) -> Engine<'_> {
        Engine {
            application: &self.project.application,
            environment: &self.environment,
            world: &self.world,
            settings: &self.settings,
            observer: &self.notices,
            interrupt: &self.interrupt,
        }
    }

    /// Who sees what is told.
    pub(super) fn observer(&self) -> &dyn Observer {
        &self.notices
    }

    /// What a look came to; more will be told where it came to something.
    pub(super) fn so_far<T>(&self, result: Result<T, EngineError>) -> Result<T, CliError> {
        result.or_else(|error| self.ended(Err(error)))
    }

    /// What a run came to; nothing is drawn over any more.
    pub(super) fn ended<T>(&self, result: Result<T, EngineError>) -> Result<T, CliError> {
        self.notices.end();
        Ok(result?)
    }
}
