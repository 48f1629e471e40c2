//! Who may run now: places per node and per app, a bounded queue per app, and a fair share when the node is full.

use crate::SandboxError;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use yizhan_domain::AppId;

/// Places for guests on this node.
pub(crate) struct Admission {
    state: Mutex<State>,
    guests_max: u64,
}

#[derive(Default)]
struct State {
    running: u64,
    apps: HashMap<AppId, AppQueue>,
    /// Apps with someone waiting, in the order in which they get the next free place.
    waiting: VecDeque<AppId>,
}

#[derive(Default)]
struct AppQueue {
    running: u64,
    running_max: u64,
    queue: VecDeque<oneshot::Sender<Place>>,
}

/// A place; freed when dropped.
pub(crate) struct Place {
    /// None once the place was taken back by the queue itself.
    admission: Option<Arc<Admission>>,
    app: AppId,
}

impl Admission {
    pub(crate) fn new(guests_max: u64) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), guests_max })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Guests that run now.
    pub(crate) fn running(&self) -> u64 {
        self.lock().running
    }

    /// A place for a guest of this app; waits in the app's queue when there is none.
    ///
    /// # Errors
    /// [`SandboxError::Busy`] when the queue is full too.
    pub(crate) async fn enter(
        self: &Arc<Self>,
        app: &AppId,
        running_max: u64,
        queued_max: u64,
    ) -> Result<Place, SandboxError> {
        let turn = {
            let mut state = self.lock();
            if state.admits(app, running_max, self.guests_max) {
                state.start(app, running_max);
                None
            } else {
                Some(state.wait(app, running_max, queued_max)?)
            }
        };
        match turn {
            None => Ok(Place { admission: Some(Arc::clone(self)), app: app.clone() }),
            Some(turn) => turn.await.map_err(|_| SandboxError::Busy { limit: "concurrent_requests_max" }),
        }
    }
}

impl State {
    /// Whether one more guest of the app may run: below its own limit, and below its fair share once three quarters of
    /// the node are taken.
    fn admits(&self, app: &AppId, running_max: u64, guests_max: u64) -> bool {
        let own = self.apps.get(app).map_or(0, |queue| queue.running);
        if own >= running_max || self.running >= guests_max {
            return false;
        }
        let active = self.apps.len().max(1) as u64;
        let share = (guests_max / active).max(1);
        self.running < guests_max - guests_max / 4 || own < share
    }

    fn start(&mut self, app: &AppId, running_max: u64) {
        self.running += 1;
        if let Some(queue) = self.apps.get_mut(app) {
            queue.running += 1;
            queue.running_max = running_max;
            return;
        }
        self.apps.insert(app.clone(), AppQueue { running: 1, running_max, queue: VecDeque::new() });
    }

    fn wait(
        &mut self,
        app: &AppId,
        running_max: u64,
        queued_max: u64,
    ) -> Result<oneshot::Receiver<Place>, SandboxError> {
        let queue = self.apps.entry(app.clone()).or_default();
        queue.running_max = running_max;
        queue.queue.retain(|turn| !turn.is_closed());
        if queue.queue.len() as u64 >= queued_max {
            return Err(SandboxError::Busy { limit: "concurrent_requests_max" });
        }
        let (turn, receiver) = oneshot::channel();
        queue.queue.push_back(turn);
        if !self.waiting.contains(app) {
            self.waiting.push_back(app.clone());
        }
        Ok(receiver)
    }

    fn stop(&mut self, app: &AppId) {
        self.running -= 1;
        if let Some(queue) = self.apps.get_mut(app) {
            queue.running -= 1;
        }
    }

    fn finish(&mut self, app: &AppId, admission: &Arc<Admission>) {
        self.stop(app);
        for _ in 0..self.waiting.len() {
            let Some(next) = self.waiting.pop_front() else { break };
            let admitted = self.give_turn(&next, admission);
            if self.apps.get(&next).is_some_and(|queue| !queue.queue.is_empty()) {
                self.waiting.push_back(next);
            }
            if admitted {
                break;
            }
        }
        if self.apps.get(app).is_some_and(|queue| queue.running == 0 && queue.queue.is_empty()) {
            self.apps.remove(app);
        }
    }

