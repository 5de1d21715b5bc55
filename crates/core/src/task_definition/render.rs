//! Rendering: the document with this release's images and, in a file from the repository, its placeholders filled.
//!
//! It changes nothing else, resolves no tag, and leaves containers alone that nobody named.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value};

use crate::identifier::{ContainerName, ImageReference};

use super::{
    Document, Unfilled,
    document::Source,
    placeholder::{self, Filling},
    variables,
};

/// What is asked of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendering {
    /// The image of each container that this release brings.
    pub images: BTreeMap<ContainerName, ImageReference>,
    /// Environment variables of containers that this release sets.
    pub variables: BTreeMap<ContainerName, BTreeMap<String, String>>,
    /// What the file's placeholders stand for: names of `{{NAME}}` and `${NAME}`, or whole words of the file.
    /// A `${NAME}` that the application itself is to see is given as its own value: `NAME = "${NAME}"`.
    pub placeholders: BTreeMap<String, String>,
}

/// A document that is ready to be checked and registered.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "rendering alone registers nothing"]
pub struct Rendered {
    /// The document.
    pub document: Document,
    /// What a person may want to know.
    pub notices: Vec<Notice>,
}

/// Something that was left as it stands and may not be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// An image that names no tag and no digest.
    ImageWithoutTag {
        /// The container.
        container: String,
        /// Its image.
        image: String,
    },
    /// An image that no registry can have, such as `REPLACE_AT_DEPLOY_TIME`.
    ImageIsPlaceholder {
        /// The container.
        container: String,
        /// Its image.
        image: String,
    },
    /// A `${NAME}` in a command, left to the shell.
    LeftToShell(
        /// Where it stands.
        Unfilled,
    ),
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImageWithoutTag { container, image } => {
                write!(
                    formatter,
                    "the container {container:?} has the image {image:?}, which names neither tag nor digest"
                )
            }
            Self::ImageIsPlaceholder { container, image } => {
                write!(formatter, "the container {container:?} still has the placeholder {image:?} as its image")
            }
            Self::LeftToShell(unfilled) => write!(formatter, "{unfilled} is left to the shell"),
        }
    }
}

/// Why a document cannot be rendered as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The document has no container of that name.
    #[error("the task definition has no container `{wanted}`; it has {}", quoted(available))]
    NoSuchContainer {
        /// The name asked for.
        wanted: ContainerName,
        /// The names that are there, as they stand.
        available: Vec<String>,
    },
    /// The document has several containers of that name.
    #[error("the task definition has {count} containers named `{name}`")]
    AmbiguousContainer {
        /// The name.
        name: ContainerName,
        /// How many have it.
        count: usize,
    },
    /// A variable is to be set that the container takes from a secret.
    #[error("the container `{container}` takes `{variable}` from a secret, so it cannot be set as well")]
    VariableIsSecret {
        /// The container.
        container: ContainerName,
        /// The variable.
        variable: String,
    },
    /// Placeholders that nothing is given for, or values for placeholders that are not there.
    #[error("{}", placeholders_message(unfilled, unknown))]
    Placeholders {
        /// Placeholders of the file that nothing is given for.
        unfilled: Vec<Unfilled>,
        /// Names that are given and stand nowhere in the document.
        unknown: Vec<String>,
    },
}

impl Document {
    /// The document with these images and placeholders, and nothing else changed.
    ///
    /// A name in `placeholders` that the document does not have is refused, since it is probably misspelt.
    /// In a document that AWS described, `{{NAME}}` and `${NAME}` are ordinary text unless a value is given for them.
    ///
    /// # Errors
    /// Where a container is missing or ambiguous, or placeholders and their values do not fit.
    pub fn render(&self, rendering: &Rendering) -> Result<Rendered, RenderError> {
        for name in rendering.images.keys().chain(rendering.variables.keys()) {
            self.check_container(name)?;
        }
        self.check_variables(rendering)?;
        // What is replaced anyway takes no part in filling: no word of a reference or a value is a placeholder.
        let mut members = self.members.clone();
        set_images(&mut members, |name| rendering.images.get(name).map(|_| Value::Null));
        set_variables(&mut members, rendering, |_| Value::Null);
        let filling = placeholder::fill(&mut members, &rendering.placeholders);
        self.check_placeholders(&filling, rendering)?;
        set_images(&mut members, |name| rendering.images.get(name).map(|image| Value::from(image.as_str())));
        set_variables(&mut members, rendering, |value| Value::from(value));
        let document = self.with_members(members);
        let notices = self.notices(&document, filling);
        Ok(Rendered { document, notices })
    }

