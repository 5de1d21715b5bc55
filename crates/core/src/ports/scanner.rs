//! The Scanner port: a program on the machine that looks for vulnerabilities in images.
//!
//! What it writes is read and judged by [`crate::scan`].

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    identifier::{ComponentName, ImageReference},
    scan::Scanner,
};

use super::{BuildOutput, ImageLayout};

/// Where the one image is that is to be scanned. It is no index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanTarget {
    /// On this machine. The layout may hold others beside it.
    Layout(ImageLayout),
    /// In its registry.
    Registry(ImageReference),
}

/// What a scanner wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an image whose report is dropped was not scanned"]
pub struct ScannerReport {
    /// Its report, in its own form.
    pub document: Vec<u8>,
    /// When its database was made, where it says so elsewhere than in the report.
    pub database: Option<Timestamp>,
}

/// A scanner that may be run: of the version that is pinned.
#[async_trait]
pub trait ImageScanner: Send + Sync {
    /// The program.
    fn scanner(&self) -> Scanner;

    /// Looks into one image.
    ///
    /// Guarantees: the report is about that image and no other; what the program prints is given to `output` as it
    /// comes; nothing of the image is changed.
    ///
    /// Idempotence: a newer database may find more.
    ///
    /// Errors: any; what the program printed last is in it.
    async fn scan(
        &self,
        component: &ComponentName,
        target: &ScanTarget,
        output: &dyn BuildOutput,
    ) -> Result<ScannerReport, ScannerError>;
}

/// Why a scanner wrote no report. It says nothing about the image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScannerError {
    /// The program failed.
    #[error("{scanner} ended with {status}{}", last(.tail))]
    Failed {
        /// The program.
        scanner: Scanner,
        /// How it ended.
        status: String,
        /// What it printed last.
        tail: Vec<String>,
    },
    /// It took too long.
    #[error("{scanner} did not end within {} s{}", .after.as_secs(), last(.tail))]
    TimedOut {
        /// The program.
        scanner: Scanner,
        /// How long it was given.
        after: Duration,
        /// What it printed last.
        tail: Vec<String>,
    },
    /// It ended well and wrote nothing.
    #[error("{scanner} ended well and wrote no report{}", last(.tail))]
    NoReport {
        /// The program.
        scanner: Scanner,
        /// What it printed last.
        tail: Vec<String>,
    },
    /// The machine failed.
    #[error("{action} failed: {reason}")]
    Machine {
        /// What was done.
        action: String,
        /// Why.
        reason: String,
    },
}

/// What was printed last, in one line: it becomes part of a reason.
fn last(tail: &[String]) -> String {
    tail.last().map(|line| format!("; it printed last: {line}")).unwrap_or_default()
}
