//! A whole registry: `PutAccountSetting`, `GetAccountSetting` and `DescribeRegistry`.
//!
//! Nothing is replicated. //! Of the settings only `BLOB_MOUNTING` changes anything here; the others are known by name and refused.

use serde_json::{Value, json};

use super::{error::invalid, registry::Ecr};
use crate::{api::Members, fault::AwsError};

const MOUNTING: &str = "BLOB_MOUNTING";

pub(super) fn put(ecr: &mut Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["name", "value"])?;
    check_name(members.required_text("name")?)?;
    ecr.mounts_layers = match members.required_text("value")? {
        "ENABLED" => true,
        "DISABLED" => false,
        _ => return Err(invalid("value", "must be ENABLED or DISABLED")),
    };
    Ok(shown(ecr))
}

pub(super) fn get(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    check_name(Members::of(input, &["name"])?.required_text("name")?)?;
    Ok(shown(ecr))
}

pub(super) fn describe(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    Members::of(input, &[])?;
    Ok(json!({"registryId": ecr.account, "replicationConfiguration": {"rules": []}}))
}

fn check_name(name: &str) -> Result<(), AwsError> {
    if name == MOUNTING { Ok(()) } else { Err(invalid("name", "the simulator knows the setting BLOB_MOUNTING alone")) }
}

fn shown(ecr: &Ecr) -> Value {
    json!({"name": MOUNTING, "value": if ecr.mounts_layers { "ENABLED" } else { "DISABLED" }})
}
