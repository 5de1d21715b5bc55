//! Who signed an image, and whether that is who an environment wants.
//!
//! What was verified comes in, a verdict goes out. Nothing is verified here and nothing is looked up.

mod rules;

mod evidence;

mod matching;
mod verdict;
mod words;

mod bundle;
mod stored;

#[cfg(test)]
mod tests;

pub use bundle::{Bundle, BundleError, LARGEST, split};
pub use evidence::{Evidence, Found, Signature, Signer, Statement, Workflow};
pub use rules::{Demand, Rules, STATEMENTS};
pub use stored::{BUNDLE_SCHEMA, BundleFormatError, KeptBundle};
pub use verdict::{Other, Verdict, judge};
