//! How a builder is logged in to registries that base images come from: a file in a folder that only we can read.
//!
//! A password is never an argument, never in the environment and never printed. What a person has configured stays
//! in force: their own logins, credential helpers, plugins, contexts and builders.

use std::{
    ffi::OsString,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::environment::Variables;

/// What a builder needs to pull from one registry.
#[derive(Clone)]
pub struct RegistryLogin {
    registry: String,
    user: String,
    password: String,
}

impl RegistryLogin {
    /// The login of that registry's host.
    pub fn new(registry: impl Into<String>, user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { registry: registry.into(), user: user.into(), password: password.into() }
    }

    fn entry(&self) -> Value {
        json!({ "auth": BASE64_STANDARD.encode(format!("{}:{}", self.user, self.password)) })
    }

    /// What must not be shown: the password, and the form that files have it in.
    pub(crate) fn secrets(&self) -> [String; 2] {
        [self.password.clone(), BASE64_STANDARD.encode(format!("{}:{}", self.user, self.password))]
    }
}

impl fmt::Debug for RegistryLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RegistryLogin").field("registry", &self.registry).finish_non_exhaustive()
    }
}

/// What docker finds beside its `config.json` and would miss.
const BESIDE: [&str; 3] = ["buildx", "cli-plugins", "contexts"];

/// Writes the logins below `folder`, and has the builder's environment name them.
pub(crate) fn log_in(logins: &[RegistryLogin], folder: &TempDir, environment: &mut Variables) -> io::Result<()> {
    if logins.is_empty() {
        return Ok(());
    }
    let docker = home(environment, "DOCKER_CONFIG", ".docker");
    let own = docker.as_ref().map(|docker| docker.join("config.json"));
    let ours = folder.path().join("docker");
    fs::create_dir(&ours)?;
    private(&ours.join("config.json"), &with(logins, read(own.as_deref())))?;
    for name in BESIDE {
        keep(docker.as_deref(), &ours, name)?;
    }
    let containers = containers(environment).or(own);
    let auth = folder.path().join("auth.json");
    private(&auth, &with(logins, read(containers.as_deref())))?;
    environment.insert("DOCKER_CONFIG".into(), ours.into());
    environment.insert("REGISTRY_AUTH_FILE".into(), auth.into());
    Ok(())
}

/// The folder that a variable names, or this one in the person's home.
fn home(environment: &Variables, variable: &str, name: &str) -> Option<PathBuf> {
    let named = environment.get(&OsString::from(variable)).map(PathBuf::from);
    named.or_else(|| Some(Path::new(environment.get(&OsString::from("HOME"))?).join(name)))
}

/// Where podman and buildah keep logins, where there are any.
fn containers(environment: &Variables) -> Option<PathBuf> {
    let named = environment.get(&OsString::from("REGISTRY_AUTH_FILE")).map(PathBuf::from);
    let runtime = environment.get(&OsString::from("XDG_RUNTIME_DIR"));
    let of_session = runtime.map(|runtime| Path::new(runtime).join("containers").join("auth.json"));
    named.or(of_session).filter(|file| file.is_file())
}

/// A configuration that is there, or none.
fn read(file: Option<&Path>) -> Map<String, Value> {
    let bytes = file.and_then(|file| fs::read(file).ok()).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// The configuration with these logins in it.
///
/// A store for all credentials would be asked in place of what is written here. It is asked for each registry that it
/// is known to have instead.
fn with(logins: &[RegistryLogin], mut own: Map<String, Value>) -> Vec<u8> {
    let store = own.remove("credsStore");
    let mut auths = own.remove("auths").and_then(object).unwrap_or_default();
    let mut helpers = own.remove("credHelpers").and_then(object).unwrap_or_default();
    if let Some(store) = store {
        for registry in auths.keys().filter(|registry| !helpers.contains_key(*registry)).cloned().collect::<Vec<_>>() {
            helpers.insert(registry, store.clone());
        }
    }
    for login in logins {
        helpers.remove(&login.registry);
        auths.insert(login.registry.clone(), login.entry());
    }
    own.insert("auths".to_owned(), Value::Object(auths));
    own.insert("credHelpers".to_owned(), Value::Object(helpers));
    Value::Object(own).to_string().into_bytes()
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    }
}

/// Writes a file that only its owner can read, from its first moment on.
fn private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(file)?, bytes)
}

#[cfg(unix)]
fn keep(docker: Option<&Path>, ours: &Path, name: &str) -> io::Result<()> {
    match docker.map(|docker| docker.join(name)).filter(|there| there.exists()) {
        Some(there) => std::os::unix::fs::symlink(fs::canonicalize(there)?, ours.join(name)),
        None => Ok(()),
    }
}

/// Where links need a privilege of their own, docker's plugins must be installed for everybody.
#[cfg(not(unix))]
fn keep(_docker: Option<&Path>, _ours: &Path, _name: &str) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> RegistryLogin {
        RegistryLogin::new("111111111111.dkr.ecr.us-west-2.amazonaws.com", "AWS", "hunter2hunter2")
    }

    fn merged(own: &Value) -> Value {
        serde_json::from_slice(&with(&[login()], object(own.clone()).unwrap())).unwrap()
    }

    #[test]
    fn a_login_cannot_be_printed() {
        assert!(!format!("{:?}", login()).contains("hunter2"));
    }

    #[test]
    fn what_a_person_has_configured_stays_in_force() {
        let own = json!({ "auths": { "ghcr.io": { "auth": "eA==" } }, "proxies": { "default": {} } });
        let merged = merged(&own);
        assert_eq!(merged["auths"]["ghcr.io"]["auth"], "eA==");
        assert!(merged["proxies"]["default"].is_object());
        assert_eq!(merged["auths"]["111111111111.dkr.ecr.us-west-2.amazonaws.com"]["auth"], "QVdTOmh1bnRlcjJodW50ZXIy");
    }

    #[test]
    fn a_store_of_credentials_is_asked_for_what_it_has_and_not_for_ours() {
        let merged = merged(&json!({ "credsStore": "desktop", "auths": { "https://index.docker.io/v1/": {} },
            "credHelpers": { "111111111111.dkr.ecr.us-west-2.amazonaws.com": "ecr-login" } }));
        assert_eq!(merged.get("credsStore"), None);
        assert_eq!(merged["credHelpers"], json!({ "https://index.docker.io/v1/": "desktop" }));
    }

    #[cfg(unix)]
    #[test]
    fn the_files_are_for_their_owner_alone_and_plugins_are_still_found() {
        use std::os::unix::fs::PermissionsExt as _;

        let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(home.path().join(".docker/cli-plugins")).unwrap();
        fs::write(home.path().join(".docker/cli-plugins/docker-buildx"), "").unwrap();
        let mut environment = Variables::from([(OsString::from("HOME"), home.path().into())]);
        log_in(&[login()], &folder, &mut environment).unwrap();
        let docker = Path::new(&environment[&OsString::from("DOCKER_CONFIG")]).to_owned();
        let auth = Path::new(&environment[&OsString::from("REGISTRY_AUTH_FILE")]).to_owned();
        for file in [docker.join("config.json"), auth] {
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        }
        assert!(docker.join("cli-plugins/docker-buildx").is_file());
    }

    #[test]
    fn without_logins_a_persons_own_configuration_is_used() {
        let (folder, mut environment) = (tempfile::tempdir().unwrap(), Variables::new());
        log_in(&[], &folder, &mut environment).unwrap();
        assert!(environment.is_empty());
    }
}