    /// Gives the app's first live waiter its turn, if the app may run one more.
    fn give_turn(&mut self, app: &AppId, admission: &Arc<Admission>) -> bool {
        let running_max = self.apps.get(app).map_or(0, |queue| queue.running_max);
        if !self.admits(app, running_max, admission.guests_max) {
            return false;
        }
        while let Some(turn) = self.apps.get_mut(app).and_then(|queue| queue.queue.pop_front()) {
            self.start(app, running_max);
            let place = Place { admission: Some(Arc::clone(admission)), app: app.clone() };
            match turn.send(place) {
                Ok(()) => return true,
                Err(mut refused) => {
                    // Nobody waits any more. Dropping it whole would lock what is locked here.
                    refused.admission = None;
                    self.stop(app);
                }
            }
        }
        false
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(admission) = self.admission.take() {
            admission.lock().finish(&self.app, &admission);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(name: &str) -> AppId {
        AppId::new(format!("cn.gov.{name}")).expect("id")
    }

    #[tokio::test]
    async fn the_next_in_line_gets_a_freed_place_and_a_full_queue_refuses() {
        let admission = Admission::new(8);
        let a = app("a");
        let first = admission.enter(&a, 1, 1).await.expect("place");
        let mut second = Box::pin(admission.enter(&a, 1, 1));
        assert!(poll_once(&mut second).is_none(), "waits");
        assert!(matches!(admission.enter(&a, 1, 1).await, Err(SandboxError::Busy { .. })));
        drop(first);
        let second = second.await.expect("its turn");
        assert_eq!(admission.running(), 1);
        drop(second);
        assert_eq!(admission.running(), 0);
        assert!(admission.lock().apps.is_empty(), "nothing is kept of idle apps");
    }

    #[tokio::test]
    async fn no_more_guests_run_than_the_node_has_places_for() {
        let admission = Admission::new(2);
        let apps = [app("a"), app("b"), app("c")];
        let first = admission.enter(&apps[0], 8, 8).await.expect("place");
        let _second = admission.enter(&apps[1], 8, 8).await.expect("place");
        let mut third = Box::pin(admission.enter(&apps[2], 8, 8));
        assert!(poll_once(&mut third).is_none(), "both places are taken");
        drop(first);
        assert!(third.await.is_ok());
    }

    #[tokio::test]
    async fn one_app_cannot_take_the_whole_node() {
        let admission = Admission::new(8);
        let (a, b) = (app("a"), app("b"));
        let other = admission.enter(&b, 8, 1).await.expect("place");
        let mut places = Vec::new();
        for _ in 0..5 {
            places.push(admission.enter(&a, 8, 8).await.expect("place"));
        }
        let mut sixth = Box::pin(admission.enter(&a, 8, 8));
        assert!(poll_once(&mut sixth).is_none(), "its share of four is used up");
        assert!(admission.enter(&b, 8, 1).await.is_ok(), "the other app still gets in");
        drop(other);
    }

    #[tokio::test]
    async fn a_waiter_that_gave_up_does_not_hold_a_place() {
        let admission = Admission::new(1);
        let a = app("a");
        let first = admission.enter(&a, 1, 2).await.expect("place");
        let mut gave_up = Box::pin(admission.enter(&a, 1, 2));
        assert!(poll_once(&mut gave_up).is_none());
        drop(gave_up);
        drop(first);
        assert_eq!(admission.running(), 0);
        assert!(admission.enter(&a, 1, 2).await.is_ok());
    }

    #[tokio::test]
    async fn a_waiter_that_gave_up_after_its_turn_came_gives_the_place_back() {
        let admission = Admission::new(1);
        let a = app("a");
        let first = admission.enter(&a, 1, 2).await.expect("place");
        let mut waiter = Box::pin(admission.enter(&a, 1, 2));
        assert!(poll_once(&mut waiter).is_none());
        drop(first);
        assert_eq!(admission.running(), 1, "the turn was sent");
        drop(waiter);
        assert_eq!(admission.running(), 0);
    }

    fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::Pin::new(future).poll(&mut cx) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }
}
