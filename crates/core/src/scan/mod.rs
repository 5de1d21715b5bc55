//! What scanners found in an image, and whether that may be brought into an environment.
//!
//! Reports come in as bytes or from a registry, a verdict goes out. Nothing is scanned here and nothing is looked up.

mod severity;

mod finding;
mod report;

mod pin;
mod rules;

mod verdict;
mod words;

pub mod read;

mod stored;

mod handed;

#[cfg(test)]
mod tests;

pub use finding::{Finding, InstalledVersion};
pub use handed::handed;
pub use pin::{Pin, PublishRules, Scanner, Scanners};
pub use report::{Found, Report, Scan, Tool};
pub use rules::{Allowance, Maximum, Origin, Rules, Unscanned};
pub use severity::{Counts, Severity};
pub use stored::{KeptReport, REPORT_SCHEMA, ReportFormatError};
pub(crate) use words::some;

pub use verdict::{Allowed, Over, Summary, Verdict, Worst, judge};
