//! The binary itself against a server of S3 that is not ours: `towpath site deploy` of two releases and the way back,
//! looked at with the aws command line.
//!
//! Who we are is asked of the simulator, since such a server knows nobody. There is no CloudFront before it either: what
//! visitors get is asked of the server itself, at an address that is signed for an hour.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{
    app,
    programs::Programs,
    python::Python,
    simulated::{self, Simulated},
    tally::Tally,
};

/// The bucket that has to be there.
pub(super) const BUCKET: &str = "peer-front";

const CONFIGURATION: &str = r#"
app = "shop"
ledger = "file:ledger"

[environments.dev]
account = "ACCOUNT"
region = "us-west-2"
deploy-on = [{ command-line = true }]

[components.web]
kind = "site"
build = { directory = "dist" }
bucket = "peer-front"
prefix = "shop"

[[components.web.smoke]]
url = "PAGE"
contains = "content=\"{version}\""
deadline = "20s"
"#;

/// Without it, addresses would be signed as they were long ago.
const SIGNATURES: &str = "[default]\ns3 =\n  signature_version = s3v4\n";

const WORLD: &str = "default-account = \"ACCOUNT\"\ndefault-region = \"us-west-2\"\n";

/// The releases, and a commit for each.
const OLD: (&str, &str) = ("1.0.0", "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334");
const NEW: (&str, &str) = ("1.1.0", "b82e60d915c7f3a4de20981b6c5f47a3081e9d6c");

/// The exit code of what is not as published.
const DIFFERENT: i32 = 11;

/// How long browsers may keep what has its hash in its name.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Where it plays: a folder with builds, and a server of S3.
struct Shop {
    folder: PathBuf,
    towpath: PathBuf,
    aws: PathBuf,
    environment: Vec<(&'static str, String)>,
    _simulated: Simulated,
}

/// Makes all checks against the server at `server`, which calls itself `peer` and belongs to `account`.
pub(super) fn check(
    tally: &mut Tally,
    peer: &str,
    (programs, python): (&Programs, &Python),
    (server, account): (SocketAddr, &str),
) -> Result<()> {
    let folder = programs.target.join("peers/deployed").join(peer.replace(' ', "-"));
    let shop = Shop::open(&folder, (programs, python), (server, account))?;
    tally.note_result(peer, "`towpath site deploy` puts every file there, byte for byte", shop.first());
    tally.note_result(peer, "the next release is there, and what open tabs still need", shop.second());
    tally.note_result(peer, "`towpath site rollback` brings the old page back", shop.back());
    tally.note_result(peer, "`towpath site verify` finds all of it, and what somebody took away", shop.verified());
    Ok(())
}

impl Shop {
    fn open(
        folder: &Path,
        (programs, python): (&Programs, &Python),
        (server, account): (SocketAddr, &str),
    ) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let world = folder.join("scenario.toml");
        fs::write(&world, WORLD.replace("ACCOUNT", account)).with_context(|| world.display().to_string())?;
        let towpath = programs.ours("towpath")?;
        let simulated = Simulated::start(&towpath, &world, 1, &folder.join("simulator.log"))?;
        let signatures = folder.join("aws.ini");
        fs::write(&signatures, SIGNATURES).with_context(|| signatures.display().to_string())?;
        let mut environment = simulated::environment(simulated.address(), account);
        environment.push(("AWS_ENDPOINT_URL_S3", format!("http://{server}")));
        environment.push(("AWS_CONFIG_FILE", signatures.display().to_string()));
        environment.push(("HOME", folder.display().to_string()));
        let aws = python.program("aws");
        let shop = Self { folder: folder.to_owned(), towpath, aws, environment, _simulated: simulated };
        let page = shop.aws(&["s3", "presign", &format!("s3://{BUCKET}/shop/index.html")])?;
        let configuration = CONFIGURATION.replace("ACCOUNT", account).replace("PAGE", String::from_utf8(page)?.trim());
        fs::write(folder.join("towpath.toml"), configuration).context("towpath.toml")?;
        Ok(shop)
    }

