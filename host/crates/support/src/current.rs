//! Data that are read often and now and then replaced as a whole, for instance by an import while the hub runs.

use std::sync::{Arc, PoisonError, RwLock};

/// The data of now. Who has taken them keeps them until the end of its work, whatever comes in their place.
#[derive(Debug)]
pub(crate) struct Current<T>(RwLock<Arc<T>>);

impl<T> Current<T> {
    pub(crate) fn new(data: T) -> Self {
        Self(RwLock::new(Arc::new(data)))
    }

    /// The data of now.
    pub(crate) fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other data in their place.
    pub(crate) fn set(&self, data: T) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(data);
    }
}
