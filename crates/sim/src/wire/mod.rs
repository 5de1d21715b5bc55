//! The wire protocols: one port, told apart by signature scope and target header.
