//! Scanners that Towpath runs itself, with a program in the place of Trivy: it must be the one that is pinned, it gets no
//! password, and what it finds keeps every tag away. Neither Trivy nor Grype was run here.

#![cfg(unix)]

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::{Value, json};
use towpath_core::identifier::Sha256;

use crate::{
    build::{put, run, shop},
    shop::{Ran, Shop},
};

const VERSION: &str = r#"{"Version":"0.68.1","VulnerabilityDB":{"UpdatedAt":"2026-03-02T06:00:00Z"}}"#;
const RULES: &str = "[build.scan]\nfrom = \"trivy\"\n[scan.trivy]\nversion = \"0.68.1\"\n";

/// Puts a trivy on the path that writes the report, in which `IMAGE` is what it was asked for by name.
fn scanner(folder: &Path, version: &str, then: &str) {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let bin_shown = bin.display();
    let script = format!(
        r#"#!/bin/sh
[ "$1" != version ] || {{ echo '{version}'; exit; }}
printf '%s\n' "$@" > '{bin_shown}/arguments'; env > '{bin_shown}/environment'; pwd > '{bin_shown}/place'
[ -z "$DOCKER_CONFIG" ] || cp -p "$DOCKER_CONFIG/config.json" '{bin_shown}/login'
while [ $# -gt 0 ]; do case "$1" in --output) out="$2"; shift;; --input) ls "$2" > '{bin_shown}/layout'; cat "$2/index.json" > '{bin_shown}/index'; shift;; esac; last="$1"; shift; done
echo '::error::scanning' >&2
{then}
sed "s|IMAGE|$last|" '{bin_shown}/report' > "$out"
"#
    );
    fs::write(bin.join("trivy"), script).unwrap();
    fs::set_permissions(bin.join("trivy"), fs::Permissions::from_mode(0o755)).unwrap();
}

/// What it writes from now on: so many critical findings in an image that it names, or does not.
fn finds(folder: &Path, critical: usize, named: Option<&str>) {
    let finding = |number| json!({ "VulnerabilityID": format!("CVE-2026-{}", 1001 + number), "PkgName": "openssl", "Severity": "CRITICAL" });
    let findings: Vec<Value> = (0..critical).map(finding).collect();
    let report = json!({
        "SchemaVersion": 2, "Trivy": { "Version": "0.68.1" }, "CreatedAt": "2026-03-02T11:00:00Z",
        "ArtifactName": "image", "ArtifactType": "container_image",
        "Metadata": { "RepoDigests": named.into_iter().collect::<Vec<_>>() },
        "Results": [{ "Target": "debian", "Class": "os-pkgs", "Vulnerabilities": findings }],
    });
    fs::write(folder.join("bin/report"), report.to_string()).unwrap();
}

/// A shop that builds, with rules on what may be found.
fn building(rules: &str) -> Shop {
    let shop = shop();
    shop.configure("[components.api]", &format!("{rules}\n[components.api]"));
    scanner(shop.path(), VERSION, "");
    finds(shop.path(), 0, None);
    shop
}

fn build(shop: &Shop, more: &str) -> Ran {
    run(shop, format!("build --version 3.0.0 --allow-changes {more}").trim_end())
}

fn kept(shop: &Shop, name: &str) -> String {
    fs::read_to_string(shop.path().join("bin").join(name)).unwrap()
}

#[test]
fn what_is_built_gets_no_tag_while_the_scanner_finds_too_much() {
    let shop = building(RULES);
    finds(shop.path(), 2, None);
    let refused = build(&shop, "");
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains("2 critical, at most 0 allowed"), "{}", refused.stderr);
    assert!(refused.stderr.contains("api | ::error::scanning"), "it is heard: {}", refused.stderr);
    assert_eq!(put(&shop), 1, "the candidate alone, under no tag");
    assert_eq!(shop.run("release show 3.0.0").code, 2, "no release was made");

    finds(shop.path(), 0, None);
    let built = build(&shop, "--output json");
    assert_eq!(built.code, 0, "{}", built.stderr);
    let scan = &built.document()["scans"]["api"][0]["scan"];
    assert_eq!((&scan["tool"]["name"], &scan["tool"]["version"]), (&json!("Trivy"), &json!("0.68.1")));
    assert_eq!(scan["database"], "2026-03-02T06:00:00Z", "which its report does not say");
    let digest = built.document()["release"]["artifacts"]["api"]["image"].as_str().unwrap().to_owned();
    assert_eq!(scan["image"], digest.rsplit_once('@').unwrap().1);

    // It saw a layout with this one image, from a folder that holds no settings, without our credentials.
    let index: Value = serde_json::from_str(&kept(&shop, "index")).unwrap();
    assert_eq!(index["manifests"].as_array().unwrap().len(), 1);
    assert_eq!(kept(&shop, "layout").split_whitespace().collect::<Vec<_>>(), ["blobs", "index.json", "oci-layout"]);
    assert!(!kept(&shop, "environment").contains("AWS_"));
    assert_ne!(Path::new(kept(&shop, "place").trim()), shop.path());
    assert!(!Path::new(kept(&shop, "place").trim()).exists(), "nothing of it stays");
}

