//! Brings images to ECR repositories, as a tool that embeds the adapters would.
//!
//! ```sh
//! cargo run -p towpath-aws --example copy_image -- copy REPOSITORY@DIGEST REPOSITORY
//! cargo run -p towpath-aws --example copy_image -- upload FOLDER DIGEST REPOSITORY
//! cargo run -p towpath-aws --example copy_image -- login HOST FILE
//! ```
//!
//! `upload` takes an OCI image layout. `login` writes the file with which skopeo, buildah and podman log in to the
//! registries of `AWS_REGION`, for the name under which they call them. Credentials are those that AWS's own tools
//! would take. It tags nothing.

use std::{error::Error, fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use towpath_aws::{Aws, Settings};
use towpath_core::{
    identifier::Region,
    ports::{ImageLayout, Images as _, Published},
};

type Anything<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Anything<()> {
    let region: Region = std::env::var("AWS_REGION")?.parse()?;
    // No role is assumed, so that the account is of no matter.
    let aws = Aws::connect(Settings::new(region.clone(), "000000000000".parse()?)).await?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["copy", image, to] => tell(&aws.images().copy(&image.parse()?, &to.parse()?).await?),
        ["upload", folder, digest, to] => {
            let layout = ImageLayout { folder: folder.into(), digest: digest.parse()? };
            tell(&aws.images().upload(&layout, &to.parse()?).await?)
        }
        ["login", host, file] => login(&aws, &region, host, Path::new(file)).await,
        _ => Err("see the first lines of this example for what it takes".into()),
    }
}

fn tell(published: &Published) -> Anything<()> {
    let (manifests, blobs) = (published.manifests, published.blobs);
    let counts = format!(
        "{} manifests sent, {} there; {} layers sent, {} mounted, {} there; {} bytes",
        manifests.sent, manifests.there, blobs.sent, blobs.mounted, blobs.there, blobs.bytes
    );
    Ok(writeln!(std::io::stdout(), "{}\n{counts}", published.image)?)
}

/// Writes the login to a file that only we can read.
async fn login(aws: &Aws, region: &Region, host: &str, file: &Path) -> Anything<()> {
    let login = aws.registry_login(region).await?;
    let auth = BASE64_STANDARD.encode(format!("{}:{}", login.user(), login.password()));
    let document = serde_json::json!({"auths": {host: {"auth": auth}}});
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    Ok(file.write_all(document.to_string().as_bytes())?)
}
