//! STS: who the caller is, and whom a role makes of it.

use anyhow::Result;

use super::{
    Check,
    client::{ACCOUNT, Client, expect, text},
};

pub(super) const CHECKS: [Check; 2] =
    [("the caller is told who it is", caller), ("an assumed role's keys are of the role's account", role)];

fn caller(client: &Client<'_>) -> Result<()> {
    let caller = client.aws("sts get-caller-identity")?;
    expect(&caller, "/Account", ACCOUNT)?;
    expect(&caller, "/Arn", format!("arn:aws:iam::{ACCOUNT}:user/simulator"))
}

fn role(client: &Client<'_>) -> Result<()> {
    let role = "arn:aws:iam::333333333333:role/deployer";
    let line = format!("sts assume-role --role-arn {role} --role-session-name peer");
    let assumed = client.aws(&line)?;
    let arn = "arn:aws:sts::333333333333:assumed-role/deployer/peer";
    expect(&assumed, "/AssumedRoleUser/Arn", arn)?;
    let key = |name: &str| text(&assumed, name);
    let variables = [
        ("AWS_ACCESS_KEY_ID", key("/Credentials/AccessKeyId")?),
        ("AWS_SECRET_ACCESS_KEY", key("/Credentials/SecretAccessKey")?),
        ("AWS_SESSION_TOKEN", key("/Credentials/SessionToken")?),
    ];
    let caller = client.aws_as(&variables, "sts get-caller-identity")?;
    expect(&caller, "/Account", "333333333333")?;
    expect(&caller, "/Arn", arn)
}
