//! What may go wrong, in which states it can, and what must hold of each state.

use std::rc::Rc;

use super::{
    super::{Component, ComponentPhase, Effect, Event, Outcome, Phase},
    run::{At, Run, State},
    world::{Flying, Held, Release},
};

/// What may go wrong, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Faults {
    /// Runs that die.
    pub(super) deaths: u8,
    /// The store goes and comes back.
    pub(super) outages: u8,
    /// Calls or answers that get lost.
    pub(super) lost: u8,
    /// Deployments of somebody else.
    pub(super) foreign: u8,
    /// Leases that run out under a run that is alive but slow.
    pub(super) expiries: u8,
    /// Whether a call may arrive after its sender's lease has run out: the documented race.
    pub(super) late: bool,
}

impl Faults {
    pub(super) const NONE: Self = Self { deaths: 0, outages: 0, lost: 0, foreign: 0, expiries: 0, late: false };
}

/// A state, and what may still go wrong in it.
pub(super) type Node = (State, Faults);

pub(super) fn is_over(state: &State) -> bool {
    // What never took the lease is not open: nobody has to go on with it.
    let never_began = state.world.lease.is_none() && state.persisted.fence.is_none();
    let is_ended = matches!(state.persisted.phase(), Phase::Ended(_));
    (is_ended || never_began) && state.runs.is_empty() && state.world.flying.is_empty()
}

/// Every step from there: by a run, by ECS, by the network, by a person who resumes; and all that can go wrong.
pub(super) fn steps((state, faults): &Node) -> Vec<Node> {
    let mut next: Vec<Node> = Vec::new();
    let mut goes = |state: State| next.push((state, *faults));
    for index in 0..state.runs.len() {
        state.steps(index).into_iter().for_each(&mut goes);
    }
    for world in state.world.moves() {
        goes(State { world, ..state.clone() });
    }
    for index in 0..state.world.flying.len() {
        goes(arrived(state, index));
    }
    goes_on(state, *faults).into_iter().for_each(&mut goes);
    if state.world.is_store_gone {
        let mut back = state.clone();
        back.world.is_store_gone = false;
        goes(back);
    }
    next.extend(wrong(state, *faults));
    next
}

fn arrived(state: &State, index: usize) -> State {
    let mut next = state.clone();
    let call = next.world.flying.remove(index);
    next.world.arrive(call);
    next
}

/// The next run: once the lease is free, what is open is gone on with.
fn goes_on(state: &State, faults: Faults) -> Option<State> {
    let lease = state.world.lease?;
    let is_orphaned = state.runs.iter().all(|run| run.fence != lease.fence) && !outlives(state, lease, faults);
    let is_open = !matches!(state.persisted.phase(), Phase::Ended(_));
    if !is_open || state.world.is_store_gone || !(lease.is_free || is_orphaned) || state.runs.len() > 1 {
        return None;
    }
    let mut next = state.clone();
    let fence = lease.fence + 1;
    next.world.lease = Some(Held { fence, is_free: false });
    let promotion = Rc::clone(&state.persisted);
    let written = state.written;
    let (is_resumed, is_blind) = (true, false);
    let run = Run { promotion, unsettled: Vec::new(), written, fence, is_resumed, is_blind, at: At::Ready };
    next.runs.push(run);
    next.happened(state.runs.len(), Event::Resumed { fence }).pop()
}

/// A lease outlives the calls that are made under it: a change is sent only while more of the lease is left than the
/// call may take. Unless calls may be late; and who has no store sends a way back without looking at the lease.
fn outlives(state: &State, lease: Held, faults: Faults) -> bool {
    let is_sending =
        |run: &Run| run.fence == lease.fence && matches!(run.at, At::Renewed(_) | At::Sent(_)) && !run.is_blind;
    let is_under_way = |call: &Flying| call.fence == lease.fence && !call.is_blind;
    !faults.late && (state.runs.iter().any(is_sending) || state.world.flying.iter().any(is_under_way))
}

/// All that can go wrong now, one less of it being left.
fn wrong(state: &State, faults: Faults) -> Vec<Node> {
    let mut next: Vec<Node> = Vec::new();
    if faults.deaths > 0 {
        for index in 0..state.runs.len() {
            let mut dead = state.clone();
            dead.runs.remove(index);
            next.push((dead, Faults { deaths: faults.deaths - 1, ..faults }));
        }
    }
    if faults.outages > 0 && !state.world.is_store_gone {
        let mut gone = state.clone();
        gone.world.is_store_gone = true;
        next.push((gone, Faults { outages: faults.outages - 1, ..faults }));
    }
    if faults.lost > 0 {
        let less = Faults { lost: faults.lost - 1, ..faults };
        for index in 0..state.world.flying.len() {
            let mut lost = state.clone();
            lost.world.flying.remove(index);
            next.push((lost, less));
        }
        for (index, run) in state.runs.iter().enumerate() {
            if let At::Sent(release) = run.at {
                let mut lost = state.clone();
                lost.runs[index].at = At::Doubtful(release);
                next.push((lost, less));
            }
        }
    }
    if faults.foreign > 0 {
        let mut theirs = state.clone();
        theirs.world.deploy(Release::Theirs);
        next.push((theirs, Faults { foreign: faults.foreign - 1, ..faults }));
    }
    next.extend(expired(state, faults));
    next
}

/// The lease runs out under a run that is alive.
fn expired(state: &State, faults: Faults) -> Option<Node> {
    let lease = state.world.lease.filter(|lease| !lease.is_free && faults.expiries > 0)?;
    if outlives(state, lease, faults) {
        return None;
    }
    let mut next = state.clone();
    next.world.lease = Some(Held { is_free: true, ..lease });
    Some((next, Faults { expiries: faults.expiries - 1, ..faults }))
}

/// What must hold of every state.
pub(super) fn hold((state, faults): &Node) {
    let world = &state.world;
    let is_careful = |call: &Flying| !call.is_blind && !faults.late;
    let most = 1 + usize::from(world.unfenced);
    assert!(
        world.rollouts(Release::New) <= if faults.late { most } else { 1 },
        "the release is brought once: {world:?}"
    );
    assert!(world.rollouts(Release::Old) <= most, "and put back once: {world:?}");
    let lease = world.lease.map(|lease| lease.fence);
    for call in world.flying.iter().filter(|call| is_careful(call)) {
        assert_eq!(Some(call.fence), lease, "who sends holds the lease until the call is over: {world:?}");
    }
    if let Phase::Ended(outcome) = state.persisted.phase() {
        hold_end(state, outcome);
    }
}

/// What must hold of every end.
fn hold_end(state: &State, outcome: Outcome) {
    let world = &state.world;
    assert_eq!(state.persisted.outstanding(), [] as [Effect; 0], "what is over asks for nothing");
    let is_proven = |one: &Component| matches!(one.phase, ComponentPhase::Proven { tasks: 2 });
    let is_proven = state.persisted.components.values().all(is_proven) && world.is_good;
    assert!(!outcome.is_proven() || is_proven, "success without proof: {world:?}");
    // A call of a run that lost its lease looks like somebody else's.
    let has_come = world.rollouts(Release::Theirs) > 0 || world.unfenced > 0;
    assert!(outcome != Outcome::Superseded || has_come, "nobody else deployed: {world:?}");
    let mut later = (*state.persisted).clone();
    assert!(later.apply(&Event::Resumed { fence: 9 }).is_err(), "an end absorbs");
}
