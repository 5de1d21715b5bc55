//! The control interface under `/_sim/`: time, faults, images, and looking in.
//!
//! It is for people and tests, not for AWS clients, and asks for no credentials.

mod routes;

pub(crate) use routes::answer;
