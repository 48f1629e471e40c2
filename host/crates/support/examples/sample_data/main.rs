//! Writes the sample data of the crate anew: `cargo run -p yizhan-support --example sample_data`.

mod make;

use std::{fs, path::Path};

fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let files = make::make()?;
    for (name, text) in [("units", files.units), ("items", files.items), ("places", files.places)] {
        fs::write(folder.join(format!("sample-{name}.json")), text)?;
    }
    Ok(())
}
