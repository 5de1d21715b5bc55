//! The forms of texts in a configuration.
//!
//! Where an identifier has a type, its `FromStr` is the judge; here are only the words around it and what has no type.

use std::str::FromStr;

use crate::{
    build::{Attest, ImageTagPattern, Tool},
    identifier::{
        AccountId, AlarmName, AppName, ArgumentName, BranchName, BucketName, ClusterName, ComponentName, ContainerName,
        DistributionId, EnvironmentName, InvalidIdentifier, PackageName, Region, Repository, RoleArn, SecretId,
        ServiceName, Sha256, StageName, Version, VulnerabilityId,
    },
    policy::{PathGlob, TagPattern},
    ports::Platform,
    site::{HeaderValue, RuntimePath, SitePath, SitePrefix},
};

use super::{duration::parse_duration, key::Form};

/// The hash of nothing.
const EXAMPLE_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const LABEL: Option<&str> = Some("^[a-z][a-z0-9-]{0,62}$");

pub(super) static APP: Form = Form { name: "application name", example: "shop", pattern: LABEL, check: is::<AppName> };
pub(super) static ENVIRONMENT: Form =
    Form { name: "environment name", example: "staging", pattern: LABEL, check: is::<EnvironmentName> };
pub(super) static COMPONENT: Form =
    Form { name: "component name", example: "api", pattern: LABEL, check: is::<ComponentName> };
pub(super) static BRANCH: Form = Form { name: "branch name", example: "main", pattern: None, check: is::<BranchName> };
pub(super) static TAG: Form =
    Form { name: "tag pattern", example: "v{version}", pattern: None, check: is::<TagPattern> };
pub(super) static GLOB: Form = Form { name: "glob", example: "backend/**", pattern: None, check: is::<PathGlob> };
pub(super) static ACCOUNT: Form =
    Form { name: "account id", example: "111111111111", pattern: Some("^[0-9]{12}$"), check: is::<AccountId> };
pub(super) static REGION: Form = Form { name: "region", example: "us-west-2", pattern: None, check: is::<Region> };
pub(super) static ROLE: Form = Form {
    name: "role ARN",
    example: "arn:aws:iam::111111111111:role/shop-deployer",
    pattern: None,
    check: is::<RoleArn>,
};
pub(super) static CLUSTER: Form =
    Form { name: "cluster name", example: "shop-{environment}", pattern: None, check: is::<ClusterName> };
pub(super) static SERVICE: Form =
    Form { name: "service name", example: "shop-api-{environment}", pattern: None, check: is::<ServiceName> };
pub(super) static CONTAINER: Form =
    Form { name: "container name", example: "api", pattern: None, check: is::<ContainerName> };
pub(super) static REPOSITORY: Form = Form {
    name: "image repository with its registry",
    example: "{account}.dkr.ecr.{region}.amazonaws.com/shop-api",
    pattern: None,
    check: is::<Repository>,
};
pub(super) static DURATION: Form = Form {
    name: "duration",
    example: "30m",
    pattern: Some("^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"),
    check: is_duration,
};

