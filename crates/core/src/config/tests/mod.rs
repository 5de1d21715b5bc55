//! Configurations, good and bad.

mod agreement;
mod mistakes;
mod values;
