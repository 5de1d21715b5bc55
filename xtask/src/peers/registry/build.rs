//! buildah and podman: an image on `scratch` is built, pushed under its real name or on loopback, and pulled again.
//!
//! Nothing is run: what a machine needs for that is its own affair.

use anyhow::{Context as _, Result, ensure};

use super::{Check, client::Client};

pub(super) const CHECKS: [Check; 2] = [
    Check { program: "buildah", name: "an image is built, pushed on loopback and pulled again", run: buildah },
    Check { program: "podman", name: "an image is built, pushed under its real name and pulled again", run: podman },
];

fn buildah(client: &Client<'_>) -> Result<()> {
    round_trip(client, "buildah", &client.image("peer/web:buildah"))
}

fn podman(client: &Client<'_>) -> Result<()> {
    round_trip(client, "podman", "docker://111111111111.dkr.ecr.us-west-2.amazonaws.com/peer/web:podman")
}

fn round_trip(client: &Client<'_>, program: &str, image: &str) -> Result<()> {
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
    let pulled = client.build(program, &[&["pull", "--quiet"][..], &access, &[image]].concat()).context("pull")?;
    ensure!(!pulled.trim().is_empty(), "nothing was pulled");
    Ok(())
}
