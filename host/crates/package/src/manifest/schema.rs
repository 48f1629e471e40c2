//! JSON Schema of the manifest, made from the types, with the rules that derive cannot say.

use super::Manifest;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// The whole schema, sorted by member, without `null` (a member is there or is left out).
pub(super) fn manifest() -> Value {
    let mut schema = schemars::schema_for!(Manifest).to_value();
    without_null(&mut schema);
    schema["title"] = json!("Yizhan app manifest");
    schema["description"] =
        json!("manifest.json of an app: W3C MiniApp Manifest members, and those of this platform with gov_.");
    let known: Vec<&String> = schema["properties"].as_object().map(|all| all.keys().collect()).unwrap_or_default();
    let names = json!({"anyOf": [{"enum": known}, {"not": {"pattern": "^gov_"}}]});
    schema["propertyNames"] = names;
    schema.sort_all_objects();
    schema
}

/// Access types.
pub(super) fn access(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["open", "identity-required"]})
}

/// Assurance levels.
pub(super) fn assurance(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["basic", "real-name", "face"]})
}

/// Names of claims.
pub(super) fn claim(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": format!("^{CLAIM}$")})
}

/// Names of permissions.
pub(super) fn permission(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": format!("^(appointment:book|identity:{CLAIM})$")})
}

const CLAIM: &str = "(name|name-masked|id-type|id-number|id-number-masked|mobile|mobile-masked|birth-date|\
                     residence-region|org-name|uscc|agent-role|age-over-([1-9][0-9]?|1[01][0-9]|120))";

fn without_null(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Object(members) => {
            members.values_mut().for_each(without_null);
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    members.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
                choices.retain(|choice| choice["type"] != "null");
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    members.remove("anyOf");
                    members.extend(only);
                }
            }
        }
        _ => {}
    }
}
