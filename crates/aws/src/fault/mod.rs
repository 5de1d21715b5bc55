//! What AWS's error codes mean: what all services share here, and one file for what each has of its own.
//!
//! Codes decide; messages are read only where AWS has one code for several things.

mod cloud_front;
mod cloud_watch;
mod denial;
mod ecr;
mod ecs;
mod load_balancing;
mod logs;
mod s3;
mod secrets;
mod shared;
mod sts;

pub(crate) use cloud_front::fault as cloud_front;
pub(crate) use cloud_watch::fault as cloud_watch;
pub(crate) use denial::read as denied;
pub(crate) use ecr::fault as ecr;
pub(crate) use ecs::{fault as ecs, is_without_service_deployments};
pub(crate) use load_balancing::fault as load_balancing;
pub(crate) use logs::fault as logs;
pub(crate) use s3::fault as s3;
pub(crate) use secrets::fault as secrets;
pub(crate) use shared::{Codes, Meaning, meaning, wording};
pub(crate) use sts::fault as sts;
