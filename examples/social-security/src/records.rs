//! Invented insurance records: the same for a person at every visit, because they follow from the subject.

use yizhan_sdk::clock;

/// Kinds of social insurance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Pension,
    Medical,
    Unemployment,
    Injury,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Pension, Self::Medical, Self::Unemployment, Self::Injury];

    /// Its name in addresses.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Pension => "pension",
            Self::Medical => "medical",
            Self::Unemployment => "unemployment",
            Self::Injury => "injury",
        }
    }

    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Shares of the person and of the employer, in tenths of a percent of the base. Invented.
    fn shares(self) -> (u32, u32) {
        match self {
            Self::Pension => (80, 160),
            Self::Medical => (20, 80),
            Self::Unemployment => (5, 5),
            Self::Injury => (0, 2),
        }
    }
}

/// One month of payments; amounts in fen (0.01 yuan).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Month {
    pub(crate) year: u32,
    pub(crate) month: u32,
    pub(crate) base: u32,
    pub(crate) own: u32,
    pub(crate) unit: u32,
}

/// One insurance of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Insurance {
    pub(crate) kind: Kind,
    /// Whether payments go on.
    pub(crate) active: bool,
    /// Months paid in all.
    pub(crate) months_total: u32,
    /// The last twelve months, newest first.
    pub(crate) months: Vec<Month>,
}

impl Insurance {
    /// The invented insurance of a person at a moment, in milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn of(subject: &str, kind: Kind, now_ms: u64) -> Self {
        let seed = hash(subject);
        let now = clock::Local::at(now_ms);
        let base = 400_000 + seed % 120 * 10_000;
        let (own, unit) = kind.shares();
        let month = |back: u32| {
            let months = now.year * 12 + now.month - 1 - back;
            let amount = |share: u32| base / 1000 * share;
            Month { year: months / 12, month: months % 12 + 1, base, own: amount(own), unit: amount(unit) }
        };
        Self {
            kind,
            active: kind != Kind::Unemployment || !seed.is_multiple_of(4),
            months_total: 24 + (seed / 120 + kind as u32 * 7) % 240,
            months: (1..=12).map(month).collect(),
        }
    }
}

/// FNV-1a, 32 bits: enough to spread invented numbers.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
