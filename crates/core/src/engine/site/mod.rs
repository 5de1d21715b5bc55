//! Sites: what the effects of a promotion are for them, one file each.

mod account;

pub(super) use account::{trouble_of, unverified};
