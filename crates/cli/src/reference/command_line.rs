//! The page of commands and options.

use clap::{Command, CommandFactory as _};

use crate::Arguments;

/// `docs/reference/command-line.md`.
pub fn command_line() -> String {
    let mut command = Arguments::command().term_width(100).max_term_width(100);
    command.build();
    let mut page = "# The command line\n\n\
         <!-- Written by `cargo xtask generate` from crates/cli/src/commands; do not edit. -->\n\n\
         Data goes to standard output, everything else to standard error.\n\
         With `--output json`, standard output is exactly one JSON document, also for an error; a mistake in what was typed is said on standard error alone.\n\
         `--events PATH` appends every notice as one JSON document a line, with the time as `at`; with `-` they go to standard error, in place of the lines for people.\n"
        .to_owned();
    describe(&mut command, &mut page);
    page
}

fn describe(command: &mut Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned();
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    page.push_str(&["\n## `", &name, "`\n\n```text\n", lines.join("\n").trim(), "\n```\n"].concat());
    command.get_subcommands_mut().for_each(|command| describe(command, page));
}
