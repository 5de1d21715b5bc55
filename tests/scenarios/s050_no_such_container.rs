//! Scenario 50: image and container do not fit together.
//!
//! In the wild: a container's name with a space, a carriage return or another case ended in "could not find container
//! definition with matching name"; an empty image came from a job's output that had been dropped, because it held a masked
//! value.
//!
//! Demanded: the containers that there are, are listed, exit 4, before any change; a name that no container can have is
//! shown in quotes where it is written.

use serde_json::json;
use towpath_cli::Exit;
use towpath_core::config;
use towpath_tests::{Stage, scenario::Shop};

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_is_not_there_is_refused_with_those_that_are() {
    for name in ["Api", "app"] {
        let shop = Shop::new().configured("container = \"api\"", &format!("container = \"{name}\"")).definition(
            |definition| {
                let sidecar = json!({ "name": "envoy", "image": "envoyproxy/envoy:v1.30", "essential": false });
                definition["containerDefinitions"].as_array_mut().unwrap().push(sidecar);
            },
        );
        let told = shop.open().await.promote("1.1.0").await;
        told.ends(Exit::Refused).changed_nothing().says(name).says("api").says("envoy");
    }
}

#[test]
fn a_name_that_no_container_can_have_is_shown_where_it_is_written() {
    for name in ["api ", "api\\r", ""] {
        let text = Stage::configuration().replace("container = \"api\"", &format!("container = \"{name}\""));
        let mistakes = config::parse(&text, "towpath.toml").unwrap_err().to_string();
        assert!(mistakes.contains("container") && mistakes.contains(&format!("`{name}`")), "{mistakes}");
    }
}
