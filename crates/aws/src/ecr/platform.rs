//! What an image is built for, as its manifest or its configuration says.

use serde_json::Value;
use towpath_core::{identifier::Digest, ports::Platform};

use crate::json::{self, Unreadable};

use super::manifest;

/// Where a manifest says what its image is built for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// In itself: it is an index of images.
    Here(Vec<Platform>),
    /// In the image's configuration.
    In(Digest),
    /// Nowhere.
    Nowhere,
}

/// Reads a manifest. An index that leaves one of its images open leaves all open: that one may be what is needed.
pub(crate) fn told(image: &Value) -> Result<Told, Unreadable> {
    if json::member(image, "manifests").is_some() {
        let all: Option<Vec<Platform>> =
            manifest::images(image)?.map(|child| json::member(child, "platform").and_then(platform)).collect();
        return Ok(all.map_or(Told::Nowhere, Told::Here));
    }
    let configuration = json::member(image, "config").unwrap_or(&Value::Null);
    let digest = json::parsed(configuration, "digest", "a digest")?;
    Ok(digest.map_or(Told::Nowhere, Told::In))
}

/// Reads an index entry's `platform`, or an image's configuration: both have the same members.
pub(crate) fn platform(value: &Value) -> Option<Platform> {
    let text = |name| json::text(value, name).ok().flatten().map(str::to_owned);
    Some(Platform { os: text("os")?, architecture: text("architecture")?, variant: text("variant") })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn linux(architecture: &str, variant: Option<&str>) -> Platform {
        let owned = str::to_owned;
        Platform { os: owned("linux"), architecture: owned(architecture), variant: variant.map(owned) }
    }

    fn entry(platform: &Value) -> Value {
        json!({"digest": Digest::of(b"image").as_str(), "platform": platform})
    }

    #[test]
    fn an_index_tells_the_platforms_of_its_images_and_none_of_attestations() {
        let index = json!({"manifests": [
            entry(&json!({"os": "linux", "architecture": "amd64", "os.version": "1"})),
            entry(&json!({"os": "unknown", "architecture": "unknown"})),
            entry(&json!({"architecture": "arm64", "os": "linux", "variant": "v8"})),
        ]});
        assert_eq!(told(&index), Ok(Told::Here(vec![linux("amd64", None), linux("arm64", Some("v8"))])));
        assert_eq!(told(&json!({"manifests": []})), Ok(Told::Here(vec![])));
    }

    #[test]
    fn an_index_that_leaves_an_image_open_tells_nothing() {
        let index = json!({"manifests": [
            entry(&json!({"os": "linux", "architecture": "amd64"})),
            {"digest": Digest::of(b"image").as_str()},
        ]});
        assert_eq!(told(&index), Ok(Told::Nowhere));
        assert!(told(&json!({"manifests": "none"})).is_err());
    }

    #[test]
    fn a_single_image_is_told_by_its_configuration() {
        let digest = Digest::of(b"configuration");
        let single = json!({"schemaVersion": 2, "config": {"digest": digest.as_str(), "size": 7}, "layers": []});
        assert_eq!(told(&single), Ok(Told::In(digest)));
        assert_eq!(told(&json!({"schemaVersion": 1})), Ok(Told::Nowhere));
        assert!(told(&json!({"config": {"digest": "hush"}})).is_err());
    }

    #[test]
    fn a_configuration_without_both_members_tells_nothing() {
        let configuration = json!({"os": "linux", "architecture": "arm64", "rootfs": {}, "variant": ""});
        assert_eq!(platform(&configuration), Some(linux("arm64", None)));
        assert_eq!(platform(&json!({"os": "linux"})), None);
        assert_eq!(platform(&json!({"os": 1, "architecture": "arm64"})), None);
        assert_eq!(platform(&json!([])), None);
    }
}
