//! What exists in a development store alone: a clock that goes ahead, and tickets that carry the choice of a test person from
//! an app's origin to the hub's. Used by the development page.

use crate::app::random_token;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use yizhan_auth::provider::PUSHED_MS;
use yizhan_domain::{ShiftedClock, Timestamp};

/// Most tickets that are open at one time.
const TICKETS_MAX: usize = 100;

/// One per process with a development store.
#[derive(Default)]
pub(crate) struct Development {
    pub(crate) clock: Arc<ShiftedClock>,
    tickets: Mutex<HashMap<String, Ticket>>,
}

/// Whom a browser wants to be, and where it comes from.
pub(crate) struct Ticket {
    pub(crate) persona: String,
    /// Address that the browser goes on to.
    pub(crate) then: String,
    expires: Timestamp,
}

impl Development {
    /// Writes a ticket for one use within 90 seconds.
    pub(crate) fn issue(&self, now: Timestamp, persona: &str, then: String) -> String {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, ticket| ticket.expires > now);
        if tickets.len() >= TICKETS_MAX {
            tickets.clear();
        }
        let name = random_token();
        let expires = now.plus_ms(PUSHED_MS);
        tickets.insert(name.clone(), Ticket { persona: persona.to_owned(), then, expires });
        name
    }

    /// Takes a ticket; none when there is none, it was taken, or it has ended.
    pub(crate) fn take(&self, now: Timestamp, name: &str) -> Option<Ticket> {
        let ticket = self.tickets.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        ticket.filter(|ticket| ticket.expires > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_counts_once_and_not_for_long() {
        let (development, now) = (Development::default(), Timestamp(1_000));
        let name = development.issue(now, "zhang", "http://a.localhost/".to_owned());
        assert!(development.take(now, "another").is_none());
        assert!(development.take(now, &name).is_some_and(|ticket| ticket.persona == "zhang"));
        assert!(development.take(now, &name).is_none(), "taken before");
        let late = development.issue(now, "zhang", String::new());
        assert!(development.take(now.plus_ms(PUSHED_MS), &late).is_none());
    }
}
