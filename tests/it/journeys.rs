//! What people do, most of it in a real browser.

mod apart;
mod asking_more;
mod authorization;
mod development;
mod examples;
mod high_tier;
mod killed;
mod privacy;
mod siblings;
