//! `DeleteSecret`.
//!
//! A deleted secret cannot be restored, only waited for: `RestoreSecret` is not simulated.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{input::invalid, secret::Deletion, vault::Secrets};
use crate::{
    api::{Members, epoch_seconds},
    fault::AwsError,
};

pub(super) fn delete(secrets: &mut Secrets, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &["SecretId", "RecoveryWindowInDays", "ForceDeleteWithoutRecovery"])?;
    let is_forced = members.flag("ForceDeleteWithoutRecovery")?.unwrap_or(false);
    let days = read_window(members.whole("RecoveryWindowInDays")?, is_forced)?;
    let secret = secrets.find_mut(members.required_text("SecretId")?)?;
    secret.check_usable()?;
    let due_at = now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
    secret.deletion = Some(Deletion { asked_at: now, due_at });
    Ok(json!({"ARN": secret.arn, "Name": secret.name, "DeletionDate": epoch_seconds(due_at)}))
}

fn read_window(days: Option<i64>, is_forced: bool) -> Result<i64, AwsError> {
    match (days, is_forced) {
        (Some(_), true) => {
            Err(invalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."))
        }
        (None, true) => Ok(0),
        (None, false) => Ok(30),
        (Some(days @ 7..=30), false) => Ok(days),
        (Some(_), false) => Err(invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::new("111111111111", "us-west-2")
    }

    fn call(secrets: &mut Secrets, operation: &str, input: &Value) -> Result<Value, AwsError> {
        secrets.call(operation, input, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_deleted_secret_cannot_be_read_and_is_gone_after_its_window() {
        let mut secrets = secrets();
        call(&mut secrets, "CreateSecret", &json!({"Name": "shop/token", "SecretString": "one"})).unwrap();
        call(&mut secrets, "DeleteSecret", &json!({"SecretId": "shop/token", "RecoveryWindowInDays": 7})).unwrap();
        let error = call(&mut secrets, "GetSecretValue", &json!({"SecretId": "shop/token"})).unwrap_err();
        assert_eq!(error.code, "InvalidRequestException");
        let later = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(7 * 24);
        let error = secrets.call("DescribeSecret", &json!({"SecretId": "shop/token"}), later).unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException");
    }
}
