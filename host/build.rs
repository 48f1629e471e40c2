//! Rebuilds the binary when a template or the SDK changes: they are embedded, and cargo does not see new files by itself.

fn main() {
    for path in ["templates", "../guest-sdk/src", "../guest-sdk/wit", "../guest-sdk/Cargo.toml", "web"] {
        std::println!("cargo::rerun-if-changed={path}");
    }
}
