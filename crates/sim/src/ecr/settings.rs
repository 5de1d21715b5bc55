//! What the simulator cannot know about ECR, or what a test wants otherwise, as values.
//!
//! Each member says where its default comes from; *guess* means that no source states it and that a client should
//! survive either value.

use serde::{Deserialize, Serialize};

use super::scanning::ScanType;

const DAY: f64 = 86_400.0;

/// The settings of every simulated ECR, as `[registry]` of a scenario has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in a file that people write")]
pub struct RegistryKnobs {
    /// Whether a manifest is refused whose layers are not in the repository. AWS documents that it is; without it
    /// manifests can be tried without their layers.
    pub layers_must_exist: bool,
    /// Whether a push of the same image under an immutable tag that it has already is refused over the registry's own
    /// API. Users report that it is; `PutImage` answers `ImageAlreadyExistsException` either way.
    pub refuse_same_push: bool,
    /// Whether `Authorization: Bearer` is taken in place of `Basic`. Users report that it is not.
    pub bearer: bool,
    /// Whether `GET` of a manifest answers `Docker-Content-Digest`, as `HEAD` does. Users report that it does not.
    pub digest_on_get: bool,
    /// Whether `GET` of a layer is answered with the address of the layer, as AWS documents, or with the layer.
    pub redirect_layers: bool,
    /// Whether `GetAuthorizationToken` names the simulator's own address, so that clients find the registry, or the
    /// address that AWS would name.
    pub loopback_endpoint: bool,
    /// Whether a chunk of an upload is answered 202, as the specification says. Users report 201.
    pub chunk_is_accepted: bool,
    /// Whether the `Range` of an upload goes on after its first chunk. Users report that it stays there.
    pub range_advances: bool,
    /// Whether a layer without any bytes is refused over the registry's own API. A guess; the control API refuses it.
    pub refuse_empty_layers: bool,
    /// Whether a manifest can be deleted over the registry's own API. It can by now; for years it could not.
    pub delete_by_registry: bool,
    /// Whether a manifest of a type that the client does not accept is refused. A guess.
    pub refuse_unaccepted: bool,
    /// Whether a repository without a policy lets other accounts read. AWS does not; scenarios without policies need it.
    pub open_reads: bool,
    /// How long after it was put a lifecycle policy is applied, and how long from one time to the next, in seconds of
    /// simulated time. AWS says within a day.
    pub lifecycle_every: f64,
    /// Whether the registries scan once, or by Inspector for ever, until somebody sets them up otherwise.
    pub scan_type: ScanType,
    /// Whether an index can be scanned as one. A guess: it cannot, and its images can.
    pub scan_indexes: bool,
    /// How long after a scan the next one of the same image can be begun, in seconds. AWS says a day.
    pub scan_again_after: f64,
    /// Whether `DescribeImages` shows how a scan ended. AWS's newer basic scanning does not.
    pub scans_in_images: bool,
}

impl Default for RegistryKnobs {
    fn default() -> Self {
        Self {
            layers_must_exist: true,
            refuse_same_push: true,
            bearer: false,
            digest_on_get: false,
            redirect_layers: true,
            loopback_endpoint: true,
            chunk_is_accepted: false,
            range_advances: false,
            refuse_empty_layers: false,
            delete_by_registry: true,
            refuse_unaccepted: true,
            open_reads: true,
            lifecycle_every: DAY,
            scan_type: ScanType::Basic,
            scan_indexes: false,
            scan_again_after: DAY,
            scans_in_images: false,
        }
    }
}
