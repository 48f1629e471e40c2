//! `yizhan:app/identity`: the person's authorization and the opening of claims. Linked for identity-required apps only.

use super::refused;
use crate::bindings::identity as wit;
use crate::bindings::types::Error;
use crate::guest::GuestContext;
use wasmtime::component::Resource;
use yizhan_auth::flow::{envelope, open};
use yizhan_auth::{AuthError, Authorization, Authorized};
use yizhan_domain::person::{Assurance, CapacityKind, PersonKind};
use yizhan_domain::{Claim, Context, Permission};
use zeroize::Zeroizing;

/// What stands behind the guest's `authorization` handle: no value of a claim.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct AuthorizationResource(Authorization);

impl GuestContext {
    fn authorization(&self, handle: &Resource<AuthorizationResource>) -> wasmtime::Result<&Authorization> {
        Ok(&self.table.get(handle)?.0)
    }

    /// The request with the present moment: a grant may end while a guest runs.
    fn context_now(&self) -> Context {
        Context { now: self.services.clock.now(), ..self.visit.context }
    }

    /// Counts an opening or an envelope of this request.
    fn count_opening(&mut self) -> Result<(), AuthError> {
        let opens_max = self.version.limits.opens_max;
        if self.opens >= opens_max {
            return Err(AuthError::TooMany { what: "openings in one request", max: opens_max });
        }
        self.opens += 1;
        Ok(())
    }

    async fn fetch_envelope(&mut self, purpose: &str) -> Result<String, AuthError> {
        self.count_opening()?;
        let Self { visit, services, .. } = self;
        let context = Context { now: services.clock.now(), ..visit.context };
        envelope::envelope(&context, &services.authorization, &visit.permit, purpose).await
    }

    async fn open_claims(&mut self, purpose: &str, names: &[String]) -> Result<open::Opened, AuthError> {
        self.count_opening()?;
        open::open(&self.context_now(), &self.services.authorization, &self.visit.permit, purpose, names).await
    }
}

impl wit::Host for GuestContext {
    async fn current(&mut self) -> wasmtime::Result<Result<Option<Resource<AuthorizationResource>>, Error>> {
        let answer = match self.visit.permit.authorization(&self.context_now(), &self.services.authorization).await {
            Authorized::SignedOut => Ok(None),
            Authorized::Unknown => Err(Error::Unavailable),
            Authorized::SignedIn(authorization) => Ok(Some(self.table.push(AuthorizationResource(authorization))?)),
        };
        self.observe(|| "identity.current".to_owned(), &answer);
        Ok(answer)
    }

    fn request_url(
        &mut self,
        purpose: String,
        claims: Vec<String>,
        return_path: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        let answer = self.sign_in_url(&purpose, &claims, &return_path);
        self.observe(|| format!("identity.request-url {purpose} {}", claims.join(",")), &answer);
        Ok(answer)
    }
}

impl GuestContext {
    fn sign_in_url(&self, purpose: &str, claims: &[String], return_path: &str) -> Result<String, Error> {
        let policy = self.visit.permit.policy();
        if claims.len() > open::CLAIMS_MAX {
            return Err(Error::Invalid(format!("{} claims: at most {} at once", claims.len(), open::CLAIMS_MAX)));
        }
        if !purpose.is_empty() && !policy.uses.iter().any(|data_use| data_use.purpose == purpose) {
            let purpose: String = purpose.chars().take(64).collect();
            return Err(Error::Denied(format!("identity for {purpose:?}")));
        }
        for name in claims {
            let claim: Claim = name.parse().map_err(|error| refused(&AuthError::UnknownClaim(error), purpose))?;
            if !policy.declares_claim(claim) {
                return Err(refused(&AuthError::NotDeclared(Permission::Identity(claim)), purpose));
            }
            if !policy.declares(claim, purpose) {
                return Err(refused(&AuthError::Purpose { claim, purpose: purpose.to_owned() }, purpose));
            }
        }
        let path = yizhan_domain::path::return_path(return_path).ok_or_else(|| {
            Error::Invalid(format!("return path {return_path:?}: one leading '/', no '//', no '\\\\'"))
        })?;
        Ok(format!(
            "/.yizhan/login?purpose={}&claims={}&return={}",
            yizhan_domain::path::encode(purpose),
            yizhan_domain::path::encode(&claims.join(",")),
            yizhan_domain::path::encode(path)
        ))
    }
}

impl wit::HostAuthorization for GuestContext {
    fn subject(&mut self, handle: Resource<AuthorizationResource>) -> wasmtime::Result<String> {
        Ok(self.authorization(&handle)?.subject.clone())
    }

    fn kind(&mut self, handle: Resource<AuthorizationResource>) -> wasmtime::Result<wit::PersonKind> {
        Ok(match self.authorization(&handle)?.kind {
            PersonKind::NaturalPerson => wit::PersonKind::NaturalPerson,
            PersonKind::LegalPerson => wit::PersonKind::LegalPerson,
        })
    }

    fn capacity(&mut self, handle: Resource<AuthorizationResource>) -> wasmtime::Result<wit::CapacityKind> {
        Ok(match self.authorization(&handle)?.capacity {
            CapacityKind::NaturalPerson => wit::CapacityKind::NaturalPerson,
            CapacityKind::LegalPerson => wit::CapacityKind::LegalPerson,
            CapacityKind::Agent => wit::CapacityKind::Agent,
        })
    }

    fn assurance(&mut self, handle: Resource<AuthorizationResource>) -> wasmtime::Result<wit::Assurance> {
        Ok(match self.authorization(&handle)?.assurance {
            Assurance::Basic => wit::Assurance::Basic,
            Assurance::RealName => wit::Assurance::RealName,
            Assurance::Face => wit::Assurance::Face,
        })
    }

    fn granted(&mut self, handle: Resource<AuthorizationResource>) -> wasmtime::Result<Vec<wit::GrantedClaim>> {
        let granted = &self.authorization(&handle)?.granted;
        Ok(granted
            .iter()
            .map(|(claim, purpose)| wit::GrantedClaim { claim: claim.to_string(), purpose: purpose.clone() })
            .collect())
    }

    fn expires(&mut self, handle: Resource<AuthorizationResource>) -> wasmtime::Result<u64> {
        Ok(self.authorization(&handle)?.expires.0)
    }

    async fn open(
        &mut self,
        _: Resource<AuthorizationResource>,
        purpose: String,
        claims: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<wit::ClaimValue>, Error>> {
        let opened = self.open_claims(&purpose, &claims).await;
        // The guest's own copy is made from this one, which is freed when it has been lowered.
        let value_out = |(claim, mut value): (Claim, Zeroizing<String>)| wit::ClaimValue {
            claim: claim.to_string(),
            value: std::mem::take(&mut *value),
        };
        let answer = match opened {
            Ok(values) => Ok(values.into_iter().map(value_out).collect()),
            Err(error) => Err(refused(&error, &purpose)),
        };
        self.observe(|| format!("identity.open {purpose} {}", claims.join(",")), &answer);
        Ok(answer)
    }

    async fn envelope(
        &mut self,
        _: Resource<AuthorizationResource>,
        purpose: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        let answer = self.fetch_envelope(&purpose).await.map_err(|error| refused(&error, &purpose));
        self.observe(|| format!("identity.envelope {purpose}"), &answer);
        Ok(answer)
    }

    fn drop(&mut self, handle: Resource<AuthorizationResource>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}
