//! Steps 1 to 4 of the access authorization and revocation, against the memory store: every refusal by its code, the happy
//! paths of both tiers and both suites, races and expiry. Tests see what a client, a browser and an auditor see.

#![expect(clippy::expect_used, reason = "a test that cannot go on ends here")]

mod act;
mod authorize;
mod bed;
mod client_auth;
mod consent;
mod distribute;
mod journey;
mod privacy;
mod push;
mod refresh;
mod register;
mod revoke;
mod rules;
mod verify;
