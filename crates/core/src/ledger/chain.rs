//! The chain of records of one environment: appended to, verified, read; never changed.
//!
//! Each record carries the hash of the one before, and a head object the hash of the last, so that a changed record
//! and a missing one are both detected. Whoever can write the whole store can forge all of it: the chain is no signature.

use serde::{Deserialize, Serialize};

use crate::{
    identifier::{EnvironmentName, Sha256},
    ports::{Revision, Store, StoreError, StoreKey, Stored},
};

use super::record::{RECORD_SCHEMA, Record, WITH_SITES};

/// What is wrong with a ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store failed.
    #[error("cannot reach the ledger")]
    Store(#[from] StoreError),
    /// A record is not what was written, or is missing.
    #[error("the ledger of {environment} was changed or is damaged at {key}: {what}")]
    Tampered {
        /// The environment.
        environment: EnvironmentName,
        /// Which object.
        key: StoreKey,
        /// What is wrong with it.
        what: String,
    },
    /// Others kept appending at the same moment.
    #[error("could not append to the ledger of {0}: others kept writing at the same moment")]
    Contended(EnvironmentName),
}

impl LedgerError {
    /// Whether somebody changed what was written.
    pub fn is_tampered(&self) -> bool {
        matches!(self, Self::Tampered { .. })
    }
}

/// The newest record's place and hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    sequence: u64,
    hash: Sha256,
}

/// The ledger of one environment.
#[derive(Clone, Copy)]
pub struct Ledger<'a> {
    store: &'a dyn Store,
    environment: &'a EnvironmentName,
}

impl std::fmt::Debug for Ledger<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ledger").field("environment", self.environment).finish_non_exhaustive()
    }
}

impl<'a> Ledger<'a> {
    /// The ledger of this environment in this store.
    pub fn new(store: &'a dyn Store, environment: &'a EnvironmentName) -> Self {
        Self { store, environment }
    }

    /// Every record, oldest first, the chain verified.
    ///
    /// # Errors
    /// When the store fails, or a record was changed or is missing.
    pub async fn records(&self) -> Result<Vec<Record>, LedgerError> {
        Ok(self.read().await?.into_iter().map(|(record, _)| record).collect())
    }

    /// The oldest record, if there is one. The chain behind it is not verified.
    ///
    /// # Errors
    /// When the store fails, or the record was changed or is missing.
    pub async fn first(&self) -> Result<Option<Record>, LedgerError> {
        let key = self.key(1);
        match self.store.get(&key).await? {
            Some(stored) => Ok(Some(self.checked(&stored, &key, 1, None)?.0)),
            None => Ok(None),
        }
    }

