//! What a lifecycle policy takes away: a pure function of a repository, the rules and an instant.
//!
//! Every rule marks what it is about, as if it were alone; the rule with the lowest number has the first word on an
//! image. An image that an index refers to is not taken away alone, nor is what is about another image.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::rule::{Limit, Rule};
use crate::ecr::{delete::referring, manifest::Manifest, repository::Repository};

/// The images that go, with the priority of the rule that says so.
pub(super) fn expired(repository: &Repository, rules: &[Rule], now: Timestamp) -> BTreeMap<String, i64> {
    let mut rules: Vec<_> = rules.iter().collect();
    rules.sort_by_key(|rule| rule.priority);
    let mut spoken_for = BTreeSet::new();
    let mut expired = BTreeMap::new();
    for rule in rules {
        let about = images(repository, rule);
        let marked = marked(repository, rule, &about, now);
        for digest in &about {
            // What a rule of higher priority is about is its own, whether it keeps or expires it.
            if spoken_for.insert(digest.clone()) && marked.contains(digest) {
                expired.insert(digest.clone(), rule.priority);
            }
        }
    }
    expired
}

/// The images that a rule is about, the newest first.
fn images(repository: &Repository, rule: &Rule) -> Vec<String> {
    let is_own = |digest: &str| {
        let image = repository.images.get(digest);
        let is_about_another = image
            .and_then(|image| Manifest::read(&image.manifest).ok())
            .is_some_and(|manifest| manifest.subject().is_some_and(|subject| repository.images.contains_key(subject)));
        !is_about_another && referring(repository, digest).is_none()
    };
    let mut digests: Vec<_> = repository
        .images
        .iter()
        .filter(|(digest, _)| rule.is_about(&repository.tags_of(digest)) && is_own(digest))
        .map(|(digest, image)| (image.pushed_at, digest.clone()))
        .collect();
    digests.sort_by(|one, other| other.cmp(one));
    digests.into_iter().map(|(_, digest)| digest).collect()
}

fn marked(repository: &Repository, rule: &Rule, about: &[String], now: Timestamp) -> BTreeSet<String> {
    let is_too_old = |digest: &&String| {
        let image = repository.images.get(*digest);
        image.is_some_and(|image| rule.limit.is_too_old(image.pushed_at, image.pulled_at, now).unwrap_or_default())
    };
    match rule.limit {
        Limit::More(count) => about.iter().skip(count).cloned().collect(),
        Limit::Pushed(_) | Limit::Pulled(_) => about.iter().filter(is_too_old).cloned().collect(),
    }
}
