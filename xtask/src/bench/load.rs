//! One measurement: `wrk` against one server, and the CPU time that the server's process used meanwhile.

use std::fs;
use std::process::Command;

use anyhow::{Context, bail};

use super::contender::Contender;
use crate::step;

/// How hard to push.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// Seconds of load.
    pub(super) seconds: u32,
    /// Connections kept open, by one thread.
    pub(super) connections: u32,
}

/// What one measurement found.
pub(super) struct Sample {
    /// Answers in a second.
    pub(super) requests_per_second: f64,
    /// CPU time of the server for one request, user and system, in microseconds.
    pub(super) cpu_micros: f64,
    /// Median of latency in milliseconds.
    pub(super) p50_ms: f64,
    /// 99th percentile of latency in milliseconds.
    pub(super) p99_ms: f64,
}

/// What is asked for.
pub(super) struct Target {
    host: String,
    path: String,
    cookie: Option<String>,
}

impl Target {
    /// A path at an origin, with the `Cookie` header of somebody who is signed in there.
    pub(super) fn of(origin: &str, path: &str, cookie: Option<&str>) -> anyhow::Result<Self> {
        let host = origin.strip_prefix("http://").context("an http origin is needed")?.to_owned();
        Ok(Self { host, path: path.to_owned(), cookie: cookie.map(str::to_owned) })
    }

    /// The head of the request, without the empty line.
    pub(super) fn head(&self) -> String {
        let lines: String = self.headers().iter().map(|line| format!("{line}\r\n")).collect();
        format!("GET {} HTTP/1.1\r\n{lines}", self.path)
    }

    fn headers(&self) -> Vec<String> {
        let host = std::iter::once(format!("Host: {}", self.host));
        let session = self.cookie.iter().flat_map(|it| [format!("Cookie: {it}"), "Sec-Fetch-Site: none".to_owned()]);
        host.chain(session).collect()
    }
}

impl Load {
    /// Measures the contender's first page once.
    pub(super) fn run(&self, contender: &Contender) -> anyhow::Result<Sample> {
        self.at(contender, &Target { host: contender.authority.clone(), path: "/".to_owned(), cookie: None })
    }

    /// Measures once. An answer outside 2xx and 3xx or a broken connection is an error: such rounds compare nothing.
    pub(super) fn at(&self, contender: &Contender, target: &Target) -> anyhow::Result<Sample> {
        let before = cpu_seconds(contender.process())?;
        let printed = step::output(
            Command::new("wrk")
                .args(["-t1", "--latency", "-c"])
                .arg(self.connections.to_string())
                .arg(format!("-d{}s", self.seconds))
                .args(target.headers().iter().flat_map(|line| ["-H", line]))
                .arg(format!("http://127.0.0.1:{}{}", contender.port, target.path)),
        )?;
        let used = cpu_seconds(contender.process())? - before;
        if let Some(line) = printed.lines().find(|line| line.contains("Non-2xx") || line.contains("Socket errors")) {
            bail!("{}: {}", contender.name, line.trim());
        }
        let requests = field(&printed, |line| line.trim().split_once(" requests in ").map(|(count, _)| count))?;
        Ok(Sample {
            requests_per_second: field(&printed, |line| line.trim().strip_prefix("Requests/sec:"))?,
            cpu_micros: used * 1e6 / requests,
            p50_ms: latency(&printed, "50%")?,
            p99_ms: latency(&printed, "99%")?,
        })
    }
}

/// The number on the first line that `find` finds something on.
fn field<'a>(printed: &'a str, find: impl Fn(&'a str) -> Option<&'a str>) -> anyhow::Result<f64> {
    let text = printed.lines().find_map(find).with_context(|| format!("wrk printed something unknown:\n{printed}"))?;
    text.trim().parse().with_context(|| format!("wrk printed no number: {text}"))
}

/// A percentile of wrk's table of latencies.
fn latency(printed: &str, percentile: &str) -> anyhow::Result<f64> {
    milliseconds(printed.lines().find_map(|line| line.trim().strip_prefix(percentile)).unwrap_or_default())
}

/// A duration as wrk writes it: `870.00us`, `1.52ms`, `1.02s`.
fn milliseconds(text: &str) -> anyhow::Result<f64> {
    let text = text.trim();
    let (number, factor) = [("us", 1e-3), ("ms", 1.0), ("s", 1e3)]
        .iter()
        .find_map(|(unit, factor)| text.strip_suffix(unit).map(|number| (number, factor)))
        .with_context(|| format!("wrk printed no duration: {text:?}"))?;
    Ok(number.parse::<f64>().with_context(|| format!("wrk printed no duration: {text:?}"))? * factor)
}

/// User and system time of all threads of the process, from fields 14 and 15 of its `stat`.
pub(super) fn cpu_seconds(process: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{process}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}: the server is gone"))?;
    let after_name = stat.rsplit_once(") ").context("stat has no process name")?.1;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut ticks = || fields.next().and_then(|field| field.parse::<f64>().ok()).context("stat is too short");
    Ok((ticks()? + ticks()?) / ticks_per_second()?)
}

fn ticks_per_second() -> anyhow::Result<f64> {
    let printed = step::output(Command::new("getconf").arg("CLK_TCK"))?;
    printed.trim().parse().context("getconf printed no number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_units_of_wrk_become_milliseconds() {
        assert_eq!(milliseconds("  870.00us").unwrap(), 0.87);
        assert_eq!(milliseconds("1.50ms").unwrap(), 1.5);
        assert_eq!(milliseconds("2.00s").unwrap(), 2000.0);
        assert!(milliseconds("").is_err());
    }

    #[test]
    fn a_process_has_used_some_time() {
        assert!(cpu_seconds(std::process::id()).unwrap() >= 0.0);
    }
}
