//! The reference pages that the program itself writes, so that they cannot be wrong.

mod command_line;
mod environment;
mod exit_codes;

pub use command_line::command_line;
pub use environment::environment;
pub use exit_codes::exit_codes;
