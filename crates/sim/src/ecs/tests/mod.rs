//! The simulator's ECS as a client sees it, at stepped times.

#![expect(clippy::needless_pass_by_value, reason = "inputs are written in place with json!")]

mod scene;

mod rollout;

mod failure;

mod staged;

mod hooks;

mod alarms;

mod early;

mod controllers;

mod actors;

mod odd;

mod guesses;

mod timelines;

mod capacity;

mod endings;

mod rollback;

mod interference;

mod settings;

mod bounds;

mod chaos;

mod refusals;

mod documents;

mod one_off;

mod lists;
