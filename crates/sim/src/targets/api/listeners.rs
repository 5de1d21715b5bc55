//! `DescribeListeners` and `DescribeRules`.
//!
//! Every action forwards to one target group; weights are not described.

use serde_json::{Value, json};

use super::{
    super::{
        spec::{ListenerSpec, LoadBalancerSpec},
        store::View,
    },
    errors::{no_balancer, no_listener, no_rule, validation},
    paged,
};
use crate::{api::Members, fault::AwsError};

pub(super) fn describe(view: &View<'_>, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["LoadBalancerArn", "ListenerArns", "Marker", "PageSize"])?;
    let (balancer, arns) = (members.text("LoadBalancerArn")?, members.texts("ListenerArns")?);
    if balancer.is_some() != arns.is_empty() {
        return Err(validation("Either listener ARNs or a load balancer ARN has to be specified"));
    }
    if let Some(arn) = balancer.filter(|arn| view.store.balancers.iter().all(|one| view.balancer_arn(one) != **arn)) {
        return Err(no_balancer(arn));
    }
    let all: Vec<_> = listeners(view).collect();
    if arns.iter().any(|arn| all.iter().all(|(one, _, _)| one != arn)) {
        return Err(no_listener());
    }
    let wanted = all.iter().filter(|(arn, owner, _)| match balancer {
        Some(balancer) => view.balancer_arn(owner) == balancer,
        None => arns.contains(&&**arn),
    });
    let shown = wanted.map(|(arn, owner, listener)| {
        json!({
            "ListenerArn": arn,
            "LoadBalancerArn": view.balancer_arn(owner),
            "Port": listener.port,
            "Protocol": if listener.port == 443 { "HTTPS" } else { "HTTP" },
            "DefaultActions": [forward(view, &listener.target_group)],
        })
    });
    paged("Listeners", shown.collect(), &members)
}

pub(super) fn rules(view: &View<'_>, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["ListenerArn", "RuleArns", "Marker", "PageSize"])?;
    let (listener, arns) = (members.text("ListenerArn")?, members.texts("RuleArns")?);
    if listener.is_some() != arns.is_empty() {
        return Err(validation("Either rule ARNs or a listener ARN has to be specified"));
    }
    if listener.is_some_and(|arn| listeners(view).all(|(one, _, _)| one != arn)) {
        return Err(no_listener());
    }
    let all: Vec<(String, Value)> =
        listeners(view).flat_map(|(arn, owner, listener)| rules_of(view, &arn, owner, listener)).collect();
    let is_there = |wanted: &str| all.iter().any(|(_, rule)| rule["RuleArn"] == wanted);
    if arns.iter().any(|arn| !is_there(arn)) {
        return Err(no_rule());
    }
    let wanted = |(of, rule): &&(String, Value)| match listener {
        Some(listener) => of == listener,
        None => arns.iter().any(|arn| rule["RuleArn"] == **arn),
    };
    let shown = all.iter().filter(wanted).map(|(_, rule)| rule.clone());
    paged("Rules", shown.collect(), &members)
}

/// Every listener with its ARN and its load balancer.
fn listeners<'a>(view: &'a View<'_>) -> impl Iterator<Item = (String, &'a LoadBalancerSpec, &'a ListenerSpec)> {
    view.store.balancers.iter().flat_map(move |balancer| {
        let listeners = balancer.listeners.iter();
        listeners.map(move |listener| (view.listener_arn(balancer, listener.port), balancer, listener))
    })
}

/// The rules of a listener, each with the listener's ARN; the default one is the last.
fn rules_of(view: &View<'_>, of: &str, balancer: &LoadBalancerSpec, listener: &ListenerSpec) -> Vec<(String, Value)> {
    let rule = |place: usize, priority: String, conditions: Value, group: &str| {
        let shown = json!({
            "RuleArn": view.rule_arn(balancer, listener.port, place),
            "Priority": priority,
            "Conditions": conditions,
            "Actions": [forward(view, group)],
            "IsDefault": place == 0,
        });
        (of.to_owned(), shown)
    };
    let own = listener.rules.iter().zip(1..).map(|(own, place)| {
        let condition =
            json!([{"Field": "path-pattern", "Values": [own.path], "PathPatternConfig": {"Values": [own.path]}}]);
        rule(place, place.to_string(), condition, &own.target_group)
    });
    own.chain([rule(0, "default".to_owned(), json!([]), &listener.target_group)]).collect()
}

fn forward(view: &View<'_>, group: &str) -> Value {
    let arn = view.group_arn(group);
    json!({
        "Type": "forward",
        "TargetGroupArn": arn,
        "Order": 1,
        "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": arn, "Weight": 1}],
            "TargetGroupStickinessConfig": {"Enabled": false},
        },
    })
}
