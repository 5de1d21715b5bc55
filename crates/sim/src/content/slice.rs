//! A part of a file on its way out, read piece by piece.
//!
//! The file is the reader's own: nobody else moves its position.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    sync::Arc,
};

use bytes::Bytes;

/// As much is read at once.
const PIECE: u64 = 128 * 1024;

/// So many bytes of a file from its position on.
#[derive(Debug, Clone)]
pub(crate) struct FileSlice {
    file: Arc<File>,
    left: u64,
    /// Whether what comes out is not what is in the file, because a fault says so.
    is_corrupted: bool,
}

impl FileSlice {
    /// `length` bytes of `file` from `first` on.
    pub(crate) fn new(mut file: File, first: u64, length: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(first))?;
        Ok(Self { file: Arc::new(file), left: length, is_corrupted: false })
    }

    /// How many bytes are to come.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// The same with other bytes, as many of them.
    pub(crate) fn corrupted(self) -> Self {
        Self { is_corrupted: true, ..self }
    }

    /// The same, broken off half-way.
    pub(crate) fn halved(self) -> Self {
        Self { left: self.left / 2, ..self }
    }

    /// The next piece; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Bytes>> {
        let size = usize::try_from(self.left.min(PIECE)).unwrap_or_default();
        if size == 0 {
            return Ok(None);
        }
        let mut piece = vec![0; size];
        (&*self.file).read_exact(&mut piece)?;
        self.left -= size as u64;
        if self.is_corrupted {
            for byte in &mut piece {
                *byte = !*byte;
            }
        }
        Ok(Some(piece.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn slice(content: &[u8], first: u64, length: u64) -> FileSlice {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        FileSlice::new(file, first, length).unwrap()
    }

    fn read(mut slice: FileSlice) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(piece) = slice.next().unwrap() {
            all.extend(piece);
        }
        all
    }

    #[test]
    fn a_part_comes_out_as_it_is_in_the_file() {
        let content: Vec<u8> = (0..300_000u32).map(|number| number.to_le_bytes()[0]).collect();
        assert_eq!(read(slice(&content, 0, 300_000)), content);
        assert_eq!(read(slice(&content, 150_000, 10)), content[150_000..150_010]);
        assert_eq!(read(slice(&content, 0, 0)), [0; 0]);
    }

    #[test]
    fn a_corrupted_part_has_the_same_length_and_other_bytes() {
        assert_eq!(read(slice(b"abc", 0, 3).corrupted()), [!b'a', !b'b', !b'c']);
        assert_eq!(read(slice(b"abcd", 0, 4).halved()), b"ab");
    }

    #[test]
    fn a_file_that_is_shorter_than_it_was_said_to_be_is_an_error() {
        assert!(slice(b"abc", 1, 3).next().is_err());
    }
}
