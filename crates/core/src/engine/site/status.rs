//! What is live of an environment's sites: by the ledger, and by their markers.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    config::{Application, Environment},
    identifier::ComponentName,
    ledger::{Record, history},
    ports::{BucketError, CallError},
    promotion::LiveSite,
    site::{Marker, SiteOwner},
};

use super::super::{
    status::{Health, SiteStatus},
    world::World,
};
use super::check::live;

/// Every site of an environment; why a marker could not be read, where one could not.
pub(in super::super) async fn look(
    application: &Application,
    environment: &Environment,
    world: &World,
    records: &[Record],
) -> (BTreeMap<ComponentName, SiteStatus>, Option<CallError>) {
    let proven = history::last_proven_sites(records);
    let (mut sites, mut trouble) = (BTreeMap::new(), None);
    for (name, site) in &environment.sites {
        let proven = proven.get(name).map(|proven| proven.live.clone());
        let owner =
            SiteOwner { app: application.app.clone(), environment: environment.name.clone(), component: name.clone() };
        let read = match &world.sites {
            Some(ports) => ports.bucket.marker(&site.home).await.map(Some),
            None => Ok(None),
        };
        let (live, health) = match read {
            Ok(Some(Some(stored))) => match Marker::from_json(&stored.bytes, &owner) {
                Ok(marker) => judged(live(&marker), proven.as_ref()),
                Err(_) => (None, Health::Drifted),
            },
            Ok(Some(None)) => (None, if proven.is_some() { Health::Missing } else { Health::Unproven }),
            Ok(None) => (None, Health::Unknown),
            Err(BucketError::NoBucket(_)) => (None, Health::Missing),
            Err(error) => {
                trouble = trouble.or_else(|| error.call().cloned());
                (None, Health::Unknown)
            }
        };
        let since = proven.as_ref().and_then(|proven| live_since(records, name, proven));
        sites.insert(name.clone(), SiteStatus { proven, since, live, health });
    }
    (sites, trouble)
}

fn judged(live: LiveSite, proven: Option<&LiveSite>) -> (Option<LiveSite>, Health) {
    let health = match proven {
        None => Health::Unproven,
        Some(proven) if proven.manifest == live.manifest => Health::Steady,
        Some(_) => Health::Drifted,
    };
    (Some(live), health)
}

fn live_since(records: &[Record], name: &ComponentName, proven: &LiveSite) -> Option<Timestamp> {
    let of_site = |record: &&Record| record.sites.get(name).is_some_and(|site| site.serves.is_some());
    let is_same = |record: &&Record| {
        let then = record.sites.get(name).and_then(|site| site.serves.as_ref());
        then.is_some_and(|then| then.manifest == proven.manifest)
    };
    records.iter().rev().filter(of_site).take_while(is_same).last().map(|record| record.timestamp_utc)
}
