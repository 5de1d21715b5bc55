//! What one task answers: the scripted answers of its image, or the usual ones.
//!
//! It does not matter which method a request has.

use hyper::StatusCode;
use serde_json::json;

use crate::{
    image::{Behaviour, Route},
    wire::reply::Reply,
};

/// The answer of `behaviour` for `path` in `account`.
pub(super) fn reply(behaviour: &Behaviour, path: &str, account: &str) -> Reply {
    match (behaviour.route(path, account), path) {
        (Some(route), _) => scripted(route),
        (None, "/" | "/healthz" | "/health") => Reply::json(StatusCode::OK, &json!({"status": "ok"})),
        (None, "/version") => {
            Reply::json(StatusCode::OK, &json!({"version": behaviour.version, "git_sha": behaviour.commit}))
        }
        (None, _) => Reply::json(StatusCode::NOT_FOUND, &json!({"error": "not found"})),
    }
}

fn scripted(route: &Route) -> Reply {
    let status = StatusCode::from_u16(route.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let is_json = serde_json::from_str::<serde_json::Value>(&route.body).is_ok();
    let content_type = if is_json { "application/json" } else { "text/plain; charset=utf-8" };
    let reply = Reply::new(status, content_type, route.body.clone());
    route.headers.iter().fold(reply, |reply, (name, value)| reply.with_header(name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(behaviour: &Behaviour, path: &str, expected: (u16, &str)) {
        let reply = reply(behaviour, path, "111111111111");
        assert_eq!((reply.status.as_u16(), std::str::from_utf8(&reply.body).unwrap()), expected, "{path}");
    }

    #[test]
    fn the_usual_paths_answer() {
        let behaviour = Behaviour { version: "1.0.0".to_owned(), commit: "c0ffee".to_owned(), ..Behaviour::default() };
        check(&behaviour, "/", (200, "{\"status\":\"ok\"}"));
        check(&behaviour, "/healthz", (200, "{\"status\":\"ok\"}"));
        check(&behaviour, "/version", (200, "{\"version\":\"1.0.0\",\"git_sha\":\"c0ffee\"}"));
        check(&behaviour, "/nowhere", (404, "{\"error\":\"not found\"}"));
    }

    #[test]
    fn a_scripted_answer_goes_first() {
        let behaviour: Behaviour =
            toml::from_str("[[routes]]\npath = \"/version\"\nstatus = 500\nbody = \"oops\"\n").unwrap();
        check(&behaviour, "/version", (500, "oops"));
    }
}
