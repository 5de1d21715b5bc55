//! The lease: the right to change an environment, held by one promotion at a time, fenced, by the store's time.
//!
//! ECS cannot fence: a call that was sent just before the lease was lost may still arrive. So a changing call starts
//! only while more of the lease is left than the call may take.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    identifier::{EnvironmentName, PromotionId},
    ports::{Revision, Store, StoreError, StoreKey},
};

/// What is wrong with a lease.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// The store failed.
    #[error("cannot reach the lease")]
    Store(#[from] StoreError),
    /// Somebody else holds it.
    #[error("{holder} holds the lease of {environment} until {until}")]
    Held {
        /// The environment.
        environment: EnvironmentName,
        /// Who, for people.
        holder: String,
        /// Their promotion.
        promotion: PromotionId,
        /// Until when, unless they renew it.
        until: Timestamp,
    },
    /// Somebody else took it over.
    #[error("the lease of {environment} was lost: {holder} holds it now")]
    Lost {
        /// The environment.
        environment: EnvironmentName,
        /// Who, for people.
        holder: String,
    },
    /// It cannot be read.
    #[error("the lease object {key} is damaged: {what}")]
    Damaged {
        /// Which object.
        key: StoreKey,
        /// What is wrong with it.
        what: String,
    },
}

/// A lease as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct LeaseState {
    /// The format's version.
    pub schema: u32,
    /// Who, for people: user, machine, process.
    pub holder: String,
    /// The promotion that holds it, or held it last.
    pub promotion: PromotionId,
    /// Grows with every holder.
    pub fence: u64,
    /// When it ends unless it is renewed, by the store's time.
    pub expires_at: Timestamp,
    /// Whether it was given back.
    pub released: bool,
    /// Whether that promotion is over. One that is not must be resumed before another begins.
    pub concluded: bool,
}

/// A held lease.
#[derive(Debug, Clone)]
pub struct Lease {
    key: StoreKey,
    environment: EnvironmentName,
    state: LeaseState,
    revision: Revision,
    ttl: Duration,
}

impl Lease {
    /// The lease of an environment as it is stored; `None` where nobody ever held it.
    ///
    /// # Errors
    /// When the store fails or the object is damaged.
    pub async fn look(store: &dyn Store, environment: &EnvironmentName) -> Result<Option<LeaseState>, LeaseError> {
        Ok(read(store, &key(environment)).await?.map(|(state, _)| state))
    }

    /// Takes the lease for a promotion.
    ///
    /// # Errors
    /// When somebody else holds it (unless `take_over`), or the store fails.
    pub async fn acquire(
        store: &dyn Store,
        environment: &EnvironmentName,
        promotion: &PromotionId,
        holder: &str,
        ttl: Duration,
        take_over: TakeOver,
    ) -> Result<Self, LeaseError> {
        let may_take = |_: &LeaseState| take_over == TakeOver::Anyway;
        Self::take(store, environment, promotion, holder, ttl, may_take).await
    }

    /// Takes the lease after a promotion that is over and did not give it back: from that promotion alone, or as
    /// [`Lease::acquire`] would.
    ///
    /// # Errors
    /// When somebody else holds it by now, or the store fails.
    pub async fn succeed(
        store: &dyn Store,
        environment: &EnvironmentName,
        promotion: &PromotionId,
        holder: &str,
        ttl: Duration,
        over: &PromotionId,
    ) -> Result<Self, LeaseError> {
        let may_take = |state: &LeaseState| state.promotion == *over;
        Self::take(store, environment, promotion, holder, ttl, may_take).await
    }

    async fn take(
        store: &dyn Store,
        environment: &EnvironmentName,
        promotion: &PromotionId,
        holder: &str,
        ttl: Duration,
        may_take: impl Fn(&LeaseState) -> bool,
    ) -> Result<Self, LeaseError> {
        let key = key(environment);
        loop {
            let now = store.now().await?;
            let old = read(store, &key).await?;
            if let Some((state, _)) = &old
                && !state.released
                && state.expires_at > now
                && !may_take(state)
            {
                return Err(LeaseError::Held {
                    environment: environment.clone(),
                    holder: state.holder.clone(),
                    promotion: state.promotion.clone(),
                    until: state.expires_at,
                });
            }
            let state = LeaseState {
                schema: 1,
                holder: holder.to_owned(),
                promotion: promotion.clone(),
                fence: old.as_ref().map_or(1, |(state, _)| state.fence + 1),
                expires_at: now + ttl,
                released: false,
                concluded: false,
            };
            let bytes = encode(&state);
            let written = match &old {
                None => store.create(&key, &bytes).await,
                Some((_, revision)) => store.replace(&key, &bytes, revision).await,
            };
            match written {
                Ok(revision) => {
                    return Ok(Self { key, environment: environment.clone(), state, revision, ttl });
                }
                // Somebody was faster: look again who it is.
                Err(StoreError::AlreadyThere(_) | StoreError::Changed(_)) => {}
                // The answer was lost: what is stored tells whether we took it.
                Err(error) => match read(store, &key).await {
                    Ok(Some((stored, revision))) if stored == state => {
                        return Ok(Self { key, environment: environment.clone(), state, revision, ttl });
                    }
                    Ok(_) | Err(_) => return Err(error.into()),
                },
            }
        }
    }

