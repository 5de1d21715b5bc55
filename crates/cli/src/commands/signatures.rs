//! `towpath signatures`: takes signatures in, and says what each environment makes of those that there are.

use std::path::{Path, PathBuf};

use serde::Serialize;
use towpath_core::{
    config::Environment,
    engine::SignatureSearch,
    identifier::{Digest, EnvironmentName, Sha256, Version},
    ledger::{HandedIn, Releases},
    policy::{self, Decision, Facts},
    release::Release,
    signature::{BUNDLE_SCHEMA, Bundle, KeptBundle, LARGEST, split},
};

use crate::{
    Exit,
    error::CliError,
    setting::{Context, Project, actor},
};

use super::judged::{self, Judged};

/// Takes in signatures and attestations of a release's images, and says what each environment makes of all that there are.
///
/// Reads Sigstore's bundles: one in a file, or one a line, as `gh attestation download` writes them. They are kept for
/// ever, and verified whenever they are used. Without --bundle, what is kept and what the registries have is judged.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The release whose images were signed.
    #[arg(long, value_name = "VERSION")]
    release: Version,
    /// A file with bundles.
    #[arg(long, value_name = "PATH")]
    bundle: Option<PathBuf>,
    /// The environment whose demands decide the exit code; may be given several times. Without it, all are shown, and
    /// none decides.
    #[arg(long = "environment", value_name = "NAME")]
    environments: Vec<EnvironmentName>,
}

#[derive(Serialize)]
struct Document {
    kept: Vec<Kept>,
    environments: Vec<Judged>,
}

#[derive(Serialize)]
struct Kept {
    bundle: Sha256,
    image: Digest,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let project = context.project()?;
    let environments = project.environments(&args.environments)?;
    let release = Releases::new(&*project.store).get(&args.release).await?;
    let kept = match &args.bundle {
        Some(file) => take_in(file, &release, &project, context).await?,
        None => Vec::new(),
    };
    let mut judged = Vec::new();
    for environment in environments {
        let decision = decide(&release, environment, &project, context).await;
        judged.push(Judged { environment: environment.name.clone(), decision });
    }
    let exit = if args.environments.is_empty() { Exit::Done } else { judged::exit(&judged) };
    let document = Document { kept, environments: judged };
    context.result(|| text(&document), &document)?;
    Ok(exit)
}

/// Keeps the bundles of a file, each with every image of the release that it says it is about.
async fn take_in(file: &Path, release: &Release, project: &Project, context: &Context) -> Result<Vec<Kept>, CliError> {
    project.require_lasting_ledger(context)?;
    let bundles =
        split(&judged::bytes(file, LARGEST)?).map_err(|source| CliError::Bundle { path: file.to_owned(), source })?;
    let assigned = assigned(file, &bundles, release)?;
    let handed_in = HandedIn::new(&*project.store);
    let (received_at, received_by) = (jiff::Timestamp::now(), actor(&context.variables).name);
    let mut kept = Vec::new();
    for (bundle, image) in assigned {
        let received_by = received_by.clone();
        let one = KeptBundle { schema: BUNDLE_SCHEMA, received_at, received_by, bundle: bundle.value().clone() };
        handed_in.keep(&image, &one).await?;
        kept.push(Kept { bundle: bundle.hash(), image });
    }
    Ok(kept)
}

/// Each bundle with the images that it is about; one that is about none of them is a mistake.
fn assigned<'a>(file: &Path, bundles: &'a [Bundle], release: &Release) -> Result<Vec<(&'a Bundle, Digest)>, CliError> {
    let of_release = release.artifacts.keys().filter_map(|component| release.image(component));
    let mut images: Vec<Digest> = of_release.map(|image| image.digest().clone()).collect();
    images.sort();
    images.dedup();
    let mut assigned = Vec::new();
    for bundle in bundles {
        let about: Vec<&Digest> = images.iter().filter(|image| bundle.about().contains(image)).collect();
        if about.is_empty() {
            return Err(CliError::BundleOfAnother { path: file.to_owned(), about: bundle.about().to_vec(), images });
        }
        assigned.extend(about.into_iter().map(|image| (bundle, image.clone())));
    }
    Ok(assigned)
}

/// What a promotion of the release would be told: the same search, the same demands.
async fn decide(
    release: &Release,
    environment: &Environment,
    project: &Project,
    context: &Context,
) -> Option<Decision> {
    environment.signed.as_ref()?;
    let (world, call_deadline) = judged::means(project, environment, context).await;
    let search = SignatureSearch { world: &world, environment, call_deadline };
    let facts = Facts { signatures: search.of(release).await, ..Facts::default() };
    policy::decide_signatures(environment, release, &facts)
}

fn text(document: &Document) -> String {
    let kept =
        document.kept.iter().map(|kept| format!("kept for {}: bundle {}", kept.image, &kept.bundle.as_str()[..12]));
    let judged = document.environments.iter().map(|judged| judged.text("demands no signature"));
    kept.chain(judged).collect::<Vec<_>>().join("\n")
}
