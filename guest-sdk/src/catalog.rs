//! Government service items, regions, departments and apps. Needs no permission.
//!
//! ```
//! use yizhan_sdk::{PageRequest, catalog, testing};
//!
//! let _host = testing::FakeHost::new().item(testing::item("社保卡补领")).install();
//! let page = catalog::search(&catalog::Query::text("社保"), &PageRequest::first(10)).unwrap();
//! assert_eq!(page.total, 1);
//! let item = catalog::find_item(&page.items[0].code).unwrap().expect("it was just found");
//! assert_eq!(item.summary.name, "社保卡补领");
//! ```

use crate::{PageRequest, Result};
use serde::Serialize;

/// Whom a service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[serde(rename_all = "camelCase")]
pub struct ItemSummary {
    /// 31-character implementing code (实施编码).
    pub code: String,
    /// 12-character basic code (基本编码), shared by the same service in different regions.
    pub basic_code: String,
    /// Name of the item.
    pub name: String,
    /// The unit that carries it out.
    pub unit: String,
    /// 12-digit region of that unit.
    pub region: String,
    /// Whom it is for.
    pub audience: Audience,
    /// How far it can be done online.
    pub online: OnlineDepth,
}

/// A document that the applicant hands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
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
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The line that lists show.
    pub summary: ItemSummary,
    /// Type of the item, for instance 公共服务.
    pub kind: String,
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
    /// Time promised by the unit, in working days; 0 means on the spot.
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
    /// `app_id` of apps that handle the item.
    pub apps: Vec<String>,
}

/// What to search for. Filters that are none do not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words, at most 200 bytes; empty lists everything that the filters leave.
    pub text: String,
    /// 12-digit region: items of the region, of those above it and of those below it.
    pub region: Option<String>,
    /// Audience; items for [`Audience::All`] always match.
    pub audience: Option<Audience>,
}

impl Query {
    /// Everything that matches these words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Only items that people of this region (12 digits) can use.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Only items for this audience.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = Some(audience);
        self
    }
}

/// One page of items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemPage {
    /// Best match first.
    pub items: Vec<ItemSummary>,
    /// Hand this to the next call; none at the end.
    pub next: Option<String>,
    /// Number of all matches.
    pub total: u32,
}

/// An administrative region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    /// 12 digits.
    pub code: String,
    /// Name without the names of the regions above.
    pub name: String,
    /// The region above; none for the country.
    pub parent: Option<String>,
    /// 0 country, 1 province, 2 city, 3 county.
    pub level: u8,
}

/// A unit that carries out services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Department {
    /// Unified social credit code (GB 32100), 18 characters.
    pub credit_code: String,
    /// Name of the unit.
    pub name: String,
    /// 12-digit region.
    pub region: String,
}

/// An app of the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppSummary {
    /// `app_id` of its manifest.
    pub id: String,
    /// Name.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Where it opens.
    pub url: String,
    /// Whether it asks for identity.
    pub identity_required: bool,
}

/// Items that match, best first. `Invalid` when the text is too long, a code is wrong or the cursor is not the host's.
pub fn search(query: &Query, page: &PageRequest) -> Result<ItemPage> {
    crate::host::catalog::search(query, page)
}

/// The item with this 31-character implementing code, or none. `Invalid` names the wrong character.
pub fn find_item(code: &str) -> Result<Option<Item>> {
    crate::host::catalog::find_item(code)
}

/// Who carries out the service with this 12-character basic code for people of this region: the region's own units,
/// else those of the nearest region above.
pub fn implementers(basic_code: &str, region: &str) -> Result<Vec<ItemSummary>> {
    crate::host::catalog::implementers(basic_code, region)
}

/// The region itself, or none. `Invalid` names the wrong digit.
pub fn find_region(code: &str) -> Result<Option<Region>> {
    crate::host::catalog::find_region(code)
}

/// Regions directly below; none as the parent gives the provinces.
pub fn regions(parent: Option<&str>) -> Result<Vec<Region>> {
    crate::host::catalog::regions(parent)
}

/// Departments of exactly this region.
pub fn departments(region: &str) -> Result<Vec<Department>> {
    crate::host::catalog::departments(region)
}

/// Apps that the hub offers.
pub fn apps() -> Result<Vec<AppSummary>> {
    crate::host::catalog::apps()
}
