//! Reading a stored pack piece after piece, so that no more of it is in memory than what is wanted of it.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::identifier::{Digester, Sha256};

use super::{
    Pack, PackError,
    pack::{Index, total},
};

/// The longest first line: of a pack of a million files it has 75 MB.
const LONGEST_INDEX: usize = 128 * 1024 * 1024;

/// What is read of a pack.
#[derive(Debug, Clone, Copy)]
pub enum Reading<'w> {
    /// All of it.
    Whole,
    /// The files of these hashes; no other hash is looked at.
    Only(&'w BTreeSet<&'w Sha256>),
    /// Nothing is taken, and every hash is looked at.
    Check,
}

/// What was read of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadPack {
    /// What was wanted, as far as it is there. These bytes are right.
    pub bytes: Pack,
    /// Everything that is there, by its first line and its length.
    pub there: BTreeSet<Sha256>,
}

/// A pack that is being read.
#[derive(Debug)]
#[must_use = "what was read is known at its end"]
pub struct PackReader<'w> {
    reading: Reading<'w>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The first line, as far as it came.
    Index(Vec<u8>),
    Files(Box<Files>),
}

/// The files, as far as they came.
#[derive(Debug)]
struct Files {
    coming: std::vec::IntoIter<(Sha256, u64)>,
    open: Option<Open>,
    found: u64,
    expected: u64,
    read: ReadPack,
}

/// The file whose bytes come now.
#[derive(Debug)]
struct Open {
    sha256: Sha256,
    left: u64,
    kept: Option<Vec<u8>>,
    digester: Option<Digester>,
}

impl Reading<'_> {
    fn opens(self, (sha256, size): (Sha256, u64)) -> Open {
        let (is_kept, is_checked) = match self {
            Reading::Whole => (true, true),
            Reading::Only(wanted) => (wanted.contains(&sha256), wanted.contains(&sha256)),
            Reading::Check => (false, true),
        };
        Open { sha256, left: size, kept: is_kept.then(Vec::new), digester: is_checked.then(Digester::new) }
    }
}

impl<'w> PackReader<'w> {
    /// Nothing is read yet.
    pub fn new(reading: Reading<'w>) -> Self {
        Self { reading, state: State::Index(Vec::new()) }
    }

    /// Takes the next piece in.
    ///
    /// # Errors
    ///
    /// As soon as it can be told that it is no pack, or that what is looked at is damaged.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), PackError> {
        let begun = match &mut self.state {
            State::Files(files) => return files.push(piece, self.reading),
            State::Index(begun) => begun,
        };
        let Some(end) = piece.iter().position(|byte| *byte == b'\n') else {
            begun.extend_from_slice(piece);
            return if begun.len() > LONGEST_INDEX { Err(PackError::Index) } else { Ok(()) };
        };
        begun.extend_from_slice(&piece[..end]);
        let mut files = Files::of(Index::of(begun)?);
        files.push(&piece[end + 1..], self.reading)?;
        self.state = State::Files(Box::new(files));
        Ok(())
    }

    /// What was read.
    ///
    /// # Errors
    ///
    /// Where it ended too early.
    pub fn end(self) -> Result<ReadPack, PackError> {
        match self.state {
            State::Index(_) => Err(PackError::Index),
            State::Files(files) if files.found == files.expected => Ok(files.read),
            State::Files(files) => Err(PackError::Length { found: files.found, expected: files.expected }),
        }
    }
}

impl Files {
    fn of(index: Index) -> Self {
        let there = index.files.iter().map(|(sha256, _)| sha256.clone()).collect();
        let read = ReadPack { bytes: Pack::default(), there };
        Self { expected: total(&index), coming: index.files.into_iter(), open: None, found: 0, read }
    }

    fn push(&mut self, mut piece: &[u8], reading: Reading<'_>) -> Result<(), PackError> {
        self.found += piece.len() as u64;
        if self.found > self.expected {
            return Err(PackError::Length { found: self.found, expected: self.expected });
        }
        // Files without bytes are over before the next piece comes.
        while let Some(mut open) = self.open.take().or_else(|| self.coming.next().map(|next| reading.opens(next))) {
            piece = open.take(piece);
            if open.left > 0 {
                self.open = Some(open);
                break;
            }
            if let Some((sha256, bytes)) = open.closed()? {
                self.read.bytes.insert(sha256, bytes);
            }
        }
        Ok(())
    }
}

impl Open {
    /// Takes its bytes from the front of a piece, and leaves the rest.
    fn take<'p>(&mut self, piece: &'p [u8]) -> &'p [u8] {
        let (own, rest) = piece.split_at(usize::try_from(self.left).unwrap_or(usize::MAX).min(piece.len()));
        self.left -= own.len() as u64;
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(own);
        }
        if let Some(digester) = &mut self.digester {
            digester.update(own);
        }
        rest
    }

    fn closed(self) -> Result<Option<(Sha256, Bytes)>, PackError> {
        if self.digester.is_some_and(|digester| digester.hash() != self.sha256) {
            return Err(PackError::Corrupted(self.sha256));
        }
        Ok(self.kept.map(|kept| (self.sha256, kept.into())))
    }
}

/// The bytes of a pack that is all at hand.
pub(super) fn read(stored: &[u8], reading: Reading<'_>) -> Result<ReadPack, PackError> {
    let mut reader = PackReader::new(reading);
    reader.push(stored)?;
    reader.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> Pack {
        let mut pack = Pack::default();
        for bytes in [&b"<p>"[..], b"<b>bold</b>", b"", b"<i>"] {
            pack.add(Bytes::from_static(bytes));
        }
        pack
    }

    fn in_pieces(stored: &[u8], length: usize, reading: Reading<'_>) -> Result<ReadPack, PackError> {
        let mut reader = PackReader::new(reading);
        stored.chunks(length).try_for_each(|piece| reader.push(piece))?;
        reader.end()
    }

    #[test]
    fn however_it_is_cut_the_same_is_read() {
        let (stored, wanted) = (pack().to_bytes(), Sha256::of(b"<i>"));
        let only = BTreeSet::from([&wanted]);
        for length in 1..=stored.len() {
            assert_eq!(in_pieces(&stored, length, Reading::Whole).unwrap().bytes, pack(), "{length}");
            let part = in_pieces(&stored, length, Reading::Only(&only)).unwrap();
            assert_eq!((part.bytes.get(&wanted).map(|bytes| &bytes[..]), part.there.len()), (Some(&b"<i>"[..]), 4));
            assert!(part.bytes.get(&Sha256::of(b"<p>")).is_none());
            let checked = in_pieces(&stored, length, Reading::Check).unwrap();
            assert_eq!((checked.bytes, checked.there.len()), (Pack::default(), 4));
        }
    }

    #[test]
    fn damage_is_found_where_it_is_looked_for() {
        let mut pack = Pack::default();
        for bytes in [&b"<p>"[..], b"<b>bold</b>", b"<i>"] {
            pack.add(Bytes::from_static(bytes));
        }
        let mut bent = pack.to_bytes();
        *bent.last_mut().unwrap() ^= 1;
        let hashes: Vec<Sha256> = read(&pack.to_bytes(), Reading::Check).unwrap().there.into_iter().collect();
        let check =
            |reading: Reading<'_>, expected: bool| assert_eq!(read(&bent, reading).is_ok(), expected, "{reading:?}");
        check(Reading::Whole, false);
        check(Reading::Check, false);
        let (last, others) = hashes.split_last().unwrap();
        check(Reading::Only(&BTreeSet::from([last])), false);
        check(Reading::Only(&others.iter().collect()), true);
    }
}
