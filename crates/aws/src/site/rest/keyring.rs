//! The credentials that requests are signed with: those of the SDK's chain, kept until shortly before they expire.
//!
//! It finds none by itself: environment, profile, web identity, container, instance and the environment's role are the
//! SDK's.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider, error::CredentialsError};
use tokio::sync::Mutex;

use super::sign::Identity;

/// How long before their end credentials are not used any more.
const MARGIN: Duration = Duration::from_mins(5);

/// The credentials of one caller.
pub(in crate::site) struct Keyring {
    provider: Option<SharedCredentialsProvider>,
    kept: Mutex<Option<Arc<Identity>>>,
}

impl Keyring {
    pub(in crate::site) fn new(provider: Option<SharedCredentialsProvider>) -> Self {
        Self { provider, kept: Mutex::new(None) }
    }

    /// The credentials; asked for anew where those that were kept are as good as over.
    pub(in crate::site) async fn get(&self) -> Result<Arc<Identity>, CredentialsError> {
        let mut kept = self.kept.lock().await;
        if let Some(identity) = kept.as_ref().filter(|identity| is_good(identity, SystemTime::now())) {
            return Ok(Arc::clone(identity));
        }
        let provider = self.provider.as_ref().ok_or_else(CredentialsError::not_loaded_no_source)?;
        let found = provider.provide_credentials().await?;
        let identity = Arc::new(Identity::new(
            found.access_key_id().to_owned(),
            found.secret_access_key().to_owned(),
            found.session_token().filter(|token| !token.is_empty()).map(str::to_owned),
            found.expiry(),
        ));
        *kept = Some(Arc::clone(&identity));
        Ok(identity)
    }

    /// Has the next request ask anew, unless somebody has already.
    pub(in crate::site) async fn forget(&self, identity: &Arc<Identity>) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, identity)) {
            *kept = None;
        }
    }
}

fn is_good(identity: &Identity, now: SystemTime) -> bool {
    identity.expires.is_none_or(|expires| now + MARGIN < expires)
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;

    use super::*;

    fn keyring(expires: Option<SystemTime>) -> Keyring {
        let credentials = Credentials::new("id", "secret", Some("token".to_owned()), expires, "test");
        Keyring::new(Some(SharedCredentialsProvider::new(credentials)))
    }

    #[tokio::test]
    async fn credentials_are_kept_until_they_are_as_good_as_over() {
        let check = async |expires: Option<SystemTime>, is_kept| {
            let keyring = keyring(expires);
            let (first, second) = (keyring.get().await.unwrap(), keyring.get().await.unwrap());
            assert_eq!(Arc::ptr_eq(&first, &second), is_kept, "{expires:?}");
        };
        check(None, true).await;
        check(Some(SystemTime::now() + Duration::from_hours(1)), true).await;
        check(Some(SystemTime::now() + Duration::from_mins(4)), false).await;
    }

    #[tokio::test]
    async fn forgotten_credentials_are_asked_for_once() {
        let keyring = keyring(None);
        let first = keyring.get().await.unwrap();
        keyring.forget(&first).await;
        let second = keyring.get().await.unwrap();
        assert!(!Arc::ptr_eq(&first, &second));
        keyring.forget(&first).await;
        assert!(Arc::ptr_eq(&second, &keyring.get().await.unwrap()));
    }

    #[tokio::test]
    async fn without_a_source_there_are_none() {
        assert!(Keyring::new(None).get().await.is_err());
    }
}
