//! Towpath's own names: application, environment, component, branch, promotion.

use super::macros::identifier;

identifier! {
    /// The name of an application: what one `towpath.toml` describes.
    AppName, "an application name", "use 1 to 63 lowercase letters, digits and hyphens, beginning with a letter", is_label
}
identifier! {
    /// The name of an environment, for example `staging`.
    EnvironmentName, "an environment name", "use 1 to 63 lowercase letters, digits and hyphens, beginning with a letter", is_label
}
identifier! {
    /// The name of a component, for example `api`.
    ComponentName, "a component name", "use 1 to 63 lowercase letters, digits and hyphens, beginning with a letter", is_label
}
identifier! {
    /// A git branch, without `refs/heads/`.
    BranchName, "a branch name", "use the form of `git check-ref-format --branch`, without `refs/heads/`", is_branch
}
identifier! {
    /// One attempt to bring one release into one environment.
    PromotionId, "a promotion id", "use 1 to 100 lowercase letters, digits, dots and hyphens", is_promotion
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_promotion(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && !text.starts_with('.')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
}

/// The rules of `git check-ref-format` that matter for a short branch name.
fn is_branch(text: &str) -> bool {
    let forbidden = |character: char| character.is_ascii_control() || " ~^:?*[\\".contains(character);
    (1..=255).contains(&text.len())
        && !text.starts_with(['-', '/', '.'])
        && !text.starts_with("refs/heads/")
        && !text.ends_with(['/', '.'])
        && !text.contains(forbidden)
        && !["..", "//", "@{", "/."].iter().any(|part| text.contains(part))
        && !text.split('/').any(|part| part.to_ascii_lowercase().rsplit_once('.').is_some_and(|(_, end)| end == "lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_names_are_labels() {
        for good in ["dev", "eu-1", "a"] {
            assert!(good.parse::<EnvironmentName>().is_ok(), "{good}");
        }
        for bad in ["", "Dev", "1dev", "dev/x", "dev\n", "ä", &"a".repeat(64)] {
            assert!(bad.parse::<EnvironmentName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn branch_names_follow_git() {
        for good in ["main", "release/1.x", "feature/a-b_c"] {
            assert!(good.parse::<BranchName>().is_ok(), "{good}");
        }
        for bad in ["", "-x", "a..b", "refs/heads/main", "a b", "x.lock", "a/.b", "a~1", "$(x):", "a/"] {
            assert!(bad.parse::<BranchName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_refused_name_says_what_it_should_be() {
        let error = "Prod".parse::<EnvironmentName>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`Prod` is not an environment name: use 1 to 63 lowercase letters, digits and hyphens, beginning with a letter"
        );
    }
}
