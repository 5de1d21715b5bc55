//! Secrets Manager: a secret's value, its versions, and its end.

use anyhow::{Result, ensure};

use super::{
    Check,
    client::{Client, expect, text},
};

pub(super) const CHECKS: [Check; 1] = [("a secret is kept, changed and deleted", life)];

fn life(client: &Client<'_>) -> Result<()> {
    let call = |operation: &str, further: &str| {
        let line = format!("secretsmanager {operation} --secret-id peer/token {further}");
        client.aws(&line)
    };
    let line = "secretsmanager create-secret --name peer/token --secret-string first";
    let made = client.aws(line)?;
    let got = call("get-secret-value", "")?;
    expect(&got, "/ARN", text(&made, "/ARN")?)?;
    expect(&got, "/SecretString", "first")?;
    expect(&got, "/VersionId", text(&made, "/VersionId")?)?;
    let put = call("put-secret-value", "--secret-string second")?;
    let got = call("get-secret-value", "")?;
    expect(&got, "/SecretString", "second")?;
    expect(&got, "/VersionId", text(&put, "/VersionId")?)?;
    call("delete-secret", "")?;
    let described = call("describe-secret", "")?;
    ensure!(described.get("DeletedDate").is_some(), "a deleted secret has no DeletedDate");
    let line = "secretsmanager get-secret-value --secret-id peer/token";
    client.refused("InvalidRequestException", line, &[])
}
