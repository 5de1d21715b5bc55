//! Whether one signature is what one demand asks for, and if not, what is different.
//!
//! Nothing that a certificate does not say counts as said.

use crate::identifier::{GitHubRepository, RefPattern, WorkflowFile};

use super::{Demand, Rules, Signature, Signer, Statement, Workflow};

/// Who vouches for workflows on github.com.
const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// Where repositories are.
const HOST: &str = "https://github.com/";

/// Whether a signature satisfies the rules; otherwise what is different from the demand that it comes nearest to.
pub(super) fn differs(signature: &Signature, rules: &Rules) -> Option<String> {
    let mut told = None;
    for demand in &rules.by {
        match from(signature, demand) {
            None => return statement(signature, rules),
            Some(Different { is_near: true, what }) => told = Some(what),
            Some(Different { is_near: false, what }) => told = told.or(Some(what)),
        }
    }
    Some(told.unwrap_or_else(|| "nobody may have signed".to_owned()))
}

/// What is different.
struct Different {
    /// Whether it is the same kind of signer, so that this is the sentence to read.
    is_near: bool,
    what: String,
}

fn near(what: String) -> Different {
    Different { is_near: true, what }
}

fn from(signature: &Signature, demand: &Demand) -> Option<Different> {
    match (&signature.by, demand) {
        (Signer::Key { file }, Demand::Key { file: wanted, log }) if file == wanted => {
            let is_enough = signature.logged || !log;
            (!is_enough).then(|| near("it is in no transparency log".to_owned()))
        }
        (Signer::Key { .. }, Demand::Key { .. }) => Some(near("it was made with another key".to_owned())),
        (Signer::Certificate { identity, issuer, .. }, Demand::Identity { identity: who, issuer: wanted }) => {
            if !who.matches(identity) {
                return Some(near(format!("the identity is not `{who}`")));
            }
            (issuer != wanted.as_str()).then(|| near(format!("the issuer is not `{wanted}`")))
        }
        (Signer::Certificate { identity, issuer, workflow }, Demand::GitHub { repository, workflow: file, refs }) => {
            if issuer != GITHUB {
                return Some(Different { is_near: false, what: format!("the issuer is not `{GITHUB}`") });
            }
            let claims = workflow.as_deref().cloned().unwrap_or_default();
            github(identity, &claims, repository, file, refs).map(near)
        }
        (Signer::Key { .. }, Demand::Identity { .. } | Demand::GitHub { .. })
        | (Signer::Certificate { .. }, Demand::Key { .. }) => {
            Some(Different { is_near: false, what: "it is of another kind than is wanted".to_owned() })
        }
    }
}

/// The repository that was built, the ref that it was built for, and the workflow that signed: all three must be said
/// by the certificate. The identity is the workflow's own address; the claims must not contradict it.
fn github(
    identity: &str,
    claims: &Workflow,
    repository: &GitHubRepository,
    file: &WorkflowFile,
    refs: &[RefPattern],
) -> Option<String> {
    let built = claims.repository.as_deref().unwrap_or_default();
    if !is_same(built.strip_prefix(HOST), repository.as_str()) {
        return Some(format!("the repository is not `{repository}`"));
    }
    let source = claims.source_ref.as_deref().unwrap_or_default();
    let is_wanted = |name: &str| refs.iter().any(|pattern| pattern.matches(name));
    if !is_wanted(source) {
        return Some(format!("the ref is none of {}", listed(refs)));
    }
    let Some((signer, at)) = identity.strip_prefix(HOST).and_then(|rest| rest.rsplit_once('@')) else {
        return Some("the identity is no workflow on GitHub".to_owned());
    };
    let (place, is_at) = match file.elsewhere() {
        Some((other, _)) => (other.to_owned(), file.may_be_called_at(at)),
        None => (repository.to_string(), is_wanted(at)),
    };
    let path = signer.get(..place.len()).filter(|there| is_same(Some(there), &place)).map(|_| &signer[place.len()..]);
    if path.and_then(|path| path.strip_prefix('/')) != Some(file.path()) {
        return Some(format!("the workflow is not `{file}`"));
    }
    if !is_at {
        return Some("the workflow was called at another ref".to_owned());
    }
    let agrees = claims.file.as_deref().is_none_or(|claimed| claimed == identity);
    (!agrees).then(|| "its certificate names two workflows".to_owned())
}

/// GitHub does not tell capitals apart in names of owners and repositories.
fn is_same(text: Option<&str>, name: &str) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case(name))
}

/// Somebody who may sign says many things of an image; not all of them mean that it may be deployed.
fn statement(signature: &Signature, rules: &Rules) -> Option<String> {
    match &signature.statement {
        Statement::Manifest => None,
        Statement::Attested { predicate } if rules.statements.contains(predicate) => None,
        Statement::Attested { .. } => Some(format!("it states none of {}", listed(&rules.statements))),
    }
}

fn listed<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}
