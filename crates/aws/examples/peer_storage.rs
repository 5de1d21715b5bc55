//! Runs the site adapters' calls against another server of S3 than ours, and says where it differs from AWS.
//!
//! ```sh
//! mkdir -p /tmp/s3/peer-site /tmp/s3/peer-copies
//! s3s-fs --access-key t --secret-key t --host 127.0.0.1 --port 8014 /tmp/s3 &
//! export AWS_ENDPOINT_URL=http://127.0.0.1:8014 AWS_REGION=us-west-2 AWS_ACCESS_KEY_ID=t AWS_SECRET_ACCESS_KEY=t
//! cargo run -p towpath-aws --example peer_storage -- s3s-fs
//! ```
//!
//! The buckets `peer-site` and `peer-copies` have to be there. One line a check: `ok`, `known` for a difference that is
//! that server's and listed in [`KNOWN`], or `DIFFERENT`, which also makes the exit status 1.

mod directory;

use std::{
    collections::BTreeSet,
    error::Error,
    fmt::Debug,
    path::Path,
    process::ExitCode,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use directory::Directory;
use towpath_aws::{Aws, Limits, Patience, S3Bucket, Settings};
use towpath_core::{
    identifier::{AccountId, Sha256},
    ports::{Bucket as _, BucketError, Copy, MarkerState, PutMarker, Upload, UploadSource},
    site::{Content, Home, SiteObject, SitePath},
};

type Anything<T> = Result<T, Box<dyn Error>>;

/// Where servers differ from AWS: the server, the check, what is found there, and why.
/// moto 5.2.5, s3s-fs 0.14.1.
const KNOWN: &[(&str, &str, &str, &str)] = &[
    ("s3s-fs", "marker: a missing bucket", "None", "s3s-fs says of a missing bucket that the key is missing"),
    (
        "s3s-fs",
        "list: all files",
        r#"["assets/a b c&d=e.js", "assets/a b+c&d=e.js"]"#,
        "s3s-fs says that it has escaped the keys, and has not",
    ),
    ("s3s-fs", "upload: other bytes are refused", r#"Some("InternalError")"#, "s3s-fs breaks down over a wrong hash"),
    ("moto", "upload: other bytes are refused", "None", "moto looks at no hash"),
];

/// S3 takes no smaller parts.
const PART: u64 = 5 << 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Anything<ExitCode> {
    let server = std::env::args().nth(1).ok_or("name the server: moto or s3s-fs")?;
    if std::env::var_os("AWS_ENDPOINT_URL").is_none() {
        return Err("set AWS_ENDPOINT_URL to that server; this must never run against AWS".into());
    }
    let region = std::env::var("AWS_REGION")?;
    let patience = Patience { throttled_attempts: 2, first_pause: Duration::from_millis(20), ..Patience::default() };
    let settings = Settings { patience, ..Settings::new(region.parse()?, "123456789012".parse()?) };
    let aws = Aws::connect(settings).await?;
    let limits = Limits { whole: PART, part: PART, whole_copy: PART, copied_part: PART };
    let run = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis().to_string();
    let home = Home { bucket: "peer-site".parse()?, prefix: run.parse()? };
    let folder = std::env::temp_dir().join(format!("towpath-peer-storage-{run}"));
    write_files(&folder)?;
    let account: AccountId = "123456789012".parse()?;
    let owners = ["peer-site", "peer-copies"].map(|name| Ok::<_, Box<dyn Error>>((name.parse()?, account.clone())));
    let bucket = aws.buckets().with_limits(limits).owned_by(owners.into_iter().collect::<Result<_, _>>()?);
    let mut peer = Peer { bucket, home, checks: Checks { server, different: 0 } };
    let checked = peer.check(&Directory(folder.clone())).await;
    std::fs::remove_dir_all(folder)?;
    checked?;
    Ok(ExitCode::from(u8::from(peer.checks.different > 0)))
}

/// Small files with odd names, one that goes in pieces, and one that goes in parts.
fn write_files(folder: &Path) -> Anything<()> {
    let small = ["index.html", "assets/a b+c&d=e.js", "assets/ü~'(1)!.css", "assets/100%.txt", "empty.txt"];
    for (name, size) in
        small.map(|name| (name, 700)).into_iter().chain([("large.bin", 800_000), ("film.bin", 12 << 20)])
    {
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().ok_or("a file has a folder")?)?;
        let size = if name == "empty.txt" { 0 } else { size };
        std::fs::write(file, name.bytes().cycle().take(size).collect::<Vec<u8>>())?;
    }
    Ok(())
}

/// What was found so far.
struct Checks {
    server: String,
    different: u32,
}

impl Checks {
    #[expect(clippy::print_stdout, reason = "the lines are what this program is for")]
    fn same<T: PartialEq + Debug>(&mut self, check: &str, found: &T, expected: &T) {
        let text = format!("{found:?}");
        let known = KNOWN.iter().find(|known| (known.0, known.1, known.2) == (&self.server, check, &text));
        match known {
            _ if found == expected => println!("ok {check}"),
            Some((_, _, _, why)) => println!("known {check}: {why}"),
            None => {
                self.different += 1;
                println!("DIFFERENT {check}: found {found:?}, expected {expected:?}");
            }
        }
    }
}

struct Peer {
    bucket: S3Bucket,
    home: Home,
    checks: Checks,
}

impl Peer {
    async fn check(&mut self, files: &Directory) -> Anything<()> {
        self.missing().await?;
        self.marker().await?;
        let wave = files.wave()?;
        self.upload(&wave, files).await?;
        self.copy(&wave).await?;
        self.delete(&wave).await
    }

    async fn missing(&mut self) -> Anything<()> {
        let nowhere: Home = Home { bucket: "peer-nowhere".parse()?, prefix: self.home.prefix.clone() };
        let missing = BucketError::NoBucket(nowhere.bucket.clone());
        let found = self.bucket.marker(&nowhere).await.err();
        self.checks.same("marker: a missing bucket", &found, &Some(missing));
        Ok(())
    }

    async fn marker(&mut self) -> Anything<()> {
        let marker = |bytes: &'static [u8], expected| PutMarker { bytes: Bytes::from_static(bytes), expected };
        let (bucket, home) = (self.bucket.clone(), self.home.clone());
        self.checks.same("marker: none at first", &bucket.marker(&home).await?, &None);
        let first = bucket.put_marker(&home, &marker(b"one", MarkerState::Absent)).await?;
        let found = bucket.marker(&home).await?.map(|found| (found.bytes, found.etag));
        self.checks.same("marker: as it was written", &found, &Some((Bytes::from_static(b"one"), first.clone())));
        let changed = Some(BucketError::MarkerChanged(home.clone()));
        let again = bucket.put_marker(&home, &marker(b"two", MarkerState::Absent)).await.err();
        self.checks.same("marker: written once", &again, &changed);
        let second = bucket.put_marker(&home, &marker(b"two", MarkerState::Is(first.clone()))).await;
        self.checks.same("marker: replaced as it was read", &second.is_ok(), &true);
        let stale = bucket.put_marker(&home, &marker(b"three", MarkerState::Is(first))).await.err();
        self.checks.same("marker: not replaced as it was before", &stale, &changed);
        Ok(())
    }

    async fn upload(&mut self, wave: &[Upload], files: &Directory) -> Anything<()> {
        let carried = self.bucket.upload(&self.home, wave, files, &()).await?;
        self.checks.same("upload: all files", &carried.objects, &wave.len());
        let expected: BTreeSet<String> = wave.iter().map(|upload| upload.to.to_string()).collect();
        let listed = self.bucket.list(&self.home).await?;
        let keys: BTreeSet<String> = listed.iter().map(|found| found.key.clone()).collect();
        let differ: Vec<&String> = keys.symmetric_difference(&expected).collect();
        self.checks.same("list: all files", &differ, &vec![]);
        let is_sorted = listed.is_sorted_by(|one, other| one.key <= other.key);
        self.checks.same("list: in the order of their bytes", &is_sorted, &true);
        let home = self.home.clone();
        self.examine("upload", &home, wave).await?;
        let mut wrong = wave[0].clone();
        wrong.content = Content::of(b"something else");
        wrong.source = UploadSource::Bytes(Bytes::from_static(b"other bytes"));
        wrong.to = SiteObject::File("wrong.txt".parse()?);
        let refused = self.bucket.upload(&self.home, &[wrong], files, &()).await.err();
        let refused = refused.map(|missed| match &missed.failures[0].error {
            BucketError::Corrupted { .. } => "corrupted".to_owned(),
            error => error.call().and_then(|call| call.code.clone()).unwrap_or_else(|| error.to_string()),
        });
        self.checks.same("upload: other bytes are refused", &refused, &Some("corrupted".to_owned()));
        Ok(())
    }

    /// Whether every file is there with its size, its hash and its headers.
    async fn examine(&mut self, after: &str, home: &Home, wave: &[Upload]) -> Anything<()> {
        let paths: Vec<SitePath> = wave.iter().filter_map(|upload| path(&upload.to)).collect();
        let examined = self.bucket.examine(home, &paths).await?;
        let found: Vec<(u64, Option<Sha256>)> =
            examined.iter().map(|found| (found.size, found.sha256.clone())).collect();
        let expected: Vec<(u64, Option<Sha256>)> =
            wave.iter().map(|upload| (upload.content.size, Some(upload.content.sha256.clone()))).collect();
        self.checks.same(&format!("{after}: sizes and hashes"), &found, &expected);
        let headers = examined.iter().all(|found| found.headers.as_ref() == Some(&wave[0].headers));
        self.checks.same(&format!("{after}: headers"), &headers, &true);
        Ok(())
    }

    async fn copy(&mut self, wave: &[Upload]) -> Anything<()> {
        let to = Home { bucket: "peer-copies".parse()?, prefix: self.home.prefix.clone() };
        let copy = |upload: &Upload| Copy {
            home: self.home.clone(),
            from: upload.to.clone(),
            to: upload.to.clone(),
            content: upload.content.clone(),
            headers: upload.headers.clone(),
        };
        let copies: Vec<Copy> = wave.iter().map(copy).collect();
        let ended = self.bucket.copy(&to, &copies, &()).await;
        let objects = ended.as_ref().map(|carried| carried.objects).map_err(ToString::to_string);
        self.checks.same("copy: all files", &objects, &Ok(wave.len()));
        self.examine("copy", &to, wave).await?;
        let missing = Copy { from: SiteObject::File("missing.txt".parse()?), ..copies[0].clone() };
        let expected = BucketError::NoObject { home: self.home.clone(), object: missing.from.clone() };
        let found = self.bucket.copy(&to, &[missing], &()).await.err().map(|missed| missed.failures[0].error.clone());
        self.checks.same("copy: what is not there", &found, &Some(expected));
        Ok(())
    }

    async fn delete(&mut self, wave: &[Upload]) -> Anything<()> {
        let mut objects: Vec<SiteObject> = wave.iter().map(|upload| upload.to.clone()).collect();
        objects.push(SiteObject::File("never-there.txt".parse()?));
        objects.push(SiteObject::File("wrong.txt".parse()?));
        let deleted = self.bucket.delete(&self.home, &objects).await?;
        let numbers = (deleted.gone.len(), deleted.failed.len());
        self.checks.same("delete: all, and what was not there", &numbers, &(objects.len(), 0));
        let left = self.bucket.list(&self.home).await?.len();
        self.checks.same("delete: nothing is left", &left, &0);
        Ok(())
    }
}

fn path(object: &SiteObject) -> Option<SitePath> {
    match object {
        SiteObject::File(path) => Some(path.clone()),
        SiteObject::Marker | SiteObject::Kept(_) => None,
    }
}
