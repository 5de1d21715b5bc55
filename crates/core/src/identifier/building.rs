//! The words of building an image: arguments, stages, secrets, and the variables that hold these.

use super::macros::identifier;

identifier! {
    /// The name of a build argument, as `ARG` declares it.
    ArgumentName, "a build argument's name", "use letters, digits and underscores, not beginning with a digit", is_variable
}
identifier! {
    /// The name of an environment variable.
    VariableName, "an environment variable's name", "use letters, digits and underscores, not beginning with a digit", is_variable
}
identifier! {
    /// The id that a Dockerfile mounts a secret by.
    SecretId, "a secret's id", "use 1 to 63 letters, digits, dots, hyphens and underscores, beginning with a letter or digit", is_word
}
identifier! {
    /// A stage of a Dockerfile, as `FROM … AS` names it.
    StageName, "a stage of a Dockerfile", "use 1 to 63 letters, digits, dots, hyphens and underscores, beginning with a letter or digit", is_word
}

identifier! {
    /// What an attestation states, by the type of its predicate, for example `https://slsa.dev/provenance/v1`.
    PredicateType, "a predicate's type", "use 1 to 255 visible characters without spaces", |text| (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_variable(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_word(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_can_be_taken_for_an_option_or_for_two_words() {
        for bad in ["", "-x", "--secret", "a b", "a=b", "a,src=/etc/passwd", "a\n"] {
            assert!(bad.parse::<ArgumentName>().is_err() && bad.parse::<SecretId>().is_err(), "{bad}");
            assert!(bad.parse::<StageName>().is_err() && bad.parse::<VariableName>().is_err(), "{bad}");
        }
        assert!("NPM_TOKEN".parse::<VariableName>().is_ok() && "build-1.2".parse::<StageName>().is_ok());
    }
}
