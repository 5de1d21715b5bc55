//! Which request of the control interface does what.
//!
//! Mistakes are answered with 400 and a sentence that says what to write instead.

use std::time::Duration;

use hyper::{Method, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    ecr::ScanSpec, faults::Fault, images::ImageSpec, scenario::AlarmSpec, simulator::Shared, wire::reply::Reply,
};

/// The longest step of the clock: a year.
const LONGEST: f64 = 366.0 * 86_400.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

/// Answers a request to `/_sim/` and `path`.
pub(crate) fn answer(shared: &Shared, method: &Method, path: &str, body: &[u8]) -> Reply {
    let answered = match (method.as_str(), path) {
        ("GET", "clock") => Ok(clock(shared)),
        ("POST", "advance") => advance(shared, body),
        ("GET", "calls") => Ok(json!({"calls": shared.world().calls.all()})),
        ("DELETE", "calls") => {
            shared.world().calls.clear();
            Ok(json!({}))
        }
        ("GET", "faults") => Ok(json!({"faults": shared.world().estate.faults.shown()})),
        ("POST", "faults") => add_fault(shared, body),
        ("DELETE", "faults") => {
            shared.clear_faults();
            Ok(json!({}))
        }
        ("POST", "images") => set_image(shared, body),
        ("POST", "scans") => set_scan(shared, body),
        ("GET", "alarms") => Ok(json!({"alarms": shared.world().estate.shown_alarms()})),
        ("POST", "alarms") => set_alarm(shared, body),
        ("GET", "objects") => Ok(json!({"objects": shared.storage().shown()})),
        ("GET", "uploads") => Ok(json!({"uploads": shared.storage().under_way()})),
        ("GET", "invalidations") => Ok(invalidations(shared)),
        ("GET", "state") => state(shared),
        (
            _,
            "clock" | "advance" | "calls" | "faults" | "images" | "scans" | "alarms" | "objects" | "uploads"
            | "invalidations" | "state",
        ) => {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, "this path does not know that method");
        }
        (_, _) => {
            return refusal(
                StatusCode::NOT_FOUND,
                "there are /_sim/clock, advance, calls, faults, images, scans, alarms, objects, uploads, invalidations and state",
            );
        }
    };
    match answered {
        Ok(value) => Reply::json(StatusCode::OK, &value),
        Err(problem) => refusal(StatusCode::BAD_REQUEST, &problem),
    }
}

fn refusal(status: StatusCode, problem: &str) -> Reply {
    Reply::json(status, &json!({"error": problem}))
}

fn clock(shared: &Shared) -> Value {
    let world = shared.world();
    json!({"now": world.clock.now(), "pace": world.clock.pace(), "next": world.estate.next_step()})
}

fn advance(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let Advance { seconds } = read(body, "{\"seconds\": 60}")?;
    let step = Duration::try_from_secs_f64(seconds).ok().filter(|_| seconds <= LONGEST);
    let step = step.ok_or_else(|| format!("`seconds` is {seconds}, but has to be between 0 and {LONGEST}"))?;
    shared.world().advance(step);
    Ok(clock(shared))
}

fn add_fault(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let fault: Fault = read(body, "{\"operation\": \"UpdateService\", \"kind\": \"throttle\"}")?;
    if let Some(problem) = fault.defect() {
        return Err(problem.to_owned());
    }
    let mut world = shared.world();
    world.estate.faults.add(fault);
    world.is_dirty = true;
    Ok(json!({}))
}

fn set_image(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let image: ImageSpec =
        read(body, "{\"repository\": \"shop-api\", \"tags\": [\"1.0.0\"], \"behaviour\": {\"version\": \"1.0.0\"}}")?;
    let digest = shared.world().set_image(&image).map_err(|error| error.to_string())?;
    Ok(json!({"digest": digest}))
}

fn set_scan(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let scan: ScanSpec = read(body, "{\"repository\": \"shop-api\", \"counts\": {\"CRITICAL\": 1}}")?;
    let set = shared.world().set_scan(&scan);
    set.map(|()| json!({})).map_err(|error| error.message)
}

fn set_alarm(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let alarm: AlarmSpec = read(body, "{\"name\": \"shop-api-5xx\", \"state\": \"ALARM\"}")?;
    let made = shared.world().set_alarm(&alarm);
    made.map(|()| json!({})).map_err(|error| error.message)
}

fn invalidations(shared: &Shared) -> Value {
    let mut world = shared.world();
    let now = world.step();
    json!({"invalidations": world.estate.cloudfront.shown(now)})
}

fn state(shared: &Shared) -> Result<Value, String> {
    serde_json::to_value(&shared.world().estate).map_err(|error| error.to_string())
}

fn read<T: DeserializeOwned>(body: &[u8], example: &str) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("{error}; write for example {example}"))
}
