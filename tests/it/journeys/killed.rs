//! A hub that is killed while people sign in, agree and take back: nothing that a browser was told is lost, and nothing that
//! was taken back returns. `YIZHAN_HUB_CRASH_ROUNDS` says how often; `cargo xtask soak` asks for hundreds.

use crate::program;
use crate::serving::{App, Serving};
use crate::visitor::{Choice, Visitor, field};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::{Condvar, Mutex};
use yizhan_domain::{Clock as _, SystemClock};

/// Who signs in at the same time.
const PEOPLE: [&str; 4] = ["zhang", "wang", "li", "chen"];
const ROUNDS: u32 = 2;

/// Where hub and app are.
struct Origins {
    hub: String,
    app: String,
}

/// What one person was told last; `busy` while something is asked that was not answered yet.
struct Told {
    person: &'static str,
    visitor: Visitor,
    granted: bool,
    busy: bool,
}

/// Acknowledged steps of a round, counted for the moment of the kill.
#[derive(Default)]
struct Progress {
    steps: Mutex<usize>,
    news: Condvar,
}

/// Acknowledged records that the audit must have.
#[derive(Default)]
struct Acknowledged {
    /// When the round began, milliseconds: the audit lists its newest records.
    since: u64,
    given: usize,
    taken_back: usize,
}

