//! The guide of the frontend, typed word by word: what stands there to be tried is what happens.

use std::process::Command;

use crate::{shop::Shop, site::visit};

const GUIDE: &str = include_str!("../../../../docs/guides/frontend.md");
const SCENARIO: &str = include_str!("../../../../examples/scenarios/frontend.toml");
/// Where the distributions of dev and of production are in the guide.
const ADDRESSES: [&str; 2] = ["127.0.0.1:8081", "127.0.0.1:8082"];

/// The blocks of that language in the part that is to be typed.
fn blocks(language: &str) -> Vec<&'static str> {
    let part = GUIDE.split_once("## Trying it on the simulator").unwrap().1.split_once("\n## ").unwrap().0;
    let begin = format!("```{language}\n");
    part.split(&begin).skip(1).map(|block| block.split_once("```").unwrap().0).collect()
}

#[test]
fn what_the_guide_of_the_frontend_tells_to_type_does_what_it_says() {
    let scenario = ADDRESSES.iter().fold(SCENARIO.to_owned(), |text, address| text.replace(address, "127.0.0.1:0"));
    let shop = Shop::with(&scenario);
    let edges: Vec<_> = shop.simulator.edges().iter().map(|(_, address)| *address).collect();
    let [configuration] = blocks("toml")[..] else { panic!("there is one configuration") };
    let pairs = ADDRESSES.iter().zip(&edges);
    let configuration =
        pairs.fold(configuration.to_owned(), |text, (before, after)| text.replace(before, &after.to_string()));
    std::fs::write(shop.path().join("towpath.toml"), configuration).unwrap();

    let typed = blocks("sh");
    assert!(typed[0].starts_with("towpath sim "), "{}", typed[0]);
    let mut live = Vec::new();
    for block in &typed[1..] {
        let said = run(&shop, block);
        live.push(edges.iter().map(|edge| version(&visit(*edge))).collect::<Vec<_>>());
        assert!(!block.contains("history") || said.contains("rollback"), "{said}");
    }
    let none = None;
    let (old, new) = (Some("app.4f3a9c21.js"), Some("app.b07d55e9.js"));
    assert_eq!(live, [[none, none], [old, old], [new, new], [new, old]]);
}

/// Which script the page refers to.
fn version(page: &str) -> Option<&'static str> {
    ["app.4f3a9c21.js", "app.b07d55e9.js"].into_iter().find(|script| page.contains(script))
}

/// Runs what is typed, as a shell does that stops at a failure.
fn run(shop: &Shop, block: &str) -> String {
    let typed = shop.command("--version");
    let folder = std::path::Path::new(typed.get_program()).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&path))).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", block]).current_dir(shop.path()).env("PATH", path).env("HOME", shop.path());
    shell.envs(shop.simulator.environment("111111111111"));
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{block}: {said}");
    said
}
