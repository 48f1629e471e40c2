//! All tests that cross rooms.
#![expect(clippy::expect_used, reason = "helpers of tests say what they expect, as tests do")]

mod doctor;
mod rules;
