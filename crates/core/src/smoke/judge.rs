//! Whether one attempt is what a check expects.
//!
//! JSON values must be equal as `serde_json` has it: 1 is not 1.0 and not "1", the order of members is nothing.
//! One attempt proves or disproves nothing yet: `Progress` counts them.

use serde_json::Value;

use crate::identifier::Sha256;

use super::{Answer, AnsweredBy, Attempt, BODY_LIMIT, Body, Check, Difference, Excerpt, Judgement, Method, member};

/// Judges one attempt.
pub fn judge(check: &Check, attempt: &Attempt) -> Judgement {
    judge_masked(check, attempt, &str::to_owned)
}

/// Judges one attempt; what came is shown through this mask, which has no say in the judgement.
pub fn judge_masked(check: &Check, attempt: &Attempt, mask: Mask<'_>) -> Judgement {
    let answer = match attempt {
        Attempt::Answered(answer) => answer,
        Attempt::Unreachable { stage, reason } => {
            return Judgement::Unreachable { stage: *stage, reason: Excerpt::of(&mask(reason)) };
        }
    };
    let differences = differences(check, answer, mask);
    if differences.is_empty() { Judgement::Passed } else { Judgement::Mismatch { differences } }
}

/// Judges one attempt at a file whose bytes are known. Of one that is longer than is read, only the length is judged.
pub fn judge_file(check: &Check, attempt: &Attempt, expected: &Sha256, size: u64) -> Judgement {
    let (Judgement::Passed, Attempt::Answered(answer)) = (judge(check, attempt), attempt) else {
        return judge(check, attempt);
    };
    let other = if size > BODY_LIMIT as u64 {
        let length = header(answer, "content-length").and_then(|length| length.trim().parse::<u64>().ok());
        (length != Some(size)).then_some(None)
    } else {
        let found = Sha256::of(&answer.body);
        (found != *expected).then_some(Some(found))
    };
    match other {
        None => Judgement::Passed,
        Some(found) => {
            Judgement::Mismatch { differences: vec![Difference::OtherBytes { expected: expected.clone(), found }] }
        }
    }
}

/// A whole value is masked before it is cut: half of a secret is one too.
type Mask<'a> = &'a dyn Fn(&str) -> String;

fn differences(check: &Check, answer: &Answer, mask: Mask<'_>) -> Vec<Difference> {
    if let Some(other) = somebody_else(check, answer, mask) {
        return vec![other];
    }
    let status = (answer.status != check.status).then_some(Difference::Status {
        expected: check.status,
        found: answer.status,
        answered_by: AnsweredBy::Application,
    });
    let head = status
        .into_iter()
        .chain(header_differences(check, answer, mask))
        .chain(content_type_difference(check, answer, mask));
    match check.method {
        Method::Get => {
            head.chain(json_differences(check, answer, mask)).chain(text_difference(check, answer)).collect()
        }
        Method::Head => head.collect(),
    }
}

/// A redirect, or a load balancer that reached nobody: then the rest of the answer is not the application's.
fn somebody_else(check: &Check, answer: &Answer, mask: Mask<'_>) -> Option<Difference> {
    let status = answer.status;
    if status == check.status {
        return None;
    }
    let load_balancer =
        header(answer, "server").is_some_and(|server| server.trim().to_ascii_lowercase().starts_with("awselb/"));
    match status {
        300..=303 | 305..=399 => {
            let location = header(answer, "location").map(|location| Excerpt::of(&mask(without_query(location))));
            Some(Difference::Redirected { status, location })
        }
        _ if load_balancer => {
            Some(Difference::Status { expected: check.status, found: status, answered_by: AnsweredBy::LoadBalancer })
        }
        _ => None,
    }
}

fn without_query(location: &str) -> &str {
    location.split(['?', '#']).next().unwrap_or_default()
}

fn header_differences(check: &Check, answer: &Answer, mask: Mask<'_>) -> Vec<Difference> {
    let difference = |(name, expected): (&String, &String)| match header(answer, &name.to_ascii_lowercase()) {
        None => Some(Difference::HeaderMissing { name: name.clone() }),
        Some(found) if found != expected => Some(Difference::HeaderDifferent {
            name: name.clone(),
            expected: Excerpt::of(expected),
            found: Excerpt::of(&mask(found)),
        }),
        Some(_) => None,
    };
    check.headers.iter().filter_map(difference).collect()
}

