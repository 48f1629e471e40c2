//! All tests that cross rooms.
