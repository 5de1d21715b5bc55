//! What a look through a build's directory found: its files, or every problem at once.
//!
//! The looking itself is the `SiteFiles` port's; here is what to think of what it came across.

use std::{collections::BTreeMap, fmt};

use crate::policy::PathGlob;

use super::{Content, SitePath};

/// What a survey is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyRules {
    /// The file that a visitor gets first. A directory without it is half-built.
    pub entry: SitePath,
    /// What is left out, by globs from the directory's root.
    pub exclude: Vec<PathGlob>,
}

impl SurveyRules {
    /// Whether everything in the folder of that path, from the directory's root, is left out, so that nobody need look.
    pub fn leaves_out_folder(&self, path: &str) -> bool {
        let whole = |glob: &&PathGlob| glob.to_string().ends_with("/**");
        let inside = format!("{path}/x");
        self.leaves_out(path) || self.exclude.iter().filter(whole).any(|glob| glob.matches(&inside))
    }

    /// Whether the file or folder of that path, from the directory's root, is left out.
    pub fn leaves_out(&self, path: &str) -> bool {
        self.exclude.iter().any(|glob| glob.matches(path))
    }
}

/// Every file of a directory. There is at least one, and the entry is among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    files: BTreeMap<SitePath, Content>,
}

impl Survey {
    /// The files, in the order of their paths' bytes.
    pub fn files(&self) -> &BTreeMap<SitePath, Content> {
        &self.files
    }
}

/// Why a directory cannot be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyError {
    /// The directory, for people.
    pub place: String,
    /// Every problem, at least one.
    pub problems: Vec<SurveyProblem>,
}

impl std::error::Error for SurveyError {}

impl fmt::Display for SurveyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        write!(formatter, "{} cannot be published", self.place)?;
        for problem in self.problems.iter().take(SHOWN) {
            write!(formatter, "\n  {problem}")?;
        }
        match self.problems.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(formatter, "\n  and {more} more"),
        }
    }
}

/// One problem. Paths are from the directory's root, and text is as the machine has it, safe to show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum SurveyProblem {
    /// There is nothing of that name.
    #[error("it does not exist: was the site built?")]
    Missing,
    /// It is something else.
    #[error("it is not a directory")]
    NotADirectory,
    /// It has no file in it that is not left out.
    #[error("it has no files: was the site built?")]
    Empty,
    /// The file that a visitor gets first is not there, or has no bytes.
    #[error("`{0}` is missing or empty: the build is not whole")]
    NoEntry(SitePath),
    /// A folder cannot be looked into.
    #[error("cannot look into `{path}`: {reason}")]
    Closed {
        /// Which.
        path: String,
        /// Why, in the system's words.
        reason: String,
    },
    /// A name that cannot be a key, or not one that is the same everywhere.
    #[error("`{name}` cannot be published: {rule}")]
    BadName {
        /// The name, with what is not text replaced.
        name: String,
        /// The rule that it breaks.
        rule: String,
    },
    /// A link to something that is not in the directory.
    #[error("`{path}` is a link that leads out of the directory, to `{target}`")]
    LeadsOut {
        /// The link.
        path: String,
        /// What it says.
        target: String,
    },
    /// A link to nothing.
    #[error("`{path}` is a link to `{target}`, which is not there")]
    Dangling {
        /// The link.
        path: String,
        /// What it says.
        target: String,
    },
    /// A link that leads to itself, or to a folder that it is in.
    #[error("`{path}` is a link that leads in a circle")]
    Circle {
        /// The link.
        path: String,
    },
    /// Something that is neither a file, a folder nor a link.
    #[error("`{path}` is neither a file nor a folder")]
    NoFile {
        /// Which.
        path: String,
    },
    /// A file that the machine does not give.
    #[error("cannot read `{path}`: {reason}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why, in the system's words.
        reason: String,
    },
    /// A file that was there a moment before.
    #[error("`{path}` vanished while the directory was looked through: is the build still running?")]
    Vanished {
        /// Which.
        path: String,
    },
    /// A file that had other bytes at the end of reading than at its beginning.
    #[error("`{path}` changed while it was read: is the build still running?")]
    Changed {
        /// Which.
        path: String,
    },
    /// Files that are one file where names differ in more than capitals.
    #[error("{} differ only in capital letters", quoted(paths))]
    CaseClash {
        /// All of them.
        paths: Vec<SitePath>,
    },
}

