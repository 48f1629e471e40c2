//! The router: which handler answers which path.

use crate::route::{Fit, Pattern};
use crate::{Error, Method, Reply, Request, Response, Result, problem};

type Handler = Box<dyn Fn(&Request) -> Result>;

type ErrorPage = Box<dyn Fn(&Request, &Error) -> Response>;

struct Route {
    method: Method,
    pattern: Pattern,
    handler: Handler,
}

/// An app: its routes and handlers. [`serve!`](crate::serve!) exports it; tests call [`handle`](App::handle).
///
/// Of several routes that fit a path, the most exact wins: a literal segment before `{name}` before `{*rest}`.
///
/// ```
/// use yizhan_sdk::{App, Html, Request, html};
///
/// fn item(request: &Request) -> Html {
///     html!("<h1>{code}</h1>", code = request.param("code"))
/// }
///
/// let app = App::new().get("/items/{code}", item);
/// assert_eq!(app.handle(Request::get("/items/42")).text(), "<h1>42</h1>");
/// assert_eq!(app.handle(Request::get("/other")).status(), 404);
/// ```
#[derive(Default)]
pub struct App {
    routes: Vec<Route>,
    fallback: Option<Handler>,
    error_page: Option<ErrorPage>,
}

impl App {
    /// An app without routes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers GET and HEAD of a path. Panics when the pattern could never fit, for instance without a leading `/`.
    #[must_use]
    pub fn get<R: Reply>(self, pattern: &'static str, handler: impl Fn(&Request) -> R + 'static) -> Self {
        self.route(Method::Get, pattern, handler)
    }

    /// Answers POST of a path. Panics like [`get`](App::get).
    #[must_use]
    pub fn post<R: Reply>(self, pattern: &'static str, handler: impl Fn(&Request) -> R + 'static) -> Self {
        self.route(Method::Post, pattern, handler)
    }

    /// Answers any one method of a path. Panics like [`get`](App::get).
    #[must_use]
    pub fn route<R: Reply>(
        mut self,
        method: Method,
        pattern: &'static str,
        handler: impl Fn(&Request) -> R + 'static,
    ) -> Self {
        let handler = Box::new(move |request: &Request| handler(request).reply());
        self.routes.push(Route { method, pattern: Pattern::new(pattern), handler });
        self
    }

    /// Answers what no route does; without it that is [`Error::NotFound`].
    #[must_use]
    pub fn fallback<R: Reply>(mut self, handler: impl Fn(&Request) -> R + 'static) -> Self {
        self.fallback = Some(Box::new(move |request| handler(request).reply()));
        self
    }

    /// Writes the answers to errors of requests that prefer a page; others keep getting problem documents. The status
    /// stays that of the error.
    #[must_use]
    pub fn error_page(mut self, page: impl Fn(&Request, &Error) -> Response + 'static) -> Self {
        self.error_page = Some(Box::new(page));
        self
    }

    /// Answers a request.
    #[must_use]
    pub fn handle(&self, mut request: Request) -> Response {
        let response = self.dispatch(&mut request).unwrap_or_else(|error| self.error(&request, &error));
        if *request.method() == Method::Head { response.without_body() } else { response }
    }

    fn dispatch(&self, request: &mut Request) -> Result {
        let method = if *request.method() == Method::Head { Method::Get } else { request.method().clone() };
        let mut best: Option<(&Route, Fit)> = None;
        let mut others: Vec<&str> = Vec::new();
        for route in &self.routes {
            let Some(fit) = route.pattern.fit(request.path()) else { continue };
            if route.method != method {
                others.push(route.method.name());
            } else if best.as_ref().is_none_or(|(_, known)| fit.exactness > known.exactness) {
                best = Some((route, fit));
            }
        }
        if let Some((route, fit)) = best {
            request.params = fit.params;
            return (route.handler)(request);
        }
        match &self.fallback {
            Some(fallback) => fallback(request),
            None if others.is_empty() => Err(Error::NotFound),
            None => Err(Error::MethodNotAllowed { allow: others.join(", ") }),
        }
    }

    fn error(&self, request: &Request, error: &Error) -> Response {
        if let Error::Failed(why) = error {
            crate::host::report(why);
        }
        match &self.error_page {
            Some(page) if request.prefers_html() => page(request, error).with_status(error.status()),
            _ => problem::answer(request, error),
        }
    }
}

/// Exports an app as the component's `wasi:http/incoming-handler`; takes the name of a `fn() -> App`.
///
/// Outside wasm it only checks the type, so that the same crate is unit-tested on any machine.
///
/// ```
/// use yizhan_sdk::{App, Request, Response};
///
/// fn app() -> App {
///     App::new().get("/", |_: &Request| Response::plain("你好"))
/// }
/// yizhan_sdk::serve!(app);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! serve {
    ($app:ident) => {
        const _: fn() -> $crate::App = $app;

        #[cfg(target_arch = "wasm32")]
        mod yizhan_export {
            struct Component;

            impl $crate::guest::Guest for Component {
                fn handle(request: $crate::guest::IncomingRequest, out: $crate::guest::ResponseOutparam) {
                    $crate::guest::handle(&super::$app(), request, out);
                }
            }

            $crate::guest::export!(Component);
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> App {
        App::new()
            .get("/items/new", |_: &Request| Response::plain("new"))
            .get("/items/{code}", |request: &Request| Response::plain(request.param("code")))
            .post("/items/{code}", |_: &Request| -> Result { Err(Error::Conflict("closed".to_owned())) })
            .get("/broken", |_: &Request| -> Result { Err(Error::Failed("secret words".to_owned())) })
    }

    #[test]
    fn the_most_exact_route_answers() {
        assert_eq!(app().handle(Request::get("/items/new")).text(), "new");
        assert_eq!(app().handle(Request::get("/items/7")).text(), "7");
    }

    #[test]
    fn head_gets_headers_without_body() {
        let response = app().handle(Request::new(Method::Head, "/items/new"));
        assert_eq!((response.status(), response.body()), (200, &b""[..]));
        assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"));
    }

    #[test]
    fn a_wrong_method_names_the_right_ones() {
        let response = app().handle(Request::new(Method::Delete, "/items/7"));
        assert_eq!((response.status(), response.header("allow")), (405, Some("GET, POST")));
    }

    #[test]
    fn errors_are_pages_for_browsers_and_problems_for_scripts() {
        let page = app().handle(Request::get("/none").with_header("accept", "text/html"));
        assert!(page.text().contains("没有找到") && page.status() == 404);
        let english = app().handle(
            Request::get("/none").with_header("accept", "text/html").with_header("accept-language", "en-GB,en;q=0.9"),
        );
        assert!(english.text().contains("Not found"));
        let problem = app().handle(Request::post("/items/7"));
        assert_eq!(problem.header("content-type"), Some("application/problem+json"));
        assert!(problem.text().contains("\"detail\":\"closed\""));
    }

    #[test]
    fn words_for_the_log_do_not_reach_the_client() {
        let response = app().handle(Request::get("/broken"));
        assert_eq!(response.status(), 500);
        assert!(!response.text().contains("secret"));
    }
}
