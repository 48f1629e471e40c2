//! Nothing that is written down holds a value of a claim, a code, a token or a handle.

use crate::bed::{Bed, Journey};
use yizhan_auth::Personas;
use yizhan_auth::flow::distribute::Ask;
use yizhan_auth::flow::revoke;
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::{Claim, Clock as _};

#[tokio::test]
async fn no_record_of_a_full_journey_holds_a_value_or_a_secret() {
    for tier in [Tier::Baseline, Tier::High] {
        let bed = Bed::with(tier, Suite::International).await;
        let mut secrets: Vec<String> = Vec::new();
        for person in ["zhang", "sun"] {
            let journey = Journey::of(&bed, person).await;
            let code = journey.code(&[]).await;
            let tokens = journey.exchange(&code).await.unwrap_or_else(|refusal| panic!("{refusal}"));
            let envelope = journey.userinfo(&tokens.access_token, &Ask::default()).await.expect("envelope");
            let wrong = Ask { purpose: Some("query".into()), claims: vec![Claim::IdNumber], ..Ask::default() };
            journey.userinfo(&tokens.access_token, &wrong).await.expect_err("refused");
            journey.exchange(&code).await.map(|_| ()).expect_err("replayed");
            secrets.extend([code, tokens.access_token.to_string(), envelope.jwe]);
            secrets.extend(tokens.refresh_token.map(|token| token.to_string()));
            revoke::logout(&bed.context(), &bed.provider, &journey.session).await.expect("signed out");
        }
        let mut written = format!("{:?}", bed.audit().await);
        for person in ["zhang", "sun"] {
            written.push_str(&format!("{:?}", bed.access(person).await));
            let id = yizhan_domain::PersonId(person.into());
            let consents = bed.provider.store.list_consents(&id, None, 100).await.expect("consents").entries;
            for consent in consents {
                written.push_str(&crate::bed::claims_of(&consent.receipt).to_string());
            }
        }
        for person in Personas::seeded().expect("personas").all() {
            let values = [Some(&person.name), Some(&person.id_number), person.mobile.as_ref()];
            let of_org = [person.org_name.as_ref(), person.uscc.as_ref(), Some(&person.birth_date)];
            for value in values.into_iter().chain(of_org).flatten() {
                assert!(!written.contains(value.as_str()), "a value of {}", person.id);
            }
            for claim in [Claim::NameMasked, Claim::IdNumberMasked, Claim::MobileMasked] {
                let masked = yizhan_auth::claims::value(person, claim, bed.clock.now());
                assert!(masked.is_none_or(|masked| !written.contains(&masked)), "{claim} of {}", person.id);
            }
        }
        assert!(secrets.iter().all(|secret| !written.contains(secret.as_str())));
    }
}
