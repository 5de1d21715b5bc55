//! What the figures were measured on and with.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::Command,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Result;

use crate::peers::python::Python;

use super::targets::milliseconds;

/// How often the disk is asked to keep something.
const WRITES: usize = 41;

/// Facts, each with its name; the disk is that of `folder`. What cannot be found out is said to be unknown.
pub(super) fn facts(python: &Python, folder: &Path, runs: usize) -> Vec<(&'static str, String)> {
    let cores = std::thread::available_parallelism().map_or_else(unknown, |n| n.to_string());
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    vec![
        ("day", format!("{} (UTC)", day(seconds))),
        ("runs of each", format!("{runs}, after one to warm up")),
        ("processor", processor().unwrap_or_else(|| unknown(()))),
        ("cores", cores),
        ("memory", memory().unwrap_or_else(|| unknown(()))),
        ("system", said_by(Command::new("uname").args(["-sr"]))),
        ("load before", load().unwrap_or_else(|| unknown(()))),
        ("one durable write", durable_write(folder).unwrap_or_else(unknown)),
        ("Rust", said_by(Command::new("rustc").arg("--version"))),
        ("aws command line", said_by(Command::new(python.program("aws")).arg("--version"))),
        ("ecs-deploy", said_by(Command::new(python.program("ecs")).arg("--version"))),
    ]
}

fn unknown<T>(_: T) -> String {
    "unknown".to_owned()
}

fn said_by(command: &mut Command) -> String {
    let output = command.output().ok().filter(|output| output.status.success());
    output.map_or_else(|| unknown(()), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn processor() -> Option<String> {
    value("/proc/cpuinfo", "model name")
}

fn memory() -> Option<String> {
    let kilobytes: u64 = value("/proc/meminfo", "MemTotal")?.split(' ').next()?.parse().ok()?;
    Some(format!("{} MB", kilobytes / 1024))
}

fn load() -> Option<String> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    let over: Vec<&str> = text.split(' ').take(3).collect();
    Some(format!("{} over 1, 5 and 15 minutes", over.join(", ")))
}

/// What it takes until the disk has kept a few bytes: a promotion waits for that at every step.
fn durable_write(folder: &Path) -> Result<String> {
    let path = folder.join("durable-write");
    let mut file = File::create(&path)?;
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let start = Instant::now();
        file.write_all(b"a few bytes\n")?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    fs::remove_file(path)?;
    times.sort_unstable();
    let (middle, longest) = (times[WRITES / 2], times[WRITES - 1]);
    let (middle, longest) = (milliseconds(middle), milliseconds(longest));
    Ok(format!("{middle} in the middle of {WRITES}, {longest} at worst"))
}

fn value(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    let (_, value) = line.split_once(':')?;
    Some(value.trim().to_owned())
}

/// The day of a number of seconds since 1970, as `YYYY-MM-DD`.
fn day(seconds: u64) -> String {
    let mut days = seconds / 86_400;
    let mut year = 1970;
    while days >= length(year) {
        days -= length(year);
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in months {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}

fn length(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let check = |seconds: u64, expected: &str| assert_eq!(day(seconds), expected);
        check(0, "1970-01-01");
        check(951_782_400, "2000-02-29");
        check(1_767_225_599, "2025-12-31");
        check(1_767_225_600, "2026-01-01");
    }
}
