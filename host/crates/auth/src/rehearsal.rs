//! Rehearsals: every refusal of the authorization, brought about by real means (a suspended app, an altered envelope, a code
//! used twice) with the real functions, on a throw-away hub in memory. Called by the development page `/.yizhan/dev` alone.

mod actor;
mod opening;
mod scenes;
mod stage;
mod walk;

use crate::AuthError;
use crate::refusal::Refusal;
use rand::CryptoRng;
use yizhan_domain::Timestamp;
use yizhan_store::records::AuditRecord;

/// What can be rehearsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A refusal of the hub: steps 1 to 4, revocation, registration.
    Hub(Refusal),
    /// A refusal of step 5 inside the host, by its code of [`AuthError`].
    Open(&'static str),
}

/// What a client, a browser or a guest met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// A page of the hub: nothing goes to an address that may be foreign.
    Page(Refusal),
    /// The browser is sent back to the client.
    Redirect {
        /// Why.
        refusal: Refusal,
        /// The whole address; it holds no code.
        location: String,
    },
    /// The JSON of token, PAR, introspection and revocation.
    BackChannel(Refusal),
    /// The JSON and the challenge of UserInfo.
    Resource(Refusal),
    /// A registration that an operator or a developer hands in.
    Registration(Refusal),
    /// An error inside the host, which a guest gets as a WIT error.
    Guest(AuthError),
    /// The rehearsal itself failed at this; nothing of the authorization is said by it.
    Broken(&'static str),
}

/// A rehearsal that was played.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// What was met.
    pub met: Met,
    /// The audit's record of it, where the audit has one: not before it is known whose request it is.
    pub audit: Option<AuditRecord>,
}

/// A scene ends with what it met. `Ok` means that nothing was refused, which is a mistake of the scene.
type Scene = Result<(), Met>;

impl Part {
    /// Everything that can be rehearsed, in the order of the steps.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let hub = Refusal::ALL.iter().copied().map(Self::Hub);
        hub.chain(opening::CODES.iter().copied().map(Self::Open)).collect()
    }

    /// The refusal's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Hub(refusal) => refusal.code(),
            Self::Open(code) => code,
        }
    }

    /// Its name here: the code, after `open.` for step 5, since some codes stand in both.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Hub(refusal) => refusal.code().to_owned(),
            Self::Open(code) => format!("open.{code}"),
        }
    }

    /// What has this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|part| part.name() == name)
    }
}

impl Met {
    /// Stable code of what was met; none when the rehearsal failed.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Page(refusal)
            | Self::Redirect { refusal, .. }
            | Self::BackChannel(refusal)
            | Self::Resource(refusal)
            | Self::Registration(refusal) => Some(refusal.code()),
            Self::Guest(error) => Some(error.code()),
            Self::Broken(_) => None,
        }
    }
}

/// Plays one refusal on a throw-away hub that begins at `now`. Takes some milliseconds of CPU: not for a core thread.
pub async fn play(part: Part, now: Timestamp, rng: &mut (impl CryptoRng + Send)) -> Rehearsed {
    let stage = match stage::Stage::set(now, rng).await {
        Ok(stage) => stage,
        Err(met) => return Rehearsed { met, audit: None },
    };
    let scene = match part {
        Part::Hub(refusal) => scenes::play(&stage, refusal).await,
        Part::Open(code) => opening::play(&stage, code).await,
    };
    let met = scene.err().unwrap_or(Met::Broken("nothing was refused"));
    let audit = match met.code() {
        Some(code) => stage.audited(code).await,
        None => None,
    };
    Rehearsed { met, audit }
}

#[cfg(test)]
mod tests;
