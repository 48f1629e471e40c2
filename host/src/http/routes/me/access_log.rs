//! My access log: pages, export, and how to complain about one row.

use super::api::view::{Access, AccessPage, COLUMNS};
use super::consents::{download, later};
use super::{failed, frame, here, signed_in};
use crate::http::caller::{Caller, HubAnswer};
use crate::http::pages::{AccessLogPage, AccessRow, ComplainPage, moment};
use crate::http::problem::Problem;
use crate::http::routes::form::Fields;
use http::{HeaderValue, header};
use yizhan_auth::account::records::{PAGE_MAX, SessionRecord};
use yizhan_auth::account::{self, AccountError};
use yizhan_domain::Timestamp;

/// Most pages of one export.
const EXPORT_PAGES_MAX: usize = 100;

/// `GET /me/access-log`.
pub(super) async fn list(caller: Caller) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let query = Fields::of_query(caller.uri.query());
    let cursor = query.find("cursor");
    let (context, provider) = (&caller.context, &caller.hub.provider);
    match account::list_access(context, provider, &session.person, (cursor, account::PAGE)).await {
        Ok(page) => caller.page(&AccessLogPage {
            frame: frame(&caller, here(&caller)),
            rows: AccessRow::list(&page.entries, cursor, context.now, caller.locale()),
            older: page.next.map(|cursor| later("/me/access-log", &cursor)),
            is_later: cursor.is_some(),
        }),
        Err(error) => failed(&caller, &error),
    }
}

/// `GET /me/access-log/complain?row=…`: what to say, and to whom.
pub(super) async fn complain(caller: Caller) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let query = Fields::of_query(caller.uri.query());
    let row = query.find("row").and_then(|row| row.split_once('-'));
    let Some((at, request)) = row.and_then(|(at, request)| Some((Timestamp(at.parse().ok()?), request))) else {
        return caller.problem(Problem::NotFound);
    };
    let (context, provider) = (&caller.context, &caller.hub.provider);
    let wanted = (query.find("cursor"), at, request);
    match account::find_access(context, provider, &session.person, wanted).await {
        Ok(Some(record)) => {
            let locale = caller.locale();
            let row = AccessRow::of(&record, None, context.now, locale);
            caller.page(&ComplainPage { frame: frame(&caller, here(&caller)), row, moment: moment(record.at, locale) })
        }
        Ok(None) => caller.problem(Problem::NotFound),
        Err(error) => failed(&caller, &error),
    }
}

/// `GET /me/access-log/export?format=csv|json`, at most 10 000 rows; `cursor` goes on where the last export ended, which
/// the `link` header (and `next` of the JSON form) says.
pub(super) async fn export(caller: Caller) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let query = Fields::of_query(caller.uri.query());
    let format = query.find("format").unwrap_or("csv");
    if !matches!(format, "csv" | "json") {
        return caller.problem(Problem::BadRequest);
    }
    let (rows, next) = match rows(&caller, &session, query.find("cursor")).await {
        Ok(rows) => rows,
        Err(error) => return failed(&caller, &error),
    };
    let (body, kind) = if format == "json" {
        let page = AccessPage { entries: rows, next: next.clone() };
        (serde_json::to_string(&page).unwrap_or_default(), "application/json")
    } else {
        (csv(&rows), "text/csv; charset=utf-8")
    };
    let mut answer = download(&caller, body, kind, &format!("attachment; filename=\"access-log.{format}\""));
    if let Some(next) = next {
        let address = later("/me/access-log/export", &next);
        if let Ok(link) = HeaderValue::try_from(format!("<{address}&format={format}>; rel=\"next\"")) {
            answer.headers_mut().insert(header::LINK, link);
        }
    }
    answer
}

async fn rows(
    caller: &Caller,
    session: &SessionRecord,
    cursor: Option<&str>,
) -> Result<(Vec<Access>, Option<String>), AccountError> {
    let mut rows = Vec::new();
    let mut cursor = cursor.map(str::to_owned);
    for _ in 0..EXPORT_PAGES_MAX {
        let asked = (cursor.as_deref(), PAGE_MAX);
        let page = account::list_access(&caller.context, &caller.hub.provider, &session.person, asked).await?;
        rows.extend(page.entries.iter().map(Access::of));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok((rows, cursor))
}

/// RFC 4180 with a byte order mark, which table programs need to read UTF-8.
fn csv(rows: &[Access]) -> String {
    let line = |cells: [&str; COLUMNS.len()]| cells.map(quoted).join(",") + "\r\n";
    format!("\u{feff}{}{}", line(COLUMNS), rows.iter().map(|row| line(row.cells())).collect::<String>())
}

/// A cell that table programs take as text: what they would read as a formula begins with an apostrophe.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_the_export_is_never_a_formula() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
