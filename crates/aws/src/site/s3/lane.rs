//! The requests of one wave to one bucket: counted, tried again, and no more at once than S3 takes.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use reqwest::StatusCode;
use tokio::{
    sync::{Semaphore, SemaphorePermit, mpsc},
    time::sleep,
};
use towpath_core::ports::Fault;

use super::{
    attempts::Attempts,
    client::{Answer, Client, Request},
    failed::Failed,
    pace::Pace,
};

/// How many KiB of files are held in memory at once.
const HELD: u32 = 8 * 1024;

/// How many files are opened at once: each takes a thread, and a disk has no use for more.
const READERS: usize = 4;

/// How many KiB one file that comes in pieces takes of it: the pieces in the connection's buffer and those on the way.
const STREAM: u64 = 1024;

/// The requests of one wave.
pub(super) struct Lane<'a> {
    client: &'a Client,
    pace: Mutex<Pace>,
    held: Semaphore,
    reading: Semaphore,
    requests: AtomicU64,
}

/// What became of a wave's items.
pub(super) struct Ran<'a, I, E> {
    pub(super) done: Vec<&'a I>,
    pub(super) failed: Vec<(&'a I, E)>,
    pub(super) not_begun: usize,
}

impl<'a> Lane<'a> {
    pub(super) fn new(client: &'a Client) -> Self {
        Self {
            client,
            pace: Mutex::new(Pace::new(Instant::now())),
            held: Semaphore::new(HELD as usize),
            reading: Semaphore::new(READERS),
            requests: AtomicU64::new(0),
        }
    }

    pub(super) fn client(&self) -> &'a Client {
        self.client
    }

    /// How many requests were made.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Counts requests that were made beside it.
    pub(super) fn count(&self, requests: u64) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
    }

    /// Does all items, several at a time; after the first that fails for good, none is begun.
    pub(super) async fn run<'i, I, E, F>(&self, items: &'i [I], work: impl Fn(&'i I) -> F) -> Ran<'i, I, E>
    where
        F: Future<Output = Result<(), E>>,
    {
        let mut ran = Ran { done: Vec::with_capacity(items.len()), failed: Vec::new(), not_begun: 0 };
        let mut waiting = items.iter();
        let mut running = FuturesUnordered::new();
        loop {
            while ran.failed.is_empty() && running.len() < self.pace().window() {
                let Some(item) = waiting.next() else { break };
                let done = work(item);
                running.push(async move { (item, done.await) });
            }
            match running.next().await {
                Some((item, Ok(()))) => ran.done.push(item),
                Some((item, Err(error))) => ran.failed.push((item, error)),
                None => break,
            }
        }
        ran.not_begun = waiting.len();
        ran
    }

    /// Waits until there is memory for a file of this size.
    pub(super) async fn hold(&self, size: u64) -> Option<SemaphorePermit<'_>> {
        let weight = size.div_ceil(1024).clamp(1, STREAM);
        self.held.acquire_many(u32::try_from(weight).unwrap_or(HELD)).await.ok()
    }

    /// Waits for its turn to read.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.reading.acquire().await.ok()
    }

    /// As [`Lane::hold`], for a file that takes all the memory that there is.
    pub(super) async fn hold_all(&self) -> Option<SemaphorePermit<'_>> {
        self.held.acquire_many(HELD).await.ok()
    }

    /// The answer, where it is a good one; whatever may pass is tried again.
    pub(super) async fn send(&self, request: &Request<'_>) -> Result<Answer, Failed> {
        let mut attempts = Attempts::new(self.client.patience());
        loop {
            match self.send_once(request).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => self.pause(&mut attempts, failed).await?,
            }
        }
    }

    /// The answer to one attempt.
    pub(super) async fn send_once(&self, request: &Request<'_>) -> Result<Answer, Failed> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.client.send_once(request).await;
        given_back().await;
        self.noted(answer)
    }

    /// The answer to one attempt with what the pieces bring.
    pub(super) async fn send_pieces(
        &self,
        request: &Request<'_>,
        pieces: mpsc::Receiver<Bytes>,
    ) -> Result<Answer, Failed> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.client.send_pieces(request, pieces).await;
        given_back().await;
        self.noted(answer)
    }

    /// Waits before the next attempt, or hands the failure back where there is none.
    pub(super) async fn pause(&self, attempts: &mut Attempts<'_>, failed: Failed) -> Result<(), Failed> {
        let Some(pause) = attempts.after(&failed, Instant::now()) else {
            return Err(failed);
        };
        sleep(pause).await;
        Ok(())
    }

    fn noted(&self, result: Result<Answer, Failed>) -> Result<Answer, Failed> {
        match &result {
            Err(failed) if is_of_pace(failed) => self.pace().throttled(Instant::now()),
            Ok(_) | Err(_) => self.pace().done(Instant::now()),
        }
        result
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is for too many requests, or as S3 behaves when there are.
/// Lets the task that has the connection notice that its answer was read, and then the one that waits for that put it
/// back: whoever asks before has another one opened.
async fn given_back() {
    for _ in 0..2 {
        tokio::task::yield_now().await;
    }
}

fn is_of_pace(failed: &Failed) -> bool {
    let status = StatusCode::SERVICE_UNAVAILABLE.as_u16();
    failed.error.fault == Fault::Throttled || failed.status == Some(status)
}
