//! Bad input as a user meets it: a clear message, its own exit code, no change made, nothing lost.

use crate::shop::{REPOSITORY, Shop};

/// The run ends with this code and says this, and no service was touched.
fn check(shop: &Shop, arguments: &str, code: i32, says: &[&str]) {
    let ran = shop.run(arguments);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.code, code, "{arguments}: {said}");
    for word in says {
        assert!(said.contains(word), "{arguments}: `{word}` is not in: {said}");
    }
    assert_eq!(shop.accepted("UpdateService") + shop.accepted("RegisterTaskDefinition"), 0, "{arguments}");
}

#[test]
fn broken_and_missing_configurations_are_told_with_their_place() {
    let shop = Shop::open();
    let file = shop.path().join("towpath.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        good.replace("region = \"us-west-2\"\nrole", "regon = \"us-west-2\"\nrole")
            .replace("after = [\"dev\"]", "after = [\"devv\"]"),
    )
    .unwrap();
    check(&shop, "check", 2, &["towpath.toml:", "regon", "region", "devv"]);
    std::fs::write(&file, "app = ").unwrap();
    check(&shop, "status", 2, &["towpath.toml:1:"]);
    std::fs::remove_file(&file).unwrap();
    check(&shop, "promote dev --release 1.0.0", 2, &["towpath init"]);
}

#[test]
fn malformed_and_unknown_names_are_usage_errors() {
    let shop = Shop::open();
    shop.create_releases();
    check(&shop, "promote dev --release 9.9.9", 2, &["9.9.9"]);
    check(&shop, "promote dev --release latest", 2, &["latest", "semantic"]);
    check(&shop, "promote nowhere --release 1.1.0", 2, &["nowhere", "dev"]);
    check(&shop, "release create --version 3.0.0 --image api=x@sha256:12", 2, &["sha256"]);
    check(
        &shop,
        &format!(
            "release create --version 3.0.0 --commit b82e60d915c7f3a4de20981b6c5f47a3081e9d6c --image api={REPOSITORY}:nope"
        ),
        2,
        &["nope"],
    );
    check(
        &shop,
        &format!(
            "release create --version 1.1.0 --commit b82e60d915c7f3a4de20981b6c5f47a3081e9d6c --image api={REPOSITORY}:1.2.0"
        ),
        4,
        &["1.1.0"],
    );
    check(&shop, "release create --version 3.0.0 --image api=", 2, &["empty", "masked"]);
    check(&shop, "promote dev", 2, &["--release"]);
}

#[test]
fn want_of_credentials_and_an_unreachable_endpoint_are_told_apart() {
    let shop = Shop::open();
    shop.create_releases();
    shop.simulator.clear_calls();
    let bare = shop
        .command("promote dev --release 1.1.0")
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    assert_eq!(bare.status.code(), Some(3), "{}", String::from_utf8_lossy(&bare.stderr));
    let file = shop.path().join("towpath.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let roleless: Vec<&str> = text.lines().filter(|line| !line.starts_with("role =")).collect();
    std::fs::write(&file, roleless.join("\n")).unwrap();
    let unreachable =
        shop.command("promote dev --release 1.1.0").env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").output().unwrap();
    let said =
        String::from_utf8_lossy(&unreachable.stderr).into_owned() + &String::from_utf8_lossy(&unreachable.stdout);
    assert_eq!(unreachable.status.code(), Some(1), "{said}");
    assert!(said.contains("127.0.0.1:9"), "{said}");
    assert!(shop.simulator.calls().is_empty());
}

#[test]
fn a_ledger_that_was_tampered_with_has_its_own_exit_code() {
    let shop = Shop::open();
    shop.create_releases();
    assert_eq!(shop.run("promote dev --release 1.1.0").code, 0);
    let record = shop.path().join("ledger/environments/dev/records/00000002.json");
    let text = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, text.replace("\"succeeded\"", "\"stuck\"")).unwrap();
    for arguments in
        ["ledger verify", "history dev", "status", "promote dev --release 1.2.0", "promote staging --release 1.1.0"]
    {
        let ran = shop.run(arguments);
        assert_eq!(ran.code, 12, "{arguments}: {}{}", ran.stdout, ran.stderr);
    }
    assert_eq!(shop.accepted("UpdateService"), 1);
    std::fs::write(&record, text).unwrap();
    assert_eq!(shop.run("ledger verify").code, 0, "nothing was lost");
}