fn quoted(paths: &[SitePath]) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(" and ")
}

/// What was come across so far.
#[derive(Debug, Clone, Default)]
pub struct Gathering {
    files: BTreeMap<SitePath, Content>,
    problems: Vec<SurveyProblem>,
}

impl Gathering {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A file that was read to its end.
    pub fn file(&mut self, path: SitePath, content: Content) {
        self.files.insert(path, content);
    }

    /// A problem.
    pub fn problem(&mut self, problem: SurveyProblem) {
        self.problems.push(problem);
    }

    /// What it amounts to.
    ///
    /// # Errors
    ///
    /// With every problem, those that only the whole shows among them.
    pub fn finish(mut self, place: &str, rules: &SurveyRules) -> Result<Survey, SurveyError> {
        self.problems.extend(case_clashes(self.files.keys()));
        if self.problems.is_empty() {
            self.problems.extend(self.lack(rules));
        }
        if self.problems.is_empty() {
            return Ok(Survey { files: self.files });
        }
        self.problems.sort();
        self.problems.dedup();
        Err(SurveyError { place: place.to_owned(), problems: self.problems })
    }

    /// What is lacking. Not asked where something is wrong already: it may be what is lacking.
    fn lack(&self, rules: &SurveyRules) -> Option<SurveyProblem> {
        if self.files.is_empty() {
            return Some(SurveyProblem::Empty);
        }
        let entry = self.files.get(&rules.entry).is_some_and(|entry| entry.size > 0);
        (!entry).then(|| SurveyProblem::NoEntry(rules.entry.clone()))
    }
}

/// Paths that are one where a file system ignores capitals. S3 does not, but the machines that build do.
fn case_clashes<'a>(paths: impl Iterator<Item = &'a SitePath>) -> Vec<SurveyProblem> {
    let mut alike: BTreeMap<String, Vec<&SitePath>> = BTreeMap::new();
    for path in paths {
        alike.entry(path.as_str().to_lowercase()).or_default().push(path);
    }
    let clashes = alike.into_values().filter(|paths| paths.len() > 1);
    clashes.map(|paths| SurveyProblem::CaseClash { paths: paths.into_iter().cloned().collect() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &[u8])], problems: &[SurveyProblem], expected: &str) {
        let mut gathering = Gathering::new();
        for (path, bytes) in files {
            gathering.file(path.parse().unwrap(), Content::of(bytes));
        }
        for problem in problems {
            gathering.problem(problem.clone());
        }
        let rules = SurveyRules { entry: "index.html".parse().unwrap(), exclude: Vec::new() };
        let found = gathering.finish("dist", &rules);
        let told = found.map_or_else(|error| error.to_string(), |survey| format!("{} files", survey.files().len()));
        assert_eq!(told, expected);
    }

    #[test]
    fn a_directory_is_whole_where_its_entry_has_bytes() {
        check(&[("a.js", b""), ("index.html", b"<p>")], &[], "2 files");
        check(&[], &[], "dist cannot be published\n  it has no files: was the site built?");
        let half = "dist cannot be published\n  `index.html` is missing or empty: the build is not whole";
        check(&[("a.js", b"x")], &[], half);
        check(&[("index.html", b"")], &[], half);
    }

    #[test]
    fn every_problem_is_told_at_once_and_nothing_follows_from_another() {
        let problems = [
            SurveyProblem::Circle { path: "loop".to_owned() },
            SurveyProblem::Vanished { path: "gone".to_owned() },
            SurveyProblem::Circle { path: "loop".to_owned() },
        ];
        let expected = "dist cannot be published\n  `loop` is a link that leads in a circle\n  `gone` vanished while the directory was looked through: is the build still running?\n  `A.js` and `a.js` differ only in capital letters";
        check(&[("a.js", b"x"), ("A.js", b"y")], &problems, expected);
    }

    #[test]
    fn a_thousand_problems_are_counted() {
        let problems: Vec<_> = (0..1000).map(|at| SurveyProblem::NoFile { path: format!("{at:04}") }).collect();
        let mut gathering = Gathering::new();
        for problem in problems {
            gathering.problem(problem);
        }
        let rules = SurveyRules { entry: "index.html".parse().unwrap(), exclude: Vec::new() };
        let told = gathering.finish("dist", &rules).unwrap_err().to_string();
        assert_eq!(told.lines().count(), 22);
        assert!(told.ends_with("and 980 more"));
    }
}
