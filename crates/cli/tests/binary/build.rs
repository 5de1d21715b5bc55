//! `towpath build` with a program in the place of buildah, to the simulator's registry: what is published under which
//! names, and what is not where something goes wrong. Real builders are among the peers.

#![cfg(unix)]

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use serde_json::json;
use towpath_core::identifier::Digest;

use crate::shop::{Ran, Shop, until};

const REPOSITORY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api";

/// A shop whose api is built from a Dockerfile, in a repository with one commit.
pub(super) fn shop() -> Shop {
    let shop = Shop::open();
    let image = r#"image = { repository = "shop-api", context = ".", tags = ["{sha7}", "v{version}"], moving-tags = ["{branch}-latest"] }"#;
    shop.configure("image = { repository = \"shop-api\" }", image);
    fs::write(shop.path().join("Dockerfile"), "FROM scratch\n").unwrap();
    fs::write(shop.path().join(".gitignore"), "ledger\nbin\nlayout\n").unwrap();
    for arguments in ["init --quiet --initial-branch=main", "add .", "commit --quiet --message=first"] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=ann", "-c", "user.email=ann@example.com"]).args(arguments.split(' '));
        assert!(git.current_dir(shop.path()).env("HOME", shop.path()).status().unwrap().success());
    }
    builder(shop.path(), "");
    lay_out(shop.path(), "first");
    shop
}

/// Puts a buildah on the path that leaves the layout, unless `fails` fails first.
fn builder(folder: &Path, fails: &str) {
    let script = format!(
        "#!/bin/sh\n[ \"$1\" != build ] || {{ echo '::error::from the Dockerfile'; {fails}\n:; }}\n[ \"$1\" != push ] || {{ for last; do :; done; cp -r '{}' \"${{last#oci:}}\"; }}\n",
        folder.join("layout").display()
    );
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    for (name, text) in
        [("buildah", script.as_str()), ("docker", "#!/bin/sh\nexit 1\n"), ("podman", "#!/bin/sh\nexit 1\n")]
    {
        fs::write(bin.join(name), text).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Prepares a layout with an image of one layer.
fn lay_out(folder: &Path, layer: &str) {
    let layout = folder.join("layout");
    let blobs = layout.join("blobs/sha256");
    let _none_yet = fs::remove_dir_all(&layout);
    fs::create_dir_all(&blobs).unwrap();
    let object = |media_type: &str, bytes: &[u8]| {
        let digest = Digest::of(bytes);
        fs::write(blobs.join(digest.as_str().trim_start_matches("sha256:")), bytes).unwrap();
        json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() })
    };
    let media = |kind: &str| format!("application/vnd.oci.image.{kind}");
    let configuration = json!({ "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": [Digest::of(layer.as_bytes())] } });
    let configuration = object(&media("config.v1+json"), configuration.to_string().as_bytes());
    let layer = object(&media("layer.v1.tar"), layer.as_bytes());
    let manifest = json!({ "schemaVersion": 2, "mediaType": media("manifest.v1+json"), "config": configuration, "layers": [layer] });
    let manifest = object(&media("manifest.v1+json"), manifest.to_string().as_bytes());
    fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    fs::write(layout.join("index.json"), json!({ "schemaVersion": 2, "manifests": [manifest] }).to_string()).unwrap();
}

pub(super) fn run(shop: &Shop, arguments: &str) -> Ran {
    let path = format!("{}:/usr/bin:/bin", shop.path().join("bin").display());
    Ran::of(shop.command(arguments).env("PATH", path).output().unwrap())
}

/// How often the simulator took an image in, or a tag.
pub(super) fn put(shop: &Shop) -> usize {
    shop.accepted("PutImage")
}

#[test]
fn what_is_built_is_published_tagged_and_released_by_its_digest() {
    let shop = shop();
    let ran = run(&shop, "build --version 3.0.0 --output json");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let document = ran.document();
    let image = document["release"]["artifacts"]["api"]["image"].as_str().unwrap();
    assert!(image.starts_with(&format!("{REPOSITORY}@sha256:")), "{image}");
    let tags: Vec<&str> = document["components"]["api"]["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["became"].as_str().unwrap())
        .collect();
    assert_eq!(tags, ["set", "set", "set"]);
    // By the tag, the registry has the very digest that the release names.
    let by_tag = shop.run(&format!("release create --version 3.0.1 --image api={REPOSITORY}:v3.0.0 --output json"));
    assert_eq!(by_tag.document()["artifacts"]["api"]["image"], image, "{}", by_tag.stderr);
    assert!(ran.stderr.contains("api | ::error::from the Dockerfile"), "{}", ran.stderr);
    assert!(ran.stderr.lines().all(|line| !line.trim_start().starts_with("::")), "{}", ran.stderr);
}

#[test]
fn what_was_released_is_not_built_again() {
    let shop = shop();
    assert_eq!(run(&shop, "build --version 3.0.0").code, 0);
    lay_out(shop.path(), "second");
    builder(shop.path(), "exit 9");
    let again = run(&shop, "build --version 3.0.0");
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stdout.contains("was there already") && again.stderr.contains("nothing is built again"), "{again:?}");
}

#[test]
fn a_failing_builder_is_shown_and_nothing_is_published() {
    let shop = shop();
    builder(shop.path(), "echo 'error: no such file' >&2; exit 3");
    let ran = run(&shop, "build --version 3.0.0");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("api: buildah build ended with status 3"), "{}", ran.stderr);
    assert!(ran.stderr.contains("error: no such file") && ran.stderr.contains("next: "), "{}", ran.stderr);
    assert_eq!(put(&shop), 0);
    assert_eq!(shop.run("release show 3.0.0").code, 2, "no release was made");
}

