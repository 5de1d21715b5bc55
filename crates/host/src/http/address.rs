//! Which addresses are asked at all.

use reqwest::Url;

/// The address to ask, or why it is none.
pub(super) fn parse(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("not an address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{}:` addresses are not asked: use http or https", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address has credentials in it: a smoke check sends none".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_are_asked() {
        for good in ["http://127.0.0.1:8080/version", "https://api.example.com", "https://[::1]/x?y=z#w"] {
            assert!(parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn other_addresses_are_not() {
        for bad in ["", "api.example.com/version", "/version", "ftp://example.com", "file:///etc/passwd", "http://"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn credentials_in_an_address_are_refused_and_not_repeated() {
        let reason = parse("https://user:hunter2@example.com/").unwrap_err();
        assert!(!reason.contains("hunter2") && !reason.contains("user:"), "{reason}");
    }
}
