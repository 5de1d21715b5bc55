//! Whether the environment's role must be assumed, and how.
//!
//! It assumes nothing itself: the SDK does, before the first call that needs it, and again before the session ends.

use std::sync::{Mutex, PoisonError};

use aws_config::{SdkConfig, sts::AssumeRoleProvider};
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, future},
};
use towpath_core::{identifier::RoleArn, ports::Identity as _};

use crate::{StsIdentity, call::Terms};

use super::{ConnectError, Settings, ambient, direct, named::named};

/// The configuration that acts as the environment's role, where it has one.
pub(crate) async fn resolve(ambient: SdkConfig, settings: &Settings) -> Result<SdkConfig, ConnectError> {
    let Some(role) = &settings.role else {
        return Ok(ambient);
    };
    if role.account() != settings.account.as_str() {
        let (role, account) = (role.clone(), settings.account.clone());
        return Err(ConnectError::RoleOfAnotherAccount { role, account });
    }
    let ambient = loaded_once(ambient).await;
    if may_be(role, ambient.first.as_ref()) && is(role, &ambient.config, settings).await? {
        return Ok(ambient.config);
    }
    Ok(assumed(ambient.config, role, settings).await)
}

/// A configuration with the credentials that were looked at.
struct Loaded {
    config: SdkConfig,
    first: Option<Credentials>,
}

/// Loads the credentials, and hands them to whoever asks first, so that looking at them costs no second load.
async fn loaded_once(config: SdkConfig) -> Loaded {
    let Some(then) = config.credentials_provider() else {
        return Loaded { config, first: None };
    };
    // A failure is met again by the first call, which knows how to classify it.
    let first = then.provide_credentials().await.ok();
    let primed = Primed { first: Mutex::new(first.clone()), then };
    let config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(primed)).build();
    Loaded { config, first }
}

/// Whether these credentials may already be a session of the role: temporary ones, of the same account if that is known.
fn may_be(role: &RoleArn, credentials: Option<&Credentials>) -> bool {
    // Where there are none, the first call says so.
    let Some(credentials) = credentials else {
        return false;
    };
    let is_temporary = credentials.session_token().is_some_and(|token| !token.is_empty());
    let is_near = credentials.account_id().is_none_or(|account| account.as_str() == role.account());
    is_temporary && is_near
}

async fn is(role: &RoleArn, config: &SdkConfig, settings: &Settings) -> Result<bool, ConnectError> {
    let identity = StsIdentity::new(aws_sdk_sts::Client::new(config), Terms::uncounted(settings.patience.clone()));
    let caller = identity.caller().await.map_err(ConnectError::Caller)?;
    Ok(is_session_of(role, &caller.arn))
}

/// Whether a caller's ARN, `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`, is a session of the role. It has no path.
fn is_session_of(role: &RoleArn, caller: &str) -> bool {
    let parts: Vec<&str> = caller.splitn(6, ':').collect();
    let [_, _, "sts", _, account, session] = parts.as_slice() else {
        return false;
    };
    let mut parts = session.split('/');
    *account == role.account() && parts.next() == Some("assumed-role") && parts.next() == Some(role.name())
}

async fn assumed(ambient: SdkConfig, role: &RoleArn, settings: &Settings) -> SdkConfig {
    let client = named(ambient.http_client().unwrap_or_else(direct::usual));
    let provider = AssumeRoleProvider::builder(role.as_str())
        .session_name(session_name(&settings.session_name))
        .configure(&ambient.to_builder().http_client(client).build())
        .build()
        .await;
    let builder = ambient.into_builder().credentials_provider(SharedCredentialsProvider::new(provider));
    builder.identity_cache(ambient::identity_cache()).build()
}

fn session_name(name: &str) -> String {
    let name = ambient::only(name, |character| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character), 64);
    if name.len() < 2 { "towpath".to_owned() } else { name }
}

/// Credentials that are there already, and their source for later.
#[derive(Debug)]
struct Primed {
    first: Mutex<Option<Credentials>>,
    then: SharedCredentialsProvider,
}

impl Primed {
    async fn next(&self) -> provider::Result {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        match first {
            Some(first) => Ok(first),
            None => self.then.provide_credentials().await,
        }
    }
}

impl ProvideCredentials for Primed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role() -> RoleArn {
        "arn:aws:iam::111111111111:role/teams/shop-deployer".parse().unwrap()
    }

    #[test]
    fn a_session_of_the_role_is_recognised_by_account_and_name() {
        let check = |caller, expected| assert_eq!(is_session_of(&role(), caller), expected, "{caller}");
        check("arn:aws:sts::111111111111:assumed-role/shop-deployer/towpath", true);
        check("arn:aws:sts::222222222222:assumed-role/shop-deployer/towpath", false);
        check("arn:aws:sts::111111111111:assumed-role/shop-deployer-dev/towpath", false);
        check("arn:aws:sts::111111111111:federated-user/shop-deployer", false);
        check("arn:aws:iam::111111111111:user/shop-deployer", false);
        check("", false);
    }

    #[test]
    fn who_has_no_session_is_not_asked_whether_it_is_the_role() {
        let check = |token: Option<&str>, account: Option<&str>, expected| {
            let mut builder = Credentials::builder().access_key_id("id").secret_access_key("s").provider_name("test");
            builder.set_session_token(token.map(str::to_owned));
            builder.set_account_id(account.map(Into::into));
            assert_eq!(may_be(&role(), Some(&builder.build())), expected, "{token:?} {account:?}");
        };
        check(None, None, false);
        check(Some(""), None, false);
        check(Some("token"), None, true);
        check(Some("token"), Some("111111111111"), true);
        check(Some("token"), Some("222222222222"), false);
    }

    #[test]
    fn nobody_is_not_asked_either() {
        assert!(!may_be(&role(), None));
    }

    #[test]
    fn session_names_have_only_what_sts_allows() {
        assert_eq!(session_name("run 7 by dependabot[bot]"), "run-7-by-dependabot-bot-");
        assert_eq!(session_name("a"), "towpath");
    }
}
