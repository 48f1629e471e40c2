//! The one-time set-up link of the first administrator: no default password exists.

use super::{UnitError, UnitForm};
use crate::people::{NewPerson, People, PersonData, Whom};
use crate::sign_in::sessions::{new_token, token_hash};
use crate::sign_in::{PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN, SignIn, SignInError, set_password};
use rand::CryptoRng;
use yizhan_domain::authorization::Role;
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::{AuditRecord, MemberRecord, Trail, UnitRecord};
use zeroize::Zeroizing;

/// Life of a set-up link: one day, ms.
pub const SETUP_MS: u64 = 24 * 60 * 60_000;

/// Who sets the hub up, and the unit that runs it. It has no `Debug`.
pub struct FirstAdministrator<'a> {
    /// Login name.
    pub login: &'a str,
    /// Name.
    pub name: &'a str,
    /// Password, 8 to 256 bytes.
    pub password: &'a str,
    /// The platform's own unit.
    pub unit: UnitForm,
}

/// Makes a set-up link; the command line prints its token once. A link before counts no more.
///
/// # Errors
/// [`UnitError::SetUpAlready`] once the hub has an operator, or the store's.
pub async fn create_setup_link(
    context: &Context,
    people: &People,
    rng: &mut (impl CryptoRng + Send),
) -> Result<Zeroizing<String>, UnitError> {
    refuse_when_set_up(people).await?;
    let token = new_token(rng);
    let trail = Trail::of(AuditRecord::new(context.id, context.now, "command", "set-up.link-made", "ok"));
    people.store().put_setup(token_hash(&token), context.now.plus_ms(SETUP_MS), trail).await?;
    Ok(token)
}

/// Uses the set-up link up: registers the first administrator, the platform's unit, and the roles of owner admin and
/// operator. What can be wrong with the form is found before the link is used up; the first sign-in asks to enrol the
/// second factor, without which neither role does anything.
///
/// # Errors
/// [`UnitError::SetupLink`], [`UnitError::SetUpAlready`], [`UnitError::Name`], those of the directory and of passwords.
pub async fn use_setup_link(
    context: &Context,
    sign_in: &SignIn,
    token: &str,
    form: FirstAdministrator<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<PersonId, UnitError> {
    let people = sign_in.people();
    refuse_when_set_up(people).await?;
    form.unit.check()?;
    if !(PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX).contains(&form.password.len()) {
        return Err(SignInError::PasswordRule.into());
    }
    let mut data = PersonData::default();
    data.login = Some(form.login.to_owned());
    form.name.clone_into(&mut data.name);
    people.check_new(&data).await?;
    let trail = Trail::of(AuditRecord::new(context.id, context.now, "anonymous", "set-up.link-used", "ok"));
    if !people.store().use_setup(&token_hash(token), context.now, trail).await? {
        return Err(UnitError::SetupLink);
    }
    let new = NewPerson { kind: PersonKind::NaturalPerson, assurance: Assurance::Basic, data };
    let person = people.register(context, "system", new, rng).await?;
    set_password(context, sign_in, Whom { person: &person, by: "system" }, form.password, rng).await?;
    give_roles(context, people, form.unit, &person).await?;
    Ok(person)
}

async fn give_roles(context: &Context, people: &People, unit: UnitForm, person: &PersonId) -> Result<(), UnitError> {
    let record = |action| {
        let record = AuditRecord::new(context.id, context.now, "system", action, "ok");
        Trail::of(record.with("unit", unit.uscc.as_str()).with("person", person))
    };
    let registered = UnitRecord { uscc: unit.uscc.clone(), name: unit.name.trim().to_owned(), at: context.now };
    people.store().put_unit(registered, record("unit.registered")).await?;
    let mut roles = vec![Role::OwnerAdmin, Role::Operator];
    roles.sort_unstable();
    let member = MemberRecord { unit: unit.uscc.clone(), person: person.clone(), roles, at: context.now };
    people.store().put_member(member, record("member.roles-set")).await?;
    Ok(())
}

async fn refuse_when_set_up(people: &People) -> Result<(), UnitError> {
    let store = people.store();
    for unit in store.list_units().await? {
        let members = store.list_members(&unit.uscc).await?;
        if members.iter().any(|member| member.roles.contains(&Role::Operator)) {
            return Err(UnitError::SetUpAlready);
        }
    }
    Ok(())
}
