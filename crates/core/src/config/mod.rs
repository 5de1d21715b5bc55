//! `towpath.toml`: from text to values, with the line and column of every mistake.
//!
//! It reads no file: the text comes in, an application or its mistakes go out.

mod application;
mod duration;
mod mistake;
mod parse;

mod building;
mod form;
mod key;
mod keys;
mod publishing;
mod scanning;
mod signing;
mod template;
mod tree;

mod check;
mod complaint;
mod read;

mod page;
mod schema;
mod starter;

#[cfg(test)]
mod tests;

pub use application::{
    Application, Component, Environment, LedgerLocation, OnCancel, OnPause, OnTimeout, ReleaseRules, Service, Site,
    SiteBuild, SiteSource, WhenBusy,
};
pub use duration::{parse_duration, plain_duration};
pub use mistake::{Mistake, Mistakes};
pub use page::reference_markdown;
pub use parse::parse;
pub use schema::schema;
pub use starter::starter;
pub(crate) use template::replace as replace_placeholders;
