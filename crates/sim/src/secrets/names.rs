//! Names, ARNs and version ids.
//!
//! Made-up parts are the same whenever the same calls are made in the same order.

use super::vault::Secrets;
use crate::{api::sha256, fault::AwsError};

pub(super) fn check_name(name: &str) -> Result<(), AwsError> {
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || "/_+=.@-!".contains(character);
    if name.len() <= 512 && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(AwsError::client(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    ))
}

pub(super) fn arn(secrets: &Secrets, name: &str, number: u64) -> String {
    let Secrets { account, region, .. } = secrets;
    let partition = if region.starts_with("cn-") { "aws-cn" } else { "aws" };
    let suffix = hexadecimal(&format!("{account}/{region}/{name}/{number}"));
    format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{}", &suffix[..6])
}

/// An id in the shape of a UUID, the same for the same number of the same secret.
pub(super) fn version_id(arn: &str, number: u64) -> String {
    let text = hexadecimal(&format!("{arn}/{number}"));
    format!("{}-{}-4{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..32])
}

fn hexadecimal(text: &str) -> String {
    sha256(text).replace("sha256:", "")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    fn secrets() -> Secrets {
        Secrets::new("111111111111", "us-west-2")
    }

    fn call(secrets: &mut Secrets, operation: &str, input: &Value) -> Result<Value, AwsError> {
        secrets.call(operation, input, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_secret_is_found_by_its_arn_whole_or_in_part() {
        let mut secrets = secrets();
        let created =
            call(&mut secrets, "CreateSecret", &json!({"Name": "shop/token", "SecretString": "one"})).unwrap();
        let arn = created["ARN"].as_str().unwrap();
        for id in [arn, &arn[..arn.len() - 7]] {
            call(&mut secrets, "DescribeSecret", &json!({"SecretId": id})).unwrap();
        }
        assert!(call(&mut secrets, "DescribeSecret", &json!({"SecretId": &arn[..arn.len() - 1]})).is_err());
    }
}
