//! Two applications in one repository: each has its configuration, its tags and its ledger.

use std::{fs, process::Command};

use crate::shop::{REPOSITORY, Shop};

/// The configuration of an application whose releases are tagged with a word before the version.
fn configuration(shop: &Shop, app: &str, ledger: &str, word: &str) {
    let text = fs::read_to_string(shop.path().join("towpath.toml")).unwrap();
    // The images' own commit is not this repository's.
    let changed = text
        .replace(", git_sha = \"{commit}\"", "")
        .replace("app = \"shop\"", &format!("app = \"shop-{app}\""))
        .replace("file:ledger", &format!("file:{ledger}"))
        .replace("\"v{version}", &format!("\"{word}-v{{version}}"))
        .replacen("{ push = \"main\" }", &format!("{{ tag = \"{word}-v{{version}}\" }}"), 1);
    assert_ne!(text, changed);
    fs::write(shop.path().join(format!("{app}.toml")), changed).unwrap();
}

/// A commit with these tags.
fn commit(shop: &Shop, tags: &[&str]) -> String {
    fs::write(shop.path().join(".gitignore"), "ledger\nother\n").unwrap();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=ann", "-c", "user.email=ann@example.com"]).args(arguments);
        let output = git.current_dir(shop.path()).env("HOME", shop.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=first"]);
    for tag in tags {
        git(&["tag", tag]);
    }
    git(&["rev-parse", "HEAD"])
}

#[test]
fn each_application_of_a_repository_follows_its_own_tags() {
    let shop = Shop::open();
    configuration(&shop, "api", "ledger", "api");
    configuration(&shop, "web", "other", "fe");
    let sha = commit(&shop, &["api-v1.1.0", "fe-v1.1.0"]);
    let create = format!("release create --version 1.1.0 --commit {sha} --image api={REPOSITORY}:1.1.0");
    let ran = shop.run(&format!("{create} --config api.toml"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);

    let promote = "promote dev --release 1.1.0 --trigger tag --config";
    let ran = shop.run(&format!("{promote} api.toml --ref fe-v1.1.0 --sha {sha}"));
    assert_eq!((ran.code, shop.changes()), (0, 0), "another application's tag does nothing: {}", ran.stdout);
    assert!(ran.stdout.contains("ignored"), "{}", ran.stdout);
    let ran = shop.run(&format!("{promote} web.toml --ref fe-v1.1.0 --sha {sha}"));
    assert_eq!(ran.code, 2, "the same version of the other application is no release of this one: {}", ran.stderr);
    let ran = shop.run(&format!("{promote} api.toml --ref api-v1.1.0 --sha {sha}"));
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
}

#[test]
fn two_applications_in_one_ledger_are_told_before_anything_is_written() {
    let shop = Shop::open();
    configuration(&shop, "api", "ledger", "api");
    configuration(&shop, "web", "ledger", "fe");
    let sha = commit(&shop, &["api-v1.1.0"]);
    for version in ["1.1.0", "1.2.0"] {
        let create = format!("release create --version {version} --commit {sha} --image api={REPOSITORY}:{version}");
        let config = if version == "1.1.0" { "api" } else { "web" };
        let ran = shop.run(&format!("{create} --config {config}.toml"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let check = |arguments: &str, what: &str| {
        let (changes, journals) = (shop.changes(), fs::read_dir(shop.journals("dev")).map_or(0, Iterator::count));
        let ran = shop.run(arguments);
        assert_eq!(ran.code, 2, "{}\n{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(what) && ran.stderr.contains("`ledger` of its own"), "{}", ran.stderr);
        let after = (shop.changes(), fs::read_dir(shop.journals("dev")).map_or(0, Iterator::count));
        assert_eq!(after, (changes, journals), "nothing was changed, and nothing journaled");
    };
    check("promote dev --release 1.1.0 --config web.toml", "shop-api's release 1.1.0");
    let ran = shop.run("promote dev --release 1.1.0 --config api.toml");
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    check("promote dev --release 1.2.0 --config web.toml", "shop-api's records of dev");
}
