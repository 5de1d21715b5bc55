//! A copy of a task definition that cannot run, for drills.

use serde_json::{Value, json};

use crate::identifier::ContainerName;

use super::Document;

/// A program that is nowhere: nothing is ever under `/nonexistent`, the home of Debian's user `nobody`.
const NOWHERE: &str = "/nonexistent/towpath-drill";

impl Document {
    /// The same document, but this container cannot start; nothing where there is no such container.
    ///
    /// It is bad in a way that every platform tells at once and that no application can mend: its entry point is a
    /// program that is not there. Everything else, the image too, is what served.
    pub fn spoiled(&self, container: &ContainerName) -> Option<Self> {
        let mut document = self.clone();
        let containers = document.members.get_mut("containerDefinitions")?.as_array_mut()?;
        let found =
            containers.iter_mut().find(|one| one.get("name").and_then(Value::as_str) == Some(container.as_str()));
        let members = found?.as_object_mut()?;
        members.insert("entryPoint".to_owned(), json!([NOWHERE]));
        Some(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task_definition::diff;

    #[test]
    fn only_the_entry_point_is_another() {
        let text = r#"{"family":"api","containerDefinitions":[{"name":"api","image":"x:1","memory":1},{"name":"b","image":"y:1","memory":1}]}"#;
        let document = Document::parse(text, "what serves").unwrap();
        let spoiled = document.spoiled(&"api".parse().unwrap()).unwrap();
        let changes: Vec<String> = diff(&document, &spoiled).changes.iter().map(ToString::to_string).collect();
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert!(changes[0].contains("entryPoint"), "{changes:?}");
        assert!(document.spoiled(&"c".parse().unwrap()).is_none());
    }
}
