//! Two task definitions, one after the other with a line `---` between them: read, stripped, rendered, compared.

use std::collections::BTreeMap;

use towpath_core::task_definition::{Document, Rendering, diff};

const IMAGE: &str = "ghcr.io/o/api@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Reads both, brings an image into each, and compares them in every way.
pub fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let (one, other) = text.split_once("\n---\n").unwrap_or((text, "{}"));
    let read =
        [one, other].map(|text| Document::parse(text, "task-definition.json").map_err(|error| error.to_string()));
    for document in read.iter().flatten() {
        look_at(document);
        bring(document);
        send(document);
    }
    let [Ok(one), Ok(other)] = read else { return false };
    compare(&one, &other);
    true
}

fn look_at(document: &Document) {
    for container in document.containers() {
        let _log = container.log();
        let _about = (container.name(), container.image(), container.is_essential(), container.secrets().len());
    }
    let _about = (document.family(), document.cpu(), document.memory(), document.runtime_platform());
    let _roles = (document.task_role(), document.execution_role(), document.problems().len());
    let _bad_copy = "api".parse().map(|name| document.spoiled(&name));
}

fn bring(document: &Document) {
    let images = "api".parse().into_iter().zip(IMAGE.parse()).collect();
    let placeholders = BTreeMap::from([("X".to_owned(), "\"x\\".to_owned())]);
    let rendered =
        document.render(&Rendering { images, placeholders, ..Rendering::default() }).map_err(|error| error.to_string());
    if let Ok(rendered) = rendered {
        send(&rendered.document);
    }
}

/// What is sent is what comes back.
fn send(document: &Document) {
    let sent = document.to_request_json(&[]);
    let text = String::from_utf8(sent).expect("JSON is UTF-8");
    let back = Document::parse(&text, "").expect("what is sent can be read");
    assert!(diff(document, &back).is_empty(), "what was sent comes back as another");
}

fn compare(one: &Document, other: &Document) {
    let changes = diff(one, other);
    assert_eq!(
        changes.is_empty(),
        one.fingerprint() == other.fingerprint(),
        "a difference without another fingerprint"
    );
    assert!(
        !changes.to_string().replace('\n', "").contains(char::is_control),
        "a control character reaches a terminal"
    );
    assert_eq!(diff(other, one).is_empty(), changes.is_empty(), "a difference in one direction only");
}
