//! Every state that can be reached, and what must hold of each and of all of them together.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    mem::discriminant,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    rc::Rc,
};

use super::{
    super::{ComponentPhase, Event, Promotion, tests::request, transition::Stage},
    faults::{Faults, Node, hold, is_over, steps},
    run::{At, Run, State},
    world::World,
};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) states: usize,
    pub(super) steps: usize,
    /// How many ways there are through them; more than can be walked one by one.
    pub(super) paths: f64,
    /// How promotions ended, and in how many states.
    pub(super) ends: BTreeMap<&'static str, usize>,
}

/// What was met on the way: each state is known by its number.
#[derive(Default)]
struct Map {
    known: HashMap<[u64; 2], usize>,
    /// From where each was reached first, and by which step of it.
    from: Vec<(usize, usize)>,
    after: Vec<Vec<u32>>,
    ends: Vec<bool>,
}

impl Map {
    /// The number of that state, and whether it is new.
    fn number(&mut self, node: &Node, from: (usize, usize)) -> (usize, bool) {
        let next = self.from.len();
        let number = *self.known.entry(key(node)).or_insert(next);
        if number == next {
            self.from.push(from);
            self.after.push(Vec::new());
            self.ends.push(is_over(&node.0));
        }
        (number, number == next)
    }

    /// The way to a state, told step by step.
    fn told(&self, faults: Faults, mut number: usize) -> String {
        let mut way = Vec::new();
        while self.from[number].0 != number {
            way.push(self.from[number].1);
            number = self.from[number].0;
        }
        let mut node = (begin(number == 0), faults);
        let mut told = vec![line(&node)];
        for step in way.into_iter().rev() {
            node = steps(&node).swap_remove(step);
            told.push(line(&node));
        }
        told.join("\n")
    }
}

/// Visits everything. No state is stuck: where nothing can be done any more, all is over. And no way leads in a circle:
/// so every way comes to an end.
pub(super) fn search(faults: Faults) -> Found {
    let mut found = Found::default();
    let mut map = Map::default();
    let mut queue: VecDeque<(usize, Node)> = VecDeque::new();
    for (number, is_good) in [true, false].into_iter().enumerate() {
        let node = (begin(is_good), faults);
        let (number, _) = map.number(&node, (number, 0));
        queue.push_back((number, node));
    }
    while let Some((at, node)) = queue.pop_front() {
        let visited = catch_unwind(AssertUnwindSafe(|| {
            hold(&node);
            steps(&node)
        }));
        let next = visited.unwrap_or_else(|panic| {
            println!("{}", map.told(faults, at));
            resume_unwind(panic)
        });
        if map.ends[at] {
            *found.ends.entry(node.0.persisted.outcome().name()).or_default() += 1;
        }
        let is_stuck = next.is_empty() && !map.ends[at];
        assert!(!is_stuck, "nothing can be done, and it is not over:\n{}", map.told(faults, at));
        for (step, next) in next.into_iter().enumerate() {
            found.steps += 1;
            let (number, is_new) = map.number(&next, (at, step));
            map.after[at].push(u32::try_from(number).expect("states are fewer"));
            if is_new {
                queue.push_back((number, next));
            }
        }
    }
    found.states = map.from.len();
    found.paths = paths(&map, faults);
    found
}

/// Counts the ways from the beginnings to where nothing more happens. There is such a number only where no way leads in
/// a circle.
fn paths(map: &Map, faults: Faults) -> f64 {
    let mut left = vec![0_usize; map.after.len()];
    map.after.iter().flatten().for_each(|next| left[*next as usize] += 1);
    let mut ways: Vec<f64> = map.from.iter().enumerate().map(|(at, from)| f64::from(u8::from(at == from.0))).collect();
    let mut ready: Vec<usize> = (0..left.len()).filter(|at| left[*at] == 0).collect();
    let (mut met, mut all) = (0, 0.0);
    while let Some(at) = ready.pop() {
        met += 1;
        if map.after[at].is_empty() {
            all += ways[at];
        }
        for next in map.after[at].iter().map(|next| *next as usize) {
            ways[next] += ways[at];
            left[next] -= 1;
            if left[next] == 0 {
                ready.push(next);
            }
        }
    }
    let circle = left.iter().position(|left| *left > 0).map(|at| map.told(faults, at));
    assert!(met == left.len(), "a way leads in a circle:\n{}", circle.unwrap_or_default());
    all
}

fn begin(is_good: bool) -> State {
    let event = Event::Requested { request: Box::new(request()) };
    let promotion = Rc::new(Promotion::begin(&event).unwrap());
    let run = Run {
        promotion: Rc::clone(&promotion),
        unsettled: Vec::new(),
        written: 1,
        fence: 0,
        is_resumed: false,
        is_blind: false,
        at: At::Ready,
    };
    State { world: World::new(is_good), written: 1, persisted: promotion, runs: vec![run] }
}

/// All that tells two states apart, as a number of 128 bits.
fn key((state, faults): &Node) -> [u64; 2] {
    [0_u8, 1].map(|half| {
        let mut hasher = DefaultHasher::new();
        half.hash(&mut hasher);
        (faults, &state.world).hash(&mut hasher);
        facts(&state.persisted, &mut hasher);
        for run in &state.runs {
            facts(&run.promotion, &mut hasher);
            let is_current = run.written == state.written;
            let place = (run.fence, run.is_resumed, run.is_blind, run.at, run.unsettled.len(), is_current);
            place.hash(&mut hasher);
        }
        hasher.finish()
    })
}

/// What differs between promotions here.
fn facts(promotion: &Promotion, hasher: &mut DefaultHasher) {
    let ended = match promotion.stage {
        Stage::Concluded(outcome) => outcome.name(),
        Stage::Requested | Stage::Admitted | Stage::Leased | Stage::Working | Stage::Stopped => "",
    };
    (discriminant(&promotion.stage), ended, promotion.fence).hash(hasher);
    for component in promotion.components.values() {
        discriminant(&component.phase).hash(hasher);
        if let ComponentPhase::RollingBack { deployment, .. } = &component.phase {
            deployment.hash(hasher);
        }
        component.deployment.hash(hasher);
        component.rollout.as_ref().map(discriminant).hash(hasher);
        component.failure.as_ref().map(|failure| discriminant(&failure.kind)).hash(hasher);
        component.put_back_by.as_ref().map(discriminant).hash(hasher);
    }
}

/// A state in a line, for whoever reads a failure.
fn line((state, faults): &Node) -> String {
    let of = |promotion: &Promotion| {
        let component = promotion.components.values().next();
        let facts = component.map(|one| (&one.phase, one.deployment.as_ref().map(ToString::to_string)));
        format!("{} {facts:?}", promotion.phase().name())
    };
    let told = |run: &Run| {
        let unsettled = run.unsettled.len();
        format!("fence {} {:?} blind {} unsettled {unsettled}: {}", run.fence, run.at, run.is_blind, of(&run.promotion))
    };
    let runs: Vec<String> = state.runs.iter().map(told).collect();
    format!("{:?}\n    {}\n    {runs:?} {faults:?}", state.world, of(&state.persisted))
}