    /// Appends a record: its place and the hash before it are set here. Returns it as it was written.
    ///
    /// # Errors
    /// When the store fails, the chain is broken, or others keep writing.
    pub async fn append(&self, mut record: Record) -> Result<Record, LedgerError> {
        for _ in 0..8 {
            let last = self.read().await?.pop();
            record.sequence = last.as_ref().map_or(1, |(last, _)| last.sequence + 1);
            record.previous = last.map(|(_, hash)| hash);
            let bytes = encode(&record);
            match self.store.create(&self.key(record.sequence), &bytes).await {
                Ok(_) => {
                    self.move_head(Head { sequence: record.sequence, hash: Sha256::of(&bytes) }).await?;
                    return Ok(record);
                }
                Err(StoreError::AlreadyThere(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(LedgerError::Contended(self.environment.clone()))
    }

    /// The head only ever moves forward; a head that lags behind by a crash is caught up by the next append.
    async fn move_head(&self, head: Head) -> Result<(), LedgerError> {
        let bytes = serde_json::to_vec(&head).expect("a head has only text keys");
        for _ in 0..8 {
            let moved = match self.head().await? {
                None => self.store.create(&self.head_key(), &bytes).await,
                Some((old, _)) if old.sequence >= head.sequence => return Ok(()),
                Some((_, revision)) => self.store.replace(&self.head_key(), &bytes, &revision).await,
            };
            match moved {
                Ok(_) => return Ok(()),
                Err(StoreError::AlreadyThere(_) | StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(LedgerError::Contended(self.environment.clone()))
    }

    async fn head(&self) -> Result<Option<(Head, Revision)>, LedgerError> {
        let key = self.head_key();
        let Some(stored) = self.store.get(&key).await? else {
            return Ok(None);
        };
        let head = serde_json::from_slice(&stored.bytes).map_err(|error| self.tampered(&key, error.to_string()))?;
        Ok(Some((head, stored.revision)))
    }

    async fn read(&self) -> Result<Vec<(Record, Sha256)>, LedgerError> {
        // The head is read first: records that are appended meanwhile are then only ever newer than it.
        let head = self.head().await?;
        let keys = self.store.list(&self.prefix()).await?;
        let mut records: Vec<(Record, Sha256)> = Vec::with_capacity(keys.len());
        for (index, key) in keys.iter().enumerate() {
            let previous = records.last().map(|(_, hash)| hash);
            let record = self.verified(key, index as u64 + 1, previous).await?;
            records.push(record);
        }
        self.reaches(&records, head.map(|(head, _)| head))?;
        Ok(records)
    }

    async fn verified(
        &self,
        key: &StoreKey,
        sequence: u64,
        previous: Option<&Sha256>,
    ) -> Result<(Record, Sha256), LedgerError> {
        let gone = || self.tampered(key, "it vanished while it was read".to_owned());
        let stored = self.store.get(key).await?.ok_or_else(gone)?;
        self.checked(&stored, key, sequence, previous)
    }

    fn checked(
        &self,
        stored: &Stored,
        key: &StoreKey,
        sequence: u64,
        previous: Option<&Sha256>,
    ) -> Result<(Record, Sha256), LedgerError> {
        let record: Record =
            serde_json::from_slice(&stored.bytes).map_err(|error| self.tampered(key, error.to_string()))?;
        if !(RECORD_SCHEMA..=WITH_SITES).contains(&record.schema) {
            let (format, newest) = (record.schema, WITH_SITES);
            return Err(self.tampered(key, format!("its format {format} is newer than {newest}")));
        }
        if record.sequence != sequence || *key != self.key(sequence) {
            return Err(self.tampered(key, format!("record {sequence} is missing")));
        }
        if record.previous.as_ref() != previous {
            return Err(self.tampered(key, "it does not carry the hash of the record before".to_owned()));
        }
        Ok((record, stored.hash()))
    }

    /// The head must name a record that is there, with that very content.
    fn reaches(&self, records: &[(Record, Sha256)], head: Option<Head>) -> Result<(), LedgerError> {
        let Some(head) = head else { return Ok(()) };
        let at_head = usize::try_from(head.sequence).ok().and_then(|place| records.get(place.checked_sub(1)?));
        match at_head {
            Some((_, hash)) if *hash == head.hash => Ok(()),
            Some(_) => {
                Err(self.tampered(&self.key(head.sequence), "its content is not what the head names".to_owned()))
            }
            None => Err(self.tampered(&self.key(head.sequence), "the newest record is missing".to_owned())),
        }
    }

    fn tampered(&self, key: &StoreKey, what: String) -> LedgerError {
        LedgerError::Tampered { environment: self.environment.clone(), key: key.clone(), what }
    }

    fn prefix(&self) -> StoreKey {
        format!("environments/{}/records", self.environment).parse().expect("names are key parts")
    }

    fn key(&self, sequence: u64) -> StoreKey {
        format!("{}/{sequence:08}.json", self.prefix()).parse().expect("a key with a number appended is a key")
    }

    fn head_key(&self) -> StoreKey {
        format!("environments/{}/head.json", self.environment).parse().expect("names are key parts")
    }
}

fn encode(record: &Record) -> Vec<u8> {
    serde_json::to_vec_pretty(record).expect("a record has only text keys")
}
