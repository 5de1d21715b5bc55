//! Each story by name: they run side by side, and a failure names its story.

use super::{check, play::Play};

#[test]
fn a_good_release_is_told_truly_whatever_goes_wrong() {
    check(Play::Good, 1);
}

#[test]
fn a_release_that_fails_its_smoke_checks_is_told_truly_whatever_goes_wrong() {
    check(Play::FailsSmoke, 1);
}

#[test]
fn a_release_that_ecs_takes_back_is_told_truly_whatever_goes_wrong() {
    check(Play::BreakerRollsBack, 1);
}

#[test]
fn a_release_that_ecs_gives_up_is_told_truly_whatever_goes_wrong() {
    check(Play::BreakerStops, 1);
}

#[test]
fn a_release_that_crashes_for_ever_is_told_truly_whatever_goes_wrong() {
    check(Play::CrashLoops, 1);
}

#[test]
fn a_release_that_passes_at_the_test_listener_is_told_truly_whatever_goes_wrong() {
    check(Play::PassesAtTestListener, 1);
}

#[test]
fn a_release_that_fails_at_the_test_listener_is_told_truly_whatever_goes_wrong() {
    check(Play::FailsAtTestListener, 1);
}

#[test]
fn a_release_that_a_person_lets_go_on_is_told_truly_whatever_goes_wrong() {
    check(Play::PersonContinues, 1);
}

#[test]
fn a_release_that_a_person_declines_is_told_truly_whatever_goes_wrong() {
    check(Play::PersonDeclines, 1);
}

#[test]
fn a_release_that_waits_for_somebodys_rollout_is_told_truly_whatever_goes_wrong() {
    check(Play::WaitsForSomebody, 1);
}

#[test]
fn a_fix_of_somebodys_broken_rollout_is_told_truly_whatever_goes_wrong() {
    check(Play::DeploysOver, 1);
}

#[test]
fn a_bad_fix_of_somebodys_broken_rollout_is_told_truly_whatever_goes_wrong() {
    check(Play::DeploysOverAndFails, 1);
}

#[test]
fn a_drill_is_told_truly_whatever_goes_wrong() {
    check(Play::Drill, 1);
}

#[test]
fn a_drill_that_nothing_finds_is_told_truly_whatever_goes_wrong() {
    check(Play::UndetectedDrill, 1);
}

#[test]
fn a_way_back_that_fails_is_told_truly_whatever_goes_wrong() {
    check(Play::WayBackFails, 1);
}

#[test]
fn a_way_back_to_a_revision_that_is_gone_is_told_truly_whatever_goes_wrong() {
    check(Play::TargetGone, 1);
}

#[test]
fn a_changed_configuration_of_a_bad_release_is_told_truly_whatever_goes_wrong() {
    check(Play::ConfigurationFailsSmoke, 1);
}

#[test]
fn a_changed_configuration_of_a_release_that_ecs_takes_back_is_told_truly_whatever_goes_wrong() {
    check(Play::ConfigurationBreakerRollsBack, 1);
}

#[test]
fn a_run_that_is_asked_to_stop_and_put_back_is_told_truly_whatever_goes_wrong() {
    check(Play::Cancelled, 1);
}

#[test]
fn a_person_who_goes_back_is_told_truly_whatever_goes_wrong() {
    check(Play::Restores, 1);
}

#[test]
fn a_release_that_somebody_deploys_over_is_told_truly_whatever_goes_wrong() {
    check(Play::Superseded, 1);
}

#[test]
fn a_resumed_promotion_is_told_truly_whatever_goes_wrong() {
    check(Play::ResumesForward, 1);
}

#[test]
fn a_resumed_way_back_is_told_truly_whatever_goes_wrong() {
    check(Play::ResumesBack, 1);
}

#[test]
fn a_release_of_two_services_that_is_bad_in_one_is_told_truly_whatever_goes_wrong() {
    check(Play::Pair, 1);
}
