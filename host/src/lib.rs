//! The front door of Yizhan: the command line, the server, and what stands between socket and rooms. The binary `yizhan` is a
//! few lines around this library.

mod access_log;
mod app;
pub mod cli;
mod data_sets;
mod data_stores;
mod development;
mod heads;
mod http;
mod hub_side;
mod local_cache;
mod local_sign_in;
mod logout_notices;
mod metrics;
mod node_keys;
mod observer;
mod origins;
mod outbound;
mod own_addresses;
mod registered_apps;
mod remote_link;
mod runtime_keys;
mod runtime_side;
pub mod serve_options;
pub mod server;
mod shutdown;
mod site;
pub mod telemetry;
pub mod trusted_proxy;
mod upstream;
