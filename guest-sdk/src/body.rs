//! The body of a request: read when a handler first asks for it, and never further than the handler allows.

use crate::Error;
use std::cell::{OnceCell, RefCell};
use std::fmt;

/// Reads at most so many bytes, or answers [`Error::TooLarge`].
type Source = Box<dyn FnOnce(usize) -> Result<Vec<u8>, Error>>;

/// A body that is read once, on demand.
pub(crate) struct Body {
    source: RefCell<Option<Source>>,
    read: OnceCell<Result<Vec<u8>, Error>>,
}

impl Body {
    pub(crate) fn from_source(source: impl FnOnce(usize) -> Result<Vec<u8>, Error> + 'static) -> Self {
        Self { source: RefCell::new(Some(Box::new(source))), read: OnceCell::new() }
    }

    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self::from_source(
            move |limit_bytes| {
                if bytes.len() > limit_bytes { Err(Error::TooLarge { limit_bytes }) } else { Ok(bytes) }
            },
        )
    }

    /// All bytes, at most so many.
    pub(crate) fn bytes(&self, limit_bytes: usize) -> Result<&[u8], Error> {
        let read = self.read.get_or_init(|| match self.source.borrow_mut().take() {
            Some(source) => source(limit_bytes),
            None => Ok(Vec::new()),
        });
        match read {
            Ok(bytes) if bytes.len() > limit_bytes => Err(Error::TooLarge { limit_bytes }),
            Ok(bytes) => Ok(bytes),
            Err(error) => Err(error.clone()),
        }
    }
}

/// A body may hold personal data: only whether it was read is printed.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body(read: {})", self.read.get().is_some())
    }
}
