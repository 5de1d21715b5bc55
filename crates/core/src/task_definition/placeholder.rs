//! Placeholders in a file from the repository: `{{NAME}}`, `${NAME}`, and words that the configuration names.
//!
//! They are filled inside string values only, each string in one pass: what was filled in is not looked at again, so a
//! value may itself look like a placeholder. It does not fill members' names.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Range,
};

use serde_json::{Map, Value};

/// A placeholder that nothing is given for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfilled {
    /// Where it stands, for example `containerDefinitions[0].command[1]`.
    pub path: String,
    /// The placeholder with its brackets.
    pub placeholder: String,
}

impl fmt::Display for Unfilled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}", self.placeholder, self.path)
    }
}

/// What came of filling a document.
#[derive(Debug, Default)]
pub(super) struct Filling {
    /// Placeholders that nothing is given for.
    pub(super) unfilled: Vec<Unfilled>,
    /// `${NAME}` in a command, left to the shell.
    pub(super) shell: Vec<Unfilled>,
    /// Names that were given and found.
    pub(super) used: BTreeSet<String>,
}

/// Fills every string of an object.
pub(super) fn fill(members: &mut Map<String, Value>, given: &BTreeMap<String, String>) -> Filling {
    let mut bracketed = BTreeSet::new();
    members.values().for_each(|member| collect_names(member, &mut bracketed));
    // A word that also stands in brackets is meant there alone: a variable's name may be the same word.
    let mut words: Vec<&str> =
        given.keys().map(String::as_str).filter(|name| !name.is_empty() && !bracketed.contains(*name)).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut filler = Filler { given, words, filling: Filling::default() };
    filler.members(members, "", Place::Anywhere);
    filler.filling
}

/// The first placeholder outside a JSON string, with its offset in bytes: never valid JSON, often meant well.
pub(super) fn first_outside_strings(text: &str) -> Option<(usize, String)> {
    let mut in_string = false;
    let mut escaped = false;
    for (offset, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '$' if !in_string => {
                if let Some(found) = bracketed_at(text, offset) {
                    return Some((offset, text[found.range].to_owned()));
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a `$` word may be the shell's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Command,
}

struct Filler<'a> {
    given: &'a BTreeMap<String, String>,
    words: Vec<&'a str>,
    filling: Filling,
}

impl Filler<'_> {
    fn value(&mut self, value: &mut Value, path: &str, place: Place) {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => {
                if let Some(filled) = self.text(text, path, place) {
                    *text = filled;
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    self.value(element, &format!("{path}[{index}]"), place);
                }
            }
            Value::Object(members) => self.members(members, path, place),
        }
    }

    fn members(&mut self, members: &mut Map<String, Value>, path: &str, place: Place) {
        for (name, member) in members {
            let plain = name.escape_debug();
            let inner = if path.is_empty() { plain.to_string() } else { format!("{path}.{plain}") };
            let place = if matches!(name.as_str(), "command" | "entryPoint") { Place::Command } else { place };
            self.value(member, &inner, place);
        }
    }

    /// The text filled, or nothing where that changes nothing.
    fn text(&mut self, text: &str, path: &str, place: Place) -> Option<String> {
        let mut filled = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(character) = text[at..].chars().next() {
            let found = match bracketed_at(text, at) {
                Some(bracketed) => Some(self.bracketed(&bracketed, text, path, place)),
                None => self.word_at(text, at),
            };
            let (end, part) = found.unwrap_or_else(|| (at + character.len_utf8(), &text[at..][..character.len_utf8()]));
            filled.push_str(part);
            at = end;
        }
        (filled != text).then_some(filled)
    }

    /// What stands for a placeholder, and where it ends: its value, or itself.
    fn bracketed<'t>(&'t mut self, found: &Bracketed<'_>, text: &'t str, path: &str, place: Place) -> (usize, &'t str) {
        let itself = &text[found.range.clone()];
        if let Some(value) = self.given.get(found.name) {
            self.filling.used.insert(found.name.to_owned());
            return (found.range.end, value);
        }
        let unfilled = Unfilled { path: path.to_owned(), placeholder: itself.to_owned() };
        match (found.form, place) {
            (Form::Dollar, Place::Command) => self.filling.shell.push(unfilled),
            (Form::Dollar, Place::Anywhere) | (Form::Braces, _) => {
                self.filling.unfilled.push(unfilled);
            }
        }
        (found.range.end, itself)
    }

    fn word_at(&mut self, text: &str, start: usize) -> Option<(usize, &str)> {
        let word = *self.words.iter().find(|word| stands_alone(text, start, word))?;
        self.filling.used.insert(word.to_owned());
        self.given.get(word).map(|value| (start + word.len(), value.as_str()))
    }
}

