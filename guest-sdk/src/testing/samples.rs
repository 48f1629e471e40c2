//! Invented entries for tests, valid in every field; change what a test is about with struct update.

use crate::catalog::{Audience, Department, Item, ItemSummary, Material, OnlineDepth, Region};
use crate::place::{Kind, Opening, Place, Point};

/// Credit code of the invented unit: valid check character, region 330100.
const CREDIT_CODE: &str = "11330100MB1A00001R";

/// An item with a name; its 31-character code follows from the name.
#[must_use]
pub fn item(name: &str) -> Item {
    let hash = name.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let basic_code = format!("0020{:05}000", hash % 100_000);
    let summary = ItemSummary {
        code: format!("{CREDIT_CODE}3{basic_code}"),
        basic_code,
        name: name.to_owned(),
        unit: "示例市某某局".to_owned(),
        region: "330100000000".to_owned(),
        audience: Audience::NaturalPerson,
        online: OnlineDepth::Partial,
    };
    Item {
        summary,
        kind: "公共服务".to_owned(),
        legal_basis: vec!["示例办法第一条".to_owned()],
        conditions: vec!["年满 16 周岁".to_owned()],
        materials: vec![Material { name: "居民身份证".to_owned(), originals: 1, copies: 0, required: true }],
        steps: vec!["申请".to_owned(), "受理".to_owned(), "领取".to_owned()],
        legal_days: Some(20),
        promised_days: 5,
        has_fee: false,
        bookable: true,
        on_terminals: false,
        outcome: "证件".to_owned(),
        contact_phone: "0571-00000000".to_owned(),
        supervision_phone: "12345".to_owned(),
        apps: Vec::new(),
    }
}

/// A hall with a name at a WGS-84 point, open Monday to Friday from 9 to 17.
#[must_use]
pub fn hall(name: &str, latitude: f64, longitude: f64) -> Place {
    Place {
        id: format!("hall-{name}"),
        kind: Kind::Hall,
        name: name.to_owned(),
        address: "示例路 1 号".to_owned(),
        region: "330100000000".to_owned(),
        point: Point::wgs84(latitude, longitude),
        phone: "0571-00000000".to_owned(),
        hours: (1..=5).map(|weekday| Opening { weekday, opens: 540, closes: 1020 }).collect(),
        accessible: true,
        distance: None,
    }
}

/// A region with a 12-digit code and a name; its level and parent follow from the code.
#[must_use]
pub fn region(code: &str, name: &str) -> Region {
    let level = code.trim_end_matches('0').len().div_ceil(2).min(3);
    let parent = (level > 0).then(|| format!("{:0<12}", &code[..(level - 1) * 2]));
    Region { code: code.to_owned(), name: name.to_owned(), parent, level: u8::try_from(level).unwrap_or(3) }
}

/// A department with a name in region `330100000000`.
#[must_use]
pub fn department(name: &str) -> Department {
    Department { credit_code: CREDIT_CODE.to_owned(), name: name.to_owned(), region: "330100000000".to_owned() }
}
