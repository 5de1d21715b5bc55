//! A rule of a lifecycle policy: which images it is about, and when there are too many or too old ones.
//!
//! Applying rules to a repository is the policy's work (`policy`).

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// A rule that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) priority: i64,
    pub(super) about: About,
    pub(super) limit: Limit,
}

/// The images that a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    Any,
    Untagged,
    /// Images that have, for each of these, a tag that begins with it.
    Prefixes(Vec<String>),
    /// Images that have, for each of these, a tag of that pattern.
    Patterns(Vec<String>),
}

/// What is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// More than so many; the oldest go.
    More(usize),
    /// What was pushed longer ago than so many days.
    Pushed(i64),
    /// What was pulled longer ago, or, if it never was, pushed longer ago than so many days.
    Pulled(i64),
}

const LARGEST: i64 = 365 * 100;

impl Rule {
    /// Reads a rule, or says what is wrong with it.
    pub(super) fn read(rule: &Value) -> Result<Self, String> {
        let known = ["rulePriority", "description", "selection", "action"];
        check_members(rule, "rule", &known)?;
        let priority = rule["rulePriority"].as_i64().filter(|priority| *priority >= 1);
        let priority = priority.ok_or("'rulePriority' must be a number of 1 or more")?;
        let selection = &rule["selection"];
        let known = ["tagStatus", "tagPrefixList", "tagPatternList", "countType", "countUnit", "countNumber"];
        check_members(selection, "selection", &known)?;
        check_members(&rule["action"], "action", &["type"])?;
        if rule["action"]["type"] != "expire" {
            return Err("'type' of the action must be 'expire'".to_owned());
        }
        Ok(Self { priority, about: read_about(selection)?, limit: read_limit(selection)? })
    }

    /// Whether the rule is about an image with `tags`.
    pub(super) fn is_about(&self, tags: &[&str]) -> bool {
        match &self.about {
            About::Any => true,
            About::Untagged => tags.is_empty(),
            About::Prefixes(all) => all.iter().all(|prefix| tags.iter().any(|tag| tag.starts_with(prefix.as_str()))),
            About::Patterns(all) => all
                .iter()
                .all(|pattern| tags.iter().any(|tag| super::super::repository::matches_wildcard(pattern, tag))),
        }
    }
}

impl Limit {
    /// Whether what was pushed and pulled then is too old at `now`, if age is what counts.
    pub(super) fn is_too_old(self, pushed: Timestamp, pulled: Option<Timestamp>, now: Timestamp) -> Option<bool> {
        let is_past = |then: Timestamp, days: i64| {
            let days = SignedDuration::from_hours(days.min(LARGEST) * 24);
            now.duration_since(then) > days
        };
        match self {
            Self::More(_) => None,
            Self::Pushed(days) => Some(is_past(pushed, days)),
            Self::Pulled(days) => Some(is_past(pulled.unwrap_or(pushed), days)),
        }
    }
}

