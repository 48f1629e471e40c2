//! All tests that cross rooms.
#![expect(clippy::expect_used, reason = "helpers of tests say what they expect, as tests do")]

mod browser;
mod cli;
mod doctor;
mod journeys;
mod program;
mod routes;
mod rules;
mod sandbox;
mod serving;
mod visitor;
