//! What people do, in a real browser.

mod examples;
mod siblings;
