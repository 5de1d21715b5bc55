//! What differs between two documents, by meaning: containers by name, environment as a map, defaults as absence.
//!
//! Tags are not compared. It shows no plaintext environment value: `show` decides what people see.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::smoke::Excerpt;

use super::{Document, normal::Node, show::Visibility};

/// What differs, in the order of the paths. Empty exactly where the two fingerprints are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[must_use = "a difference that nobody reads is deployed unseen"]
#[serde(transparent)]
pub struct Diff {
    /// The changes.
    pub changes: Vec<Change>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Where, for example `containerDefinitions[api].image`.
    pub path: String,
    /// What was there.
    pub before: Side,
    /// What is there now.
    pub after: Side,
}

/// One side of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Nothing is there, or what AWS takes for nothing.
    Absent,
    /// Something is there that is not shown: a plaintext environment value, or something with parts.
    NotShown,
    /// This is there.
    Shown(
        /// The value, short enough to read.
        Excerpt,
    ),
}

/// What differs from one document to another.
pub fn diff(before: &Document, after: &Document) -> Diff {
    let mut changes = Vec::new();
    compare(&mut changes, "", Visibility::Open, &before.normal(), &after.normal());
    Diff { changes }
}

impl Diff {
    /// Whether the documents mean the same.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return formatter.write_str("no difference");
        }
        let lines: Vec<String> = self.changes.iter().map(ToString::to_string).collect();
        formatter.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, before, after } = self;
        match (before, after) {
            (Side::Absent, Side::Shown(value)) => write!(formatter, "{path}: added {value}"),
            (Side::Absent, Side::NotShown | Side::Absent) => write!(formatter, "{path}: added"),
            (Side::Shown(value), Side::Absent) => write!(formatter, "{path}: removed {value}"),
            (Side::NotShown, Side::Absent) => write!(formatter, "{path}: removed"),
            // Two long values may be told apart only beyond what is shown of them.
            (Side::Shown(before), Side::Shown(after)) if before != after => {
                write!(formatter, "{path}: {before} -> {after}")
            }
            (Side::NotShown | Side::Shown(_), Side::NotShown | Side::Shown(_)) => {
                write!(formatter, "{path}: changed")
            }
        }
    }
}

fn compare(changes: &mut Vec<Change>, path: &str, visibility: Visibility, before: &Node, after: &Node) {
    match (before, after) {
        _ if before == after => {}
        // What is hidden is not taken apart: an environment entry is named, and no more.
        (Node::Members(before), Node::Members(after)) if visibility != Visibility::Hidden => {
            for (name, pair) in pairs(before, after) {
                let visibility = visibility.below(name, [before, after]);
                compare_pair(changes, &member_path(path, name), visibility, pair);
            }
        }
        (Node::Named(before), Node::Named(after)) => {
            for (name, pair) in pairs(before, after) {
                compare_pair(changes, &format!("{path}[{}]", readable(name)), visibility, pair);
            }
        }
        (Node::List(before), Node::List(after)) if before.len() == after.len() && has_parts(before, after) => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                compare(changes, &format!("{path}[{index}]"), visibility, before, after);
            }
        }
        _ => change(changes, path, visibility, (Some(before), Some(after))),
    }
}

type Pair<'a> = (Option<&'a Node>, Option<&'a Node>);

fn pairs<'a>(before: &'a BTreeMap<String, Node>, after: &'a BTreeMap<String, Node>) -> BTreeMap<&'a str, Pair<'a>> {
    before.keys().chain(after.keys()).map(|name| (name.as_str(), (before.get(name), after.get(name)))).collect()
}

fn compare_pair(changes: &mut Vec<Change>, path: &str, visibility: Visibility, pair: Pair<'_>) {
    match pair {
        (Some(before), Some(after)) => compare(changes, path, visibility, before, after),
        (None, _) | (_, None) => change(changes, path, visibility, pair),
    }
}

fn change(changes: &mut Vec<Change>, path: &str, visibility: Visibility, (before, after): Pair<'_>) {
    let side = |node: Option<&Node>| node.map_or(Side::Absent, |node| visibility.side(node));
    changes.push(Change { path: path.to_owned(), before: side(before), after: side(after) });
}

/// Whether the elements of two lists are worth comparing one by one.
fn has_parts(before: &[Node], after: &[Node]) -> bool {
    before.iter().chain(after).all(|node| !matches!(node, Node::Leaf(_)))
}

fn member_path(path: &str, name: &str) -> String {
    if path.is_empty() { readable(name) } else { format!("{path}.{}", readable(name)) }
}