pub(super) static MINUTES: Form = Form {
    name: "duration of whole minutes",
    example: "10m",
    pattern: Some("^([0-9]+d)?([0-9]+h)?([0-9]+m)?$"),
    check: is_minutes,
};
pub(super) static ON_CANCEL: Form = Form {
    name: "`leave` or `rollback`",
    example: "leave",
    pattern: Some("^(leave|rollback)$"),
    check: |text| {
        one_of(text, &["leave", "rollback"], "a way to end a run that is asked to stop", "use `leave` or `rollback`")
    },
};
pub(super) static ON_TIMEOUT: Form = Form {
    name: "`leave` or `rollback`",
    example: "leave",
    pattern: Some("^(leave|rollback)$"),
    check: |text| {
        one_of(text, &["leave", "rollback"], "what to do about a rollout out of time", "use `leave` or `rollback`")
    },
};
pub(super) static ON_PAUSE: Form = Form {
    name: "`leave` or `wait`",
    example: "leave",
    pattern: Some("^(leave|wait)$"),
    check: |text| one_of(text, &["leave", "wait"], "what to do at a pause", "use `leave` or `wait`"),
};
pub(super) static WHEN_BUSY: Form = Form {
    name: "`wait`, `refuse` or `take-over`",
    example: "wait",
    pattern: Some("^(wait|refuse|take-over)$"),
    check: |text| {
        one_of(
            text,
            &["wait", "refuse", "take-over"],
            "what to do about a rollout under way",
            "use `wait`, `refuse` or `take-over`",
        )
    },
};
pub(super) static STRATEGY: Form = Form {
    name: "deployment strategy",
    example: "rolling",
    pattern: Some("^(rolling|blue-green|linear|canary)$"),
    check: |text| {
        one_of(
            text,
            &["rolling", "blue-green", "linear", "canary"],
            "a deployment strategy",
            "use `rolling`, `blue-green`, `linear` or `canary`",
        )
    },
};
pub(super) static ALARM: Form =
    Form { name: "alarm's name", example: "shop-api-5xx", pattern: None, check: is::<AlarmName> };

pub(super) static BUILD_TOOL: Form = Form {
    name: "program that builds images",
    example: "buildah",
    pattern: Some("^(docker-buildx|docker|podman|buildah)$"),
    check: is::<Tool>,
};
pub(super) static ATTEST: Form = Form {
    name: "`provenance` or `sbom`",
    example: "provenance",
    pattern: Some("^(provenance|sbom)$"),
    check: is::<Attest>,
};
pub(super) static ECR_REPOSITORY: Form = Form {
    name: "ECR repository with its registry",
    example: "111111111111.dkr.ecr.us-west-2.amazonaws.com/base",
    pattern: None,
    check: is_ecr_repository,
};
pub(super) static STAGE: Form =
    Form { name: "stage of a Dockerfile", example: "runtime", pattern: None, check: is::<StageName> };
pub(super) static PLATFORM: Form =
    Form { name: "platform", example: "linux/arm64", pattern: None, check: is::<Platform> };
pub(super) static ARGUMENT: Form =
    Form { name: "build argument's name", example: "FEATURES", pattern: None, check: is_argument };
pub(super) static SECRET_ID: Form =
    Form { name: "secret's id", example: "npm-token", pattern: None, check: is::<SecretId> };
pub(super) static IMAGE_TAG: Form =
    Form { name: "form of image tags", example: "{sha}", pattern: None, check: is::<ImageTagPattern> };

pub(super) static SCAN_FROM: Form = Form {
    name: "`reports` or `ecr`",
    example: "reports",
    pattern: Some("^(reports|ecr)$"),
    check: |text| one_of(text, &["reports", "ecr"], "where findings come from", "use `reports` or `ecr`"),
};
pub(super) static BUILD_SCAN_FROM: Form = Form {
    name: "`reports`, `ecr`, `trivy` or `grype`",
    example: "reports",
    pattern: Some("^(reports|ecr|trivy|grype)$"),
    check: |text| {
        let known = ["reports", "ecr", "trivy", "grype"];
        one_of(text, &known, "where findings come from", "use `reports`, `ecr`, `trivy` or `grype`")
    },
};
pub(super) static SCANNER_VERSION: Form =
    Form { name: "version", example: "0.68.1", pattern: None, check: is::<Version> };
pub(super) static SHA256: Form =
    Form { name: "SHA-256", example: EXAMPLE_SHA256, pattern: Some("^[0-9a-f]{64}$"), check: is::<Sha256> };
pub(super) static UNSCANNED: Form = Form {
    name: "`refuse`, `allow` or `hold`",
    example: "refuse",
    pattern: Some("^(refuse|allow|hold)$"),
    check: |text| {
        let what = "what to do with an image that was not scanned";
        one_of(text, &["refuse", "allow", "hold"], what, "use `refuse`, `allow` or `hold`")
    },
};
pub(super) static VULNERABILITY: Form =
    Form { name: "vulnerability's id", example: "CVE-2026-1001", pattern: None, check: is::<VulnerabilityId> };