    /// The fence.
    pub fn fence(&self) -> u64 {
        self.state.fence
    }

    /// How much of it is left at `now`, by the store's time.
    pub fn left(&self, now: Timestamp) -> Duration {
        Duration::try_from(self.state.expires_at.duration_since(now)).unwrap_or_default()
    }

    /// Makes sure that at least `needed` of the lease is left, renewing it where it is not.
    ///
    /// # Errors
    /// When it was lost, or the store fails.
    pub async fn ensure(&mut self, store: &dyn Store, needed: Duration) -> Result<(), LeaseError> {
        let now = store.now().await?;
        if self.left(now) > needed {
            return Ok(());
        }
        self.renewed(store, now).await
    }

    /// Renews it, however much of it is left: what is about to be changed may be changed by its holder alone.
    ///
    /// # Errors
    /// When it was lost, or the store fails.
    pub async fn renew(&mut self, store: &dyn Store) -> Result<(), LeaseError> {
        let now = store.now().await?;
        self.renewed(store, now).await
    }

    async fn renewed(&mut self, store: &dyn Store, now: Timestamp) -> Result<(), LeaseError> {
        let mut state = self.state.clone();
        state.expires_at = now + self.ttl;
        self.replace(store, state).await
    }

    /// Gives the lease back.
    ///
    /// # Errors
    /// When it was lost, or the store fails.
    pub async fn release(mut self, store: &dyn Store, concluded: Concluded) -> Result<(), LeaseError> {
        let mut state = self.state.clone();
        state.released = true;
        state.concluded = concluded == Concluded::Yes;
        self.replace(store, state).await
    }

    async fn replace(&mut self, store: &dyn Store, state: LeaseState) -> Result<(), LeaseError> {
        match self.write(store, &state).await {
            // A renewal whose answer was lost may have changed it: then it is ours all the same.
            Err(LeaseError::Store(StoreError::Changed(_))) => {
                self.find(store).await?;
                self.write(store, &state).await
            }
            other => other,
        }
    }

    async fn write(&mut self, store: &dyn Store, state: &LeaseState) -> Result<(), LeaseError> {
        self.revision = store.replace(&self.key, &encode(state), &self.revision).await?;
        self.state = state.clone();
        Ok(())
    }

    /// Reads the state that is stored, where it is still this holder's: the fence is its alone.
    async fn find(&mut self, store: &dyn Store) -> Result<(), LeaseError> {
        let stored = read(store, &self.key).await?;
        let holder = stored.as_ref().map_or("nobody", |(state, _)| &state.holder).to_owned();
        match stored {
            Some((state, revision)) if state.fence == self.state.fence && state.holder == self.state.holder => {
                self.revision = revision;
                Ok(())
            }
            Some(_) | None => Err(LeaseError::Lost { environment: self.environment.clone(), holder }),
        }
    }
}

/// Whether a lease that has not expired may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeOver {
    /// Only one that was given back or has expired.
    OnlyExpired,
    /// Any: somebody knows that the holder is gone.
    Anyway,
}

/// Whether the promotion is over when its lease is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concluded {
    /// It is over.
    Yes,
    /// It is to be resumed.
    No,
}

fn key(environment: &EnvironmentName) -> StoreKey {
    format!("environments/{environment}/lease.json").parse().expect("names are key parts")
}

fn encode(state: &LeaseState) -> Vec<u8> {
    serde_json::to_vec_pretty(state).expect("a lease has only text keys")
}

async fn read(store: &dyn Store, key: &StoreKey) -> Result<Option<(LeaseState, Revision)>, LeaseError> {
    let Some(stored) = store.get(key).await? else {
        return Ok(None);
    };
    let damaged = |error: serde_json::Error| LeaseError::Damaged { key: key.clone(), what: error.to_string() };
    let state: LeaseState = serde_json::from_slice(&stored.bytes).map_err(damaged)?;
    if state.fence == u64::MAX {
        return Err(LeaseError::Damaged { key: key.clone(), what: "its fence can grow no further".to_owned() });
    }
    Ok(Some((state, stored.revision)))
}
