//! `yizhan remove`: takes an app off the shelf of a data directory, while its hub runs or not.

use super::{
    data_directory,
    failure::{Failure, Outcome},
    terminal::{Terminal, Tone},
};
use std::path::PathBuf;
use yizhan_hub::{Shelf, remove_app};

/// Removes an installed app; a running hub stops serving it from the next request.
#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    /// Slug or app_id of the app.
    #[arg(value_name = "SLUG|APP_ID")]
    pub app: String,
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

/// Runs the command.
pub fn run(args: &RemoveArgs, terminal: Terminal) -> Outcome {
    let what = format!("cannot remove {}", args.app);
    let failed = |error| Failure::hub(&what, &args.data, error);
    let shelf = Shelf::open(&args.data).map_err(failed)?;
    let app = remove_app(&data_directory::context()?, &shelf, &args.app).map_err(failed)?;
    let told = data_directory::notify(&args.data, &what)?;
    let json = serde_json::json!({ "slug": app.slug, "app_id": app.app_id, "digest": app.digest, "hub": told });
    let done = terminal.paint(Tone::Good, "removed");
    terminal.result(json, &format!("{done} {} {}\n{told}\n", app.app_id, app.version_name));
    Ok(())
}
