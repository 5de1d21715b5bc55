//! The engine on the fakes: what it claims, what it sends, what it keeps, whatever goes wrong with any one call.

mod executor;
mod sabotage;
mod stage;

mod busy;
mod detection;
mod lost_lease;
mod never;
mod publishing;
mod rollouts;
mod scans;
mod several;
mod signatures;
mod sites;
mod sweep;
mod way_back;
