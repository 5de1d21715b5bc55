//! Configurations, good and bad.

mod agreement;
mod mistakes;
mod signed;
mod sites;
mod values;
