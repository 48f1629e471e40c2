//! What the host offers to guests: the one table that `doctor`, the check at upload and the tests of the linkers read.
//! An interface that is not here cannot be imported; one that is here must be in the linkers.

use super::name::{ImportName, Version};
use yizhan_domain::{Access, report::EngineKind};

/// Who answers the calls of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// The runtime's implementation of WASI.
    Wasi,
    /// Linked for standard libraries that import it, but empty: no file, no socket, every call is refused.
    WasiRefusing,
    /// The platform, on its own store and data.
    Yizhan,
}

impl Provider {
    /// As it stands in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wasi => "wasi",
            Self::WasiRefusing => "wasi (refuses every call)",
            Self::Yizhan => "yizhan",
        }
    }
}

/// Which versions of an interface are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// Any release of the same minor version: later ones only add functions, so all that matters is which are used.
    Compatible,
    /// This version alone; pre-releases promise nothing to each other.
    Exact,
}

/// One row: an interface and the conditions on which it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Name without version, as in `wasi:http/types`.
    pub interface: &'static str,
    /// Version of the host, as in `0.2.12`.
    pub version: &'static str,
    /// Which versions of an import are taken.
    pub matching: Matching,
    /// Who answers.
    pub provider: Provider,
    /// Engines whose linkers have it: P3 alone, or both.
    pub p3_only: bool,
    /// Whether only identity-required apps may import it.
    pub identity_only: bool,
}

impl Offer {
    /// Full name with the host's version, as in `wasi:http/types@0.2.12`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}@{}", self.interface, self.version)
    }

    /// Whether the linker of this access type and engine has it.
    #[must_use]
    pub fn is_linked(&self, access: Access, engine: EngineKind) -> bool {
        (!self.identity_only || access == Access::IdentityRequired) && (!self.p3_only || engine == EngineKind::P3)
    }

    /// Whether an import of this name is answered by this row.
    #[must_use]
    pub fn accepts(&self, import: &ImportName) -> bool {
        let (Some(found), Some(own)) = (&import.version, Version::parse(self.version)) else { return false };
        import.interface == self.interface
            && match self.matching {
                Matching::Exact => *found == own,
                Matching::Compatible => found.is_release_like(&own),
            }
    }

    /// Whether an import that this row answers names a later release than the host's.
    #[must_use]
    pub fn is_older_than(&self, import: &ImportName) -> bool {
        let own = Version::parse(self.version).map(|own| own.patch);
        import.version.as_ref().map(|found| found.patch) > own
    }

    /// Versions that are taken, in words.
    #[must_use]
    pub fn versions(&self) -> String {
        match (self.matching, Version::parse(self.version)) {
            (Matching::Compatible, Some(own)) => format!("releases {}.{}.x", own.major, own.minor),
            _ => format!("exactly {}", self.version),
        }
    }
}

/// Rows offered to an app of this access type on this engine, in the order of the table.
pub fn offered(access: Access, engine: EngineKind) -> impl Iterator<Item = &'static Offer> {
    OFFERED.iter().filter(move |offer| offer.is_linked(access, engine))
}

/// WASI 0.2 version of the runtime.
pub const WASI_P2: &str = "0.2.12";
/// WASI 0.3 version of the runtime.
pub const WASI_P3: &str = "0.3.0";
/// Version of our own contract.
pub const YIZHAN: &str = "0.1.0";

const fn p2(interface: &'static str, provider: Provider) -> Offer {
    Offer {
        interface,
        version: WASI_P2,
        matching: Matching::Compatible,
        provider,
        p3_only: false,
        identity_only: false,
    }
}

const fn p3(interface: &'static str, provider: Provider) -> Offer {
    Offer { version: WASI_P3, p3_only: true, ..p2(interface, provider) }
}

const fn draft(interface: &'static str, version: &'static str) -> Offer {
    Offer { version, matching: Matching::Exact, ..p2(interface, Provider::Yizhan) }
}

const fn ours(interface: &'static str) -> Offer {
    Offer { version: YIZHAN, ..p2(interface, Provider::Yizhan) }
}

