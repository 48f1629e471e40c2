//! A second factor that was lost, and no recovery code is left: two operators reset it together. The person enrols a new one at
//! the next sign-in and is told.

use super::{UnitError, four_eyes};
use crate::people::{HandleText, People, Whom};
use crate::sign_in::{SignIn, change_credentials, prove};
use yizhan_domain::authorization::Role;
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::{AuditRecord, Credentials, Trail};

/// An operator who takes part, and a code of their own second factor. It has no `Debug`.
#[derive(Clone, Copy)]
pub struct OperatorProof<'a> {
    /// Login name.
    pub login: &'a str,
    /// A code that counts now, or a recovery code: it is used up.
    pub code: &'a str,
}

/// Whose second factor is reset, and by whom. It has no `Debug`.
#[derive(Clone, Copy)]
pub struct LostFactor<'a> {
    /// Login name, mobile number or identity number of the person who lost it.
    pub account: &'a str,
    /// Who does it.
    pub by: OperatorProof<'a>,
    /// Who approves it: another operator.
    pub approved_by: OperatorProof<'a>,
}

/// Resets a second factor: it and its recovery codes count no more, the person's sessions end.
///
/// # Errors
/// [`UnitError::SamePerson`] unless the person and the two operators are three people, [`UnitError::NotAllowed`] for whoever
/// is no operator, that a code is wrong, that there is no such person, [`UnitError::NoFactor`], or the store's.
pub async fn reset_second_factor(
    context: &Context,
    sign_in: &SignIn,
    lost: LostFactor<'_>,
) -> Result<PersonId, UnitError> {
    let people = sign_in.people();
    let known = people.find(HandleText::of_account(lost.account)).await?;
    let person = known.ok_or(UnitError::People(crate::people::PeopleError::Unknown))?;
    let by = operator(people, lost.by.login).await?;
    let approved_by = operator(people, lost.approved_by.login).await?;
    four_eyes(&by, &approved_by)?;
    four_eyes(&by, &person)?;
    four_eyes(&approved_by, &person)?;
    let kept = people.store().find_credentials(&person).await?;
    kept.and_then(|kept| kept.totp).ok_or(UnitError::NoFactor)?;
    prove(context, sign_in, &by, lost.by.code).await?;
    prove(context, sign_in, &approved_by, lost.approved_by.code).await?;
    let actor = format!("person:{by}");
    let record = AuditRecord::new(context.id, context.now, &*actor, "credentials.second-factor-reset", "ok");
    let trail = Trail::of(record.with("person", &person).with("approved-by", &approved_by));
    let edit = |credentials: &mut Credentials| {
        credentials.totp = None;
        credentials.recovery.clear();
        credentials.reset = Some(context.now);
    };
    change_credentials(sign_in, &person, edit, trail).await?;
    people.end_sessions(context, Whom { person: &person, by: &actor }, |_| true).await?;
    Ok(person)
}

async fn operator(people: &People, login: &str) -> Result<PersonId, UnitError> {
    let person = people.find(HandleText::Login(login)).await?.ok_or(UnitError::NotAllowed)?;
    let memberships = people.store().list_memberships(&person).await?;
    let is_operator = memberships.iter().any(|member| member.roles.contains(&Role::Operator));
    if is_operator { Ok(person) } else { Err(UnitError::NotAllowed) }
}
