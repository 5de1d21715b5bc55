//! The sessions of roles that were taken on, and STS's operations.
//!
//! `AssumeRoleWithWebIdentity` is recognised and refused: there is no identity provider yet.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::identity::{Caller, account_of, is_account};
use crate::{
    api::{Members, iso_seconds},
    fault::AwsError,
};

/// The sessions by access key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Sessions {
    by_key: BTreeMap<String, Session>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Session {
    account: String,
    role: String,
    name: String,
}

const ASSUME_ROLE: &[&str] = &[
    "RoleArn",
    "RoleSessionName",
    "DurationSeconds",
    "ExternalId",
    "Policy",
    "PolicyArns",
    "Tags",
    "TransitiveTagKeys",
    "SerialNumber",
    "TokenCode",
    "SourceIdentity",
    "ProvidedContexts",
    "MinimumSessionTokenSize",
];

impl Sessions {
    /// Who signs with `access_key` in `region`; a key that names no account belongs to `default_account`.
    pub(crate) fn caller(&self, access_key: &str, region: &str, default_account: &str) -> Caller {
        let region = region.to_owned();
        if let Some(Session { account, role, name }) = self.by_key.get(access_key) {
            return Caller {
                account: account.clone(),
                region,
                arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{name}"),
                user_id: format!("AROASIM{account}:{name}"),
            };
        }
        let account = account_of(access_key).unwrap_or(default_account).to_owned();
        let (arn, user_id) = (format!("arn:aws:iam::{account}:user/simulator"), format!("AIDASIM{account}"));
        Caller { account, region, arn, user_id }
    }

    /// Performs one operation; expiry times count from `now`.
    pub(crate) fn call(
        &mut self,
        operation: &str,
        input: &Value,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Value, AwsError> {
        match operation {
            "GetCallerIdentity" => {
                Members::of(input, &[])?;
                Ok(json!({"Arn": caller.arn, "UserId": caller.user_id, "Account": caller.account}))
            }
            "AssumeRole" => self.assume_role(input, now),
            "AssumeRoleWithWebIdentity" => Err(AwsError {
                status: 501,
                code: "NotImplemented".to_owned(),
                message: "The simulator does not know identity providers yet; use an access key of the account instead"
                    .to_owned(),
            }),
            unknown => Err(AwsError::client(
                "InvalidAction",
                format!("Could not find operation {unknown} for version 2011-06-15"),
            )),
        }
    }

    fn assume_role(&mut self, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
        let members = Members::of(input, ASSUME_ROLE)?;
        let role_arn = members.required_text("RoleArn")?;
        let name = members.required_text("RoleSessionName")?;
        let (account, role) = read_role(role_arn).ok_or_else(|| invalid(format!("{role_arn} is invalid")))?;
        check_session_name(name)?;
        let duration = read_duration(members.text("DurationSeconds")?)?;
        let key = format!("ASIASIM{}{account}", letters(self.by_key.len()));
        self.by_key
            .insert(key.clone(), Session { account: account.to_owned(), role: role.to_owned(), name: name.to_owned() });
        Ok(json!({
            "Credentials": {
                "AccessKeyId": key,
                "SecretAccessKey": "simulated",
                "SessionToken": format!("simulated-{key}"),
                "Expiration": iso_seconds(now.checked_add(duration).unwrap_or(Timestamp::MAX)),
            },
            "AssumedRoleUser": {
                "AssumedRoleId": format!("AROASIM{account}:{name}"),
                "Arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{name}"),
            },
        }))
    }
}

/// The account and the name of a role's ARN.
fn read_role(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, _partition, service, region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let path = resource.strip_prefix("role/")?;
    let name = path.rsplit('/').next()?;
    let is_role = prefix == "arn" && service == "iam" && region.is_empty() && is_account(account) && !name.is_empty();
    is_role.then_some((account, name))
}

fn check_session_name(name: &str) -> Result<(), AwsError> {
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character);
    if (2..=64).contains(&name.len()) && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]{{2,64}}"
    )))
}

fn read_duration(text: Option<&str>) -> Result<SignedDuration, AwsError> {
    let seconds = text.map_or(Ok(3600), str::parse::<i64>).ok().filter(|seconds| (900..=43_200).contains(seconds));
    seconds
        .map(SignedDuration::from_secs)
        .ok_or_else(|| invalid("DurationSeconds must be between 900 and 43200".to_owned()))
}

/// A number in letters, so that it does not run into the account's digits.
fn letters(number: usize) -> String {
    let digits = format!("{number:04}");
    digits.bytes().map(|digit| char::from(b'A' + (digit - b'0'))).collect()
}

fn invalid(message: String) -> AwsError {
    AwsError::client("ValidationError", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assume(sessions: &mut Sessions, arn: &str, name: &str) -> Result<Value, AwsError> {
        let caller = sessions.caller("AKIASIM0111111111111", "us-west-2", "000000000000");
        let input = json!({"RoleArn": arn, "RoleSessionName": name});
        sessions.call("AssumeRole", &input, &caller, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_session_calls_as_its_role() {
        let mut sessions = Sessions::default();
        let answer = assume(&mut sessions, "arn:aws:iam::333333333333:role/ci/deploy", "run-7").unwrap();
        let key = answer["Credentials"]["AccessKeyId"].as_str().unwrap();
        let caller = sessions.caller(key, "us-west-2", "000000000000");
        assert_eq!(caller.arn, "arn:aws:sts::333333333333:assumed-role/deploy/run-7");
        assert_eq!(answer["Credentials"]["Expiration"], "1970-01-01T01:00:00Z");
    }

    #[test]
    fn a_key_without_an_account_belongs_to_the_default_one() {
        let caller = Sessions::default().caller("test", "us-west-2", "000000000000");
        assert_eq!(caller.arn, "arn:aws:iam::000000000000:user/simulator");
    }

    #[test]
    fn what_is_no_role_is_refused() {
        for arn in
            ["", "arn:aws:iam::3333:role/deploy", "arn:aws:iam::333333333333:user/x", "arn:aws:iam::333333333333:role/"]
        {
            assert!(assume(&mut Sessions::default(), arn, "run-7").is_err(), "{arn}");
        }
        assert!(assume(&mut Sessions::default(), "arn:aws:iam::333333333333:role/deploy", "x").is_err());
    }
}
