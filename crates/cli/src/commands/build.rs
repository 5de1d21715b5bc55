//! `towpath build`: from Dockerfiles to images in the registry, their tags, and a release.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use towpath_core::{
    build::BuildPlan,
    engine::{BuildReport, Given, ScanRun, Settings, Workshop},
    identifier::{ComponentName, Version},
    ledger::Releases,
    policy::{Decision, decide_scan, explain},
    ports::{BuildError, Builder as _, Clock as _, ImageScanner, Store},
    scan::{Origin, PublishRules},
    site::SiteDigest,
};
use towpath_host::{HostBuilder, HostScanner, RegistryLogin, SystemClock};

use crate::{
    Exit,
    error::CliError,
    foreman::Foreman,
    plain::{one_line, short_digests},
    setting::{Context, Project, Word, actor, build_site, changed, checkout, publisher, scanner},
    variables,
};

use super::release_create::{Named, image, resolve};

/// Builds each component's image, publishes it, tags it, and makes a release of all of them.
///
/// Nothing gets a tag before every image is built, in its registry, and admitted. A run that was cut off is run again.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The version; without it, what a tag on the commit says, otherwise `0.0.0-g` and the commit.
    #[arg(long)]
    version: Option<Version>,
    /// The image of a component that is not built here, `COMPONENT=REPOSITORY@sha256:…` or `COMPONENT=REPOSITORY:TAG`.
    #[arg(long = "image", value_name = "IMAGE", value_parser = image)]
    images: Vec<(ComponentName, Named)>,
    /// Shows what would be done, and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// Builds and checks the images, and publishes nothing; so it is for a pull request in any case.
    #[arg(long)]
    local: bool,
    /// Builds although files differ from the commit that the images will name.
    #[arg(long)]
    allow_changes: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    if !args.is_local(context) {
        project.require_lasting_ledger(context)?;
    }
    let plan = planned(args, context, &project).await?;
    for build in &plan.components {
        for pattern in &build.without_branch {
            let component = &build.request.component;
            context.printer.say(&format!("note: {component} gets no tag `{pattern}`: no branch is known here"));
        }
    }
    let builder = builder(args, &project).await?;
    let rules = project.application.build.scan.as_ref();
    if args.dry_run {
        return dry_run(args, context, &plan, &builder, rules);
    }
    // Known before an hour of building: whether what will be built can be scanned.
    let scanner = match rules.and_then(|rules| rules.run) {
        Some(program) => Some(Arc::new(scanner(&project, program, &[]).await?)),
        None => None,
    };
    let word = Word::to_stop(&context.printer);
    tokio::select! {
        exit = Box::pin(work(args, context, &project, &plan, Tools { builder, scanner })) => exit,
        () = word.given() => Err(CliError::BuildInterrupted),
    }
}

impl Args {
    fn is_local(&self, context: &Context) -> bool {
        let event = context.variables.get(variables::EVENT_NAME).filter(|_| context.variables.in_workflow());
        self.local || event.is_some_and(|event| event.starts_with("pull_request"))
    }
}

async fn planned(args: &Args, context: &Context, project: &Project) -> Result<BuildPlan, CliError> {
    if !args.allow_changes && !args.dry_run {
        let changed = changed(project).await;
        if !changed.is_empty() {
            return Err(CliError::Changed(changed));
        }
    }
    let checkout = checkout(project, &context.variables, args.version.as_ref()).await?;
    let given = args.images.iter().map(|(component, _)| component.clone()).collect();
    Ok(BuildPlan::new(&project.application, checkout, &given)?)
}

/// The programs that are run.
struct Tools {
    builder: HostBuilder,
    scanner: Option<Arc<HostScanner>>,
}

