//! Who of another account may do what: repository policies, as far as the simulator reads them.
//!
//! A statement's effect, principals and actions count, with `*` in actions. Conditions are not evaluated: a statement
//! that has one allows nothing, and denies nothing. Within an account everything is allowed that no policy denies.

use serde_json::{Value, json};

use super::{registry::Ecr, repositories::arn};
use crate::{
    api::Members,
    fault::AwsError,
    sts::{Caller, is_account},
};

/// The account whose registry an operation of `caller` is about.
pub(crate) fn account_of(input: &Value, caller: &str) -> Result<String, AwsError> {
    let asked = input.get("registryId").and_then(Value::as_str).unwrap_or(caller);
    if is_account(asked) {
        return Ok(asked.to_owned());
    }
    Err(AwsError::client(
        "InvalidParameterException",
        "Invalid parameter at 'registryId' failed to satisfy constraint: 'must satisfy regular expression '[0-9]{12}''",
    ))
}

/// Whether an action changes nothing.
fn is_read(action: &str) -> bool {
    ["Describe", "List", "Get", "BatchGet", "BatchCheck"].iter().any(|verb| action.starts_with(verb))
}

/// What a policy says to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Allowed,
    Denied,
    Silent,
}

impl Ecr {
    /// Refuses an action that the caller may not do.
    pub(crate) fn check_access(&self, repository: &str, action: &str, caller: &Caller) -> Result<(), AwsError> {
        let policy = self.repositories.get(repository).and_then(|repository| repository.policy.as_deref());
        let verdict =
            policy.map_or(Verdict::Silent, |policy| judge(policy, action, &caller.account, Some(&caller.arn)));
        let is_own = caller.account == self.account;
        let is_open = policy.is_none() && self.knobs.open_reads && is_read(action);
        match verdict {
            Verdict::Allowed => Ok(()),
            Verdict::Silent if is_own || is_open => Ok(()),
            Verdict::Silent => {
                Err(self.denied(repository, action, caller, "because no resource-based policy allows the"))
            }
            Verdict::Denied => {
                Err(self.denied(repository, action, caller, "with an explicit deny in a resource-based policy of the"))
            }
        }
    }

    /// Whether tasks of `account` may pull from a repository.
    pub(crate) fn lets_pull(&self, repository: &str, account: &str) -> bool {
        let policy = self.repositories.get(repository).and_then(|repository| repository.policy.as_deref());
        let verdict = policy.map_or(Verdict::Silent, |policy| judge(policy, "BatchGetImage", account, None));
        match verdict {
            Verdict::Allowed => true,
            Verdict::Denied => false,
            Verdict::Silent => account == self.account || (policy.is_none() && self.knobs.open_reads),
        }
    }

    fn denied(&self, repository: &str, action: &str, caller: &Caller, why: &str) -> AwsError {
        let (arn, resource) = (&caller.arn, arn(self, repository));
        AwsError::client(
            "AccessDeniedException",
            format!(
                "User: {arn} is not authorized to perform: ecr:{action} on resource: {resource} {why} ecr:{action} action"
            ),
        )
    }
}

/// What `policy` says of `action` to somebody of `account`; without an ARN, to anybody there.
fn judge(policy: &str, action: &str, account: &str, arn: Option<&str>) -> Verdict {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let speaks = |statement: &&Value| {
        statement.get("Condition").is_none()
            && texts(&statement["Action"]).any(|pattern| is_action_of(pattern, action))
            && is_principal(&statement["Principal"], account, arn)
    };
    let effects: Vec<_> = items(&policy["Statement"]).filter(speaks).map(|statement| &statement["Effect"]).collect();
    if effects.iter().any(|effect| *effect == "Deny") {
        return Verdict::Denied;
    }
    if effects.is_empty() { Verdict::Silent } else { Verdict::Allowed }
}

/// Whether `pattern`, such as `ecr:Batch*`, means `action`.
pub(crate) fn is_action_of(pattern: &str, action: &str) -> bool {
    let pattern = pattern.to_lowercase();
    let action = format!("ecr:{}", action.to_lowercase());
    match pattern.split_once('*') {
        Some((head, tail)) => action.starts_with(head) && action.ends_with(tail.trim_start_matches('*')),
        None => pattern == action,
    }
}

fn is_principal(principal: &Value, account: &str, arn: Option<&str>) -> bool {
    let named = principal.get("AWS").unwrap_or(principal);
    texts(named).any(|name| {
        let of_account = name.split(':').nth(4).unwrap_or(name) == account;
        let is_whole = name == account || name.ends_with(":root");
        name == "*" || (of_account && (is_whole || arn.is_none_or(|arn| is_same(name, arn))))
    })
}

/// Whether `arn` is `name`, or a session of the role `name`.
fn is_same(name: &str, arn: &str) -> bool {
    let role = name.rsplit('/').next().unwrap_or_default();
    name == arn || (name.contains(":role/") && arn.contains(&format!(":assumed-role/{role}/")))
}

