//! An OCI image layout, read and judged: <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>.
//!
//! It opens no file: `index.json` comes in as bytes, and objects are asked for by digest. What is read here is hashed
//! here; layers are not read, and the caller hashes them.

use serde::Deserialize;

use crate::{
    identifier::{Digest, PredicateType},
    ports::Platform,
    release::Attestation,
};

use super::{
    content::{Content, ContentError, Descriptor, Kind},
    platform::is_same,
};

/// How deep one index may be in another.
const DEEPEST: usize = 3;

/// The annotation by which `BuildKit` marks an attestation in an index.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
const ATTESTATION: &str = "attestation-manifest";
const REFERENCE_DIGEST: &str = "vnd.docker.reference.digest";
const PREDICATE: &str = "in-toto.io/predicate-type";

/// Reads a layout whose objects `object` gives by digest, and holds it against the platforms that were asked for.
///
/// # Errors
/// Where there is no image, more than one, an empty one, one for another platform, attestations alone; or where an
/// object is missing, is not what its digest says, or cannot be understood.
pub fn read(
    index: &[u8],
    wanted: &[Platform],
    object: impl Fn(&Digest) -> Option<Vec<u8>>,
) -> Result<Content, ContentError> {
    let index: Index = parse("index.json", index)?;
    let root = match index.manifests.as_slice() {
        [] => return Err(ContentError::Nothing),
        [root] => root.clone(),
        [_, ..] => return Err(ContentError::Several(index.manifests.len())),
    };
    let mut reader = Reader { object, found: Found::default() };
    reader.entry(&root, 0)?;
    let Found { platforms, images, attestations, objects } = reader.found;
    if platforms.is_empty() {
        return Err(if attestations.is_empty() { ContentError::Nothing } else { ContentError::OnlyAttestations });
    }
    require(wanted, &platforms)?;
    Ok(Content { root: root.descriptor(), platforms, images, attestations, objects })
}

fn require(wanted: &[Platform], found: &[Platform]) -> Result<(), ContentError> {
    let has = |all: &[Platform], one: &Platform| all.iter().any(|other| is_same(one, other));
    let fits = wanted.iter().all(|platform| has(found, platform)) && found.iter().all(|platform| has(wanted, platform));
    if wanted.is_empty() || fits {
        return Ok(());
    }
    Err(ContentError::OtherPlatforms { wanted: wanted.to_vec(), found: found.to_vec() })
}

struct Reader<O> {
    object: O,
    found: Found,
}

#[derive(Default)]
struct Found {
    platforms: Vec<Platform>,
    images: Vec<Digest>,
    attestations: Vec<Attestation>,
    objects: Vec<Descriptor>,
}

impl<O: Fn(&Digest) -> Option<Vec<u8>>> Reader<O> {
    fn entry(&mut self, entry: &Entry, depth: usize) -> Result<(), ContentError> {
        let bytes = self.bytes(entry)?;
        if entry.is_index() {
            let unreadable =
                |reason: &str| ContentError::Unreadable { what: entry.digest.to_string(), reason: reason.to_owned() };
            if depth >= DEEPEST {
                return Err(unreadable("too many indexes in one another"));
            }
            let index: Index = parse(entry.digest.as_str(), &bytes)?;
            index.manifests.iter().try_for_each(|below| self.entry(below, depth + 1))?;
        } else {
            self.manifest(entry, &parse(entry.digest.as_str(), &bytes)?)?;
        }
        self.add(entry);
        Ok(())
    }

    fn manifest(&mut self, entry: &Entry, manifest: &Manifest) -> Result<(), ContentError> {
        let configuration = self.bytes(&manifest.config)?;
        match entry.attests() {
            Some(subject) => self.attestation(entry, &subject?, manifest)?,
            None => self.image(entry, manifest, &configuration)?,
        }
        manifest.layers.iter().chain([&manifest.config]).for_each(|blob| self.add_as(blob, Kind::Blob));
        Ok(())
    }

