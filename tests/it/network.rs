//! Nothing in the product opens a network connection, so no HTTP or TLS client may be in the app's tree, on any desktop.
//! `deny.toml` says the same to cargo-deny.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const PLATFORMS: [&str; 3] = ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc", "aarch64-apple-darwin"];

/// Clients, servers and the transports below them. `http` is types only and tauri's custom protocol speaks in it.
const BANNED: [&str; 36] = [
    "actix-web",
    "async-h1",
    "async-native-tls",
    "attohttpc",
    "awc",
    "axum",
    "boring",
    "curl",
    "curl-sys",
    "h2",
    "h3",
    "hf-hub",
    "hickory-resolver",
    "hyper",
    "hyper-util",
    "isahc",
    "minreq",
    "native-tls",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "rustls",
    "s2n-tls",
    "schannel",
    "security-framework",
    "surf",
    "tiny_http",
    "tokio-native-tls",
    "tokio-rustls",
    "tokio-tungstenite",
    "tonic",
    "tungstenite",
    "ureq",
    "warp",
    "webpki-roots",
];

#[test]
fn no_network_client_is_in_the_app() {
    for platform in PLATFORMS {
        let reached = reached_from_app(platform);
        for expected in ["cli", "studio", "tauri"] {
            assert!(reached.contains_key(expected), "{expected} is missing from the app's tree on {platform}");
        }
        let found: Vec<&String> = BANNED.iter().filter_map(|name| reached.get(*name)).collect();
        assert!(found.is_empty(), "network clients in the app's tree on {platform}: {found:#?}");
    }
}

#[test]
fn cargo_deny_bans_the_same() {
    let deny = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml")).expect("read deny.toml");
    for name in BANNED {
        assert!(deny.contains(&format!("{{ crate = \"{name}\" }}")), "deny.toml does not ban {name}");
    }
}

/// Every crate that is linked into the app on `platform`, by name, with the chain of crates that brings it in.
fn reached_from_app(platform: &str) -> BTreeMap<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", platform])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .expect("run cargo metadata");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata writes JSON");

    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let names: BTreeMap<String, String> =
        list(&metadata["packages"]).iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
    let linked: BTreeMap<String, Vec<String>> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| {
            let normal = |dependency: &&Value| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            let dependencies = list(&node["deps"]);
            (text(&node["id"]), dependencies.iter().filter(normal).map(|dependency| text(&dependency["pkg"])).collect())
        })
        .collect();

    let root = text(&metadata["resolve"]["root"]);
    let mut chains = BTreeMap::new();
    let mut seen = BTreeSet::from([root.clone()]);
    let mut waiting = vec![(root.clone(), names[&root].clone())];
    while let Some((id, chain)) = waiting.pop() {
        for next in &linked[&id] {
            if seen.insert(next.clone()) {
                waiting.push((next.clone(), format!("{chain} → {}", names[next])));
            }
        }
        chains.insert(names[&id].clone(), chain);
    }
    chains
}
