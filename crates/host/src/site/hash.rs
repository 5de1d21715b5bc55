//! Hashing: every file once, on all cores, a piece at a time.

use std::{
    fs::{File, Metadata},
    io::{self, Read as _},
    num::NonZero,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use sha2::{Digest as _, Sha256 as Hasher};
use towpath_core::{
    identifier::Sha256,
    site::{Content, SitePath, SurveyProblem},
};

use super::seen::Seen;

/// How much of a file is in memory at a time, for each core.
const PIECE: usize = 128 * 1024;

/// More threads than these do not make a disk faster.
const MOST_THREADS: usize = 16;

/// Every file with what its bytes are, or why that cannot be told. What was seen and stayed as it was is not read.
pub(super) fn hash_all(
    root: &Path,
    files: Vec<SitePath>,
    seen: &Seen,
) -> Vec<(SitePath, Result<Content, SurveyProblem>)> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS).min(files.len().max(1));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut piece = vec![0; PIECE];
        let mut done = Vec::new();
        while let Some((at, path)) = take(&next, &files) {
            done.push((at, hash(&root.join(path.as_str()), path, seen, &mut piece)));
        }
        done
    };
    let hashed = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut hashed = work();
        for other in others {
            hashed.extend(other.join().unwrap_or_default());
        }
        hashed
    });
    let mut results: Vec<_> = files.iter().map(not_read).collect();
    for (at, result) in hashed {
        results[at] = result;
    }
    files.into_iter().zip(results).collect()
}

/// What stands where a thread came to nothing.
fn not_read(path: &SitePath) -> Result<Content, SurveyProblem> {
    Err(SurveyProblem::Unreadable { path: path.to_string(), reason: "it was not read to its end".to_owned() })
}

fn take<'a>(next: &AtomicUsize, files: &'a [SitePath]) -> Option<(usize, &'a SitePath)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    files.get(at).map(|path| (at, path))
}

fn hash(file: &Path, path: &SitePath, seen: &Seen, piece: &mut [u8]) -> Result<Content, SurveyProblem> {
    let told = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => SurveyProblem::Vanished { path: path.to_string() },
        _ => SurveyProblem::Unreadable { path: path.to_string(), reason: error.to_string() },
    };
    let mut file = File::open(file).map_err(told)?;
    let before = file.metadata().map_err(told)?;
    if let Some(content) = seen.content(path, &before) {
        return Ok(content);
    }
    let (mut hasher, mut size) = (Hasher::new(), 0);
    loop {
        match file.read(piece).map_err(told)? {
            0 => break,
            read => {
                hasher.update(&piece[..read]);
                size += read as u64;
            }
        }
    }
    let after = file.metadata().map_err(told)?;
    if size != before.len() || changed(&before, &after) {
        return Err(SurveyProblem::Changed { path: path.to_string() });
    }
    let content = Content { sha256: Sha256::of_hashed(&hasher.finalize().into()), size };
    seen.note(path, &after, &content);
    Ok(content)
}

fn changed(before: &Metadata, after: &Metadata) -> bool {
    before.len() != after.len() || before.modified().ok() != after.modified().ok()
}
