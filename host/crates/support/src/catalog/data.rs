//! Makes the catalog out of rows; rows that break a rule are refused as a whole.

use super::{
    Loaded,
    item::{Audience, Department, Entry, Item, ItemSummary, Material, OnlineDepth},
};
use crate::{
    data_set::{DataFolder, DataSet, Source},
    error::SupportError,
    region::{self, Regions},
};
use serde::Deserialize;
use std::{collections::HashMap, sync::OnceLock};
use yizhan_domain::code::{CreditCode, ImplementingCode};

pub(crate) const REGIONS: &str = include_str!("../../data/regions.tsv");

/// A file of units.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Units {
    #[serde(default, rename = "sample")]
    _sample: bool,
    units: Vec<Department>,
}

/// A file of items.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Items {
    #[serde(default)]
    sample: bool,
    items: Vec<ItemRow>,
}

/// An item as it is stored: unit and region follow from the credit code inside its code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemRow {
    code: String,
    name: String,
    #[serde(default)]
    topic: String,
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

pub(super) fn open(folder: &DataFolder) -> Result<Loaded, SupportError> {
    let (units, items) = (folder.read_or_sample(DataSet::Units)?, folder.read_or_sample(DataSet::Items)?);
    load(REGIONS, &units, &items)
}

pub(super) fn load(regions: &str, units: &Source, items: &Source) -> Result<Loaded, SupportError> {
    let regions = Regions::parse(regions)?;
    let Units { units: mut departments, .. } = read(units)?;
    for (index, unit) in departments.iter().enumerate() {
        if regions.find(&unit.region).is_none() {
            let why = format!("region {} is not in {}", unit.region, region::FILE);
            return Err(SupportError::Data { file: units.file, entry: index + 1, why });
        }
    }
    departments.sort_by(|one, other| one.credit_code.cmp(&other.credit_code));
    let Items { items: rows, sample } = read(items)?;
    let mut entries = Vec::with_capacity(rows.len());
    let mut by_code = HashMap::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        let refuse = |why| SupportError::Data { file: items.file, entry: index + 1, why };
        let entry = entry(row, &departments).map_err(refuse)?;
        if by_code.insert(entry.item.summary.code.clone(), index).is_some() {
            return Err(refuse(format!("code {} stands there twice", entry.item.summary.code)));
        }
        entries.push(entry);
    }
    Ok(Loaded { sample, regions, departments, entries, by_code, index: OnceLock::new() })
}

fn read<'a, T: Deserialize<'a>>(source: &'a Source) -> Result<T, SupportError> {
    let refuse = |error: serde_json::Error| SupportError::Data { file: source.file, entry: 0, why: error.to_string() };
    serde_json::from_str(&source.text).map_err(refuse)
}

fn entry(row: ItemRow, departments: &[Department]) -> Result<Entry, String> {
    let code: ImplementingCode = row.code.parse().map_err(|why| format!("code {why}"))?;
    let credit: CreditCode = code.credit_code().parse().map_err(|why| format!("credit code {why}"))?;
    let Ok(index) = departments.binary_search_by(|unit| unit.credit_code.cmp(&credit)) else {
        return Err(format!("no unit has the credit code {credit}"));
    };
    let unit = &departments[index];
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
    let item = Item {
        summary,
        kind: row.kind,
        topic: row.topic,
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
    Ok(Entry::new(item, &row.other_names))
}
