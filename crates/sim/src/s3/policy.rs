//! Who may do what: bucket policies, and the denials of the scenario.
//!
//! Within an account everything is allowed that nothing denies; from outside only what a policy allows.
//! Statements with conditions are kept and take no part.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{bucket::Bucket, errors, knobs::Denial};
use crate::{rest::RestError, sts::Caller};

/// The statements of a policy that can be judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Policy {
    statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Statement {
    allows: bool,
    principals: Vec<String>,
    actions: Vec<String>,
    resources: Vec<String>,
}

/// Someone who wants to do something to something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// `None` for somebody who did not sign.
    pub(super) caller: Option<&'a Caller>,
    pub(super) action: &'a str,
    pub(super) key: Option<&'a str>,
}

impl Policy {
    /// Reads a policy document, as far as it can be judged.
    pub(super) fn read(document: &str) -> Result<Self, RestError> {
        let malformed = |message: &str| RestError::client("MalformedPolicy", message);
        let value: Value = serde_json::from_str(document)
            .map_err(|_| malformed("Policies must be valid JSON and the first byte must be '{'"))?;
        let statements = value.get("Statement").ok_or_else(|| malformed("Missing required field Statement"))?;
        let statements = statements.as_array().cloned().unwrap_or_else(|| vec![statements.clone()]);
        let read =
            |statement: &Value| Statement::read(statement).ok_or_else(|| malformed("Policy has invalid statement"));
        let judged = statements.iter().filter(|statement| statement.get("Condition").is_none());
        Ok(Self { statements: judged.map(read).collect::<Result<_, _>>()? })
    }

    fn finds(&self, allows: bool, wish: &Wish<'_>, bucket: &Bucket) -> bool {
        self.statements.iter().any(|statement| statement.allows == allows && statement.fits(wish, bucket))
    }
}

impl Statement {
    fn read(statement: &Value) -> Option<Self> {
        let principal = statement.get("Principal")?;
        let principals = match principal {
            Value::Object(kinds) => kinds.values().flat_map(texts).collect(),
            other => texts(other),
        };
        let allows = match statement.get("Effect")?.as_str()? {
            "Allow" => true,
            "Deny" => false,
            _ => return None,
        };
        let (actions, resources) = (texts(statement.get("Action")?), texts(statement.get("Resource")?));
        Some(Self { allows, principals, actions, resources })
    }

    fn fits(&self, wish: &Wish<'_>, bucket: &Bucket) -> bool {
        let is_caller = |principal: &String| match (principal.as_str(), wish.caller) {
            ("*", _) => true,
            (_, None) => false,
            (principal, Some(caller)) => {
                let root = format!("arn:aws:iam::{}:root", caller.account);
                principal == caller.account || principal == root || principal == caller.arn || principal == role(caller)
            }
        };
        self.principals.iter().any(is_caller)
            && self.actions.iter().any(|action| is_like(&action.to_lowercase(), &wish.action.to_lowercase()))
            && self.resources.iter().any(|resource| is_like(resource, &arn(bucket.name.as_str(), wish.key)))
    }
}

/// The role behind a session's ARN.
fn role(caller: &Caller) -> String {
    let name = caller.arn.split('/').nth(1).unwrap_or_default();
    format!("arn:aws:iam::{}:role/{name}", caller.account)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// Whether `text` fits `pattern`, in which `*` is any text and `?` any character.
pub(super) fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut here, mut star) = (0, 0, None);
    while here < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, here));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == text[here] => (at, here) = (at + 1, here + 1),
            Some(_) | None => match star {
                None => return false,
                Some((before, taken)) => {
                    star = Some((before, taken + 1));
                    (at, here) = (before + 1, taken + 1);
                }
            },
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

impl Denial {
    fn fits(&self, wish: &Wish<'_>, bucket: &str) -> bool {
        let is_key = |prefix: &String| wish.key.is_some_and(|key| key.starts_with(prefix.as_str()));
        let is_account = |account: &String| wish.caller.is_some_and(|caller| caller.account == *account);
        self.actions.iter().any(|action| is_like(action, wish.action))
            && self.bucket.as_ref().is_none_or(|name| name == bucket)
            && self.prefix.as_ref().is_none_or(is_key)
            && self.account.as_ref().is_none_or(is_account)
    }
}

