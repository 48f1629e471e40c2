//! The command line as authors and operators use it: the real program, real folders.

mod completions;
mod exit_codes;
mod install_and_remove;
mod new_app;
mod pack;
mod serve;
mod sign;
