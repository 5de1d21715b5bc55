//! [`BundleVerifier`]: the Verifier port.
//!
//! A bundle with a certificate is verified against each root, one with a key against each key; one success is enough.

use serde::Deserialize;
use sigstore_verify::{
    VerificationResult,
    crypto::FulcioCiClaims,
    types::{Bundle, DerPublicKey, Sha256Hash, SignatureContent},
};
use towpath_core::{
    identifier::{Digest, PredicateType},
    ports::{Trust, TrustedKey, Verified, Verifier, VerifyError},
    signature::{LARGEST, Signer, Statement, Workflow},
};

use super::roots::{Root, chain, roots};

/// The longest name in a certificate that is believed to be one.
const LONGEST_NAME: usize = 2048;

/// Verifies Sigstore's bundles, offline.
#[derive(Debug, Clone, Copy, Default)]
pub struct BundleVerifier;

impl BundleVerifier {
    /// One that fetches nothing.
    pub fn new() -> Self {
        Self
    }
}

impl Verifier for BundleVerifier {
    fn verify(&self, bundle: &[u8], image: &Digest, trust: &Trust) -> Result<Verified, VerifyError> {
        let roots = roots(trust.roots.as_deref())?;
        let keys = trust.keys.iter().map(public_key).collect::<Result<Vec<_>, _>>()?;
        let bundle = read(bundle)?;
        let artifact = Sha256Hash::from_hex(image.as_str().trim_start_matches("sha256:")).map_err(refused)?;
        let statement = statement(&bundle)?;
        match bundle.signing_certificate() {
            Some(_) => by_certificate(&bundle, artifact, &roots, statement),
            None => by_key(&bundle, artifact, &roots, &keys, statement),
        }
    }
}

fn by_certificate(
    bundle: &Bundle,
    artifact: Sha256Hash,
    roots: &[Root],
    statement: Statement,
) -> Result<Verified, VerifyError> {
    let mut why = Vec::new();
    for root in roots {
        match root.verifier.verify(artifact, bundle, &root.policy()) {
            Ok(result) => return Ok(verified(certified(&result)?, statement, &result)),
            Err(error) => why.push(format!("against {}: {}", root.name, chain(&error))),
        }
    }
    Err(VerifyError::Refused(why.join("; ")))
}

fn by_key(
    bundle: &Bundle,
    artifact: Sha256Hash,
    roots: &[Root],
    keys: &[(&TrustedKey, DerPublicKey)],
    statement: Statement,
) -> Result<Verified, VerifyError> {
    let mut why = Vec::new();
    for (key, public_key) in keys {
        for root in roots {
            let Some(policy) = root.key_policy(public_key.clone(), key.log) else { continue };
            match root.verifier.verify(artifact, bundle, &policy) {
                Ok(result) => {
                    let by = Signer::Key { file: key.file.clone() };
                    return Ok(verified(by, statement, &result));
                }
                Err(error) => why.push(format!("with {} against {}: {}", key.file, root.name, chain(&error))),
            }
        }
    }
    if why.is_empty() {
        why.push("it was made with a key, and none is trusted here".to_owned());
    }
    Err(VerifyError::Refused(why.join("; ")))
}

fn verified(by: Signer, statement: Statement, result: &VerificationResult) -> Verified {
    let at = result.verified_timestamps().iter().min().copied().or(result.integrated_time());
    Verified { by, statement, at, logged: result.tlog_verified() }
}

/// Whom the certificate names, after it was verified.
fn certified(result: &VerificationResult) -> Result<Signer, VerifyError> {
    let nobody = || VerifyError::Refused("its certificate does not say who signed, or who vouches for that".to_owned());
    if !result.certificate_verified() {
        return Err(nobody());
    }
    let named = |name: &str| (!name.is_empty() && name.len() <= LONGEST_NAME).then(|| name.to_owned());
    let identity = result.identity().and_then(|identity| named(identity.as_str())).ok_or_else(nobody)?;
    let issuer = result.issuer().and_then(named).ok_or_else(nobody)?;
    let workflow = result.certificate().map(|certificate| &certificate.ci_claims).and_then(workflow).map(Box::new);
    Ok(Signer::Certificate { identity, issuer, workflow })
}

fn workflow(claims: &FulcioCiClaims) -> Option<Workflow> {
    let workflow = Workflow {
        repository: claims.source_repository_uri.clone(),
        source_ref: claims.source_repository_ref.clone(),
        commit: claims.source_repository_digest.clone(),
        file: claims.build_signer_uri.clone(),
        run: claims.run_invocation_uri.clone(),
    };
    (workflow != Workflow::default()).then_some(workflow)
}

/// What was signed. That the statement is about the image, and the signature about the statement, is verified later.
fn statement(bundle: &Bundle) -> Result<Statement, VerifyError> {
    #[derive(Deserialize)]
    struct Stated {
        #[serde(rename = "_type")]
        kind: String,
        #[serde(rename = "predicateType")]
        predicate: PredicateType,
    }
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else {
        return Ok(Statement::Manifest);
    };
    let stated: Stated = serde_json::from_slice(envelope.payload.as_bytes()).map_err(refused)?;
    if !stated.kind.starts_with("https://in-toto.io/Statement/") {
        return Err(VerifyError::Refused("what was signed is no statement of in-toto's".to_owned()));
    }
    Ok(Statement::Attested { predicate: stated.predicate })
}

fn read(bundle: &[u8]) -> Result<Bundle, VerifyError> {
    if bundle.len() > LARGEST {
        return Err(VerifyError::Refused(format!("it is larger than {} MiB", LARGEST / 1024 / 1024)));
    }
    let text = std::str::from_utf8(bundle).map_err(refused)?;
    Bundle::from_json(text).map_err(refused)
}

fn public_key(key: &TrustedKey) -> Result<(&TrustedKey, DerPublicKey), VerifyError> {
    let unusable = |why| VerifyError::Trust { what: format!("the key {}", key.file), why };
    let public = DerPublicKey::from_pem(&key.pem).map_err(|error| unusable(chain(&error)))?;
    sigstore_verify::crypto::KeyAlgorithm::from_spki(&public).map_err(|error| unusable(chain(&error)))?;
    Ok((key, public))
}

fn refused(error: impl std::error::Error) -> VerifyError {
    VerifyError::Refused(chain(&error))
}
