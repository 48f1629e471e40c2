//! What people do, most of it in a real browser.

mod apart;
mod authorization;
mod examples;
mod siblings;
