//! `towpath site`: a directory is published, looked at, replaced, verified and put back, by the binary alone.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use crate::shop::{Ran, Shop};

const COMMITS: [(&str, &str); 2] =
    [("1.0.0", "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"), ("1.1.0", "b82e60d915c7f3a4de20981b6c5f47a3081e9d6c")];

/// A build of that version: a page, and the script that it refers to.
fn build(shop: &Shop, version: &str) {
    let folder = shop.path().join("dist");
    let _absent = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    let script = format!("assets/app-{}0ab12c.js", version.replace('.', ""));
    std::fs::write(folder.join(&script), format!("console.log('{version}')")).unwrap();
    let page = format!("<!doctype html><script src=\"/{script}\"></script>release {version}");
    std::fs::write(folder.join("index.html"), page).unwrap();
}

fn deploy(shop: &Shop, version: &str) -> Ran {
    build(shop, version);
    let commit = COMMITS.iter().find(|(known, _)| *known == version).unwrap().1;
    shop.run(&format!("site deploy dev web --version {version} --commit {commit}"))
}

/// What a visitor gets.
pub(crate) fn visit(edge: SocketAddr) -> String {
    let mut stream = TcpStream::connect(edge).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: www.example.com\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_site_is_published_looked_at_replaced_verified_and_put_back() {
    let (shop, edge) = Shop::frontend();
    let ran = deploy(&shop, "1.0.0");
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert!(visit(edge).contains("release 1.0.0"));

    build(&shop, "1.1.0");
    let before = shop.accepted("PutObject");
    let ran = shop.run("site plan dev web");
    assert_eq!((ran.code, shop.accepted("PutObject")), (0, before), "{}", ran.stderr);
    assert!(ran.stdout.contains("assets/app-1100ab12c.js") && ran.stdout.contains("index.html"), "{}", ran.stdout);

    let ran = deploy(&shop, "1.1.0");
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert!(visit(edge).contains("release 1.1.0"));
    let ran = shop.run("site verify dev web");
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("as published"), "{}", ran.stdout);

    let ran = shop.run("site rollback dev web --yes");
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert!(visit(edge).contains("release 1.0.0"));
    let status = shop.run("status dev");
    assert!(status.stdout.contains("web") && status.stdout.contains("1.0.0"), "{}", status.stdout);
}

#[test]
fn a_directory_without_a_page_is_refused_and_nothing_is_written() {
    let (shop, _) = Shop::frontend();
    std::fs::create_dir_all(shop.path().join("dist")).unwrap();
    std::fs::write(shop.path().join("dist/app.js"), "1").unwrap();
    let ran = shop.run(&format!("site deploy dev web --version 1.0.0 --commit {}", COMMITS[0].1));
    assert!(ran.code == 2 && ran.stderr.contains("index.html"), "{} {}", ran.code, ran.stderr);
    let ran = shop.run(&format!("site deploy dev web --directory gone --version 1.0.0 --commit {}", COMMITS[0].1));
    assert!(ran.code == 2 && ran.stderr.contains("gone"), "{} {}", ran.code, ran.stderr);
    assert_eq!(shop.accepted("PutObject"), 0);
}

#[test]
fn a_component_that_is_no_site_is_told_so() {
    let (shop, _) = Shop::frontend();
    let ran = shop.run("site plan dev api");
    assert!(ran.code == 2 && ran.stderr.contains("`api`"), "{} {}", ran.code, ran.stderr);
}

#[test]
fn a_site_writes_no_logs_and_says_so() {
    let (shop, _) = Shop::frontend();
    let ran = shop.run("logs dev web");
    assert!(ran.code == 2 && ran.stderr.contains("`web` in dev is a site"), "{} {}", ran.code, ran.stderr);
}
