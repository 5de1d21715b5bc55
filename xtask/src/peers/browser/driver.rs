//! A real browser, driven through chromedriver over loopback: as much of it as the journey needs.
//!
//! It knows nothing of the app or of releases. The browser ends with this value.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::super::{http, programs, server::Server};

/// Headless, a user of its own, and nothing that goes beyond loopback.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    // A container's shared memory may be too small.
    "--disable-dev-shm-usage",
];

/// How long a page and a script in it may take, in milliseconds.
const PATIENCE: u32 = 20_000;

/// Where the browser and its driver are.
#[derive(Debug)]
pub(super) struct Installed {
    browser: PathBuf,
    driver: PathBuf,
}

impl Installed {
    /// Looks for both on the path; otherwise what is missing.
    pub(super) fn find() -> Result<Self, String> {
        let browser = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(programs::on_path);
        let browser = browser.ok_or("there is no chromium on this machine")?;
        let driver = programs::on_path("chromedriver").ok_or("there is no chromedriver on this machine")?;
        Ok(Self { browser, driver })
    }
}

/// A running browser.
#[derive(Debug)]
pub(super) struct Browser {
    driver: Driver,
    session: String,
}

/// The program that starts browsers.
#[derive(Debug)]
struct Driver(Server);

impl Browser {
    /// Starts one whose user is new, with everything that it writes below `folder`.
    pub(super) fn start(installed: &Installed, folder: &Path) -> Result<Self> {
        let profile = folder.join("profile");
        fs::create_dir_all(&profile).with_context(|| profile.display().to_string())?;
        let driver = Driver(Server::start(&folder.join("chromedriver.log"), |address| {
            let mut command = Command::new(&installed.driver);
            command.arg(format!("--port={}", address.port())).env_clear();
            command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder);
            command
        })?);
        let flags = FLAGS.map(str::to_owned).into_iter().chain([format!("--user-data-dir={}", profile.display())]);
        let options = json!({ "binary": installed.browser, "args": flags.collect::<Vec<_>>() });
        let timeouts = json!({ "script": PATIENCE, "pageLoad": PATIENCE });
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": options, "timeouts": timeouts });
        let made = driver.send("", &json!({ "capabilities": { "alwaysMatch": wanted } }))?;
        let session = made["sessionId"].as_str().context("the driver names no session")?.to_owned();
        Ok(Self { driver, session })
    }

    /// Goes to the address, and comes back when all of the page is loaded.
    pub(super) fn visit(&self, address: &str) -> Result<()> {
        self.post("url", &json!({ "url": address })).map(drop)
    }

    /// Forgets what it has cached, as somebody who comes for the first time.
    pub(super) fn forget(&self) -> Result<()> {
        self.post("goog/cdp/execute", &json!({ "cmd": "Network.clearBrowserCache", "params": {} })).map(drop)
    }

    /// What the script gives to its last argument, which is a function.
    pub(super) fn evaluate(&self, script: &str) -> Result<Value> {
        self.post("execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Opens a tab and goes on in it.
    pub(super) fn open_tab(&self) -> Result<Tab> {
        let made = self.post("window/new", &json!({ "type": "tab" }))?;
        let tab = Tab(made["handle"].as_str().context("the driver names no tab")?.to_owned());
        self.turn_to(&tab)?;
        Ok(tab)
    }

    /// Goes on in this tab; the others stay as they are.
    pub(super) fn turn_to(&self, tab: &Tab) -> Result<()> {
        self.post("window", &json!({ "handle": tab.0 })).map(drop)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.driver.send(&format!("/{}/{path}", self.session), body)
    }
}

impl Driver {
    fn send(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = http::send(self.0.address(), "POST", &format!("/session{path}"), &body.to_string())?;
        Ok(answer["value"].clone())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Its browser would be left behind if it were killed first. Where it does not answer, nothing can be done.
        drop(http::send(self.0.address(), "GET", "/shutdown", ""));
    }
}

/// A tab of the browser.
#[derive(Debug)]
pub(super) struct Tab(String);
