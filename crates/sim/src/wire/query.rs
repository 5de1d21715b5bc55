//! Reading the forms of awsQuery: `Targets.member.1.Id=10.0.0.1` becomes what a JSON protocol would have sent.
//!
//! A form has only texts: which members are numbers, flags or lists is told by their names.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use crate::{fault::AwsError, world::Service};

/// The deepest nesting of a member.
const DEEPEST: usize = 12;

/// A form: its operation and version, if it names them, and its input.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Form {
    pub(super) operation: Option<String>,
    pub(super) version: Option<String>,
    members: BTreeMap<String, Node>,
}

/// A member while the form is being read.
#[derive(Debug, Default, PartialEq)]
struct Node {
    text: Option<String>,
    members: BTreeMap<String, Self>,
}

impl Form {
    /// Reads a form; a member that is nested too deeply is an error.
    pub(super) fn read(form: &[u8]) -> Result<Self, AwsError> {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(form) {
            match name.as_ref() {
                "Action" => read.operation = Some(value.into_owned()),
                "Version" => read.version = Some(value.into_owned()),
                name => insert(&mut read.members, name, value.into_owned())?,
            }
        }
        Ok(read)
    }

    /// The input, with the types that the members of `service` have.
    pub(super) fn input(self, service: Service) -> Result<Value, AwsError> {
        structure(service, self.members)
    }
}

fn insert(members: &mut BTreeMap<String, Node>, name: &str, value: String) -> Result<(), AwsError> {
    let parts: Vec<&str> = name.split('.').collect();
    let Some((last, path)) = parts.split_last().filter(|_| parts.len() <= DEEPEST) else {
        return Err(AwsError::client("MalformedInput", format!("The parameter {name} is nested too deeply")));
    };
    let into = path.iter().fold(members, |into, part| &mut into.entry((*part).to_owned()).or_default().members);
    into.entry((*last).to_owned()).or_default().text = Some(value);
    Ok(())
}

fn structure(service: Service, members: BTreeMap<String, Node>) -> Result<Value, AwsError> {
    let typed = members.into_iter().map(|(name, node)| {
        let value = typed(service, &name, node)?;
        Ok((name, value))
    });
    Ok(Value::Object(typed.collect::<Result<Map<_, _>, AwsError>>()?))
}

fn typed(service: Service, name: &str, mut node: Node) -> Result<Value, AwsError> {
    if let Some(items) = node.members.remove("member") {
        return list(service, items);
    }
    match (node.text, kind(service, name)) {
        // A list without entries is sent as an empty text.
        (Some(text), Kind::List) if text.is_empty() => Ok(Value::Array(Vec::new())),
        (Some(text), kind) => scalar(name, text, kind),
        (None, _) => structure(service, node.members),
    }
}

/// The entries in the order of their numbers.
fn list(service: Service, items: Node) -> Result<Value, AwsError> {
    let mut numbered: Vec<_> =
        items.members.into_iter().map(|(number, item)| (number.parse::<u64>().unwrap_or(u64::MAX), item)).collect();
    numbered.sort_by_key(|(number, _)| *number);
    let items = numbered.into_iter().map(|(_, item)| match item.text {
        Some(text) => Ok(Value::from(text)),
        None => structure(service, item.members),
    });
    items.collect()
}

/// What a member is, besides a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    Fraction,
    Flag,
    List,
}

fn scalar(name: &str, text: String, kind: Kind) -> Result<Value, AwsError> {
    let read = match kind {
        Kind::Text => return Ok(text.into()),
        Kind::Whole => text.parse::<i64>().ok().map(Value::from),
        Kind::Fraction => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
        Kind::Flag => text.parse::<bool>().ok().map(Value::from),
        Kind::List => None,
    };
    read.ok_or_else(|| AwsError::client("MalformedInput", format!("'{text}' is not a value that {name} can have")))
}

/// What a member of `service` is, by its name.
fn kind(service: Service, name: &str) -> Kind {
    match (service, name) {
        (Service::CloudWatch, "MaxRecords" | "Period" | "EvaluationPeriods" | "DatapointsToAlarm")
        | (Service::LoadBalancing, "PageSize" | "Port") => Kind::Whole,
        (Service::CloudWatch, "Threshold") => Kind::Fraction,
        (Service::CloudWatch, "ActionsEnabled" | "ReturnData") => Kind::Flag,
        (
            Service::CloudWatch,
            "AlarmNames"
            | "AlarmTypes"
            | "OKActions"
            | "AlarmActions"
            | "InsufficientDataActions"
            | "Dimensions"
            | "Metrics"
            | "Tags",
        )
        | (
            Service::LoadBalancing,
            "LoadBalancerArns" | "Names" | "TargetGroupArns" | "ListenerArns" | "RuleArns" | "Targets" | "Include",
        ) => Kind::List,
        (_, _) => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tables of values read better without borrows")]
    fn check(service: Service, form: &str, expected: Value) {
        assert_eq!(Form::read(form.as_bytes()).unwrap().input(service).unwrap(), expected, "{form}");
    }

    #[test]
    fn lists_and_structures_are_put_together() {
        check(
            Service::CloudWatch,
            "AlarmNames.member.2=b&AlarmNames.member.10=c&AlarmNames.member.1=a",
            json!({"AlarmNames": ["a", "b", "c"]}),
        );
        check(
            Service::LoadBalancing,
            "Targets.member.1.Id=10.0.0.1&Targets.member.1.Port=80",
            json!({"Targets": [{"Id": "10.0.0.1", "Port": 80}]}),
        );
        check(Service::CloudWatch, "AlarmNames=", json!({"AlarmNames": []}));
    }

    #[test]
    fn numbers_and_flags_are_known_by_their_names() {
        check(
            Service::CloudWatch,
            "Period=60&Threshold=5&ActionsEnabled=false&AlarmName=5",
            json!({"Period": 60, "Threshold": 5.0, "ActionsEnabled": false, "AlarmName": "5"}),
        );
        check(Service::Sts, "DurationSeconds=900", json!({"DurationSeconds": "900"}));
        let wrong = Form::read(b"Period=soon").unwrap().input(Service::CloudWatch).unwrap_err();
        assert_eq!(wrong.code, "MalformedInput");
    }

    proptest::proptest! {
        #[test]
        fn no_form_is_too_strange(form in ".*", name in "[a-c.]{0,30}") {
            let _input = Form::read(form.as_bytes()).and_then(|form| form.input(Service::CloudWatch));
            let _input = Form::read(format!("{name}=1&{name}.member.1=2").as_bytes()).and_then(|form| form.input(Service::LoadBalancing));
        }
    }
}