fn content_type_difference(check: &Check, answer: &Answer, mask: Mask<'_>) -> Option<Difference> {
    let expected = check.content_type.as_deref()?;
    let found = media_type(answer);
    match found {
        Some(found) if found.eq_ignore_ascii_case(expected.trim()) => None,
        found => Some(Difference::ContentType {
            expected: Excerpt::of(expected),
            found: found.map(|found| Excerpt::of(&mask(found))),
        }),
    }
}

/// The media type without parameters.
fn media_type(answer: &Answer) -> Option<&str> {
    header(answer, "content-type").and_then(|value| value.split(';').next()).map(str::trim)
}

fn json_differences(check: &Check, answer: &Answer, mask: Mask<'_>) -> Vec<Difference> {
    if check.json.is_empty() {
        return Vec::new();
    }
    match serde_json::from_slice::<Value>(&answer.body) {
        Err(_) => vec![Difference::NotJson { body: what_it_is(answer) }],
        Ok(body) => {
            check.json.iter().filter_map(|(path, expected)| json_difference(path, expected, &body, mask)).collect()
        }
    }
}

fn json_difference(path: &str, expected: &Value, body: &Value, mask: Mask<'_>) -> Option<Difference> {
    match member::at(body, path) {
        None => Some(Difference::JsonMissing { path: path.to_owned() }),
        Some(found) if found != expected => Some(Difference::JsonDifferent {
            path: path.to_owned(),
            expected: Excerpt::of(&expected.to_string()),
            found: Excerpt::of(&mask(&shown(found, expected))),
        }),
        Some(_) => None,
    }
}

/// The value that came. What has parts nobody asked for is named only: there is no telling what is in it.
fn shown(found: &Value, expected: &Value) -> String {
    match found {
        Value::Object(_) if !expected.is_object() => "an object".to_owned(),
        Value::Array(_) if !expected.is_array() => "a list".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            found.to_string()
        }
    }
}

fn what_it_is(answer: &Answer) -> Body {
    let start: String = String::from_utf8_lossy(answer.body.trim_ascii_start()).chars().take(9).collect();
    let start = start.to_ascii_lowercase();
    let says_html = media_type(answer).is_some_and(|found| found.eq_ignore_ascii_case("text/html"));
    match () {
        () if start.is_empty() => Body::Empty,
        () if says_html || start.starts_with("<!doctype") || start.starts_with("<html") => Body::Html,
        () if answer.body.len() >= BODY_LIMIT => Body::CutOff,
        () => Body::Other,
    }
}

