//! Resets the second factor of somebody who lost it: two operators prove their own, side by side at the stopped hub.

use super::{ResetSecondFactorArgs, records};
use crate::cli::{
    data_directory,
    failure::{Failure, Outcome},
    terminal::Terminal,
};
use serde_json::json;
use std::sync::Arc;
use yizhan_auth::{
    people::{People, PeopleKeys},
    sign_in::{SignIn, SignInSettings},
    units::{LostFactor, OperatorProof, UnitError, reset_second_factor},
};

/// `reset-second-factor`.
pub(super) fn reset(args: &ResetSecondFactorArgs, terminal: Terminal) -> Outcome {
    let what = "cannot reset the second factor";
    let hub = records::open(&args.data, what)?;
    let people = People::new(Arc::clone(&hub.store) as _, PeopleKeys::of(&hub.keys.root));
    let settings = SignInSettings { hashing_slots: 1, sender: None, codes_per_day_max: 0 };
    let fix = "see that the machine has room";
    let sign_in = SignIn::new(Arc::new(people), settings)
        .map_err(|error| Failure::unreadable(what).at(&args.data).why(records::with_source(&error)).fix(fix))?;
    let lost = LostFactor {
        account: &args.account,
        by: OperatorProof { login: &args.operator, code: &args.operator_code },
        approved_by: OperatorProof { login: &args.approved_by, code: &args.approver_code },
    };
    let context = data_directory::context()?;
    let person = records::block_on(what, reset_second_factor(&context, &sign_in, lost))?.map_err(|error| {
        let why = records::with_source(&error);
        match error {
            UnitError::Store(error) => records::store_failure(what, &args.data, &error),
            _ => Failure::refused(what).at(&args.data).why(why).fix(
                "name two operators besides the person, each with a code that was not used; see docs/operations.md",
            ),
        }
    })?;
    terminal.say("The person's sessions have ended; the next sign-in says so and asks for a new second factor.");
    terminal.result(json!({ "person": person }), &format!("{person}\n"));
    Ok(())
}
