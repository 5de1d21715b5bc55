//! What `scan` and `signatures` have in common: a file is taken in, and each environment judges what there is.
//!
//! What is judged, and by which rules, is theirs.

use std::{fs::File, io::Read as _, path::Path, time::Duration};

use serde::Serialize;
use towpath_core::{
    config::Environment,
    engine::{Settings, World},
    identifier::EnvironmentName,
    policy::{self, Decision, Verdict},
};

use crate::{
    Exit,
    error::CliError,
    setting::{Context, Project, actor, connect, world_without_aws},
};

/// What an environment makes of it.
#[derive(Debug, Serialize)]
pub(super) struct Judged {
    pub(super) environment: EnvironmentName,
    /// Nothing where the environment demands nothing of the kind.
    pub(super) decision: Option<Decision>,
}

impl Judged {
    /// The decision with its reasons; `unasked` says that the environment demands nothing of the kind.
    pub(super) fn text(&self, unasked: &str) -> String {
        let said = self.decision.as_ref().map(policy::explain);
        format!("{}: {}", self.environment, said.as_deref().map_or(unasked, str::trim_end))
    }
}

/// Of several environments the one that refuses decides, then the one that holds.
pub(super) fn exit(judged: &[Judged]) -> Exit {
    let verdicts = || judged.iter().filter_map(|judged| judged.decision.as_ref()).map(|decision| decision.verdict);
    let refused = verdicts().find(|verdict| *verdict == Verdict::Refused);
    refused
        .or_else(|| verdicts().find(|verdict| matches!(verdict, Verdict::Held { .. })))
        .map_or(Exit::Done, Exit::from)
}

/// The file, or as much of one larger than `largest` bytes as tells that it is too large.
pub(super) fn bytes(path: &Path, largest: usize) -> Result<Vec<u8>, CliError> {
    let unreadable = |source| CliError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let most = u64::try_from(largest).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(unreadable)?.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// With what a promotion into the environment would search, and how long each of its calls may take.
///
/// Who cannot ask AWS is told so by the reasons; what was handed in is judged all the same.
pub(super) async fn means(project: &Project, environment: &Environment, context: &Context) -> (World, Duration) {
    let world = match connect(project, environment).await {
        Ok(world) => world,
        Err(_) => world_without_aws(project, None),
    };
    let settings = Settings::new(&actor(&context.variables).name, env!("CARGO_PKG_VERSION"));
    (world, settings.call_deadline)
}