    fn image(&mut self, entry: &Entry, manifest: &Manifest, configuration: &[u8]) -> Result<(), ContentError> {
        let configured: Configuration = parse(manifest.config.digest.as_str(), configuration)?;
        let platform = entry.platform.clone().filter(|platform| platform.os != "unknown");
        let platform = Platform::from(platform.unwrap_or(configured));
        if manifest.layers.is_empty() {
            return Err(ContentError::Empty(platform));
        }
        self.found.platforms.push(platform);
        self.found.images.push(entry.digest.clone());
        Ok(())
    }

    fn attestation(&mut self, entry: &Entry, subject: &Digest, manifest: &Manifest) -> Result<(), ContentError> {
        for layer in &manifest.layers {
            let Some(predicate) = layer.annotation(PREDICATE) else {
                continue;
            };
            let predicate: PredicateType =
                predicate.parse().map_err(|invalid| unreadable(entry.digest.as_str(), &invalid))?;
            let (subject, manifest) = (subject.clone(), entry.digest.clone());
            self.found.attestations.push(Attestation { predicate, subject, manifest });
        }
        Ok(())
    }

    /// The object, which is what it is named by.
    fn bytes(&self, entry: &Entry) -> Result<Vec<u8>, ContentError> {
        let bytes = (self.object)(&entry.digest).ok_or_else(|| ContentError::Missing(entry.digest.clone()))?;
        let (found, size) = (Digest::of(&bytes), u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if found != entry.digest {
            return Err(ContentError::OtherDigest { named: entry.digest.clone(), found });
        }
        if size != entry.size {
            return Err(ContentError::OtherSize { digest: entry.digest.clone(), named: entry.size, found: size });
        }
        Ok(bytes)
    }

    fn add(&mut self, entry: &Entry) {
        self.add_as(entry, entry.kind());
    }

    fn add_as(&mut self, entry: &Entry, kind: Kind) {
        let descriptor = Descriptor { kind, digest: entry.digest.clone(), size: entry.size };
        if !self.found.objects.contains(&descriptor) {
            self.found.objects.push(descriptor);
        }
    }
}

/// What is read of an index; other members are the business of whoever pulls.
#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Entry>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Entry,
    #[serde(default)]
    layers: Vec<Entry>,
}

#[derive(Debug, Clone, Deserialize)]
struct Entry {
    #[serde(rename = "mediaType", default)]
    media_type: String,
    digest: Digest,
    size: u64,
    platform: Option<Configuration>,
    annotations: Option<serde_json::Map<String, serde_json::Value>>,
}

/// An image's configuration, and an index's word on a platform: both name it alike.
#[derive(Debug, Clone, Deserialize)]
struct Configuration {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl From<Configuration> for Platform {
    fn from(Configuration { os, architecture, variant }: Configuration) -> Self {
        Self { os, architecture, variant: variant.filter(|variant| !variant.is_empty()) }
    }
}

impl Entry {
    fn is_index(&self) -> bool {
        self.media_type.ends_with("image.index.v1+json") || self.media_type.ends_with("manifest.list.v2+json")
    }

    fn kind(&self) -> Kind {
        if self.is_index() { Kind::Index } else { Kind::Manifest }
    }

    fn descriptor(&self) -> Descriptor {
        Descriptor { kind: self.kind(), digest: self.digest.clone(), size: self.size }
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(name)?.as_str()
    }

    /// What it is about, where it is an attestation.
    fn attests(&self) -> Option<Result<Digest, ContentError>> {
        (self.annotation(REFERENCE_TYPE)? == ATTESTATION).then(|| {
            let subject = self.annotation(REFERENCE_DIGEST).unwrap_or_default();
            subject.parse().map_err(|invalid| unreadable(self.digest.as_str(), &invalid))
        })
    }
}

fn parse<T: serde::de::DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, ContentError> {
    serde_json::from_slice(bytes).map_err(|error| unreadable(what, &error))
}

fn unreadable(what: &str, reason: &impl ToString) -> ContentError {
    ContentError::Unreadable { what: what.to_owned(), reason: reason.to_string() }
}