fn text_difference(check: &Check, answer: &Answer) -> Option<Difference> {
    let expected = check.contains.as_deref()?;
    let contained = String::from_utf8_lossy(&answer.body).contains(expected);
    (!contained).then(|| Difference::NotContained { expected: Excerpt::of(expected) })
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use crate::smoke::{
        Stage,
        check::examples::{answer, check as example},
    };

    use super::*;

    fn check(check: &Check, attempt: &Attempt, expected: &str) {
        let judgement = judge(check, attempt);
        assert_eq!(judgement.to_string(), expected);
        let json = serde_json::to_value(&judgement).unwrap();
        assert_eq!(serde_json::from_value::<Judgement>(json).unwrap(), judgement);
    }

    fn expecting_json(path: &str, value: Value) -> Check {
        Check { json: BTreeMap::from([(path.to_owned(), value)]), ..example() }
    }

    #[test]
    fn what_came_is_masked_before_it_is_cut_and_judged_as_it_came() {
        let mask = |text: &str| text.replace("hunter22", "***");
        let shown = |check: &Check, answer: &Attempt| judge_masked(check, answer, &mask).to_string();
        let long = format!("{}hunter22", "x".repeat(193));
        let body = format!(r#"{{"a":"{long}"}}"#);
        let differs = shown(&expecting_json("a", json!("b")), &answer(200, &[], &body));
        assert!(differs.contains("x***") && !differs.contains("hunter"), "{differs}");
        let same = answer(200, &[], r#"{"a":"hunter22"}"#);
        assert_eq!(shown(&expecting_json("a", json!("hunter22")), &same), "passed");
        let moved = answer(302, &[("location", "https://hunter22@example.com/")], "");
        assert!(!shown(&example(), &moved).contains("hunter22"));
        let reason = "no route to hunter22".to_owned();
        let unreachable = Attempt::Unreachable { stage: super::super::Stage::Connect, reason };
        assert!(!shown(&example(), &unreachable).contains("hunter22"));
    }

    #[test]
    fn the_old_version_is_a_mismatch() {
        let expected = expecting_json("version", json!("0.3.2"));
        check(&expected, &answer(200, &[], r#"{"version":"0.3.2"}"#), "passed");
        check(
            &expected,
            &answer(200, &[], r#"{"version":"0.3.1"}"#),
            r#"JSON member "version" is "0.3.1", expected "0.3.2""#,
        );
        check(&expected, &answer(200, &[], "{}"), r#"no JSON member "version""#);
    }

    #[test]
    fn who_failed_is_told_apart() {
        let refused = Attempt::Unreachable { stage: Stage::Connect, reason: "connection\x1b refused".to_owned() };
        check(&example(), &refused, "no answer (no connection): connection\u{fffd} refused");
        let balancer = answer(503, &[("server", "awselb/2.0"), ("content-type", "text/html")], "<html>");
        check(&expecting_json("a", json!(1)), &balancer, "status 503 from the load balancer, expected 200");
        check(&example(), &answer(503, &[("server", "nginx")], ""), "status 503 from the application, expected 200");
    }

    #[test]
    fn a_page_or_a_login_is_not_health() {
        let expected =
            Check { content_type: Some("application/json".to_owned()), ..expecting_json("status", json!("ok")) };
        check(
            &expected,
            &answer(200, &[("content-type", "application/json; charset=utf-8")], r#"{"status":"ok"}"#),
            "passed",
        );
        check(
            &expected,
            &answer(200, &[("content-type", "application/json")], r#"{"status":"critical"}"#),
            r#"JSON member "status" is "critical", expected "ok""#,
        );
        check(
            &expected,
            &answer(200, &[("content-type", "text/html; charset=utf-8")], "<!DOCTYPE html>"),
            "content type text/html, expected application/json; the body is an HTML page (a single-page application's catch-all?), expected JSON",
        );
        check(
            &expected,
            &answer(301, &[("location", "https://x/login?token=hush#a")], ""),
            "redirected (301) to https://x/login, which is not followed",
        );
    }

    #[test]
    fn the_expected_status_may_be_any() {
        let expected = Check { status: 401, ..example() };
        check(&expected, &answer(401, &[], ""), "passed");
        check(&expected, &answer(200, &[], ""), "status 200 from the application, expected 401");
        check(&Check { status: 302, ..example() }, &answer(302, &[("location", "/x")], ""), "passed");
    }

    #[test]
    fn headers_are_compared_exactly_and_by_any_case_of_their_names() {
        let expected = Check { headers: BTreeMap::from([("X-Version".to_owned(), "1".to_owned())]), ..example() };
        check(&expected, &answer(200, &[("x-version", "1")], ""), "passed");
        check(&expected, &answer(200, &[("x-version", "2\n")], ""), "header \"X-Version\" is 2\u{fffd}, expected 1");
        check(&expected, &answer(200, &[], ""), "no header \"X-Version\"");
    }

    #[test]
    fn json_is_compared_exactly() {
        check(
            &expecting_json("a", json!(1)),
            &answer(200, &[], r#"{"a":1.0}"#),
            r#"JSON member "a" is 1.0, expected 1"#,
        );
        check(&expecting_json("a.0", json!({"x": 1, "y": 2})), &answer(200, &[], r#"{"a":[{"y":2,"x":1}]}"#), "passed");
        check(&expecting_json("a", json!(1)), &answer(200, &[], ""), "the body is empty, expected JSON");
        check(&expecting_json("a", json!(1)), &answer(200, &[], "{"), "the body is something else, expected JSON");
    }

    #[test]
    fn a_text_is_looked_for_in_the_whole_body() {
        let expected = Check { contains: Some("ready".to_owned()), ..example() };
        check(&expected, &answer(200, &[], "all ready."), "passed");
        check(&expected, &answer(200, &[], "hush"), "the body does not contain ready");
    }

    #[test]
    fn an_answer_without_body_is_not_asked_for_one() {
        let expected = Check { method: Method::Head, contains: Some("x".to_owned()), ..expecting_json("a", json!(1)) };
        check(&expected, &answer(200, &[], ""), "passed");
    }

    proptest! {
        #[test]
        fn no_answer_brings_control_characters_out(status in any::<u16>(), header in any::<String>(), body in any::<Vec<u8>>()) {
            let expected = Check {
                headers: BTreeMap::from([("server".to_owned(), "x".to_owned())]),
                content_type: Some("a/b".to_owned()),
                ..expecting_json("a", json!(1))
            };
            let headers = ["server", "location", "content-type"].map(|name| (name.to_owned(), header.clone())).into();
            let shown = judge(&expected, &Attempt::Answered(Answer { status, headers, body })).to_string();
            prop_assert!(!shown.contains(char::is_control));
        }
    }
}
