//! What the end-to-end tests stand on: the real engine and adapters against the simulator, on the simulator's time.

mod agenda;
mod clock;
mod mortal;
pub mod scenario;
mod stage;

pub use agenda::{Act, Agenda};
pub use clock::SimulatedClock;
pub use mortal::{Death, MortalStore};
pub use stage::{COMMITS, REPOSITORY, SCENARIO, SECRET_KEY, Stage, release};
