//! The engine on the fakes: what it claims, what it sends, what it keeps, whatever goes wrong with any one call.

mod executor;
mod sabotage;
mod stage;

mod sweep;
mod lost_lease;
mod several;
mod detection;
mod way_back;
mod never;
