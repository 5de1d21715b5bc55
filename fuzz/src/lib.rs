//! What each fuzz target does with the bytes it is given: reads them as a user, AWS or a store would hand them over.
//!
//! None of it may panic, and what was read must hold what it promises. The tests of the workspace run the same
//! functions over `seeds/`, and see there that they are read: each function says whether it could read what it was given.
//! Nothing is called and nothing is written.

pub mod answers;
pub mod configuration;
pub mod stored;
pub mod task_definition;
