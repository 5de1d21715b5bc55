//! What scanners' files come to, and what becomes of their findings.
//!
//! The files in `fixtures` were written by hand after the types that Trivy and Grype publish; neither was run.

mod judging;
mod reading;
