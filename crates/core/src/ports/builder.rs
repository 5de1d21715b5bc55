//! The Builder port: a program on the machine that makes images from Dockerfiles.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    build::{Attest, Content, ContentError, Tool},
    identifier::{ArgumentName, ComponentName, SecretId, StageName, VariableName},
};

use super::Platform;

/// One component's image, to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildRequest {
    /// The component.
    pub component: ComponentName,
    /// The folder that is given to the builder, relative to the configuration file.
    pub context: String,
    /// The Dockerfile, relative to the configuration file.
    pub dockerfile: String,
    /// The stage to build; the last one where nothing is said.
    pub target: Option<StageName>,
    /// What it must run on; the builder's own platform where nothing is said.
    pub platforms: Vec<Platform>,
    /// The build arguments.
    pub arguments: BTreeMap<ArgumentName, String>,
    /// The image's labels.
    pub labels: BTreeMap<String, String>,
    /// Secrets that the Dockerfile mounts, and the variables that hold them.
    pub secrets: BTreeMap<SecretId, VariableName>,
    /// What the builder is to attest.
    pub attest: Vec<Attest>,
    /// When the image says that it was created, so that the same sources give the same image.
    pub created: Timestamp,
    /// How long it may take.
    pub timeout: Duration,
}

/// An image that was built, on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltImage {
    /// The folder of its OCI layout: `oci-layout`, `index.json` and `blobs/`.
    pub folder: PathBuf,
    /// What it is.
    pub content: Content,
}

/// Who hears what builders print.
pub trait BuildOutput: Send + Sync {
    /// One line of a component's builder: text from outside, without its end.
    fn line(&self, component: &ComponentName, line: &str);
}

/// A builder of images.
#[async_trait]
pub trait Builder: Send + Sync {
    /// The program.
    fn tool(&self) -> Tool;

    /// The commands that would be run, for people. Nothing is run.
    ///
    /// # Errors
    /// Where the program cannot do what is asked.
    fn preview(&self, request: &BuildRequest) -> Result<Vec<String>, BuildError>;

    /// Builds an image into an OCI layout on this machine.
    ///
    /// Guarantees: nothing leaves this machine; every object of the layout is there and is what its digest says; the
    /// image has layers, and is for the platforms that were asked for. The layout stays while the builder is there.
    ///
    /// Idempotence: the same sources may give another digest, if what the Dockerfile runs is not reproducible.
    ///
    /// Errors: any; what the program printed last is in it.
    async fn build(&self, request: &BuildRequest, output: &dyn BuildOutput) -> Result<BuiltImage, BuildError>;
}

/// Why no image was built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// There is no program that builds images.
    #[error("there is no program that builds images: {}", .tried.join("; "))]
    NoBuilder {
        /// Each that was looked for, and why it is none.
        tried: Vec<String>,
    },
    /// The program that was chosen cannot be used.
    #[error("{tool} cannot be used: {why}")]
    ToolMissing {
        /// The program.
        tool: Tool,
        /// Why.
        why: String,
    },
    /// The program cannot do what is asked.
    #[error("{tool} cannot {what}")]
    Unsupported {
        /// The program.
        tool: Tool,
        /// What it cannot do.
        what: String,
    },
    /// A file or folder is not there.
    #[error("{component}: {what} `{path}` is not there")]
    NotThere {
        /// The component.
        component: ComponentName,
        /// What it is: the Dockerfile, the context.
        what: &'static str,
        /// Where it was looked for.
        path: String,
    },
    /// A secret's variable is not set.
    #[error("{component}: the variable {variable}, which holds the secret {secret}, is not set")]
    NoSecret {
        /// The component.
        component: ComponentName,
        /// The secret.
        secret: SecretId,
        /// The variable.
        variable: VariableName,
    },
    /// The disk is full.
    #[error("{component}: the disk is full{}", last(.tail))]
    StorageFull {
        /// The component.
        component: ComponentName,
        /// What was printed last.
        tail: Vec<String>,
    },
    /// A registry gave no base image.
    #[error("{component}: a base image cannot be had from its registry{}", last(.tail))]
    BaseImageRefused {
        /// The component.
        component: ComponentName,
        /// What was printed last.
        tail: Vec<String>,
    },
    /// The program failed.
    #[error("{component}: {command} ended with {status}{}", last(.tail))]
    Failed {
        /// The component.
        component: ComponentName,
        /// The command, without its arguments.
        command: String,
        /// How it ended.
        status: String,
        /// What was printed last.
        tail: Vec<String>,
    },
    /// It took too long.
    #[error("{component}: not built within {} s{}", .after.as_secs(), last(.tail))]
    TimedOut {
        /// The component.
        component: ComponentName,
        /// How long it was given.
        after: Duration,
        /// What was printed last.
        tail: Vec<String>,
    },
    /// What was built is no image that may be published.
    #[error("{component}: what was built cannot be published")]
    Content {
        /// The component.
        component: ComponentName,
        /// Why.
        #[source]
        source: ContentError,
    },
    /// The machine failed.
    #[error("{component}: {action} failed: {reason}")]
    Machine {
        /// The component.
        component: ComponentName,
        /// What was done.
        action: String,
        /// Why.
        reason: String,
    },
}

fn last(tail: &[String]) -> String {
    if tail.is_empty() { String::new() } else { format!("; it printed last:\n  {}", tail.join("\n  ")) }
}
