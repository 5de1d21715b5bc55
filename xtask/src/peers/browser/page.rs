//! What a visitor sees of the app, and whether it is one release.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::driver::Browser;

/// Presses the button, waits for what it loads, and tells of which release each part of the page is.
const PRESS_AND_LOOK: &str = "const done = arguments[0];
const look = () => {
  const place = document.querySelector('main')?.dataset ?? {};
  const quoted = getComputedStyle(document.documentElement).getPropertyValue('--release');
  done({
    page: document.querySelector('meta[name=release]')?.content ?? document.body.innerText.slice(0, 200),
    script: place.script, style: quoted.replaceAll('\"', '').trim(), details: place.details,
    pictures: [...document.images].filter(image => image.naturalWidth === 0).map(image => image.src),
    problems: window.problems ?? ['it is no page of the app'],
  });
};
document.querySelector('button')?.click();
Promise.resolve(window.opened).catch(error => window.problems.push(String(error))).then(look);";

/// The parts that every whole page has.
const PARTS: [&str; 4] = ["page", "script", "style", "details"];

/// Visits the address as somebody who was never there, and answers which release it is, wholly.
pub(super) fn visit(browser: &Browser, address: &str) -> Result<String> {
    open(browser, address)?;
    look(browser)
}

/// Visits the address, and leaves the details alone.
pub(super) fn open(browser: &Browser, address: &str) -> Result<()> {
    browser.forget()?;
    browser.visit(address)
}

/// Has the details loaded in the page that is open, and answers which release all of it is.
pub(super) fn look(browser: &Browser) -> Result<String> {
    whole(&browser.evaluate(PRESS_AND_LOOK)?)
}

/// The release of which all parts are; an error says what is missing or mixed.
fn whole(seen: &Value) -> Result<String> {
    let list = |name: &str| -> Vec<String> {
        let entries = seen[name].as_array().into_iter().flatten();
        entries.map(|entry| entry.as_str().unwrap_or_default().to_owned()).collect()
    };
    let problems = [list("problems"), list("pictures")].concat();
    ensure!(problems.is_empty(), "{}", problems.join("; "));
    let release = seen["page"].as_str().context("there is no page")?;
    for part in PARTS {
        let of = seen[part].as_str().unwrap_or("nothing");
        ensure!(of == release, "the {part} is of {of}, and the page of {release}");
    }
    Ok(release.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(change: &Value, expected: Result<&str, &str>) {
        let mut seen =
            json!({ "page": "1", "script": "1", "style": "1", "details": "1", "pictures": [], "problems": [] });
        for (name, value) in change.as_object().unwrap() {
            seen[name] = value.clone();
        }
        let found = whole(&seen).map_err(|error| error.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn a_page_is_whole_when_all_parts_are_of_one_release_and_nothing_went_wrong() {
        check(&json!({}), Ok("1"));
        check(&json!({ "details": "2" }), Err("the details is of 2, and the page of 1"));
        check(&json!({ "script": null }), Err("the script is of nothing, and the page of 1"));
        check(&json!({ "pictures": ["/a.svg"] }), Err("/a.svg"));
        check(&json!({ "problems": ["could not load /main.js"] }), Err("could not load /main.js"));
    }
}
