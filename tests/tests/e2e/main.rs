//! The real engine and the real AWS adapters against the simulator over loopback HTTP.

mod story;
