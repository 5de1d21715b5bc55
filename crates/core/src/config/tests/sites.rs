//! What configurations of sites come to, and what is wrong with them.

use crate::{
    config::{Application, Site, parse},
    site::{FileClass, PublishSettings},
};

use super::values::{FULL, LEAST, read};

const SITE: &str = r#"
[components.web]
kind = "site"
build = { directory = "dist" }
bucket = "fe-{environment}"
"#;

fn site<'a>(application: &'a Application, environment: &str) -> &'a Site {
    &application.environment(&environment.parse().unwrap()).unwrap().sites[&"web".parse().unwrap()]
}

/// The mistakes of the least configuration with a site, with one text in the place of another.
fn with(from: &str, to: &str) -> String {
    let text = format!("{LEAST}{SITE}");
    assert!(text.contains(from), "{from}");
    match parse(&text.replacen(from, to, 1), "towpath.toml") {
        Ok(_) => "no mistake".to_owned(),
        Err(mistakes) => mistakes.to_string(),
    }
}

#[test]
fn the_least_site_has_careful_defaults() {
    let application = read(&format!("{LEAST}{SITE}"));
    let (web, source) = (site(&application, "dev"), application.components[1].site.clone().unwrap());
    assert_eq!(web.home.to_string(), "s3://fe-dev/");
    assert_eq!((&web.distribution, &web.url, &web.runtime, web.wait), (&None, &None, &None, true));
    assert_eq!(web.settings, PublishSettings::default());
    assert_eq!((source.build.command.len(), source.build.directory.as_str()), (0, "dist"));
    assert_eq!(source.rules.survey.entry.as_str(), "index.html");
    assert!(source.rules.survey.leaves_out("a/.DS_Store") && source.rules.survey.leaves_out(".git/HEAD"));
    assert!(!source.rules.survey.leaves_out(".well-known/security.txt"));
    assert!(application.components[0].site.is_none() && application.environments[0].services.len() == 1);
}

/// A bucket has one account: the environment's unless another is named.
#[test]
fn it_is_known_to_which_account_each_bucket_belongs() {
    let accounts = |text: &str| -> Vec<String> {
        let accounts = read(text).bucket_accounts();
        accounts.iter().map(|(bucket, account)| format!("{bucket} {account}")).collect()
    };
    let site = format!("{LEAST}{SITE}");
    assert_eq!(accounts(&site), ["fe-dev 111111111111"]);
    assert_eq!(accounts(&format!("{site}bucket-account = \"999999999999\"\n")), ["fe-dev 999999999999"]);
    let shared =
        "[components.docs]\nkind = \"site\"\nbuild = { directory = \"d\" }\nbucket = \"fe-dev\"\nprefix = \"docs\"\n";
    let prefixed = format!("{site}prefix = \"app\"\n{shared}");
    assert_eq!(accounts(&prefixed), ["fe-dev 111111111111"]);
    assert_eq!(accounts(&format!("{prefixed}bucket-account = \"999999999999\"\n")), [] as [String; 0]);
}

#[test]
fn an_environment_overrides_its_site_and_adds_its_values() {
    let application = read(FULL);
    let (dev, production) = (site(&application, "dev"), site(&application, "production"));
    assert_eq!((dev.home.to_string(), dev.wait), ("s3://fe-shop-dev/app/".to_owned(), false));
    assert_eq!(dev.url.as_deref(), Some("https://dev.example.com/app/"));
    assert_eq!((dev.settings.keep.count(), production.settings.keep.count()), (3, 9));
    let distributions = [dev, production].map(|site| site.distribution.clone().unwrap().to_string());
    assert_eq!(distributions, ["E111", "E222"]);
    let api = |site: &Site| site.runtime.clone().unwrap().values["api"].clone();
    assert_eq!(
        (api(dev).as_str(), api(production).as_str()),
        ("https://api.dev.example.com", "https://api.example.com")
    );
    assert_eq!(production.runtime.clone().unwrap().values["version"], "{version}");
}

#[test]
fn a_site_s_rules_are_the_same_everywhere_and_leave_the_runtime_file_out() {
    let application = read(FULL);
    let source = application.components[2].site.clone().unwrap();
    assert_eq!(source.build.command, ["npm", "run", "build"]);
    assert!(source.rules.survey.leaves_out("config.json") && source.rules.survey.leaves_out("drafts/x"));
    assert_eq!(source.rules.survey.exclude.len(), 2);
    let png = &source.rules.headers[0];
    assert_eq!(png.cache_control.as_ref().unwrap().as_str(), "public, max-age=60");
    assert!(FileClass::Hashed.cache_control().contains("immutable"));
}

