//! What a scenario's file says of itself: number, title, demand, tests.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};

/// A scenario as its file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) number: u32,
    pub(super) title: String,
    pub(super) demanded: String,
    /// What of it cannot be here, and why.
    not_here: Option<String>,
    tests: usize,
    file: String,
}

/// All of them in the folder, by number.
pub(super) fn entries(folder: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for file in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let file = file?.file_name().to_string_lossy().into_owned();
        if file.starts_with('s') && Path::new(&file).extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(folder.join(&file)).with_context(|| file.clone())?;
            entries.push(Entry::read(&file, &text)?);
        }
    }
    entries.sort_by_key(|entry| entry.number);
    Ok(entries)
}

impl Entry {
    fn read(file: &str, text: &str) -> Result<Self> {
        let header: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
        let joined = header.join("\n");
        let paragraphs: Vec<String> = joined.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
        let find = |begin: &str| {
            paragraphs.iter().find_map(|paragraph| paragraph.strip_prefix(begin)).map(|text| text.trim().to_owned())
        };
        let (number, title) = find("Scenario ")
            .and_then(|text| {
                let (number, title) = text.split_once(": ")?;
                Some((number.parse().ok()?, capitalised(title.trim_end_matches('.'))))
            })
            .with_context(|| format!("{file}: its header does not begin with `Scenario NUMBER: title.`"))?;
        ensure!(file.starts_with(&format!("s{number:03}_")), "{file}: it is not named by its number, {number}");
        ensure!(find("In the wild: ").is_some(), "{file}: its header does not say what happened in the wild");
        let demanded =
            find("Demanded: ").with_context(|| format!("{file}: its header does not say what is demanded"))?;
        let is_test = |line: &&str| line.starts_with("#[tokio::test") || line.starts_with("#[test]");
        let tests = text.lines().filter(is_test).count();
        ensure!(tests > 0, "{file}: it tests nothing");
        Ok(Self {
            number,
            title,
            demanded: capitalised(&demanded),
            not_here: find("Not here: "),
            tests,
            file: file.to_owned(),
        })
    }

    /// Where its file is, seen from the page.
    pub(super) fn link(&self) -> String {
        format!("../{}/{}", super::FOLDER, self.file)
    }

    /// How it stands.
    pub(super) fn result(&self) -> String {
        let tests = if self.tests == 1 { "1 test".to_owned() } else { format!("{} tests", self.tests) };
        match &self.not_here {
            None => format!("holds, {tests}"),
            Some(why) => format!("holds, {tests}; not here: {why}"),
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "//! Scenario 7: somebody else deploys.\n//!\n//! In the wild: it was\n//! bad.\n//!\n//! Demanded: exit 8;\n//! no more.\n//!\n//! Not here: moons.\n\n#[test]\nfn one() {}\n";

    #[test]
    fn a_file_says_what_it_is_about() {
        let entry = Entry::read("s007_somebody.rs", TEXT).unwrap();
        assert_eq!(
            (entry.number, entry.title.as_str(), entry.demanded.as_str()),
            (7, "Somebody else deploys", "Exit 8; no more.")
        );
        assert_eq!(entry.result(), "holds, 1 test; not here: moons.");
    }

    fn check(file: &str, from: &str, to: &str, said: &str) {
        let error = Entry::read(file, &TEXT.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }

    #[test]
    fn what_is_missing_is_said() {
        check("s008_somebody.rs", "", "", "not named by its number");
        check("s007_somebody.rs", "Demanded", "Asked", "what is demanded");
        check("s007_somebody.rs", "In the wild", "Once", "in the wild");
        check("s007_somebody.rs", "#[test]", "", "tests nothing");
        check("s007_somebody.rs", "Scenario 7", "Story", "does not begin with");
    }
}
