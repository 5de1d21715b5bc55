//! XML in and out, as REST services of AWS write it.
//!
//! Namespaces are written but not looked at: clients disagree about them, and AWS takes what they send.

use super::error::RestError;

/// A document that is being written.
#[derive(Debug, Default)]
pub(crate) struct Xml {
    text: String,
}

impl Xml {
    /// Begins a document.
    pub(crate) fn document() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned() }
    }

    /// An element of text.
    pub(crate) fn text(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.open(name);
        escape(value.as_ref(), &mut self.text);
        self.close(name);
        self
    }

    /// The same, if there is a value.
    pub(crate) fn maybe(self, name: &str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Text without an element of its own.
    pub(crate) fn plain(mut self, value: &str) -> Self {
        escape(value, &mut self.text);
        self
    }

    /// An element of elements.
    pub(crate) fn element(mut self, name: &str, inner: impl FnOnce(Self) -> Self) -> Self {
        self.open(name);
        let mut written = inner(self);
        written.close(name);
        written
    }

    /// The same with a namespace.
    pub(crate) fn root(mut self, name: &str, namespace: &str, inner: impl FnOnce(Self) -> Self) -> Self {
        self.text.push('<');
        self.text.push_str(name);
        self.text.push_str(" xmlns=\"");
        self.text.push_str(namespace);
        self.text.push_str("\">");
        let mut written = inner(self);
        written.close(name);
        written
    }

    /// An element for each item.
    pub(crate) fn each<T>(self, items: impl IntoIterator<Item = T>, write: impl Fn(Self, T) -> Self) -> Self {
        items.into_iter().fold(self, write)
    }

    pub(crate) fn done(self) -> String {
        self.text
    }

    fn open(&mut self, name: &str) {
        self.text.push('<');
        self.text.push_str(name);
        self.text.push('>');
    }

    fn close(&mut self, name: &str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }
}

/// Text as XML writes it; a character that XML 1.0 does not have is replaced.
fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\r' => into.push_str("&#13;"),
            '\t' | '\n' => into.push(character),
            '\u{fffe}' | '\u{ffff}' => into.push('\u{fffd}'),
            control if control < ' ' => into.push('\u{fffd}'),
            character => into.push(character),
        }
    }
}

/// An element that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Self>,
}

impl Element {
    /// Reads a document whose root is called `root`.
    pub(crate) fn read(body: &[u8], root: &str) -> Result<Self, RestError> {
        let text = std::str::from_utf8(body).map_err(|_| malformed())?;
        let document = roxmltree::Document::parse(text).map_err(|_| malformed())?;
        let element = Self::of(document.root_element());
        if element.name == root { Ok(element) } else { Err(malformed()) }
    }

    fn of(node: roxmltree::Node<'_, '_>) -> Self {
        Self {
            name: node.tag_name().name().to_owned(),
            text: node.text().unwrap_or_default().to_owned(),
            children: node.children().filter(roxmltree::Node::is_element).map(Self::of).collect(),
        }
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the child `name`.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

fn malformed() -> RestError {
    RestError::client(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let odd = "a & b <c> \"d\" \r é\u{1}";
        let text = Xml::document().root("A", "http://here/", |xml| xml.text("B", odd).maybe("C", None::<&str>)).done();
        let element = Element::read(text.as_bytes(), "A").unwrap();
        assert_eq!(element.value("B"), Some("a & b <c> \"d\" \r é\u{fffd}"));
        assert!(element.child("C").is_none());
    }

    #[test]
    fn what_is_no_such_document_is_refused() {
        for body in ["", "<A>", "<B/>", "<!DOCTYPE A [<!ENTITY e 'x'>]><A>&e;</A>"] {
            assert_eq!(Element::read(body.as_bytes(), "A").unwrap_err().error.code, "MalformedXML", "{body}");
        }
    }
}