/// The builder, logged in to the registries that base images come from. A dry run logs in nowhere.
async fn builder(args: &Args, project: &Project) -> Result<HostBuilder, CliError> {
    let rules = &project.application.build;
    let mut logins = BTreeMap::new();
    for repository in rules.pull_from.iter().filter(|_| !args.dry_run) {
        let Some((_, region)) = repository.ecr() else {
            continue;
        };
        let region = region.parse().map_err(|_| CliError::NoSuchForm { value: region.to_owned(), wanted: "region" })?;
        let login = publisher(project).await?.registry_login(&region).await;
        let login = login.map_err(|error| CliError::Registry(Box::new(error)))?;
        let registry = repository.registry().to_owned();
        logins.insert(registry.clone(), RegistryLogin::new(registry, login.user(), login.password()));
    }
    let logins: Vec<RegistryLogin> = logins.into_values().collect();
    let found = HostBuilder::find(rules.tool, &project.folder, std::env::vars_os(), &logins).await;
    found.map_err(|error| CliError::NoBuilder(Box::new(error)))
}

async fn work(
    args: &Args,
    context: &Context,
    project: &Project,
    plan: &BuildPlan,
    tools: Tools,
) -> Result<Exit, CliError> {
    let foreman = Foreman::new(&context.printer);
    if args.is_local(context) {
        return local(context, project, plan, &tools, &foreman).await;
    }
    let images = resolve(&args.images, project, context).await?;
    let given = Given { images, sites: sites(project, plan, context).await? };
    let publisher = publisher(project).await?;
    let by = actor(&context.variables).name;
    let workshop = Workshop {
        builder: Arc::new(tools.builder),
        images: Arc::new(publisher.images()),
        scans: Arc::new(publisher.scans()),
        scanner: tools.scanner.map(|scanner| scanner as Arc<dyn ImageScanner>),
        store: Arc::<dyn Store>::clone(&project.store),
        clock: Arc::new(SystemClock::new()),
        call_deadline: Settings::new(&by, env!("CARGO_PKG_VERSION")).call_deadline,
    };
    let report = workshop.build(&project.application, plan, given, &by, &foreman).await;
    let report = report.map_err(|failure| CliError::Build(Box::new(failure)))?;
    context.result(|| text(&report), &report)?;
    Ok(Exit::Done)
}

/// The sites, each built once a release: not again where the release is there.
async fn sites(
    project: &Project,
    plan: &BuildPlan,
    context: &Context,
) -> Result<BTreeMap<ComponentName, SiteDigest>, CliError> {
    let is_there = Releases::new(&*project.store).get(&plan.checkout.version).await.is_ok();
    let mut sites = BTreeMap::new();
    for component in project.application.components.iter().filter(|one| one.site.is_some() && !is_there) {
        context.printer.say(&format!("building {}", component.name));
        sites.insert(component.name.clone(), build_site(project, &component.name).await?.digest().clone());
    }
    Ok(sites)
}

/// Builds one after the other, and leaves nothing.
///
/// A scanner that the rules want to be run is run; what only a registry or the ledger could say is not asked.
async fn local(
    context: &Context,
    project: &Project,
    plan: &BuildPlan,
    tools: &Tools,
    foreman: &Foreman,
) -> Result<Exit, CliError> {
    let mut built: BTreeMap<ComponentName, String> = BTreeMap::new();
    let mut judged: BTreeMap<ComponentName, Decision> = BTreeMap::new();
    for build in &plan.components {
        let component = &build.request.component;
        let image = tools.builder.build(&build.request, foreman).await.map_err(not_built)?;
        built.insert(component.clone(), image.content.root.digest.to_string());
        if let (Some(scanner), Some(rules)) = (&tools.scanner, &project.application.build.scan) {
            let (clock, by) = (SystemClock::new(), actor(&context.variables).name);
            let run = ScanRun { scanner: &**scanner, store: None, clock: &clock, by: &by, output: foreman };
            let scans = run.layout(component, &image.folder, &image.content.images).await;
            judged.insert(component.clone(), decide_scan(component, &scans, &rules.rules, clock.now()));
        }
    }
    let lines = || {
        let lines = built.iter().map(|(component, digest)| format!("  {component} {digest}"));
        let scans = judged.iter().map(|(component, decision)| format!("{component}: {}", explain(decision).trim_end()));
        let heading = "built and not published:".to_owned();
        [heading].into_iter().chain(lines).chain(scans).collect::<Vec<_>>().join("\n")
    };
    context.result(lines, &json!({ "published": false, "components": built, "scans": judged }))?;
    let verdicts = || judged.values().map(|decision| Exit::from(decision.verdict));
    let refused = verdicts().find(|exit| *exit == Exit::Refused);
    Ok(refused.or_else(|| verdicts().find(|exit| *exit == Exit::Held)).unwrap_or(Exit::Done))
}

