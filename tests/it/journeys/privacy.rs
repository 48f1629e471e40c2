//! Nothing that a full journey writes, keeps or answers holds a claim's value, a token, a code or a secret, in no spelling:
//! logs at their most talkative, access log, metrics, every file of the data directories, every answer of the hub.

mod back_end;
mod journey;
mod needle;
mod tee;

use crate::program;
use crate::serving::{App, Serving};
use crate::visitor::{Seen, Visitor};
use back_end::BackEnd;
use base64::Engine as _;
use journey::{CLAIMS, Origins, Travelled, travel};
use needle::{Needle, Place, search};
use serde_json::Value;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use tee::{Talk, Tee};
use yizhan_auth::Personas;
use yizhan_auth::keys::{Purpose, RootKey};
use yizhan_domain::{Claim, Timestamp};

/// A word that is no secret: it must be found wherever the search looks, else the search looks at nothing.
const CONTROL: &str = "对照样本";

fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

fn app(folder: &Path) -> String {
    let path = App::identity("identity", &CLAIMS).write(folder);
    path.display().to_string()
}

/// Registers the back end and makes the set-up link, while the hub is stopped.
fn prepare(folder: &Path, hub: &str, back_end: &BackEnd) -> String {
    std::fs::write(folder.join("client.json"), back_end.registration().to_string()).expect("writes");
    program::json(folder, "admin register-client client.json --data hub");
    let link = program::json(folder, &format!("admin set-up-link --data hub --origin {hub}"));
    link["link"].as_str().expect("a link").to_owned()
}

#[test]
fn a_full_journey_leaves_no_value_token_code_or_secret_anywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let package = app(folder.path());
    let addr = free();
    let at = Origins {
        hub: format!("http://localhost:{}", addr.port()),
        app: format!("http://identity.localhost:{}", addr.port()),
    };
    let line = format!("demo --addr {addr} --data hub --access-log access.log --package {package}");
    Serving::within(folder.path(), &line).finish();
    let back_end = BackEnd::new(&at.hub, &format!("{}/current", at.app));
    let link = prepare(folder.path(), &at.hub, &back_end);
    let serving = Serving::watched(folder.path(), &line, &folder.path().join("stdout.txt"));
    let mut travelled = travel(&at, &link, back_end);
    let metrics = planted(&at, &mut travelled);
    assert!(metrics.contains("yizhan_requests_total"), "{metrics}");
    let mut places = vec![place("metrics", metrics), place("standard error", serving.finish())];
    gather(folder.path(), &["hub", "access.log", "stdout.txt"], &mut places);
    let keys = private_keys(folder.path(), &["hub"]);
    judge(&at, travelled, places, keys);
}

#[test]
fn apart_too_nothing_is_left_and_nothing_readable_goes_between_hub_and_runtime() {
    let folder = tempfile::tempdir().expect("a folder");
    let package = app(folder.path());
    let (hub_addr, runtime_addr) = (free(), free());
    let tee = Tee::to(hub_addr);
    let at = Origins {
        hub: format!("http://localhost:{}", tee.port),
        app: format!("http://identity.localhost:{}", runtime_addr.port()),
    };
    let runtime = format!(
        "demo --role runtime --addr {runtime_addr} --data runtime --hub-at {} --access-log runtime.log --package {package}",
        at.hub
    );
    let runtime = Serving::watched(folder.path(), &runtime, &folder.path().join("runtime-stdout.txt"));
    let line = format!(
        "demo --role hub --addr {hub_addr} --data hub --hub-at {} --apps-at http://localhost:{} --runtime-keys \
         runtime/runtime-keys.json --access-log hub.log --package {package}",
        at.hub,
        runtime_addr.port()
    );
    Serving::within(folder.path(), &line).finish();
    let back_end = BackEnd::new(&at.hub, &format!("{}/current", at.app));
    let link = prepare(folder.path(), &at.hub, &back_end);
    let hub = Serving::watched(folder.path(), &line, &folder.path().join("hub-stdout.txt"));
    let mut travelled = travel(&at, &link, back_end);
    planted(&at, &mut travelled);
    let mut places = vec![place("standard error of the runtime", runtime.finish())];
    places.push(place("standard error of the hub", hub.finish()));
    let files = ["hub", "runtime", "hub.log", "runtime.log", "hub-stdout.txt", "runtime-stdout.txt"];
    gather(folder.path(), &files, &mut places);
    let talks = tee.talks();
    let between: Vec<Talk> = talks.into_iter().filter(|talk| is_back_channel(&talk.asked)).collect();
    assert!(!between.is_empty(), "the runtime asked the hub for nothing");
    for talk in &between {
        told(&talk.asked, &mut travelled.secrets);
        told(&talk.answered, &mut travelled.secrets);
        places.push(place("between hub and runtime", &talk.answered));
    }
    let names: Vec<&str> = travelled.secrets.iter().map(|secret| secret.name.as_str()).collect();
    for name in ["told access_token", "told refresh_token", "told code", "told client_assertion"] {
        assert!(names.contains(&name), "{name} was not seen: {names:?}");
    }
    let keys = private_keys(folder.path(), &["hub", "runtime"]);
    judge(&at, travelled, places, keys);
}