    fn check_container(&self, wanted: &ContainerName) -> Result<(), RenderError> {
        let is_wanted = |name: &&str| *name == wanted.as_str();
        match self.container_names().filter(is_wanted).count() {
            1 => Ok(()),
            0 => Err(RenderError::NoSuchContainer {
                wanted: wanted.clone(),
                available: self.container_names().map(str::to_owned).collect(),
            }),
            count => Err(RenderError::AmbiguousContainer { name: wanted.clone(), count }),
        }
    }

    fn check_variables(&self, rendering: &Rendering) -> Result<(), RenderError> {
        let mut clashes = rendering.variables.iter().filter_map(|(container, set)| {
            let variable = variables::clash(&self.members, container, set)?.clone();
            Some(RenderError::VariableIsSecret { container: container.clone(), variable })
        });
        clashes.next().map_or(Ok(()), Err)
    }

    fn container_names(&self) -> impl Iterator<Item = &str> {
        self.containers().filter_map(super::Container::name)
    }

    fn check_placeholders(&self, filling: &Filling, rendering: &Rendering) -> Result<(), RenderError> {
        let unknown: Vec<String> =
            rendering.placeholders.keys().filter(|name| !filling.used.contains(*name)).cloned().collect();
        let unfilled = match self.source {
            Source::File => filling.unfilled.clone(),
            Source::Described => Vec::new(),
        };
        if unknown.is_empty() && unfilled.is_empty() {
            Ok(())
        } else {
            Err(RenderError::Placeholders { unfilled, unknown })
        }
    }

    fn notices(&self, rendered: &Self, filling: Filling) -> Vec<Notice> {
        let shell = match self.source {
            Source::File => filling.shell,
            Source::Described => Vec::new(),
        };
        rendered.containers().filter_map(image_notice).chain(shell.into_iter().map(Notice::LeftToShell)).collect()
    }
}

/// Sets the variables that the release sets.
fn set_variables(members: &mut Map<String, Value>, rendering: &Rendering, value: impl Fn(&str) -> Value) {
    for (container, set) in &rendering.variables {
        let set = set.iter().map(|(name, text)| (name.clone(), value(text))).collect();
        variables::set(members, container, &set);
    }
}

/// Sets images, where `image` has one for a container's name.
fn set_images(members: &mut Map<String, Value>, image: impl Fn(&ContainerName) -> Option<Value>) {
    let containers = members.get_mut("containerDefinitions").and_then(Value::as_array_mut).into_iter().flatten();
    for container in containers.filter_map(Value::as_object_mut) {
        let name = container.get("name").and_then(Value::as_str).and_then(|name| name.parse().ok());
        if let Some(image) = name.and_then(|name| image(&name)) {
            container.insert("image".to_owned(), image);
        }
    }
}

fn image_notice(container: super::Container<'_>) -> Option<Notice> {
    let image = container.image()?.to_owned();
    let container = container.name().unwrap_or_default().to_owned();
    let name = image.rsplit('/').next().unwrap_or_default();
    let tagged = name.contains([':', '@']);
    match (tagged, name.contains(char::is_uppercase)) {
        (true, _) => None,
        (false, true) => Some(Notice::ImageIsPlaceholder { container, image }),
        (false, false) => Some(Notice::ImageWithoutTag { container, image }),
    }
}

fn quoted(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", "),
    }
}

