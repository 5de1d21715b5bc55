//! The load balancers and target groups of one account and region.
//!
//! Targets are not kept: they are whatever ECS runs when somebody asks.

use serde::{Deserialize, Serialize};

use super::{
    group::{Group, arn},
    health::Registered,
    spec::{LoadBalancerSpec, TargetGroupSpec},
};
use crate::world::Place;

/// What was described of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LoadBalancing {
    groups: Vec<TargetGroupSpec>,
    pub(super) balancers: Vec<LoadBalancerSpec>,
}

/// What is described, and what runs: all that the operations look at.
pub(super) struct View<'a> {
    pub(super) place: &'a Place,
    pub(super) store: &'a LoadBalancing,
    pub(super) targets: &'a [Registered],
    /// How long ECS drains, in seconds.
    pub(super) drain: f64,
    /// Described groups first, then those that only targets name.
    pub(super) groups: Vec<Group>,
}

impl LoadBalancing {
    pub(crate) fn add_group(&mut self, group: &TargetGroupSpec) {
        self.groups.push(group.clone());
    }

    pub(crate) fn add_balancer(&mut self, balancer: &LoadBalancerSpec) {
        self.balancers.push(balancer.clone());
    }

    pub(super) fn view<'a>(&'a self, place: &'a Place, targets: &'a [Registered], drain: f64) -> View<'a> {
        let mut groups: Vec<Group> = self.groups.iter().map(|spec| Group::described(spec, place)).collect();
        for target in targets {
            if groups.iter().all(|group| group.arn != target.group) {
                groups.extend(Group::named(&target.group, target.port, place));
            }
        }
        View { place, store: self, targets, drain, groups }
    }
}

impl View<'_> {
    /// The load balancers whose listeners or rules send requests to a group.
    pub(super) fn balancers_of(&self, group: &Group) -> Vec<String> {
        let sends = |balancer: &&LoadBalancerSpec| {
            let mut listeners = balancer.listeners.iter();
            listeners.any(|listener| {
                let rules = listener.rules.iter().map(|rule| &rule.target_group);
                rules.chain([&listener.target_group]).any(|name| *name == group.spec.name)
            })
        };
        self.store.balancers.iter().filter(sends).map(|balancer| self.balancer_arn(balancer)).collect()
    }

    /// Whether requests reach a group; where no load balancer is described, they reach every one.
    pub(super) fn is_in_use(&self, group: &Group) -> bool {
        self.store.balancers.is_empty() || !self.balancers_of(group).is_empty()
    }

    pub(super) fn balancer_arn(&self, balancer: &LoadBalancerSpec) -> String {
        arn(self.place, &format!("loadbalancer/app/{}/{}", balancer.name, balancer.id))
    }

    pub(super) fn listener_arn(&self, balancer: &LoadBalancerSpec, port: u16) -> String {
        arn(self.place, &format!("listener/app/{}/{}/{port:016}", balancer.name, balancer.id))
    }

    pub(super) fn rule_arn(&self, balancer: &LoadBalancerSpec, port: u16, place: usize) -> String {
        arn(self.place, &format!("listener-rule/app/{}/{}/{port:016}/{place:016}", balancer.name, balancer.id))
    }

    /// The ARN of the group with a name; a name that nobody described has one all the same.
    pub(super) fn group_arn(&self, name: &str) -> String {
        let found = self.groups.iter().find(|group| group.spec.name == name);
        found
            .map_or_else(|| arn(self.place, &format!("targetgroup/{name}/0000000000000000")), |group| group.arn.clone())
    }
}
