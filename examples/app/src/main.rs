//! A small web service, such as Towpath deploys: health, version, description, something protected, a graceful end.
//!
//! It keeps nothing and needs nothing: one static file in an empty image.

mod request;
mod routes;
mod server;

use std::{env, process::ExitCode};

use routes::About;

/// The port where `PORT` names none.
const PORT: u16 = 8080;

fn main() -> ExitCode {
    let port = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(PORT);
    let ended = match env::args().nth(1).as_deref() {
        // An empty image has no `curl` for the container's health check.
        Some("health") => server::is_healthy(port),
        Some(_) | None => server::serve(port, &about()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            server::log(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// What the build gave: the Dockerfile keeps both in the image's environment.
fn about() -> About {
    let given = |name: &str, otherwise: &str| env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    About {
        version: given("VERSION", "0.0.0"),
        git_sha: given("GIT_SHA", "unknown"),
        token: env::var("API_TOKEN").ok().filter(|token| !token.is_empty()),
    }
}
