//! `GetAuthorizationToken`: what docker logs in with.
//!
//! The password protects nothing.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{registry::Ecr, repositories::host};
use crate::{
    api::{Members, epoch_seconds},
    fault::AwsError,
};

const LIFETIME: SignedDuration = SignedDuration::from_hours(12);

pub(super) fn issue(ecr: &Ecr, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryIds"])?;
    let mut accounts = members.texts("registryIds")?;
    if accounts.is_empty() {
        accounts.push(&ecr.account);
    }
    let expires_at = now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
    let data = accounts.iter().map(|account| {
        json!({
            "authorizationToken": BASE64_STANDARD.encode(format!("AWS:simulated-{account}")),
            "expiresAt": epoch_seconds(expires_at),
            "proxyEndpoint": format!("https://{}", host(account, &ecr.region)),
        })
    });
    Ok(json!({"authorizationData": data.collect::<Vec<_>>()}))
}
