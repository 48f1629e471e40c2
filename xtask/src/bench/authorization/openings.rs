//! Openings: a few from each person, as the quota of a minute allows, over one kept connection each.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::personas;
use crate::bench::contender::Contender;
use crate::bench::load::{Sample, Target, cpu_seconds};
use crate::bench::visitor::{Connection, Visitor};

/// Least people whose openings say anything.
const PEOPLE_MIN: usize = 3;
/// Requests of each person that open once; with what follows within 60 openings a minute.
const ONCE: u32 = 22;
/// Requests of each person that open [`TIMES`] times.
const OFTEN: u32 = 8;
const TIMES: u32 = 4;

/// Somebody who is signed in to the app that opens.
pub(super) struct Person {
    pub(super) persona: String,
    pub(super) cookie: String,
}

/// Signs every test person in who has both claims. Those without one are left out.
pub(super) fn sign_in(server: &Contender, origin: &str) -> anyhow::Result<Vec<Person>> {
    let mut people = Vec::new();
    for persona in personas(server)? {
        // Somebody who acts for a legal person only, or is not sure enough, does not reach the app.
        let Ok(cookie) = Visitor::default().sign_in(origin, &persona) else { continue };
        let answer = Connection::open(server.port)?.send(&asking(origin, &cookie, 1)?.head(), "")?;
        if answer.status == 200 {
            people.push(Person { persona, cookie });
        }
    }
    ensure!(people.len() >= PEOPLE_MIN, "only {} test persons can open both claims", people.len());
    Ok(people)
}

fn asking(origin: &str, cookie: &str, times: u32) -> anyhow::Result<Target> {
    Target::of(origin, &format!("/open?purpose=test&claims=name,mobile&times={times}"), Some(cookie))
}

/// Requests with one opening; and CPU microseconds of one opening more, by the difference to requests with several.
pub(super) fn measure(server: &Contender, origin: &str, people: &[Person]) -> anyhow::Result<(Sample, f64)> {
    let once = all(server, origin, people, (ONCE, 1))?;
    let often = all(server, origin, people, (OFTEN, TIMES))?;
    let more = (often.cpu_micros - once.cpu_micros) / f64::from(TIMES - 1);
    Ok((once, more))
}

/// All people at once, each sending one request after the other.
fn all(server: &Contender, origin: &str, people: &[Person], (requests, times): (u32, u32)) -> anyhow::Result<Sample> {
    let before = cpu_seconds(server.process())?;
    let began = Instant::now();
    let taken: Vec<anyhow::Result<Vec<Duration>>> = thread::scope(|scope| {
        let asked: Vec<_> = people
            .iter()
            .map(|person| scope.spawn(move || one(server.port, &asking(origin, &person.cookie, times)?, requests)))
            .collect();
        asked.into_iter().map(|asked| asked.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread ended")))).collect()
    });
    let seconds = began.elapsed().as_secs_f64();
    let used = cpu_seconds(server.process())? - before;
    let mut latencies = taken.into_iter().collect::<anyhow::Result<Vec<_>>>()?.concat();
    latencies.sort_unstable();
    let count = latencies.len() as f64;
    let at = |share: f64| latencies[((count - 1.0) * share) as usize].as_secs_f64() * 1e3;
    Ok(Sample {
        requests_per_second: count / seconds,
        cpu_micros: used * 1e6 / count,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
    })
}

fn one(port: u16, target: &Target, requests: u32) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Connection::open(port)?;
    let mut taken = Vec::new();
    for _ in 0..requests {
        let began = Instant::now();
        let answer = connection.send(&target.head(), "").context("an opening")?;
        taken.push(began.elapsed());
        ensure!(answer.status == 200, "an opening answered {}: {}", answer.status, answer.text());
    }
    Ok(taken)
}
