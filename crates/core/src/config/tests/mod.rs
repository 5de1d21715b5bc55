//! Configurations, good and bad.

mod agreement;
mod mistakes;
mod sites;
mod values;
