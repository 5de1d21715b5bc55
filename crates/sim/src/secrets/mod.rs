//! AWS Secrets Manager of one account and region: secrets, their versions and staging labels.
//!
//! It encrypts nothing, rotates nothing, and knows no resource policies and no replicas.

mod read;
mod secret;
mod vault;
mod write;

pub use vault::Secrets;
