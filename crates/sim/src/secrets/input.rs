//! Reading what several operations take: values, tokens and tags.
//!
//! Values are judged by their size alone.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::secret::SecretValue;
use crate::{api::Members, fault::AwsError};

/// The most bytes of a value.
const LARGEST: usize = 65_536;

pub(super) fn read_value(members: &Members<'_>) -> Result<Option<SecretValue>, AwsError> {
    let (text, binary) = (members.text("SecretString")?, members.text("SecretBinary")?);
    match (text, binary) {
        (Some(_), Some(_)) => {
            Err(invalid("You can't specify both a binary secret value and a string secret value in the same secret."))
        }
        (Some(text), None) if !(1..=LARGEST).contains(&text.len()) => {
            Err(invalid("SecretString must have between 1 and 65536 bytes."))
        }
        (Some(text), None) => Ok(Some(SecretValue::Text(text.to_owned()))),
        (None, Some(binary)) => match BASE64_STANDARD.decode(binary) {
            Ok(bytes) if (1..=LARGEST).contains(&bytes.len()) => Ok(Some(SecretValue::Binary(binary.to_owned()))),
            Ok(_) => Err(invalid("SecretBinary must have between 1 and 65536 bytes.")),
            Err(_) => {
                Err(AwsError::client("SerializationException", "Unexpected value for 'SecretBinary': expected base64"))
            }
        },
        (None, None) => Ok(None),
    }
}

pub(super) fn read_token<'a>(members: &Members<'a>) -> Result<Option<&'a str>, AwsError> {
    match members.text("ClientRequestToken")? {
        Some(token) if !(32..=64).contains(&token.len()) => {
            Err(invalid("ClientRequestToken must have between 32 and 64 characters."))
        }
        token => Ok(token),
    }
}

pub(super) fn read_tags(members: &Members<'_>) -> Result<Vec<Value>, AwsError> {
    let tags = members.list("Tags")?;
    for tag in tags {
        let tag = Members::of(tag, &["Key", "Value"])?;
        tag.required_text("Key")?;
        tag.text("Value")?;
    }
    Ok(tags.to_vec())
}

pub(super) fn invalid(message: &str) -> AwsError {
    AwsError::client("InvalidParameterException", message)
}
