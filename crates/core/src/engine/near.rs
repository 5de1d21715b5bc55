//! The names of services that are like one which is not there, for whoever wrote it wrongly.
//!
//! A hint and nothing more: where the services may not be listed, there is none.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use crate::{
    identifier::{ClusterName, ServiceName},
    rollout::{ServiceKey, ServiceSnapshot},
};

use super::run::Run;

/// How many names are told.
const TOLD: usize = 3;

/// What the clusters hold in which a service is missing.
pub(super) type Neighbours = BTreeMap<ClusterName, Vec<ServiceName>>;

impl Run<'_> {
    /// Asks for the services of every cluster in which one is missing.
    pub(super) async fn neighbours(&self, keys: &[ServiceKey], found: &[Option<ServiceSnapshot>]) -> Neighbours {
        let missing = keys.iter().zip(found).filter(|(_, snapshot)| snapshot.is_none());
        let clusters: BTreeSet<&ClusterName> = missing.map(|(key, _)| &key.cluster).collect();
        let asked = clusters.into_iter().map(|cluster| async move {
            let names = self.read("ecs:ListServices", self.world.services.names(cluster)).await;
            (cluster.clone(), names.unwrap_or_default())
        });
        join_all(asked).await.into_iter().collect()
    }
}

/// What is said of the names that are most like this one, if any is known.
pub(super) fn hint(key: &ServiceKey, neighbours: &Neighbours) -> String {
    let mut names: Vec<&str> = neighbours.get(&key.cluster).into_iter().flatten().map(ServiceName::as_str).collect();
    names.sort_by_key(|name| (strsim::damerau_levenshtein(key.service.as_str(), name), *name));
    let nearest: Vec<String> = names.iter().take(TOLD).map(|name| format!("`{name}`")).collect();
    match (nearest.is_empty(), names.len() > TOLD) {
        (true, _) => String::new(),
        (false, true) => format!("; most like it in that cluster are {}", nearest.join(", ")),
        (false, false) => format!("; that cluster has {}", nearest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first_and_not_all_of_many() {
        let check = |names: &[&str], expected: &str| {
            let names = names.iter().map(|name| name.parse().unwrap()).collect();
            let neighbours = Neighbours::from([("shop-dev".parse().unwrap(), names)]);
            let key = ServiceKey { cluster: "shop-dev".parse().unwrap(), service: "shop-apo".parse().unwrap() };
            assert_eq!(hint(&key, &neighbours), expected);
        };
        check(&["worker", "shop-api"], "; that cluster has `shop-api`, `worker`");
        check(&["a", "b", "shop-app", "shop-api"], "; most like it in that cluster are `shop-api`, `shop-app`, `a`");
        check(&[], "");
    }

    #[test]
    fn a_cluster_that_nobody_may_list_gives_no_hint() {
        let key = ServiceKey { cluster: "shop-dev".parse().unwrap(), service: "shop-apo".parse().unwrap() };
        assert_eq!(hint(&key, &Neighbours::new()), "");
    }
}
