//! The same with a site: what visitors get, at every moment and at the end, whatever goes wrong with any call.

mod run;
mod scene;
mod stories;
mod story;

use run::SiteSweep;
use scene::Knobs;
use story::Story;

use super::{super::sites::SiteStage, Place, Tally, is_change, run::Known};

/// Every call that the story makes where nothing goes wrong.
fn places(story: Story, knobs: Knobs, past: &SiteStage) -> Vec<Place> {
    let mut sweep = SiteSweep::new(story, knobs, past, None);
    let report = sweep.begin().expect("nothing goes wrong, so there is a report");
    sweep.require(report.outcome == story.outcome(), "it ends as it should where nothing goes wrong");
    sweep.stage.stage.ports.calls()
}

/// The calls to sabotage. Where those before the first change are the same in another story or with other knobs, those
/// from the first change on are enough.
fn places_that_differ(story: Story, knobs: Knobs, past: &SiteStage) -> Vec<Place> {
    let all = places(story, knobs, past);
    let first = all.iter().position(|(operation, _)| is_change(operation)).unwrap_or(0);
    if knobs == Knobs::USUAL && !story.begins_like_another() { all } else { all[first..].to_vec() }
}

/// Runs all that can go wrong; there must have been at least so many runs.
fn check(story: Story, least: usize) {
    let mut tally = Tally::default();
    let mut known = Known::default();
    for knobs in story.knobs().iter().copied() {
        let past = story.past(knobs);
        for place in places_that_differ(story, knobs, &past) {
            tally.at(place, &format!("{knobs:?}"), |sabotage| {
                if story.is_blind_to(&sabotage) {
                    return Vec::new();
                }
                SiteSweep::new(story, knobs, &past, Some(sabotage)).all(&mut known)
            });
        }
    }
    let runs = tally.all_hold(&format!("{story:?}"), known.len());
    assert!(runs >= least, "{story:?}: only {runs} sabotaged promotions");
}