use Provider::{Wasi, WasiRefusing};

/// The table: everything that a component may import.
pub const OFFERED: &[Offer] = &[
    ours("yizhan:app/types"),
    ours("yizhan:app/visitor"),
    ours("yizhan:app/catalog"),
    ours("yizhan:app/place"),
    Offer { identity_only: true, ..ours("yizhan:app/identity") },
    Offer { identity_only: true, ..ours("yizhan:app/appointment") },
    draft("wasi:config/store", "0.2.0-rc.1"),
    draft("wasi:keyvalue/store", "0.2.0-draft2"),
    draft("wasi:keyvalue/atomics", "0.2.0-draft2"),
    draft("wasi:keyvalue/batch", "0.2.0-draft2"),
    draft("wasi:keyvalue/store", "0.2.0-draft"),
    draft("wasi:keyvalue/atomics", "0.2.0-draft"),
    draft("wasi:keyvalue/batch", "0.2.0-draft"),
    draft("wasi:logging/logging", "0.1.0-draft"),
    p2("wasi:http/types", Wasi),
    p2("wasi:http/outgoing-handler", Wasi),
    p2("wasi:io/error", Wasi),
    p2("wasi:io/poll", Wasi),
    p2("wasi:io/streams", Wasi),
    p2("wasi:clocks/monotonic-clock", Wasi),
    p2("wasi:clocks/wall-clock", Wasi),
    p2("wasi:random/random", Wasi),
    p2("wasi:random/insecure", Wasi),
    p2("wasi:random/insecure-seed", Wasi),
    p2("wasi:cli/environment", Wasi),
    p2("wasi:cli/exit", Wasi),
    p2("wasi:cli/stdin", Wasi),
    p2("wasi:cli/stdout", Wasi),
    p2("wasi:cli/stderr", Wasi),
    p2("wasi:cli/terminal-input", Wasi),
    p2("wasi:cli/terminal-output", Wasi),
    p2("wasi:cli/terminal-stdin", Wasi),
    p2("wasi:cli/terminal-stdout", Wasi),
    p2("wasi:cli/terminal-stderr", Wasi),
    p2("wasi:filesystem/types", WasiRefusing),
    p2("wasi:filesystem/preopens", WasiRefusing),
    p2("wasi:sockets/network", WasiRefusing),
    p2("wasi:sockets/instance-network", WasiRefusing),
    p2("wasi:sockets/tcp", WasiRefusing),
    p2("wasi:sockets/tcp-create-socket", WasiRefusing),
    p2("wasi:sockets/udp", WasiRefusing),
    p2("wasi:sockets/udp-create-socket", WasiRefusing),
    p2("wasi:sockets/ip-name-lookup", WasiRefusing),
    p3("wasi:http/types", Wasi),
    p3("wasi:http/client", Wasi),
    p3("wasi:clocks/types", Wasi),
    p3("wasi:clocks/monotonic-clock", Wasi),
    p3("wasi:clocks/system-clock", Wasi),
    p3("wasi:random/random", Wasi),
    p3("wasi:random/insecure", Wasi),
    p3("wasi:random/insecure-seed", Wasi),
    p3("wasi:cli/types", Wasi),
    p3("wasi:cli/environment", Wasi),
    p3("wasi:cli/exit", Wasi),
    p3("wasi:cli/stdin", Wasi),
    p3("wasi:cli/stdout", Wasi),
    p3("wasi:cli/stderr", Wasi),
    p3("wasi:cli/terminal-input", Wasi),
    p3("wasi:cli/terminal-output", Wasi),
    p3("wasi:cli/terminal-stdin", Wasi),
    p3("wasi:cli/terminal-stdout", Wasi),
    p3("wasi:cli/terminal-stderr", Wasi),
    p3("wasi:filesystem/types", WasiRefusing),
    p3("wasi:filesystem/preopens", WasiRefusing),
    p3("wasi:sockets/types", WasiRefusing),
    p3("wasi:sockets/ip-name-lookup", WasiRefusing),
];
