//! `towpath site verify`: whether what is live is what was published.

use towpath_core::{
    engine::SiteVerification,
    identifier::{ComponentName, EnvironmentName},
    policy::Trigger,
    site::SitePath,
    smoke::{CheckOutcome, Judgement},
};

use crate::{
    Exit,
    error::CliError,
    plain::{count, one_line},
    setting::{Context, actor, new_promotion},
    summary::live_words,
};

use super::super::bench::Bench;

/// How many files are named.
const SHOWN: usize = 10;

/// Holds a site's bucket and what visitors get against what was published there. Changes nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where.
    environment: EnvironmentName,
    /// Which site.
    component: ComponentName,
}

pub(super) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    context.project()?.site(&args.environment, &args.component)?;
    let bench = Bench::to_read(context, &args.environment).await?;
    let request = new_promotion(Trigger::CommandLine, actor(&context.variables), bench.world.clock.now());
    let found = bench.ended(bench.engine().verify_site(&args.component, request).await)?;
    let found = found.map_err(|why| CliError::SiteUnverified { component: args.component.clone(), why })?;
    context.result(|| text(args, &found), &found)?;
    Ok(if found.is_good() { Exit::Done } else { Exit::Difference })
}

fn text(args: &Args, found: &SiteVerification) -> String {
    let mut lines = vec![format!(
        "{} {}: {}, {}",
        args.environment,
        args.component,
        live_words(&found.live),
        count(found.files, "file")
    )];
    lines.extend(files("not in the bucket", &found.missing));
    lines.extend(files("there with another length", &found.other));
    for answer in &found.answers {
        let last = answer.last.as_ref().map_or_else(|| "never asked".to_owned(), Judgement::to_string);
        let how = if answer.outcome == CheckOutcome::Passed { "as published".to_owned() } else { one_line(&last) };
        lines.push(format!("  {}: {how}", one_line(&answer.url)));
    }
    if found.answers.is_empty() {
        lines.push("  nobody was asked: it has neither a distribution nor a smoke check".to_owned());
    }
    lines.join("\n")
}

fn files(what: &str, paths: &[SitePath]) -> Vec<String> {
    let mut lines: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("  {path}: {what}")).collect();
    if paths.len() > SHOWN {
        lines.push(format!("  and {} more that are {what}", paths.len() - SHOWN));
    }
    lines
}
