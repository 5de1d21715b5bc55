//! A task definition as one raw JSON document, with the tags that travel beside it.
//!
//! What only AWS sets is gone from the moment a document exists, so that it cannot be sent by mistake.
//! It has no typed model of AWS's shapes: members that nobody here has heard of survive.

use std::fmt;

use serde_json::{Map, Value};

use super::{DocumentError, Stripped, Tag, parse, tag};

/// A task definition, as it would be registered.
///
/// ```
/// use towpath_core::task_definition::Document;
///
/// let document = Document::parse(r#"{"taskDefinition": {"family": "shop", "revision": 7, "newMember": 1}}"#, "td.json")?;
/// assert_eq!(document.to_value(), serde_json::json!({"family": "shop", "newMember": 1}));
/// # Ok::<(), towpath_core::task_definition::DocumentError>(())
/// ```
///
/// Its `Debug` form names the family and the containers only: the document may hold plaintext environment values.
#[derive(Clone, PartialEq)]
pub struct Document {
    pub(super) members: Map<String, Value>,
    pub(super) source: Source,
    tags: Vec<Tag>,
    stripped: Stripped,
}

/// Where a document is from, which decides whether `${X}` is a placeholder in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A file in the repository, which may have placeholders.
    File,
    /// AWS: whatever looks like a placeholder is meant as it stands.
    Described,
}

impl Document {
    /// Reads a file: the plain form, or what `aws ecs describe-task-definition` prints. `origin` is for messages.
    ///
    /// # Errors
    /// With line and column where the text is not JSON, names a member twice or has placeholders outside strings;
    /// and where it is not an object or its tags are malformed.
    pub fn parse(text: &str, origin: &str) -> Result<Self, DocumentError> {
        let mut members = object(parse::parse(text, origin)?, origin)?;
        let mut stripped = Stripped::default();
        let mut tags = take_tags(&mut members, origin)?;
        if let Some(inner) = unwrap(&mut members) {
            stripped.members = members.iter().map(|(name, _)| name.clone()).collect();
            members = object(inner, origin)?;
            tags.extend(take_tags(&mut members, origin)?);
        }
        Ok(Self::strip(members, tags, Source::File, stripped))
    }

    /// The document of a `taskDefinition` that AWS described, and its tags, which AWS gives beside it.
    ///
    /// # Errors
    /// Where the value is not an object.
    pub fn from_described(value: Value, tags: Vec<Tag>) -> Result<Self, DocumentError> {
        let members = object(value, "the described task definition")?;
        Ok(Self::strip(members, tags, Source::Described, Stripped::default()))
    }

    fn strip(mut members: Map<String, Value>, mut tags: Vec<Tag>, source: Source, mut stripped: Stripped) -> Self {
        stripped.strip_members(&mut members);
        stripped.strip_tags(&mut tags);
        Self { members, source, tags, stripped }
    }

    /// What was left out when the document came in.
    pub fn stripped(&self) -> &Stripped {
        &self.stripped
    }

    /// Its tags, without those that AWS keeps to itself.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// The same document without tags, for a caller that may not tag.
    #[must_use = "the document itself keeps its tags"]
    pub fn without_tags(mut self) -> Self {
        self.tags.clear();
        self
    }

    /// The document as a JSON value, without tags. It may hold plaintext environment values: not for output.
    pub fn to_value(&self) -> Value {
        Value::Object(self.members.clone())
    }

    /// The body of `RegisterTaskDefinition`: the document with its tags and these added (which win over its own).
    /// Without any tag there is no `tags` member, since AWS refuses an empty one. Not for output.
    pub fn to_request_json(&self, added: &[Tag]) -> Vec<u8> {
        let tags = tag::merge(&self.tags, added);
        let mut body = self.members.clone();
        if !tags.is_empty() {
            body.insert("tags".to_owned(), tags.iter().map(tag_value).collect());
        }
        Value::Object(body).to_string().into_bytes()
    }

