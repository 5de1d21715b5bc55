//! Lifecycle policies: kept, previewed, and applied again and again as simulated time passes.
//!
//! How long after a policy was put it is applied first, and how often then, is a knob: AWS says within a day.

mod policy;
mod rule;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use rule::Rule;

use super::{registry::Ecr, repository::Repository};
use crate::{
    api::{Members, Page, epoch_seconds, page_size},
    fault::AwsError,
};

/// The policy of a repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Lifecycle {
    /// As it was written.
    text: String,
    /// When it was applied last.
    evaluated_at: Option<Timestamp>,
    /// When it will be applied next.
    next: Timestamp,
}

const MEMBERS: &[&str] = &["registryId", "repositoryName"];

impl Ecr {
    /// When a policy will be applied next.
    pub(crate) fn next_step(&self) -> Option<Timestamp> {
        self.repositories.values().filter_map(|repository| Some(repository.lifecycle.as_ref()?.next)).min()
    }

    /// Applies the policies that are due at `now`.
    pub(crate) fn step(&mut self, now: Timestamp) {
        let every = self.every();
        for repository in self.repositories.values_mut() {
            let Some(lifecycle) = repository.lifecycle.as_mut().filter(|lifecycle| lifecycle.next <= now) else {
                continue;
            };
            lifecycle.evaluated_at = Some(now);
            lifecycle.next = now.checked_add(every).unwrap_or(Timestamp::MAX);
            let text = lifecycle.text.clone();
            apply(repository, &read(&text).unwrap_or_default(), now);
        }
    }

    /// How long from one application to the next; never less than a second.
    fn every(&self) -> SignedDuration {
        SignedDuration::try_from_secs_f64(self.knobs.lifecycle_every.max(1.0)).unwrap_or(SignedDuration::MAX)
    }
}

fn apply(repository: &mut Repository, rules: &[Rule], now: Timestamp) {
    for digest in policy::expired(repository, rules, now).keys() {
        repository.remove(digest);
    }
}

fn read(text: &str) -> Result<Vec<Rule>, AwsError> {
    let policy: Value = serde_json::from_str(text).map_err(|error| invalid(&error.to_string()))?;
    let rules = policy["rules"].as_array().filter(|rules| !rules.is_empty());
    let rules = rules.ok_or_else(|| invalid("'rules' must be a list with at least one rule"))?;
    let rules: Vec<_> = rules.iter().map(Rule::read).collect::<Result<_, _>>().map_err(|problem| invalid(&problem))?;
    let mut priorities: Vec<_> = rules.iter().map(|rule| rule.priority).collect();
    priorities.sort_unstable();
    if priorities.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(invalid("every rule needs a 'rulePriority' of its own"));
    }
    let is_for_all = |rule: &&Rule| rule.about == rule::About::Any;
    match rules.iter().find(is_for_all) {
        Some(any) if priorities.last() != Some(&any.priority) => {
            Err(invalid("a rule with 'tagStatus' 'any' must have the highest 'rulePriority'"))
        }
        Some(_) | None => Ok(rules),
    }
}

fn invalid(problem: &str) -> AwsError {
    AwsError::client(
        "InvalidParameterException",
        format!(
            "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: {problem}'"
        ),
    )
}

pub(super) fn put(ecr: &mut Ecr, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "lifecyclePolicyText"])?;
    let text = members.required_text("lifecyclePolicyText")?;
    let name = members.required_text("repositoryName")?;
    let next = now.checked_add(ecr.every()).unwrap_or(Timestamp::MAX);
    let answer = shown(ecr, name, text);
    let repository = ecr.repository_mut(name)?;
    read(text)?;
    repository.lifecycle = Some(Lifecycle { text: text.to_owned(), evaluated_at: None, next });
    Ok(answer)
}

pub(super) fn get(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    let name = Members::of(input, MEMBERS)?.required_text("repositoryName")?;
    let lifecycle = ecr.repository(name)?.lifecycle.as_ref().ok_or_else(|| none(ecr, name))?;
    let mut answer = shown(ecr, name, &lifecycle.text);
    if let Some(at) = lifecycle.evaluated_at {
        answer["lastEvaluatedAt"] = epoch_seconds(at);
    }
    Ok(answer)
}

pub(super) fn delete(ecr: &mut Ecr, input: &Value) -> Result<Value, AwsError> {
    let name = Members::of(input, MEMBERS)?.required_text("repositoryName")?;
    let missing = none(ecr, name);
    let lifecycle = ecr.repository_mut(name)?.lifecycle.take().ok_or(missing)?;
    Ok(shown(ecr, name, &lifecycle.text))
}

pub(super) fn start_preview(ecr: &mut Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "lifecyclePolicyText"])?;
    let name = members.required_text("repositoryName")?;
    let missing = none(ecr, name);
    let repository = ecr.repository_mut(name)?;
    let kept = repository.lifecycle.as_ref().map(|lifecycle| lifecycle.text.clone());
    let text = members.text("lifecyclePolicyText")?.map(str::to_owned).or(kept).ok_or(missing)?;
    read(&text)?;
    repository.preview = Some(text.clone());
    let mut answer = shown(ecr, name, &text);
    answer["status"] = "IN_PROGRESS".into();
    Ok(answer)
}

pub(super) fn get_preview(ecr: &Ecr, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    const MEMBERS: &[&str] = &["registryId", "repositoryName", "imageIds", "nextToken", "maxResults", "filter"];
    let members = Members::of(input, MEMBERS)?;
    let name = members.required_text("repositoryName")?;
    let repository = ecr.repository(name)?;
    let text = repository.preview.as_deref().ok_or_else(|| {
        AwsError::client(
            "LifecyclePolicyPreviewNotFoundException",
            format!("There is no lifecycle policy preview for the repository with name '{name}' in the registry with id '{}'", ecr.account),
        )
    })?;
    let expired = policy::expired(repository, &read(text)?, now);
    let count = expired.len();
    let results = expired.into_iter().filter_map(|(digest, priority)| {
        let image = repository.images.get(&digest)?;
        Some(json!({
            "imageTags": repository.tags_of(&digest),
            "imageDigest": digest,
            "imagePushedAt": epoch_seconds(image.pushed_at),
            "action": {"type": "EXPIRE"},
            "appliedRulePriority": priority,
        }))
    });
    let page =
        Page::cut(results.collect(), members.text("nextToken")?, page_size(members.whole("maxResults")?, 100, 1000)?)?;
    let mut answer = shown(ecr, name, text);
    answer["status"] = "COMPLETE".into();
    answer["previewResults"] = page.items.into();
    answer["summary"] = json!({"expiringImageTotalCount": count});
    if let Some(next) = page.next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

fn none(ecr: &Ecr, repository: &str) -> AwsError {
    AwsError::client(
        "LifecyclePolicyNotFoundException",
        format!(
            "Lifecycle policy does not exist for the repository with name '{repository}' in the registry with id '{}'",
            ecr.account
        ),
    )
}

fn shown(ecr: &Ecr, repository: &str, text: &str) -> Value {
    json!({"registryId": ecr.account, "repositoryName": repository, "lifecyclePolicyText": text})
}
