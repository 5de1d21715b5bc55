//! What AWS would refuse in a document, said before anything is sent: each problem with its place.
//!
//! Only rules that are certain and whose answer from AWS would be hard to read; everything else AWS says better itself.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{identifier::FamilyName, smoke::Excerpt};

use super::{Document, references::list};

/// How many containers a task definition may have.
const CONTAINERS: usize = 10;
/// How many bytes a task definition may have.
const BYTES: usize = 64 * 1024;
/// How many tags a task definition may have.
const TAGS: usize = 50;

/// Something that AWS would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// There is no family.
    #[error("family: is missing")]
    NoFamily,
    /// The family is not a text of AWS's form.
    #[error("family: {found} is not 1 to 255 letters, digits, hyphens and underscores")]
    MalformedFamily {
        /// What stands there, as JSON.
        found: Excerpt,
    },
    /// There is no container.
    #[error("containerDefinitions: is missing or empty")]
    NoContainers,
    /// A container is not an object.
    #[error("containerDefinitions[{index}]: is not an object")]
    NotAContainer {
        /// Which, from 0.
        index: usize,
    },
    /// A container has no name.
    #[error("containerDefinitions[{index}].name: is missing or empty")]
    NoName {
        /// Which, from 0.
        index: usize,
    },
    /// Two containers have the same name.
    #[error("containerDefinitions[{index}].name: {name:?} is the name of another container too")]
    NameTwice {
        /// Which, from 0.
        index: usize,
        /// The name.
        name: String,
    },
    /// A container has no image.
    #[error(
        "containerDefinitions[{index}].image: is missing or empty (where it comes from another job's output, that may \
         have been dropped because it holds a masked value)"
    )]
    NoImage {
        /// Which, from 0.
        index: usize,
    },
    /// No container is essential.
    #[error("containerDefinitions: no container is essential")]
    NothingEssential,
    /// A role is an empty text, which AWS takes for a role that is not valid.
    #[error("{member}: is empty; leave it out instead")]
    EmptyRole {
        /// Which member.
        member: &'static str,
    },
    /// There are too many containers.
    #[error("containerDefinitions: has {count} containers, and AWS takes 10")]
    TooManyContainers {
        /// How many.
        count: usize,
    },
    /// There are too many tags.
    #[error("tags: has {count} tags, and AWS takes 50")]
    TooManyTags {
        /// How many.
        count: usize,
    },
    /// The document is too large.
    #[error("the task definition has {bytes} bytes, and AWS takes 65536")]
    TooLarge {
        /// How many.
        bytes: usize,
    },
}

impl Document {
    /// What AWS would refuse, in the order of the document.
    #[must_use = "a document with problems is refused by AWS after other things were done"]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(self.family_problem());
        problems.extend(
            ["taskRoleArn", "executionRoleArn"]
                .into_iter()
                .filter(|member| self.is_empty_text(member))
                .map(|member| Problem::EmptyRole { member }),
        );
        problems.extend(self.container_problems());
        problems.extend((self.tags().len() > TAGS).then(|| Problem::TooManyTags { count: self.tags().len() }));
        let bytes = self.to_value().to_string().len();
        problems.extend((bytes > BYTES).then_some(Problem::TooLarge { bytes }));
        problems
    }

    fn family_problem(&self) -> Option<Problem> {
        let Some(family) = self.members.get("family") else {
            return Some(Problem::NoFamily);
        };
        let is_well_formed = family.as_str().is_some_and(|text| text.parse::<FamilyName>().is_ok());
        (!is_well_formed).then(|| Problem::MalformedFamily { found: Excerpt::of(&family.to_string()) })
    }

    fn is_empty_text(&self, member: &str) -> bool {
        self.members.get(member).and_then(Value::as_str).is_some_and(str::is_empty)
    }

    fn container_problems(&self) -> Vec<Problem> {
        let containers: Vec<&Value> = list(&self.members, "containerDefinitions").collect();
        if containers.is_empty() {
            return vec![Problem::NoContainers];
        }
        let mut problems = Vec::new();
        let mut names = BTreeSet::new();
        for (index, container) in containers.iter().enumerate() {
            match container.as_object() {
                Some(container) => problems.extend(one_container(index, container, &mut names)),
                None => problems.push(Problem::NotAContainer { index }),
            }
        }
        let something_essential = self.containers().any(super::Container::is_essential);
        problems.extend((!something_essential).then_some(Problem::NothingEssential));
        let count = containers.len();
        problems.extend((count > CONTAINERS).then_some(Problem::TooManyContainers { count }));
        problems
    }
}

fn one_container<'a>(index: usize, container: &'a Map<String, Value>, names: &mut BTreeSet<&'a str>) -> Vec<Problem> {
    let text = |member: &str| container.get(member).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let name = match text("name") {
        None => Some(Problem::NoName { index }),
        Some(name) if !names.insert(name) => Some(Problem::NameTwice { index, name: name.to_owned() }),
        Some(_) => None,
    };
    let image = text("image").is_none().then_some(Problem::NoImage { index });
    name.into_iter().chain(image).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Value, expected: &[&str]) {
        let document = Document::from_described(value, Vec::new()).unwrap();
        let problems: Vec<String> = document.problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems, expected);
    }

    #[test]
    fn a_document_that_aws_takes_has_no_problems() {
        check(json!({"family": "shop", "containerDefinitions": [{"name": "api", "image": "i"}]}), &[]);
    }

    #[test]
    fn each_problem_has_its_place() {
        check(json!({}), &["family: is missing", "containerDefinitions: is missing or empty"]);
        check(
            json!({"family": "a b", "taskRoleArn": "", "containerDefinitions": [
                {"name": "a", "image": "i", "essential": false}, {"name": "a", "image": "i", "essential": false}, 1, {"image": "i", "essential": false}
            ]}),
            &[
                "family: \"a b\" is not 1 to 255 letters, digits, hyphens and underscores",
                "taskRoleArn: is empty; leave it out instead",
                "containerDefinitions[1].name: \"a\" is the name of another container too",
                "containerDefinitions[2]: is not an object",
                "containerDefinitions[3].name: is missing or empty",
                "containerDefinitions: no container is essential",
            ],
        );
    }

    #[test]
    fn an_empty_image_hints_at_a_masked_output() {
        check(
            json!({"family": "a", "containerDefinitions": [{"name": "a", "image": ""}]}),
            &[
                "containerDefinitions[0].image: is missing or empty (where it comes from another job's output, that may \
               have been dropped because it holds a masked value)",
            ],
        );
    }

    #[test]
    fn limits_are_those_of_aws() {
        let containers = |count: usize| {
            (0..count).map(|index| json!({"name": format!("c{index}"), "image": "i"})).collect::<Vec<_>>()
        };
        check(json!({"family": "a", "containerDefinitions": containers(10)}), &[]);
        check(
            json!({"family": "a", "containerDefinitions": containers(11), "x": "x".repeat(70_000)}),
            &[
                "containerDefinitions: has 11 containers, and AWS takes 10",
                "the task definition has 70333 bytes, and AWS takes 65536",
            ],
        );
    }
}
