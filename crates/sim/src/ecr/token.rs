//! `GetAuthorizationToken`: what docker logs in with, and reading it again.
//!
//! The password says whose it is and until when, in the clear: it protects nothing, but a wrong or an expired one is
//! refused.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{registry::Ecr, repositories::host};
use crate::{
    api::{Members, epoch_seconds},
    fault::AwsError,
    sts::is_account,
};

const LIFETIME: SignedDuration = SignedDuration::from_hours(12);
/// The only user of a registry.
const USER: &str = "AWS";

/// What a password says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    /// The account of the registry that it was asked for.
    pub(crate) registry: String,
    pub(crate) region: String,
    /// The ARN of whoever asked for it.
    pub(crate) principal: String,
    /// The account of whoever asked for it.
    pub(crate) account: String,
    /// When it ends, in seconds since 1970.
    expires: i64,
}

/// Makes a token; `endpoint` is where the registry is, if it is not where AWS has it.
pub(super) fn issue(
    ecr: &Ecr,
    input: &Value,
    (principal, endpoint): (&str, Option<&str>),
    now: Timestamp,
) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryIds"])?;
    let mut accounts = members.texts("registryIds")?;
    if let Some(wrong) = accounts.iter().find(|account| !is_account(account)) {
        let problem =
            format!("Invalid parameter at 'registryIds' failed to satisfy constraint: '{wrong}' is no account");
        return Err(AwsError::client("InvalidParameterException", problem));
    }
    if accounts.is_empty() {
        accounts.push(&ecr.account);
    }
    let expires_at = now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
    let data = accounts.iter().map(|account| {
        let token = Token {
            registry: (*account).to_owned(),
            region: ecr.region.clone(),
            principal: principal.to_owned(),
            account: ecr.account.clone(),
            expires: expires_at.as_second(),
        };
        json!({
            "authorizationToken": BASE64_STANDARD.encode(format!("{USER}:{}", token.password())),
            "expiresAt": epoch_seconds(expires_at),
            "proxyEndpoint": endpoint.map_or_else(|| format!("https://{}", host(account, &ecr.region)), str::to_owned),
        })
    });
    Ok(json!({"authorizationData": data.collect::<Vec<_>>()}))
}

impl Token {
    fn password(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(json!(self).to_string())
    }

    /// Reads what stands after `Basic` in an `Authorization` header.
    pub(crate) fn read(written: &str) -> Option<Self> {
        let decoded = BASE64_STANDARD.decode(written.trim()).ok()?;
        let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        let token = BASE64_URL_SAFE_NO_PAD.decode(password).ok().filter(|_| user == USER)?;
        serde_json::from_slice(&token).ok()
    }

    /// Whether its time is over.
    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.expires <= now.as_second()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_whose_it_is_and_until_when() {
        let mut ecr = Ecr::new("111111111111", "us-west-2");
        let answer = ecr.call("GetAuthorizationToken", &json!({}), Timestamp::UNIX_EPOCH).unwrap();
        let token = Token::read(answer["authorizationData"][0]["authorizationToken"].as_str().unwrap()).unwrap();
        assert_eq!((token.registry.as_str(), token.region.as_str()), ("111111111111", "us-west-2"));
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        assert_eq!((token.is_expired(at(11)), token.is_expired(at(12))), (false, true));
    }

    #[test]
    fn what_the_simulator_did_not_give_out_is_no_token() {
        let encode = |text: &str| BASE64_STANDARD.encode(text);
        for written in ["", "QVdT", &encode("AWS:secret"), &encode("nobody:e30"), &encode("AWS:e30")] {
            assert_eq!(Token::read(written), None, "{written}");
        }
    }

    #[test]
    fn a_token_is_for_accounts() {
        let error = Ecr::new("111111111111", "us-west-2")
            .call("GetAuthorizationToken", &json!({"registryIds": ["1"]}), Timestamp::UNIX_EPOCH)
            .unwrap_err();
        assert_eq!(error.code, "InvalidParameterException");
    }
}
