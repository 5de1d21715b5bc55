//! Logging in to ECR's registries: one login a region, asked for when first needed and thrown away when it is refused.
//!
//! The password is good for every registry that the caller may use. It is never shown, in no message of a registry's either.

use std::{collections::BTreeMap, fmt, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use reqwest::{Url, header::HeaderValue};
use serde_json::Value;
use tokio::sync::Mutex;
use towpath_core::{identifier::Repository, ports::CallError};

use crate::{
    call::{Call, Nature},
    connect::Aws,
    fault,
    json::{self, Unreadable},
};

/// What docker and the like log in to ECR's registries of one region with. It is never shown.
#[derive(Clone)]
pub struct RegistryLogin {
    user: String,
    password: String,
    /// The two as ECR gave them, in base64.
    token: String,
    endpoint: String,
    /// Where all of AWS is, where that is on this machine.
    near: Option<Url>,
    expires_at: Option<Timestamp>,
}

impl RegistryLogin {
    /// The user's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password: to be handed to a program through a file that only we can read, and to be printed nowhere.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The address of the caller's own registry.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Until when it is good, where ECR says so.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// The header that a request carries.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut header: HeaderValue = format!("Basic {}", self.token).parse().ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// The text without the password, should a registry repeat it.
    pub(super) fn conceal(&self, text: &str) -> String {
        [&self.token, &self.password]
            .into_iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret, "(not shown)"))
    }

    /// Where a registry of this name is, and the name to call it by where that is not its address.
    ///
    /// An AWS on this machine has its registries where it is itself. Otherwise ECR's own word for the address counts
    /// where it is not Amazon's: an ECR behind a gateway.
    pub(super) fn address(&self, repository: &Repository) -> Option<(Url, Option<HeaderValue>)> {
        let registry = repository.registry();
        if let Some(near) = &self.near {
            return Some((near.clone(), Some(registry.parse().ok()?)));
        }
        let endpoint: Url = self.endpoint.parse().ok()?;
        if is_amazons(endpoint.host_str()?) {
            return Some((format!("https://{registry}").parse().ok()?, None));
        }
        Some((endpoint, Some(registry.parse().ok()?)))
    }

    fn read(answer: &Value, near: Option<Url>) -> Result<Self, Unreadable> {
        let data = json::list(answer, "authorizationData")?.first().unwrap_or(&Value::Null);
        let token = json::required_text(data, "authorizationToken")?;
        let malformed = || Unreadable::Malformed { member: "authorizationToken".to_owned(), expected: "a login" };
        let decoded = BASE64_STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let decoded = decoded.ok_or_else(malformed)?;
        let (user, password) =
            decoded.split_once(':').filter(|(_, password)| !password.is_empty()).ok_or_else(malformed)?;
        Ok(Self {
            user: user.to_owned(),
            password: password.to_owned(),
            token: token.to_owned(),
            endpoint: json::required_text(data, "proxyEndpoint")?.to_owned(),
            near,
            expires_at: json::time(data, "expiresAt")?,
        })
    }
}

impl fmt::Debug for RegistryLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RegistryLogin(not shown)")
    }
}

fn is_amazons(host: &str) -> bool {
    let is_ecr = format!("{host}/x").parse::<Repository>().is_ok_and(|repository| repository.ecr().is_some());
    is_ecr || host.ends_with(".on.aws")
}

/// The logins so far, by region.
pub(super) struct Logins {
    aws: Aws,
    known: Mutex<BTreeMap<String, Arc<RegistryLogin>>>,
}

impl Logins {
    pub(super) fn new(aws: Aws) -> Self {
        Self { aws, known: Mutex::default() }
    }

    /// The login of that region. Whoever asks while it is on its way waits for it.
    pub(super) async fn get(&self, region: &str) -> Result<Arc<RegistryLogin>, CallError> {
        let mut known = self.known.lock().await;
        if let Some(login) = known.get(region) {
            return Ok(Arc::clone(login));
        }
        let login = Arc::new(ask(&self.aws, region).await?);
        known.insert(region.to_owned(), Arc::clone(&login));
        Ok(login)
    }

    /// A registry does not take this one: the next to ask gets another.
    pub(super) async fn forget(&self, region: &str, login: &Arc<RegistryLogin>) {
        let mut known = self.known.lock().await;
        if known.get(region).is_some_and(|known| Arc::ptr_eq(known, login)) {
            known.remove(region);
        }
    }
}

/// Asks ECR for a login. The answer is the same whichever registry it is for, so none is named.
pub(crate) async fn ask(aws: &Aws, region: &str) -> Result<RegistryLogin, CallError> {
    let operation = "ecr:GetAuthorizationToken";
    let call = Call { operation, nature: Nature::Read, codes: fault::ecr, terms: aws.terms() };
    let client = aws.ecr(region);
    let answer = call.json(|wire| client.get_authorization_token().customize().interceptor(wire).send()).await?;
    let near = aws.near().and_then(|near| near.parse().ok());
    RegistryLogin::read(&answer, near).map_err(|problem| call.unreadable(&problem))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn login(endpoint: &str) -> RegistryLogin {
        let token = BASE64_STANDARD.encode("AWS:hush-hush");
        let data = json!([{"authorizationToken": token, "proxyEndpoint": endpoint, "expiresAt": 1.5}]);
        RegistryLogin::read(&json!({"authorizationData": data}), None).unwrap()
    }

    #[test]
    fn a_login_is_never_shown() {
        let login = login("http://127.0.0.1:1");
        assert_eq!((login.user(), login.password()), ("AWS", "hush-hush"));
        assert_eq!(format!("{login:?} {:?}", login.header().unwrap()), "RegistryLogin(not shown) Sensitive");
        let said = login.conceal(&format!("no: hush-hush, {}", BASE64_STANDARD.encode("AWS:hush-hush")));
        assert_eq!(said, "no: (not shown), (not shown)");
    }

    #[test]
    fn what_is_no_login_is_unreadable_and_not_repeated() {
        for token in ["hush", "QVdT", "QVdTOg=="] {
            let data = json!([{"authorizationToken": token, "proxyEndpoint": "https://x"}]);
            let error = RegistryLogin::read(&json!({"authorizationData": data}), None).unwrap_err();
            assert!(!error.to_string().contains(token), "{error}");
        }
        assert!(RegistryLogin::read(&json!({}), None).is_err());
    }

    #[test]
    fn a_registry_of_amazons_is_where_its_name_says_and_others_where_ecr_says() {
        let repository = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/shop-api".parse().unwrap();
        let check = |endpoint: &str, expected: &str, host: Option<&str>| {
            let (address, name) = login(endpoint).address(&repository).unwrap();
            assert_eq!((address.as_str(), name.as_ref().map(|name| name.to_str().unwrap())), (expected, host));
        };
        let name = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
        check("https://111111111111.dkr.ecr.eu-west-1.amazonaws.com", &format!("https://{name}/"), None);
        check("https://111111111111.dkr-ecr.eu-west-1.on.aws", &format!("https://{name}/"), None);
        check("https://gateway.example.com", "https://gateway.example.com/", Some(name));
        let mut login = login("https://111111111111.dkr.ecr.eu-west-1.amazonaws.com");
        login.near = Some("http://127.0.0.1:4566".parse().unwrap());
        let (address, host) = login.address(&repository).unwrap();
        assert_eq!((address.as_str(), host.unwrap().to_str().unwrap()), ("http://127.0.0.1:4566/", name));
    }
}
