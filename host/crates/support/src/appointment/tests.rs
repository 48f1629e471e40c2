//! Booking at a sample hall, from what is offered to the desk.

mod bed;
mod code;
mod desk;
mod offered;
mod own;
