//! What every [`Store`] must do, as checks that any implementation can run: a directory now, S3 later.
//!
//! Each check works below a prefix of its own and returns what was broken, in words.

pub mod images;

use bytes::Bytes;
use futures_util::StreamExt as _;

use super::{Store, StoreError, StoreKey};

/// Runs every check against `store`, which must be empty below `conformance/`.
///
/// # Errors
/// The first guarantee that does not hold, in words.
pub async fn check(store: &dyn Store) -> Result<(), String> {
    absent_objects_are_none(store).await?;
    creation_happens_once(store).await?;
    replacement_needs_the_state_that_was_read(store).await?;
    large_objects_come_in_pieces(store).await?;
    listing_is_in_byte_order(store).await?;
    many_creators_have_one_winner(store).await?;
    many_replacers_have_one_winner(store).await?;
    time_does_not_go_back(store).await
}

fn key(name: &str) -> StoreKey {
    format!("conformance/{name}").parse().expect("the checks' names are plain")
}

fn hold(holds: bool, guarantee: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(guarantee.to_owned()) }
}

fn works<T>(result: Result<T, StoreError>, what: &str) -> Result<T, String> {
    result.map_err(|error| format!("{what}: {error}"))
}

async fn absent_objects_are_none(store: &dyn Store) -> Result<(), String> {
    let found = works(store.get(&key("absent")).await, "reading what is not there")?;
    hold(found.is_none(), "an object that was never created is absent")?;
    let listed = works(store.list(&key("absent")).await, "listing what is not there")?;
    hold(listed.is_empty(), "a prefix without objects lists nothing")
}

async fn creation_happens_once(store: &dyn Store) -> Result<(), String> {
    let key = key("once/object");
    let revision = works(store.create(&key, b"first").await, "creating")?;
    let again = store.create(&key, b"second").await;
    hold(again == Err(StoreError::AlreadyThere(key.clone())), "a second creation is refused")?;
    let stored = works(store.get(&key).await, "reading")?.ok_or("a created object can be read")?;
    hold(stored.bytes == b"first", "a refused creation changes nothing")?;
    hold(stored.revision == revision, "creation returns the state that a read shows")
}

async fn replacement_needs_the_state_that_was_read(store: &dyn Store) -> Result<(), String> {
    let key = key("replace/object");
    let first = works(store.create(&key, b"1").await, "creating")?;
    let second = works(store.replace(&key, b"2", &first).await, "replacing")?;
    let stale = store.replace(&key, b"3", &first).await;
    hold(stale == Err(StoreError::Changed(key.clone())), "replacing an older state is refused")?;
    let stored = works(store.get(&key).await, "reading")?.ok_or("a replaced object can be read")?;
    hold(stored.bytes == b"2" && stored.revision == second, "a refused replacement changes nothing")?;
    let nothing = store.replace(&self::key("replace/absent"), b"x", &first).await;
    hold(matches!(nothing, Err(StoreError::Changed(_))), "what is not there cannot be replaced")
}

async fn large_objects_come_in_pieces(store: &dyn Store) -> Result<(), String> {
    let (key, large) = (key("large/object"), Bytes::from(vec![7; 1_000_000]));
    works(store.create_large(&key, large.clone()).await, "creating what is large")?;
    let again = store.create_large(&key, Bytes::from_static(b"x")).await;
    hold(again == Err(StoreError::AlreadyThere(key.clone())), "a second creation of what is large is refused")?;
    let mut pieces = works(store.read(&key).await, "reading in pieces")?.ok_or("a created object can be read")?;
    let mut all = Vec::new();
    while let Some(piece) = pieces.next().await {
        all.extend_from_slice(&works(piece, "reading a piece")?);
    }
    hold(all == large, "the pieces of an object are the object")?;
    let absent = works(store.read(&self::key("large/absent")).await, "reading what is not there in pieces")?;
    hold(absent.is_none(), "what is not there has no pieces")
}

async fn listing_is_in_byte_order(store: &dyn Store) -> Result<(), String> {
    for name in ["list/b", "list/a/2", "list/a/10", "list/B", "list-other/x"] {
        works(store.create(&key(name), b"x").await, "creating")?;
    }
    let listed = works(store.list(&key("list")).await, "listing")?;
    let expected: Vec<StoreKey> = ["list/B", "list/a/10", "list/a/2", "list/b"].map(key).into();
    hold(listed == expected, "a listing shows all levels below the prefix, nothing beside it, in byte order")
}

async fn many_creators_have_one_winner(store: &dyn Store) -> Result<(), String> {
    let key = key("race/create");
    let contents: Vec<String> = (0..16).map(|number| format!("creator {number}")).collect();
    let attempts = contents.iter().map(|content| store.create(&key, content.as_bytes()));
    let results = futures_util::future::join_all(attempts).await;
    let winners: Vec<usize> = (0..16).filter(|index| results[*index].is_ok()).collect();
    hold(winners.len() == 1, "of many creators exactly one wins")?;
    let stored = works(store.get(&key).await, "reading")?.ok_or("the winner's object can be read")?;
    hold(stored.bytes == contents[winners[0]].as_bytes(), "what is stored is the winner's, whole")
}

async fn many_replacers_have_one_winner(store: &dyn Store) -> Result<(), String> {
    let key = key("race/replace");
    let state = works(store.create(&key, b"0").await, "creating")?;
    let contents: Vec<String> = (0..16).map(|number| format!("replacer {number}")).collect();
    let attempts = contents.iter().map(|content| store.replace(&key, content.as_bytes(), &state));
    let results = futures_util::future::join_all(attempts).await;
    hold(results.iter().filter(|result| result.is_ok()).count() == 1, "of many replacers exactly one wins")
}

async fn time_does_not_go_back(store: &dyn Store) -> Result<(), String> {
    let first = works(store.now().await, "asking for the time")?;
    let second = works(store.now().await, "asking for the time")?;
    hold(second >= first, "the store's time does not go back")
}
