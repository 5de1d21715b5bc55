//! The single page app that is published before the peers, built as bundlers build one: names with their content's hash, a
//! chunk that is loaded when it is asked for, pictures, and one page that refers to all of it.
//!
//! Every file says of which release it is, so that a mixture of two shows. There is no bundler here: what it would do
//! is a hash in a name.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result};
use towpath_core::identifier::Digest;

/// Enough that no client has all on their way at once.
const PICTURES: usize = 24;

/// What every page does first: it remembers whatever goes wrong in it.
const WITNESS: &str = "window.problems = [];
addEventListener('error', event => problems.push(event.message || 'could not load ' + (event.target.src || event.target.href)), true);
addEventListener('unhandledrejection', event => problems.push(String(event.reason)));";

/// Builds the release into `folder`, in which nothing is left of another.
pub(crate) fn build(folder: &Path, release: &str) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let details = written(folder, "static/js/details", "js", &details(release))?;
    let pictures = (0..PICTURES)
        .map(|number| written(folder, &format!("static/media/{number}"), "svg", &picture(release, number)));
    let pictures = pictures.collect::<Result<Vec<_>>>()?;
    let script = written(folder, "static/js/main", "js", &script(release, &details, &pictures))?;
    let style = written(folder, "static/css/main", "css", &format!(":root {{ --release: \"{release}\" }}"))?;
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Shop</title>\n\
         <meta name=\"release\" content=\"{release}\"><script>{WITNESS}</script>\n\
         <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"{style}\">\n\
         <script type=\"module\" src=\"{script}\"></script></head><body><main></main></body></html>\n"
    );
    fs::write(folder.join("index.html"), page).context("index.html")
}

/// Writes a file whose name has its content's hash, and answers how pages refer to it.
fn written(folder: &Path, stem: &str, extension: &str, content: &str) -> Result<String> {
    let name = format!("{stem}.{}.{extension}", Digest::of(content.as_bytes()).short());
    let path = folder.join(&name);
    path.parent().map(fs::create_dir_all).transpose().with_context(|| name.clone())?;
    fs::write(&path, content).with_context(|| name.clone())?;
    Ok(format!("/{name}"))
}

fn details(release: &str) -> String {
    format!("export const show = place => {{ place.dataset.details = '{release}'; }};\n")
}

fn picture(release: &str, number: usize) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"><title>{number} of {release}</title></svg>\n"
    )
}

/// Shows the pictures, and loads the details when their button is pressed.
fn script(release: &str, details: &str, pictures: &[String]) -> String {
    let pictures = pictures.iter().fold(String::new(), |mut text, picture| {
        // Writing to a text cannot fail.
        let _infallible = write!(text, "<img alt=\"\" src=\"{picture}\">");
        text
    });
    format!(
        "const place = document.querySelector('main');\n\
         place.dataset.script = '{release}';\n\
         place.innerHTML = '<h1>Shop {release}</h1><button>Details</button>{pictures}';\n\
         place.querySelector('button').addEventListener('click', () => {{\n\
         \x20 window.opened = import('{details}').then(chunk => chunk.show(place));\n\
         }});\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(release: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        build(folder.path(), release).unwrap();
        let mut names = Vec::new();
        for part in ["static/js", "static/css", "static/media"] {
            let files = fs::read_dir(folder.path().join(part)).unwrap();
            names.extend(files.map(|file| format!("{part}/{}", file.unwrap().file_name().display())));
        }
        names.sort();
        names
    }

    #[test]
    fn one_release_is_built_the_same_every_time_and_shares_no_hashed_file_with_another() {
        assert_eq!(names("1.0.0"), names("1.0.0"));
        let (old, new) = (names("1.0.0"), names("1.1.0"));
        assert_eq!(old.len(), PICTURES + 3);
        assert!(old.iter().all(|name| !new.contains(name)), "{old:?} {new:?}");
    }
}
