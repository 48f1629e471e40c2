//! Kinds of government service items (事项类型), the third and fourth digit of a basic code.

use serde::{Deserialize, Serialize};

/// What an item is by law: ten kinds of administrative powers and public services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ItemKind {
    /// 01, administrative licence.
    #[serde(rename = "行政许可")]
    Licence,
    /// 02, administrative penalty.
    #[serde(rename = "行政处罚")]
    Penalty,
    /// 03, administrative coercion.
    #[serde(rename = "行政强制")]
    Coercion,
    /// 04, administrative levy.
    #[serde(rename = "行政征收")]
    Levy,
    /// 05, administrative payment.
    #[serde(rename = "行政给付")]
    Payment,
    /// 06, administrative inspection.
    #[serde(rename = "行政检查")]
    Inspection,
    /// 07, administrative confirmation.
    #[serde(rename = "行政确认")]
    Confirmation,
    /// 08, administrative reward.
    #[serde(rename = "行政奖励")]
    Reward,
    /// 09, administrative ruling.
    #[serde(rename = "行政裁决")]
    Ruling,
    /// 10, another administrative power.
    #[serde(rename = "其他行政权力")]
    OtherPower,
    /// 20, and 21 in codes that provinces give out: public service.
    #[serde(rename = "公共服务")]
    PublicService,
}

impl ItemKind {
    /// All kinds, by number.
    pub const ALL: [Self; 11] = [
        Self::Licence,
        Self::Penalty,
        Self::Coercion,
        Self::Levy,
        Self::Payment,
        Self::Inspection,
        Self::Confirmation,
        Self::Reward,
        Self::Ruling,
        Self::OtherPower,
        Self::PublicService,
    ];

    /// The kind of two digits; none if no kind has them.
    #[must_use]
    pub fn from_digits(digits: &str) -> Option<Self> {
        match digits {
            "20" | "21" => Some(Self::PublicService),
            _ => Self::ALL.into_iter().take(10).find(|kind| kind.digits() == digits),
        }
    }

    /// Its two digits in codes that are given out for the whole country.
    #[must_use]
    pub fn digits(self) -> &'static str {
        match self {
            Self::Licence => "01",
            Self::Penalty => "02",
            Self::Coercion => "03",
            Self::Levy => "04",
            Self::Payment => "05",
            Self::Inspection => "06",
            Self::Confirmation => "07",
            Self::Reward => "08",
            Self::Ruling => "09",
            Self::OtherPower => "10",
            Self::PublicService => "20",
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Licence => "行政许可",
            Self::Penalty => "行政处罚",
            Self::Coercion => "行政强制",
            Self::Levy => "行政征收",
            Self::Payment => "行政给付",
            Self::Inspection => "行政检查",
            Self::Confirmation => "行政确认",
            Self::Reward => "行政奖励",
            Self::Ruling => "行政裁决",
            Self::OtherPower => "其他行政权力",
            Self::PublicService => "公共服务",
        }
    }
}
