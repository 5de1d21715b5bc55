//! What a failed builder's last words mean, where they are known.
//!
//! They are the words of four programs and of the kernel; what is not recognised is simply a failure, its words shown.

use std::io::ErrorKind;

use towpath_core::{identifier::ComponentName, ports::BuildError};

/// What says that a disk is full.
const FULL: [&str; 2] = ["no space left on device", "disk quota exceeded"];

/// What says that a registry gave no base image.
const REFUSED: [&str; 8] = [
    "pull access denied",
    "toomanyrequests",
    "unauthorized",
    "authentication required",
    "no basic auth credentials",
    "manifest unknown",
    "requested access to the resource is denied",
    "failed to resolve source metadata",
];

/// A command that ended badly.
pub(super) fn of(component: &ComponentName, command: &str, status: String, tail: Vec<String>) -> BuildError {
    let says = |words: &[&str]| {
        tail.iter().any(|line| {
            let line = line.to_ascii_lowercase();
            words.iter().any(|word| line.contains(word))
        })
    };
    let component = component.clone();
    if says(&FULL) {
        BuildError::StorageFull { component, tail }
    } else if says(&REFUSED) {
        BuildError::BaseImageRefused { component, tail }
    } else {
        BuildError::Failed { component, command: command.to_owned(), status, tail }
    }
}

/// A file operation of ours that failed.
pub(super) fn of_file(component: &ComponentName, action: String, error: &std::io::Error) -> BuildError {
    let component = component.clone();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            BuildError::StorageFull { component, tail: vec![format!("{action}: {error}")] }
        }
        _ => BuildError::Machine { component, action, reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let error = of(&"api".parse().unwrap(), "buildah build", "status 1".to_owned(), vec![line.to_owned()]);
        assert!(error.to_string().contains(expected), "{line}: {error}");
    }

    #[test]
    fn full_disks_and_refusals_are_told_from_other_failures() {
        check("write /x: no space left on device", "the disk is full");
        check("Error: error committing: No space left on device", "the disk is full");
        check(
            "ERROR: failed to solve: debian: pull access denied, repository does not exist",
            "a base image cannot be had",
        );
        check("toomanyrequests: You have reached your pull rate limit", "a base image cannot be had");
        check("error: could not compile `app`", "buildah build ended with status 1; it printed last:\n  error: could");
    }
}