#[test]
fn a_tag_on_another_image_is_refused_with_both_digests() {
    let shop = shop();
    assert_eq!(run(&shop, "build --version 3.0.0").code, 0);
    let before = put(&shop);
    lay_out(shop.path(), "second");
    let ran = run(&shop, "build --version 3.1.0");
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.matches("sha256:").count() >= 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("no tag was set and no release was made"), "{}", ran.stderr);
    assert_eq!(put(&shop), before + 1, "the candidate alone, under no tag");
    assert_eq!(shop.run("release show 3.1.0").code, 2);
}

#[test]
fn a_dry_run_and_a_local_one_publish_nothing() {
    let shop = shop();
    let dry = run(&shop, "build --version 3.0.0 --dry-run");
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    for said in [
        "run buildah build",
        &format!("publish under no tag to {REPOSITORY}"),
        "create release 3.0.0",
        ":v3.0.0",
        ":main-latest",
    ] {
        assert!(dry.stdout.contains(said), "`{said}`: {}", dry.stdout);
    }
    let local = run(&shop, "build --version 3.0.0 --local");
    assert_eq!(local.code, 0, "{}", local.stderr);
    assert!(local.stdout.contains("api sha256:"), "{}", local.stdout);
    assert_eq!(put(&shop) + shop.accepted("InitiateLayerUpload"), 0);
}

#[test]
fn bad_input_is_told_before_anything_is_published() {
    let shop = shop();
    let check = |arguments: &str, code: i32, says: &str| {
        let ran = run(&shop, arguments);
        assert_eq!(ran.code, code, "{arguments}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments}: `{says}` is not in {}", ran.stderr);
    };
    fs::write(shop.path().join("Dockerfile"), "FROM scratch\n# changed\n").unwrap();
    check("build --version 3.0.0", 2, "files differ from the commit that the images would name: Dockerfile");
    fs::remove_file(shop.path().join("Dockerfile")).unwrap();
    check("build --version 3.0.0 --allow-changes", 2, "the Dockerfile `Dockerfile` is not there");
    shop.configure("[components.api]", "[build]\ntool = \"podman\"\n\n[components.api]");
    check("build --version 3.0.0 --allow-changes", 1, "podman cannot be used");
    assert_eq!(put(&shop), 0);
}

#[test]
fn a_pull_request_is_built_and_published_nowhere() {
    let shop = shop();
    let path = format!("{}:/usr/bin:/bin", shop.path().join("bin").display());
    let mut command = shop.command("build --version 3.0.0 --output json");
    let event =
        [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "pull_request"), ("GITHUB_REF", "refs/pull/7/merge")];
    let ran = Ran::of(command.env("PATH", path).envs(event).output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.document()["published"], false);
    assert!(ran.stderr.contains("api gets no tag `{branch}-latest`: no branch is known here"), "{}", ran.stderr);
    assert_eq!(put(&shop) + shop.accepted("InitiateLayerUpload"), 0);
}

#[test]
fn a_base_image_in_ecr_is_pulled_with_a_login_that_nobody_sees() {
    let shop = shop();
    let own = "pull-from = [\"111111111111.dkr.ecr.us-west-2.amazonaws.com/base\"]";
    shop.configure("[components.api]", &format!("[build]\n{own}\n\n[components.api]"));
    builder(shop.path(), "cp \"$REGISTRY_AUTH_FILE\" bin/login; cat \"$REGISTRY_AUTH_FILE\"; env; exit 3");
    let ran = run(&shop, "build --version 3.0.0 --allow-changes");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let login: serde_json::Value = serde_json::from_slice(&fs::read(shop.path().join("bin/login")).unwrap()).unwrap();
    let token = login["auths"]["111111111111.dkr.ecr.us-west-2.amazonaws.com"]["auth"].as_str().unwrap();
    assert!(!token.is_empty() && !ran.stderr.contains(token) && !ran.stdout.contains(token), "{}", ran.stderr);
    assert!(ran.stderr.contains("\"auth\":\"***\"") && !ran.stderr.contains("AWS_"), "{}", ran.stderr);
}

#[test]
fn a_build_that_is_told_to_stop_takes_its_builder_and_its_folder_along() {
    let shop = shop();
    builder(shop.path(), "echo $$ > bin/builder; exec sleep 600");
    fs::create_dir(shop.path().join("bin/tmp")).unwrap();
    let path = format!("{}:/usr/bin:/bin", shop.path().join("bin").display());
    let mut command = shop.command("build --version 3.0.0");
    let mut towpath = command.env("PATH", path).env("TMPDIR", shop.path().join("bin/tmp")).spawn().unwrap();
    let builder = || fs::read_to_string(shop.path().join("bin/builder")).unwrap_or_default().trim().to_owned();
    until("the builder works", || !builder().is_empty());
    let signal = |signal: &str, process: &str| Command::new("kill").args([signal, process]).output().unwrap().status;
    assert!(signal("-INT", &towpath.id().to_string()).success());
    assert_eq!(towpath.wait().unwrap().code(), Some(130));
    until("the builder is gone", || !signal("-0", &builder()).success());
    assert_eq!(fs::read_dir(shop.path().join("bin/tmp")).unwrap().count(), 0);
    assert_eq!(put(&shop), 0);
}
