//! What a scanner that we ran ourselves said of the image that it was handed.

use jiff::Timestamp;

use crate::{
    identifier::{Digest, Sha256},
    ports::ScannerReport,
};

use super::{
    KeptReport, REPORT_SCHEMA,
    read::{ReadError, read},
};

/// The report on the image that the scanner was handed.
///
/// What it was handed is known, so that a report that names no image is about that one. One that names others is not.
///
/// # Errors
/// When the report cannot be read, or names another image.
pub fn handed(report: &ScannerReport, image: &Digest, by: &str, now: Timestamp) -> Result<KeptReport, ReadError> {
    let scanned = read(&report.document)?.with_database(report.database);
    Ok(KeptReport {
        schema: REPORT_SCHEMA,
        received_at: now,
        received_by: by.to_owned(),
        source: Sha256::of(&report.document),
        report: scanned.about_handed(image)?,
    })
}
