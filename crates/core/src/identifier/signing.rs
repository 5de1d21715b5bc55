//! The words of signing: who signs, as certificates name them, and from which workflow.
//!
//! A pattern is checked when it is read, so that none lets everybody pass.

use super::macros::identifier;

identifier! {
    /// Who may have signed, as a certificate names them: an address of mail or a URI, `*` for a part without a `/`.
    SignerPattern, "an identity", "write what the certificate names, for example `release@acme.example` or `https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/tags/*`; `*` stands for a part of it, never for all", is_pattern
}
identifier! {
    /// The issuer of the token that a certificate was given for, as the certificate names it.
    TokenIssuer, "a token's issuer", "write its https address, for example `https://accounts.google.com`", is_issuer
}
identifier! {
    /// A repository on GitHub: `acme/shop`.
    GitHubRepository, "a repository on GitHub", "write owner and name, for example `acme/shop`", is_repository
}
identifier! {
    /// A workflow's file: in the same repository `.github/workflows/release.yml`; in another one with the repository
    /// before it, and the ref that it is called at, `acme/workflows/.github/workflows/build.yml@refs/tags/v2`.
    WorkflowFile, "a workflow's file", "write `.github/workflows/NAME.yml`; of another repository `OWNER/NAME/.github/workflows/NAME.yml@REF`", is_workflow
}
identifier! {
    /// A glob over git's refs, in full: `refs/heads/main`, `refs/tags/v*`.
    RefPattern, "a git ref", "write it in full, for example `refs/heads/main` or `refs/tags/v*`", is_ref
}

/// Where workflows are kept.
const WORKFLOWS: &str = ".github/workflows/";

impl SignerPattern {
    /// Whether a certificate's identity is meant.
    pub fn matches(&self, identity: &str) -> bool {
        matches(self.as_str(), identity)
    }
}

impl RefPattern {
    /// Whether that ref is meant.
    pub fn matches(&self, name: &str) -> bool {
        matches(self.as_str(), name)
    }
}

impl WorkflowFile {
    /// The repository that it is in, where that is another one, and the ref or commit that it must have been called at.
    pub fn elsewhere(&self) -> Option<(&str, &str)> {
        let (before, _) = self.as_str().split_once(WORKFLOWS)?;
        let (_, at) = self.as_str().split_once('@')?;
        Some((before.strip_suffix('/')?, at))
    }

    /// Whether one of another repository may be called at that ref or commit.
    pub fn may_be_called_at(&self, name: &str) -> bool {
        self.elsewhere().is_some_and(|(_, at)| matches(at, name))
    }

    /// The file in its repository.
    pub fn path(&self) -> &str {
        let start = self.as_str().find(WORKFLOWS).unwrap_or_default();
        self.as_str()[start..].split('@').next().unwrap_or_default()
    }
}

/// Texts that have nothing but `*` to them are compared as they are: `?` and brackets stand for themselves.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(first) else {
        return false;
    };
    let reach = text.find('/').unwrap_or(text.len());
    (0..=reach).filter(|end| text.is_char_boundary(*end)).any(|end| matches(rest, &text[end..]))
}

/// At most three stars keep the comparison short, whatever the text.
fn is_plain(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && text.bytes().filter(|byte| *byte == b'*').count() <= 3
        && !text.contains("**")
}

/// What is no star must be enough to mean somebody: a host, or a domain of mail.
fn is_pattern(text: &str) -> bool {
    let fixed = text.split('*').max_by_key(|part| part.len()).unwrap_or_default();
    let names_a_place = match text.split_once("://") {
        Some((scheme, rest)) => !scheme.contains('*') && !rest.split('/').next().unwrap_or_default().contains('*'),
        None => !text.rsplit('@').next().unwrap_or_default().contains('*'),
    };
    is_plain(text, 1024) && fixed.len() >= 4 && names_a_place
}

fn is_issuer(text: &str) -> bool {
    is_plain(text, 512) && !text.contains('*') && text.strip_prefix("https://").is_some_and(|host| !host.is_empty())
}

