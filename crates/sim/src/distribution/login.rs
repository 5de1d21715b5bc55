//! Who asks: the `Authorization` header, and the challenge for those who have none.
//!
//! The private registry knows `Basic` alone; whether it takes the same token as `Bearer` is a knob.

use jiff::Timestamp;

use super::problem::Problem;
use crate::{ecr::Token, sts::Caller};

/// The token of a request: `None` without a header.
pub(super) fn token(header: Option<&str>, takes_bearer: bool) -> Result<Option<Token>, Problem> {
    let Some(header) = header else { return Ok(None) };
    let (scheme, written) = header.split_once(' ').unwrap_or((header, ""));
    let is_known = scheme.eq_ignore_ascii_case("basic") || (takes_bearer && scheme.eq_ignore_ascii_case("bearer"));
    match Token::read(written) {
        Some(token) if is_known => Ok(Some(token)),
        Some(_) | None if is_known => Err(Problem::new(403, "DENIED", "Your Authorization Token is invalid.")),
        Some(_) | None => Ok(None),
    }
}

/// Refuses a token whose time is over.
pub(super) fn check(token: &Token, now: Timestamp) -> Result<(), Problem> {
    if token.is_expired(now) { Err(expired()) } else { Ok(()) }
}

/// The token was good once.
pub(super) fn expired() -> Problem {
    Problem::new(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")
}

/// Nobody said who asks.
pub(super) fn challenge(host: &str) -> Problem {
    challenged(Problem::new(401, "UNAUTHORIZED", "Not Authorized"), host)
}

/// The same refusal, with the challenge that a 401 has.
pub(super) fn challenged(problem: Problem, host: &str) -> Problem {
    let realm = format!("Basic realm=\"http://{host}/\",service=\"ecr.amazonaws.com\"");
    if problem.status == 401 { problem.with_header("www-authenticate", realm) } else { problem }
}

/// Whoever has a token.
pub(super) fn caller(token: &Token) -> Caller {
    Caller {
        account: token.account.clone(),
        region: token.region.clone(),
        arn: token.principal.clone(),
        user_id: format!("AIDASIM{}", token.account),
    }
}

/// Nobody, at an address that needs no credentials.
pub(super) fn nobody(account: &str, region: &str) -> Caller {
    let anonymous = || "anonymous".to_owned();
    Caller { account: account.to_owned(), region: region.to_owned(), arn: anonymous(), user_id: anonymous() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::Ecr;

    fn check(scheme: &str, takes_bearer: bool, expected: Result<bool, u16>) {
        let answer = Ecr::new("111111111111", "us-west-2").call(
            "GetAuthorizationToken",
            &serde_json::json!({}),
            Timestamp::UNIX_EPOCH,
        );
        let answer = answer.unwrap();
        let written = answer["authorizationData"][0]["authorizationToken"].as_str().unwrap();
        let read = token(Some(&format!("{scheme} {written}")), takes_bearer);
        assert_eq!(read.map(|token| token.is_some()).map_err(|problem| problem.status), expected, "{scheme}");
    }

    #[test]
    fn a_token_is_basic_and_bearer_only_where_that_is_taken() {
        check("Basic", false, Ok(true));
        check("basic", false, Ok(true));
        check("Bearer", false, Ok(false));
        check("Bearer", true, Ok(true));
    }

    #[test]
    fn a_made_up_password_is_refused() {
        assert_eq!(token(Some("Basic QVdTOng="), false).unwrap_err().status, 403);
        assert_eq!(token(None, false).unwrap(), None);
    }
}
