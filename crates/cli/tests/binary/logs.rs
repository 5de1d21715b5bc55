//! What tasks write, read and followed through the real binary.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use crate::{interrupt::signal, shop::Shop};

#[test]
fn lines_of_all_tasks_come_in_the_order_of_their_times() {
    let shop = Shop::logging();
    let ran = shop.run("logs dev api --output json");
    assert_eq!(ran.code, 0, "{ran:?}");
    let document = ran.document();
    let lines = document.as_array().unwrap();
    let times: Vec<&str> = lines.iter().map(|line| line["at"].as_str().unwrap()).collect();
    assert!(times.len() >= 4 && times.is_sorted(), "{times:?}");
    let tasks: std::collections::BTreeSet<&str> =
        lines.iter().map(|line| line["source"]["task"].as_str().unwrap()).collect();
    assert_eq!(tasks.len(), 2);
    let one = tasks.first().unwrap();
    let of_one = shop.run(&format!("logs dev api --task {}", &one[..12])).stdout;
    assert!(of_one.lines().count() > 1 && of_one.lines().all(|line| line.contains(&one[..8])), "{of_one}");
    assert_eq!(shop.run("logs dev api --task ffffffffffffffffffff").code, 2);
    assert_eq!(shop.run("logs dev nothing").code, 2);
}

#[test]
fn what_a_task_was_given_in_plain_text_is_masked() {
    let shop = Shop::indiscreet();
    for output in ["text", "json"] {
        let ran = shop.run(&format!("logs dev api --since 2h --output {output}"));
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains("*** opens postgres://shop:***@db:5432/shop"), "{ran:?}");
        assert!(!ran.stdout.contains("hush-hush"), "{ran:?}");
    }
}

#[test]
fn what_cannot_be_had_is_said() {
    let shop = Shop::open();
    let silent = shop.run("logs dev api --with-events");
    assert_eq!(silent.code, 0, "{silent:?}");
    assert!(silent.stderr.contains("does not log with the driver awslogs"), "{silent:?}");
    assert!(silent.stdout.contains("ECS: (service shop-api-dev)"), "{silent:?}");
    let denied = Shop::logging();
    let fault = serde_json::json!({
        "operation": "GetLogEvents", "kind": "status", "status": 400, "code": "AccessDeniedException",
        "message": "User: arn:aws:sts::111111111111:assumed-role/x/y is not authorized to perform: logs:GetLogEvents",
    });
    denied.simulator.add_fault(serde_json::from_value(fault).unwrap());
    let ran = denied.run("logs dev api");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stderr.contains("logs:GetLogEvents"), "{ran:?}");
}

#[test]
fn who_follows_sees_new_tasks_and_can_stop() {
    let shop = Shop::logging();
    shop.create_releases();
    let mut follower = shop
        .command("logs dev api --follow --with-events")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.ends_with("/api: 1.0.0 works")));
    assert_eq!(shop.run("promote dev --release 1.1.0").code, 0);
    let seen: Vec<String> = lines.by_ref().take_while(|line| !line.ends_with("/api: 1.1.0 listens")).collect();
    assert!(seen.iter().any(|line| line.contains(" ECS: ") && line.contains("has started 2 tasks")), "{seen:#?}");
    signal(&follower, "INT");
    assert_eq!(follower.wait().unwrap().code(), Some(0));
}
