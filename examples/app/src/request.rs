//! The head of a request, as far as the routes look at it.
//!
//! Bodies are not read: nothing here takes one.

use std::io::{self, Read};

/// How long a head may be.
const LIMIT: usize = 8 * 1024;

/// A request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path without its query.
    pub(crate) path: String,
    /// What `Authorization` says.
    pub(crate) authorization: Option<String>,
}

impl Request {
    /// Reads one; `None` where what comes is none.
    pub(crate) fn read(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let (mut head, mut buffer) = (Vec::new(), [0; 1024]);
        while !is_whole(&head) && head.len() < LIMIT {
            match stream.read(&mut buffer)? {
                0 => break,
                length => head.extend_from_slice(buffer.get(..length).unwrap_or_default()),
            }
        }
        Ok(is_whole(&head).then(|| Self::of(&String::from_utf8_lossy(&head))).flatten())
    }

    fn of(head: &str) -> Option<Self> {
        let mut lines = head.lines();
        let mut words = lines.next()?.split(' ');
        let (method, target, protocol) = (words.next()?, words.next()?, words.next()?);
        if !protocol.starts_with("HTTP/1.") || !target.starts_with('/') {
            return None;
        }
        let authorization = lines.filter_map(|line| line.split_once(':'));
        let mut authorization = authorization.filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        Some(Self {
            method: method.to_owned(),
            path: target.split('?').next().unwrap_or_default().to_owned(),
            authorization: authorization.next().map(|(_, value)| value.trim().to_owned()),
        })
    }
}

fn is_whole(head: &[u8]) -> bool {
    head.windows(4).any(|end| end == b"\r\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str, Option<&str>)>) {
        let request = Request::read(&mut text.as_bytes()).unwrap();
        let found = request.map(|request| (request.method, request.path, request.authorization));
        let expected = expected.map(|(method, path, authorization)| {
            (method.to_owned(), path.to_owned(), authorization.map(str::to_owned))
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_head_is_read_as_far_as_it_matters() {
        check("GET /version?x=1 HTTP/1.1\r\nHost: a\r\n\r\n", Some(("GET", "/version", None)));
        check("GET / HTTP/1.0\r\nauthorization:  Bearer x\r\n\r\nbody", Some(("GET", "/", Some("Bearer x"))));
    }

    #[test]
    fn what_is_no_request_is_none() {
        for text in [
            "",
            "GET /",
            "GET / HTTP/1.1\r\n",
            "nonsense\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
        ] {
            check(text, None);
        }
        check(&format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(LIMIT)), None);
    }
}
