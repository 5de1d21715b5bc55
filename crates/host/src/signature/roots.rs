//! The roots that certificates, logs and timestamps must go back to.
//!
//! Nothing is fetched: they come from a file, or were put into the library when this version was made.

use sigstore_verify::{
    PublicKeyVerificationPolicy, VerificationPolicy, Verifier,
    trust_root::{SIGSTORE_GITHUB_TRUSTED_ROOT, SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot},
    types::DerPublicKey,
};
use towpath_core::ports::VerifyError;

/// One trusted root, and what it asks of a signature.
pub(super) struct Root {
    /// The authority of its certificates, for people.
    pub(super) name: String,
    pub(super) verifier: Verifier,
    has_logs: bool,
    has_certificate_logs: bool,
}

impl Root {
    /// What a certificate must show: whatever kind of witness the root knows of, it asks for. A time that somebody
    /// vouches for is always asked for.
    pub(super) fn policy(&self) -> VerificationPolicy {
        let policy = VerificationPolicy::any_identity();
        let policy = if self.has_certificate_logs { policy } else { policy.skip_sct() };
        if self.has_logs { policy } else { policy.skip_tlog_unsafe() }
    }

    /// What a signature with a key must show; nothing where it must be in a log, and the root knows none.
    pub(super) fn key_policy(&self, key: DerPublicKey, log: bool) -> Option<PublicKeyVerificationPolicy> {
        let policy = PublicKeyVerificationPolicy::new(key);
        if log { self.has_logs.then_some(policy) } else { Some(policy.skip_tlog_unsafe()) }
    }

    fn read(json: &str) -> Result<Self, String> {
        let root = TrustedRoot::from_json(json).map_err(|error| chain(&error))?;
        let name =
            root.certificate_authorities.first().map_or("a root without certificates", |first| &first.uri).to_owned();
        let (has_logs, has_certificate_logs) = (!root.tlogs.is_empty(), !root.ctlogs.is_empty());
        let verifier = Verifier::new(&root).map_err(|error| chain(&error))?;
        Ok(Self { name, verifier, has_logs, has_certificate_logs })
    }
}

/// The roots in this text, one or one a line; without a text those of the library.
pub(super) fn roots(text: Option<&str>) -> Result<Vec<Root>, VerifyError> {
    let unusable = |why| VerifyError::Trust { what: "the trusted root".to_owned(), why };
    let Some(text) = text else {
        let known = [SIGSTORE_PRODUCTION_TRUSTED_ROOT, SIGSTORE_GITHUB_TRUSTED_ROOT];
        return known.into_iter().map(|json| Root::read(json).map_err(unusable)).collect();
    };
    let texts: Vec<&str> = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(_) => vec![text],
        Err(_) => text.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
    };
    if texts.is_empty() {
        return Err(unusable("there is none in its file".to_owned()));
    }
    texts.into_iter().map(|json| Root::read(json).map_err(unusable)).collect()
}

/// An error with its causes; those that only repeat the one before are left out.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut told: Vec<String> = Vec::new();
    for cause in causes.map(ToString::to_string) {
        if !told.iter().any(|said| said.contains(&cause)) {
            told.push(cause);
        }
    }
    told.join(": ")
}
