//! Every limit of the sandbox: its name, unit, default and ceiling in one table, and the two structs that carry them.

use serde::{Deserialize, Serialize};

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Name as it stands in events and errors (`limit_exceeded{limit}`).
    pub name: &'static str,
    /// Unit of the numbers.
    pub unit: &'static str,
    /// What holds when nothing is said.
    pub default: u64,
    /// The most that an operator or a manifest may set.
    pub ceiling: u64,
}

/// A value above its ceiling or zero.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {found} {unit}; 1 to {ceiling} is allowed")]
pub struct LimitError {
    /// Name of the limit.
    pub name: &'static str,
    /// Value found.
    pub found: u64,
    /// Unit of the value.
    pub unit: &'static str,
    /// The most allowed.
    pub ceiling: u64,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

macro_rules! limits {
    ($(#[$doc:meta])* $type:ident { $($(#[$field_doc:meta])* $field:ident: $unit:literal, $default:expr, $ceiling:expr;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $type {
            $($(#[$field_doc])* pub $field: u64,)+
        }

        impl Default for $type {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $type {
            /// The rows of these limits.
            pub const TABLE: &'static [Limit] = &[
                $(Limit { name: stringify!($field), unit: $unit, default: $default, ceiling: $ceiling },)+
            ];

            /// Refuses zero and anything above its ceiling, naming the first such limit.
            pub fn check(&self) -> Result<(), LimitError> {
                $(if self.$field == 0 || self.$field > $ceiling {
                    return Err(LimitError { name: stringify!($field), found: self.$field, unit: $unit, ceiling: $ceiling });
                })+
                Ok(())
            }
        }
    };
}

limits! {
    /// Limits of one app.
    AppLimits {
        /// Linear memory summed over all memories of an instance.
        memory_bytes_max: "bytes", 64 * MIB, 128 * MIB;
        /// CPU time of one request: time inside polls of the guest.
        cpu_ms_max: "milliseconds", 500, 10_000;
        /// Wall time of one request up to the end of the answer.
        request_ms_max: "milliseconds", 5_000, 60_000;
        /// Wall time until the answer's headers.
        header_ms_max: "milliseconds", 5_000, 60_000;
        /// Wall time without a byte of body in either direction.
        body_idle_ms_max: "milliseconds", 10_000, 60_000;
        /// Requests of one app at the same time.
        concurrent_requests_max: "requests", 64, 512;
        /// Requests that may wait for a place.
        queued_requests_max: "requests", 128, 1_024;
        /// Request body.
        request_body_bytes_max: "bytes", 8 * MIB, 64 * MIB;
        /// Response body.
        response_body_bytes_max: "bytes", 32 * MIB, 256 * MIB;
        /// Fields (headers) that a guest may make.
        field_bytes_max: "bytes", 32 * KIB, 128 * KIB;
        /// Bytes that a guest may hand to one host call; what comes back is bounded by each interface.
        host_call_bytes_max: "bytes", 8 * MIB, 32 * MIB;
        /// Random bytes of one call.
        random_bytes_max: "bytes", 64 * KIB, MIB;
        /// Component-model handles of an instance.
        handles_max: "handles", 4_096, 65_536;
        /// Entries of the host's resource table for an instance.
        resources_max: "entries", 1_024, 65_536;
        /// Bytes of host memory that one request's values of `wasi:keyvalue` and buffers may hold.
        host_bytes_max: "bytes", 4 * MIB, 32 * MIB;
        /// Bytes of log lines kept of one request; the rest is counted and dropped.
        log_bytes_max: "bytes", 16 * KIB, MIB;
        /// Outgoing requests of one request.
        egress_requests_max: "requests", 8, 64;
        /// Outgoing requests of one request at the same time.
        egress_concurrent_max: "requests", 4, 32;
        /// Bytes of an outgoing request or of its answer.
        egress_bytes_max: "bytes", 8 * MIB, 64 * MIB;
        /// Time to connect of an outgoing request.
        egress_connect_ms_max: "milliseconds", 3_000, 30_000;
        /// Time of an outgoing request up to the end of its answer.
        egress_total_ms_max: "milliseconds", 10_000, 60_000;
        /// Openings of claims in one request.
        opens_max: "calls", 4, 16;
    }
}

limits! {
    /// Limits of one node.
    NodeLimits {
        /// Guests that run at the same time.
        guests_max: "guests", 512, 4_096;
        /// Linear memory of all guests together; the start-up sets half of the machine's memory.
        guest_bytes_max: "bytes", 2 << 30, 1 << 40;
        /// Loaded versions kept in memory.
        versions_max: "versions", 4_096, 65_536;
        /// Bytes of compiled code kept mapped.
        code_bytes_max: "bytes", 8 << 30, 1 << 40;
        /// Table elements of one table.
        table_elements_max: "elements", 100_000, 1_000_000;
        /// Memories of one component.
        memories_max: "memories", 8, 64;
        /// Tables of one component.
        tables_max: "tables", 16, 64;
        /// Core instances of one component.
        core_instances_max: "instances", 32, 256;
        /// Bytes of a component that may be compiled.
        component_bytes_max: "bytes", 64 * MIB, 256 * MIB;
        /// CPU time of the compiler child.
        compile_cpu_seconds_max: "seconds", 120, 3_600;
        /// Address space of the compiler child.
        compile_bytes_max: "bytes", 4 << 30, 64 << 30;
        /// Header bytes of an incoming request.
        header_bytes_max: "bytes", 32 * KIB, 128 * KIB;
        /// Length of an incoming request target.
        url_bytes_max: "bytes", 8 * KIB, 16 * KIB;
        /// Connections of clients.
        connections_max: "connections", 10_000, 1_000_000;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_within_their_ceilings() {
        AppLimits::default().check().expect("app limits");
        NodeLimits::default().check().expect("node limits");
    }

    #[test]
    fn a_value_above_its_ceiling_is_refused_with_its_name() {
        let limits = AppLimits { memory_bytes_max: 129 * MIB, ..AppLimits::default() };
        assert_eq!(
            limits.check().expect_err("too much").to_string(),
            "memory_bytes_max is 135266304 bytes; 1 to 134217728 is allowed"
        );
    }
}
