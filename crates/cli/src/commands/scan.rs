//! `towpath scan`: takes a scanner's report in, or runs the scanner, and says what each environment's rules make of it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use towpath_core::{
    config::Environment,
    engine::{Interrupt, ScanSearch},
    identifier::{ComponentName, EnvironmentName, ImageReference, Sha256, Version},
    ledger::{Releases, Reports},
    policy::{self, Decision, Facts},
    release::Release,
    scan::{
        Counts, Found, KeptReport, REPORT_SCHEMA, Report, Scan, Scanner,
        read::{LARGEST, ReadError, Scanned, read},
    },
};

use crate::{
    Exit,
    error::CliError,
    plain::one_line,
    setting::{Context, Project, actor},
};

use super::{
    judged::{self, Judged},
    release_create::registry,
    scan_run,
};

/// How far ahead of ours a scanner's clock may be.
const AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// Takes in what a scanner found in a release's image, and says what each environment makes of it.
///
/// Reads Trivy's JSON, Grype's JSON, and the SARIF of both. A report is kept for ever; of several on one image the
/// newest counts. Without --file and --run, what is known already is judged; an environment with `from = "ecr"` asks ECR.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The scanner's report.
    #[arg(long, value_name = "PATH", required_unless_present_any = ["release", "run"])]
    file: Option<PathBuf>,
    /// Runs `trivy` or `grype` on the images in their registries and takes its reports in. It must be of the version that
    /// towpath.toml pins under `[scan.trivy]` or `[scan.grype]`.
    #[arg(long, value_name = "SCANNER", conflicts_with = "file")]
    run: Option<Scanner>,
    /// When the scanner's database was made, where the report does not say (`trivy version --format json` does).
    #[arg(long, value_name = "TIME", requires = "file")]
    database: Option<jiff::Timestamp>,
    /// The environment whose rules decide the exit code; may be given several times. Without it, all are shown, and
    /// none decides.
    #[arg(long = "environment", value_name = "NAME")]
    environments: Vec<EnvironmentName>,
}

/// What was scanned.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Subject {
    /// The release whose image was scanned.
    #[arg(long, value_name = "VERSION")]
    release: Option<Version>,
    /// The image that was scanned, REPOSITORY@sha256:…, where there is no release of it yet.
    #[arg(long, value_name = "IMAGE")]
    image: Option<ImageReference>,
}

#[derive(Serialize)]
struct Document {
    kept: Vec<Report>,
    environments: Vec<Judged>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    let environments = project.environments(&args.environments)?;
    let release = match &args.subject.release {
        Some(version) => Some(Releases::new(&*project.store).get(version).await?),
        None => None,
    };
    let candidates = candidates(release.as_ref(), args.subject.image.as_ref());
    let kept = match (&args.file, args.run) {
        (Some(file), _) => vec![take_in(file, args, &candidates, &project, context).await?],
        (None, Some(program)) => scan_run::run(program, &candidates, &project, context).await?,
        (None, None) => Vec::new(),
    };
    let mut judged = Vec::new();
    for environment in environments {
        let decision = match (&release, &kept) {
            (Some(release), _) => of_release(release, environment, &project, context).await,
            (None, reports) => {
                let image = args.subject.image.as_ref().filter(|_| !reports.is_empty());
                image.and_then(|image| of_reports(reports, image, environment, &project))
            }
        };
        judged.push(Judged { environment: environment.name.clone(), decision });
    }
    let exit = if args.environments.is_empty() { Exit::Done } else { judged::exit(&judged) };
    let document = Document { kept, environments: judged };
    context.result(|| text(&document), &document)?;
    Ok(exit)
}

/// The images that a report may be about.
fn candidates(release: Option<&Release>, image: Option<&ImageReference>) -> Vec<ImageReference> {
    let of_release = release
        .into_iter()
        .flat_map(|release| release.artifacts.keys().filter_map(|component| release.image(component)).cloned());
    of_release.chain(image.cloned()).collect()
}

