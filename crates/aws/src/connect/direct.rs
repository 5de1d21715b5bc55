//! The HTTP client for an endpoint on this machine: it never goes through a proxy.
//!
//! The SDK's own client takes `HTTP_PROXY` at its word, even for 127.0.0.1, where no proxy can reach what is meant.
//! Endpoints of single services (`AWS_ENDPOINT_URL_ECS` and the like) are not looked at: for them, `NO_PROXY` helps.

use std::net::IpAddr;

use aws_config::SdkConfig;
use aws_sdk_ecs::config::SharedHttpClient;
use aws_smithy_http_client::{Builder, Connector, ConnectorBuilder, proxy::ProxyConfig, tls};

/// The configuration with such a client, where the endpoint of all services is on this machine.
pub(crate) fn where_near(config: SdkConfig) -> SdkConfig {
    if is_for(&config) { config.into_builder().http_client(client(ProxyConfig::disabled)).build() } else { config }
}

/// Whether the endpoint of all services is on this machine.
pub(crate) fn is_for(config: &SdkConfig) -> bool {
    config.endpoint_url().is_some_and(is_near)
}

/// As the SDK makes its own.
pub(super) fn usual() -> SharedHttpClient {
    client(ProxyConfig::from_env)
}

/// As the SDK makes its own, but for the proxy.
fn client(proxy: fn() -> ProxyConfig) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
        let mut connector = ConnectorBuilder::default().tls_provider(provider).proxy_config(proxy());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    })
}

/// A connector for one address: without a proxy where it is on this machine.
pub(crate) fn connector(address: &str) -> Connector {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    let proxy = if is_near(address) { ProxyConfig::disabled() } else { ProxyConfig::from_env() };
    ConnectorBuilder::default().tls_provider(provider).proxy_config(proxy).build()
}

/// Whether an address is on this machine.
pub(crate) fn is_near(endpoint: &str) -> bool {
    let authority = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    let host = match place.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_on_this_machine_is_known_by_its_host() {
        let check = |endpoint, expected| assert_eq!(is_near(endpoint), expected, "{endpoint}");
        check("http://127.0.0.1:5601", true);
        check("http://127.9.9.9/path?x=y", true);
        check("https://user:word@Localhost:8443/", true);
        check("http://[::1]:5601/", true);
        check("https://ecs.us-west-2.amazonaws.com", false);
        check("http://localhost.example.com", false);
        check("http://127.0.0.1.example.com:80", false);
        check("http://elsewhere/127.0.0.1", false);
        check("http://127.0.0.1@elsewhere:80", false);
        check("http://10.0.0.1:5601", false);
        check("", false);
    }
}
