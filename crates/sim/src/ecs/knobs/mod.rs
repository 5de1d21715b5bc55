//! What the simulator cannot know about ECS, or what a test wants otherwise, as values.
//!
//! It holds no behaviour.

mod actor;
mod answer;
mod choice;
mod hook;
mod settings;
mod shortage;
mod texts;

pub use actor::Actor;
pub use answer::AnswerEdit;
pub use choice::{
    GivenUpStatus, NoCandidate, OtherControllers, PreProductionStage, PrimaryDesired, Repeated, RollbackId,
    UnknownMembers, UpdatedConfiguration,
};
pub(crate) use hook::USUAL_ANSWER;
pub use hook::{HookOutcome, ScriptedHook};
pub use settings::Knobs;
pub use shortage::{Shortage, ShortageKind};
pub use texts::Texts;
