//! `towpath scan --run`: runs a scanner on images in their registries, and keeps what it reports.

use towpath_core::{
    engine::ScanRun,
    identifier::{ComponentName, ImageReference},
    ports::{Clock as _, ImageScanner as _, ScanTarget},
    scan::{Report, Scan, Scanner},
};
use towpath_host::{HostScanner, SystemClock};

use crate::{
    error::CliError,
    foreman::Foreman,
    plain::short_digests,
    setting::{Context, Project, Word, actor, logins, scanner},
};

use super::release_create::registry;

/// Scans each of these images, of an index each of its images, and keeps the reports.
pub(super) async fn run(
    program: Scanner,
    images: &[ImageReference],
    project: &Project,
    context: &Context,
) -> Result<Vec<Report>, CliError> {
    project.require_lasting_ledger(context)?;
    let logins = logins(project, images).await?;
    let scanner = scanner(project, program, &logins).await?;
    let word = Word::to_stop(&context.printer);
    tokio::select! {
        reports = Box::pin(scan(&scanner, images, project, context)) => reports,
        () = word.given() => Err(CliError::ScanInterrupted),
    }
}

async fn scan(
    scanner: &HostScanner,
    images: &[ImageReference],
    project: &Project,
    context: &Context,
) -> Result<Vec<Report>, CliError> {
    let (foreman, clock) = (Foreman::new(&context.printer), SystemClock::new());
    let by = actor(&context.variables).name;
    let run = ScanRun { scanner, store: Some(&*project.store), clock: &clock, by: &by, output: &foreman };
    let began = clock.now();
    let mut reports = Vec::new();
    for image in single(images, project).await? {
        let component = component(&image, project);
        let said = format!("{component}: scanning {image} with {}", scanner.scanner());
        context.printer.say(&short_digests(&said));
        match run.target(&component, &ScanTarget::Registry(image.clone()), image.digest()).await {
            Scan::Reported { report } => reports.push(*report),
            Scan::Unknown { why, .. } => return Err(CliError::NotScanned { image, why }),
        }
    }
    let took = clock.now().duration_since(began);
    context.printer.say(&format!("scanned {} in {} s", crate::plain::count(reports.len(), "image"), took.as_secs()));
    Ok(reports)
}

/// The images themselves: those of an index in its place. Each once.
async fn single(images: &[ImageReference], project: &Project) -> Result<Vec<ImageReference>, CliError> {
    let mut all: Vec<ImageReference> = Vec::new();
    for image in images {
        let account = image.repository().ecr().map(|(account, _)| account);
        let registry = registry(project, account).await?;
        let children = registry.children(image).await.map_err(|error| CliError::Registry(Box::new(error)))?;
        let repository = image.repository();
        let children = children.into_iter().map(|child| ImageReference::new(repository.clone(), child));
        let children: Vec<ImageReference> = children.collect();
        let single = if children.is_empty() { vec![image.clone()] } else { children };
        all.extend(single.into_iter().filter(|image| !all.contains(image)).collect::<Vec<_>>());
    }
    Ok(all)
}

/// Whose lines the scanner's are: the first component that may come from there.
fn component(image: &ImageReference, project: &Project) -> ComponentName {
    let components = &project.application.components;
    let own = components.iter().find(|component| component.may_come_from(image.repository()));
    let own = own.or_else(|| components.first()).expect("a configuration has a component");
    own.name.clone()
}
