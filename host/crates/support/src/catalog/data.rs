//! Reads the embedded files into a [`Catalog`]; a file that breaks a rule is refused as a whole.

use super::{
    Catalog,
    item::{Audience, Department, Entry, Item, ItemSummary, Material, OnlineDepth},
    search::fold,
};
use crate::{
    error::SupportError,
    region::{self, Regions},
};
use serde::Deserialize;
use std::collections::HashMap;
use yizhan_domain::code::{CreditCode, ImplementingCode};

const REGIONS: &str = include_str!("../../data/regions.tsv");
const UNITS: &str = include_str!("../../data/sample-units.json");
const ITEMS: &str = include_str!("../../data/sample-items.json");
const UNITS_FILE: &str = "sample-units.json";
const ITEMS_FILE: &str = "sample-items.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Units {
    #[serde(rename = "sample")]
    _sample: bool,
    units: Vec<Department>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Items {
    #[serde(rename = "sample")]
    _sample: bool,
    items: Vec<Row>,
}

/// An item as it is stored: unit and region follow from the credit code inside its code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: String,
    name: String,
    audience: Audience,
    online: OnlineDepth,
    kind: String,
    other_names: Vec<String>,
    legal_basis: Vec<String>,
    conditions: Vec<String>,
    materials: Vec<Material>,
    steps: Vec<String>,
    legal_days: Option<u32>,
    promised_days: u32,
    has_fee: bool,
    bookable: bool,
    on_terminals: bool,
    outcome: String,
    contact_phone: String,
    supervision_phone: String,
}

pub(super) fn sample() -> Result<Catalog, SupportError> {
    load(REGIONS, UNITS, ITEMS)
}

pub(super) fn load(regions: &str, units: &str, items: &str) -> Result<Catalog, SupportError> {
    let regions = Regions::parse(regions)?;
    let Units { units: mut departments, .. } = read(UNITS_FILE, units)?;
    for (index, unit) in departments.iter().enumerate() {
        if regions.find(&unit.region).is_none() {
            let why = format!("region {} is not in {}", unit.region, region::FILE);
            return Err(SupportError::Data { file: UNITS_FILE, entry: index + 1, why });
        }
    }
    departments.sort_by(|one, other| one.credit_code.cmp(&other.credit_code));
    let Items { items, .. } = read(ITEMS_FILE, items)?;
    let mut entries = Vec::with_capacity(items.len());
    let mut by_code = HashMap::with_capacity(items.len());
    for (index, row) in items.into_iter().enumerate() {
        let refuse = |why| SupportError::Data { file: ITEMS_FILE, entry: index + 1, why };
        let entry = entry(row, &departments).map_err(refuse)?;
        if by_code.insert(entry.item.summary.code.clone(), index).is_some() {
            return Err(refuse(format!("code {} stands there twice", entry.item.summary.code)));
        }
        entries.push(entry);
    }
    Ok(Catalog { regions, departments, entries, by_code })
}

fn read<'a, T: Deserialize<'a>>(file: &'static str, text: &'a str) -> Result<T, SupportError> {
    serde_json::from_str(text).map_err(|error| SupportError::Data { file, entry: 0, why: error.to_string() })
}

fn entry(row: Row, departments: &[Department]) -> Result<Entry, String> {
    let code: ImplementingCode = row.code.parse().map_err(|why| format!("code {why}"))?;
    let credit: CreditCode = code.credit_code().parse().map_err(|why| format!("credit code {why}"))?;
    let Some(unit) = departments.iter().find(|unit| unit.credit_code == credit) else {
        return Err(format!("no unit has the credit code {credit}"));
    };
    if let Some(material) = row.materials.iter().find(|material| material.originals > 99 || material.copies > 99) {
        return Err(format!("material {:?} is asked for more than 99 times", material.name));
    }
    let summary = ItemSummary {
        basic_code: code.basic_code().parse().map_err(|why| format!("basic code {why}"))?,
        code,
        name: row.name,
        unit: unit.name.clone(),
        region: unit.region.clone(),
        audience: row.audience,
        online: row.online,
    };
    let rest = [&summary.unit, summary.code.as_str(), &row.kind, &row.other_names.join("\n")].join("\n");
    let (folded_name, folded_rest) = (fold(&summary.name), fold(&rest));
    let item = Item {
        summary,
        kind: row.kind,
        legal_basis: row.legal_basis,
        conditions: row.conditions,
        materials: row.materials,
        steps: row.steps,
        legal_days: row.legal_days,
        promised_days: row.promised_days,
        has_fee: row.has_fee,
        bookable: row.bookable,
        on_terminals: row.on_terminals,
        outcome: row.outcome,
        contact_phone: row.contact_phone,
        supervision_phone: row.supervision_phone,
        apps: Vec::new(),
    };
    Ok(Entry { item, folded_name, folded_rest })
}
