//! What a registry has around it: the store of its layers, and the address at which they can be fetched.
//!
//! Every registry of a simulator shares it.

use std::io::{self, Read as _};

use jiff::{SignedDuration, Timestamp};

use super::{configuration::Configuration, layer::Layer};
use crate::{api::sha256, content::BlobStore, world::Place};

/// How long the address of a layer is good.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// The store and the address.
#[derive(Debug, Clone, Default)]
pub(crate) struct Site {
    /// Where the simulator listens, for example `http://127.0.0.1:4599`.
    pub(crate) endpoint: String,
    pub(crate) store: BlobStore,
}

impl Site {
    /// The layer that was uploaded with `digest`, which is read if it may be an image's configuration.
    pub(crate) fn layer(&self, digest: &str, size: u64) -> io::Result<Layer> {
        if size > Configuration::LARGEST {
            return Ok(Layer::stored(size, None));
        }
        let mut document = Vec::new();
        self.store.open_layer(digest)?.read_to_end(&mut document)?;
        Ok(Layer::stored(size, Some(&document)))
    }

    /// The address of a layer, good for an hour from `now` on.
    pub(crate) fn address(&self, place: &Place, repository: &str, digest: &str, now: Timestamp) -> String {
        let expires = now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX).as_second();
        let path = format!("/_layers/{place}/{repository}/{digest}");
        format!("{}{path}?expires={expires}&signature={}", self.endpoint, signature(&path, expires))
    }
}

/// What shows that the simulator gave out a path until an instant. It keeps mistakes out, and nobody else.
pub(crate) fn signature(path: &str, expires: i64) -> String {
    sha256(format!("simulated {path} {expires}")).replace("sha256:", "")
}
