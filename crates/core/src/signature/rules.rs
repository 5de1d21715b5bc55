//! What an environment demands: by whom an image must have been signed, and what they must have stated of it.

use crate::identifier::{GitHubRepository, PredicateType, RefPattern, SignerPattern, TokenIssuer, WorkflowFile};

/// What counts as a signature where nothing is said: cosign's own, and provenance as GitHub's action attests it.
pub const STATEMENTS: [&str; 2] = ["https://slsa.dev/provenance/v1", "https://sigstore.dev/cosign/sign/v1"];

/// What an environment demands of an image's signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// By whom: one of these is enough.
    pub by: Vec<Demand>,
    /// What they must have stated of the image: one of these. A signature of the manifest itself states nothing, and
    /// counts.
    pub statements: Vec<PredicateType>,
    /// The file with the roots that certificates and logs must go back to, from the configuration file; otherwise those
    /// that came with this version.
    pub trusted_root: Option<String>,
}

/// By whom an image must have been signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// By a workflow on GitHub.
    GitHub {
        /// The repository that was built.
        repository: GitHubRepository,
        /// The workflow that signed.
        workflow: WorkflowFile,
        /// The refs that it may have run for.
        refs: Vec<RefPattern>,
    },
    /// By whom the certificate names.
    Identity {
        /// Who.
        identity: SignerPattern,
        /// Who vouched for them.
        issuer: TokenIssuer,
    },
    /// With a key.
    Key {
        /// The file of the public key, from the configuration file.
        file: String,
        /// Whether the signature must be in a transparency log.
        log: bool,
    },
}

impl Rules {
    /// The files of keys, and whether what is signed with each must be in a log.
    pub fn keys(&self) -> impl Iterator<Item = (&str, bool)> {
        self.by.iter().filter_map(|demand| match demand {
            Demand::Key { file, log } => Some((file.as_str(), *log)),
            Demand::GitHub { .. } | Demand::Identity { .. } => None,
        })
    }
}
