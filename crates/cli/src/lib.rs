//! The command line of Towpath, as a library, so that the GitHub Action runs the very same code.
//!
//! It talks to people and machines. What may happen is decided in `towpath-core`; it touches AWS and the machine
//! through `towpath-aws` and `towpath-host`.

mod arguments;
mod run;

mod error;
mod exit;
mod foreman;
mod hint;
mod told;

mod plain;
mod printer;
mod table;
mod variables;

mod logs;
mod notices;
mod setting;
mod summary;

mod commands;
mod demo;

pub mod reference;

pub use arguments::{Arguments, Output};
pub use exit::Exit;
pub use plain::{harmless, one_line};
pub use printer::Printer;
pub use run::{main, run};
pub use told::told;
/// What `diagnosis` is in the document of an ending.
pub use towpath_core::rollout::Diagnosis;
pub use variables::Variables;
