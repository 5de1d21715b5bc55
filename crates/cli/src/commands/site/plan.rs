//! `towpath site plan`: what publishing a directory would amount to now, without doing it.

use std::path::PathBuf;

use towpath_core::{
    engine::SiteOutlook,
    identifier::{ComponentName, EnvironmentName},
    policy::Trigger,
    site::{Deletions, InvalidationPath, Wave},
};

use crate::{
    Exit,
    error::CliError,
    plain::{count, one_line},
    setting::{Context, actor, directory_of, files_in, new_promotion},
    summary::live_words,
};

use super::super::bench::Bench;

/// How many files of a kind are named.
const SHOWN: usize = 10;

/// Shows what publishing a site's directory would write, forget and delete now. Changes nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to.
    environment: EnvironmentName,
    /// Which site.
    component: ComponentName,
    /// The directory that the site was built into; without it, the configured one.
    #[arg(long, value_name = "PATH")]
    directory: Option<PathBuf>,
}

pub(super) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    let rules = &project.site(&args.environment, &args.component)?.rules;
    let directory = directory_of(&project, &args.component, args.directory.as_deref())?;
    let survey = files_in(&directory).survey(&rules.survey).await.map_err(Box::new)?;
    let manifest = rules.manifest(&survey);
    let bench = Bench::to_read(context, &args.environment).await?;
    let request = new_promotion(Trigger::CommandLine, actor(&context.variables), bench.world.clock.now());
    let outlook = bench.ended(bench.engine().plan_site(&args.component, &manifest, request).await)?;
    let outlook = outlook.map_err(|why| CliError::SiteUnplanned { component: args.component.clone(), why })?;
    context.result(|| text(args, &outlook), &outlook)?;
    Ok(Exit::Done)
}

fn text(args: &Args, outlook: &SiteOutlook) -> String {
    let live = outlook.live.as_ref().map_or_else(|| "nothing".to_owned(), live_words);
    let mut lines = vec![format!("{} {}: {live} is live", args.environment, args.component)];
    if outlook.plan.is_nothing() {
        lines.push(format!("nothing would be written: all of {} are there", count(outlook.plan.unchanged, "file")));
    }
    lines.extend(outlook.plan.waves.iter().flat_map(of_wave));
    if !outlook.plan.is_nothing() {
        lines.push(format!("  {} stay as they are", count(outlook.plan.unchanged, "file")));
    }
    let forgotten: Vec<&str> = outlook.forgotten.iter().map(InvalidationPath::as_str).collect();
    if !forgotten.is_empty() {
        lines.push(format!("CloudFront would forget {}", forgotten.join(" ")));
    }
    lines.extend(of_deletions(&outlook.plan.deletions));
    lines.extend(outlook.lints.iter().take(SHOWN).map(|lint| format!("note: {}", one_line(lint))));
    lines.join("\n")
}

fn of_wave(wave: &Wave) -> Vec<String> {
    let mut lines = vec![format!("{}, {}:", wave.kind.word(), count(wave.writes.len(), "file"))];
    let shown = wave.writes.iter().take(SHOWN);
    lines.extend(shown.map(|write| format!("  {} ({})", one_line(write.path.as_str()), write.change.word())));
    if wave.writes.len() > SHOWN {
        lines.push(format!("  and {} more", wave.writes.len() - SHOWN));
    }
    lines
}

fn of_deletions(deletions: &Deletions) -> Option<String> {
    match deletions {
        Deletions::Allowed { count: 0, .. } => None,
        Deletions::Allowed { count: going, .. } => {
            Some(format!("once it is proven, {} of older releases would be deleted", count(*going, "file")))
        }
        Deletions::Withheld { going, all, limit } => {
            Some(format!("nothing would be deleted: {going} of {all} files would go, and {limit} may"))
        }
    }
}