/// Says whether a wish comes true, or refuses it in AWS's words.
pub(super) fn judge(wish: &Wish<'_>, bucket: &Bucket, denials: &[Denial]) -> Result<(), RestError> {
    let name = bucket.name.as_str();
    if denials.iter().any(|denial| denial.fits(wish, name)) {
        return Err(denied(wish, name, "because no identity-based policy allows the"));
    }
    let state = bucket.state();
    let (denies, allows) = match &state.policy {
        Some(policy) => (policy.finds(false, wish, bucket), policy.finds(true, wish, bucket)),
        None => (false, false),
    };
    drop(state);
    match wish.caller {
        _ if denies => Err(denied(wish, name, "with an explicit deny in a resource-based policy")),
        Some(caller) if caller.account == bucket.account => Ok(()),
        _ if allows => Ok(()),
        Some(_) => Err(denied(wish, name, "because no resource-based policy allows the")),
        None => Err(errors::access_denied("Access Denied")),
    }
}

fn denied(wish: &Wish<'_>, bucket: &str, why: &str) -> RestError {
    let Some(caller) = wish.caller else { return errors::access_denied("Access Denied") };
    let (who, action, what) = (&caller.arn, wish.action, arn(bucket, wish.key));
    let why = if why.ends_with("the") { format!("{why} {action} action") } else { why.to_owned() };
    errors::access_denied(&format!("User: {who} is not authorized to perform: {action} on resource: \"{what}\" {why}"))
}

fn arn(bucket: &str, key: Option<&str>) -> String {
    match key {
        Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
        None => format!("arn:aws:s3:::{bucket}"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::s3::{bucket::State, names::BucketName};

    const POLICY: &str = r#"{"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"},
        {"Effect": "Deny", "Principal": "*", "Action": ["s3:Delete*"], "Resource": ["arn:aws:s3:::shop/assets/*"]},
        {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    ]}"#;

    fn check(account: Option<&str>, action: &str, key: Option<&str>, expected: Option<&str>) {
        let caller = account.map(|account| Caller {
            account: account.to_owned(),
            region: "us-west-2".to_owned(),
            arn: format!("arn:aws:iam::{account}:user/simulator"),
            user_id: String::new(),
        });
        let state = State { policy: Some(Policy::read(POLICY).unwrap()), ..State::default() };
        let name = BucketName::read("shop").unwrap();
        let bucket = Bucket::new(name, "111111111111", "us-west-2", Timestamp::UNIX_EPOCH, state);
        let denial = Denial {
            actions: vec!["s3:Put*".to_owned()],
            bucket: None,
            prefix: Some("live/".to_owned()),
            account: None,
        };
        let result = judge(&Wish { caller: caller.as_ref(), action, key }, &bucket, &[denial]);
        let message = result.err().map(|error| error.error.message);
        assert_eq!(message.as_deref(), expected, "{account:?} {action} {key:?}");
    }

    #[test]
    fn an_account_may_do_in_its_bucket_what_nothing_denies() {
        let own = Some("111111111111");
        check(own, "s3:PutObject", Some("assets/a.js"), None);
        check(
            own,
            "s3:DeleteObject",
            Some("assets/a.js"),
            Some(
                "User: arn:aws:iam::111111111111:user/simulator is not authorized to perform: s3:DeleteObject on resource: \"arn:aws:s3:::shop/assets/a.js\" with an explicit deny in a resource-based policy",
            ),
        );
        check(
            own,
            "s3:PutObject",
            Some("live/a.js"),
            Some(
                "User: arn:aws:iam::111111111111:user/simulator is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::shop/live/a.js\" because no identity-based policy allows the s3:PutObject action",
            ),
        );
    }

    #[test]
    fn another_account_may_do_what_the_policy_allows() {
        check(Some("222222222222"), "s3:GetObject", Some("a"), None);
        check(
            Some("222222222222"),
            "s3:ListBucket",
            None,
            Some(
                "User: arn:aws:iam::222222222222:user/simulator is not authorized to perform: s3:ListBucket on resource: \"arn:aws:s3:::shop\" because no resource-based policy allows the s3:ListBucket action",
            ),
        );
        check(None, "s3:GetObject", Some("a"), Some("Access Denied"));
    }

    #[test]
    fn a_pattern_fits_as_in_policies() {
        for (pattern, text, expected) in [
            ("s3:*", "s3:Get", true),
            ("a?c", "abc", true),
            ("*b*d", "abcd", true),
            ("a*b", "abc", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
    }
}
