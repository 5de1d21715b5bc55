//! Plans and layouts, good and bad.

mod layouts;
mod plans;
