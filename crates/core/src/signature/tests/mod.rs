//! What signatures amount to, and what is read of those that are handed in.

mod judging;
mod splitting;