pub(super) static PACKAGE: Form =
    Form { name: "package's name", example: "openssl", pattern: None, check: is::<PackageName> };
pub(super) static REASON: Form =
    Form { name: "reason", example: "not reachable from outside", pattern: None, check: is_reason };
pub(super) static DATE: Form =
    Form { name: "date", example: "2026-12-31", pattern: Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), check: is_date };

pub(super) static LEDGER: Form = Form { name: "ledger", example: "file:.towpath", pattern: None, check: is_ledger };
pub(super) static COMPONENT_KIND: Form =
    Form { name: "kind of component", example: "service", pattern: Some("^(service|site)$"), check: is_component_kind };
pub(super) static METHOD: Form =
    Form { name: "`GET` or `HEAD`", example: "GET", pattern: Some("^(GET|HEAD)$"), check: is_method };
pub(super) static IMAGE_PATH: Form = Form {
    name: "path of a repository, without its registry",
    example: "team/shop-api",
    pattern: None,
    check: is_image_path,
};
pub(super) static FILE: Form =
    Form { name: "path from the configuration file", example: "ecs/api.json", pattern: None, check: is_file };
pub(super) static URL: Form = Form {
    name: "absolute URL",
    example: "https://api.{environment}.example.com/version",
    pattern: None,
    check: is_url,
};
pub(super) static HEADER: Form = Form { name: "header name", example: "x-version", pattern: None, check: is_header };
pub(super) static VARIABLE: Form = Form {
    name: "name of an environment variable",
    example: "ECS_DEPLOYMENT_VERSION",
    pattern: Some("^[A-Za-z_][A-Za-z0-9_]*$"),
    check: is_variable,
};
pub(super) static MEDIA_TYPE: Form =
    Form { name: "media type without parameters", example: "application/json", pattern: None, check: is_media_type };
pub(super) static PLAIN: Form = Form { name: "text", example: "ready", pattern: None, check: is_plain };

pub(super) static SITE_PATH: Form =
    Form { name: "path from the site's root", example: "index.html", pattern: None, check: is::<SitePath> };
pub(super) static SITE_GLOB: Form =
    Form { name: "glob over a site's files", example: "img/**", pattern: None, check: is::<PathGlob> };
pub(super) static BUCKET: Form =
    Form { name: "bucket's name", example: "fe-shop-{environment}", pattern: None, check: is::<BucketName> };
pub(super) static PREFIX: Form =
    Form { name: "prefix in a bucket", example: "app", pattern: None, check: is::<SitePrefix> };
pub(super) static DISTRIBUTION: Form =
    Form { name: "distribution's id", example: "E2QWRUHAPOMQZL", pattern: None, check: is::<DistributionId> };
pub(super) static HEADER_VALUE: Form =
    Form { name: "header's value", example: "public, max-age=60", pattern: None, check: is::<HeaderValue> };
pub(super) static RUNTIME_PATH: Form =
    Form { name: "path of a runtime file", example: "config.json", pattern: None, check: is::<RuntimePath> };
pub(super) static WORD: Form = Form { name: "word of a command", example: "npm", pattern: None, check: is_word };

fn is_word(text: &str) -> Result<(), InvalidIdentifier> {
    let what = "a word of a command";
    expect(!text.is_empty() && !text.contains('\0'), text, what, "write at least one character, and none that is NUL")
}

fn is_variable(text: &str) -> Result<(), InvalidIdentifier> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let holds =
        text.bytes().all(is_word) && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    expect(holds, text, "a name of an environment variable", "use letters, digits and `_`, and no digit in front")
}

pub(super) fn is<T: FromStr<Err = InvalidIdentifier>>(text: &str) -> Result<(), InvalidIdentifier> {
    text.parse::<T>().map(drop)
}

fn expect(holds: bool, text: &str, what: &'static str, rule: &'static str) -> Result<(), InvalidIdentifier> {
    if holds { Ok(()) } else { Err(InvalidIdentifier { what, value: text.to_owned(), rule }) }
}

