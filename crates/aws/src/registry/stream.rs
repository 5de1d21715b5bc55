//! The bytes of a layer, one piece after another, from a registry or from this machine.
//!
//! It checks nothing: whoever reads it counts and hashes.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use tokio::{fs::File, io::AsyncReadExt as _, time::timeout};
use towpath_core::ports::Fault;

use super::answer::{Failed, What};

/// How much of a file is read at a time.
const PIECE: usize = 256 * 1024;

/// A layer that is being read.
pub(super) enum Stream {
    /// From a registry.
    Answer {
        /// Its answer.
        response: Response,
        /// How many bytes at its beginning are known already, because it could not begin later.
        skip: u64,
        /// How long nothing may come.
        patience: Duration,
    },
    /// From a file.
    File(File),
}

const WHAT: &str = "ecr:GetDownloadUrlForLayer";

impl Stream {
    /// The next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Failed> {
        match self {
            Self::Answer { response, skip, patience } => answered(response, skip, *patience).await,
            Self::File(file) => {
                let mut piece = BytesMut::with_capacity(PIECE);
                let read = file.read_buf(&mut piece).await;
                let read = read.map_err(|error| What::read(WHAT).failed(Fault::Rejected, error.to_string()))?;
                Ok((read > 0).then(|| piece.freeze()))
            }
        }
    }
}

async fn answered(response: &mut Response, skip: &mut u64, patience: Duration) -> Result<Option<Bytes>, Failed> {
    let what = What::read(WHAT);
    loop {
        let piece = timeout(patience, response.chunk()).await.map_err(|_| what.late(patience))?;
        let Some(mut piece) = piece.map_err(|error| what.lost(error))? else {
            return Ok(None);
        };
        let skipped = usize::try_from(*skip).unwrap_or(usize::MAX).min(piece.len());
        *skip -= skipped as u64;
        drop(piece.split_to(skipped));
        if !piece.is_empty() {
            return Ok(Some(piece));
        }
    }
}
