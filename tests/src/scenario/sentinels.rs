//! Texts that are secret in every scenario. None of them may ever come out.

/// What all of them end with.
pub(super) const HUSH: &str = "hush-hush";
/// The value of an environment variable in the task definition.
pub(super) const PLAIN: &str = "plain-hush-hush";
/// The value of a stored secret.
pub(super) const STORED: &str = "stored-hush-hush";