/// One or several.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    items(value).filter_map(Value::as_str)
}

const MEMBERS: &[&str] = &["registryId", "repositoryName"];

pub(super) fn set(ecr: &mut Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "policyText", "force"])?;
    let text = members.required_text("policyText")?;
    let name = members.required_text("repositoryName")?;
    ecr.repository(name)?;
    check_policy(text)?;
    ecr.repository_mut(name)?.policy = Some(text.to_owned());
    Ok(shown(ecr, name, text))
}

fn check_policy(text: &str) -> Result<(), AwsError> {
    let policy: Value = serde_json::from_str(text).unwrap_or_default();
    let is_statement = |statement: &Value| {
        ["Allow", "Deny"].iter().any(|effect| statement["Effect"] == *effect)
            && texts(&statement["Action"]).next().is_some_and(|action| action.starts_with("ecr:"))
            && !statement["Principal"].is_null()
    };
    if policy.get("Statement").is_some_and(|all| items(all).all(is_statement)) {
        return Ok(());
    }
    Err(AwsError::client(
        "InvalidParameterException",
        "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
    ))
}

pub(super) fn get(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    let name = Members::of(input, MEMBERS)?.required_text("repositoryName")?;
    let policy = ecr.repository(name)?.policy.as_deref().ok_or_else(|| none(ecr, name))?;
    Ok(shown(ecr, name, policy))
}

pub(super) fn delete(ecr: &mut Ecr, input: &Value) -> Result<Value, AwsError> {
    let name = Members::of(input, MEMBERS)?.required_text("repositoryName")?;
    let missing = none(ecr, name);
    let policy = ecr.repository_mut(name)?.policy.take().ok_or(missing)?;
    Ok(shown(ecr, name, &policy))
}

fn none(ecr: &Ecr, repository: &str) -> AwsError {
    let account = &ecr.account;
    AwsError::client(
        "RepositoryPolicyNotFoundException",
        format!(
            "Repository policy does not exist for the repository with name '{repository}' in the registry with id '{account}'"
        ),
    )
}

fn shown(ecr: &Ecr, repository: &str, policy: &str) -> Value {
    json!({"registryId": ecr.account, "repositoryName": repository, "policyText": policy})
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sts::333333333333:assumed-role/deployer/run";

    fn check(principal: &str, action: &str, expected: Verdict) {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action});
        let policy = json!({"Statement": [statement]}).to_string();
        assert_eq!(judge(&policy, "BatchGetImage", "333333333333", Some(ARN)), expected, "{principal} {action}");
    }

    #[test]
    fn a_statement_speaks_to_its_principals_of_its_actions() {
        check("*", "ecr:*", Verdict::Allowed);
        check("333333333333", "ecr:Batch*", Verdict::Allowed);
        check("arn:aws:iam::333333333333:root", "ecr:BatchGetImage", Verdict::Allowed);
        check("arn:aws:iam::333333333333:role/deployer", "ecr:BatchGetImage", Verdict::Allowed);
        check("arn:aws:iam::333333333333:role/other", "ecr:BatchGetImage", Verdict::Silent);
        check("arn:aws:iam::222222222222:root", "ecr:*", Verdict::Silent);
        check("*", "ecr:PutImage", Verdict::Silent);
    }

    #[test]
    fn a_denial_goes_first_and_a_condition_says_nothing() {
        let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "ecr:*"});
        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": ["ecr:BatchGetImage"]});
        let unless = json!({"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Condition": {}});
        let judge = |statements: Value| {
            judge(&json!({"Statement": statements}).to_string(), "BatchGetImage", "333333333333", Some(ARN))
        };
        assert_eq!(judge(json!([allow, deny])), Verdict::Denied);
        assert_eq!(judge(json!([unless])), Verdict::Silent);
        assert_eq!(judge(allow), Verdict::Allowed);
    }

    #[test]
    fn a_policy_is_kept_as_it_was_written() {
        let mut ecr = Ecr::new("111111111111", "us-west-2");
        let mut call = |operation: &str, policy: Option<&str>| {
            let mut input = json!({"repositoryName": "shop"});
            if let Some(policy) = policy {
                input["policyText"] = policy.into();
            }
            ecr.call(operation, &input, jiff::Timestamp::UNIX_EPOCH)
        };
        call("CreateRepository", None).unwrap();
        assert_eq!(call("GetRepositoryPolicy", None).unwrap_err().code, "RepositoryPolicyNotFoundException");
        let policy =
            "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"ecr:BatchGetImage\"}}";
        call("SetRepositoryPolicy", Some(policy)).unwrap();
        assert_eq!(call("GetRepositoryPolicy", None).unwrap()["policyText"], policy);
        for wrong in ["", "[]", "{\"Statement\": [{}]}"] {
            assert_eq!(call("SetRepositoryPolicy", Some(wrong)).unwrap_err().code, "InvalidParameterException");
        }
        call("DeleteRepositoryPolicy", None).unwrap();
        assert!(call("DeleteRepositoryPolicy", None).is_err());
    }
}
