//! Builders on the machine: a program of that name on the path that notes what it was called with, and leaves a
//! layout or fails as a real one does.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it was made")]

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use towpath_core::{
    build::Tool,
    identifier::{ComponentName, Digest},
    ports::{BuildError, BuildOutput, BuildRequest, Builder as _, BuiltImage},
};
use towpath_host::{HostBuilder, HostBuilderError, RegistryLogin};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A machine with an application and, on its path, whatever programs a test puts there.
struct Machine {
    place: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { place: tempfile::tempdir().unwrap() };
        fs::create_dir_all(machine.path("bin")).unwrap();
        fs::create_dir_all(machine.path("app/backend")).unwrap();
        fs::write(machine.path("app/backend/Dockerfile"), "FROM scratch\n").unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Puts a program on the path. `$CALLS` is where it notes its arguments, `$LAYOUT` the layout that is prepared.
    fn program(&self, name: &str, script: &str) {
        let [calls, layout] = ["calls", "layout"].map(|name| self.path(name).display().to_string());
        let text = format!(
            "#!/bin/sh\nCALLS='{calls}'\nLAYOUT='{layout}'\nprintf '%s ' \"$(basename \"$0\")\" \"$@\" >> \"$CALLS\"; echo >> \"$CALLS\"\n{script}\n"
        );
        let file = self.path("bin").join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A buildah that leaves the prepared layout.
    fn buildah(&self) {
        self.program(
            "buildah",
            r#"case "$1" in push|manifest) for last; do :; done; [ "$2" = rm ] || cp -r "$LAYOUT" "${last#oci:}";; esac"#,
        );
    }

    fn calls(&self) -> String {
        fs::read_to_string(self.path("calls")).unwrap_or_default()
    }

    async fn find(&self, chosen: Option<Tool>) -> Result<HostBuilder, HostBuilderError> {
        self.find_with(chosen, &[]).await
    }

    async fn find_with(&self, chosen: Option<Tool>, logins: &[RegistryLogin]) -> Result<HostBuilder, HostBuilderError> {
        let path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        let variables = [("PATH", path.as_str()), ("NPM", "hunter2hunter2"), ("AWS_SECRET_ACCESS_KEY", "keepthis")];
        let variables = variables.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        HostBuilder::find(chosen, &self.path("app"), variables, logins).await
    }

    async fn build(&self, request: &BuildRequest) -> (Result<BuiltImage, BuildError>, Vec<String>) {
        let builder = self.find(Some(Tool::Buildah)).await.unwrap();
        let heard = Heard::default();
        let built = builder.build(request, &heard).await;
        // The layout is gone with its builder.
        drop(builder);
        (built, heard.0.into_inner().unwrap())
    }

    /// The build fails, and says this.
    async fn fails(&self, request: &BuildRequest, says: &[&str]) {
        let (built, _) = self.build(request).await;
        let error = built.unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        let said = format!("{error}: {source}");
        for word in says {
            assert!(said.contains(word), "`{word}` is not in: {said}");
        }
    }

    fn object(&self, value: &Value) -> Value {
        let bytes = serde_json::to_vec(value).unwrap();
        let digest = Digest::of(&bytes);
        let folder = self.path("layout/blobs/sha256");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(digest.as_str().trim_start_matches("sha256:")), &bytes).unwrap();
        json!({ "digest": digest, "size": bytes.len() })
    }

    /// Prepares a layout with one image.
    fn image(&self, architecture: &str, layers: usize) -> Value {
        let configuration = self.object(&json!({ "os": "linux", "architecture": architecture }));
        let layers: Vec<Value> = (0..layers).map(|layer| self.object(&json!([layer]))).collect();
        let mut manifest = self.object(&json!({ "config": configuration, "layers": layers }));
        manifest["mediaType"] = json!(MANIFEST);
        self.index(&[manifest.clone()]);
        manifest
    }