fn is_repository(text: &str) -> bool {
    let is_part = |part: &str| {
        (1..=100).contains(&part.len())
            && !matches!(part, "." | "..")
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text.split_once('/').is_some_and(|(owner, name)| is_part(owner) && is_part(name))
}

fn is_workflow(text: &str) -> bool {
    let is_file = |file: &str| {
        let stem = file.strip_suffix(".yml").or_else(|| file.strip_suffix(".yaml")).unwrap_or_default();
        !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    match text.split_once(WORKFLOWS) {
        Some(("", file)) => is_file(file),
        Some((before, after)) => {
            let is_there = before.strip_suffix('/').is_some_and(is_repository);
            is_there && after.split_once('@').is_some_and(|(file, at)| is_file(file) && (is_ref(at) || is_commit(at)))
        }
        None => false,
    }
}

fn is_ref(text: &str) -> bool {
    let is_named = |kind: &&str| text.strip_prefix(*kind).is_some_and(|name| !name.is_empty());
    is_plain(text, 512) && ["refs/heads/", "refs/tags/"].iter().any(is_named)
}

/// A workflow may be called at a commit.
fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_a_part_without_a_slash() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(pattern.parse::<SignerPattern>().unwrap().matches(text), expected, "{pattern} {text}");
        };
        check("release@acme.example", "release@acme.example", true);
        check("release@acme.example", "release@acme.example.evil", false);
        check("*@acme.example", "ada@acme.example", true);
        check("*@acme.example", "https://evil.example/@acme.example", false);
        check(
            "https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/tags/*",
            "https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/tags/v1",
            true,
        );
        check("https://gitlab.com/acme/*/x", "https://gitlab.com/acme/a/b/x", false);
        check("https://gitlab.com/acme/*/x", "https://gitlab.com/acme/é/x", true);
    }

    #[test]
    fn no_pattern_means_everybody() {
        for bad in [
            "",
            "*",
            "**",
            "*@*",
            "*.example@*",
            "https://*",
            "https://*.example/x",
            "a@*",
            "x y@acme.example",
            "*a*b*c*d@acme.example",
        ] {
            assert!(bad.parse::<SignerPattern>().is_err(), "{bad}");
        }
        assert!("https://".parse::<TokenIssuer>().is_err() && "http://a.example".parse::<TokenIssuer>().is_err());
    }

    #[test]
    fn refs_are_written_in_full() {
        for bad in ["main", "v*", "refs/heads/", "refs/pull/1/merge", "refs/**", "heads/main", ""] {
            assert!(bad.parse::<RefPattern>().is_err(), "{bad}");
        }
        let check = |pattern: &str, name: &str, expected| {
            assert_eq!(pattern.parse::<RefPattern>().unwrap().matches(name), expected);
        };
        check("refs/tags/v*", "refs/tags/v1.4.0", true);
        check("refs/tags/v*", "refs/heads/v1.4.0", false);
        check("refs/heads/main", "refs/heads/main-2", false);
        check("refs/heads/release/*", "refs/heads/release/1/x", false);
    }

    #[test]
    fn a_workflow_of_another_repository_says_at_which_ref() {
        let own: WorkflowFile = ".github/workflows/release.yml".parse().unwrap();
        assert_eq!((own.elsewhere(), own.path()), (None, ".github/workflows/release.yml"));
        let other: WorkflowFile = "acme/workflows/.github/workflows/build.yaml@refs/tags/v2".parse().unwrap();
        assert_eq!(other.elsewhere().unwrap().0, "acme/workflows");
        assert_eq!(other.path(), ".github/workflows/build.yaml");
        for bad in [
            "release.yml",
            ".github/workflows/",
            ".github/workflows/a/b.yml",
            ".github/workflows/../x.yml",
            ".github/workflows/release.yml@refs/heads/main",
            "acme/workflows/.github/workflows/build.yml",
            "acme/.github/workflows/build.yml@refs/tags/v2",
            "acme/workflows/.github/workflows/build.yml@v2",
        ] {
            assert!(bad.parse::<WorkflowFile>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_repository_is_owner_and_name() {
        for bad in ["shop", "acme/shop/x", "/shop", "acme/", "acme/..", "a b/c", "https://github.com/acme/shop"] {
            assert!(bad.parse::<GitHubRepository>().is_err(), "{bad}");
        }
        assert!("acme/shop".parse::<GitHubRepository>().is_ok());
    }
}
