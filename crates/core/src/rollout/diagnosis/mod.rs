//! Why a rollout ended badly: from what was seen to a named cause and what to do about it.
//!
//! It asks nothing and decides nothing: a promotion fails for its verdict, and the diagnosis explains it to people.

mod gathered;
mod told;

mod catalogue;
mod kind;

mod text;
mod words;

mod select;

mod exits;
mod findings;

mod diagnose;

mod page;
mod print;

pub use diagnose::diagnose;
pub use exits::exit_code_in_words;
pub use gathered::{Evidence, Facts};
pub use kind::CauseKind;
pub use page::diagnosis_markdown;
pub use told::{Cause, Diagnosis, SeenTask};
pub use words::recognise;

#[cfg(test)]
mod tests;
