//! The demonstration in a process of its own, where the user's variables would lead it elsewhere.
//!
//! AWS's SDK reads `AWS_…` and the proxies' variables whatever it is told, and a process cannot take its own away
//! while threads run. So the same program is started once more without them.

use std::{ffi::OsString, path::PathBuf, process::Command};

use crate::{Exit, error::CliError};

/// Runs this very command without the variables that would lead elsewhere; `None` where there are none, or where this
/// is not the program itself but another that has it as a library.
pub(crate) fn alone() -> Result<Option<Exit>, CliError> {
    let leading: Vec<OsString> =
        std::env::vars_os().map(|(name, _)| name).filter(|name| leads_elsewhere(&name.to_string_lossy())).collect();
    let Some(program) = program().filter(|_| !leading.is_empty()) else {
        return Ok(None);
    };
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1));
    for name in &leading {
        command.env_remove(name);
    }
    let code = command.status().map_err(CliError::Runtime)?.code();
    Ok(Some(Exit::ALL.into_iter().find(|exit| Some(i32::from(exit.code())) == code).unwrap_or(Exit::Errored)))
}

fn program() -> Option<PathBuf> {
    std::env::current_exe().ok().filter(|program| program.file_stem().is_some_and(|name| name == "towpath"))
}

fn leads_elsewhere(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("AWS_") || name.ends_with("_PROXY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_aws_and_of_proxies_lead_elsewhere() {
        for name in ["AWS_PROFILE", "AWS_ENDPOINT_URL", "HTTP_PROXY", "https_proxy", "no_proxy"] {
            assert!(leads_elsewhere(name), "{name}");
        }
        for name in ["PATH", "HOME", "TOWPATH_OUTPUT", "LAWS_X"] {
            assert!(!leads_elsewhere(name), "{name}");
        }
    }
}
