//! `towpath init`: writes a commented configuration to begin with.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write as _},
};

use serde_json::json;
use towpath_core::{config::starter, identifier::AppName};

use crate::{
    Exit,
    error::CliError,
    setting::{Context, Project},
};

/// Writes a commented towpath.toml to begin with. Overwrites nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The application's name; without it, the folder's.
    #[arg(long, value_name = "NAME")]
    app: Option<AppName>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let app = args.app.clone().map_or_else(of_folder, Ok)?;
    let path = Project::new_file(context);
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(&path).map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => CliError::AlreadyThere(path.clone()),
            _ => CliError::Unwritable { path: path.clone(), source },
        })?;
    let written = file.write_all(starter(&app).as_bytes());
    written.map_err(|source| CliError::Unwritable { path: path.clone(), source })?;
    let text = format!(
        "wrote {} for {app}\nnext: put in your accounts, clusters and services, then run `towpath check`",
        path.display()
    );
    context.result(|| text, &json!({ "file": path, "app": app }))?;
    Ok(Exit::Done)
}

/// The folder's name, made into an application's.
fn of_folder() -> Result<AppName, CliError> {
    let folder = Context::folder()?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    label(&name).parse().map_err(CliError::NoAppName)
}

fn label(name: &str) -> String {
    let plain = |character: char| {
        if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' }
    };
    let label: String = name.chars().map(plain).collect();
    let label = label.trim_start_matches(|first: char| !first.is_ascii_lowercase()).trim_end_matches('-');
    label.chars().take(63).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_named_after_its_folder() {
        for (folder, expected) in [("My Shop", "my-shop"), ("2shop_", "shop"), ("é", ""), ("shop", "shop")] {
            assert_eq!(label(folder), expected, "{folder}");
        }
    }
}