/// Whether that word begins there and is no part of a longer one.
fn stands_alone(text: &str, start: usize, word: &str) -> bool {
    let is_inner =
        |character: Option<char>| character.is_some_and(|character| character.is_alphanumeric() || character == '_');
    let Some(after) = text[start..].strip_prefix(word) else {
        return false;
    };
    let joined_before = is_inner(word.chars().next()) && is_inner(text[..start].chars().next_back());
    let joined_after = is_inner(word.chars().next_back()) && is_inner(after.chars().next());
    !joined_before && !joined_after
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Bracketed<'a> {
    form: Form,
    name: &'a str,
    range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `{{NAME}}`, with or without blanks inside; also `${{ NAME }}`.
    Braces,
    /// `${NAME}`.
    Dollar,
}

fn bracketed_at(text: &str, start: usize) -> Option<Bracketed<'_>> {
    let rest = &text[start..];
    let forms = [(Form::Braces, "${{", "}}"), (Form::Braces, "{{", "}}"), (Form::Dollar, "${", "}")];
    let (form, inner, close) =
        forms.into_iter().find_map(|(form, open, close)| Some((form, rest.strip_prefix(open)?, close)))?;
    let inner = match form {
        Form::Braces => inner.trim_start_matches(' '),
        Form::Dollar => inner,
    };
    let (name, after) = inner.split_at(inner.find(|character| !is_in_name(character))?);
    let after = match form {
        Form::Braces => after.trim_start_matches(' '),
        Form::Dollar => after,
    };
    let end = text.len() - after.strip_prefix(close)?.len();
    begins_a_name(name).then_some(Bracketed { form, name, range: start..end })
}

fn is_in_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_.-".contains(character)
}

/// Like a variable's name; so Docker's own `{{.Name}}` is no placeholder.
fn begins_a_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

fn collect_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => names.extend(bracketed_names(text)),
        Value::Array(elements) => elements.iter().for_each(|element| collect_names(element, names)),
        Value::Object(members) => members.values().for_each(|member| collect_names(member, names)),
    }
}

fn bracketed_names(text: &str) -> impl Iterator<Item = String> {
    text.char_indices().filter_map(|(offset, _)| bracketed_at(text, offset)).map(|found| found.name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, given: &[(&str, &str)], expected: &str) {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut value = json!({ "value": text });
        fill(value.as_object_mut().unwrap(), &given);
        assert_eq!(value, json!({ "value": expected }), "{text}");
    }

    #[test]
    fn each_form_is_filled() {
        check("a {{X}} ${X} {{ X }} ${{ X }} b", &[("X", "1")], "a 1 1 1 1 b");
        check("arn:aws:iam::1:role/EXEC_ROLE", &[("EXEC_ROLE", "shop")], "arn:aws:iam::1:role/shop");
        check("$$$TASK_ROLE$$$", &[("$$$TASK_ROLE$$$", "arn")], "arn");
    }

    #[test]
    fn a_word_inside_a_longer_word_is_left() {
        check("MY_EXEC_ROLE EXEC_ROLE2", &[("EXEC_ROLE", "x")], "MY_EXEC_ROLE EXEC_ROLE2");
        check("A_B A", &[("A", "1"), ("A_B", "2")], "2 1");
    }

    #[test]
    fn a_word_that_also_stands_in_brackets_is_filled_there_alone() {
        check("REGION=${REGION}", &[("REGION", "eu")], "REGION=eu");
    }

    #[test]
    fn what_was_filled_in_is_not_looked_at_again() {
        check("{{A}}", &[("A", "{{B}} C"), ("B", "x"), ("C", "y")], "{{B}} C");
    }

    #[test]
    fn a_template_of_docker_is_no_placeholder() {
        let mut value = json!({"tag": "{{.Name}}/{{.ID}}", "x": "${X:-1} {{ }} {{", "y": "}}${"});
        assert!(fill(value.as_object_mut().unwrap(), &BTreeMap::new()).unfilled.is_empty());
    }

    #[test]
    fn shell_variables_are_left_to_commands_alone() {
        let mut value = json!({"command": ["sh", "-c", "echo ${HOME} {{X}}"], "family": "${HOME}"});
        let filling = fill(value.as_object_mut().unwrap(), &BTreeMap::new());
        let shown: Vec<_> = filling.unfilled.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["{{X}} at command[2]", "${HOME} at family"]);
        assert_eq!(filling.shell[0].to_string(), "${HOME} at command[2]");
    }

    #[test]
    fn strings_hide_what_is_in_them_from_the_search_outside() {
        assert_eq!(first_outside_strings(r#"{"a": "\"{{X}}", "b": {{Y}}}"#), Some((22, "{{Y}}".to_owned())));
        assert_eq!(first_outside_strings(r#"{"a": "{{X}}"}"#), None);
    }
}
