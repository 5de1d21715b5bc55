//! A site's directory: every problem at once, right hashes, and never other bytes than those that were asked for.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::{
    fs,
    os::unix::{ffi::OsStrExt as _, fs::symlink},
    path::{Path, PathBuf},
    process::Command,
};

use futures_util::StreamExt as _;
use tempfile::TempDir;
use towpath_core::{
    ports::{FileBytes, FileError, SiteFiles as _, WHOLE_LIMIT},
    site::{Content, SitePath, Survey, SurveyError, SurveyRules},
};
use towpath_host::{SiteBuildError, SiteDirectory, run_site_build};

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
    folder
}

fn directory(folder: &Path) -> SiteDirectory {
    SiteDirectory::new(folder.to_owned(), "dist".to_owned())
}

async fn survey(folder: &Path, exclude: &[&str]) -> Result<Survey, SurveyError> {
    let exclude = exclude.iter().map(|glob| glob.parse().unwrap()).collect();
    let rules = SurveyRules { entry: "index.html".parse().unwrap(), exclude };
    directory(folder).survey(&rules).await
}

async fn problems(folder: &Path, exclude: &[&str]) -> String {
    let told = survey(folder, exclude).await.unwrap_err().to_string();
    told.replace(&folder.display().to_string(), "ROOT")
}

fn path(path: &str) -> SitePath {
    path.parse().unwrap()
}

#[tokio::test]
async fn every_file_is_there_with_what_its_bytes_hash_to() {
    let large = vec![7; 3 * 1024 * 1024 + 1];
    let files: [(&str, &[u8]); 4] =
        [("index.html", b"<p>"), ("a/b c/ü.js", b""), ("large.bin", &large), (".well-known/x", b"y")];
    let folder = folder(&files);
    let found = survey(folder.path(), &[]).await.unwrap();
    let expected = files.map(|(name, bytes)| (path(name), Content::of(bytes)));
    assert_eq!(*found.files(), expected.into());
}

#[tokio::test]
async fn links_that_stay_inside_count_as_what_they_lead_to() {
    let folder = folder(&[("index.html", b"<p>"), ("real/a.js", b"a")]);
    symlink("real", folder.path().join("link")).unwrap();
    symlink("../index.html", folder.path().join("real/start.html")).unwrap();
    let found = survey(folder.path(), &[]).await.unwrap();
    let paths: Vec<_> = found.files().keys().map(SitePath::as_str).collect();
    assert_eq!(paths, ["index.html", "link/a.js", "link/start.html", "real/a.js", "real/start.html"]);
    let whole = directory(folder.path()).read(&path("link/a.js"), &Content::of(b"a")).await.unwrap();
    assert!(matches!(whole, FileBytes::Whole(bytes) if *bytes == b"a"[..]));
}

