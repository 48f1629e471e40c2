//! The columns of each data set: the header of its CSV file, and the members of its JSON objects. One table each.

use super::{DataSet, shape::Shape};
use std::str::FromStr;
use yizhan_domain::code::{CodeError, CreditCode, ImplementingCode, RegionCode};

/// One column.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
}

const fn column(name: &'static str, shape: Shape) -> Column {
    Column { name, shape }
}

const fn text(bytes_max: usize) -> Shape {
    Shape::Text { bytes_max, may_be_empty: false }
}

const fn perhaps(bytes_max: usize) -> Shape {
    Shape::Text { bytes_max, may_be_empty: true }
}

fn refusal<T: FromStr<Err = CodeError>>(text: &str) -> Option<CodeError> {
    text.parse::<T>().err()
}

const REGION: Shape = Shape::Code(refusal::<RegionCode>);

const UNITS: &[Column] =
    &[column("credit_code", Shape::Code(refusal::<CreditCode>)), column("name", text(200)), column("region", REGION)];

const KINDS: &[&str] = &[
    "行政许可",
    "行政处罚",
    "行政强制",
    "行政征收",
    "行政给付",
    "行政检查",
    "行政确认",
    "行政奖励",
    "行政裁决",
    "其他行政权力",
    "公共服务",
];

const ITEMS: &[Column] = &[
    column("code", Shape::Code(refusal::<ImplementingCode>)),
    column("name", text(300)),
    column("audience", Shape::Choice(&["natural-person", "legal-person", "all"])),
    column("online", Shape::Choice(&["information", "partial", "complete"])),
    column("kind", Shape::Choice(KINDS)),
    column("other_names", Shape::Texts),
    column("legal_basis", Shape::Texts),
    column("conditions", Shape::Texts),
    column("materials", Shape::Materials),
    column("steps", Shape::Texts),
    column("legal_days", Shape::DaysOrNone),
    column("promised_days", Shape::Days),
    column("has_fee", Shape::Flag),
    column("bookable", Shape::Flag),
    column("on_terminals", Shape::Flag),
    column("outcome", perhaps(1_000)),
    column("contact_phone", perhaps(40)),
    column("supervision_phone", perhaps(40)),
];

const PLACES: &[Column] = &[
    column("id", Shape::Id),
    column("kind", Shape::Choice(&["hall", "terminal"])),
    column("name", text(200)),
    column("address", text(500)),
    column("region", REGION),
    column("latitude", Shape::Degrees(90.0)),
    column("longitude", Shape::Degrees(180.0)),
    column("datum", Shape::Choice(&["wgs84", "gcj02", "bd09"])),
    column("phone", perhaps(40)),
    column("hours", Shape::Hours),
    column("special_days", Shape::SpecialDays),
    column("open_on_holidays", Shape::FlagOrNone),
    column("accessible", Shape::Flag),
    column("items", Shape::ItemCodes(refusal::<ImplementingCode>)),
];

const HOLIDAYS: &[Column] =
    &[column("date", Shape::Date), column("kind", Shape::Choice(&["holiday", "workday"])), column("name", text(40))];

/// Columns of a place that are members of its `point` in JSON.
pub(super) const POINT: [&str; 3] = ["latitude", "longitude", "datum"];

impl DataSet {
    /// Its columns in the order of an export; the first one tells its rows apart.
    pub(super) fn columns(self) -> &'static [Column] {
        match self {
            Self::Units => UNITS,
            Self::Items => ITEMS,
            Self::Places => PLACES,
            Self::Holidays => HOLIDAYS,
        }
    }

    /// The column that tells its rows apart.
    pub(super) fn key(self) -> &'static str {
        self.columns().first().map_or("", |column| column.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yizhan_domain::code::ItemKind;

    #[test]
    fn the_kinds_are_those_of_the_codes() {
        assert_eq!(KINDS, ItemKind::ALL.map(ItemKind::name));
    }
}
