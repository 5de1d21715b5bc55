//! Each story by name: they run side by side, and a failure names its story.

use super::{check, play::Play};

#[test]
fn a_good_release_is_told_truly_whatever_goes_wrong() {
    check(Play::Good, 1_400);
}

#[test]
fn a_release_that_fails_its_smoke_checks_is_told_truly_whatever_goes_wrong() {
    check(Play::FailsSmoke, 2_100);
}

#[test]
fn a_release_that_ecs_takes_back_is_told_truly_whatever_goes_wrong() {
    check(Play::BreakerRollsBack, 3_000);
}

#[test]
fn a_release_that_ecs_gives_up_is_told_truly_whatever_goes_wrong() {
    check(Play::BreakerStops, 2_000);
}

#[test]
fn a_release_that_crashes_for_ever_is_told_truly_whatever_goes_wrong() {
    check(Play::CrashLoops, 3_700);
}

#[test]
fn a_release_that_fails_at_the_test_listener_is_told_truly_whatever_goes_wrong() {
    check(Play::FailsAtTestListener, 2_300);
}

#[test]
fn a_release_that_a_person_lets_go_on_is_told_truly_whatever_goes_wrong() {
    check(Play::PersonContinues, 800);
}

#[test]
fn a_release_that_a_person_declines_is_told_truly_whatever_goes_wrong() {
    check(Play::PersonDeclines, 1_400);
}

#[test]
fn a_fix_of_somebodys_broken_rollout_is_told_truly_whatever_goes_wrong() {
    check(Play::DeploysOver, 1_700);
}

#[test]
fn a_bad_fix_of_somebodys_broken_rollout_is_told_truly_whatever_goes_wrong() {
    check(Play::DeploysOverAndFails, 2_400);
}

#[test]
fn a_drill_is_told_truly_whatever_goes_wrong() {
    check(Play::Drill, 3_600);
}

#[test]
fn a_drill_that_nothing_finds_is_told_truly_whatever_goes_wrong() {
    check(Play::UndetectedDrill, 1_800);
}

#[test]
fn a_changed_configuration_of_a_bad_release_is_told_truly_whatever_goes_wrong() {
    check(Play::ConfigurationFailsSmoke, 2_100);
}

#[test]
fn a_changed_configuration_of_a_release_that_ecs_takes_back_is_told_truly_whatever_goes_wrong() {
    check(Play::ConfigurationBreakerRollsBack, 3_200);
}

#[test]
fn a_person_who_goes_back_is_told_truly_whatever_goes_wrong() {
    check(Play::Restores, 1_200);
}

#[test]
fn a_release_of_two_services_that_is_bad_in_one_is_told_truly_whatever_goes_wrong() {
    check(Play::Pair, 3_300);
}

#[test]
fn a_release_that_passes_at_the_test_listener_is_told_truly_whatever_goes_wrong() {
    check(Play::PassesAtTestListener, 1_600);
}

#[test]
fn a_release_that_waits_for_somebodys_rollout_is_told_truly_whatever_goes_wrong() {
    check(Play::WaitsForSomebody, 1_800);
}

#[test]
fn a_way_back_that_fails_too_is_told_truly_whatever_goes_wrong() {
    check(Play::WayBackFails, 2_300);
}

#[test]
fn a_target_that_is_deregistered_meanwhile_is_told_truly_whatever_goes_wrong() {
    check(Play::TargetGone, 2_400);
}

#[test]
fn a_run_that_is_asked_to_go_back_is_told_truly_whatever_goes_wrong() {
    check(Play::Cancelled, 1_100);
}

#[test]
fn a_release_that_somebody_deploys_over_is_told_truly_whatever_goes_wrong() {
    check(Play::Superseded, 1_000);
}

#[test]
fn a_run_that_goes_on_after_a_death_is_told_truly_whatever_goes_wrong() {
    check(Play::ResumesForward, 1_100);
}

#[test]
fn a_run_that_goes_on_with_a_way_back_is_told_truly_whatever_goes_wrong() {
    check(Play::ResumesBack, 900);
}
