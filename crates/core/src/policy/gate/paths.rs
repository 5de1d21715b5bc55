//! The gate of the paths: a push that changed nothing of interest is ignored.
//!
//! Paths only save work. Where what changed is unknown, anything may have, and the push counts.

use crate::policy::{Question, Reason, TriggerRule};

pub(in crate::policy) fn judge(question: &Question<'_>, rule: &TriggerRule) -> Option<Reason> {
    let globs = rule.paths();
    if globs.is_empty() {
        return None;
    }
    let Some(changed) = &question.facts.changed_paths else {
        return Some(Reason::PathsUnknown { globs: globs.to_vec() });
    };
    let matched = globs.iter().find_map(|glob| glob.first_match(changed).map(|path| (glob, path)));
    Some(match matched {
        Some((glob, path)) => Reason::PathChanged { path: path.to_owned(), glob: glob.clone() },
        None => Reason::NoPathChanged { globs: globs.to_vec(), changed: changed.len() },
    })
}
