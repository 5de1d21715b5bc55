//! The framing `aws-chunked`: chunks with their sizes, and trailers after the last one.
//!
//! What the trailers claim is judged elsewhere.

use bytes::{Buf as _, Bytes};

/// The longest line: a size with its signature, or a trailer.
const LONGEST_LINE: usize = 4096;
const MOST_TRAILERS: usize = 16;

/// A body in chunks, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Chunked {
    state: State,
    line: Vec<u8>,
    trailers: Vec<(String, String)>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the line with the next chunk's size.
    #[default]
    Size,
    /// So many bytes of the chunk are to come.
    Data(u64),
    /// In the line end after a chunk.
    Between,
    /// After the last chunk.
    Trailers,
    Done,
}

/// The framing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Misframed;

impl Chunked {
    /// Reads on, and adds what is content to `content`.
    pub(super) fn feed(&mut self, mut bytes: Bytes, content: &mut Vec<Bytes>) -> Result<(), Misframed> {
        while !bytes.is_empty() {
            match self.state {
                State::Data(left) => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    content.push(bytes.split_to(here));
                    let left = left - here as u64;
                    self.state = if left == 0 { State::Between } else { State::Data(left) };
                }
                State::Size | State::Between | State::Trailers => self.feed_line(&mut bytes)?,
                State::Done => return Err(Misframed),
            }
        }
        Ok(())
    }

    /// The trailers, if the body has come to its end.
    pub(super) fn finish(self) -> Result<Vec<(String, String)>, Misframed> {
        // Some clients leave out the empty line after the last trailer.
        let is_whole = self.state == State::Done || (self.state == State::Trailers && self.line.is_empty());
        if is_whole { Ok(self.trailers) } else { Err(Misframed) }
    }

    fn feed_line(&mut self, bytes: &mut Bytes) -> Result<(), Misframed> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(bytes.len());
        self.line.extend_from_slice(&bytes[..taken]);
        if self.line.len() > LONGEST_LINE {
            return Err(Misframed);
        }
        bytes.advance(end.map_or(taken, |end| end + 1));
        if end.is_some() { self.end_line() } else { Ok(()) }
    }

    fn end_line(&mut self) -> Result<(), Misframed> {
        let line = String::from_utf8(std::mem::take(&mut self.line)).map_err(|_| Misframed)?;
        let line = line.trim_end_matches('\r');
        self.state = match self.state {
            State::Size => {
                let size = line.split(';').next().unwrap_or_default().trim();
                match u64::from_str_radix(size, 16).map_err(|_| Misframed)? {
                    0 => State::Trailers,
                    size => State::Data(size),
                }
            }
            State::Between if line.is_empty() => State::Size,
            State::Trailers if line.is_empty() => State::Done,
            State::Trailers => {
                let (name, value) = line.split_once(':').ok_or(Misframed)?;
                self.trailers.push((name.trim().to_lowercase(), value.trim().to_owned()));
                if self.trailers.len() > MOST_TRAILERS {
                    return Err(Misframed);
                }
                State::Trailers
            }
            State::Between | State::Data(_) | State::Done => return Err(Misframed),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `body` in bites of `size`.
    fn read(body: &str, size: usize) -> Result<(String, Vec<(String, String)>), Misframed> {
        let (mut chunked, mut content) = (Chunked::default(), Vec::new());
        for bite in body.as_bytes().chunks(size) {
            chunked.feed(Bytes::copy_from_slice(bite), &mut content)?;
        }
        let trailers = chunked.finish()?;
        Ok((String::from_utf8(content.concat()).unwrap(), trailers))
    }

    fn check(body: &str, expected: &str, trailers: &[(&str, &str)]) {
        let trailers =
            trailers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>();
        for size in [1, 3, 7, 1000] {
            assert_eq!(read(body, size), Ok((expected.to_owned(), trailers.clone())), "{body} in bites of {size}");
        }
    }

    #[test]
    fn chunks_with_and_without_signatures_and_trailers_are_read() {
        check("4\r\nabcd\r\n2;chunk-signature=00\r\nef\r\n0\r\n\r\n", "abcdef", &[]);
        check("0;chunk-signature=00\r\n\r\n", "", &[]);
        let trailers = [("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-trailer-signature", "00")];
        let body = "1\r\na\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\nX-Amz-Trailer-Signature:00\r\n\r\n";
        check(body, "a", &trailers);
        check("1\r\na\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n", "a", &trailers[..1]);
    }

    #[test]
    fn a_wrong_frame_is_told() {
        for body in
            ["4\r\nabc", "x\r\n", "1\r\nab\r\n0\r\n\r\n", "0\r\n\r\nmore", "0\r\nnonsense\r\n\r\n", "", "1\r\na"]
        {
            assert_eq!(read(body, 1000), Err(Misframed), "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_too_strange(body in "[0-9a-f;\r\n:x]{0,40}", size in 1_usize..9) {
            let _read = read(&body, size);
        }
    }
}