#[test]
fn a_scanner_that_is_not_the_pinned_one_is_not_run() {
    let shop = building(RULES);
    let check = |says: &[&str], code: i32| {
        let ran = build(&shop, "");
        assert_eq!(ran.code, code, "{}", ran.stderr);
        for says in says {
            assert!(ran.stderr.contains(says), "`{says}` is not in {}", ran.stderr);
        }
        assert_eq!(put(&shop) + shop.accepted("InitiateLayerUpload"), 0);
        assert!(!shop.path().join("bin/arguments").exists(), "it saw no image");
    };
    scanner(shop.path(), &VERSION.replace("0.68.1", "0.69.0"), "");
    check(&["trivy is of version 0.69.0, and 0.68.1 is pinned", "next: install trivy 0.68.1"], 1);
    scanner(shop.path(), "hello", "");
    check(&["trivy does not say its version: hello"], 1);
    scanner(shop.path(), VERSION, "");
    let (own, other) = (Sha256::of(&fs::read(shop.path().join("bin/trivy")).unwrap()), Sha256::of(b"another"));
    shop.configure("version = \"0.68.1\"\n", &format!("version = \"0.68.1\"\nsha256 = \"{}\"\n", other.as_str()));
    check(&[own.as_str(), other.as_str(), "next: do not run it"], 1);
    fs::remove_file(shop.path().join("bin/trivy")).unwrap();
    check(&["trivy is not installed"], 1);
    shop.configure("[scan.trivy]", "[scan.grype]");
    check(&["build.scan.from: no version of trivy is pinned"], 2);
}

#[test]
fn what_could_not_be_scanned_is_refused_held_or_let_pass_as_the_rules_say() {
    let shop = building(&RULES.replace("[scan.", "unscanned = \"refuse\"\n[scan."));
    scanner(shop.path(), VERSION, "echo 'FATAL no space left on device' >&2; exit 1");
    let refused = build(&shop, "");
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("trivy ended with status 1; it printed last: FATAL no space"),
        "{}",
        refused.stderr
    );
    shop.configure("unscanned = \"refuse\"", "unscanned = \"hold\"");
    assert_eq!(build(&shop, "").code, 10);
    assert_eq!(shop.run("release show 3.0.0").code, 2, "no release was made");
    shop.configure("unscanned = \"hold\"", "unscanned = \"allow\"");
    let passed = build(&shop, "");
    assert_eq!(passed.code, 0, "{}", passed.stderr);
    assert!(passed.stdout.contains("FATAL no space left on device"), "and that is told: {}", passed.stdout);
}

#[test]
fn a_build_that_publishes_nothing_is_scanned_all_the_same() {
    let shop = building(RULES);
    finds(shop.path(), 1, None);
    let refused = build(&shop, "--local");
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stdout.contains("1 critical, at most 0 allowed"), "{}", refused.stdout);
    finds(shop.path(), 0, None);
    assert_eq!(build(&shop, "--local").code, 0);
    assert!(build(&shop, "--dry-run").stdout.contains("scan with trivy"));
    assert_eq!(put(&shop) + shop.accepted("InitiateLayerUpload"), 0);
}

#[test]
fn a_release_is_scanned_in_its_registry_with_a_login_that_is_on_no_command_line() {
    let shop = Shop::open();
    shop.configure("[environments.production]\n", "[environments.staging.scan]\n[environments.production]\n");
    shop.create_releases();
    let unpinned = run(&shop, "scan --release 1.1.0 --run trivy");
    assert_eq!(unpinned.code, 2, "{}", unpinned.stderr);
    assert!(unpinned.stderr.contains("[scan.trivy] version = "), "{}", unpinned.stderr);
    shop.configure("[components.api]", "[scan.trivy]\nversion = \"0.68.1\"\n[components.api]");
    scanner(shop.path(), VERSION, "echo \"$DOCKER_CONFIG\"; cat \"$DOCKER_CONFIG/config.json\"");
    finds(shop.path(), 1, Some("IMAGE"));
    let ran = run(&shop, "scan --release 1.1.0 --run trivy --environment staging");
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stdout.contains("staging: refused") && ran.stdout.contains("CVE-2026-1001"), "{}", ran.stdout);

    let login = shop.path().join("bin/login");
    assert_eq!(fs::metadata(&login).unwrap().permissions().mode() & 0o777, 0o600);
    let login: Value = serde_json::from_slice(&fs::read(login).unwrap()).unwrap();
    let token = login["auths"]["111111111111.dkr.ecr.us-west-2.amazonaws.com"]["auth"].as_str().unwrap();
    assert!(!token.is_empty() && ran.stderr.contains("\"auth\":\"***\""), "{}", ran.stderr);
    for place in [&kept(&shop, "arguments"), &kept(&shop, "environment"), &ran.stderr, &ran.stdout] {
        assert!(!place.contains(token), "{place}");
    }
    assert!(kept(&shop, "arguments").trim().ends_with(release(&shop).as_str()), "it is asked for by digest");

    // What it says of another image is not taken in.
    finds(shop.path(), 0, Some(&format!("shop@sha256:{}", "b".repeat(64))));
    let other = run(&shop, "scan --release 1.1.0 --run trivy");
    assert_eq!(other.code, 1, "{}", other.stderr);
    assert!(other.stderr.contains("was not scanned") && other.stderr.contains("not about"), "{}", other.stderr);
}

/// The release's image.
fn release(shop: &Shop) -> String {
    let release = shop.run("release show 1.1.0 --output json").document();
    release["artifacts"]["api"]["image"].as_str().unwrap().to_owned()
}
