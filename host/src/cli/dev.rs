//! `yizhan dev`: builds an app directory, serves it, and rebuilds on every change; shows the host calls as they happen.

use super::{
    build_instructions::BuildInstructions,
    failure::{Failure, Outcome},
    local_app::{self, LocalApp},
    run::{LocalArgs, announce, serve},
    terminal::{Terminal, Tone, write_err},
    watch::Watch,
};
use crate::serve_options::{HostCall, OnHostCall, ServeMode, ServeOptions};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread,
    time::Instant,
};
use yizhan_domain::{Clock, SystemClock};
use yizhan_hub::Shelf;

/// Serves an app directory, rebuilds it on change, and shows its host calls.
#[derive(Debug, clap::Args)]
pub struct DevArgs {
    /// App directory: the folder that holds manifest.json.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// How it is served.
    #[command(flatten)]
    pub local: LocalArgs,
}

/// Runs the command.
pub fn run(args: DevArgs, terminal: Terminal) -> Outcome {
    let instructions = BuildInstructions::read(&args.dir)?;
    let mut watch = Watch::start(&args.dir, &instructions)?;
    let shelf = Arc::new(Shelf::local());
    let app = first_build(&args.dir, &mut watch, terminal)?;
    let (slug, warnings) = (app.slug.clone(), app.warnings.clone());
    put(&shelf, app);
    let (rebuilt, dir) = (Arc::clone(&shelf), args.dir.clone());
    thread::spawn(move || rebuild_on_change(&dir, &mut watch, &rebuilt, terminal));
    let ready = move |addr: std::net::SocketAddr| {
        announce("http", addr, terminal);
        terminal.say(&format!("also http://{slug}.localhost:{}; watching for changes, Ctrl-C stops", addr.port()));
        warnings.iter().for_each(|warning| terminal.say(warning));
    };
    let options = ServeOptions {
        persona: args.local.persona,
        grant: args.local.grant,
        access_log: args.local.access_log,
        on_ready: Some(Box::new(ready)),
        on_host_call: Some(show_host_calls(terminal)),
        ..ServeOptions::new(args.local.addr, shelf, ServeMode::Dev)
    };
    serve(options)
}

/// Builds until it works: an error is shown, and the next change is another try. A folder that is no app ends the command.
fn first_build(dir: &Path, watch: &mut Watch, terminal: Terminal) -> Result<LocalApp, Failure> {
    loop {
        match local_app::open_directory(dir, terminal) {
            Err(failure) if dir.join(yizhan_package::MANIFEST_PATH).is_file() => {
                terminal.fail(&failure);
                terminal.say("waiting for a change");
            }
            other => return other,
        }
        if !watch.next_change() {
            return Err(Failure::unreadable("cannot watch the folder any longer").at(dir));
        }
    }
}

fn rebuild_on_change(dir: &Path, watch: &mut Watch, shelf: &Shelf, terminal: Terminal) {
    while watch.next_change() {
        let started = Instant::now();
        match local_app::open_directory(dir, terminal) {
            Ok(app) => {
                app.warnings.iter().for_each(|warning| terminal.say(warning));
                put(shelf, app);
                let took = format!("rebuilt in {:.1} s; the next request uses it", started.elapsed().as_secs_f64());
                terminal.say(&terminal.paint(Tone::Good, &took));
            }
            Err(failure) => {
                terminal.fail(&failure);
                terminal.say("the version before keeps serving");
            }
        }
    }
}

/// Puts the app on the shelf under its slug; an app whose app_id changed gets its new origin beside the old one.
fn put(shelf: &Shelf, app: LocalApp) {
    shelf.put_local(app.slug, Arc::new(app.package), SystemClock.now());
}

/// Prints host calls on a thread of its own, so that core threads never wait for the terminal.
fn show_host_calls(terminal: Terminal) -> OnHostCall {
    let (sender, calls) = mpsc::channel::<HostCall>();
    thread::spawn(move || calls.iter().for_each(|call| write_err(&format!("{}\n", line_of(&call, terminal)))));
    Arc::new(move |call| {
        // The printer ends with the process only.
        let _printed = sender.send(call.clone());
    })
}

fn line_of(call: &HostCall, terminal: Terminal) -> String {
    if terminal.is_json() {
        return serde_json::json!({
            "app": call.app, "function": call.function, "outcome": call.outcome,
        })
        .to_string();
    }
    let tone = if call.outcome == "ok" { Tone::Good } else { Tone::Warning };
    format!(
        "  {} {} {}",
        terminal.paint(Tone::Dim, call.app.as_str()),
        call.function,
        terminal.paint(tone, &call.outcome)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use yizhan_domain::AppId;

    #[test]
    fn a_host_call_is_one_line_with_its_outcome() {
        let call = HostCall {
            app: AppId::new("cn.gov.example.leaflet").expect("valid"),
            function: "identity.open query name".to_owned(),
            outcome: "Denied(identity:name)".to_owned(),
        };
        let json = line_of(&call, Terminal::new(true));
        assert_eq!(
            json,
            r#"{"app":"cn.gov.example.leaflet","function":"identity.open query name","outcome":"Denied(identity:name)"}"#
        );
    }
}
