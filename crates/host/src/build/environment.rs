//! What a builder or a scanner is told of our environment: what it needs to find itself, its storage and its proxy, and no more.
//!
//! Credentials of AWS, tokens of the CI system and whatever else stands there stay with us. The variables that hold a
//! build's own secrets are added by name.

use std::{collections::BTreeMap, ffi::OsString};

/// Variables by name.
pub(crate) type Variables = BTreeMap<OsString, OsString>;

/// Names that are handed on.
const KEPT: [&str; 46] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
    "DOCKER_API_VERSION",
    "BUILDX_BUILDER",
    "BUILDX_CONFIG",
    "BUILDKIT_HOST",
    "BUILDAH_ISOLATION",
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
    "CONTAINERS_REGISTRIES_CONF",
    "CONTAINER_HOST",
    "CONTAINER_CONNECTION",
    "REGISTRY_AUTH_FILE",
    "STORAGE_DRIVER",
    "STORAGE_OPTS",
    "_CONTAINERS_USERNS_CONFIGURED",
    "DBUS_SESSION_BUS_ADDRESS",
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
    "PROGRAMDATA",
];

/// What of these variables a builder is given.
pub(crate) fn minimal(variables: &Variables) -> Variables {
    let is_kept = |name: &OsString| KEPT.iter().any(|kept| name == kept);
    variables.iter().filter(|(name, _)| is_kept(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_and_tokens_stay_with_us() {
        let names =
            ["PATH", "HOME", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "NPM_TOKEN"];
        let variables: Variables = names.iter().map(|name| (OsString::from(name), OsString::from("x"))).collect();
        let kept: Vec<OsString> = minimal(&variables).into_keys().collect();
        assert_eq!(kept, ["HOME", "PATH"]);
    }
}
