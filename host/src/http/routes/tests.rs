//! The hub's routes in process: a hub in memory, an app, test persons, and browsers that keep cookies.

mod account;
mod appointment;
pub(in crate::http) mod bed;
mod consent;
mod elsewhere;
mod me;
mod oauth;
mod portal;

use bed::{APP, Answer, Browser, REDIRECT, TestHub};
