//! Makes the sample units, items and places out of three short lists; the same input gives the same bytes. Used by the
//! example that writes the files and by the test that compares them.

use serde::{Deserialize, Serialize};
use serde_json::json;
use yizhan_domain::code::{CreditCode, RegionCode};

const SERVICES: &str = include_str!("services.json");
const UNITS: &str = include_str!("units.tsv");
const PLACES: &str = include_str!("places.tsv");
/// Regions of provincial rank that are cities.
const MUNICIPALITIES: [&str; 4] = ["11", "12", "31", "50"];

/// The three files, by name.
pub(crate) struct Files {
    pub(crate) units: String,
    pub(crate) items: String,
    pub(crate) places: String,
}

#[derive(Deserialize)]
struct Service {
    main: String,
    #[serde(rename = "type")]
    kind: String,
    topic: String,
    levels: String,
    name: String,
    other_names: Vec<String>,
    audience: String,
    online: String,
    legal_basis: Vec<String>,
    conditions: Vec<String>,
    materials: Vec<String>,
    steps: Vec<String>,
    legal_days: Option<u32>,
    promised_days: u32,
    flags: Vec<String>,
    outcome: String,
}

struct Unit {
    credit_code: String,
    serial: String,
    level: String,
    region: RegionCode,
    topic: String,
    name: String,
}

struct Made {
    code: String,
    topic: String,
    region: RegionCode,
    level: String,
    on_terminals: bool,
}

#[derive(Serialize)]
struct Item<'a> {
    code: &'a str,
    name: &'a str,
    audience: &'a str,
    online: &'a str,
    kind: &'a str,
    other_names: &'a [String],
    legal_basis: &'a [String],
    conditions: &'a [String],
    materials: Vec<serde_json::Value>,
    steps: &'a [String],
    legal_days: Option<u32>,
    promised_days: u32,
    has_fee: bool,
    bookable: bool,
    on_terminals: bool,
    outcome: &'a str,
    contact_phone: String,
    supervision_phone: String,
}

/// Makes everything.
pub(crate) fn make() -> anyhow::Result<Files> {
    let services: Vec<Service> = serde_json::from_str(SERVICES)?;
    let units = rows(UNITS).map(unit).collect::<anyhow::Result<Vec<_>>>()?;
    let (mut lines, mut made) = (Vec::new(), Vec::new());
    for unit in &units {
        for service in services.iter().filter(|service| carries_out(unit, service)) {
            let (line, item) = item(unit, service)?;
            lines.push(line);
            made.push(item);
        }
    }
    let unit_lines = units.iter().map(|unit| {
        serde_json::to_string(&json!({"credit_code": unit.credit_code, "name": unit.name, "region": unit.region}))
    });
    let place_lines = rows(PLACES).map(|row| place(&row, &made)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Files {
        units: file("units", &unit_lines.collect::<Result<Vec<_>, _>>()?),
        items: file("items", &lines),
        places: file("places", &place_lines),
    })
}

fn file(member: &str, lines: &[String]) -> String {
    format!("{{\"sample\": true, \"{member}\": [\n{}\n]}}\n", lines.join(",\n"))
}

fn rows(text: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split('\t').map(str::to_owned).collect())
}

/// Credit codes of samples begin with 00: no registration authority has the number 0.
fn unit(row: Vec<String>) -> anyhow::Result<Unit> {
    let [serial, level, region, topic, name]: [String; 5] =
        row.try_into().map_err(|row| anyhow::anyhow!("{row:?} has not 5 columns"))?;
    let first17 = format!("00{}000000{serial}", &region[..6]);
    let check = CreditCode::check_character(first17.as_bytes());
    let region = region.parse()?;
    Ok(Unit { credit_code: format!("{first17}{check}"), serial, level, region, topic, name: format!("示例{name}") })
}

/// A province, other than a municipality, carries out only what people ask a province for.
fn carries_out(unit: &Unit, service: &Service) -> bool {
    let city = unit.level != "2" || MUNICIPALITIES.contains(&&unit.region.as_str()[..2]);
    let asked = city || service.flags.iter().any(|flag| flag == "province");
    unit.topic == service.topic && service.levels.contains(&unit.level) && asked
}

