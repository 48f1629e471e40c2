//! Who carries one-time codes to a mobile number: a trait for operators' gateways, and the one of development runs.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

/// What a sender returns.
pub type SendFuture<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// The message could not be handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the code could not be sent")]
pub struct SendError;

/// Carries one-time codes.
pub trait CodeSender: Send + Sync {
    /// Sends a code of 6 digits to a mobile number in a language (`zh-CN`, `en`). Neither may be logged.
    ///
    /// # Errors
    /// [`SendError`] when the gateway did not take it; the person asks again.
    fn send<'a>(&'a self, number: &'a str, code: &'a str, locale: &'a str) -> SendFuture<'a>;

    /// Whether nothing is really sent. A production hub refuses such a sender.
    fn is_test_double(&self) -> bool {
        false
    }
}

/// A code that was not sent but kept, for the page of development runs. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SentCode {
    /// The number.
    pub number: String,
    /// The code.
    pub code: String,
    /// The language.
    pub locale: String,
}

/// Sends nothing: keeps the newest codes in memory, so that the development page can show them and say so.
#[derive(Default)]
pub struct DevelopmentSender(Mutex<VecDeque<SentCode>>);

impl DevelopmentSender {
    const MAX: usize = 20;

    /// The newest codes first.
    #[must_use]
    pub fn newest(&self) -> Vec<SentCode> {
        self.0.lock().map(|codes| codes.iter().rev().cloned().collect()).unwrap_or_default()
    }
}

impl CodeSender for DevelopmentSender {
    fn send<'a>(&'a self, number: &'a str, code: &'a str, locale: &'a str) -> SendFuture<'a> {
        Box::pin(async move {
            let mut codes = self.0.lock().map_err(|_| SendError)?;
            if codes.len() >= Self::MAX {
                codes.pop_front();
            }
            codes.push_back(SentCode { number: number.to_owned(), code: code.to_owned(), locale: locale.to_owned() });
            Ok(())
        })
    }

    fn is_test_double(&self) -> bool {
        true
    }
}
