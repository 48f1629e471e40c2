//! What the sandbox promises, with guests that no one here wrote the glue for, and with guests that misbehave.

mod app_limits;
mod appointment;
mod compile;
mod data;
mod egress;
mod foreign;
mod hostile;
mod identity;
mod node;
mod node_limits;
mod permit;
