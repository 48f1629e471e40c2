//! SDK for authors of Yizhan mini-apps: write handlers, test them without wasm, export them as a component.
//!
//! # First app
//! ```
//! use yizhan_sdk::{App, Html, Request, Result, catalog, html, visitor};
//!
//! /// GET /?q=… : items of the visitor's region that match.
//! fn search(request: &Request) -> Result<Html> {
//!     let query = catalog::Query::text(request.query().get("q").unwrap_or_default()).region(visitor::preferences().region);
//!     let found = catalog::search(&query, &Default::default())?;
//!     let lines: Html = found.items.iter().map(|item| html!("<li>{name}</li>", name = item.name)).collect();
//!     Ok(html!("<h1>找到 {total} 项</h1><ul>{lines}</ul>", total = found.total, lines))
//! }
//!
//! fn app() -> App {
//!     App::new().get("/", search)
//! }
//! yizhan_sdk::serve!(app);
//!
//! // In a unit test, a fake host answers:
//! let _host = yizhan_sdk::testing::FakeHost::new().item(yizhan_sdk::testing::item("身份证换领")).install();
//! assert!(app().handle(Request::get("/?q=身份证")).text().contains("<li>身份证换领</li>"));
//! ```
//!
//! # Where things are
//! [`App`] routes a [`Request`] to a handler that answers with [`Html`], a [`Response`] or an [`Error`]; [`html!`] escapes.
//! The host's capabilities are the modules [`visitor`], [`catalog`], [`place`], [`identity`], [`appointment`], [`config`], [`kv`], [`log`],
//! [`clock`] and [`fetch`]; a component imports only those that its code calls. [`testing`] is the fake host for unit tests.
//!
//! All types are the SDK's own and the same in tests and in wasm; `cfg(target_arch = "wasm32")` chooses who answers.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod app;
pub mod appointment;
mod body;
pub mod catalog;
pub mod clock;
pub mod config;
mod cookie;
mod error;
pub mod fetch;
mod fields;
pub mod html;
pub mod identity;
pub mod kv;
pub mod log;
mod method;
mod page;
pub mod place;
pub mod problem;
mod request;
mod response;
mod route;
pub mod visitor;

#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub use wasm::serve as guest;

#[cfg(not(target_arch = "wasm32"))]
use testing as host;
#[cfg(target_arch = "wasm32")]
use wasm as host;

pub use app::App;
pub use cookie::Cookie;
pub use error::{Error, Result};
pub use fields::{Fields, percent_encode};
pub use html::Html;
pub use method::Method;
pub use page::PageRequest;
pub use request::{BODY_BYTES_MAX, Request};
pub use response::{Reply, Response};
pub use serde_json::json;