fn item(unit: &Unit, service: &Service) -> anyhow::Result<(String, Made)> {
    let code = format!("{}{}00{}{}000", unit.credit_code, unit.level, service.kind, service.main);
    let has = |name: &str| service.flags.iter().any(|flag| flag == name);
    let row = Item {
        code: &code,
        name: &service.name,
        audience: &service.audience,
        online: &service.online,
        kind: kind(&service.kind)?,
        other_names: &service.other_names,
        legal_basis: &service.legal_basis,
        conditions: &service.conditions,
        materials: service.materials.iter().map(|text| material(text)).collect::<anyhow::Result<_>>()?,
        steps: &service.steps,
        legal_days: service.legal_days,
        promised_days: service.promised_days,
        has_fee: has("fee"),
        bookable: has("bookable"),
        on_terminals: has("terminal"),
        outcome: &service.outcome,
        contact_phone: format!("0000-12{}", unit.serial),
        supervision_phone: format!("0000-99{}", unit.serial),
    };
    let line = serde_json::to_string(&row)?;
    let made = Made {
        code,
        topic: service.topic.clone(),
        region: unit.region.clone(),
        level: unit.level.clone(),
        on_terminals: has("terminal"),
    };
    Ok((line, made))
}

fn kind(number: &str) -> anyhow::Result<&'static str> {
    match number {
        "01" => Ok("行政许可"),
        "05" => Ok("行政给付"),
        "07" => Ok("行政确认"),
        "20" => Ok("公共服务"),
        other => anyhow::bail!("type {other} has no name here"),
    }
}

/// `name originals copies`, and `可选` when it is not needed in every case.
fn material(text: &str) -> anyhow::Result<serde_json::Value> {
    let mut parts = text.split(' ');
    let (Some(name), Some(originals), Some(copies)) = (parts.next(), parts.next(), parts.next()) else {
        anyhow::bail!("material {text:?} has not 3 parts");
    };
    let (originals, copies): (u32, u32) = (originals.parse()?, copies.parse()?);
    Ok(json!({"name": name, "originals": originals, "copies": copies, "required": parts.next().is_none()}))
}

/// A hall handles what the units of its county and city carry out for its topics; a terminal what any unit for its region
/// offers on terminals.
fn place(row: &[String], made: &[Made]) -> anyhow::Result<String> {
    let [id, kind, region, name, address, latitude, longitude, hours, accessible, topics] = row else {
        anyhow::bail!("{row:?} has not 10 columns");
    };
    let region: RegionCode = region.parse()?;
    let here = |item: &&Made| {
        let hall = topics.split(',').any(|topic| topic == item.topic) && item.level != "1";
        item.region.contains(&region) && if kind == "hall" { hall } else { item.on_terminals }
    };
    let items: Vec<&str> = made.iter().filter(here).map(|item| item.code.as_str()).collect();
    let (latitude, longitude): (f64, f64) = (latitude.parse()?, longitude.parse()?);
    let number = PLACES.lines().position(|line| line.starts_with(&format!("{id}\t"))).unwrap_or_default();
    let row = json!({
        "id": id, "kind": kind, "name": format!("示例{name}"), "address": address, "region": region,
        "point": {"latitude": latitude, "longitude": longitude, "datum": "wgs84"},
        "phone": format!("0000-{}", 13_000 + number), "hours": spans(hours)?, "accessible": accessible == "yes", "items": items,
    });
    Ok(serde_json::to_string(&row)?)
}

fn spans(name: &str) -> anyhow::Result<Vec<serde_json::Value>> {
    let span = |weekday: u8, opens: u16, closes: u16| json!({"weekday": weekday, "opens": opens, "closes": closes});
    let weekdays = |opens, closes| (1..=5).map(move |weekday| span(weekday, opens, closes));
    match name {
        "office" => Ok((1..=5).flat_map(|day| [span(day, 540, 720), span(day, 810, 1_020)]).collect()),
        "long" => Ok(weekdays(510, 1_080).chain([span(6, 540, 720)]).collect()),
        "mall" => Ok((1..=7).map(|day| span(day, 600, 1_320)).collect()),
        "always" => Ok((1..=7).map(|day| span(day, 0, 1_440)).collect()),
        other => anyhow::bail!("hours {other:?} are not known"),
    }
}
