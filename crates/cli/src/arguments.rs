//! What can be typed: the global options and the commands.
//!
//! Each command's own options stand beside what it does, in `commands`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::{commands, variables};

/// Moves one immutable release through environments on Amazon ECS, proves that it serves, and puts back the last good
/// one when it does not.
///
/// `towpath demo` shows all of it in a few seconds, without an AWS account.
#[derive(Debug, Parser)]
#[command(name = "towpath", version, propagate_version = false, disable_help_subcommand = true, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Globals {
    /// The configuration; without it, `towpath.toml` is looked for in this folder and those above.
    #[arg(long, global = true, value_name = "PATH", env = variables::CONFIG)]
    pub(crate) config: Option<PathBuf>,
    /// What standard output gets: lines for people, or one JSON document.
    #[arg(long, global = true, value_enum, default_value = "text", env = variables::OUTPUT)]
    pub(crate) output: Output,
    /// Appends every notice to this file while it happens, one JSON document a line; `-` is standard error.
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) events: Option<PathBuf>,
}

/// What standard output gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Lines for people.
    Text,
    /// One JSON document.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(commands::init::Args),
    Check(commands::check::Args),
    Build(commands::build::Args),
    Plan(commands::plan::Args),
    #[command(subcommand)]
    Release(commands::release::Command),
    Scan(commands::scan::Args),
    Signatures(commands::signatures::Args),
    Promote(commands::promote::Args),
    Rollback(commands::rollback::Args),
    #[command(subcommand)]
    Site(commands::site::Command),
    Continue(commands::go_on::Args),
    Resume(commands::resume::Args),
    Wait(commands::wait::Args),
    Drill(commands::drill::Args),
    Status(commands::status::Args),
    Logs(commands::logs::Args),
    History(commands::history::Args),
    #[command(subcommand)]
    Policy(commands::policy::Command),
    #[command(subcommand)]
    Ledger(commands::ledger::Command),
    Sim(commands::sim::Args),
    Demo(commands::demo::Args),
    Completions(commands::completions::Args),
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, error::ErrorKind};

    use super::*;

    fn check(arguments: &str, expected: Option<ErrorKind>) {
        let words = std::iter::once("towpath").chain(arguments.split(' ').filter(|word| !word.is_empty()));
        let found = Arguments::try_parse_from(words).err().map(|error| error.kind());
        assert_eq!(found, expected, "{arguments}");
    }

    #[test]
    fn the_commands_fit_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_is_malformed_is_refused_before_anything_is_done() {
        check("promote dev --release 1.1.0", None);
        check("promote dev --release v1.1.0", Some(ErrorKind::ValueValidation));
        check("promote Dev --release 1.1.0", Some(ErrorKind::ValueValidation));
        check("promote dev", Some(ErrorKind::MissingRequiredArgument));
        check("release create --image api", Some(ErrorKind::ValueValidation));
        check("release create --image api=ghcr.io/a/b@sha256:00", Some(ErrorKind::ValueValidation));
        check("release create --image api=ghcr.io/a/b:v1 --commit abc", Some(ErrorKind::ValueValidation));
        check("history dev --limit 0", Some(ErrorKind::ValueValidation));
        check("scan --release 1.1.0 --file a.json", None);
        check("scan --file a.json", Some(ErrorKind::MissingRequiredArgument));
        check("scan --release 1.1.0 --image a/b --file a.json", Some(ErrorKind::ValueValidation));
        check("signatures --release 1.1.0 --bundle a.jsonl --environment dev", None);
        check("signatures --bundle a.jsonl", Some(ErrorKind::MissingRequiredArgument));
        check("deploy dev", Some(ErrorKind::InvalidSubcommand));
        check("", Some(ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand));
    }

    #[test]
    fn what_is_waited_for_and_who_is_asked_can_be_said() {
        check("wait dev --timeout 10m", None);
        check("wait dev --timeout soon", Some(ErrorKind::ValueValidation));
        check("continue dev --rollback --yes", None);
        check("logs dev api --follow --since 10m --with-events --task 0af1", None);
        check("logs dev api --task x", Some(ErrorKind::ValueValidation));
        check("drill", Some(ErrorKind::MissingRequiredArgument));
        check("build --version 1.4.0 --image proxy=ghcr.io/a/b:v1 --dry-run", None);
        check("build --version v1.4.0", Some(ErrorKind::ValueValidation));
    }

    #[test]
    fn global_options_may_stand_anywhere() {
        check("--output json status", None);
        check("status dev staging --output json --config x.toml --events -", None);
        check("status --output xml", Some(ErrorKind::InvalidValue));
    }
}
