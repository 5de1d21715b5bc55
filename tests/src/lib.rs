//! What the end-to-end tests stand on: the real engine and adapters against the simulator, on the simulator's time.

mod clock;
mod mortal;
mod stage;

pub use clock::SimulatedClock;
pub use mortal::{Death, MortalStore};
pub use stage::{COMMITS, SCENARIO, Stage, release};
