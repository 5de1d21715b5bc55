//! Each story of a site by name: they run side by side, and a failure names its story.

use super::{check, places, scene::Knobs, story::Story};

#[test]
fn the_first_release_of_a_site_is_told_truly_whatever_goes_wrong() {
    check(Story::First, 690);
}

#[test]
fn a_site_that_nobody_is_asked_about_is_told_truly_whatever_goes_wrong() {
    check(Story::Unasked, 520);
}

#[test]
fn a_first_release_that_visitors_do_not_get_is_told_truly_whatever_goes_wrong() {
    check(Story::FirstFails, 780);
}

#[test]
fn a_person_who_goes_back_to_a_site_is_told_truly_whatever_goes_wrong() {
    check(Story::Restores, 650);
}

#[test]
fn a_site_whose_marker_is_lost_is_told_truly_whatever_goes_wrong() {
    check(Story::MarkerLost, 750);
}

#[test]
fn a_switch_that_goes_on_after_a_death_is_told_truly_whatever_goes_wrong() {
    check(Story::ResumesForward, 580);
}

#[test]
fn a_way_back_of_a_site_that_goes_on_after_a_death_is_told_truly_whatever_goes_wrong() {
    check(Story::ResumesBack, 440);
}

/// These are not sabotaged yet.
#[test]
fn the_other_stories_end_as_they_should_where_nothing_goes_wrong() {
    let others = [
        Story::Next,
        Story::Fails,
        Story::Together,
        Story::ServiceFails,
        Story::SiteFails,
        Story::Elsewhere,
        Story::Large,
        Story::Cleans,
        Story::Superseded,
    ];
    for (story, knobs) in others.into_iter().flat_map(|story| Knobs::ALL.map(|knobs| (story, knobs))) {
        assert!(!places(story, knobs).is_empty());
    }
}
