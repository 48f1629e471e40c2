//! The description of the hub's endpoints (OpenAPI 3.1), all but OAuth's own, which discovery describes. Made from the table
//! of operations and from the types of the answers; `docs/openapi.json` is a copy that a test keeps current.

mod operations;
#[cfg(test)]
mod tests;

use operations::{Body, OPERATIONS, Operation};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The whole document.
pub(crate) fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut schemas = settings.into_generator();
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = one(operation, &mut schemas);
    }
    let mut components: Map<String, Value> = schemas.take_definitions(true);
    components.insert("Problem".into(), problem_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Yizhan hub",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Sign-in, consent and account pages of the hub, and their JSON twins. The endpoints of OAuth and \
                            OpenID Connect are described by /.well-known/openid-configuration.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {
                    "type": "apiKey", "in": "cookie", "name": "__Host-yz-session",
                    "description": "The session of the browser; yz-dev-session in development.",
                },
            },
        },
    })
}

fn one(operation: &Operation, schemas: &mut SchemaGenerator) -> Value {
    let mut answers = Map::new();
    for (status, body) in operation.answers {
        answers.insert(status.to_string(), answer(body, schemas));
    }
    answers.insert("default".into(), problem());
    let mut described = json!({
        "summary": operation.summary,
        "operationId": operation_id(operation),
        "parameters": parameters(operation),
        "responses": answers,
    });
    if !operation.form.is_empty() {
        described["requestBody"] = form(operation);
    }
    if let Some(schema) = operation.body {
        let content = json!({ "application/json": { "schema": schema(schemas) } });
        described["requestBody"] = json!({ "required": true, "content": content });
    }
    // Pages send strangers to sign-in instead of refusing them.
    if operation.session && operation.path.starts_with("/api/") {
        described["security"] = json!([{ "session": [] }]);
    }
    described
}

/// Method and path as one name, as in `getApiMeConsentsId`.
fn operation_id(operation: &Operation) -> String {
    let words = operation.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    operation.method.to_owned() + &words.map(capital).collect::<String>()
}

fn parameters(operation: &Operation) -> Value {
    let in_path = operation
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let in_query = operation.query.iter().map(
        |(name, what)| json!({ "name": name, "in": "query", "description": what, "schema": { "type": "string" } }),
    );
    let csrf = operation.csrf_header.then(|| {
        json!({
            "name": super::routes::me::api::CSRF, "in": "header", "required": true, "schema": { "type": "string" },
            "description": "The form token of GET /api/me.",
        })
    });
    in_path.chain(in_query).chain(csrf).collect()
}

fn form(operation: &Operation) -> Value {
    let fields = operation.form.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" })));
    let schema = json!({ "type": "object", "properties": fields.collect::<Map<_, _>>(), "required": ["csrf"] });
    json!({ "required": true, "content": { "application/x-www-form-urlencoded": { "schema": schema } } })
}

fn answer(body: &Body, schemas: &mut SchemaGenerator) -> Value {
    match body {
        Body::None(what) => json!({ "description": what }),
        Body::Page(what) => json!({ "description": what, "content": { "text/html": {} } }),
        Body::Text(what, kind) => json!({ "description": what, "content": { (*kind): {} } }),
        Body::Json(what, schema) => {
            json!({ "description": what, "content": { "application/json": { "schema": schema(schemas) } } })
        }
        Body::Onward => json!({
            "description": "Goes on to `location`.",
            "headers": { "location": { "required": true, "schema": { "type": "string" } } },
        }),
    }
}

/// Every refusal: a page for people, RFC 9457 for scripts; `docs/http-errors.md` lists the codes.
fn problem() -> Value {
    json!({
        "description": "A problem (docs/http-errors.md): a page for people, problem+json for scripts.",
        "content": {
            "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } },
            "text/html": {},
        },
    })
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "detail", "request_id"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "code": { "type": "string", "description": "Stable code." },
            "detail": { "type": "string" },
            "request_id": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
        },
    })
}
