//! `towpath release`: the releases that there are.

use jiff::Timestamp;
use towpath_core::{ledger::Releases, release::Release};

use crate::{Exit, error::CliError, setting::Context, table::Table};

use super::{release_create, release_show, release_verify};

/// Creates, lists, shows and verifies releases.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Create(release_create::Args),
    /// Lists every release, the oldest first.
    List,
    Show(release_show::Args),
    Verify(release_verify::Args),
}

pub(crate) async fn run(command: &Command, context: &Context) -> Result<Exit, CliError> {
    match command {
        Command::Create(args) => release_create::run(args, context).await,
        Command::List => list(context).await,
        Command::Show(args) => release_show::run(args, context).await,
        Command::Verify(args) => release_verify::run(args, context).await,
    }
}

async fn list(context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    let releases = Releases::new(&*project.store).all().await?;
    context.result(|| text(&releases), &releases)?;
    Ok(Exit::Done)
}

fn text(releases: &[Release]) -> String {
    if releases.is_empty() {
        return "there is no release yet; `towpath release create` makes one".to_owned();
    }
    let mut table = Table::new(["release", "commit", "created", "by", "components"]);
    for release in releases {
        let components: Vec<String> = release.artifacts.keys().map(ToString::to_string).collect();
        let (commit, created) = (release.commit.short().to_owned(), instant(release.created_at));
        table.row(&[release.version.to_string(), commit, created, release.created_by.clone(), components.join(", ")]);
    }
    table.to_text()
}

/// An instant to the second.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
