//! A throw-away certificate authority and the hub's certificate, made anew for each run.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::step;

/// Certificate of the authority.
pub(super) const AUTHORITY: &str = "ca.pem";
/// Certificate of the hub.
pub(super) const CERTIFICATE: &str = "hub.pem";
/// Its key.
pub(super) const KEY: &str = "hub.key";

/// Makes both in a folder.
pub(super) fn make(folder: &Path) -> anyhow::Result<()> {
    let names = "subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n";
    fs::write(folder.join("hub.ext"), names)?;
    let openssl = |line: &str| {
        let mut command = Command::new("openssl");
        command.args(line.split(' ')).current_dir(folder);
        step::output(&mut command).map(drop)
    };
    let curve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!("req -x509 {curve} -keyout ca.key -out {AUTHORITY} -days 2 -subj /CN=throw-away"))?;
    openssl(&format!("req {curve} -keyout {KEY} -out hub.csr -subj /CN=localhost"))?;
    openssl(&format!(
        "x509 -req -in hub.csr -CA {AUTHORITY} -CAkey ca.key -CAcreateserial -out {CERTIFICATE} -days 2 -extfile hub.ext"
    ))
}
