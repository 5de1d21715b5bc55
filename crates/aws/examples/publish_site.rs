//! Writes a directory into a bucket with the adapter alone, to see what it costs beside other tools.
//!
//! `publish_site BUCKET PREFIX DIRECTORY`, with the endpoint, region and credentials of the environment. It writes every
//! file each time, compares nothing, orders nothing and keeps no marker: deploying a site is `towpath site deploy`.

mod directory;

use std::error::Error;

use directory::Directory;
use towpath_aws::{Aws, Settings};
use towpath_core::{ports::Bucket as _, site::Home};

type Anything<T> = Result<T, Box<dyn Error>>;

#[tokio::main(worker_threads = 2)]
async fn main() -> Anything<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [bucket, prefix, directory] = words.as_slice() else {
        return Err("publish_site BUCKET PREFIX DIRECTORY".into());
    };
    let home = Home { bucket: bucket.parse()?, prefix: prefix.parse()? };
    let directory = Directory(directory.into());
    let wave = directory.wave()?;
    let region = std::env::var("AWS_REGION").unwrap_or_else(|_| "us-west-2".to_owned());
    let aws = Aws::connect(Settings::new(region.parse()?, "111111111111".parse()?)).await?;
    let carried = aws.buckets().upload(&home, &wave, &directory, &()).await?;
    say(&format!("{} files, {} bytes, {} requests", carried.objects, carried.bytes, carried.requests));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the line is what this program is for")]
fn say(line: &str) {
    println!("{line}");
}
