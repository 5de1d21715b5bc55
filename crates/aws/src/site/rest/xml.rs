//! The XML that S3 speaks: what we send of it, and what we read.

use super::failed::{Failed, What};

/// A document that was answered with, read with `read`. Other servers than AWS's end its root's name in their own way, so
/// that `root` is only a part of it.
pub(in crate::site) fn read<T>(
    what: What,
    body: &[u8],
    root: &str,
    read: impl FnOnce(roxmltree::Node<'_, '_>) -> Option<T>,
) -> Result<T, Failed> {
    let unreadable = || what.unsure("the answer is not what it should be");
    let text = std::str::from_utf8(body).map_err(|_| unreadable())?;
    // What takes long is answered with blanks first, so that the connection does not look dead.
    let document = roxmltree::Document::parse(text.trim_start()).map_err(|_| unreadable())?;
    let node = document.root_element();
    match node.tag_name().name() {
        name if name.contains(root) => read(node).ok_or_else(unreadable),
        // Copying and joining parts may fail after S3 has said 200.
        "Error" => {
            Err(what.refused(reqwest::StatusCode::INTERNAL_SERVER_ERROR, &reqwest::header::HeaderMap::new(), body))
        }
        _ => Err(unreadable()),
    }
}

/// The text of a child.
pub(in crate::site) fn text<'a>(node: roxmltree::Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text()
}

/// A child.
pub(in crate::site) fn child<'a, 'd>(node: roxmltree::Node<'a, 'd>, name: &str) -> Option<roxmltree::Node<'a, 'd>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// All children of that name.
pub(in crate::site) fn children<'a, 'd>(
    node: roxmltree::Node<'a, 'd>,
    name: &'static str,
) -> impl Iterator<Item = roxmltree::Node<'a, 'd>> {
    node.children().filter(move |child| child.tag_name().name() == name)
}

/// An element with a text.
pub(in crate::site) fn element(name: &str, text: &str) -> String {
    let mut written = format!("<{name}>");
    for character in text.chars() {
        match character {
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '&' => written.push_str("&amp;"),
            '"' => written.push_str("&quot;"),
            // A reader would make one line feed of these.
            '\r' => written.push_str("&#13;"),
            other => written.push(other),
        }
    }
    written + &format!("</{name}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_as_they_were() {
        for text_of_it in ["a<b>&\"c\"", "plain", "ü ~%"] {
            let document = format!("<Root xmlns=\"http://s3\">{}</Root>", element("Key", text_of_it));
            let found =
                read(What::read("s3:X"), document.as_bytes(), "Root", |root| text(root, "Key").map(str::to_owned));
            assert_eq!(found.unwrap(), text_of_it);
        }
    }

    #[test]
    fn an_error_in_a_success_is_an_error() {
        let what = What::change("s3:PutObject");
        let late = b"  <Error><Code>SlowDown</Code><Message>m</Message></Error>";
        assert!(read(what, late, "Root", |_| Some(())).unwrap_err().is_coded("SlowDown"));
        let broken = b"<Error><Code>InternalError</Code><Message>m</Message></Error>";
        assert!(read(what, broken, "Root", |_| Some(())).unwrap_err().error.is_ambiguous());
        assert!(read(what, b"<Root", "Root", |_| Some(())).unwrap_err().error.is_ambiguous());
        assert!(read(what, b"<Other/>", "Root", |_| Some(())).is_err());
    }
}