/// Asks for the control word, and for the counters of the hub.
fn planted(at: &Origins, travelled: &mut Travelled) -> String {
    let mut visitor = Visitor::default();
    visitor.get(&format!("{}/{}", at.app, yizhan_domain::path::encode(CONTROL)));
    visitor.get(&format!("{}/{}", at.hub, yizhan_domain::path::encode(CONTROL)));
    let metrics = visitor.get(&format!("{}/metrics", at.hub)).text();
    travelled.visitors.push(visitor);
    metrics
}

fn place(name: &str, bytes: impl AsRef<[u8]>) -> Place {
    Place { name: name.to_owned(), bytes: bytes.as_ref().to_vec() }
}

/// Every file below these names.
fn gather(folder: &Path, names: &[&str], places: &mut Vec<Place>) {
    for name in names {
        let path = folder.join(name);
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("lists").map(|entry| entry.expect("an entry").file_name());
            let below: Vec<String> = entries.map(|entry| format!("{name}/{}", entry.to_string_lossy())).collect();
            gather(folder, &below.iter().map(String::as_str).collect::<Vec<_>>(), places);
        } else if path.is_file() {
            places.push(place(name, std::fs::read(&path).expect("reads")));
        }
    }
}

/// A connection that a program opened, not a browser: no page is asked for.
fn is_back_channel(asked: &[u8]) -> bool {
    asked.starts_with(b"POST /oauth/")
        && !String::from_utf8_lossy(asked).to_ascii_lowercase().contains("sec-fetch-site")
}

/// Secrets of a form or a JSON answer.
fn told(bytes: &[u8], secrets: &mut Vec<Needle>) {
    const NAMES: [&str; 8] = [
        "access_token",
        "refresh_token",
        "id_token",
        "code",
        "code_verifier",
        "client_assertion",
        "token",
        "request_uri",
    ];
    let text = String::from_utf8_lossy(bytes);
    for name in NAMES {
        for start in [format!("\"{name}\":\""), format!("\n{name}="), format!("&{name}=")] {
            for rest in text.split(&start).skip(1) {
                let value = rest.split(['"', '&', '\r', '\n', ' ']).next().unwrap_or_default();
                if value.len() >= 16 {
                    secrets.push(Needle::new(format!("told {name}"), value));
                }
            }
        }
    }
}

/// Root keys, and every private key that lies sealed in the data directories.
fn private_keys(folder: &Path, halves: &[&str]) -> Vec<Needle> {
    let mut keys = Vec::new();
    for half in halves {
        let folder = folder.join(half).join("keys");
        let root = std::fs::read(folder.join("root.key")).expect("a root key");
        keys.push(Needle::new("root key", root));
        let root = RootKey::open_file(&folder.join("root.key")).expect("a root key");
        let journal = root.derive(Purpose::Journal);
        keys.push(Needle::new("key of the journal", *journal));
        for file in ["hub.keys", "apps.keys"] {
            let Ok(bytes) = std::fs::read(folder.join(file)) else { continue };
            let (head, sealed) = bytes.split_at(16);
            let opened = root.sealer(Purpose::KeyStore).open(sealed, head).expect("opens");
            let held: Value = serde_json::from_slice(&opened).expect("JSON");
            for secret in secrets_of(&held) {
                let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(secret).expect("base64url");
                keys.push(Needle::new(format!("private key in {half}/keys/{file}"), bytes));
            }
        }
    }
    assert!(keys.iter().filter(|key| key.name.starts_with("private key")).count() >= 4, "keys of hub and app");
    keys
}

/// Every member `secret`, wherever it is.
fn secrets_of(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let own = members.get("secret").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(members.values().flat_map(secrets_of)).collect()
        }
        Value::Array(items) => items.iter().flat_map(secrets_of).collect(),
        _ => Vec::new(),
    }
}

/// Every value of every test person, whether it was asked for or not.
fn claims() -> Vec<Needle> {
    let mut claims = vec![Needle::new("claim name of the administrator", "管示例")];
    let personas = Personas::seeded().expect("personas");
    let (mut people, mut known) = (personas.all().to_vec(), std::collections::BTreeSet::new());
    // Whoever signs in stands first: what others have in common with that person is that person's.
    people.sort_by_key(|person| person.id.as_str() != "zhang");
    for person in &people {
        for claim in Claim::named().filter(|claim| !matches!(claim, Claim::IdType | Claim::AgentRole)) {
            let value = yizhan_auth::claims::value(person, claim, Timestamp(1_800_000_000_000));
            if let Some(value) = value.filter(|value| known.insert(value.clone())) {
                claims.push(Needle::new(format!("claim {claim} of {}", person.id), value));
            }
        }
    }
    assert!(claims.len() > 40, "{}", claims.len());
    claims
}

