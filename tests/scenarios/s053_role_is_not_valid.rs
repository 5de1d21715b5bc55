//! Scenario 53: "Role is not valid".
//!
//! In the wild: a definition without a task role was sent with an empty one, and refused.
//!
//! Demanded: what is absent stays absent and is never sent as an empty text.

use serde_json::Value;
use towpath_cli::Exit;
use towpath_tests::scenario::Shop;

fn empty_texts(value: &Value, path: &str) -> Vec<String> {
    match value {
        Value::String(text) if text.is_empty() => vec![path.to_owned()],
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| empty_texts(value, &format!("{path}.{name}"))).collect()
        }
        Value::Array(elements) => elements.iter().flat_map(|value| empty_texts(value, path)).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_absent_stays_absent() {
    let shop = Shop::new().created_with("launchType", "EC2").definition(|definition| {
        for name in ["executionRoleArn", "taskRoleArn", "requiresCompatibilities"] {
            definition.as_object_mut().unwrap().shift_remove(name);
        }
        definition["containerDefinitions"][0].as_object_mut().unwrap().shift_remove("secrets");
    });
    let told = shop.open().await.promote("1.1.0").await;
    told.ends(Exit::Done).serves("shop-api-dev:2");
    let sent = &told.accepted("RegisterTaskDefinition")[0].input;
    for name in ["taskRoleArn", "executionRoleArn", "pidMode", "ipcMode", "runtimePlatform", "proxyConfiguration"] {
        assert!(sent.get(name).is_none(), "{name}: {sent}");
    }
    assert_eq!(empty_texts(sent, ""), Vec::<String>::new());
}
