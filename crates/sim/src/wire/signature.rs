//! The `Authorization` header of Signature Version 4: who signed, and for which region and service.
//!
//! The signature itself is not verified: the simulator keeps no secret keys.

use crate::fault::AwsError;

/// What a request was signed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    pub(crate) access_key: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

impl<'a> Scope<'a> {
    /// Reads `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
    pub(crate) fn read(header: &'a str) -> Result<Self, AwsError> {
        Self::parse(header).ok_or_else(|| AwsError {
            status: 403,
            code: "IncompleteSignatureException".to_owned(),
            message: "Authorization header requires 'Credential' parameter in the form KEY/DATE/REGION/SERVICE/aws4_request, 'SignedHeaders' and 'Signature'.".to_owned(),
        })
    }

    fn parse(header: &'a str) -> Option<Self> {
        let parameters = header.strip_prefix("AWS4-HMAC-SHA256")?;
        let value = |name: &str| parameters.split(',').find_map(|parameter| parameter.trim().strip_prefix(name));
        let credential = value("Credential=")?;
        value("Signature=")?;
        Self::of_credential(credential)
    }

    /// Reads `KEY/DATE/REGION/SERVICE/aws4_request`.
    pub(crate) fn of_credential(credential: &'a str) -> Option<Self> {
        // An access key id has no slash in it, but what stands there may: the scope is counted from the end.
        let mut parts = credential.rsplitn(5, '/');
        let (end, service, region, _date, access_key) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        (end == "aws4_request").then_some(Self { access_key, region, service })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_is_read() {
        let header = "AWS4-HMAC-SHA256 Credential=AKIASIM0111111111111/20260302/us-west-2/ecs/aws4_request, SignedHeaders=host, Signature=00";
        let expected = Scope { access_key: "AKIASIM0111111111111", region: "us-west-2", service: "ecs" };
        assert_eq!(Scope::read(header).unwrap(), expected);
    }

    #[test]
    fn anything_else_is_refused() {
        for header in [
            "",
            "Basic QVdT",
            "AWS4-HMAC-SHA256 Credential=a/b/c, Signature=0",
            "AWS4-HMAC-SHA256 Credential=a/d/r/ecs/aws4_request",
        ] {
            assert_eq!(Scope::read(header).unwrap_err().code, "IncompleteSignatureException", "{header}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_is_too_strange(header in ".*", rest in ".*") {
            let _read = Scope::read(&header);
            let _read = Scope::read(&format!("AWS4-HMAC-SHA256 Credential={rest}, Signature=0"));
        }
    }
}