async fn take_in(
    file: &Path,
    args: &Args,
    candidates: &[ImageReference],
    project: &Project,
    context: &Context,
) -> Result<Report, CliError> {
    project.require_lasting_ledger(context)?;
    let bytes = judged::bytes(file, LARGEST)?;
    let unusable = |source| CliError::Report { path: file.to_owned(), source: Box::new(source) };
    let scanned = read(&bytes).map_err(unusable)?.with_database(args.database);
    let report = assigned(&scanned, candidates, project).await.map_err(unusable)?;
    let now = jiff::Timestamp::now();
    let dates = [report.scanned_at, report.database].into_iter().flatten();
    if let Some(at) = dates.into_iter().find(|at| at.duration_since(now) > AHEAD) {
        return Err(CliError::ReportToCome { path: file.to_owned(), at });
    }
    let kept = KeptReport {
        schema: REPORT_SCHEMA,
        received_at: now,
        received_by: actor(&context.variables).name,
        source: Sha256::of(&bytes),
        report: report.clone(),
    };
    Reports::new(&*project.store).keep(&kept).await?;
    Ok(report)
}

/// The report of the image that it is about. The registry is asked for an index's images only where the report names
/// none of ours itself.
async fn assigned(scanned: &Scanned, candidates: &[ImageReference], project: &Project) -> Result<Report, ReadError> {
    let mut refusal = None;
    for image in candidates {
        match scanned.clone().about(image.digest(), &[]) {
            Ok(report) => return Ok(report),
            Err(error) => refusal = Some(error),
        }
    }
    for image in candidates {
        let account = image.repository().ecr().map(|(account, _)| account);
        let Ok(images) = registry(project, account).await else { continue };
        let children = images.children(image).await.unwrap_or_default();
        if let Ok(report) = scanned.clone().about(image.digest(), &children) {
            return Ok(report);
        }
    }
    Err(refusal.unwrap_or(ReadError::UnknownForm))
}

/// What a promotion of the release would be told: the same search, the same rules.
async fn of_release(
    release: &Release,
    environment: &Environment,
    project: &Project,
    context: &Context,
) -> Option<Decision> {
    environment.scan.as_ref()?;
    let (world, call_deadline) = judged::means(project, environment, context).await;
    let interrupt = Interrupt::default();
    let search = ScanSearch { world: &world, environment, call_deadline, interrupt: &interrupt };
    let facts = Facts { scans: search.of(release).await, ..Facts::default() };
    let components = environment.services.keys().filter(|component| release.image(component).is_some());
    policy::decide_scans(environment, components, &facts, world.clock.now())
}

/// What the environment's rules make of reports on an image that no release has yet: of each component that may
/// come from the image's repository.
fn of_reports(
    reports: &[Report],
    image: &ImageReference,
    environment: &Environment,
    project: &Project,
) -> Option<Decision> {
    let components =
        project.application.components.iter().filter(|component| component.may_come_from(image.repository()));
    let components: Vec<&ComponentName> =
        components.map(|component| &component.name).filter(|name| environment.services.contains_key(name)).collect();
    let known: Vec<Scan> = reports.iter().cloned().map(Scan::reported).collect();
    let scans = components.iter().map(|name| ((*name).clone(), known.clone())).collect();
    let facts = Facts { scans, ..Facts::default() };
    policy::decide_scans(environment, components.into_iter(), &facts, jiff::Timestamp::now())
}

fn text(document: &Document) -> String {
    let kept = document.kept.iter().map(|report| format!("kept for {}: {}", report.image, found(report)));
    let judged = document.environments.iter().map(|judged| judged.text("does not look at scans"));
    kept.chain(judged).collect::<Vec<_>>().join("\n")
}

fn found(report: &Report) -> String {
    let tool = one_line(&report.tool.to_string());
    match &report.found {
        Found::Findings { findings, .. } => {
            let counts: Counts = findings.iter().map(|finding| finding.severity).collect();
            format!("{tool} found {counts}")
        }
        Found::Nothing { why } => format!("{tool} could not scan it: {}", one_line(why)),
    }
}
