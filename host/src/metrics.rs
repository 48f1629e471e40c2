//! Counters of requests, per app, and their text form for Prometheus (text exposition format 0.0.4).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use yizhan_domain::AppId;
use yizhan_sandbox::Gauges;

/// Upper bounds of the latency histogram, in microseconds.
const BUCKETS: [u64; 12] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000];

/// Counters of one app.
#[derive(Debug, Default)]
pub(crate) struct AppMetrics {
    /// Answers by the first digit of their status, 1 to 5.
    classes: [AtomicU64; 5],
    buckets: [AtomicU64; 12],
    micros: AtomicU64,
    cpu_ns: AtomicU64,
    beacons: AtomicU64,
    limits: Mutex<BTreeMap<&'static str, u64>>,
}

impl AppMetrics {
    /// Counts an answer.
    pub(crate) fn answered(&self, status: u16, micros: u64, cpu_ns: u64) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.classes[class].fetch_add(1, Ordering::Relaxed);
        if let Some(bucket) = BUCKETS.iter().position(|bound| micros <= *bound) {
            self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(micros, Ordering::Relaxed);
        self.cpu_ns.fetch_add(cpu_ns, Ordering::Relaxed);
    }

    /// Counts a limit that was met.
    pub(crate) fn limit_exceeded(&self, limit: &'static str) {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner).entry(limit).or_default() += 1;
    }

    /// Counts a beacon of a page.
    pub(crate) fn beacon(&self) {
        self.beacons.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counters of all apps.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    apps: RwLock<BTreeMap<AppId, Arc<AppMetrics>>>,
}

impl Metrics {
    /// The counters of an app; the same ones for every version of it.
    pub(crate) fn of(&self, app: &AppId) -> Arc<AppMetrics> {
        if let Some(found) = self.apps.read().unwrap_or_else(PoisonError::into_inner).get(app) {
            return Arc::clone(found);
        }
        let mut apps = self.apps.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(apps.entry(app.clone()).or_default())
    }

    /// All counters and gauges as text.
    pub(crate) fn text(&self, gauges: Gauges) -> String {
        let apps = self.apps.read().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::new();
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        head(&mut out, "yizhan_requests_total", "counter", "Answers by app and status class.");
        for (app, of) in apps.iter() {
            for (index, counter) in of.classes.iter().enumerate().filter(|(_, counter)| get(counter) > 0) {
                let _ =
                    writeln!(out, "yizhan_requests_total{{app=\"{app}\",class=\"{}xx\"}} {}", index + 1, get(counter));
            }
        }
        head(&mut out, "yizhan_request_seconds", "histogram", "Time from request to answer.");
        for (app, of) in apps.iter() {
            histogram(&mut out, app, of);
        }
        head(&mut out, "yizhan_guest_cpu_seconds_total", "counter", "CPU time of guests.");
        for (app, of) in apps.iter() {
            let _ = writeln!(out, "yizhan_guest_cpu_seconds_total{{app=\"{app}\"}} {}", get(&of.cpu_ns) as f64 / 1e9);
        }
        head(&mut out, "yizhan_limit_exceeded_total", "counter", "Limits that guests met.");
        for (app, of) in apps.iter() {
            for (limit, count) in of.limits.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                let _ = writeln!(out, "yizhan_limit_exceeded_total{{app=\"{app}\",limit=\"{limit}\"}} {count}");
            }
        }
        head(&mut out, "yizhan_beacons_total", "counter", "Page timings that browsers sent.");
        for (app, of) in apps.iter() {
            let _ = writeln!(out, "yizhan_beacons_total{{app=\"{app}\"}} {}", get(&of.beacons));
        }
        gauge(&mut out, "yizhan_guests", "Guests that run.", gauges.guests);
        gauge(&mut out, "yizhan_guest_memory_bytes", "Linear memory of guests that run.", gauges.memory_bytes);
        gauge(&mut out, "yizhan_versions_loaded", "Versions held ready.", gauges.versions as u64);
        out
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn gauge(out: &mut String, name: &str, help: &str, value: u64) {
    head(out, name, "gauge", help);
    let _ = writeln!(out, "{name} {value}");
}

fn histogram(out: &mut String, app: &AppId, of: &AppMetrics) {
    let mut below = 0;
    for (bound, bucket) in BUCKETS.iter().zip(&of.buckets) {
        below += bucket.load(Ordering::Relaxed);
        let seconds = *bound as f64 / 1e6;
        let _ = writeln!(out, "yizhan_request_seconds_bucket{{app=\"{app}\",le=\"{seconds}\"}} {below}");
    }
    let count: u64 = of.classes.iter().map(|class| class.load(Ordering::Relaxed)).sum();
    let sum = of.micros.load(Ordering::Relaxed) as f64 / 1e6;
    let _ = writeln!(out, "yizhan_request_seconds_bucket{{app=\"{app}\",le=\"+Inf\"}} {count}");
    let _ = writeln!(out, "yizhan_request_seconds_sum{{app=\"{app}\"}} {sum}");
    let _ = writeln!(out, "yizhan_request_seconds_count{{app=\"{app}\"}} {count}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_every_answer_once_per_bucket_sum() {
        let metrics = Metrics::default();
        let app = AppId::new("cn.gov.a").expect("id");
        metrics.of(&app).answered(200, 90, 5_000);
        metrics.of(&app).answered(503, 9_000_000, 0);
        metrics.of(&app).limit_exceeded("cpu_ms_max");
        let text = metrics.text(Gauges { guests: 1, memory_bytes: 2, versions: 3 });
        for line in [
            "yizhan_requests_total{app=\"cn.gov.a\",class=\"2xx\"} 1",
            "yizhan_requests_total{app=\"cn.gov.a\",class=\"5xx\"} 1",
            "yizhan_request_seconds_bucket{app=\"cn.gov.a\",le=\"5\"} 1",
            "yizhan_request_seconds_bucket{app=\"cn.gov.a\",le=\"+Inf\"} 2",
            "yizhan_limit_exceeded_total{app=\"cn.gov.a\",limit=\"cpu_ms_max\"} 1",
            "yizhan_versions_loaded 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
    }
}