fn one_of(text: &str, known: &[&str], what: &'static str, rule: &'static str) -> Result<(), InvalidIdentifier> {
    expect(known.contains(&text), text, what, rule)
}

fn is_minutes(text: &str) -> Result<(), InvalidIdentifier> {
    let length = parse_duration(text)?;
    let rule = "use whole minutes, at most a day, for example `10m` or `1h30m`";
    expect(length.as_secs() % 60 == 0 && length.as_secs() <= 86_400, text, "a duration of whole minutes", rule)
}

fn is_duration(text: &str) -> Result<(), InvalidIdentifier> {
    parse_duration(text).map(drop)
}

fn is_ledger(text: &str) -> Result<(), InvalidIdentifier> {
    if text.starts_with("s3://") {
        let rule = "use `file:PATH`: ledgers in S3 come with a later version, and nothing would be kept there";
        return expect(false, text, "a ledger that this version supports", rule);
    }
    let path = text.strip_prefix("file:").filter(|path| !path.is_empty() && !path.starts_with("//"));
    expect(path.is_some_and(is_visible), text, "a ledger", "use `file:PATH`, for example `file:.towpath`")
}

fn is_component_kind(text: &str) -> Result<(), InvalidIdentifier> {
    one_of(text, &["service", "site"], "a kind of component", "use `service` or `site`")
}

fn is_method(text: &str) -> Result<(), InvalidIdentifier> {
    expect(
        matches!(text, "GET" | "HEAD"),
        text,
        "a method of a smoke check",
        "use `GET` or `HEAD`: a check changes nothing",
    )
}

fn is_image_path(text: &str) -> Result<(), InvalidIdentifier> {
    let path = format!("registry.invalid/{text}").parse::<Repository>().is_ok();
    let rule = "use the part after the registry, in lowercase, for example `team/shop-api`";
    expect(path, text, "the path of an image repository", rule)
}

fn is_ecr_repository(text: &str) -> Result<(), InvalidIdentifier> {
    let repository: Repository = text.parse()?;
    let rule = "use a private ECR repository with its registry, `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`";
    expect(repository.ecr().is_some(), text, "an ECR repository", rule)
}

/// Words that name a secret. A build argument stays in the image's history, where everybody who pulls it can read it.
const SECRET_WORDS: [&str; 7] = ["PASSWORD", "PASSWD", "SECRET", "SECRETS", "TOKEN", "CREDENTIALS", "APIKEY"];
/// Pairs of words that do.
const SECRET_PAIRS: [&str; 4] = ["API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "AUTH_KEY"];

fn is_argument(text: &str) -> Result<(), InvalidIdentifier> {
    text.parse::<ArgumentName>()?;
    let is_taken = ["VERSION", "GIT_SHA", "SOURCE_DATE_EPOCH"].contains(&text);
    expect(!is_taken, text, "a build argument of one's own", "remove it: Towpath gives it its value")?;
    let upper = text.to_ascii_uppercase();
    let is_secret = upper.split('_').any(|word| SECRET_WORDS.contains(&word))
        || SECRET_PAIRS.iter().any(|pair| format!("_{upper}_").contains(&format!("_{pair}_")));
    let rule = "build arguments stay readable in the image: use `secrets` with `RUN --mount=type=secret`";
    expect(!is_secret, text, "a build argument that everybody may read", rule)
}

fn is_file(text: &str) -> Result<(), InvalidIdentifier> {
    let relative = !text.is_empty() && !text.starts_with(['/', '~']) && !text.contains('\\');
    expect(relative && is_visible(text), text, "a path from the configuration file", "use a relative path with `/`")
}

fn is_url(text: &str) -> Result<(), InvalidIdentifier> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let plain_host = host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[')
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    let plain = is_visible(text) && !text.contains([' ', '{', '}', '"', '<', '>', '\\', '#']);
    let rule = "begin with `https://` or `http://` and a host; no user, password, spaces or fragment";
    expect(plain_host && plain, text, "an absolute URL", rule)
}

fn is_header(text: &str) -> Result<(), InvalidIdentifier> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    expect(!text.is_empty() && text.bytes().all(token), text, "a header name", "use letters, digits and hyphens")
}

