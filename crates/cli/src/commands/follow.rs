//! A promotion that somebody else works on, followed by its journal. Nothing is written, and AWS is not asked.

use towpath_core::{
    engine::{EngineError, Notice, Observer, Report, World},
    identifier::{EnvironmentName, PromotionId},
    ledger::{Lease, LeaseState, Ledger, Record},
    promotion::{Entry, Journal, JournalError, Outcome, Phase, Promotion},
};

/// Follows one promotion.
pub(super) struct Follower<'a> {
    world: &'a World,
    environment: &'a EnvironmentName,
    promotion: &'a PromotionId,
    /// How many events were told.
    told: usize,
    /// The promotion as those events have made it.
    state: Option<Promotion>,
}

/// How it stands with a promotion that is followed.
pub(super) enum Standing {
    /// Somebody works on it.
    AtWork {
        /// Who, for people.
        holder: String,
    },
    /// Nobody works on it, and it is not over.
    Gone,
    /// It is over.
    Over(Box<Report>),
}

impl<'a> Follower<'a> {
    pub(super) fn new(world: &'a World, environment: &'a EnvironmentName, promotion: &'a PromotionId) -> Self {
        Self { world, environment, promotion, told: 0, state: None }
    }

    /// Looks once, and tells what happened since the last look.
    pub(super) async fn look(&mut self, observer: &dyn Observer) -> Result<Standing, EngineError> {
        // The lease is read first: an end that is written after it was given back is then seen as one.
        let lease = Lease::look(&*self.world.store, self.environment).await?;
        let now = self.world.store.now().await?;
        let journal = self.journal().await?;
        for entry in journal.entries.iter().skip(self.told) {
            let phase = self.taken_in(entry)?;
            observer.notice(Notice::Happened {
                promotion: self.promotion.clone(),
                environment: self.environment.clone(),
                phase: phase.name().to_owned(),
                event: Box::new(entry.happened.clone()),
            });
        }
        self.told = journal.entries.len();
        if let Phase::Ended(outcome) = journal.promotion.phase() {
            return Ok(Standing::Over(Box::new(self.report(journal, outcome).await?)));
        }
        Ok(match lease.filter(|lease| is_held(lease, self.promotion, now)) {
            Some(lease) => Standing::AtWork { holder: lease.holder },
            None => Standing::Gone,
        })
    }

    /// The phase after that event.
    fn taken_in(&mut self, entry: &Entry) -> Result<Phase, EngineError> {
        let next = match self.state.take() {
            None => Promotion::begin(&entry.happened),
            Some(mut state) => state.apply(&entry.happened).map(|()| state),
        };
        let next = next.map_err(JournalError::Refused)?;
        Ok(self.state.insert(next).phase())
    }

    async fn journal(&self) -> Result<Journal, EngineError> {
        let journal = Journal::load(&*self.world.store, self.environment, self.promotion).await?;
        journal.ok_or_else(|| EngineError::NothingOpen(self.environment.clone()))
    }

    async fn report(&self, journal: Journal, outcome: Outcome) -> Result<Report, EngineError> {
        let records = Ledger::new(&*self.world.store, self.environment).records().await?;
        let is_its = |record: &Record| record.promotion == *self.promotion && record.outcome == outcome;
        let record = records.into_iter().rev().find(is_its);
        let unrecorded = record.is_none().then(|| "its run could not write one".to_owned());
        Ok(Report {
            environment: self.environment.clone(),
            promotion: self.promotion.clone(),
            outcome,
            reason: record.as_ref().map_or_else(|| outcome.name().to_owned(), |record| record.reason.clone()),
            retry_at: None,
            state: journal.promotion,
            record,
            unrecorded,
        })
    }
}

fn is_held(lease: &LeaseState, promotion: &PromotionId, now: jiff::Timestamp) -> bool {
    lease.promotion == *promotion && !lease.released && lease.expires_at > now
}
