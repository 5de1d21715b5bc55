//! Registries in memory.

mod fake;

mod publish;

mod port;

#[cfg(test)]
mod tests;

pub use fake::FakeImages;