fn judge(at: &Origins, travelled: Travelled, mut places: Vec<Place>, keys: Vec<Needle>) {
    let Travelled { visitors, mut secrets } = travelled;
    for seen in visitors.iter().flat_map(|visitor| &visitor.seen) {
        secrets.extend(cookies(seen));
        places.push(answer(at, seen));
    }
    secrets.extend(keys);
    secrets.extend(claims());
    let control = [Needle::new("control", CONTROL)];
    let seen = search(&control, &places, |_, _| false);
    for name in
        ["access.log", "runtime.log", "hub.log"].iter().filter(|name| places.iter().any(|place| place.name == **name))
    {
        assert!(seen.iter().any(|found| found.place == *name), "the search does not see {name}");
    }
    let refused = |place: &Place| {
        place.name.starts_with("standard error")
            && String::from_utf8_lossy(&place.bytes).contains("a logout notice was refused")
    };
    assert!(places.iter().any(refused), "the log has nothing of the journey");
    assert!(places.iter().any(|place| place.name.ends_with(".keys") && !place.bytes.is_empty()));
    assert!(places.iter().any(|place| place.name.starts_with("hub/records/journal") && place.bytes.len() > 1_000));
    let found = search(&secrets, &places, may_stand);
    let report =
        found.iter().map(|one| format!("{} ({}) in {}: …{}…", one.needle, one.spelling, one.place, one.around));
    let report: Vec<String> = report.collect();
    assert!(report.is_empty(), "{} found:\n{}", report.len(), report.join("\n"));
}

/// Values of cookies that an answer set.
fn cookies(seen: &Seen) -> Vec<Needle> {
    let lines = seen.headers.iter().filter(|(name, _)| name == "set-cookie");
    lines
        .filter_map(|(_, line)| line.split(';').next()?.split_once('='))
        .filter(|(_, value)| value.len() >= 20)
        .map(|(name, value)| Needle::new(format!("cookie {name}"), value))
        .collect()
}

/// An answer without the headers whose work is to carry a cookie to its browser.
fn answer(at: &Origins, seen: &Seen) -> Place {
    let of = if seen.url.starts_with(&at.hub) { "hub" } else { "app" };
    let path = seen.url.split('?').next().unwrap_or_default();
    let path = path.strip_prefix(&at.hub).or_else(|| path.strip_prefix(&at.app)).unwrap_or(path);
    let mut bytes = Vec::new();
    for (name, value) in seen.headers.iter().filter(|(name, _)| name != "set-cookie") {
        bytes.extend_from_slice(format!("{name}: {value}\n").as_bytes());
    }
    bytes.extend_from_slice(&seen.body);
    Place { name: format!("{of} {} {path}", seen.method), bytes }
}

/// The very places where a value must stand, and nothing beside them.
fn may_stand(place: &Place, needle: &Needle) -> bool {
    let (place, needle) = (place.name.as_str(), needle.name.as_str());
    let tokens = ["access_token", "refresh_token", "id_token"].iter().any(|token| needle.ends_with(token));
    let own = needle.starts_with("claim ") && needle.ends_with(" of zhang");
    let any_name = needle.starts_with("claim name of ");
    match place {
        // The app shows its person what it opened.
        "app GET /open" => own,
        // The page of test persons names them; the page of a code shows it, because nobody is sent one in development.
        "hub GET /sign-in" => any_name || needle == "one-time code",
        "hub POST /sign-in/code/check" => needle == "one-time code",
        "hub POST /sign-in" | "hub POST /sign-in/code" => any_name,
        // The person's own pages.
        "hub GET /me" => own || needle == "claim name of the administrator",
        "hub GET /me/second-factor" => needle.starts_with("TOTP secret") || needle == "enrolment",
        "hub POST /me/second-factor" => needle == "recovery code",
        "hub GET /set-up" => needle == "set-up key",
        // An answer to its client, and what the browser carries there.
        "hub POST /oauth/token" => tokens,
        "between hub and runtime" => needle.starts_with("told "),
        "hub GET /oauth/end_session" => needle == "id_token",
        "hub POST /consent" | "hub GET /oauth/authorize" => needle == "code" || needle == "told code",
        _ => place.ends_with("/keys/root.key") && needle == "root key",
    }
}

#[test]
fn values_may_stand_in_their_own_places_only() {
    let place = |name: &str| place(name, "");
    let name = Needle::new("claim name of zhang", "张示例");
    assert!(may_stand(&place("app GET /open"), &name));
    for other in ["hub POST /oauth/token", "standard error", "hub/records/journal", "between hub and runtime"] {
        assert!(!may_stand(&place(other), &name), "{other}");
    }
    assert!(!may_stand(&place("app GET /open"), &Needle::new("access_token", "x")));
}
