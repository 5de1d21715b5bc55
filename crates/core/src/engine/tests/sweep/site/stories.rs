//! Each story of a site by name: they run side by side, and a failure names its story.

use super::{check, story::Story};

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

#[test]
fn a_site_s_release_after_another_is_told_truly_whatever_goes_wrong() {
    check(Story::Next, 1_090);
}

#[test]
fn a_release_that_visitors_do_not_get_is_told_truly_whatever_goes_wrong() {
    check(Story::Fails, 1_170);
}

#[test]
fn a_site_beside_a_service_is_told_truly_whatever_goes_wrong() {
    check(Story::Together, 770);
}

#[test]
fn a_service_beside_a_site_that_visitors_do_not_get_is_told_truly_whatever_goes_wrong() {
    check(Story::SiteFails, 1_710);
}

#[test]
fn a_site_that_is_copied_from_another_environment_is_told_truly_whatever_goes_wrong() {
    check(Story::Elsewhere, 680);
}

#[test]
fn a_large_file_that_is_overwritten_is_told_truly_whatever_goes_wrong() {
    check(Story::Large, 1_300);
}

#[test]
fn what_is_deleted_last_is_told_truly_whatever_goes_wrong() {
    check(Story::Cleans, 490);
}

#[test]
fn a_site_beside_a_service_that_ecs_takes_back_is_told_truly_whatever_goes_wrong() {
    check(Story::ServiceFails, 2_140);
}

#[test]
fn a_site_that_somebody_else_publishes_meanwhile_is_told_truly_whatever_goes_wrong() {
    check(Story::Superseded, 350);
}
