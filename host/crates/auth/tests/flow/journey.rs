//! The happy path of all steps: both tiers, both suites; hub keys that rotate meanwhile.

use crate::bed::{Bed, Journey};
use yizhan_auth::flow::distribute::Ask;
use yizhan_auth::jose::KeyUse;
use yizhan_auth::keys::{KeyOwner, KeySlot};
use yizhan_domain::Clock as _;
use yizhan_domain::authorization::{Suite, Tier};

#[tokio::test]
async fn all_steps_pass_in_both_tiers_and_both_suites() {
    for tier in [Tier::Baseline, Tier::High] {
        for suite in [Suite::International, Suite::National] {
            let bed = Bed::with(tier, suite).await;
            let journey = Journey::of(&bed, "zhang").await;
            let tokens = journey.tokens(&[]).await;
            let bound = if tier == Tier::High { "DPoP" } else { "Bearer" };
            assert_eq!(tokens.token_type, bound);
            let envelope = journey.userinfo(&tokens.access_token, &Ask::default()).await.expect("envelope");
            assert_eq!(bed.client.open(&bed, &envelope).await["name"], "张示例", "{tier:?} {suite:?}");
            let refresh = tokens.refresh_token.expect("refresh token");
            let later = journey.refresh(&refresh).await.unwrap_or_else(|refusal| panic!("{refusal}"));
            assert!(journey.userinfo(&later.access_token, &Ask::default()).await.is_ok());
            let audit = bed.audit().await;
            for action in ["consent.given", "token.issued", "userinfo.sealed", "userinfo.distributed"] {
                assert!(audit.iter().any(|record| record.action == action && record.outcome == "ok"), "{action}");
            }
        }
    }
}

#[tokio::test]
async fn what_was_signed_before_a_rotation_is_still_verified() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    let before = journey.userinfo(&access, &Ask::default()).await.expect("envelope");
    let slot = KeySlot { key_use: KeyUse::Sign, suite: Suite::International };
    bed.provider.keys.rotate(&KeyOwner::Hub, slot, bed.clock.now(), 600_000).expect("rotated");
    let after = journey.userinfo(&access, &Ask::default()).await.expect("envelope");
    assert_eq!(bed.client.open(&bed, &before).await["name"], "张示例");
    assert_eq!(bed.client.open(&bed, &after).await["name"], "张示例");
    assert_eq!(bed.provider.jwks(bed.clock.now()).await.expect("keys").keys().count(), 3, "two of one suite overlap");
}
