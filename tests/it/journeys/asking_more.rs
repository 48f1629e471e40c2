//! A guest that asks for more consent later, and one that learns in what capacity its visitor acts.

use crate::serving::{App, Serving};
use crate::visitor::{Choice, Visitor};

const NAME: Choice<'_> = Choice { persona: "zhang", ticks: &["test/name"], decision: "agree" };

fn origin(serving: &Serving) -> String {
    format!("http://identity.localhost:{}", serving.port())
}

#[test]
fn a_guest_asks_for_an_optional_claim_later_and_keeps_what_it_had() {
    let serving = Serving::demo(&[App::identity("identity", &["name", "mobile", "mobile-masked"])]);
    let (app, mut visitor) = (origin(&serving), Visitor::default());
    visitor.sign_in(&format!("{app}/.yizhan/login?purpose=test&claims=name&return=/current"), NAME);
    let masked = format!("{app}/open?purpose=test&claims=mobile-masked");
    assert_eq!(visitor.get(&masked).json()["error"], "denied:identity:mobile-masked");
    let asked = visitor.get(&format!("{app}/request-url?purpose=test&claims=mobile-masked&return=/current%3Fstep%3D2"));
    let more = format!("{app}{}", asked.json()["url"].as_str().expect("an address"));
    let (_, at) = visitor.sign_in(&more, Choice { decision: "refuse", ..NAME });
    assert_eq!(at, format!("{app}/current?step=2"), "a refusal comes back to where the guest said");
    assert_eq!(visitor.get(&masked).json()["error"], "denied:identity:mobile-masked");
    let (page, at) = visitor.sign_in(&more, Choice { ticks: &["test/mobile-masked"], ..NAME });
    assert_eq!(at, format!("{app}/current?step=2"));
    let granted = page.json()["authorization"]["granted"].as_array().map(Vec::len);
    assert_eq!(granted, Some(2), "what was granted before stands: {}", page.text());
    let opened = visitor.get(&format!("{app}/open?purpose=test&claims=mobile-masked,name")).text();
    assert!(opened.contains("019****6651") && opened.contains("张示例"), "{opened}");
    assert!(!opened.contains("01988776651"), "the masked claim is answered without the number");
    let plain = visitor.get(&format!("{app}/open?purpose=test&claims=mobile"));
    assert_eq!(plain.json()["error"], "denied:identity:mobile", "a mask is no way to the datum");
}

#[test]
fn what_a_guest_may_not_ask_for_is_refused_before_anybody_is_sent_anywhere() {
    let serving = Serving::demo(&[App::identity("identity", &["name"])]);
    let (app, mut visitor) = (origin(&serving), Visitor::default());
    let mut error = |query: &str| visitor.get(&format!("{app}/request-url?{query}")).json()["error"].to_string();
    assert!(error("purpose=test&claims=id-number&return=/").contains("denied:identity:id-number"));
    assert!(error("purpose=other&claims=name&return=/").contains("denied:"));
    assert!(error("purpose=other&claims=&return=/").contains("denied:"), "without claims too");
    assert!(error("purpose=test&claims=salary&return=/").contains("invalid:"));
    let many = vec!["name"; 17].join(",");
    assert!(error(&format!("purpose=test&claims={many}&return=/")).contains("invalid:"));
    for path in ["//evil.example", "https://evil.example/", "/%252e%252e/", "/a%5Cb", "/.yizhan/logout", ""] {
        assert!(error(&format!("purpose=test&claims=name&return={path}")).contains("invalid:"), "{path}");
    }
}

#[test]
fn a_guest_learns_the_capacity_and_opens_the_units_claims_for_an_agent_alone() {
    let claims = ["org-name", "uscc", "agent-role", "age-over-18"];
    let serving = Serving::demo(&[App::identity("identity", &claims)]);
    let app = origin(&serving);
    let ticks = claims.map(|claim| format!("test/{claim}"));
    let ticks: Vec<&str> = ticks.iter().map(String::as_str).collect();
    let cases = [
        ("zhou", "LegalPerson", "Agent", Some("示例贸易有限公司"), "agent"),
        ("sun", "LegalPerson", "LegalPerson", Some("示例科技有限公司"), "legal-representative"),
        ("zhang", "NaturalPerson", "NaturalPerson", None, ""),
    ];
    for (persona, kind, capacity, unit, role) in cases {
        let mut visitor = Visitor::default();
        let choice = Choice { persona, ticks: &ticks, decision: "agree" };
        let (page, _) = visitor.sign_in(&format!("{app}/.yizhan/login?purpose=test&return=/current"), choice);
        let person = page.json()["authorization"].clone();
        assert_eq!(person["kind"], format!("PersonKind::{kind}"), "{persona}: {}", page.text());
        assert_eq!(person["capacity"], format!("CapacityKind::{capacity}"), "{persona}");
        let opened = visitor.get(&format!("{app}/open?purpose=test&claims=org-name,uscc,agent-role")).json();
        match unit {
            Some(unit) => assert_eq!((&opened["org-name"], &opened["agent-role"]), (&unit.into(), &role.into())),
            None => assert_eq!(opened["error"], "not-found", "nobody else has a unit"),
        }
        let age = visitor.get(&format!("{app}/open?purpose=test&claims=age-over-18")).json();
        assert_eq!(age, serde_json::json!({ "age-over-18": "true" }), "an answer without the date");
    }
}
