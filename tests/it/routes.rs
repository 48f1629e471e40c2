//! What the front door does before and after an app: hosts, reserved paths, headers, cookies, limits of requests.

mod app;
mod connections;
mod dev;
mod hub;
mod identity;
mod sign_in;
