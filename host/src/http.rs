//! What stands between the socket and the rest: the table of routes, pages, headers, cookies, errors.

pub(crate) mod assets;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod cookies;
pub(crate) mod host_files;
pub(crate) mod locale;
pub(crate) mod oauth_error;
pub(crate) mod openapi;
pub(crate) mod pages;
pub(crate) mod problem;
pub(crate) mod return_path;
pub(crate) mod router;
pub(crate) mod routes;
pub(crate) mod security_headers;
