//! Items of the catalog and what is asked about them, as the WIT interface `catalog` has them.

use super::search::fold;
use serde::{Deserialize, Serialize};
use yizhan_domain::{
    AppId,
    code::{BasicCode, CreditCode, ImplementingCode, RegionCode},
};

/// Longest text of a query in bytes.
pub const TEXT_BYTES_MAX: usize = 200;

/// Who a service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Natural persons (自然人).
    NaturalPerson,
    /// Legal persons and other organisations (法人).
    LegalPerson,
    /// Both.
    All,
}

/// How far a service can be done online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnlineDepth {
    /// Information only.
    Information,
    /// Started online, finished at a hall.
    Partial,
    /// Done online from start to end.
    Complete,
}

/// One line of a list of items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemSummary {
    /// Implementing code (实施编码).
    pub code: ImplementingCode,
    /// Basic code (基本编码), shared by the same service in different regions.
    pub basic_code: BasicCode,
    /// Name of the item.
    pub name: String,
    /// The unit that carries it out.
    pub unit: String,
    /// Region of that unit.
    pub region: RegionCode,
    /// Whom it is for.
    pub audience: Audience,
    /// How far it can be done online.
    pub online: OnlineDepth,
}

/// A document that the applicant hands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Name of the document.
    pub name: String,
    /// Number of originals, 0 to 99.
    pub originals: u32,
    /// Number of copies, 0 to 99.
    pub copies: u32,
    /// Whether it is needed in every case.
    pub required: bool,
}

/// A service item with what an applicant needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The line that lists show.
    pub summary: ItemSummary,
    /// Type of the item, for instance 公共服务.
    pub kind: String,
    /// Topic under which people look for it, for instance 医保; empty if it has none.
    pub topic: String,
    /// Legal basis, one entry per law or rule.
    pub legal_basis: Vec<String>,
    /// Conditions that the applicant must meet.
    pub conditions: Vec<String>,
    /// What to hand in.
    pub materials: Vec<Material>,
    /// Steps in order.
    pub steps: Vec<String>,
    /// Legal time limit in working days; none where the law sets none.
    pub legal_days: Option<u32>,
    /// Time promised by the unit in working days; 0 means on the spot.
    pub promised_days: u32,
    /// Whether a fee is due. Paying is not offered by this platform.
    pub has_fee: bool,
    /// Whether a slot at a hall can be booked.
    pub bookable: bool,
    /// Whether a self-service terminal does it.
    pub on_terminals: bool,
    /// What the applicant gets.
    pub outcome: String,
    /// Telephone for questions.
    pub contact_phone: String,
    /// Telephone for complaints about the service.
    pub supervision_phone: String,
    /// Apps that handle the item.
    pub apps: Vec<AppId>,
}

/// What to search for. Filters that are none do not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words separated by white space, at most [`TEXT_BYTES_MAX`]; empty lists everything that the filters leave.
    pub text: String,
    /// 12-digit region: items of the region, of those above it and of those below it.
    pub region: Option<String>,
    /// Audience; items for [`Audience::All`] always match.
    pub audience: Option<Audience>,
    /// Topic, as [`Item::topic`] has it.
    pub topic: Option<String>,
    /// Credit code of the unit that carries the service out.
    pub unit: Option<String>,
}

/// One page of items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemPage {
    /// Best match first.
    pub items: Vec<ItemSummary>,
    /// Cursor of the next page; none at the end.
    pub next: Option<String>,
    /// Number of all matches.
    pub total: u32,
}

/// A unit that carries out services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// Unified social credit code (GB 32100).
    pub credit_code: CreditCode,
    /// Name of the unit.
    pub name: String,
    /// Its region.
    pub region: RegionCode,
}

/// An item with what the search reads of it.
#[derive(Debug)]
pub(super) struct Entry {
    /// The item; its apps are filled in when it is asked for.
    pub(super) item: Item,
    /// Name, folded for comparison.
    pub(super) name: String,
    /// Other names, folded.
    pub(super) others: Vec<String>,
    /// Unit, kind and topic, folded and separated by line ends.
    pub(super) rest: String,
}

impl Entry {
    pub(super) fn new(item: Item, other_names: &[String]) -> Self {
        let name = fold(&item.summary.name);
        let others = other_names.iter().map(|name| fold(name)).collect();
        let rest = fold(&[item.summary.unit.as_str(), &item.kind, &item.topic].join("\n"));
        Self { item, name, others, rest }
    }
}
