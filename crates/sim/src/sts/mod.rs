//! AWS STS: who somebody is, and taking on a role.
//!
//! Every role exists, everybody may take it on, and its session never expires: there is no IAM behind it.

mod identity;
mod sessions;

pub(crate) use identity::{Caller, is_account};
pub use sessions::Sessions;
