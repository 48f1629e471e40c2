//! Sign-in with account and password. Throttled before hashing; an unknown account costs and answers the same.

use super::finish::{Proof, finish, refused};
use super::throttle;
use super::{Browser, PASSWORD_BYTES_MAX, SignIn, SignInError, SignInStep, sessions};
use crate::people::{HandleText, Whom};
use rand::CryptoRng;
use yizhan_domain::person::Assurance;
use yizhan_domain::{Context, PersonId, SecretHash};
use yizhan_store::records::{AuditRecord, Credentials, SessionRecord, Trail};

/// How sure a sign-in with a password can be at most.
pub(super) const PASSWORD_MAX: Assurance = Assurance::RealName;

/// How often a change that others overtake is tried.
const CHANGES_MAX: usize = 8;

/// What the sign-in form holds. It has no `Debug`.
#[derive(Clone, Copy)]
pub struct PasswordForm<'a> {
    /// Login name, mobile number or identity number.
    pub account: &'a str,
    /// The password.
    pub password: &'a str,
}

/// Signs in with account and password. A verified person is `real-name` at most this way; `face` needs the face.
///
/// # Errors
/// [`SignInError::Refused`] for a wrong account or password, [`SignInError::TooMany`], [`SignInError::Busy`], or the
/// store's.
pub async fn with_password(
    context: &Context,
    sign_in: &SignIn,
    form: PasswordForm<'_>,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<SignInStep, SignInError> {
    let account = sign_in.people.handle_hash(HandleText::of_account(form.account));
    match check(context, sign_in, &account, form.password, browser).await {
        Ok(person) => {
            let proof = Proof {
                person,
                assurance_max: PASSWORD_MAX,
                amr: vec!["pwd".to_owned()],
                device_for: Some(account),
                second_factor: None,
            };
            finish(context, sign_in, proof, browser, rng).await
        }
        Err(error) => Err(refused(context, sign_in, "pwd", Some(&account), error).await),
    }
}

async fn check(
    context: &Context,
    sign_in: &SignIn,
    account: &SecretHash,
    password: &str,
    browser: &Browser<'_>,
) -> Result<PersonId, SignInError> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(SignInError::Refused);
    }
    let place = sign_in.hashing.place()?;
    let tried = throttle::enter(context, sign_in, account, browser).await?;
    let store = sign_in.store();
    let person = store.find_person_by_handle(account).await?;
    // Nobody's credentials are looked for too, so that the steps are the same.
    let id = person.clone().unwrap_or_else(|| PersonId("nobody".to_owned()));
    let known = store.find_credentials(&id).await?.filter(|_| person.is_some()).and_then(|found| found.password);
    if sign_in.hashing.verify(place, password, known.as_deref()).await? {
        tried.right(sign_in).await?;
        return Ok(id);
    }
    tried.wrong(context, sign_in).await?;
    Err(SignInError::Refused)
}

/// Sets the password of a person, at registration or by a command.
///
/// # Errors
/// [`SignInError::PasswordRule`], [`SignInError::Busy`], or the store's.
pub async fn set_password<R: CryptoRng + Send>(
    context: &Context,
    sign_in: &SignIn,
    whose: Whom<'_>,
    password: &str,
    rng: &mut R,
) -> Result<(), SignInError> {
    let Whom { person, by: actor } = whose;
    let hash = sign_in.hashing.hash(password, rng).await?;
    let record = AuditRecord::new(context.id, context.now, actor, "credentials.password-set", "ok");
    let trail = Trail::of(record.with("person", person));
    let edit = |credentials: &mut Credentials| credentials.password = Some(hash.clone());
    change_credentials(sign_in, person, edit, trail).await
}

/// Changes the credentials of a person as they are at the moment of the write: what was used up meanwhile stays used up.
pub(crate) async fn change_credentials(
    sign_in: &SignIn,
    person: &PersonId,
    edit: impl Fn(&mut Credentials) + Send,
    trail: Trail,
) -> Result<(), SignInError> {
    for _ in 0..CHANGES_MAX {
        let mut credentials = credentials_of(sign_in, person).await?;
        edit(&mut credentials);
        if sign_in.store().put_credentials(credentials, trail.clone()).await? {
            return Ok(());
        }
    }
    Err(SignInError::Busy)
}

/// The old and the new password of somebody who is signed in. It has no `Debug`.
#[derive(Clone, Copy)]
pub struct PasswordChange<'a> {
    /// The password so far.
    pub old: &'a str,
    /// The new one, 8 to 256 bytes.
    pub new: &'a str,
}

/// Changes the password of somebody who is signed in; their other sessions end.
///
/// # Errors
/// [`SignInError::Refused`] for a wrong old password, [`SignInError::TooMany`], and those of [`set_password`].
pub async fn change_password(
    context: &Context,
    sign_in: &SignIn,
    session: &SessionRecord,
    change: PasswordChange<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<(), SignInError> {
    if let Err(error) = check_old(context, sign_in, session, change.old).await {
        return Err(refused(context, sign_in, "pwd", None, error).await);
    }
    let actor = format!("person:{}", session.person);
    set_password(context, sign_in, Whom { person: &session.person, by: &actor }, change.new, rng).await?;
    sessions::end_others(context, sign_in, session).await?;
    Ok(())
}

async fn check_old(context: &Context, sign_in: &SignIn, session: &SessionRecord, old: &str) -> Result<(), SignInError> {
    if old.len() > PASSWORD_BYTES_MAX {
        return Err(SignInError::Refused);
    }
    let place = sign_in.hashing.place()?;
    let tried = throttle::enter_as(context, sign_in, &session.person).await?;
    let known = credentials_of(sign_in, &session.person).await?.password;
    if sign_in.hashing.verify(place, old, known.as_deref()).await? {
        return tried.right(sign_in).await;
    }
    Err(SignInError::Refused)
}

/// The credentials of a person; empty ones when none were set.
pub(super) async fn credentials_of(sign_in: &SignIn, person: &PersonId) -> Result<Credentials, SignInError> {
    Ok(sign_in.store().find_credentials(person).await?.unwrap_or_else(|| Credentials {
        person: person.clone(),
        password: None,
        totp: None,
        recovery: Vec::new(),
        passkeys: Vec::new(),
        reset: None,
        revision: 0,
    }))
}
