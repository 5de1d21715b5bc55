//! Why a text or value is no task definition.
//!
//! Texts of the document are quoted with their control characters escaped; values of the document never appear.

/// Why a text or value is no task definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The text is not JSON, or names a member twice.
    #[error("{origin}:{line}:{column}: {problem}")]
    Syntax {
        /// Where the text is from, for example a path.
        origin: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
    /// A placeholder stands where JSON wants a value.
    #[error(
        "{origin}:{line}:{column}: the placeholder `{placeholder}` stands outside a string: write it in quotes, \
         \"{placeholder}\", so that the file is JSON before it is filled"
    )]
    UnquotedPlaceholder {
        /// Where the text is from, for example a path.
        origin: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// The placeholder with its brackets.
        placeholder: String,
    },
    /// The JSON is not an object, or its `taskDefinition` is none.
    #[error("{origin}: a task definition is a JSON object, and this is {found}")]
    NotAnObject {
        /// Where the value is from.
        origin: String,
        /// What is there instead, with its article.
        found: &'static str,
    },
    /// The `tags` have another form than AWS's.
    #[error("{origin}: tags[{index}] is not an object with the texts `key` and `value`")]
    MalformedTag {
        /// Where the value is from.
        origin: String,
        /// Which of the tags, from 0.
        index: usize,
    },
    /// The `tags` are no list.
    #[error("{origin}: `tags` is not a list")]
    TagsNotAList {
        /// Where the value is from.
        origin: String,
    },
}
