//! The configuration that all clients share: region, credentials, endpoint, time-outs and retries, all explicit.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, SdkConfig, identity::IdentityCache, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig, timeout::TimeoutConfig,
};
use aws_sdk_ecs::config::{AppName, Builder, Credentials, Region};

use super::{AccessKeys, Patience, Settings, Source, direct};

/// Reads AWS's default sources, with what the settings say in their place.
pub(crate) async fn load(settings: &Settings) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(settings.region.to_string()))
        .timeout_config(timeouts(&settings.patience))
        .retry_config(retries(&settings.patience))
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().build())
        .identity_cache(identity_cache());
    if let Ok(name) = AppName::new(application(&settings.application)) {
        loader = loader.app_name(name);
    }
    if let Some(endpoint) = &settings.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Source::Keys(keys) = &settings.source {
        loader = loader.credentials_provider(credentials(keys));
    }
    direct::where_near(loader.load().await)
}

/// Assuming a role, or asking a metadata service that is not there, takes longer than the SDK allows by itself.
pub(crate) fn identity_cache() -> aws_sdk_ecs::config::SharedIdentityCache {
    let lazy = IdentityCache::lazy();
    lazy.load_timeout(Duration::from_mins(1)).build()
}

/// What is different for a call that changes something: each attempt is sent once.
pub(crate) fn once(patience: &Patience) -> Builder {
    let attempt = TimeoutConfig::builder().operation_attempt_timeout(patience.attempt);
    Builder::new().retry_config(RetryConfig::disabled()).timeout_config(attempt.build())
}

fn retries(patience: &Patience) -> RetryConfig {
    RetryConfig::standard().with_max_attempts(patience.read_attempts).with_initial_backoff(patience.first_pause)
}

fn timeouts(patience: &Patience) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(patience.connect)
        .operation_attempt_timeout(patience.attempt)
        .operation_timeout(patience.read)
        .build()
}

fn credentials(keys: &AccessKeys) -> Credentials {
    let token = keys.token.clone();
    Credentials::new(keys.id.clone(), keys.secret.clone(), token, None, "towpath")
}

fn application(name: &str) -> String {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
    only(name, allowed, 50)
}

/// At most so many characters, with a hyphen in place of each that is not allowed.
pub(crate) fn only(text: &str, allowed: impl Fn(char) -> bool, longest: usize) -> String {
    let kept = text.chars().map(|character| if allowed(character) { character } else { '-' });
    kept.take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_agent_may_not_have_becomes_a_hyphen() {
        assert_eq!(application("towpath/0.1.0 (action)"), "towpath-0.1.0--action-");
        assert_eq!(application(&"x".repeat(80)).len(), 50);
    }
}
