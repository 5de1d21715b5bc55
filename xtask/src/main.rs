//! Towpath's chores: `cargo xtask CHORE`. Continuous integration runs these and the README's test command, nothing else.
//!
//! A chore is a module of its own and a line in [`CHORES`]. Nothing here is needed to build or use Towpath.

mod bench;
mod ci;
mod generate;
mod images;
mod peers;
mod scenarios;
mod tidy;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result};

/// A chore: its name, what it does, and the doing.
struct Chore {
    name: &'static str,
    about: &'static str,
    run: fn(&Path) -> Result<()>,
}

/// The one chore that has options.
const BENCH: &str = "bench";
/// The one that can be done in part.
const PEERS: &str = "peers";

const CHORES: [Chore; 10] = [
    Chore { name: "ci", about: "everything below, then the tests", run: ci::all },
    Chore { name: "format", about: "whether all is formatted", run: ci::format },
    Chore { name: "lints", about: "whether clippy is content", run: ci::lints },
    Chore { name: "docs", about: "whether the documentation builds without a warning", run: ci::docs },
    Chore { name: "tidy", about: "whether the house rules that no compiler knows are kept", run: tidy::tidy },
    Chore { name: "test", about: "the tests of the whole workspace", run: ci::test },
    Chore {
        name: PEERS,
        about: "whether other people's clients and servers agree with ours; or some: `peers NAME…`",
        run: peers::peers,
    },
    Chore { name: "containers", about: "how rollouts with real containers end; needs podman", run: peers::containers },
    Chore { name: "scenarios", about: "how each scenario of tests/scenarios stands", run: scenarios::scenarios },
    Chore { name: "generate", about: "write the generated pages", run: generate::all },
];

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let [name, options @ ..] = &asked[..]
        && name == BENCH
    {
        return ended(name, root().and_then(|root| bench::bench(&root, options)));
    }
    if let [name, peers @ ..] = &asked[..]
        && name == PEERS
        && !peers.is_empty()
    {
        return ended(name, root().and_then(|root| peers::some(&root, peers)));
    }
    let chore = CHORES.iter().find(|chore| asked.len() == 1 && asked[0] == chore.name);
    let Some(chore) = chore else {
        say(&usage());
        return ExitCode::from(2);
    };
    ended(chore.name, root().and_then(|root| (chore.run)(&root)))
}

fn ended(name: &str, result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{name}: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let bench = (BENCH, "what Towpath costs beside other tools; `--runs N`");
    let chores: Vec<String> = CHORES
        .iter()
        .map(|chore| (chore.name, chore.about))
        .chain([bench])
        .map(|(name, about)| format!("  {name:<10}{about}"))
        .collect();
    format!("cargo xtask CHORE\n\n{}", chores.join("\n"))
}

/// The folder of the workspace.
fn root() -> Result<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(own.parent().context("the chores' folder is in the workspace")?.to_owned())
}

/// Tells the person who runs the chore.
fn say(line: &str) {
    // Who has closed the output does not want to know.
    drop(writeln!(std::io::stdout(), "{line}"));
}