fn placeholders_message(unfilled: &[Unfilled], unknown: &[String]) -> String {
    let mut parts = Vec::new();
    if !unfilled.is_empty() {
        let list = unfilled.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        parts.push(format!("no value is given for the placeholders {list}"));
    }
    if !unknown.is_empty() {
        parts.push(format!("values are given for placeholders that are not there: {}", quoted(unknown)));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const IMAGE: &str = "ghcr.io/o/api@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn rendering(container: &str, placeholders: &[(&str, &str)]) -> Rendering {
        Rendering {
            images: BTreeMap::from([(container.parse().unwrap(), IMAGE.parse().unwrap())]),
            placeholders: placeholders.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..Rendering::default()
        }
    }

    fn check_refused(text: &str, rendering: &Rendering, expected: &str) {
        assert_eq!(Document::parse(text, "").unwrap().render(rendering).unwrap_err().to_string(), expected);
    }

    #[test]
    fn only_the_named_containers_image_changes() {
        let text = r#"{"family":"f","new":[1.0],"containerDefinitions":[{"image":"old","name":"api","x":{}},{"name":"log","image":"log:1"}]}"#;
        let rendered = Document::parse(text, "").unwrap().render(&rendering("api", &[])).unwrap();
        let body = String::from_utf8(rendered.document.to_request_json(&[])).unwrap();
        assert_eq!(body, text.replace("old", IMAGE));
        assert_eq!(rendered.notices, []);
    }

    #[test]
    fn an_unknown_container_is_refused_with_the_names_that_are_there() {
        let text = r#"{"containerDefinitions":[{"name":"Api"},{"name":"api\r"},{"name":" api"}]}"#;
        let expected = r#"the task definition has no container `api`; it has "Api", "api\r", " api""#;
        check_refused(text, &rendering("api", &[]), expected);
        check_refused("{}", &rendering("api", &[]), "the task definition has no container `api`; it has none");
    }

    #[test]
    fn two_containers_of_one_name_are_refused() {
        let text = r#"{"containerDefinitions":[{"name":"api"},{"name":"api"}]}"#;
        check_refused(text, &rendering("api", &[]), "the task definition has 2 containers named `api`");
    }

    #[test]
    fn placeholders_and_values_must_fit() {
        let text = r#"{"executionRoleArn":"{{role}}","cpu":"${CPU}","containerDefinitions":[{"name":"api"}]}"#;
        check_refused(
            text,
            &rendering("api", &[("rolle", "x"), ("CPU", "256")]),
            "no value is given for the placeholders {{role}} at executionRoleArn; \
             values are given for placeholders that are not there: \"rolle\"",
        );
    }

    #[test]
    fn an_image_that_is_replaced_needs_no_value_and_keeps_its_words() {
        let text = r#"{"family":"api","containerDefinitions":[{"name":"web","image":"{{image}}"}]}"#;
        let rendered = Document::parse(text, "").unwrap().render(&rendering("web", &[("api", "shop")])).unwrap();
        assert_eq!(
            rendered.document.to_value(),
            json!({"family": "shop", "containerDefinitions": [{"name": "web", "image": IMAGE}]})
        );
    }

    #[test]
    fn a_release_sets_variables_and_its_words_are_no_placeholders() {
        let text = r#"{"containerDefinitions":[{"name":"api","environment":[{"name":"V","value":"{{later}}"}]}]}"#;
        let variables = BTreeMap::from([("V".to_owned(), "${x}".to_owned())]);
        let rendering =
            Rendering { variables: BTreeMap::from([("api".parse().unwrap(), variables)]), ..Rendering::default() };
        let rendered = Document::parse(text, "").unwrap().render(&rendering).unwrap();
        let expected =
            json!({"containerDefinitions": [{"name": "api", "environment": [{"name": "V", "value": "${x}"}]}]});
        assert_eq!(rendered.document.to_value(), expected);
        let secret = r#"{"containerDefinitions":[{"name":"api","secrets":[{"name":"V","valueFrom":"x"}]}]}"#;
        check_refused(secret, &rendering, "the container `api` takes `V` from a secret, so it cannot be set as well");
        let nobody = r#"{"containerDefinitions":[{"name":"web"}]}"#;
        check_refused(nobody, &rendering, "the task definition has no container `api`; it has \"web\"");
    }

    #[test]
    fn text_that_aws_described_is_no_placeholder() {
        let value =
            json!({"containerDefinitions": [{"name": "api", "environment": [{"name": "A", "value": "${B} {{C}}"}]}]});
        let document = Document::from_described(value, Vec::new()).unwrap();
        let rendered = document.render(&Rendering::default()).unwrap();
        assert_eq!((rendered.document, rendered.notices), (document, Vec::new()));
    }

    #[test]
    fn images_that_are_left_are_noticed() {
        let text = r#"{"containerDefinitions":[{"name":"a","image":"REPLACE_ME"},{"name":"b","image":"nginx"},{"name":"c","image":"h:5/x:1"},
                       {"name":"d","command":["echo ${HOME}"]}]}"#;
        let rendered = Document::parse(text, "").unwrap().render(&Rendering::default()).unwrap();
        let shown: Vec<_> = rendered.notices.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                r#"the container "a" still has the placeholder "REPLACE_ME" as its image"#,
                r#"the container "b" has the image "nginx", which names neither tag nor digest"#,
                "${HOME} at containerDefinitions[3].command[0] is left to the shell",
            ]
        );
    }
}
