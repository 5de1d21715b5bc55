//! buildah and podman: an image on `scratch` is built, pushed on loopback, and pulled there or under its real name.
//!
//! Under its real name nothing can be pushed: these clients look up other places for pulls alone. Nothing is run: what
//! a machine needs for that is its own affair.

use anyhow::{Context as _, Result, ensure};

use super::{Check, client::Client};

pub(super) const CHECKS: [Check; 2] = [
    Check { program: "buildah", name: "an image is built, pushed on loopback and pulled again", run: buildah },
    Check {
        program: "podman",
        name: "an image is built, pushed on loopback and pulled under its real name",
        run: podman,
    },
];

fn buildah(client: &Client<'_>) -> Result<()> {
    let image = client.image("peer/web:buildah");
    round_trip(client, "buildah", &image, &image)
}

fn podman(client: &Client<'_>) -> Result<()> {
    let real = "docker://111111111111.dkr.ecr.us-west-2.amazonaws.com/peer/web:podman";
    round_trip(client, "podman", &client.image("peer/web:podman"), real)
}

fn round_trip(client: &Client<'_>, program: &str, image: &str, again: &str) -> Result<()> {
    let context = client.path(&format!("context-{program}"));
    std::fs::create_dir_all(&context)?;
    std::fs::write(context.join("content"), format!("{program} was here\n").repeat(100_000))?;
    std::fs::write(
        context.join("Dockerfile"),
        "FROM scratch\nCOPY content /content\nLABEL org.opencontainers.image.version=1.2.3\n",
    )?;
    let (folder, name) = (context.display().to_string(), format!("localhost/{program}:1"));
    let isolated = ["build", "--isolation", "chroot", "--quiet", "--tag", &name, &folder];
    client.build(program, &isolated).context("build")?;
    let (credentials, digest_file) = (client.credentials()?, client.path("digest"));
    let file = digest_file.display().to_string();
    let access = ["--tls-verify=false", "--creds", &credentials];
    client
        .build(program, &[&["push"][..], &access, &["--digestfile", &file, &name, image]].concat())
        .context("push")?;
    let pushed = std::fs::read_to_string(digest_file)?;
    let line = format!("ecr describe-images --repository-name peer/web --image-ids imageTag={program}");
    let shown = &client.aws(&line)?["imageDetails"][0]["imageDigest"];
    ensure!(*shown == *pushed, "{program} pushed {pushed}, and ECR shows {shown}");
    client.build(program, &["rmi", "--force", &name])?;
    // Credentials on the line are for the name on the line, and not for the place where it is looked up.
    let (file, password) = (client.path("auth.json"), credentials.trim_start_matches("AWS:"));
    let (file, place) = (file.display().to_string(), client.address());
    let login =
        ["login", "--tls-verify=false", "--authfile", &file, "--username", "AWS", "--password", password, &place];
    client.build(program, &login).context("login")?;
    let pull = ["pull", "--quiet", "--tls-verify=false", "--authfile", &file, again];
    let pulled = client.build(program, &pull).context("pull")?;
    ensure!(!pulled.trim().is_empty(), "nothing was pulled");
    Ok(())
}
