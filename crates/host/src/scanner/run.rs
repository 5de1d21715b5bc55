//! [`HostScanner`]: a scanner on this machine, run on one image at a time.

use std::{
    ffi::OsString,
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use tempfile::TempDir;
use towpath_core::{
    identifier::ComponentName,
    ports::{BuildOutput, ImageScanner, ScanTarget, ScannerError, ScannerReport},
    scan::{Pin, Scanner, read::LARGEST},
};

use crate::build::{Ended, Lost, Masks, Program, RegistryLogin, Variables, log_in, minimal, private_folder};

use super::{
    arguments::{self, Source},
    pinned::{self, About, ScannerRefused},
    view,
};

/// How long a program may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a scanner is handed on beside what every program is: where its database is and comes from.
const KEPT: [&str; 9] = [
    "TRIVY_CACHE_DIR",
    "TRIVY_DB_REPOSITORY",
    "TRIVY_JAVA_DB_REPOSITORY",
    "TRIVY_SKIP_DB_UPDATE",
    "TRIVY_SKIP_JAVA_DB_UPDATE",
    "TRIVY_OFFLINE_SCAN",
    "GRYPE_DB_CACHE_DIR",
    "GRYPE_DB_UPDATE_URL",
    "GRYPE_DB_AUTO_UPDATE",
];

/// A scanner on this machine, of the version that is pinned.
#[derive(Debug)]
pub struct HostScanner {
    scanner: Scanner,
    /// Its file.
    program: PathBuf,
    timeout: Duration,
    /// Layouts, reports and logins. It is also where the scanner runs, so that no settings beside the sources are its.
    place: TempDir,
    environment: Variables,
    /// What no line may show.
    masks: Masks,
}

impl HostScanner {
    /// The scanner, if it is here and is the one that is pinned.
    ///
    /// # Errors
    /// Where it is not; or there is no room for what it writes.
    pub async fn find(
        scanner: Scanner,
        pin: &Pin,
        timeout: Duration,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        logins: &[RegistryLogin],
    ) -> Result<Self, HostScannerError> {
        let variables: Variables = variables.into_iter().collect();
        let mut environment = minimal(&variables);
        let own = KEPT.iter().filter_map(|name| variables.get_key_value(std::ffi::OsStr::new(name)));
        environment.extend(own.map(|(name, value)| (name.clone(), value.clone())));
        let program = pinned::file(scanner, &environment)?;
        pinned::require_file(&program, pin)??;
        let place = private_folder("towpath-scan-")?;
        log_in(logins, &place, &mut environment)?;
        let masks = Masks::of(logins.iter().flat_map(RegistryLogin::secrets));
        let found = Self { scanner, program, timeout, place, environment, masks };
        let about = found.about().await.map_err(|why| ScannerRefused::NoVersion { scanner, why })?;
        pinned::require_version(scanner, pin, &about)?;
        Ok(found)
    }

    /// What it says of itself.
    async fn about(&self) -> Result<About, String> {
        let mut lines = Vec::new();
        let ended = self.run(&arguments::version(self.scanner), PATIENCE, |line| lines.push(line.to_owned())).await;
        match ended {
            Ok(ended) if ended.is_good() => {
                pinned::about(&lines).ok_or_else(|| lines.pop().unwrap_or_else(|| "it prints nothing".to_owned()))
            }
            Ok(ended) => Err(lines.pop().unwrap_or_else(|| ended.status())),
            Err(Lost::Missing) => Err("it is gone".to_owned()),
            Err(Lost::TimedOut { .. }) => Err(format!("it did not answer within {} s", PATIENCE.as_secs())),
            Err(Lost::Failed(error)) => Err(error.to_string()),
        }
    }

    async fn run(
        &self,
        arguments: &[String],
        deadline: Duration,
        line: impl FnMut(&str) + Send,
    ) -> Result<Ended, Lost> {
        let name = self.program.display().to_string();
        let program = Program { name: &name, arguments, environment: &self.environment, folder: self.place.path() };
        program.run(&self.masks, deadline, line).await
    }

    fn judge(&self, ended: Result<Ended, Lost>) -> Result<Vec<String>, ScannerError> {
        let scanner = self.scanner;
        match ended {
            Ok(ended) if ended.is_good() => Ok(ended.into_tail()),
            Ok(ended) => Err(ScannerError::Failed { scanner, status: ended.status(), tail: ended.into_tail() }),
            Err(Lost::TimedOut { tail }) => Err(ScannerError::TimedOut { scanner, after: self.timeout, tail }),
            Err(Lost::Missing) => {
                let reason = "it is not there any more".to_owned();
                Err(ScannerError::Machine { action: format!("running {scanner}"), reason })
            }
            Err(Lost::Failed(error)) => Err(machine(format!("running {scanner}"), &error)),
        }
    }
}

fn machine(action: String, error: &io::Error) -> ScannerError {
    ScannerError::Machine { action, reason: error.to_string() }
}

/// The report, or as much of a larger one as tells that it is too large; nothing where there is none.
fn written(report: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(1);
    match fs::File::open(report) {
        Ok(file) => file.take(most).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok((!bytes.is_empty()).then_some(bytes))
}

#[async_trait]
impl ImageScanner for HostScanner {
    fn scanner(&self) -> Scanner {
        self.scanner
    }

    async fn scan(
        &self,
        component: &ComponentName,
        target: &ScanTarget,
        output: &dyn BuildOutput,
    ) -> Result<ScannerReport, ScannerError> {
        let room = |error| machine("making room for the scan".to_owned(), &error);
        let place = tempfile::Builder::new().prefix("scan-").tempdir_in(self.place.path()).map_err(room)?;
        let (one, report) = (place.path().join("image"), place.path().join("report.json"));
        let source = match target {
            ScanTarget::Layout(layout) => {
                let unreadable = |error| machine(format!("reading {}", layout.digest), &error);
                view::of_one(layout, &one).map_err(unreadable)?;
                Source::Layout(&one)
            }
            ScanTarget::Registry(image) => Source::Registry(image),
        };
        let arguments = arguments::scan(self.scanner, source, &report);
        let ended = self.run(&arguments, self.timeout, |line| output.line(component, line)).await;
        let tail = self.judge(ended)?;
        let document = written(&report).map_err(|error| machine("reading the report".to_owned(), &error))?;
        let document = document.ok_or(ScannerError::NoReport { scanner: self.scanner, tail })?;
        // Trivy's report has no date of the database, and before the scan there may have been none.
        let database = self.about().await.ok().and_then(|about| about.database);
        Ok(ScannerReport { document, database })
    }
}

/// Why there is no scanner.
#[derive(Debug, thiserror::Error)]
pub enum HostScannerError {
    /// It is not the one that is pinned, or not there.
    #[error(transparent)]
    Refused(#[from] ScannerRefused),
    /// There is no room for what it would write.
    #[error("there is no room to scan in")]
    Room(#[from] io::Error),
}
