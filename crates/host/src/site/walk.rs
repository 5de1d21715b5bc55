//! The walk through a directory: names and kinds, links followed as long as they stay inside. It reads no file.

use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
};

use towpath_core::site::{SitePath, SurveyProblem, SurveyRules};

/// What a walk came across.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Files that are not left out.
    pub(super) files: Vec<SitePath>,
    /// What stands in the way.
    pub(super) problems: Vec<SurveyProblem>,
}

/// Walks through everything below `root`, which is canonical.
pub(super) fn walk(root: &Path, rules: &SurveyRules) -> Walked {
    let mut walk = Walk { root, rules, walked: Walked::default(), inside: vec![root.to_owned()] };
    walk.folder(root, "");
    walk.walked
}

struct Walk<'a> {
    root: &'a Path,
    rules: &'a SurveyRules,
    walked: Walked,
    /// The folders that the walk is in, canonical. A link to one of them is a circle.
    inside: Vec<PathBuf>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, path: &str) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.closed(path, &error),
        };
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(&entry, path),
                Err(error) => self.closed(path, &error),
            }
        }
    }

    fn entry(&mut self, entry: &fs::DirEntry, folder: &str) {
        let name = entry.file_name();
        let shown = shown(&join(folder, &name.to_string_lossy()));
        let Some(name) = name.to_str() else {
            return self.problem(SurveyProblem::BadName { name: shown, rule: "its name is not UTF-8".to_owned() });
        };
        let path = join(folder, name);
        if self.rules.leaves_out_folder(&path) {
            return;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_symlink() => self.link(&entry.path(), &path),
            Ok(kind) if kind.is_dir() => {
                let canonical = self.inside.last().map(|above| above.join(name)).unwrap_or_default();
                self.inner_folder(canonical, &entry.path(), &path);
            }
            Ok(kind) if kind.is_file() => self.file(&path),
            Ok(_) => self.other(&path),
            Err(error) => self.unreadable(&path, &error),
        }
    }

    fn inner_folder(&mut self, canonical: PathBuf, folder: &Path, path: &str) {
        self.inside.push(canonical);
        self.folder(folder, path);
        self.inside.pop();
    }

    /// A link counts as what it leads to, under the link's own name.
    fn link(&mut self, link: &Path, path: &str) {
        if self.rules.leaves_out(path) {
            return;
        }
        let target =
            || shown(&fs::read_link(link).map(|target| target.to_string_lossy().into_owned()).unwrap_or_default());
        let canonical = match fs::canonicalize(link) {
            Ok(canonical) => canonical,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return self.problem(SurveyProblem::Dangling { path: shown(path), target: target() });
            }
            Err(error) if is_circle(&error) => return self.problem(SurveyProblem::Circle { path: shown(path) }),
            Err(error) => return self.unreadable(path, &error),
        };
        if !canonical.starts_with(self.root) {
            return self.problem(SurveyProblem::LeadsOut { path: shown(path), target: target() });
        }
        if self.inside.contains(&canonical) {
            return self.problem(SurveyProblem::Circle { path: shown(path) });
        }
        match fs::metadata(&canonical) {
            Ok(found) => self.linked(&found, &canonical, path),
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn linked(&mut self, found: &Metadata, canonical: &Path, path: &str) {
        if found.is_dir() {
            return self.inner_folder(canonical.to_owned(), canonical, path);
        }
        if found.is_file() { self.file(path) } else { self.other(path) }
    }

    fn file(&mut self, path: &str) {
        if self.rules.leaves_out(path) {
            return;
        }
        match path.parse() {
            Ok(path) => self.walked.files.push(path),
            Err(error) => self.problem(SurveyProblem::BadName { name: shown(path), rule: error.rule.to_owned() }),
        }
    }

    fn other(&mut self, path: &str) {
        if !self.rules.leaves_out(path) {
            self.problem(SurveyProblem::NoFile { path: shown(path) });
        }
    }

    fn closed(&mut self, path: &str, error: &io::Error) {
        let path = if path.is_empty() { ".".to_owned() } else { shown(path) };
        self.problem(SurveyProblem::Closed { path, reason: error.to_string() });
    }

    fn unreadable(&mut self, path: &str, error: &io::Error) {
        self.problem(SurveyProblem::Unreadable { path: shown(path), reason: error.to_string() });
    }

    fn problem(&mut self, problem: SurveyProblem) {
        self.walked.problems.push(problem);
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A name as it may be shown: what could steer a terminal is escaped.
fn shown(name: &str) -> String {
    name.chars().flat_map(|one| if one.is_control() { one.escape_default().collect() } else { vec![one] }).collect()
}

/// `ELOOP`, on Linux and on macOS: too many links, which lead to each other.
fn is_circle(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(40 | 62))
}
