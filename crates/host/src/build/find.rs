//! Which builder is here: the one that was chosen, or the first that can do what is needed.
//!
//! It asks each program for what it says of itself, and builds nothing.

use std::{path::Path, time::Duration};

use towpath_core::{build::Tool, ports::BuildError};

use super::{
    environment::Variables,
    lines::Masks,
    process::{Lost, Program},
};

/// How long a program may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(30);

/// The first Docker whose `save` writes an OCI layout.
const DOCKER: u32 = 25;

/// The builder to use.
pub(super) async fn find(chosen: Option<Tool>, environment: &Variables, folder: &Path) -> Result<Tool, BuildError> {
    let asking = Asking { environment, folder };
    if let Some(tool) = chosen {
        return asking.about(tool).await.map(|()| tool).map_err(|why| BuildError::ToolMissing { tool, why });
    }
    let mut tried = Vec::new();
    for tool in Tool::ALL {
        match asking.about(tool).await {
            Ok(()) => return Ok(tool),
            Err(why) => tried.push(format!("{tool}: {why}")),
        }
    }
    Err(BuildError::NoBuilder { tried })
}

struct Asking<'a> {
    environment: &'a Variables,
    folder: &'a Path,
}

impl Asking<'_> {
    /// Whether it can be used, or why not.
    async fn about(&self, tool: Tool) -> Result<(), String> {
        match tool {
            Tool::Buildx => self.buildx().await,
            Tool::Docker => self.docker().await,
            Tool::Podman => self.ask("podman", &["--version"]).await.map(drop),
            Tool::Buildah => self.ask("buildah", &["--version"]).await.map(drop),
        }
    }

    /// Docker's own driver exports no layout, unless Docker keeps its images in containerd.
    async fn buildx(&self) -> Result<(), String> {
        let lines = self.ask("docker", &["buildx", "inspect"]).await?;
        let driver = lines.iter().find_map(|line| line.trim().strip_prefix("Driver:"));
        match driver.map(str::trim) {
            Some("docker") => {
                let status = self.ask("docker", &["info", "--format", "{{json .DriverStatus}}"]).await?;
                let exports = status.iter().any(|line| line.contains("io.containerd.snapshotter"));
                let why = "its builder exports no OCI layout; `docker buildx create --use` makes one that does";
                if exports { Ok(()) } else { Err(why.to_owned()) }
            }
            Some(_) => Ok(()),
            None => Err("it does not say what drives it".to_owned()),
        }
    }

    async fn docker(&self) -> Result<(), String> {
        let lines = self.ask("docker", &["version", "--format", "{{.Server.Version}}"]).await?;
        let version = lines.last().map(|line| line.trim().to_owned()).unwrap_or_default();
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        match major {
            Some(major) if major >= DOCKER => Ok(()),
            Some(_) | None => Err(format!("its server is of version `{version}`, and {DOCKER} or later is needed")),
        }
    }

    /// What it prints, where it can be asked.
    async fn ask(&self, name: &str, arguments: &[&str]) -> Result<Vec<String>, String> {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let program = Program { name, arguments: &arguments, environment: self.environment, folder: self.folder };
        let mut lines = Vec::new();
        let ended = program.run(&Masks::default(), PATIENCE, |line| lines.push(line.to_owned())).await;
        match ended {
            Ok(ended) if ended.is_good() => Ok(lines),
            Ok(ended) => Err(lines.into_iter().next_back().unwrap_or_else(|| ended.status())),
            Err(Lost::Missing) => Err("not installed".to_owned()),
            Err(Lost::TimedOut { .. }) => Err(format!("it did not answer within {} s", PATIENCE.as_secs())),
            Err(Lost::Failed(error)) => Err(error.to_string()),
        }
    }
}