#[test]
fn a_hub_that_is_killed_under_load_keeps_every_consent_and_every_withdrawal() {
    let rounds = std::env::var("YIZHAN_HUB_CRASH_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let package = App::identity("identity", &["name"]).write(folder.path());
    let addr = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let line = format!("demo --addr {addr} --data hub --package {}", package.display());
    let at = Origins {
        hub: format!("http://localhost:{}", addr.port()),
        app: format!("http://identity.localhost:{}", addr.port()),
    };
    let all = Mutex::new(Acknowledged::default());
    let (mut sum, mut rng) = ((0, 0), StdRng::from_os_rng());
    let mut people: Vec<Told> = PEOPLE
        .into_iter()
        .map(|person| Told { person, visitor: Visitor::default(), granted: false, busy: false })
        .collect();
    for round in 0..rounds {
        let serving = Serving::within(folder.path(), &line);
        people.iter_mut().for_each(|told| still_as_told(&at, told));
        let mut begun = all.lock().expect("counts");
        sum = (sum.0 + begun.given, sum.1 + begun.taken_back);
        *begun = Acknowledged { since: SystemClock.now().0, ..Acknowledged::default() };
        drop(begun);
        let kill_after = rng.random_range(1..24);
        people = load(&at, people, (&all, kill_after, serving));
        verify(folder.path(), &all);
        assert_eq!(people.len(), PEOPLE.len(), "round {round}");
    }
    let serving = Serving::within(folder.path(), &line);
    people.iter_mut().for_each(|told| still_as_told(&at, told));
    assert_eq!(serving.stop("TERM"), Some(0));
    let all = all.into_inner().expect("counts");
    sum = (sum.0 + all.given, sum.1 + all.taken_back);
    assert!(sum.0 > 0, "nobody got through");
    eprintln!("{rounds} rounds, {} consents and {} withdrawals acknowledged", sum.0, sum.1);
}

/// Everybody signs in, opens and takes back, until the hub is killed.
fn load(
    at: &Origins,
    people: Vec<Told>,
    (all, kill_after, serving): (&Mutex<Acknowledged>, usize, Serving),
) -> Vec<Told> {
    let progress = Progress::default();
    std::thread::scope(|scope| {
        let running: Vec<_> = people
            .into_iter()
            .map(|mut told| {
                let progress = &progress;
                scope.spawn(move || {
                    // A connection that breaks off ends this person's part: the hub is gone.
                    while std::panic::catch_unwind(AssertUnwindSafe(|| step(at, &mut told, all))).is_ok() {
                        *progress.steps.lock().expect("steps") += 1;
                        progress.news.notify_all();
                    }
                    told
                })
            })
            .collect();
        let mut steps = progress.steps.lock().expect("steps");
        while *steps < kill_after {
            steps = progress.news.wait(steps).expect("steps");
        }
        drop(steps);
        serving.stop("KILL");
        running.into_iter().map(|person| person.join().expect("a person")).collect()
    })
}

/// One step of a person: agreeing where nothing is granted, else taking it back. Panics when no answer comes.
fn step(at: &Origins, told: &mut Told, all: &Mutex<Acknowledged>) {
    told.busy = true;
    if told.granted {
        take_back(at, &mut told.visitor);
        told.granted = false;
        all.lock().expect("counts").taken_back += 1;
    } else {
        agree(at, told);
        told.granted = true;
        all.lock().expect("counts").given += 1;
    }
    told.busy = false;
}

fn agree(at: &Origins, told: &mut Told) {
    let choice = Choice { persona: told.person, ticks: &["test/name"], decision: "agree" };
    let url = format!("{}/.yizhan/login?purpose=test&return=/current", at.app);
    let (page, _) = told.visitor.sign_in(&url, choice);
    assert_eq!(page.json()["signed-in"], true, "{}", page.text());
}

/// Takes back the consent that counts; fails when there is none.
fn take_back(at: &Origins, visitor: &mut Visitor) {
    let withdraw = withdrawals(at, visitor).into_iter().next().expect("a consent that counts");
    let csrf = field(&visitor.get(&withdraw).text(), "csrf");
    let gone = visitor.post(&withdraw, &[("csrf", &csrf)]);
    assert_eq!(gone.status, 303, "{}", gone.text());
}

/// Addresses at which consents that count are taken back.
fn withdrawals(at: &Origins, visitor: &mut Visitor) -> Vec<String> {
    let listed = visitor.get(&format!("{}/me/consents", at.hub));
    assert_eq!(listed.status, 200, "the session at the hub is lost");
    let text = listed.text();
    let paths = text.split("href=\"").filter_map(|rest| rest.split('"').next());
    let paths: std::collections::BTreeSet<&str> = paths.filter(|path| path.starts_with("/me/consents/")).collect();
    let mut found = Vec::new();
    for path in paths {
        let page = visitor.get(&format!("{}{path}", at.hub)).text();
        if page.contains(&format!("{path}/withdraw")) {
            found.push(format!("{}{path}/withdraw", at.hub));
        }
    }
    found
}

/// After a kill: what was answered holds, and only what was not answered may be either way.
fn still_as_told(at: &Origins, told: &mut Told) {
    if told.busy {
        // What became of it is found by asking anew; from here on it is known.
        told.visitor = Visitor::default();
        told.busy = false;
        agree(at, told);
        told.granted = true;
        return;
    }
    let is_new = told.visitor.history.is_empty();
    let open = told.visitor.get(&format!("{}/open?purpose=test&claims=name", at.app)).json();
    if told.granted {
        assert!(open["name"].is_string(), "the consent of {} is lost: {open}", told.person);
        assert_eq!(withdrawals(at, &mut told.visitor).len(), 1, "{}", told.person);
    } else {
        assert_eq!(open["error"], "not-found", "the grant of {} is back: {open}", told.person);
        let stays = is_new || withdrawals(at, &mut told.visitor).is_empty();
        assert!(stays, "the consent of {} is back", told.person);
    }
    told.visitor.seen.clear();
}

/// The chain holds, and has a record of everything that was answered.
fn verify(folder: &Path, all: &Mutex<Acknowledged>) {
    program::json(folder, "audit verify --data hub");
    let all = all.lock().expect("counts");
    let listed = program::json(folder, "audit list --data hub --limit 10000");
    let records = listed["records"].as_array().expect("records");
    let of_this_round = |at: &serde_json::Value| at.as_u64().is_some_and(|at| at >= all.since);
    let count = |action: &str| {
        records.iter().filter(|record| record["action"] == action && of_this_round(&record["at"])).count()
    };
    let (given, taken_back) = (count("consent.given"), count("grant.revoked"));
    assert!(
        given >= all.given && taken_back >= all.taken_back,
        "{given} {taken_back} {} {}",
        all.given,
        all.taken_back
    );
}
