//! Every method of the ports against the simulator: what AWS means by its answers.
//!
//! What the wire proves when it fails is tested in `loopback`.

// A helper may unwrap as a test may: `cfg(test)` says that it belongs to one.
#[cfg(test)]
mod layout;
#[cfg(test)]
mod shop;

#[cfg(test)]
mod budget;
#[cfg(test)]
mod bundles;
#[cfg(test)]
mod copying;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod images;
#[cfg(test)]
mod rollouts;
#[cfg(test)]
mod scans;
#[cfg(test)]
mod site;
#[cfg(test)]
mod task_definitions;
#[cfg(test)]
mod who;
