//! An OCI layout on disk: unpacked where a builder wrote an archive, read, and every object hashed.
//!
//! What is in it is judged by `towpath_core::build`.

use std::{
    fs::{self, File},
    io::{self, Read, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use towpath_core::{
    build::{Content, ContentError, Descriptor, Kind, read_layout},
    identifier::{ComponentName, Digest},
    ports::{BuildError, Platform},
};

use super::failure;

/// The longest manifest or configuration that is read into memory. Registries take manifests of 4 MiB.
const LIMIT: u64 = 8 * 1024 * 1024;

/// Unpacks an archive into a new folder. What leads out of the folder is not unpacked.
pub(super) fn unpack(archive: &Path, folder: &Path, component: &ComponentName) -> Result<(), BuildError> {
    let unpack = || {
        fs::create_dir_all(folder)?;
        let mut archive = tar::Archive::new(File::open(archive)?);
        archive.set_preserve_permissions(false);
        archive.unpack(folder)
    };
    let unpacked = unpack().map_err(|error| failure::of_file(component, "unpacking the image".to_owned(), &error));
    // The same bytes are not kept twice.
    let _best_effort = fs::remove_file(archive);
    unpacked
}

/// Reads the layout, and makes sure that every object is what its digest says.
pub(super) fn read(folder: &Path, wanted: &[Platform], component: &ComponentName) -> Result<Content, BuildError> {
    let bad = |source| BuildError::Content { component: component.clone(), source };
    let file = folder.join("index.json");
    let index = match bounded(&file) {
        Ok(index) => index,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(bad(ContentError::Nothing)),
        Err(error) => return Err(failure::of_file(component, "reading index.json".to_owned(), &error)),
    };
    let content = read_layout(&index, wanted, |digest| bounded(&blob(folder, digest)).ok()).map_err(bad)?;
    for object in content.objects.iter().filter(|object| object.kind == Kind::Blob) {
        whole(folder, object).map_err(|trouble| match trouble {
            Trouble::Content(source) => bad(source),
            Trouble::File(error) => failure::of_file(component, format!("reading {}", object.digest), &error),
        })?;
    }
    marked(folder).map_err(|error| failure::of_file(component, "writing oci-layout".to_owned(), &error))?;
    Ok(content)
}

/// Every layout says what it is. Some versions of builders leave that out of what they export as a folder.
fn marked(folder: &Path) -> io::Result<()> {
    let file = folder.join("oci-layout");
    if file.is_file() {
        return Ok(());
    }
    File::create(file)?.write_all(br#"{"imageLayoutVersion":"1.0.0"}"#)
}

enum Trouble {
    Content(ContentError),
    File(io::Error),
}

/// Whether an object has its size and its digest.
fn whole(folder: &Path, object: &Descriptor) -> Result<(), Trouble> {
    let mut file = match File::open(blob(folder, &object.digest)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Trouble::Content(ContentError::Missing(object.digest.clone())));
        }
        Err(error) => return Err(Trouble::File(error)),
    };
    let (size, found) = hash(&mut file).map_err(Trouble::File)?;
    if found != object.digest {
        return Err(Trouble::Content(ContentError::OtherDigest { named: object.digest.clone(), found }));
    }
    if size != object.size {
        let digest = object.digest.clone();
        return Err(Trouble::Content(ContentError::OtherSize { digest, named: object.size, found: size }));
    }
    Ok(())
}

/// The size and digest of what is read, never more than a piece of it in memory.
pub(crate) fn hash(reader: &mut impl Read) -> io::Result<(u64, Digest)> {
    let (mut hasher, mut size, mut buffer) = (Sha256::new(), 0_u64, vec![0; 64 * 1024]);
    loop {
        let length = reader.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        hasher.update(buffer.get(..length).unwrap_or_default());
        size += length as u64;
    }
    let hex: String = hasher.finalize().iter().flat_map(|byte| [byte >> 4, byte & 0xf]).map(digit).collect();
    let digest = format!("sha256:{hex}").parse().map_err(|invalid| io::Error::other(format!("{invalid}")))?;
    Ok((size, digest))
}

fn digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0')
}

fn blob(folder: &Path, digest: &Digest) -> PathBuf {
    folder.join("blobs").join("sha256").join(digest.as_str().trim_start_matches("sha256:"))
}

fn bounded(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_hashed_as_it_is() {
        let (size, digest) = hash(&mut &b""[..]).unwrap();
        assert_eq!((size, digest), (0, Digest::of(b"")));
        let long = vec![7; 200_000];
        assert_eq!(hash(&mut long.as_slice()).unwrap(), (200_000, Digest::of(&long)));
    }

    #[test]
    fn an_archive_that_leads_out_of_its_folder_writes_nothing_outside() {
        let place = tempfile::tempdir().unwrap();
        let archive = place.path().join("x.tar");
        let mut builder = tar::Builder::new(File::create(&archive).unwrap());
        let mut header = tar::Header::new_gnu();
        header.set_size(1);
        header.set_mode(0o644);
        header.as_mut_bytes()[..11].copy_from_slice(b"../escaped\0");
        header.set_cksum();
        builder.append(&header, &b"x"[..]).unwrap();
        builder.finish().unwrap();
        let _refused_or_skipped = unpack(&archive, &place.path().join("in"), &"api".parse().unwrap());
        assert!(!place.path().join("escaped").exists());
    }
}
