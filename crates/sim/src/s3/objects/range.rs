//! The header `Range`: one range of bytes.
//!
//! Several ranges at once are not served by S3: it answers the whole object.

use crate::rest::RestError;

/// Bytes from `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::s3) struct Range {
    pub(in crate::s3) start: u64,
    pub(in crate::s3) end: u64,
}

impl Range {
    /// What of `length` bytes a header asks for; `None` for all of them.
    pub(in crate::s3) fn read(header: &str, length: u64) -> Result<Option<Self>, RestError> {
        let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
            return Ok(None);
        };
        let range = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
            (Ok(start), Ok(last)) if start <= last => Self { start, end: last.saturating_add(1).min(length) },
            (Ok(start), Err(_)) if last.trim().is_empty() => Self { start, end: length },
            (Err(_), Ok(tail)) if first.trim().is_empty() => Self { start: length.saturating_sub(tail), end: length },
            (Ok(_) | Err(_), Ok(_) | Err(_)) => return Ok(None),
        };
        if range.start < range.end {
            return Ok(Some(range));
        }
        Err(RestError::new(416, "InvalidRange", "The requested range is not satisfiable")
            .with("RangeRequested", header)
            .with("ActualObjectSize", length.to_string()))
    }

    /// As `Content-Range` has it.
    pub(super) fn shown(self, length: u64) -> String {
        format!("bytes {}-{}/{length}", self.start, self.end - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: Result<Option<(u64, u64)>, u16>) {
        let read = Range::read(header, 10);
        let read = read.map(|range| range.map(|range| (range.start, range.end))).map_err(|error| error.error.status);
        assert_eq!(read, expected, "{header}");
    }

    #[test]
    fn a_range_is_read_as_http_means_it() {
        check("bytes=0-3", Ok(Some((0, 4))));
        check("bytes=4-", Ok(Some((4, 10))));
        check("bytes=-3", Ok(Some((7, 10))));
        check("bytes=-30", Ok(Some((0, 10))));
        check("bytes=8-99", Ok(Some((8, 10))));
        check("bytes=10-", Err(416));
        check("bytes=-0", Err(416));
        check("bytes=3-1", Ok(None));
        check("bytes=0-1,3-4", Ok(None));
        check("lines=1-2", Ok(None));
    }
}
