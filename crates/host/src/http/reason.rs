//! What went wrong with a request, in words for people, and how far it came.

use std::{error::Error, time::Duration};

use towpath_core::smoke::{Attempt, Stage};

/// An attempt whose request failed.
pub(super) fn unreachable(error: reqwest::Error, within: Duration) -> Attempt {
    let stage = if error.is_builder() {
        Stage::Address
    } else if error.is_connect() {
        Stage::Connect
    } else {
        Stage::Answer
    };
    let reason = if error.is_timeout() { late(stage, within) } else { words(stage, error) };
    Attempt::Unreachable { stage, reason }
}

/// An attempt that took too long.
pub(super) fn late(stage: Stage, within: Duration) -> String {
    match stage {
        Stage::Connect => format!("no connection within {within:?}"),
        Stage::Address | Stage::Answer => {
            format!("connected, but no whole answer within {within:?}")
        }
    }
}

fn words(stage: Stage, error: reqwest::Error) -> String {
    let causes = chain(&error.without_url());
    match stage {
        Stage::Address => format!("the address cannot be asked: {causes}"),
        Stage::Connect => format!("no connection: {causes}"),
        Stage::Answer => format!("connected, but no whole answer: {causes}"),
    }
}

/// The causes below the outermost error, which only says that something failed; each said once.
fn chain(error: &dyn Error) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !causes.iter().any(|said| said.contains(&text)) {
            causes.push(text);
        }
        next = cause.source();
    }
    if causes.is_empty() { error.to_string() } else { causes.join(": ") }
}