fn is_media_type(text: &str) -> Result<(), InvalidIdentifier> {
    let part = |part: &str| is_header(part).is_ok();
    let fits = text.split_once('/').is_some_and(|(kind, of)| part(kind) && part(of));
    expect(fits, text, "a media type without parameters", "use `TYPE/SUBTYPE`, for example `application/json`")
}

fn is_plain(text: &str) -> Result<(), InvalidIdentifier> {
    expect(!text.is_empty(), text, "a text to look for", "write at least one character")
}

fn is_reason(text: &str) -> Result<(), InvalidIdentifier> {
    let says_something = text.chars().filter(|character| character.is_alphanumeric()).count() >= 3;
    let holds = says_something && text.len() <= 500 && is_visible(text);
    expect(holds, text, "a reason", "say why in a sentence, on one line and at most 500 characters")
}

fn is_date(text: &str) -> Result<(), InvalidIdentifier> {
    let date = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    expect(date, text, "a date", "use a day that exists, for example `2026-12-31`")
}

fn is_visible(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: &Form, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!((form.check)(text).is_ok(), "{}: {text}", form.name);
        }
        for text in bad {
            assert!((form.check)(text).is_err(), "{}: {text}", form.name);
        }
    }

    #[test]
    fn a_url_is_absolute_and_holds_no_credentials() {
        let bad = [
            "/version",
            "example.com",
            "ftp://a",
            "https://",
            "https://u:p@a/",
            "https://a b",
            "https:///x",
            "https://-a",
            "https://a/{x}",
        ];
        check(&URL, &["https://a.example.com/v?x=1", "http://localhost:8080", "http://[::1]:80/"], &bad);
    }

    #[test]
    fn a_ledger_is_a_directory_so_far() {
        check(
            &LEDGER,
            &["file:.towpath", "file:/var/lib/towpath"],
            &["s3://b/p", "file:", ".towpath", "file://x", "file:a\nb"],
        );
    }

    #[test]
    fn a_file_is_named_from_the_configuration() {
        check(&FILE, &["ecs/api.json", "../ecs/api.json"], &["", "/etc/x", "~/x", "a\\b", "a\nb"]);
    }

    #[test]
    fn what_is_allowed_has_a_reason_and_a_day_that_exists() {
        check(&REASON, &["not reachable"], &["", "  ", "?", "a\nb", "ok"]);
        check(&DATE, &["2026-12-31"], &["2026-02-30", "2026-12-31T00:00", "soon", "20261231", ""]);
    }

    #[test]
    fn an_image_path_has_no_registry_tag_or_digest() {
        check(&IMAGE_PATH, &["shop-api", "team/shop-api"], &["", "Shop", "a:v1", "a@sha256:0", "/a", "a/"]);
    }

    #[test]
    fn a_secret_is_no_build_argument() {
        let secrets = ["NPM_TOKEN", "DB_PASSWORD", "SECRET", "STRIPE_API_KEY", "aws_secret_access_key"];
        check(&ARGUMENT, &["FEATURES", "TOKENIZER_VERSION", "PUBLIC_KEY_URL", "node_env"], &secrets);
        check(&ARGUMENT, &[], &["VERSION", "GIT_SHA", "SOURCE_DATE_EPOCH", "", "a b", "1A"]);
    }

    #[test]
    fn base_images_are_pulled_from_ecr_repositories() {
        let good = "111111111111.dkr.ecr.us-west-2.amazonaws.com/base";
        check(&ECR_REPOSITORY, &[good], &["ghcr.io/acme/base", "base", "111111111111.dkr.ecr.us-west-2.amazonaws.com"]);
    }

    #[test]
    fn headers_and_media_types_have_their_form() {
        check(&HEADER, &["X-Version"], &["", "a b", "a:"]);
        check(&VARIABLE, &["GIT_SHA", "_x", "a1"], &["", "1a", "A-B", "A B"]);
        check(&MEDIA_TYPE, &["application/json"], &["json", "a/b; c=d", "/", "a/b/c"]);
    }
}