    fn first(&self) -> Result<()> {
        self.deploy(OLD)?;
        self.is_there(&self.built())?;
        self.has_headers("index.html", ("text/html; charset=utf-8", "no-cache"))?;
        for folder in ["js", "css", "media"] {
            // They are all alike, and asking takes longer than anything else here.
            let file =
                files(&self.built().join("static").join(folder))?.into_iter().next().context("an empty folder")?;
            let name = file.strip_prefix(self.built())?.display().to_string();
            self.has_headers(&name, (type_of(&name), FOR_EVER))?;
        }
        Ok(())
    }

    fn second(&self) -> Result<()> {
        let kept = self.folder.join("kept");
        fs::rename(self.built(), &kept).context("the build before")?;
        self.deploy(NEW)?;
        self.is_there(&self.built())?;
        fs::remove_file(kept.join("index.html"))?;
        self.is_there(&kept)
    }

    /// It comes after the way back, since it takes a file away.
    fn verified(&self) -> Result<()> {
        let verify = ["site", "verify", "dev", "web"];
        self.run(&self.towpath, &verify, 0)?;
        self.aws(&["s3", "rm", "--only-show-errors", &format!("s3://{BUCKET}/shop/index.html")])?;
        let said = self.run(&self.towpath, &verify, DIFFERENT)?;
        let said = String::from_utf8_lossy(&said);
        ensure!(said.contains("index.html: not in the bucket"), "it says {said}");
        Ok(())
    }

    fn back(&self) -> Result<()> {
        self.towpath(&["site", "rollback", "dev", "web", "--yes"])?;
        app::build(&self.built(), OLD.0)?;
        self.is_there(&self.built())
    }

    fn built(&self) -> PathBuf {
        self.folder.join("dist")
    }

    fn deploy(&self, (version, commit): (&str, &str)) -> Result<()> {
        app::build(&self.built(), version)?;
        self.towpath(&["site", "deploy", "dev", "web", "--version", version, "--commit", commit])
    }

    /// Every file of that folder is there with its bytes.
    fn is_there(&self, folder: &Path) -> Result<()> {
        let back = self.folder.join("back");
        if back.exists() {
            fs::remove_dir_all(&back)?;
        }
        let (from, to) = (format!("s3://{BUCKET}/shop"), back.display().to_string());
        self.aws(&["s3", "cp", "--only-show-errors", "--recursive", &from, &to])?;
        for file in files(folder)? {
            let name = file.strip_prefix(folder)?;
            let found = fs::read(back.join(name)).with_context(|| format!("{} is not there", name.display()))?;
            ensure!(found == fs::read(&file)?, "{} has other bytes", name.display());
        }
        Ok(())
    }

    fn has_headers(&self, name: &str, (content_type, cache_control): (&str, &str)) -> Result<()> {
        let key = format!("shop/{name}");
        let head: Value =
            serde_json::from_slice(&self.aws(&["s3api", "head-object", "--bucket", BUCKET, "--key", &key])?)?;
        let found = (head["ContentType"].as_str(), head["CacheControl"].as_str());
        ensure!(found == (Some(content_type), Some(cache_control)), "{name} has {found:?}");
        Ok(())
    }

    fn towpath(&self, words: &[&str]) -> Result<()> {
        self.run(&self.towpath, words, 0).map(drop)
    }

    fn aws(&self, words: &[&str]) -> Result<Vec<u8>> {
        self.run(&self.aws, words, 0)
    }

    /// Runs the program, which has to end with that code, and answers what it printed.
    fn run(&self, program: &Path, words: &[&str], code: i32) -> Result<Vec<u8>> {
        let output = Command::new(program)
            .args(words)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("{} could not be started", program.display()))?;
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        ensure!(output.status.code() == Some(code), "`{}` ended with {}: {said}", words.join(" "), output.status);
        Ok(output.stdout)
    }
}

fn type_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => "image/svg+xml; charset=utf-8",
    }
}

/// All files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
