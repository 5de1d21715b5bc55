//! Scenario 81: the registry's password in a log.
//!
//! In the wild: an action that logs in to ECR showed the password as soon as its debug log was switched on.
//!
//! Demanded: the password reaches no output, no log and no file that stays, whatever a builder prints, and no argument
//! and no variable of one either.

#![cfg(unix)]

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use towpath_sim::{Options, Pace, Simulator, scenario::Scenario};

const CONFIGURATION: &str = r#"
app = "shop"

[build]
tool = "buildah"
pull-from = ["111111111111.dkr.ecr.us-west-2.amazonaws.com/base"]

[environments.dev]
account = "111111111111"
region = "us-west-2"

[components.api]
kind = "service"
cluster = "shop"
service = "api"
image = { repository = "shop-api", context = "." }
"#;

/// A builder that tells everything it knows: its arguments, its environment, and the login in every form.
const TALKATIVE: &str = r#"#!/bin/sh
[ "$1" = build ] || exit 0
printf '%s ' "$@" > ../arguments
env > ../environment
sed 's/.*"auth":"\([^"]*\)".*/\1/' "$REGISTRY_AUTH_FILE" > ../token
base64 -d < ../token | cut -d: -f2- > ../password
cat "$REGISTRY_AUTH_FILE" "$DOCKER_CONFIG/config.json" ../token ../password
ls -l "$REGISTRY_AUTH_FILE" >&2
echo "::debug::$(cat ../password)" >&2
exit 3
"#;

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=ann", "-c", "user.email=ann@example.com"]).args(arguments).current_dir(folder);
    assert!(git.env("HOME", folder).status().unwrap().success());
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_builder_that_prints_its_login_shows_it_to_nobody() {
    let place = tempfile::tempdir().unwrap();
    let (app, bin, temporary) = (place.path().join("app"), place.path().join("bin"), place.path().join("tmp"));
    for folder in [&app, &bin, &temporary] {
        fs::create_dir(folder).unwrap();
    }
    fs::write(app.join("towpath.toml"), CONFIGURATION).unwrap();
    fs::write(app.join("Dockerfile"), "FROM scratch\n").unwrap();
    fs::write(bin.join("buildah"), TALKATIVE).unwrap();
    fs::set_permissions(bin.join("buildah"), fs::Permissions::from_mode(0o755)).unwrap();
    git(&app, &["init", "--quiet", "--initial-branch=main"]);
    git(&app, &["add", "."]);
    git(&app, &["commit", "--quiet", "--message=first"]);

    let listen: SocketAddr = ([127, 0, 0, 1], 0).into();
    let scenario = Scenario::from_toml("", "scenario.toml").unwrap();
    let simulator =
        Simulator::start(Options { listen, scenario, pace: Pace::Scaled(60.0), state: None }).await.unwrap();
    let mut towpath = Command::new(env!("CARGO_BIN_EXE_towpath-under-test"));
    towpath.args(["build", "--version", "1.0.0", "--output", "json"]).current_dir(&app).env_clear();
    towpath.envs(simulator.environment("111111111111")).env("HOME", place.path()).env("TMPDIR", &temporary);
    towpath.env("PATH", format!("{}:/usr/bin:/bin", bin.display())).env("RUNNER_DEBUG", "1");
    let output = tokio::task::spawn_blocking(move || towpath.output().unwrap()).await.unwrap();

    let read = |name: &str| fs::read_to_string(place.path().join(name)).unwrap().trim().to_owned();
    let (token, password) = (read("token"), read("password"));
    assert!(password.len() > 8, "the builder was logged in");
    let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("\"auth\":\"***\"") && printed.contains("-rw-------"), "{printed}");
    for secret in [&token, &password] {
        assert!(!printed.contains(secret.as_str()), "{printed}");
        assert!(!read("arguments").contains(secret.as_str()) && !read("environment").contains(secret.as_str()));
        for file in files(&app).into_iter().chain(files(&temporary)) {
            let bytes = fs::read(&file).unwrap();
            assert!(!String::from_utf8_lossy(&bytes).contains(secret.as_str()), "{}", file.display());
        }
    }
    assert!(files(&temporary).is_empty(), "the login is gone");
    assert!(!read("environment").contains("AWS_SECRET_ACCESS_KEY"), "{}", read("environment"));
}
