//! Body of any answer: the host's own in one piece, or a guest's.

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::Full;
use std::pin::Pin;
use std::task::{Context, Poll};
use yizhan_sandbox::GuestBody;

/// Body of an answer.
pub(crate) enum Body {
    /// In one piece.
    Whole(Full<Bytes>),
    /// From a guest.
    Guest(GuestBody),
    /// From a route of the hub.
    Hub(axum::body::Body),
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut *self {
            Self::Whole(whole) => {
                Pin::new(whole).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(|never| match never {})))
            }
            Self::Guest(guest) => {
                Pin::new(guest).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Into::into)))
            }
            Self::Hub(hub) => Pin::new(hub).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Into::into))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Guest(guest) => guest.is_end_stream(),
            Self::Hub(hub) => hub.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Guest(guest) => guest.size_hint(),
            Self::Hub(hub) => hub.size_hint(),
        }
    }
}
