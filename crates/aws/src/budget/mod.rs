//! How many calls this process makes: so few that AWS throttles nobody because of it.
//!
//! ECS counts calls by category, for each account and region, over all who call. Other services are not counted here:
//! they are asked rarely.

mod category;
mod share;

mod shared;

mod allowance;
mod bucket;
mod clock;

pub use category::Category;
pub use share::{InvalidShare, Share};
pub use shared::{Budget, Use};

pub(crate) use allowance::Allowance;