    /// The same document with other members.
    pub(super) fn with_members(&self, members: Map<String, Value>) -> Self {
        Self { members, ..self.clone() }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let containers: Vec<_> =
            self.containers().map(|container| container.name().unwrap_or_default().to_owned()).collect();
        formatter
            .debug_struct("Document")
            .field("family", &self.members.get("family").and_then(Value::as_str))
            .field("containers", &containers)
            .finish_non_exhaustive()
    }
}

fn tag_value(tag: &Tag) -> Value {
    serde_json::json!({ "key": tag.key, "value": tag.value })
}

fn object(value: Value, origin: &str) -> Result<Map<String, Value>, DocumentError> {
    let found = match value {
        Value::Object(members) => return Ok(members),
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
    };
    Err(DocumentError::NotAnObject { origin: origin.to_owned(), found })
}

/// Takes the document out of the form that `describe-task-definition` prints.
fn unwrap(members: &mut Map<String, Value>) -> Option<Value> {
    if members.contains_key("containerDefinitions") { None } else { members.shift_remove("taskDefinition") }
}

fn take_tags(members: &mut Map<String, Value>, origin: &str) -> Result<Vec<Tag>, DocumentError> {
    members.shift_remove("tags").map_or(Ok(Vec::new()), |tags| tag::read_tags(tags, origin))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.to_owned(), value: value.to_owned() }
    }

    fn request(document: &Document, added: &[Tag]) -> Value {
        serde_json::from_slice(&document.to_request_json(added)).unwrap()
    }

    #[test]
    fn the_wrapped_form_carries_its_tags() {
        let text = r#"{"taskDefinition": {"family": "shop", "status": "ACTIVE"}, "tags": [{"key": "team", "value": "a"},
                       {"key": "aws:stack", "value": "b"}], "ResponseMetadata": {}}"#;
        let document = Document::parse(text, "td.json").unwrap();
        assert_eq!(document.tags(), [tag("team", "a")]);
        assert_eq!(document.stripped().members, ["ResponseMetadata", "status"]);
        assert_eq!(request(&document, &[]), json!({"family": "shop", "tags": [{"key": "team", "value": "a"}]}));
    }

    #[test]
    fn an_empty_list_of_tags_is_never_sent() {
        for text in
            [r#"{"family": "shop", "tags": []}"#, r#"{"family": "shop", "tags": null}"#, r#"{"family": "shop"}"#]
        {
            assert_eq!(request(&Document::parse(text, "").unwrap(), &[]), json!({"family": "shop"}), "{text}");
        }
    }

    #[test]
    fn added_tags_win_and_reserved_ones_are_never_sent() {
        let document = Document::from_described(json!({}), vec![tag("release", "1"), tag("team", "a")]).unwrap();
        let body = request(&document, &[tag("release", "2"), tag("AWS:x", "y")]);
        assert_eq!(body["tags"], json!([{"key": "release", "value": "2"}, {"key": "team", "value": "a"}]));
        assert_eq!(request(&document.without_tags(), &[]), json!({}));
    }

    #[test]
    fn malformed_tags_are_refused_rather_than_lost() {
        let error = |text| Document::parse(text, "td.json").unwrap_err().to_string();
        assert_eq!(error(r#"{"tags": {}}"#), "td.json: `tags` is not a list");
        assert_eq!(
            error(r#"{"tags": [{"key": "a"}, {"Key": "b"}]}"#),
            "td.json: tags[1] is not an object with the texts `key` and `value`"
        );
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        let error = |text| Document::parse(text, "td.json").unwrap_err().to_string();
        assert_eq!(error("[]"), "td.json: a task definition is a JSON object, and this is a list");
        assert_eq!(
            error(r#"{"taskDefinition": "shop:1"}"#),
            "td.json: a task definition is a JSON object, and this is a string"
        );
    }

    #[test]
    fn the_debug_form_has_no_environment_values() {
        let value = json!({"family": "shop", "containerDefinitions": [{"name": "api", "environment": [{"name": "A", "value": "hush"}]}]});
        let shown = format!("{:?}", Document::from_described(value, Vec::new()).unwrap());
        assert_eq!(shown, r#"Document { family: Some("shop"), containers: ["api"], .. }"#);
    }
}
