//! From the words that were typed to an exit code.

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser as _, error::ErrorKind};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use crate::{
    Arguments, Exit, Output, Printer, Variables, arguments::Command, commands, error::CliError, hint, setting::Context,
    told,
};

/// Runs what the process was started with.
pub fn main() -> ExitCode {
    run(std::env::args_os(), &Printer::standard(), Variables::of_process()).into()
}

/// Runs a command line, the program's name first.
pub fn run<T>(words: impl IntoIterator<Item = T>, printer: &Printer, variables: Variables) -> Exit
where
    T: Into<OsString> + Clone,
{
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => return not_parsed(&error, printer),
    };
    let output = arguments.globals.output;
    let context = Context::new(arguments.globals, printer.clone(), variables);
    match start(arguments.command, &context) {
        Ok(exit) => exit,
        Err(error) => failed(&error, output, printer),
    }
}

fn not_parsed(error: &clap::Error, printer: &Printer) -> Exit {
    let text = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match printer.data(&text) {
            Ok(()) => Exit::Done,
            Err(error) => error.exit(),
        },
        _ => {
            printer.say(&text);
            Exit::Usage
        }
    }
}

fn start(command: Command, context: &Context) -> Result<Exit, CliError> {
    let runtime = runtime(&command).map_err(CliError::Runtime)?;
    let exit = runtime.block_on(dispatch(command, context));
    // What is still blocked on a disk or a name look-up must not hold up the end.
    runtime.shutdown_background();
    exit
}

/// So many connections may have an answer at once: each is given back before anybody asks for the next one.
const TASKS_IN_A_ROW: u32 = 1_024;

/// One thread for whoever waits for others: to hand each answer from one thread to another took more time than all else
/// that is done with it. What blocks has threads of its own. A server answers with two.
fn runtime(command: &Command) -> std::io::Result<Runtime> {
    let is_server = matches!(command, Command::Sim(_));
    let mut builder = if is_server { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    builder.worker_threads(2).event_interval(TASKS_IN_A_ROW).enable_all().build()
}

async fn dispatch(command: Command, context: &Context) -> Result<Exit, CliError> {
    match command {
        Command::Init(args) => commands::init::run(&args, context),
        Command::Check(args) => commands::check::run(&args, context),
        Command::Build(args) => commands::build::run(&args, context).await,
        Command::Plan(args) => commands::plan::run(&args, context).await,
        Command::Release(command) => commands::release::run(&command, context).await,
        Command::Scan(args) => commands::scan::run(&args, context).await,
        Command::Signatures(args) => commands::signatures::run(&args, context).await,
        Command::Promote(args) => commands::promote::run(&args, context).await,
        Command::Rollback(args) => commands::rollback::run(&args, context).await,
        Command::Site(command) => commands::site::run(&command, context).await,
        Command::Continue(args) => commands::go_on::run(&args, context).await,
        Command::Wait(args) => commands::wait::run(&args, context).await,
        Command::Drill(args) => commands::drill::run(&args, context).await,
        Command::Resume(args) => commands::resume::run(&args, context).await,
        Command::Status(args) => commands::status::run(&args, context).await,
        Command::Logs(args) => commands::logs::run(&args, context).await,
        Command::History(args) => commands::history::run(&args, context).await,
        Command::Policy(command) => commands::policy::run(&command, context).await,
        Command::Ledger(command) => commands::ledger::run(&command, context).await,
        Command::Sim(args) => commands::sim::run(&args, context).await,
        Command::Demo(args) => commands::demo::run(&args, context).await,
        Command::Completions(args) => commands::completions::run(&args, context),
    }
}

/// Says what went wrong: the whole chain, then what to do. With JSON, standard output says it too.
fn failed(error: &CliError, output: Output, printer: &Printer) -> Exit {
    let (chain, hint, exit) = (error.chain(), hint::about(error), error.exit());
    printer.say(&told::failure(error));
    if output == Output::Json {
        let document = json!({ "error": chain[0], "causes": chain[1..], "next": hint, "exit_code": exit.code() });
        if let Err(CliError::Output(error)) = printer.json(&document) {
            printer.say(&format!("error: cannot print: {error}"));
        }
    }
    exit
}