    fn index(&self, manifests: &[Value]) {
        fs::create_dir_all(self.path("layout")).unwrap();
        let index = json!({ "schemaVersion": 2, "manifests": manifests });
        fs::write(self.path("layout/index.json"), index.to_string()).unwrap();
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl BuildOutput for Heard {
    fn line(&self, component: &ComponentName, line: &str) {
        self.0.lock().unwrap().push(format!("{component}: {line}"));
    }
}

fn request() -> BuildRequest {
    BuildRequest {
        component: "api".parse().unwrap(),
        context: "backend".to_owned(),
        dockerfile: "backend/Dockerfile".to_owned(),
        target: None,
        platforms: Vec::new(),
        arguments: BTreeMap::from([("VERSION".parse().unwrap(), "1.4.0".to_owned())]),
        labels: BTreeMap::new(),
        secrets: BTreeMap::new(),
        attest: Vec::new(),
        created: "2026-03-02T12:00:00Z".parse().unwrap(),
        timeout: Duration::from_mins(1),
    }
}

#[tokio::test]
async fn what_a_builder_leaves_is_read_and_hashed() {
    let machine = Machine::new();
    machine.buildah();
    let root = machine.image("amd64", 2);
    let builder = machine.find(Some(Tool::Buildah)).await.unwrap();
    let built = builder.build(&request(), &Heard::default()).await.unwrap();
    assert_eq!(built.content.root.digest.as_str(), root["digest"]);
    assert!(built.folder.join("oci-layout").is_file() && built.folder.join("index.json").is_file());
    let calls = machine.calls();
    assert!(calls.contains("--build-arg=VERSION=1.4.0") && calls.contains("--timestamp=1772452800"), "{calls}");
    assert!(calls.lines().last().unwrap().starts_with("buildah rmi localhost/towpath-build:api-"), "{calls}");
    drop(builder);
    assert!(!built.folder.exists());
}

#[tokio::test]
async fn the_folder_of_what_is_built_is_for_its_owner_alone() {
    let machine = Machine::new();
    machine.buildah();
    machine.image("amd64", 1);
    let builder = machine.find(Some(Tool::Buildah)).await.unwrap();
    let built = builder.build(&request(), &Heard::default()).await.unwrap();
    let mode = fs::metadata(built.folder.parent().unwrap()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn a_machine_without_a_builder_says_what_was_looked_for() {
    let machine = Machine::new();
    for (name, why) in [("docker", "Cannot connect to the Docker daemon"), ("podman", "broken"), ("buildah", "broken")]
    {
        machine.program(name, &format!("echo '{why}' >&2; exit 1"));
    }
    let said = machine.find(None).await.unwrap_err().to_string();
    for word in ["docker-buildx: Cannot connect", "docker: Cannot connect", "podman: broken", "buildah: broken"] {
        assert!(said.contains(word), "{said}");
    }
    let said = machine.find(Some(Tool::Podman)).await.unwrap_err().to_string();
    assert_eq!(said, "podman cannot be used: broken");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_said_so() {
    let machine = Machine::new();
    let variables = [(OsString::from("PATH"), machine.path("bin").into_os_string())];
    let error = HostBuilder::find(Some(Tool::Buildah), &machine.path("app"), variables, &[]).await.unwrap_err();
    assert_eq!(error.to_string(), "buildah cannot be used: not installed");
}

#[tokio::test]
async fn docker_is_used_where_its_builder_exports_layouts_or_it_saves_them() {
    let found = async |buildx: &str, version: &str| {
        let machine = Machine::new();
        machine.program(
            "docker",
            &format!(
                "case \"$1\" in buildx) echo 'Driver: {buildx}';; info) echo '[]';; version) echo {version};; esac"
            ),
        );
        machine.program("podman", "exit 1");
        machine.program("buildah", "exit 1");
        machine.find(None).await.map(|builder| towpath_core::ports::Builder::tool(&builder)).ok()
    };
    assert_eq!(found("docker-container", "24.0.7").await, Some(Tool::Buildx));
    assert_eq!(found("docker", "28.2.2").await, Some(Tool::Docker));
    assert_eq!(found("docker", "24.0.7").await, None);
    assert_eq!(found("docker", "4.3.1").await, None);
}

#[tokio::test]
async fn what_is_missing_is_said_before_anything_is_run() {
    let machine = Machine::new();
    machine.buildah();
    machine
        .fails(
            &BuildRequest { dockerfile: "backend/Nope".to_owned(), ..request() },
            &["the Dockerfile `backend/Nope` is not there"],
        )
        .await;
    machine
        .fails(&BuildRequest { context: "nope".to_owned(), ..request() }, &["the context `nope` is not there"])
        .await;
    let secrets = BTreeMap::from([("npm".parse().unwrap(), "NOT_SET".parse().unwrap())]);
    machine
        .fails(
            &BuildRequest { secrets, ..request() },
            &["the variable NOT_SET, which holds the secret npm, is not set"],
        )
        .await;
    assert!(!machine.calls().contains("build "), "{}", machine.calls());
}

#[tokio::test]
async fn a_failing_builder_is_shown_with_its_last_lines_and_leaves_nothing() {
    let machine = Machine::new();
    machine.program("buildah", "[ \"$1\" = build ] || exit 0; i=0; while [ $i -lt 99 ]; do i=$((i+1)); echo line $i; done; echo '::error::no' >&2; exit 3");
    machine.fails(&request(), &["api: buildah build ended with status 3", "line 99", "::error::no"]).await;
    let (built, heard) = machine.build(&request()).await;
    assert!(!built.unwrap_err().to_string().contains("line 70\n"));
    assert_eq!(heard.len(), 100);
    assert!(machine.calls().contains("buildah rmi"), "what was built before it failed is taken away");
}

#[tokio::test]
async fn a_full_disk_and_a_refused_base_image_have_their_own_words() {
    let failing = async |line: &str, expected: &str| {
        let machine = Machine::new();
        machine.program("buildah", &format!("[ \"$1\" = build ] || exit 0; echo '{line}' >&2; exit 125"));
        machine.fails(&request(), &[expected, line]).await;
    };
    failing("write /var/tmp/x: no space left on device", "api: the disk is full").await;
    failing("initializing source docker://x: unauthorized", "api: a base image cannot be had").await;
}

#[tokio::test]
async fn what_cannot_be_published_is_refused() {
    let machine = Machine::new();
    machine.buildah();
    machine.index(&[]);
    machine.fails(&request(), &["what was built cannot be published", "the builder left no image"]).await;
    machine.image("amd64", 0);
    machine.fails(&request(), &["the image for linux/amd64 is empty"]).await;
    machine.image("arm64", 1);
    let wanted = vec!["linux/amd64".parse().unwrap()];
    machine
        .fails(&BuildRequest { platforms: wanted, ..request() }, &["for linux/arm64, and was to be for linux/amd64"])
        .await;
    let mut attestation = machine.image("amd64", 1);
    attestation["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": attestation["digest"],
    });
    machine.index(&[attestation]);
    machine.fails(&request(), &["the builder left no image"]).await;
    fs::remove_file(machine.path("layout/index.json")).unwrap();
    machine.fails(&request(), &["the builder left no image"]).await;
}

#[tokio::test]
async fn a_layer_that_is_not_what_its_digest_says_is_refused() {
    let machine = Machine::new();
    machine.buildah();
    machine.image("amd64", 1);
    let layer = Digest::of(&serde_json::to_vec(&json!([0])).unwrap());
    let file = machine.path("layout/blobs/sha256").join(layer.as_str().trim_start_matches("sha256:"));
    fs::write(&file, "[9]").unwrap();
    machine.fails(&request(), &[layer.as_str(), "and what is there is"]).await;
    fs::remove_file(&file).unwrap();
    machine.fails(&request(), &[layer.as_str(), "is named and not there"]).await;
}

#[tokio::test]
async fn an_archive_is_unpacked_and_a_cut_one_is_refused() {
    let machine = Machine::new();
    machine.image("amd64", 1);
    let docker = r#"case "$1" in version) echo 28.0.0;; save) tar -cf "$3" -C "$LAYOUT" .; CUT; esac"#;
    let build = async |cut: &str| {
        machine.program("docker", &docker.replace("CUT", cut));
        let builder = machine.find(Some(Tool::Docker)).await.unwrap();
        builder.build(&request(), &Heard::default()).await.map(|built| built.content.platforms.len())
    };
    assert_eq!(build(":").await, Ok(1));
    let cut = build(r#"head -c 3000 "$3" > "$3.cut"; mv "$3.cut" "$3""#).await.unwrap_err();
    assert!(matches!(cut, BuildError::Machine { .. } | BuildError::Content { .. }), "{cut}");
}

#[tokio::test]
async fn a_builder_that_does_not_end_is_ended() {
    let machine = Machine::new();
    machine.program("buildah", "[ \"$1\" = build ] || exit 0; echo begun; exec sleep 600");
    machine.fails(&BuildRequest { timeout: Duration::from_secs(1), ..request() }, &["api: not built within 1 s"]).await;
}

#[tokio::test]
async fn a_builder_gets_the_secrets_that_it_was_promised_and_no_others() {
    let machine = Machine::new();
    machine.image("amd64", 1);
    machine.program(
        "buildah",
        r#"case "$1" in build) env > "$CALLS.env"; echo "token $NPM";; push) for last; do :; done; cp -r "$LAYOUT" "${last#oci:}";; esac"#,
    );
    let secrets = BTreeMap::from([("npm".parse().unwrap(), "NPM".parse().unwrap())]);
    let (built, heard) = machine.build(&BuildRequest { secrets, ..request() }).await;
    assert!(built.is_ok(), "{built:?}");
    assert_eq!(heard, ["api: token ***"]);
    let environment = fs::read_to_string(machine.path("calls.env")).unwrap();
    assert!(environment.contains("NPM=hunter2hunter2") && environment.contains("SOURCE_DATE_EPOCH=1772452800"));
    assert!(!environment.contains("AWS_") && !machine.calls().contains("hunter2"), "{environment}");
}

#[tokio::test]
async fn a_login_is_a_file_that_is_gone_afterwards() {
    let machine = Machine::new();
    machine.image("amd64", 1);
    machine.program(
        "buildah",
        r#"case "$1" in build) cat "$REGISTRY_AUTH_FILE" > "$CALLS.auth"; echo "$REGISTRY_AUTH_FILE" > "$CALLS.file"; cat "$REGISTRY_AUTH_FILE";; push) for last; do :; done; cp -r "$LAYOUT" "${last#oci:}";; esac"#,
    );
    let login = RegistryLogin::new("111111111111.dkr.ecr.us-west-2.amazonaws.com", "AWS", "s3cr3tpassword");
    let builder = machine.find_with(Some(Tool::Buildah), &[login]).await.unwrap();
    let heard = Heard::default();
    assert!(builder.build(&request(), &heard).await.is_ok());
    let auth: Value = serde_json::from_slice(&fs::read(machine.path("calls.auth")).unwrap()).unwrap();
    assert_eq!(auth["auths"]["111111111111.dkr.ecr.us-west-2.amazonaws.com"]["auth"], "QVdTOnMzY3IzdHBhc3N3b3Jk");
    let printed = heard.0.lock().unwrap().concat();
    assert!(!printed.contains("QVdTOnMz") && !machine.calls().contains("s3cr3t"), "{printed}");
    drop(builder);
    let file = fs::read_to_string(machine.path("calls.file")).unwrap();
    assert!(!Path::new(file.trim()).exists());
}