fn not_built(error: BuildError) -> CliError {
    CliError::NotBuilt(Box::new(error))
}

fn text(report: &BuildReport) -> String {
    let release = &report.release;
    let how = if report.was_there { "was there already" } else { "created" };
    let mut lines = vec![format!("release {} of commit {}: {how}", release.version, release.commit.short())];
    for (component, built) in &report.components {
        lines.push(format!("  {component} {}", built.image));
        for tag in &built.tags {
            let from = tag.from.as_ref().map(|from| short_digests(&format!(" from {from}"))).unwrap_or_default();
            lines.push(format!("    {} {}{from}", tag.tag, tag.became));
        }
        let scans = report.scans.get(component).into_iter().flatten();
        lines.extend(scans.map(|reason| format!("    {}", one_line(&short_digests(&reason.to_string())))));
        let attestations = release.attestations.get(component).into_iter().flatten();
        lines.extend(attestations.map(|one| format!("    attested: {} in {}", one.predicate, one.manifest)));
    }
    lines.join("\n")
}

fn dry_run(
    args: &Args,
    context: &Context,
    plan: &BuildPlan,
    builder: &HostBuilder,
    rules: Option<&PublishRules>,
) -> Result<Exit, CliError> {
    let is_local = args.is_local(context);
    let mut components: Vec<Value> = Vec::new();
    let mut lines = vec![format!(
        "release {} of commit {} would be built with {}:",
        plan.checkout.version,
        plan.checkout.commit.short(),
        builder.tool()
    )];
    for build in &plan.components {
        let commands = builder.preview(&build.request).map_err(not_built)?;
        let component = &build.request.component;
        lines.push(format!("  {component}"));
        lines.extend(commands.iter().map(|command| format!("    run {}", one_line(command))));
        if !is_local {
            lines.push(format!("    publish under no tag to {}", build.repository));
        }
        let asked = rules.filter(|rules| !is_local || rules.run.is_some());
        lines.extend(asked.map(|rules| format!("    {}", scanned_by(rules))));
        components.push(json!({
            "component": component, "commands": commands, "repository": build.repository,
            "tags": build.tags, "moving_tags": build.moving_tags,
        }));
    }
    if is_local {
        lines.push("nothing would be published".to_owned());
    } else {
        lines.extend(then(args, plan));
    }
    let document = json!({
        "version": plan.checkout.version, "commit": plan.checkout.commit, "tool": builder.tool().name(),
        "publishes": !is_local, "components": components,
    });
    context.result(|| lines.join("\n"), &document)?;
    Ok(Exit::Done)
}

fn scanned_by(rules: &PublishRules) -> String {
    match (rules.run, rules.rules.from) {
        (Some(scanner), _) => format!("scan with {scanner}"),
        (None, Origin::Ecr) => "wait for ECR's scan".to_owned(),
        (None, Origin::Reports) => "look for reports on it that were taken in".to_owned(),
    }
}

/// What would be done once everything is in its registry.
fn then(args: &Args, plan: &BuildPlan) -> Vec<String> {
    let mut lines = vec!["then, once every gate has let every image pass:".to_owned()];
    lines.extend(args.images.iter().map(|(component, _)| format!("  take the image that is given for {component}")));
    lines.push(format!("  create release {}", plan.checkout.version));
    for build in &plan.components {
        lines.extend(
            build.tags.iter().map(|tag| format!("  tag {}:{tag}, unless it is on another image", build.repository)),
        );
    }
    for build in &plan.components {
        lines.extend(build.moving_tags.iter().map(|tag| format!("  move {}:{tag}", build.repository)));
    }
    lines
}
