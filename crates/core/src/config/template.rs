//! Placeholders in the configuration's texts: `{environment}` and its like.
//!
//! A placeholder is a word in braces; other braces (as in a piece of JSON) are plain text. `{version}` and `{commit}`
//! are never filled here: a release is not known yet.

use super::{key::Open, mistake::Complaint};
use crate::identifier::{AccountId, AppName, ComponentName, EnvironmentName, Region};

const OF_ENVIRONMENT: [&str; 5] = ["environment", "app", "component", "account", "region"];
const OF_RELEASE: [&str; 2] = ["version", "commit"];
const OF_BUILD: [&str; 4] = ["app", "component", "version", "commit"];

/// What the placeholders of an environment stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filling<'a> {
    pub(super) environment: &'a EnvironmentName,
    pub(super) app: &'a AppName,
    pub(super) component: &'a ComponentName,
    pub(super) account: &'a AccountId,
    pub(super) region: &'a Region,
}

impl Filling<'_> {
    /// The text with the environment's placeholders filled; others stay.
    pub(super) fn fill(&self, text: &str) -> String {
        replace(text, |name| match name {
            "environment" => Some(self.environment.as_str()),
            "app" => Some(self.app.as_str()),
            "component" => Some(self.component.as_str()),
            "account" => Some(self.account.as_str()),
            "region" => Some(self.region.as_str()),
            _ => None,
        })
    }
}

/// The text with what a release would bring put in, to see whether it is well-formed.
pub(super) fn with_sample_release(text: &str) -> String {
    replace(text, |name| OF_RELEASE.contains(&name).then_some("0"))
}

/// Whether the text names the release.
pub(super) fn names_release(text: &str) -> bool {
    placeholders(text).any(|name| OF_RELEASE.contains(&name))
}

/// What is wrong with the placeholders of a text.
pub(super) fn complaint(text: &str, open: Open) -> Option<Complaint> {
    let wrong = placeholders(text).find(|name| !known(open).contains(name))?;
    if open == Open::Build && OF_ENVIRONMENT.contains(&wrong) {
        let remedy = "an image is built once, for every environment: give it in the task definition";
        return Some(Complaint::new(format!("placeholder `{{{wrong}}}` is not known here"), remedy));
    }
    if OF_RELEASE.contains(&wrong) {
        let remedy = "it is known only in smoke checks (`url`, `json`, `headers`, `contains`), in `variables` and in `build-args`";
        return Some(Complaint::new(format!("placeholder `{{{wrong}}}` is not known here"), remedy));
    }
    let names: Vec<String> = known(open).iter().map(|name| format!("`{{{name}}}`")).collect();
    let remedy = match nearest(wrong, &known(open)) {
        Some(near) => format!("did you mean `{{{near}}}`?"),
        None => format!("use one of {}", names.join(", ")),
    };
    Some(Complaint::new(format!("unknown placeholder `{{{wrong}}}`"), remedy))
}

fn known(open: Open) -> Vec<&'static str> {
    match open {
        Open::Environment => OF_ENVIRONMENT.to_vec(),
        Open::Release => [OF_ENVIRONMENT.as_slice(), OF_RELEASE.as_slice()].concat(),
        Open::Build => OF_BUILD.to_vec(),
    }
}

/// The name that was probably meant.
pub(super) fn nearest<'a>(wrong: &str, names: &[&'a str]) -> Option<&'a str> {
    let distance = |name: &&str| strsim::damerau_levenshtein(wrong, name);
    let near = names.iter().copied().min_by_key(distance)?;
    (distance(&near) <= (near.chars().count() / 3).max(1)).then_some(near)
}

fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Placeholder(name) => Some(name),
        Piece::Plain(_) => None,
    })
}

/// The text with a value in the place of each placeholder that has one; others stay.
pub(crate) fn replace<'a>(text: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(text) => filled.push_str(text),
            Piece::Placeholder(name) => match value(name) {
                Some(value) => filled.push_str(value),
                None => filled.extend(["{", name, "}"]),
            },
        }
    }
    filled
}

enum Piece<'a> {
    Plain(&'a str),
    Placeholder(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from_brace) = rest.split_at(open);
        let inside = from_brace.get(1..).unwrap_or_default();
        let Some((name, after)) = inside.split_once('}').filter(|(name, _)| is_word(name)) else {
            pieces.push(Piece::Plain(rest.get(..=open).unwrap_or(rest)));
            rest = inside;
            continue;
        };
        pieces.extend([Piece::Plain(before), Piece::Placeholder(name)]);
        rest = after;
    }
    pieces.push(Piece::Plain(rest));
    pieces
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(text: &str) -> String {
        let filling = Filling {
            environment: &"dev".parse().unwrap(),
            app: &"shop".parse().unwrap(),
            component: &"api".parse().unwrap(),
            account: &"111111111111".parse().unwrap(),
            region: &"us-west-2".parse().unwrap(),
        };
        filling.fill(text)
    }

    #[test]
    fn the_placeholders_of_an_environment_are_filled_and_those_of_a_release_stay() {
        assert_eq!(filled("{app}-{component}-{environment}:{version}"), "shop-api-dev:{version}");
        assert_eq!(
            filled("{account}.dkr.ecr.{region}.amazonaws.com/x"),
            "111111111111.dkr.ecr.us-west-2.amazonaws.com/x"
        );
    }

    #[test]
    fn braces_around_anything_but_a_word_are_plain_text() {
        for plain in [r#"{"status":"ok"}"#, "{", "}{", "{}", "{1}", "{a b}", "{{", "{ä}"] {
            assert_eq!(filled(plain), plain);
            assert_eq!(complaint(plain, Open::Environment), None);
        }
        assert_eq!(filled("{{environment}}"), "{dev}");
    }

    #[test]
    fn an_unknown_placeholder_is_named_with_the_nearest_right_one() {
        let complaint = complaint("shop-{enviroment}", Open::Environment).unwrap();
        assert_eq!(complaint, Complaint::new("unknown placeholder `{enviroment}`", "did you mean `{environment}`?"));
    }

    proptest! {
        #[test]
        fn text_without_placeholders_is_left_as_it_is(text in "[^{]*") {
            prop_assert_eq!(filled(&text), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[{}a-z\"ä]*") {
            prop_assert!(filled(&text).len() <= text.len() * 3);
        }
    }
}
