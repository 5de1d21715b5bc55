//! Running one program to its end, its output streamed line by line, within a deadline.

use std::{io, path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::Command,
};

use super::{
    environment::Variables,
    lines::{Cutter, Masks, Tail},
};

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The status, where it exited by itself.
    pub(crate) code: Option<i32>,
    /// What it printed last.
    pub(crate) tail: Vec<String>,
}

impl Ended {
    pub(crate) fn is_good(&self) -> bool {
        self.code == Some(0)
    }

    /// What it printed last.
    pub(crate) fn into_tail(self) -> Vec<String> {
        self.tail
    }

    /// In words.
    pub(crate) fn status(&self) -> String {
        self.code.map_or_else(|| "a signal".to_owned(), |code| format!("status {code}"))
    }
}

/// Why it came to no end.
#[derive(Debug)]
pub(crate) enum Lost {
    /// It is not there.
    Missing,
    /// It took too long, and was killed.
    TimedOut {
        /// What it had printed last.
        tail: Vec<String>,
    },
    /// It could not be started, or not be listened to.
    Failed(io::Error),
}

/// A program to run.
pub(crate) struct Program<'a> {
    pub(crate) name: &'a str,
    pub(crate) arguments: &'a [String],
    pub(crate) environment: &'a Variables,
    /// Where it runs.
    pub(crate) folder: &'a Path,
}

impl Program<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new(self.name);
        command.args(self.arguments).env_clear().envs(self.environment).current_dir(self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs it. Each line is given to `line` as it comes, masked.
    pub(crate) async fn run(
        &self,
        masks: &Masks,
        deadline: Duration,
        mut line: impl FnMut(&str) + Send,
    ) -> Result<Ended, Lost> {
        let mut tail = Tail::default();
        let mut each = |text: String| {
            let text = masks.apply(&text);
            tail.add(&text);
            line(&text);
        };
        let ended = tokio::time::timeout(deadline, self.listen(&mut each)).await;
        match ended {
            Ok(Ok(code)) => Ok(Ended { code, tail: tail.into_lines() }),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Err(Lost::Missing),
            Ok(Err(error)) => Err(Lost::Failed(error)),
            Err(_) => Err(Lost::TimedOut { tail: tail.into_lines() }),
        }
    }

    async fn listen(&self, each: &mut (dyn FnMut(String) + Send)) -> io::Result<Option<i32>> {
        let mut child = self.command().spawn()?;
        let (mut out, mut err) = (Stream::of(child.stdout.take()), Stream::of(child.stderr.take()));
        while out.is_open() || err.is_open() {
            let lines = tokio::select! {
                // What is complained of comes after what was printed before it, also where both are there at once.
                biased;
                lines = out.lines(), if out.is_open() => lines?,
                lines = err.lines(), if err.is_open() => lines?,
            };
            lines.into_iter().for_each(&mut *each);
        }
        Ok(child.wait().await?.code())
    }
}

/// One of a program's two streams; nothing once it has ended.
struct Stream<R> {
    reader: Option<R>,
    cutter: Cutter,
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Stream<R> {
    fn of(reader: Option<R>) -> Self {
        Self { reader, cutter: Cutter::default(), buffer: vec![0; 8192] }
    }

    fn is_open(&self) -> bool {
        self.reader.is_some()
    }

    /// The lines that came next; the last one without an end where the stream has ended.
    async fn lines(&mut self) -> io::Result<Vec<String>> {
        let Some(reader) = &mut self.reader else {
            return Ok(Vec::new());
        };
        let length = reader.read(&mut self.buffer).await?;
        if length == 0 {
            self.reader = None;
            return Ok(self.cutter.rest().into_iter().collect());
        }
        Ok(self.cutter.cut(self.buffer.get(..length).unwrap_or_default()))
    }
}
