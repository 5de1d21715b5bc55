//! [`Forge`]: an authority, a log and signers of our own, to make bundles with (feature `fakes`).
//!
//! Everything is of today's keys and of no worth elsewhere: what it makes goes back to its own root, [`Forge::root`].
//! It has no log of certificates and no timestamp authority; its log has one entry at a time.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData as _, SanType, SigningKey as _, date_time_ymd,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use towpath_core::identifier::Digest;

/// When its signatures are made: some time in the past, since none may be of the future. In seconds of Unix time.
pub const SIGNED_AT: i64 = 1_735_732_800;

/// The issuer that certificates for workflows of GitHub's name.
pub const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// The statement that GitHub's action makes.
pub const PROVENANCE: &str = "https://slsa.dev/provenance/v1";

const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const STATEMENT: &str = "application/vnd.in-toto+json";
const ORIGIN: &str = "log.forge.example";

/// An authority with a log.
#[derive(Debug)]
pub struct Forge {
    authority: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
    log: KeyPair,
}

/// Whom a certificate names.
#[derive(Debug, Clone)]
pub struct Name {
    /// An address of mail or a URI.
    pub identity: String,
    /// Who vouches for it.
    pub issuer: String,
    /// The repository and the ref that were built, where it is a workflow.
    pub built: Option<(String, String)>,
}

impl Name {
    /// A person, by their address of mail.
    pub fn person(identity: &str) -> Self {
        let (identity, issuer) = (identity.to_owned(), "https://accounts.google.com".to_owned());
        Self { identity, issuer, built: None }
    }

    /// A workflow in a repository of GitHub's, run for a ref.
    pub fn workflow(repository: &str, file: &str, run_for: &str) -> Self {
        let address = format!("https://github.com/{repository}");
        let identity = format!("{address}/.github/workflows/{file}@{run_for}");
        Self { identity, issuer: GITHUB.to_owned(), built: Some((address, run_for.to_owned())) }
    }
}

/// What is to be made; each is something that may be wrong.
#[derive(Debug, Clone)]
pub struct Order {
    /// What the statement is about.
    pub about: Digest,
    /// The statement's type.
    pub predicate: String,
    /// When the log says that it was signed, in seconds of Unix time.
    pub at: i64,
    /// Whether it is in the log.
    pub logged: bool,
}

impl Order {
    /// Provenance of that image, as it should be.
    pub fn of(image: &Digest) -> Self {
        Self { about: image.clone(), predicate: PROVENANCE.to_owned(), at: SIGNED_AT, logged: true }
    }
}

impl Default for Forge {
    fn default() -> Self {
        Self::new()
    }
}

