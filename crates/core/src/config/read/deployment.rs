//! How ECS is to deploy: our keys as the members of ECS's `deploymentConfiguration`.
//!
//! Only what is named becomes a member; whether the whole makes sense together is ECS's to say.

use serde_json::{Map, Value, json};

use crate::config::{
    keys,
    mistake::{Complaint, Findings},
    tree::{Node, Section},
};

/// The members that the table names.
pub(super) fn members(node: Option<&Node<'_>>, findings: &mut Findings<'_>) -> Map<String, Value> {
    let Some(section) = node.and_then(|node| node.section(&keys::DEPLOYMENT)) else {
        return Map::new();
    };
    steps_fit_strategy(&section, findings);
    let mut members = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        members.extend(value.map(|value| (name.to_owned(), value)));
    };
    add("strategy", text(&section, "strategy").map(|text| json!(text.replace('-', "_").to_ascii_uppercase())));
    add("minimumHealthyPercent", number(&section, "minimum-healthy-percent"));
    add("maximumPercent", number(&section, "maximum-percent"));
    add("bakeTimeInMinutes", minutes(&section, "bake-time"));
    let canary = [
        ("canaryPercent", number(&section, "canary-percent")),
        ("canaryBakeTimeInMinutes", minutes(&section, "canary-bake-time")),
    ];
    add("canaryConfiguration", table(canary));
    let linear = [
        ("stepPercent", number(&section, "step-percent")),
        ("stepBakeTimeInMinutes", minutes(&section, "step-bake-time")),
    ];
    add("linearConfiguration", table(linear));
    add("alarms", alarms(&section));
    members
}

/// All three members are required by ECS; none of ours is "watch, but do nothing".
fn alarms(section: &Section<'_>) -> Option<Value> {
    let names: Vec<String> =
        section.written("alarms")?.elements().iter().filter_map(|name| name.text().map(str::to_owned)).collect();
    let is_on = !names.is_empty();
    Some(json!({ "alarmNames": names, "enable": is_on, "rollback": is_on }))
}

fn table(members: [(&str, Option<Value>); 2]) -> Option<Value> {
    let named: Map<String, Value> =
        members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    (!named.is_empty()).then_some(Value::Object(named))
}

fn text(section: &Section<'_>, name: &str) -> Option<String> {
    section.written(name)?.text().map(str::to_owned)
}

fn number(section: &Section<'_>, name: &str) -> Option<Value> {
    section.written(name)?.integer().map(|number| json!(number))
}

fn minutes(section: &Section<'_>, name: &str) -> Option<Value> {
    section.written(name)?.duration().map(|length| json!(length.as_secs() / 60))
}

/// Steps of one strategy beside another are a slip of the pen: ECS would not use them.
fn steps_fit_strategy(section: &Section<'_>, findings: &mut Findings<'_>) {
    let Some(strategy) = text(section, "strategy") else {
        return;
    };
    let steps = [("canary", ["canary-percent", "canary-bake-time"]), ("linear", ["step-percent", "step-bake-time"])];
    for (of, names) in steps.into_iter().filter(|(of, _)| *of != strategy) {
        for node in names.into_iter().filter_map(|name| section.written(name)) {
            let message = format!("is for the strategy `{of}`, not for `{strategy}`");
            findings.add(
                &node.span,
                &node.path,
                Complaint::new(message, format!("remove it, or use `strategy = \"{of}\"`")),
            );
        }
    }
}