fn read_about(selection: &Value) -> Result<About, String> {
    let list = |name: &str| -> Option<Vec<String>> {
        let texts = selection.get(name)?.as_array()?;
        texts.iter().map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let (prefixes, patterns) = (list("tagPrefixList"), list("tagPatternList"));
    match (selection["tagStatus"].as_str(), prefixes, patterns) {
        (Some("any"), None, None) => Ok(About::Any),
        (Some("untagged"), None, None) => Ok(About::Untagged),
        (Some("tagged"), Some(prefixes), None) if !prefixes.is_empty() => Ok(About::Prefixes(prefixes)),
        (Some("tagged"), None, Some(patterns)) if !patterns.is_empty() => Ok(About::Patterns(patterns)),
        (Some("tagged"), _, _) => Err("'tagged' needs either 'tagPrefixList' or 'tagPatternList'".to_owned()),
        (Some("any" | "untagged"), _, _) => Err("only 'tagged' takes 'tagPrefixList' or 'tagPatternList'".to_owned()),
        (Some(_) | None, _, _) => Err("'tagStatus' must be 'tagged', 'untagged' or 'any'".to_owned()),
    }
}

fn read_limit(selection: &Value) -> Result<Limit, String> {
    let number = selection["countNumber"].as_i64().filter(|number| *number >= 1);
    let number = number.ok_or("'countNumber' must be a number of 1 or more")?;
    let unit = selection.get("countUnit").and_then(Value::as_str);
    match (selection["countType"].as_str(), unit) {
        (Some("imageCountMoreThan"), None) => Ok(Limit::More(usize::try_from(number).unwrap_or(usize::MAX))),
        (Some("sinceImagePushed"), Some("days")) => Ok(Limit::Pushed(number)),
        (Some("sinceImagePulled"), Some("days")) => Ok(Limit::Pulled(number)),
        (Some("imageCountMoreThan"), Some(_)) => Err("'imageCountMoreThan' takes no 'countUnit'".to_owned()),
        (Some("sinceImagePushed" | "sinceImagePulled"), _) => Err("'countUnit' must be 'days'".to_owned()),
        (Some(_) | None, _) => {
            Err("'countType' must be 'imageCountMoreThan', 'sinceImagePushed' or 'sinceImagePulled'".to_owned())
        }
    }
}

fn check_members(value: &Value, what: &str, known: &[&str]) -> Result<(), String> {
    let members = value.as_object().ok_or_else(|| format!("a {what} is missing"))?;
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) => Err(format!("'{unknown}' is no member of a {what}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(selection: &Value, expected: Result<(About, Limit), &str>) {
        let rule = json!({"rulePriority": 1, "selection": selection, "action": {"type": "expire"}});
        let read = Rule::read(&rule).map(|rule| (rule.about, rule.limit));
        match (read, expected) {
            (Ok(read), Ok(expected)) => assert_eq!(read, expected),
            (Err(problem), Err(expected)) => assert!(problem.contains(expected), "{problem}"),
            (read, _) => panic!("{selection}: {read:?}"),
        }
    }

    #[test]
    fn a_rule_is_read_or_refused() {
        let more = json!({"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3});
        check(&more, Ok((About::Any, Limit::More(3))));
        let with = |changes: &[(&str, Value)]| {
            let mut selection = more.clone();
            for (name, value) in changes {
                selection[*name] = value.clone();
            }
            selection
        };
        let old =
            [("countType", json!("sinceImagePushed")), ("countUnit", json!("days")), ("tagStatus", json!("untagged"))];
        check(&with(&old), Ok((About::Untagged, Limit::Pushed(3))));
        let tagged = [("tagStatus", json!("tagged")), ("tagPrefixList", json!(["v"]))];
        check(&with(&tagged), Ok((About::Prefixes(vec!["v".to_owned()]), Limit::More(3))));
        check(&with(&[("tagStatus", json!("tagged"))]), Err("needs either"));
        check(&with(&[("tagPrefixList", json!(["v"]))]), Err("only 'tagged'"));
        check(&with(&[("countNumber", json!(0))]), Err("'countNumber'"));
        check(&with(&[("countUnit", json!("days"))]), Err("no 'countUnit'"));
        check(&with(&[("countType", json!("sinceImagePushed"))]), Err("'countUnit' must be"));
        check(&with(&[("countTyp", json!("x"))]), Err("'countTyp' is no member"));
    }

    #[test]
    fn every_prefix_and_every_pattern_has_to_be_met() {
        let rule = |about| Rule { priority: 1, about, limit: Limit::More(1) };
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let prefixes = rule(About::Prefixes(texts(&["alpha", "beta"])));
        assert!(prefixes.is_about(&["alpha1", "beta2"]));
        assert!(!prefixes.is_about(&["alpha1"]));
        let patterns = rule(About::Patterns(texts(&["*-rc*"])));
        assert!(patterns.is_about(&["1.0-rc1"]) && !patterns.is_about(&["1.0"]));
    }
}
