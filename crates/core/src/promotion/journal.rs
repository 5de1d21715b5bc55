//! The journal: a promotion's events, written before their effects. Replaying it resumes the promotion.
//!
//! One object an event, created and never replaced: two runs that both believe to hold the lease cannot both write the
//! next event, and what was written cannot be changed unseen, since each entry carries the hash of the one before.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    identifier::{ComponentName, EnvironmentName, PromotionId, Sha256},
    ports::{Store, StoreError, StoreKey},
};

use super::{
    event::Event,
    transition::{IllegalTransition, Promotion},
};

/// The format of an [`Entry`] that is about services alone.
pub const JOURNAL_SCHEMA: u32 = 1;

/// The format of one that tells of a site. Readers of the older format refuse it.
const WITH_SITES: u32 = 2;

/// One event as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Entry {
    /// The format's version: the oldest that has everything that is used.
    pub schema: u32,
    /// Its place, from 1.
    pub sequence: u64,
    /// When it was written, by the writer's clock.
    pub at: Timestamp,
    /// The hash of the entry before; nothing for the first.
    pub previous: Option<Sha256>,
    /// What happened.
    pub happened: Event,
}

/// What is wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The store failed.
    #[error("cannot reach the journal")]
    Store(#[from] StoreError),
    /// Another run wrote the next event: this one no longer holds the lease.
    #[error("another run went on with {promotion}")]
    Overtaken {
        /// The promotion.
        promotion: PromotionId,
    },
    /// An entry is not what was written.
    #[error("the journal entry {key} was changed or is missing: {what}")]
    Tampered {
        /// Which object.
        key: StoreKey,
        /// What is wrong with it.
        what: String,
    },
    /// An entry cannot have happened.
    #[error("the journal entry {key} cannot be replayed")]
    Illegal {
        /// Which object.
        key: StoreKey,
        /// Why.
        #[source]
        source: IllegalTransition,
    },
    /// An event that we made cannot have happened: a mistake of ours, found before it was written.
    #[error("an event does not fit")]
    Refused(#[from] IllegalTransition),
}

impl JournalError {
    /// Whether somebody changed what was written.
    pub fn is_tampered(&self) -> bool {
        matches!(self, Self::Tampered { .. } | Self::Illegal { .. })
    }
}

/// A journal open for writing, with the promotion that its events make.
#[derive(Debug, Clone)]
pub struct Journal {
    prefix: StoreKey,
    /// The promotion as the events so far have made it.
    pub promotion: Promotion,
    /// The events so far, with their times.
    pub entries: Vec<Entry>,
    /// Events that were taken in but could not be written yet.
    unsettled: Vec<(Event, Timestamp)>,
    /// An entry of which nobody knows whether it was written.
    doubtful: Option<Vec<u8>>,
    last: Option<Sha256>,
}

impl Journal {
    /// Begins the journal of a new promotion: its request is written.
    ///
    /// # Errors
    /// When the store fails, or a promotion of that id was begun before.
    pub async fn begin(store: &dyn Store, event: Event, at: Timestamp) -> Result<Self, JournalError> {
        let promotion = Promotion::begin(&event)?;
        let request = &promotion.request;
        let prefix = prefix(&request.environment, &request.id);
        let (entries, unsettled) = (Vec::new(), Vec::new());
        let mut journal = Self { prefix, promotion, entries, unsettled, doubtful: None, last: None };
        let entry = journal.entry(event, at);
        journal.write(store, &entry).await?;
        Ok(journal)
    }

    /// Reads the journal of a promotion; `None` where there is none.
    ///
    /// # Errors
    /// When the store fails, or an entry was changed, is missing or cannot have happened.
    pub async fn load(
        store: &dyn Store,
        environment: &EnvironmentName,
        promotion: &PromotionId,
    ) -> Result<Option<Self>, JournalError> {
        let prefix = prefix(environment, promotion);
        let keys = store.list(&prefix).await?;
        let mut journal: Option<Self> = None;
        for (index, key) in keys.iter().enumerate() {
            let (entry, hash) = read(store, key, index).await?;
            journal = Some(match journal {
                None => Self::first(&prefix, key, entry, hash)?,
                Some(journal) => journal.replayed(key, entry, hash)?,
            });
        }
        Ok(journal)
    }

    /// Writes an event, then takes it in.
    ///
    /// # Errors
    /// When it cannot have happened (nothing is written), another run wrote first, or the store fails.
    pub async fn append(&mut self, store: &dyn Store, event: Event, at: Timestamp) -> Result<(), JournalError> {
        self.settle(store).await?;
        let mut next = self.promotion.clone();
        next.apply(&event)?;
        let entry = self.entry(event, at);
        self.write(store, &entry).await?;
        self.promotion = next;
        Ok(())
    }

    /// Takes an event in even where it cannot be written now, for a way back that must not wait for the ledger. What
    /// could not be written is written before the next event.
    ///
    /// # Errors
    /// When it cannot have happened, or another run wrote first.
    pub async fn append_or_keep(&mut self, store: &dyn Store, event: Event, at: Timestamp) -> Result<(), JournalError> {
        self.promotion.apply(&event)?;
        self.unsettled.push((event, at));
        match self.settle(store).await {
            Err(JournalError::Store(_)) => Ok(()),
            other => other,
        }
    }

    /// Writes what could not be written before.
    ///
    /// # Errors
    /// When the store still fails, or another run wrote first.
    pub async fn settle(&mut self, store: &dyn Store) -> Result<(), JournalError> {
        while let Some((event, at)) = self.unsettled.first().cloned() {
            let entry = self.entry(event, at);
            self.write(store, &entry).await?;
            self.unsettled.remove(0);
        }
        Ok(())
    }

    /// When that event last happened to that component.
    pub fn last_of(&self, component: &ComponentName, event: &str) -> Option<Timestamp> {
        let unsettled = self.unsettled.iter().rev().map(|(happened, at)| (happened, *at));
        let written = self.entries.iter().rev().map(|entry| (&entry.happened, entry.at));
        let mut all = unsettled.chain(written);
        let found = all.find(|(happened, _)| happened.name() == event && happened.component() == Some(component));
        found.map(|(_, at)| at)
    }

    /// When the newest event happened, written or not.
    pub fn newest(&self) -> Option<Timestamp> {
        let written = self.entries.last().map(|entry| entry.at);
        self.unsettled.last().map(|(_, at)| *at).or(written)
    }

    /// How many events could not be written yet.
    pub fn unsettled(&self) -> usize {
        self.unsettled.len()
    }

    fn entry(&self, happened: Event, at: Timestamp) -> Entry {
        let sequence = self.entries.len() as u64 + 1;
        let schema = if happened.is_about_sites() { WITH_SITES } else { JOURNAL_SCHEMA };
        Entry { schema, sequence, at, previous: self.last.clone(), happened }
    }

    async fn write(&mut self, store: &dyn Store, entry: &Entry) -> Result<(), JournalError> {
        let key = self.key(entry.sequence);
        let bytes = serde_json::to_vec(entry).expect("an entry has only text keys");
        let is_again = self.doubtful.take().is_some_and(|doubtful| doubtful == bytes);
        // Should this be dropped while the store is at work, the same bytes may be there already the next time.
        self.doubtful = Some(bytes.clone());
        let created = store.create(&key, &bytes).await;
        self.doubtful = None;
        match created {
            Ok(_) => {}
            Err(StoreError::AlreadyThere(_)) if !is_again => return Err(self.overtaken()),
            // The answer was lost, now or before: what is stored tells whether we wrote it.
            Err(error) => match store.get(&key).await {
                Ok(Some(stored)) if stored.bytes == bytes => {}
                Ok(Some(_)) => return Err(self.overtaken()),
                Ok(None) | Err(_) => {
                    self.doubtful = Some(bytes);
                    return Err(error.into());
                }
            },
        }
        self.last = Some(Sha256::of(&bytes));
        self.entries.push(entry.clone());
        Ok(())
    }

    fn overtaken(&self) -> JournalError {
        JournalError::Overtaken { promotion: self.promotion.request.id.clone() }
    }

    fn key(&self, sequence: u64) -> StoreKey {
        format!("{}/{sequence:06}.json", self.prefix).parse().expect("a key with a number appended is a key")
    }

    fn first(prefix: &StoreKey, key: &StoreKey, entry: Entry, hash: Sha256) -> Result<Self, JournalError> {
        let illegal = |source| JournalError::Illegal { key: key.clone(), source };
        let promotion = Promotion::begin(&entry.happened).map_err(illegal)?;
        if entry.previous.is_some() {
            return Err(tampered(key, "the first entry names one before it"));
        }
        let (entries, unsettled) = (vec![entry], Vec::new());
        Ok(Self { prefix: prefix.clone(), promotion, entries, unsettled, doubtful: None, last: Some(hash) })
    }

    fn replayed(mut self, key: &StoreKey, entry: Entry, hash: Sha256) -> Result<Self, JournalError> {
        if entry.previous != self.last {
            return Err(tampered(key, "it does not carry the hash of the entry before"));
        }
        let illegal = |source| JournalError::Illegal { key: key.clone(), source };
        self.promotion.apply(&entry.happened).map_err(illegal)?;
        self.entries.push(entry);
        self.last = Some(hash);
        Ok(self)
    }
}

fn prefix(environment: &EnvironmentName, promotion: &PromotionId) -> StoreKey {
    format!("environments/{environment}/journals/{promotion}").parse().expect("names and ids are key parts")
}

fn tampered(key: &StoreKey, what: &str) -> JournalError {
    JournalError::Tampered { key: key.clone(), what: what.to_owned() }
}

async fn read(store: &dyn Store, key: &StoreKey, index: usize) -> Result<(Entry, Sha256), JournalError> {
    let stored = store.get(key).await?.ok_or_else(|| tampered(key, "it vanished while it was read"))?;
    let entry: Entry = serde_json::from_slice(&stored.bytes).map_err(|error| tampered(key, &error.to_string()))?;
    if !(JOURNAL_SCHEMA..=WITH_SITES).contains(&entry.schema) {
        return Err(tampered(key, &format!("its format {} is newer than {WITH_SITES}", entry.schema)));
    }
    if entry.sequence != index as u64 + 1 {
        return Err(tampered(key, &format!("entry {} is missing", index + 1)));
    }
    Ok((entry, stored.hash()))
}
