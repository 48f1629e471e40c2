//! What reading a component tells, in words that know nothing of the engine. Made by `sandbox::inspect`.

use crate::finding::Finding;
use serde::{Deserialize, Serialize};

/// Which engine runs a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// WASI 0.2, hardened: the default.
    P2,
    /// WASI 0.3 with component-model async: opt-in.
    P3,
}

/// Who answers an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Full name, as in `wasi:http/types@0.2.6`.
    pub name: String,
    /// Who offers it: `wasi`, `wasi (refuses every call)`, `yizhan`, or `nobody`.
    pub offered_by: String,
    /// Whether the app may import it.
    pub allowed: bool,
    /// Functions that it imports from there, sorted; empty when the component is not valid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<String>,
}

/// What reading a component told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentReport {
    /// Bytes of the component.
    pub size_bytes: u64,
    /// The world it targets in plain words: `wasi:http/proxy@0.2`, `wasi:http/service@0.3`, or `unknown`.
    pub world: String,
    /// Source language as its toolchain wrote it down, or `unknown`.
    pub language: String,
    /// Toolchain entries as it wrote them down, for instance `rustc 1.95.0`.
    pub toolchain: Vec<String>,
    /// Engine that would run it.
    pub engine: EngineKind,
    /// Bytes of linear memory that it starts with, summed over its memories.
    pub memory_bytes_initial: u64,
    /// Number of core modules in it.
    pub core_modules: u32,
    /// Number of core instances that one instance of it makes.
    pub core_instances: u64,
    /// Its imports, sorted by name.
    pub imports: Vec<ImportReport>,
    /// Its exports, sorted by name.
    pub exports: Vec<String>,
    /// What is wrong with it; empty when a report of a whole app carries its findings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}
