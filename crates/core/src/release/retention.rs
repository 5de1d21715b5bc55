//! A registry's lifecycle policy, as far as it may delete what serves: <https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html>.
//!
//! It says what a rule may do, not what it will: how many images there are and how old they are is not looked at, nor
//! which other tags an image has.

use serde::Deserialize;

use crate::identifier::TagName;

/// Why a policy cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("the lifecycle policy cannot be understood")]
pub struct UnknownPolicy(#[source] serde_json::Error);

/// A rule that may delete an image that serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Danger {
    /// Its priority, by which the rule is found.
    pub priority: u64,
    /// What it selects and when it deletes, in words.
    pub rule: String,
}

#[derive(Deserialize)]
struct Policy {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    rule_priority: u64,
    selection: Selection,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Selection {
    tag_status: String,
    #[serde(default)]
    tag_prefix_list: Vec<String>,
    #[serde(default)]
    tag_pattern_list: Vec<String>,
    count_type: String,
    #[serde(default)]
    count_unit: Option<String>,
    count_number: u64,
}

/// The first rule that may delete an image which serves, if there is one.
///
/// `kept` is the tag that keeps it, where it has one. An image that a rule selects is none of the business of rules with
/// a greater number, so that a rule for the kept tags by count keeps them from all that follow.
///
/// # Errors
/// When the text is no policy.
pub fn danger(policy: &str, kept: Option<&TagName>) -> Result<Option<Danger>, UnknownPolicy> {
    let mut policy: Policy = serde_json::from_str(policy).map_err(UnknownPolicy)?;
    policy.rules.sort_by_key(|rule| rule.rule_priority);
    for Rule { rule_priority: priority, selection } in policy.rules {
        if kept.is_some_and(|tag| selection.keeps(tag)) {
            return Ok(None);
        }
        // What has a tag of ours is never untagged.
        if selection.tag_status != "untagged" || kept.is_none() {
            return Ok(Some(Danger { priority, rule: selection.words() }));
        }
    }
    Ok(None)
}

impl Selection {
    /// Whether it is about tags like this one alone, and deletes by count and not by age.
    fn keeps(&self, tag: &TagName) -> bool {
        let prefixes = self.tag_prefix_list.iter().all(|prefix| tag.as_str().starts_with(prefix.as_str()));
        let patterns = self.tag_pattern_list.iter().all(|pattern| fits(pattern, tag.as_str()));
        self.tag_status == "tagged" && prefixes && patterns && self.count_type == "imageCountMoreThan"
    }

    fn words(&self) -> String {
        let tags = [self.tag_prefix_list.as_slice(), &self.tag_pattern_list].concat();
        let of = if tags.is_empty() { String::new() } else { format!(" ({})", tags.join(", ")) };
        let (status, number) = (&self.tag_status, self.count_number);
        let unit = self.count_unit.as_deref().unwrap_or("days");
        let when = match self.count_type.as_str() {
            "imageCountMoreThan" => format!("all but the newest {number}"),
            "sinceImagePushed" => format!("those that were pushed {number} {unit} ago"),
            other => format!("by {other}, {number}"),
        };
        format!("of the images that are {status}{of}, {when}")
    }
}

/// Whether a text is of a pattern in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| fits(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ANY: &str = "any all";

    /// A rule: its tags (`untagged`, `any all`, or what tags begin with) and its count.
    fn rule(priority: u64, tags: &str, count: &str, number: u64) -> Value {
        let mut selection = json!({ "tagStatus": "tagged", "countType": count, "countNumber": number });
        match tags {
            "untagged" => selection["tagStatus"] = json!("untagged"),
            ANY => selection["tagStatus"] = json!("any"),
            pattern if pattern.contains('*') => selection["tagPatternList"] = json!([pattern]),
            prefix => selection["tagPrefixList"] = json!([prefix]),
        }
        json!({ "rulePriority": priority, "selection": selection, "action": { "type": "expire" } })
    }

    fn check(rules: &[Value], kept: bool, expected: Option<u64>) {
        let tag: TagName = "deployed-production-ca978112ca1b".parse().unwrap();
        let text = json!({ "rules": rules }).to_string();
        let found = danger(&text, kept.then_some(&tag)).unwrap();
        assert_eq!(found.map(|danger| danger.priority), expected, "{text}");
    }

    #[test]
    fn a_rule_for_all_images_may_delete_what_serves_unless_a_rule_before_it_keeps_it() {
        let (count, any) = ("imageCountMoreThan", rule(2, ANY, "imageCountMoreThan", 50));
        check(std::slice::from_ref(&any), true, Some(2));
        check(&[any.clone(), rule(1, "deployed-", count, 1000)], true, None);
        check(&[any.clone(), rule(1, "deployed-*", count, 1000)], true, None);
        check(&[any.clone(), rule(3, "deployed-", count, 1000)], true, Some(2));
        check(&[any.clone(), rule(1, "deployed-", "sinceImagePushed", 14)], true, Some(1));
        check(&[any, rule(1, "deployed-staging-*", count, 1000)], true, Some(1));
    }

    #[test]
    fn what_has_no_tag_is_deleted_only_where_what_serves_has_none() {
        let untagged = rule(1, "untagged", "sinceImagePushed", 14);
        check(std::slice::from_ref(&untagged), true, None);
        check(&[untagged], false, Some(1));
        check(&[], true, None);
    }

    #[test]
    fn a_rule_is_told_in_words() {
        let text = json!({ "rules": [rule(7, "v", "sinceImagePushed", 14)] }).to_string();
        let danger = danger(&text, None).unwrap().unwrap();
        assert_eq!(danger.rule, "of the images that are tagged (v), those that were pushed 14 days ago");
        assert!(super::danger("{}", None).is_err() && super::danger("", None).is_err());
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in
            [("a*c", "abc", true), ("a*c", "ac", true), ("*", "", true), ("a*", "ba", false), ("a*b*c", "axbxbc", true)]
        {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
