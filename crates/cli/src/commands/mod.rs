//! The commands: one file each, its options beside what it does.

pub(crate) mod init;

pub(crate) mod check;

mod bench;

pub(crate) mod build;

mod judged;
pub(crate) mod plan;
pub(crate) mod release;
mod release_create;
mod release_show;
mod release_verify;
pub(crate) mod scan;
mod scan_run;
pub(crate) mod signatures;

mod confirm;

pub(crate) mod promote;
pub(crate) mod resume;
pub(crate) mod rollback;
pub(crate) mod site;

pub(crate) mod go_on;

mod follow;
pub(crate) mod wait;

pub(crate) mod drill;

pub(crate) mod history;
pub(crate) mod ledger;
pub(crate) mod logs;
pub(crate) mod policy;
pub(crate) mod status;

pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod sim;