/// A name as it stands where it is a word, and quoted with its control characters escaped where it is not.
fn readable(name: &str) -> String {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_word) { name.to_owned() } else { format!("{name:?}") }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document(value: Value) -> Document {
        Document::from_described(value, Vec::new()).unwrap()
    }

    fn check(before: Value, after: Value, expected: &str) {
        let (before, after) = (document(before), document(after));
        let diff = diff(&before, &after);
        assert_eq!(diff.to_string(), expected);
        assert_eq!(diff.is_empty(), before.fingerprint() == after.fingerprint());
    }

    fn check_container(before: Value, after: Value, expected: &str) {
        let wrap = |mut container: Value| {
            container["name"] = json!("api");
            json!({"networkMode": "awsvpc", "containerDefinitions": [container]})
        };
        check(wrap(before), wrap(after), expected);
    }

    #[test]
    fn changes_are_named_by_path() {
        check_container(
            json!({"image": "i:1"}),
            json!({"image": "i:2"}),
            "containerDefinitions[api].image: i:1 -> i:2",
        );
        check(json!({"family": "a"}), json!({"new": true}), "family: removed a\nnew: added true");
        check(json!({"x": {"y\n": [1]}}), json!({"x": {"y\n": [2]}}), "x.\"y\\n\": [1] -> [2]");
    }

    #[test]
    fn order_means_nothing_where_names_or_sets_are() {
        check(
            json!({"containerDefinitions": [{"name": "a", "links": ["x", "y"]}, {"name": "b"}], "requiresCompatibilities": ["EC2", "FARGATE"]}),
            json!({"requiresCompatibilities": ["FARGATE", "EC2"], "containerDefinitions": [{"name": "b"}, {"links": ["y", "x"], "name": "a"}]}),
            "no difference",
        );
        check_container(
            json!({"command": ["a", "b"]}),
            json!({"command": ["b", "a"]}),
            r#"containerDefinitions[api].command: ["a", "b"] -> ["b", "a"]"#,
        );
    }

    #[test]
    fn what_aws_fills_in_is_no_difference() {
        check_container(
            json!({"portMappings": [{"containerPort": 80}], "healthCheck": {"command": ["x"]}}),
            json!({
                "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}], "cpu": 0, "essential": true,
                "environment": [], "mountPoints": [], "healthCheck": {"command": ["x"], "interval": 30, "timeout": 5, "retries": 3}
            }),
            "no difference",
        );
        check(
            json!({"volumes": [{"name": "v"}]}),
            json!({"volumes": [{"name": "v", "host": {}}], "placementConstraints": []}),
            "no difference",
        );
    }

    #[test]
    fn the_same_size_in_other_words_is_no_difference() {
        check(json!({"cpu": "1 vCPU", "memory": "2 GB"}), json!({"cpu": "1024", "memory": "2048"}), "no difference");
        check(json!({"cpu": ".25 vcpu", "memory": 512}), json!({"cpu": "256", "memory": ".5 gb"}), "no difference");
        check(json!({"cpu": "256"}), json!({"cpu": ".5 vCPU"}), "cpu: 256 -> 512");
    }

    #[test]
    fn an_unknown_member_that_is_empty_is_a_difference() {
        check(json!({}), json!({"someFutureMember": {}}), "someFutureMember: added");
    }

    #[test]
    fn ports_are_mapped_under_bridge() {
        let mapping = |host: u16| json!({"networkMode": "bridge", "containerDefinitions": [{"name": "a", "portMappings": [{"containerPort": 80, "hostPort": host}]}]});
        check(mapping(0), mapping(80), "containerDefinitions[a].portMappings[80/tcp].hostPort: added 80");
    }

    #[test]
    fn environment_values_are_never_shown() {
        check_container(
            json!({"environment": [{"name": "DATABASE_URL", "value": "hush"}, {"name": "OLD", "value": "hush"}]}),
            json!({"environment": [{"name": "NEW", "value": "hush"}, {"name": "DATABASE_URL", "value": "hush2"}]}),
            "containerDefinitions[api].environment[DATABASE_URL]: changed\n\
             containerDefinitions[api].environment[NEW]: added\n\
             containerDefinitions[api].environment[OLD]: removed",
        );
        check_container(
            json!({"environment": ["A=hush"]}),
            json!({"environment": ["A=hush2"]}),
            "containerDefinitions[api].environment: changed",
        );
        check_container(json!({}), json!({"environment": "A=hush"}), "containerDefinitions[api].environment: added");
    }

    #[test]
    fn a_container_may_be_called_like_a_secret() {
        let named = |image| json!({"containerDefinitions": [{"name": "token-service", "image": image}]});
        check(named("i:1"), named("i:2"), "containerDefinitions[token-service].image: i:1 -> i:2");
    }

    #[test]
    fn values_that_are_named_like_secrets_are_not_shown() {
        let unknown =
            |value| json!({"unknown": [{"name": "API_TOKEN", "value": value}, {"name": "A", "value": value}]});
        check(unknown("x"), unknown("y"), "unknown[0].value: changed\nunknown[1].value: x -> y");
        let option = |value| json!({"logConfiguration": {"options": {"splunk-token": value, "tag": value}}});
        check_container(
            option("x"),
            option("y"),
            "containerDefinitions[api].logConfiguration.options.splunk-token: changed\n\
             containerDefinitions[api].logConfiguration.options.tag: x -> y",
        );
    }

    #[test]
    fn references_to_secrets_are_shown() {
        let secrets = |from| json!({"secrets": [{"name": "DB_PASSWORD", "valueFrom": from}]});
        check_container(
            secrets("arn:a"),
            secrets("arn:b"),
            "containerDefinitions[api].secrets[DB_PASSWORD].valueFrom: arn:a -> arn:b",
        );
    }

    #[test]
    fn a_whole_container_is_named_and_not_shown() {
        check(
            json!({"containerDefinitions": [{"name": "a"}]}),
            json!({"containerDefinitions": [{"name": "a"}, {"name": "b", "environment": [{"name": "A", "value": "hush"}]}]}),
            "containerDefinitions[b]: added",
        );
    }

    #[test]
    fn a_diff_is_json_too() {
        let diff = diff(&document(json!({"family": "a"})), &document(json!({"family": "b", "x": []})));
        let json = serde_json::to_value(&diff).unwrap();
        assert_eq!(json, json!([{"path": "family", "before": {"shown": "a"}, "after": {"shown": "b"}}]));
        assert_eq!(serde_json::from_value::<Diff>(json).unwrap(), diff);
    }
}
