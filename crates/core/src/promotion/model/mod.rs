//! The machine beside a world, searched exhaustively: ECS, a journal that may be out of reach, a lease that may be lost,
//! runs that die or are slow, somebody else who deploys, calls that are late or lost. Every order of events.
//!
//! The machine and the decision about a way back are the real ones. What a run does between them (look, renew, send,
//! settle by reading) is modelled after `engine`, step by step: a change there that matters is to be made here too. One
//! component; how several fold is `tests`' question. ECS is believed to go back to its last complete deployment under
//! that deployment's own id, and to show service deployments. What may go wrong is counted: each test says how often
//! each fault may come, in any order and at any moment. Every three of the five are searched together, and four without
//! an outage or without a lost lease: more are too many states for a test.

mod faults;
mod run;
mod search;
mod world;

use faults::Faults;
use search::search;

/// At least so many states: who makes some of them unreachable is found out.
fn check(faults: Faults, least: usize) {
    let found = search(faults);
    println!(
        "{faults:?}: {} states, {} steps, {:.1e} paths, ends {:?}",
        found.states, found.steps, found.paths, found.ends
    );
    assert!(found.states >= least, "only {} states: something cannot be reached any more", found.states);
    for end in ["succeeded", "rolled_back", "stuck"] {
        assert!(found.ends.contains_key(end), "{end} can be reached: {:?}", found.ends);
    }
}

#[test]
fn one_run_that_nothing_happens_to_claims_only_what_is_so() {
    check(Faults::NONE, 100);
}

#[test]
fn runs_that_die_are_resumed_and_claim_only_what_is_so() {
    check(Faults { deaths: 3, ..Faults::NONE }, 900);
}

#[test]
fn a_journal_out_of_reach_blocks_no_way_back_and_spoils_no_claim() {
    check(Faults { deaths: 1, outages: 2, ..Faults::NONE }, 12_000);
}

#[test]
fn lost_calls_and_lost_answers_are_settled_by_reading() {
    check(Faults { deaths: 1, lost: 3, ..Faults::NONE }, 1_600);
}

#[test]
fn somebody_elses_deployment_is_never_claimed() {
    check(Faults { deaths: 1, foreign: 2, ..Faults::NONE }, 11_000);
}

#[test]
fn a_slow_run_that_lost_its_lease_changes_nothing_any_more() {
    check(Faults { deaths: 1, expiries: 2, ..Faults::NONE }, 12_000);
}

#[test]
fn a_death_a_loss_somebody_and_a_lost_lease_hold_in_every_order() {
    check(Faults { deaths: 1, lost: 1, foreign: 1, expiries: 1, ..Faults::NONE }, 75_000);
}

#[test]
fn a_death_an_outage_a_loss_and_somebody_hold_in_every_order() {
    check(Faults { deaths: 1, outages: 1, lost: 1, foreign: 1, ..Faults::NONE }, 60_000);
}

#[test]
fn an_outage_and_a_lost_lease_hold_with_a_death_in_every_order() {
    check(Faults { deaths: 1, outages: 1, expiries: 1, ..Faults::NONE }, 130_000);
}

#[test]
fn an_outage_and_a_lost_lease_hold_with_a_loss_in_every_order() {
    check(Faults { outages: 1, lost: 1, expiries: 1, ..Faults::NONE }, 100_000);
}

#[test]
fn an_outage_and_a_lost_lease_hold_with_somebody_in_every_order() {
    check(Faults { outages: 1, foreign: 1, expiries: 1, ..Faults::NONE }, 300_000);
}

#[test]
fn a_call_that_outlives_its_lease_makes_no_claim_false() {
    check(Faults { deaths: 1, foreign: 1, expiries: 1, late: true, ..Faults::NONE }, 140_000);
}

#[test]
fn a_call_that_outlives_its_lease_while_the_store_is_gone_makes_no_claim_false() {
    check(Faults { outages: 1, expiries: 1, late: true, ..Faults::NONE }, 130_000);
}
