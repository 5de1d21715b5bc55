//! What holds for every document: generated ones with unknown members, shuffled, with nulls, and JSON of any kind.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

const HUSH: &str = "hush-3f9c";

fn document(value: Value) -> Document {
    Document::from_described(value, Vec::new()).unwrap()
}

/// JSON of any kind, with members that task definitions have.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Few digits: `serde_json` reads more of them back inexactly unless it is told otherwise.
        any::<i16>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        any::<String>().prop_map(Value::from),
        prop_oneof![Just("1 vCPU"), Just("awsvpc"), Just("api"), Just("{{X}} ${X}"), Just("")].prop_map(Value::from),
    ];
    let name = prop_oneof![
        4 => prop_oneof![
            Just("family"), Just("containerDefinitions"), Just("name"), Just("image"), Just("environment"), Just("secrets"),
            Just("value"), Just("cpu"), Just("memory"), Just("portMappings"), Just("containerPort"), Just("hostPort"),
            Just("taskDefinition"), Just("tags"), Just("logConfiguration"), Just("secretOptions"), Just("networkMode"),
            Just("healthCheck"), Just("options"), Just("volumes"), Just("links"), Just("command"),
        ].prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    leaf.prop_recursive(5, 48, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn container(name: &'static str) -> impl Strategy<Value = Value> {
    let environment = proptest::sample::subsequence(vec!["A", "B", "C"], 0..=3);
    let ports = proptest::sample::subsequence(vec![80_u16, 443, 8080], 0..=3);
    (environment, ports, proptest::option::of(any_json()), any::<bool>(), 0..3_u8).prop_map(move |(environment, ports, unknown, essential, cpu)| {
        let environment: Vec<_> = environment.iter().map(|name| json!({"name": name, "value": format!("{HUSH} {cpu}")})).collect();
        let ports: Vec<_> = ports.iter().map(|port| json!({"containerPort": port, "hostPort": port, "protocol": "tcp"})).collect();
        let mut container = json!({"name": name, "image": "i:1", "cpu": cpu, "essential": essential, "environment": environment, "portMappings": ports});
        if let Some(unknown) = unknown {
            container["unknownMember"] = unknown;
        }
        container
    })
}

fn any_document() -> impl Strategy<Value = Value> {
    let mode = prop_oneof![Just("awsvpc"), Just("bridge")];
    let containers = (container("api"), container("log"), any::<bool>())
        .prop_map(|(api, log, both)| if both { vec![api, log] } else { vec![api] });
    let size = prop_oneof![Just(("1 vCPU", "2 GB")), Just(("1024", "2048")), Just(("256", ".5 gb"))];
    (mode, containers, size, proptest::option::of(any_json())).prop_map(|(mode, containers, (cpu, memory), unknown)| {
        let mut value = json!({"family": "shop", "networkMode": mode, "containerDefinitions": containers, "cpu": cpu, "memory": memory,
            "requiresCompatibilities": ["EC2", "FARGATE"]});
        if let Some(unknown) = unknown {
            value["someFutureMember"] = unknown;
        }
        value
    })
}

/// The same by meaning: members and named lists the other way round, with nulls and what AWS fills in.
fn in_other_words(value: &Value) -> Value {
    let mut members = reversed(value);
    members.insert("pidMode".to_owned(), Value::Null);
    members.insert("volumes".to_owned(), json!([]));
    if value["cpu"] == "1 vCPU" {
        members.insert("cpu".to_owned(), json!("1024"));
    }
    let containers = value["containerDefinitions"].as_array().unwrap().iter().rev().map(container_in_other_words);
    members.insert("containerDefinitions".to_owned(), containers.collect());
    members.insert("requiresCompatibilities".to_owned(), json!(["FARGATE", "EC2"]));
    Value::Object(members)
}

fn container_in_other_words(container: &Value) -> Value {
    let mut members = reversed(container);
    members.insert("user".to_owned(), Value::Null);
    members.insert("mountPoints".to_owned(), json!([]));
    if members["essential"] == json!(true) {
        members.remove("essential");
    }
    for list in ["environment", "portMappings"] {
        members[list].as_array_mut().unwrap().reverse();
    }
    for mapping in members["portMappings"].as_array_mut().unwrap() {
        mapping.as_object_mut().unwrap().remove("protocol");
    }
    Value::Object(members)
}

fn reversed(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().iter().rev().map(|(name, member)| (name.clone(), member.clone())).collect()
}

proptest! {
    #[test]
    fn the_same_in_other_words_is_no_difference(value in any_document()) {
        let (one, other) = (document(value.clone()), document(in_other_words(&value)));
        prop_assert_eq!(diff(&one, &other).to_string(), "no difference");
        prop_assert_eq!(one.fingerprint(), other.fingerprint());
    }

    #[test]
    fn a_diff_is_empty_exactly_where_fingerprints_are_equal(one in any_document(), other in any_document()) {
        let (one, other) = (document(one), document(other));
        prop_assert_eq!(diff(&one, &other).is_empty(), one.fingerprint() == other.fingerprint());
    }

    #[test]
    fn no_environment_value_comes_out(one in any_document(), other in any_document()) {
        let (one, other) = (document(one), document(other));
        let diff = diff(&one, &other);
        let shown = format!("{diff} {one:?} {other:?} {}", serde_json::to_string(&diff).unwrap());
        prop_assert!(!shown.contains(HUSH), "{}", shown);
    }

    #[test]
    fn rendering_changes_the_image_alone(value in any_document()) {
        let image = "ghcr.io/o/api@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let before = document(value);
        let images = [("api".parse().unwrap(), image.parse().unwrap())].into();
        let after = before.render(&Rendering { images, ..Rendering::default() }).unwrap().document;
        let mut expected = before.to_value();
        expected["containerDefinitions"][0]["image"] = json!(image);
        prop_assert_eq!(after.to_request_json(&[]), expected.to_string().into_bytes());
        prop_assert_eq!(diff(&before, &after).to_string(), format!("containerDefinitions[api].image: i:1 -> {image}"));
    }

    #[test]
    fn what_was_sent_comes_back_as_the_same_document(value in any_document()) {
        let sent = document(value);
        let text = String::from_utf8(sent.to_request_json(&[])).unwrap();
        prop_assert_eq!(diff(&sent, &Document::parse(&text, "").unwrap()).to_string(), "no difference");
    }

    #[test]
    fn no_json_is_too_odd(one in any_json(), other in any_json()) {
        let both = [one, other].map(|value| Document::parse(&value.to_string(), ""));
        for document in both.iter().flatten() {
            let rendering = Rendering { placeholders: [("X".to_owned(), "x".to_owned())].into(), ..Rendering::default() };
            let _rendered = document.render(&rendering).map_err(|error| error.to_string());
            let (_problems, _secrets) = (document.problems(), document.secrets().len());
            let (_size, _platform) = ((document.cpu(), document.memory()), document.runtime_platform());
            let _body = document.to_request_json(&[]);
        }
        if let [Ok(one), Ok(other)] = &both {
            let diff = diff(one, other);
            prop_assert_eq!(diff.is_empty(), one.fingerprint() == other.fingerprint());
            prop_assert!(!diff.to_string().replace('\n', "").contains(char::is_control));
        }
    }

    #[test]
    fn no_text_is_too_odd(text in any::<String>(), lead in prop_oneof![Just(""), Just("{\"a\": {{"), Just("{\"a\": \"${")]) {
        let _document = Document::parse(&format!("{lead}{text}"), "").map_err(|error| error.to_string());
    }
}