#[tokio::test]
async fn every_problem_is_told_at_once_and_what_is_excluded_is_none() {
    let folder = folder(&[("index.html", b"<p>"), ("A.css", b""), ("a.css", b""), ("x\\y.js", b"")]);
    let at = |name: &str| folder.path().join(name);
    symlink("nowhere", at("dangling")).unwrap();
    symlink("/etc/hostname", at("outside")).unwrap();
    symlink(".", at("loop")).unwrap();
    symlink("ring", at("ring")).unwrap();
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.js")), b"").unwrap();
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    insta::assert_snapshot!(problems(folder.path(), &[]).await, @r"
    dist cannot be published
      `x\y.js` cannot be published: use neither backslashes nor control characters
      `�.js` cannot be published: its name is not UTF-8
      `outside` is a link that leads out of the directory, to `/etc/hostname`
      `dangling` is a link to `nowhere`, which is not there
      `loop` is a link that leads in a circle
      `ring` is a link that leads in a circle
      `pipe` is neither a file nor a folder
      `A.css` and `a.css` differ only in capital letters
    ");
    fs::remove_file(folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.js"))).unwrap();
    let excluded = ["dangling", "outside", "loop", "ring", "pipe", "A.css", "x*.js", "x?y.js"];
    assert_eq!(survey(folder.path(), &excluded).await.unwrap().files().len(), 2);
}

#[tokio::test]
async fn a_directory_that_was_not_built_is_told_as_such() {
    let empty = folder(&[(".DS_Store", b"x")]);
    let check = async |place: PathBuf, expected: &str| {
        assert_eq!(problems(&place, &["**/.DS_Store"]).await, format!("dist cannot be published\n  {expected}"));
    };
    check(empty.path().to_owned(), "it has no files: was the site built?").await;
    check(empty.path().join("dist"), "it does not exist: was the site built?").await;
    check(empty.path().join(".DS_Store"), "it is not a directory").await;
    let half = folder(&[("assets/a.js", b"x")]);
    check(half.path().to_owned(), "`index.html` is missing or empty: the build is not whole").await;
}

/// All bytes of a file, or why not, with how many came before that.
async fn read(directory: &SiteDirectory, name: &str, content: &Content) -> Result<Vec<u8>, (usize, FileError)> {
    let mut all = Vec::new();
    match directory.read(&path(name), content).await.map_err(|error| (0, error))? {
        FileBytes::Whole(bytes) => all.extend_from_slice(&bytes),
        FileBytes::Pieces(mut pieces) => {
            while let Some(piece) = pieces.next().await {
                let piece = piece.map_err(|error| (all.len(), error))?;
                assert!(piece.len() <= 1024 * 1024);
                all.extend_from_slice(&piece);
            }
        }
    }
    Ok(all)
}

#[tokio::test]
async fn files_of_every_size_come_as_they_are_however_often_they_are_asked_for() {
    let limit = usize::try_from(WHOLE_LIMIT).unwrap();
    for size in [0, 1, limit, limit + 1, 2 * limit, 5 * limit + 3] {
        let bytes: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let folder = folder(&[("f", &bytes)]);
        for _ in 0..2 {
            let found = read(&directory(folder.path()), "f", &Content::of(&bytes)).await;
            assert!(found == Ok(bytes.clone()), "{size}");
        }
    }
}

#[tokio::test]
async fn bytes_that_changed_never_come_whole() {
    let limit = usize::try_from(WHOLE_LIMIT).unwrap();
    for size in [3, limit, 3 * limit + 1] {
        let before = vec![1; size];
        let content = Content::of(&before);
        let mut other = before.clone();
        other[size - 1] = 2;
        for after in [other, before[..size - 1].to_vec(), [before.clone(), vec![1]].concat()] {
            let folder = folder(&[("f", &after)]);
            let (came, error) = read(&directory(folder.path()), "f", &content).await.unwrap_err();
            assert_eq!(error, FileError::Changed(path("f")));
            assert!(came < size, "{came} of {size}");
        }
    }
    let nothing = folder(&[]);
    let gone = read(&directory(nothing.path()), "f", &Content::of(b"x")).await.unwrap_err();
    assert_eq!(gone, (0, FileError::Gone(path("f"))));
}

#[tokio::test]
async fn a_build_command_is_run_in_its_folder_and_its_failure_is_told() {
    let folder = folder(&[]);
    let words = |script: &str| ["sh", "-c", script].map(str::to_owned).to_vec();
    run_site_build(folder.path(), &words("mkdir dist && echo hello > dist/index.html")).await.unwrap();
    assert!(survey(&folder.path().join("dist"), &[]).await.is_ok());
    let failed = run_site_build(folder.path(), &words("exit 3")).await.unwrap_err();
    assert_eq!(failed.to_string(), "`sh -c exit 3` failed: exit status: 3");
    let missing = run_site_build(folder.path(), &["no-such-program".to_owned()]).await.unwrap_err();
    assert!(matches!(missing, SiteBuildError::NotStarted { .. }), "{missing}");
    assert!(matches!(run_site_build(folder.path(), &[]).await, Err(SiteBuildError::NoCommand)));
}
