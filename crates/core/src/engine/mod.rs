//! The engine: the only loop. It observes through ports, asks the domain, journals the event, performs the effect.
//!
//! It chooses nothing: what is done next is [`Promotion::outstanding`](crate::promotion::Promotion::outstanding)'s word.

mod build;
mod busy;
mod call;
mod cancel;
mod check;
mod conclude;
mod document;
mod entry;
mod evidence;
mod facts;
mod foresee;
mod keep;
mod looks;
mod near;
mod notice;
mod pause;
mod plan;
mod planning;
mod preflight;
mod publish;
mod register;
mod report;
mod run;
mod scans;
mod signatures;
mod site;
mod smoke;
mod status;
mod suspect;
mod update;
mod watch;
mod watch_back;
mod way_back;
mod world;

pub use build::{
    BuildFailure, BuildNotice, BuildObserver, BuildReport, ComponentReport, Given, KeepSiteError, KeptSite, ScanRun,
    TagReport, Workshop, keep_site,
};
pub use entry::{Engine, EngineError, PromoteRequest};
pub use notice::{Notice, Observer, Silent};
pub use plan::{Checked, Plan};
pub use report::Report;
pub use scans::ScanSearch;
pub use signatures::SignatureSearch;
pub use site::{SiteOutlook, SitePorts, SiteVerification};
pub use status::{ComponentStatus, EnvironmentStatus, Health, SiteStatus};
pub use world::{Interrupt, Settings, World};

#[cfg(test)]
mod tests;
