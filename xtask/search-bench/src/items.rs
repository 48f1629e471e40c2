//! Generated items: the services of the sample data, with variants, of units in real counties.

use anyhow::Context as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use yizhan_domain::code::CreditCode;

const ITEMS: &str = include_str!("../../../host/crates/support/data/sample-items.json");
const REGIONS: &str = include_str!("../../../host/crates/support/data/regions.tsv");
/// What follows the name of a service; each makes a service of its own.
const VARIANTS: [&str; 12] = [
    "",
    "（首次申请）",
    "（变更）",
    "（延续）",
    "（补办）",
    "（注销）",
    "（个人）",
    "（单位代办）",
    "（跨省通办）",
    "（全程网办）",
    "（即时办结）",
    "（告知承诺制）",
];

/// What is searched of an item.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) other_names: Vec<String>,
    pub(crate) unit: String,
    pub(crate) code: String,
}

/// Writes so many items and their units as the data sets of a data directory.
pub(crate) fn write(data: &Path, count: usize) -> anyhow::Result<Vec<Row>> {
    let services = services()?;
    let counties: Vec<(&str, &str)> =
        REGIONS.lines().filter_map(|line| line.split_once('\t')).filter(|(code, _)| &code[4..6] != "00").collect();
    let (mut units, mut items, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    'all: for (number, (region, name)) in counties.iter().cycle().enumerate() {
        let first17 = format!("00000000{number:09}");
        let credit = format!("{first17}{}", CreditCode::check_character(first17.as_bytes()));
        let unit = format!("示例{name}政务服务中心{}", number + 1);
        units.push(json!({"credit_code": credit, "name": unit, "region": region}));
        for (turn, service) in services.iter().enumerate() {
            if rows.len() == count {
                break 'all;
            }
            let variant = (number * 7 + turn * 5) % VARIANTS.len();
            items.push(item(service, &credit, variant)?);
            rows.push(row(&items[items.len() - 1], &unit)?);
        }
    }
    let folder = data.join(yizhan_support::data_set::FOLDER);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("units.json"), json!({"units": units}).to_string())?;
    std::fs::write(folder.join("items.json"), json!({"items": items}).to_string())?;
    Ok(rows)
}

/// One row of the sample for each service.
fn services() -> anyhow::Result<Vec<Value>> {
    let mut sample: Value = serde_json::from_str(ITEMS)?;
    let rows = sample["items"].as_array_mut().context("sample items")?;
    let by_name: BTreeMap<String, Value> =
        rows.drain(..).filter_map(|row| Some((row["name"].as_str()?.to_owned(), row))).collect();
    Ok(by_name.into_values().collect())
}

fn item(service: &Value, credit: &str, variant: usize) -> anyhow::Result<Value> {
    let mut item = service.clone();
    let (code, name) = (text(service, "code")?, text(service, "name")?);
    item["code"] = json!(format!("{credit}4{}{variant:03}", &code[19..28]));
    item["name"] = json!(format!("{name}{}", VARIANTS[variant]));
    Ok(item)
}

fn row(item: &Value, unit: &str) -> anyhow::Result<Row> {
    let others = item["other_names"].as_array().context("other names")?;
    let other_names = others.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    Ok(Row { name: text(item, "name")?, other_names, unit: unit.to_owned(), code: text(item, "code")? })
}

fn text(value: &Value, member: &str) -> anyhow::Result<String> {
    Ok(value[member].as_str().with_context(|| format!("no {member}"))?.to_owned())
}