impl Forge {
    /// A new one, whose root nobody else knows.
    ///
    /// # Panics
    /// Where the system has no random numbers.
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("the system gives random numbers");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "forge");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        (params.not_before, params.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2034, 1, 1));
        let certificate = params.self_signed(&key).expect("a certificate of its own").der().to_vec();
        let log = KeyPair::generate().expect("the system gives random numbers");
        Self { authority: Issuer::new(params, key), certificate, log }
    }

    /// Its trusted root, as `trusted-root` names one.
    pub fn root(&self) -> String {
        let since = json!({"start": "2024-01-01T00:00:00Z"});
        let key = self.log.subject_public_key_info();
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [{
                "baseUrl": format!("https://{ORIGIN}"), "hashAlgorithm": "SHA2_256",
                "publicKey": {"rawBytes": STANDARD.encode(&key), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": since},
                "logId": {"keyId": STANDARD.encode(Sha256::digest(&key))},
            }],
            "certificateAuthorities": [{
                "subject": {"organization": "forge", "commonName": "forge"}, "uri": "https://forge.example",
                "certChain": {"certificates": [{"rawBytes": STANDARD.encode(&self.certificate)}]}, "validFor": since,
            }],
            "ctlogs": [], "timestampAuthorities": [],
        })
        .to_string()
    }

    /// A bundle of that signer's.
    ///
    /// # Panics
    /// Where the system has no random numbers.
    pub fn sign(&self, name: &Name, order: &Order) -> Value {
        let key = KeyPair::generate().expect("the system gives random numbers");
        let certificate = self.certify(name, &key);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines(&certificate));
        let material = json!({"certificate": {"rawBytes": STANDARD.encode(&certificate)}});
        self.bundle(&key, &material, &pem, order)
    }

    /// A bundle that is signed with a key of somebody's own.
    pub fn sign_with(&self, key: &KeyPair, order: &Order) -> Value {
        let material = json!({"publicKey": {"hint": "ours"}});
        self.bundle(key, &material, &key.public_key_pem(), order)
    }

    fn certify(&self, name: &Name, key: &KeyPair) -> Vec<u8> {
        let mut params = CertificateParams::default();
        let identity = name.identity.as_str().try_into().expect("a plain name");
        let is_mail = !name.identity.contains("://");
        params.subject_alt_names = vec![if is_mail { SanType::Rfc822Name(identity) } else { SanType::URI(identity) }];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
        (params.not_before, params.not_after) = (date_time_ymd(2025, 1, 1), date_time_ymd(2025, 1, 2));
        params.custom_extensions = vec![claim(8, &name.issuer)];
        if let Some((repository, run_for)) = &name.built {
            params.custom_extensions.extend([claim(9, &name.identity), claim(12, repository), claim(14, run_for)]);
        }
        params.signed_by(key, &self.authority).expect("a certificate of the authority's").der().to_vec()
    }

    fn bundle(&self, key: &KeyPair, material: &Value, verifier: &str, order: &Order) -> Value {
        let digits = order.about.as_str().trim_start_matches("sha256:");
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1", "predicateType": order.predicate, "predicate": {},
            "subject": [{"name": "image", "digest": {"sha256": digits}}],
        })
        .to_string();
        let signed = format!("DSSEv1 {} {STATEMENT} {} {statement}", STATEMENT.len(), statement.len());
        let signature = STANDARD.encode(sign(key, signed.as_bytes()));
        let mut material = material.clone();
        if order.logged {
            let body = json!({"apiVersion": "0.0.1", "kind": "dsse", "spec": {
                "envelopeHash": {"algorithm": "sha256", "value": hex(&Sha256::digest(b"as it was sent"))},
                "payloadHash": {"algorithm": "sha256", "value": hex(&Sha256::digest(&statement))},
                "signatures": [{"signature": signature, "verifier": STANDARD.encode(verifier)}],
            }});
            material["tlogEntries"] = json!([self.entry(&body.to_string(), order.at)]);
        }
        json!({
            "mediaType": BUNDLE, "verificationMaterial": material,
            "dsseEnvelope": {
                "payload": STANDARD.encode(&statement), "payloadType": STATEMENT, "signatures": [{"sig": signature}],
            },
        })
    }

    /// The log with this as its only entry: promised, proven, and its head signed.
    fn entry(&self, body: &str, at: i64) -> Value {
        let id = Sha256::digest(self.log.subject_public_key_info());
        let encoded = STANDARD.encode(body);
        // Its members are in the order of their names, as the promise is signed.
        let promised = format!(r#"{{"body":"{encoded}","integratedTime":{at},"logID":"{}","logIndex":0}}"#, hex(&id));
        let root = Sha256::digest([&[0], body.as_bytes()].concat());
        let head = format!("{ORIGIN}\n1\n{}\n", STANDARD.encode(root));
        let mark = STANDARD.encode([&id[..4], &sign(&self.log, head.as_bytes())].concat());
        json!({
            "logIndex": "0", "logId": {"keyId": STANDARD.encode(id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"}, "integratedTime": at.to_string(),
            "inclusionPromise": {"signedEntryTimestamp": STANDARD.encode(sign(&self.log, promised.as_bytes()))},
            "inclusionProof": {
                "logIndex": "0", "treeSize": "1", "rootHash": STANDARD.encode(root), "hashes": [],
                "checkpoint": {"envelope": format!("{head}\n\u{2014} {ORIGIN} {mark}\n")},
            },
            "canonicalizedBody": encoded,
        })
    }
}

/// A key of somebody's own.
///
/// # Panics
/// Where the system has no random numbers.
pub fn key() -> KeyPair {
    KeyPair::generate().expect("the system gives random numbers")
}

/// The public key in PEM, as `cosign public-key` writes it.
pub fn public(key: &KeyPair) -> String {
    key.public_key_pem()
}

/// One of Fulcio's claims: a text under its arc.
fn claim(number: u64, text: &str) -> CustomExtension {
    let length = match text.len() {
        short @ 0..128 => vec![u8::try_from(short).unwrap_or_default()],
        long => vec![0x82, u8::try_from(long >> 8).unwrap_or(u8::MAX), u8::try_from(long & 0xff).unwrap_or_default()],
    };
    CustomExtension::from_oid_content(
        &[1, 3, 6, 1, 4, 1, 57264, 1, number],
        [&[0x0c][..], &length, text.as_bytes()].concat(),
    )
}

fn sign(key: &KeyPair, message: &[u8]) -> Vec<u8> {
    key.sign(message).expect("a key signs")
}

fn hex(bytes: &[u8]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    halves.filter_map(|half| char::from_digit(u32::from(half), 16)).collect()
}

fn lines(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    lines.join("\n")
}
