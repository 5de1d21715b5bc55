//! What is answered to what.

use crate::request::Request;

const DESCRIPTION: &str = include_str!("openapi.json");

/// What the service knows of itself.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) version: String,
    pub(crate) git_sha: String,
    /// Who shows this may see the orders; without it, nobody may.
    pub(crate) token: Option<String>,
}

/// An answer: its status and its JSON.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: &'static str,
    pub(crate) body: String,
}

impl Answer {
    fn new(status: &'static str, body: impl Into<String>) -> Self {
        Self { status, body: body.into() }
    }

    /// As it goes out.
    pub(crate) fn to_bytes(&self, has_body: bool) -> Vec<u8> {
        let Self { status, body } = self;
        let challenge = if status.starts_with("401") { "WWW-Authenticate: Bearer\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{challenge}Connection: close\r\n\r\n",
            body.len()
        );
        if has_body { (head + body).into_bytes() } else { head.into_bytes() }
    }
}

/// The answer to a request; to what is none, that it is none.
pub(crate) fn answer(about: &About, request: Option<&Request>) -> Answer {
    let Some(Request { method, path, authorization }) = request else {
        return Answer::new("400 Bad Request", r#"{"error":"not a request"}"#);
    };
    if !matches!(method.as_str(), "GET" | "HEAD") {
        return Answer::new("405 Method Not Allowed", r#"{"error":"only GET and HEAD"}"#);
    }
    match path.as_str() {
        "/healthz" => Answer::new("200 OK", r#"{"status":"ok"}"#),
        "/version" => Answer::new("200 OK", version(about)),
        "/openapi.json" => Answer::new("200 OK", DESCRIPTION),
        "/orders" if is_known(about, authorization.as_deref()) => Answer::new("200 OK", "[]"),
        "/orders" => Answer::new("401 Unauthorized", r#"{"error":"show a token"}"#),
        _ => Answer::new("404 Not Found", r#"{"error":"nothing is here"}"#),
    }
}

fn version(About { version, git_sha, .. }: &About) -> String {
    format!(r#"{{"version":{},"git_sha":{}}}"#, quoted(version), quoted(git_sha))
}

/// A JSON text. Both come from the build, and neither is trusted with the document.
fn quoted(text: &str) -> String {
    let kept: String = text.chars().filter(|character| !character.is_control()).collect();
    format!("\"{}\"", kept.replace('\\', "\\\\").replace('"', "\\\""))
}

fn is_known(about: &About, authorization: Option<&str>) -> bool {
    let shown = authorization.and_then(|authorization| authorization.strip_prefix("Bearer "));
    about.token.as_deref().is_some_and(|token| shown == Some(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, path: &str, token: Option<&str>, status: &str, body: &str) {
        let about =
            About { version: "1.4.0".to_owned(), git_sha: "0af1c9d".to_owned(), token: Some("right".to_owned()) };
        let authorization = token.map(|token| format!("Bearer {token}"));
        let request = Request { method: method.to_owned(), path: path.to_owned(), authorization };
        let answer = answer(&about, Some(&request));
        assert!(answer.status.starts_with(status) && answer.body.contains(body), "{method} {path}: {answer:?}");
    }

    #[test]
    fn every_path_answers_what_a_smoke_check_wants() {
        check("GET", "/healthz", None, "200", r#""status":"ok""#);
        check("HEAD", "/healthz", None, "200", "");
        check("GET", "/version", None, "200", r#"{"version":"1.4.0","git_sha":"0af1c9d"}"#);
        check("GET", "/openapi.json", None, "200", r#""openapi""#);
        check("GET", "/", None, "404", "");
        check("POST", "/healthz", None, "405", "");
    }

    #[test]
    fn what_is_protected_is_shown_to_nobody_without_the_token() {
        check("GET", "/orders", None, "401", "");
        check("GET", "/orders", Some("wrong"), "401", "");
        check("GET", "/orders", Some("right"), "200", "[]");
        let about = About { version: String::new(), git_sha: String::new(), token: None };
        let request =
            Request { method: "GET".to_owned(), path: "/orders".to_owned(), authorization: Some("Bearer ".to_owned()) };
        assert!(answer(&about, Some(&request)).status.starts_with("401"), "without a token nobody is known");
    }

    #[test]
    fn a_version_cannot_break_the_document() {
        assert_eq!(quoted("1.0\"\\\n"), r#""1.0\"\\""#);
    }

    #[test]
    fn a_head_request_gets_no_body() {
        let answer = Answer::new("200 OK", "{}");
        assert!(String::from_utf8(answer.to_bytes(false)).unwrap().ends_with("\r\n\r\n"));
        assert!(String::from_utf8(answer.to_bytes(true)).unwrap().ends_with("{}"));
    }
}