#[test]
fn what_is_missing_or_of_the_other_kind_is_told() {
    insta::assert_snapshot!(with("build = { directory = \"dist\" }\n", ""), @r#"towpath.toml:11:13: components.web: missing `build`, since this is a site; write `build = { directory = "frontend/dist" }`"#);
    insta::assert_snapshot!(with("bucket = \"fe-{environment}\"\n", ""), @"towpath.toml:11:13: components.web: missing `bucket` in environment dev; add it here, or under [environments.dev.components.web]");
    insta::assert_snapshot!(with("kind = \"site\"\n", "kind = \"site\"\ncluster = \"shop\"\nimage = {}\n"), @"
    towpath.toml:13:1: components.web.cluster: `cluster` is no key of a site; remove it
    towpath.toml:14:1: components.web.image: `image` is no key of a site; remove it
    ");
    insta::assert_snapshot!(with("kind = \"service\"\n", "kind = \"service\"\nbucket = \"x\"\n"), @"towpath.toml:8:1: components.api.bucket: `bucket` is no key of a service; remove it");
    insta::assert_snapshot!(with("kind = \"site\"\n", "kind = \"sight\"\n"), @"towpath.toml:12:8: components.web.kind: `sight` is not a kind of component; use `service` or `site`");
    insta::assert_snapshot!(with("kind = \"site\"\n", "kind = \"site\"\nsmoke = [{ url = \"https://a.example.com\", before-traffic = true }]\n"), @"towpath.toml:13:60: components.web.smoke[0].before-traffic: a site has no hook before its traffic; remove `before-traffic`");
}

#[test]
fn malformed_values_are_told_with_their_rule() {
    insta::assert_snapshot!(with("\"fe-{environment}\"", "\"s3://fe\""), @"towpath.toml:14:10: components.web.bucket: `s3://fe` is not a bucket's name; use 3 to 63 lowercase letters, digits, dots and hyphens, beginning and ending with a letter or digit, without two dots in a row");
    insta::assert_snapshot!(with("kind = \"site\"\n", "kind = \"site\"\nprefix = \"/app\"\n"), @"towpath.toml:13:10: components.web.prefix: `/app` is not a prefix in a bucket; use a folder of at most 200 bytes without a leading `/`, for example `app`, or nothing");
    insta::assert_snapshot!(with("kind = \"site\"\n", "kind = \"site\"\ndistribution = \"d1.cloudfront.net\"\n"), @"towpath.toml:13:16: components.web.distribution: `d1.cloudfront.net` is not a distribution's id; use its id of capital letters and digits, for example `E2QWRUHAPOMQZL`, not its domain");
    insta::assert_snapshot!(with("kind = \"site\"\n", "kind = \"site\"\nkeep = 0\n"), @"towpath.toml:13:8: components.web.keep: number out of range; write a whole number from 1 to 50");
    insta::assert_snapshot!(with("{ directory = \"dist\" }", "{ directory = \"dist\", command = [] }"), @r#"towpath.toml:13:41: components.web.build.command: `command` is empty; write a list, for example `command = ["npm"]`"#);
    insta::assert_snapshot!(with("kind = \"site\"\n", "kind = \"site\"\nruntime = { values = { a = \"b\" } }\n"), @r#"towpath.toml:13:1: components.web.runtime: missing `path`; write, for example, `path = "config.json"`"#);
    insta::assert_snapshot!(with("kind = \"site\"\n", "kind = \"site\"\nruntime = { path = \"config.yaml\" }\n"), @"towpath.toml:13:20: components.web.runtime.path: `config.yaml` is not the path of a runtime file; use a path from the site's root of letters, digits and `-._/` that ends with `.json` or `.js`, for example `config.json`");
}

#[test]
fn no_site_lives_inside_of_another() {
    let other = "[components.docs]\nkind = \"site\"\nbuild = { directory = \"d\" }\nbucket = \"fe-dev\"\n";
    let clash = |prefix: &str| with("[components.web]", &format!("{other}{prefix}\n[components.web]"));
    insta::assert_snapshot!(clash(""), @"towpath.toml:19:10: components.web.bucket: web in dev would live in s3://fe-dev/, and docs in dev lives in s3://fe-dev/; give each site a bucket, or a `prefix` that is not inside of another's");
    insta::assert_snapshot!(clash("prefix = \"docs\""), @"towpath.toml:19:10: components.web.bucket: web in dev would live in s3://fe-dev/, and docs in dev lives in s3://fe-dev/docs/; give each site a bucket, or a `prefix` that is not inside of another's");
    let (inner, text) = ("prefix = \"docs\"", format!("{LEAST}{SITE}prefix = \"docs2\"\n{other}"));
    assert!(parse(&format!("{text}{inner}\n"), "f").is_ok());
}
