//! What sign-in promises. One file per way to sign in; here is what they share.

mod code;
mod password;
mod second_factor;
mod sessions;

use super::*;
use crate::people::fixture::{at, directory, register, rng, verified};
use crate::people::{NewPerson, PeopleError, Whom};
use std::net::Ipv4Addr;
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::{AuditRecord, Credentials, Trail};

const PASSWORD: &str = "correct horse";

struct Hub {
    sign_in: SignIn,
    sender: Arc<DevelopmentSender>,
}

impl Hub {
    fn of(mode: StoreMode) -> Self {
        let people = Arc::new(directory(mode));
        let sender = Arc::new(DevelopmentSender::default());
        let used: Option<Arc<dyn CodeSender>> = match mode {
            StoreMode::Development => Some(Arc::clone(&sender) as Arc<dyn CodeSender>),
            StoreMode::Production => None,
        };
        let settings = SignInSettings { hashing_slots: 1, sender: used, codes_per_day_max: 50 };
        Self { sign_in: SignIn::new(people, settings).expect("sign-in"), sender }
    }

    fn development() -> Self {
        Self::of(StoreMode::Development)
    }

    async fn person(&self, new: NewPerson) -> PersonId {
        let id = register(&self.sign_in.people, new).await;
        set_password(&at(0), &self.sign_in, Whom { person: &id, by: "command" }, PASSWORD, &mut rng())
            .await
            .expect("password");
        id
    }

    async fn password(&self, context: &Context, account: &str, password: &str) -> Result<SignInStep, SignInError> {
        self.password_from(context, account, password, &browser()).await
    }

    async fn password_from(
        &self,
        context: &Context,
        account: &str,
        password: &str,
        browser: &Browser<'_>,
    ) -> Result<SignInStep, SignInError> {
        with_password(context, &self.sign_in, PasswordForm { account, password }, browser, &mut rng_of_os()).await
    }

    async fn audit(&self) -> Vec<AuditRecord> {
        self.sign_in.store().list_audit(None, 100).await.expect("audit").entries
    }
}

fn rng_of_os() -> rand::rngs::StdRng {
    use rand::SeedableRng as _;
    rand::rngs::StdRng::from_os_rng()
}

fn browser() -> Browser<'static> {
    Browser { address: IpAddr::V4(Ipv4Addr::LOCALHOST), transaction: SecretHash([1; 32]), device: None, session: None }
}

fn done(step: Result<SignInStep, SignInError>) -> SignedIn {
    match step {
        Ok(SignInStep::Done(signed_in)) => signed_in,
        Ok(SignInStep::SecondFactor(_)) => panic!("a second factor is asked for"),
        Err(error) => panic!("{error}"),
    }
}

fn refusal(step: Result<SignInStep, SignInError>) -> SignInError {
    match step {
        Ok(_) => panic!("signed in"),
        Err(error) => error,
    }
}

/// Everything of an answer that somebody outside can see.
fn seen(step: Result<SignInStep, SignInError>) -> (String, &'static str) {
    let error = refusal(step);
    (error.to_string(), error.code())
}

#[test]
fn production_refuses_a_sender_that_sends_nothing() {
    let people = Arc::new(directory(StoreMode::Production));
    let sender: Arc<dyn CodeSender> = Arc::new(DevelopmentSender::default());
    let settings = SignInSettings { hashing_slots: 1, sender: Some(sender), codes_per_day_max: 50 };
    assert!(matches!(SignIn::new(people, settings), Err(SignInError::TestDouble)));
}

#[tokio::test]
async fn test_persons_sign_in_by_one_click_in_development_only() {
    let hub = Hub::development();
    let personas = crate::Personas::seeded().expect("file");
    crate::people::seed(&hub.sign_in.people, &at(0), &personas, &mut rng()).await.expect("seeded");
    let click = |persona: &str| {
        let (sign_in, persona) = (&hub.sign_in, PersonId(persona.to_owned()));
        async move { as_persona(&at(0), sign_in, &persona, &browser(), &mut rng_of_os()).await }
    };
    let zhou = done(click("zhou").await);
    assert_eq!(zhou.session.amr, ["persona"]);
    assert!(zhou.session.acting_for.is_some(), "the only capacity is chosen");
    let real = register(&hub.sign_in.people, verified("real", 1)).await;
    assert_eq!(refusal(click(real.as_str()).await).code(), "wrong-account-or-password");

    let production = Hub::of(StoreMode::Production);
    let planted = register(&production.sign_in.people, verified("planted", 1)).await;
    let refused = as_persona(&at(0), &production.sign_in, &planted, &browser(), &mut rng()).await;
    assert_eq!(refusal(refused).code(), "development-only");
}

#[tokio::test]
async fn an_upstream_account_is_one_person_and_never_takes_over_another() {
    let hub = Hub::development();
    let people = &hub.sign_in.people;
    let local = hub.person(verified("first", 1)).await;
    let profile = |subject| upstream::UpstreamProfile { issuer: "https://up.example", subject, name: Some("first") };
    let new = upstream::link(&at(0), people, profile("s1"), &mut rng_of_os()).await.expect("linked");
    assert_ne!(new, local, "names do not link");
    let again = upstream::link(&at(0), people, profile("s1"), &mut rng_of_os()).await.expect("linked");
    assert_eq!(again, new);
    let session = done(hub.password(&at(0), "first", PASSWORD).await).session;
    upstream::link_to(&at(0), people, &session, profile("s2"), &mut rng()).await.expect("linked");
    assert_eq!(upstream::link(&at(0), people, profile("s2"), &mut rng()).await.expect("found"), local);
    let taken = upstream::link_to(&at(0), people, &session, profile("s1"), &mut rng()).await;
    assert!(matches!(taken, Err(PeopleError::Taken)));
    let linked = upstream::LinkedPerson { person: local, assurance_max: yizhan_domain::person::Assurance::Basic };
    let signed_in = done(upstream::with_upstream(&at(0), &hub.sign_in, linked, &browser(), &mut rng_of_os()).await);
    assert_eq!(signed_in.session.assurance, yizhan_domain::person::Assurance::Basic, "the bound of the upstream");
}

#[tokio::test]
async fn every_outcome_is_audited_and_no_handle_or_secret_with_it() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let token = done(hub.password(&at(0), "first", PASSWORD).await).token;
    refusal(hub.password(&at(0), "10000000001", "a wrong one").await);
    let audit = hub.audit().await;
    let actions: Vec<_> = audit.iter().map(|record| (record.action.as_str(), record.outcome.as_str())).collect();
    assert!(actions.contains(&("sign-in.ok", "ok")));
    assert!(actions.contains(&("sign-in.refused", "wrong-account-or-password")));
    let text = serde_json::to_string(&audit).expect("json");
    for secret in ["first", "10000000001", PASSWORD, "a wrong one", token.as_str()] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

async fn credentials(hub: &Hub, person: &PersonId) -> Credentials {
    hub.sign_in.store().find_credentials(person).await.expect("read").expect("credentials")
}

async fn put(hub: &Hub, credentials: Credentials) {
    assert!(hub.sign_in.store().put_credentials(credentials, Trail::default()).await.expect("kept"));
}
