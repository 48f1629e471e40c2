//! What one session has running: counts requests, and cuts them all when the session ends.

use super::error::EgressError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

/// Counts and running requests of one session.
#[derive(Debug)]
pub(crate) struct Ledger {
    requests_max: u64,
    concurrent_max: u64,
    over: CancellationToken,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    started: u64,
    /// The connection that each running request holds; `None` while it has none.
    running: HashMap<u64, Option<AbortHandle>>,
}

/// The place of one running request; dropping it frees the place.
#[derive(Debug)]
pub(crate) struct Ticket {
    ledger: Arc<Ledger>,
    number: u64,
}

impl Ledger {
    pub(crate) fn new(requests_max: u64, concurrent_max: u64) -> Self {
        Self { requests_max, concurrent_max, over: CancellationToken::new(), book: Mutex::default() }
    }

    /// Takes a place; refused requests count too, so that an allow-list cannot be probed without end.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Ticket, EgressError> {
        let mut book = self.book();
        if book.started >= self.requests_max {
            return Err(EgressError::TooMany { of: "in all", requests_max: self.requests_max });
        }
        book.started += 1;
        if book.running.len() as u64 >= self.concurrent_max {
            return Err(EgressError::TooMany { of: "at the same time", requests_max: self.concurrent_max });
        }
        let number = book.started;
        book.running.insert(number, None);
        Ok(Ticket { ledger: Arc::clone(self), number })
    }

    /// Ends every running request and refuses new ones.
    pub(crate) fn close(&self) {
        self.over.cancel();
        for connection in self.book().running.drain().filter_map(|(_, connection)| connection) {
            connection.abort();
        }
    }

    /// Fires when the session is over.
    pub(crate) fn over(&self) -> &CancellationToken {
        &self.over
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Notes the connection that is to be cut when the session ends.
    pub(crate) fn hold(&self, connection: AbortHandle) {
        match self.ledger.book().running.get_mut(&self.number) {
            Some(place) => *place = Some(connection),
            None => connection.abort(),
        }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.ledger.book().running.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_in_all_and_at_the_same_time() {
        let ledger = Arc::new(Ledger::new(3, 1));
        let first = ledger.enter().expect("first");
        assert!(matches!(ledger.enter(), Err(EgressError::TooMany { requests_max: 1, .. })));
        drop(first);
        drop(ledger.enter().expect("third"));
        assert!(matches!(ledger.enter(), Err(EgressError::TooMany { requests_max: 3, .. })));
    }

    #[tokio::test]
    async fn a_connection_that_comes_after_the_end_is_cut() {
        let ledger = Arc::new(Ledger::new(1, 1));
        let ticket = ledger.enter().expect("place");
        ledger.close();
        let task = tokio::spawn(std::future::pending::<()>());
        ticket.hold(task.abort_handle());
        assert!(task.await.expect_err("aborted").is_cancelled());
    }
}
