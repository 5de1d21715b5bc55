//! [`HostBuilder`]: the Builder port through a program on this machine.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use tempfile::TempDir;
use towpath_core::{
    build::{Content, Tool},
    identifier::{ComponentName, VariableName},
    ports::{BuildError, BuildOutput, BuildRequest, Builder, BuiltImage},
};

use super::{
    arguments::{self, Place, Step, Steps},
    environment::{Variables, minimal},
    failure, find, layout,
    lines::Masks,
    login::{RegistryLogin, log_in},
    process::{Ended, Lost, Program},
};

/// How long tidying up may take.
const TIDY: Duration = Duration::from_secs(30);

/// A builder on this machine. The layouts that it builds are gone when it is.
#[derive(Debug)]
pub struct HostBuilder {
    tool: Tool,
    /// The configuration file's folder.
    folder: PathBuf,
    /// Layouts, archives and logins.
    place: TempDir,
    /// All variables, for the secrets that a request names.
    variables: Variables,
    /// What every builder is given of them.
    environment: Variables,
    /// What no line may show.
    hidden: Vec<String>,
}

impl HostBuilder {
    /// The builder that was chosen, or the first one that is here, for an application in `folder`.
    ///
    /// # Errors
    /// Where there is none, or not the one that was chosen; or there is no room for what it builds.
    pub async fn find(
        chosen: Option<Tool>,
        folder: &Path,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        logins: &[RegistryLogin],
    ) -> Result<Self, HostBuilderError> {
        let variables: Variables = variables.into_iter().collect();
        let mut environment = minimal(&variables);
        // What is built by default must not depend on what docker attests by default.
        environment.insert("BUILDX_NO_DEFAULT_ATTESTATIONS".into(), "1".into());
        let folder = fs::canonicalize(folder)?;
        let place = private_folder("towpath-build-")?;
        let tool = find::find(chosen, &environment, &folder).await?;
        log_in(logins, &place, &mut environment)?;
        let hidden = logins.iter().flat_map(RegistryLogin::secrets).collect();
        Ok(Self { tool, folder, place, variables, environment, hidden })
    }

    fn place(&self, component: &ComponentName, unique: &str) -> Place<'_> {
        let name = format!("{component}-{unique}");
        Place {
            folder: &self.folder,
            layout: self.place.path().join(&name),
            archive: self.place.path().join(format!("{name}.tar")),
            name: format!("localhost/towpath-build:{name}"),
        }
    }

    /// Files and variables that must be there, seen before anything is run.
    fn require(&self, request: &BuildRequest) -> Result<(), BuildError> {
        let not_there = |what, path: &str| BuildError::NotThere {
            component: request.component.clone(),
            what,
            path: path.to_owned(),
        };
        if !self.folder.join(&request.context).is_dir() {
            return Err(not_there("the context", &request.context));
        }
        if !self.folder.join(&request.dockerfile).is_file() {
            return Err(not_there("the Dockerfile", &request.dockerfile));
        }
        Ok(())
    }

    /// The value of each secret, by its variable.
    fn secrets(&self, request: &BuildRequest) -> Result<Vec<(VariableName, String)>, BuildError> {
        let each = request.secrets.iter().map(|(secret, variable)| {
            let value = self.variables.get(&OsString::from(variable.as_str()));
            let value = value.and_then(|value| value.to_str()).filter(|value| !value.is_empty());
            let missing = || BuildError::NoSecret {
                component: request.component.clone(),
                secret: secret.clone(),
                variable: variable.clone(),
            };
            Ok((variable.clone(), value.ok_or_else(missing)?.to_owned()))
        });
        each.collect()
    }

    async fn steps(&self, request: &BuildRequest, steps: &[Step], output: &dyn BuildOutput) -> Result<(), BuildError> {
        let secrets = self.secrets(request)?;
        let mut environment = self.environment.clone();
        environment.insert("SOURCE_DATE_EPOCH".into(), request.created.as_second().to_string().into());
        environment.extend(secrets.iter().map(|(name, value)| (name.as_str().into(), value.into())));
        let masks = Masks::of(self.hidden.iter().cloned().chain(secrets.into_iter().map(|(_, value)| value)));
        for step in steps {
            let Step { program, arguments } = step;
            let program = Program { name: program, arguments, environment: &environment, folder: &self.folder };
            let said = |line: &str| output.line(&request.component, line);
            let ended = program.run(&masks, request.timeout, said).await;
            self.judge(request, step, ended)?;
        }
        Ok(())
    }

    fn judge(&self, request: &BuildRequest, step: &Step, ended: Result<Ended, Lost>) -> Result<(), BuildError> {
        let component = request.component.clone();
        match ended {
            Ok(ended) if ended.is_good() => Ok(()),
            Ok(ended) => Err(failure::of(&component, &step.name(), ended.status(), ended.tail)),
            Err(Lost::TimedOut { tail }) => Err(BuildError::TimedOut { component, after: request.timeout, tail }),
            Err(Lost::Missing) => Err(BuildError::ToolMissing { tool: self.tool, why: "not installed".to_owned() }),
            Err(Lost::Failed(error)) => Err(failure::of_file(&component, format!("running {}", step.name()), &error)),
        }
    }

    /// Takes away what the builder keeps of ours. Where that fails, the builder's own pruning does it.
    async fn tidy(&self, step: &Step) {
        let Step { program, arguments } = step;
        let program = Program { name: program, arguments, environment: &self.environment, folder: &self.folder };
        let _best_effort = program.run(&Masks::default(), TIDY, |_| {}).await;
    }
}

/// A temporary folder that only its owner can look into.
pub(crate) fn private_folder(prefix: &str) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

#[async_trait]
impl Builder for HostBuilder {
    fn tool(&self) -> Tool {
        self.tool
    }

    fn preview(&self, request: &BuildRequest) -> Result<Vec<String>, BuildError> {
        let steps = arguments::steps(self.tool, request, &self.place(&request.component, "ID"))?;
        self.require(request)?;
        Ok(steps.build.iter().chain(&steps.tidy).map(Step::shown).collect())
    }

    async fn build(&self, request: &BuildRequest, output: &dyn BuildOutput) -> Result<BuiltImage, BuildError> {
        let place = self.place(&request.component, &uuid::Uuid::new_v4().simple().to_string());
        let Steps { build, tidy, is_archive } = arguments::steps(self.tool, request, &place)?;
        self.require(request)?;
        let built = self.steps(request, &build, output).await;
        if let Some(tidy) = tidy {
            self.tidy(&tidy).await;
        }
        built?;
        let (folder, archive) = (place.layout, is_archive.then_some(place.archive));
        let (component, wanted) = (request.component.clone(), request.platforms.clone());
        let reading = tokio::task::spawn_blocking(move || -> Result<(PathBuf, Content), BuildError> {
            if let Some(archive) = archive {
                layout::unpack(&archive, &folder, &component)?;
            }
            let content = layout::read(&folder, &wanted, &component)?;
            Ok((folder, content))
        });
        let cut = |_| {
            let cut = io::Error::other("the program is ending");
            failure::of_file(&request.component, "reading what was built".to_owned(), &cut)
        };
        let (folder, content) = reading.await.map_err(cut)??;
        Ok(BuiltImage { folder, content })
    }
}

/// Why there is no builder.
#[derive(Debug, thiserror::Error)]
pub enum HostBuilderError {
    /// There is no program that can be used.
    #[error(transparent)]
    Builder(#[from] BuildError),
    /// There is no room for what it would build.
    #[error("there is no room to build in")]
    Room(#[from] io::Error),
}
