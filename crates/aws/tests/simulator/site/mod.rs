//! A site's bucket on the simulated S3 and its distribution: every method of the port, and every way in which it goes wrong.

mod stage;

mod cdn;
mod copies;
mod deletions;
mod listing;
mod marker;
mod owner;
mod parts;
mod uploads;
