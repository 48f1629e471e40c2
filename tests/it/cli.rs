//! The command line as authors and operators use it: the real program, real folders.

mod admin;
mod backup;
mod completions;
mod exit_codes;
mod import_and_export;
mod install_and_remove;
mod lost_factor;
mod new_app;
mod pack;
mod production;
mod running;
mod serve;
mod sign;
