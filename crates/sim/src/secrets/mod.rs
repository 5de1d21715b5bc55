//! AWS Secrets Manager of one account and region: secrets, their versions and staging labels.
//!
//! It encrypts nothing, rotates nothing, and knows no resource policies and no replicas.

mod vault;

mod names;
mod secret;

mod create;
mod delete;
mod input;
mod put;
mod read;

pub use vault::Secrets;
