//! The action's outputs, in the form in which a value may have several lines.

use std::{ffi::OsStr, fs::OpenOptions, io, io::Write as _};

use crate::ending::Ending;

/// The outputs: `outcome`, `exit-code`, and what else is known.
pub(crate) fn of(ending: &Ending) -> String {
    let outputs = [
        ("outcome", Some(ending.outcome())),
        ("exit-code", Some(ending.exit.code().to_string())),
        ("environment", ending.environment()),
        ("version", ending.version()),
        ("promotion", ending.promotion()),
    ];
    outputs.into_iter().filter_map(|(name, value)| Some(output(name, &value?))).collect()
}

/// One output between two marks that its value does not have.
fn output(name: &str, value: &str) -> String {
    let mut mark = "TOWPATH_END".to_owned();
    while value.contains(&mark) {
        mark.push('_');
    }
    format!("{name}<<{mark}\n{value}\n{mark}\n")
}

/// Adds to a file of the runner.
pub(crate) fn append(path: &OsStr, text: &str) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_end_itself() {
        assert_eq!(output("a", "x"), "a<<TOWPATH_END\nx\nTOWPATH_END\n");
        assert_eq!(output("a", "x\nTOWPATH_END\nb=1"), "a<<TOWPATH_END_\nx\nTOWPATH_END\nb=1\nTOWPATH_END_\n");
    }

    #[test]
    fn what_is_known_is_given() {
        insta::assert_snapshot!(of(&crate::ending::tests::hostile()), @"
        outcome<<TOWPATH_END
        rolled_back
        TOWPATH_END
        exit-code<<TOWPATH_END
        5
        TOWPATH_END
        environment<<TOWPATH_END
        dev
        TOWPATH_END
        version<<TOWPATH_END
        1.1.0
        TOWPATH_END
        promotion<<TOWPATH_END
        p
        TOWPATH_END
        ");
    }
}
