//! Rules over the tests themselves: no refusal without a test.

use yizhan_auth::Refusal;

const TESTS: [&str; 9] = [
    include_str!("authorize.rs"),
    include_str!("client_auth.rs"),
    include_str!("consent.rs"),
    include_str!("distribute.rs"),
    include_str!("push.rs"),
    include_str!("refresh.rs"),
    include_str!("register.rs"),
    include_str!("revoke.rs"),
    include_str!("verify.rs"),
];

#[test]
fn every_refusal_has_a_test() {
    for refusal in Refusal::ALL {
        // A store that does not answer is the matter of the routes' tests.
        if *refusal == Refusal::Unavailable {
            continue;
        }
        let name = format!("Refusal::{refusal:?}");
        let named = |text: &&str| {
            text.match_indices(&name)
                .any(|(at, _)| !text[at + name.len()..].starts_with(|next: char| next.is_ascii_alphanumeric()))
        };
        assert!(TESTS.iter().any(named), "{} has no test", refusal.code());
    }
}
