//! The front door of Yizhan: the command line, the server, and what stands between socket and rooms. The binary `yizhan` is a
//! few lines around this library.

mod access_log;
mod app;
pub mod cli;
mod http;
mod local_cache;
mod metrics;
mod observer;
pub mod serve_options;
pub mod server;
mod shutdown;
mod site;
pub mod telemetry;
