//! A wire between hub and everybody else that keeps what goes over it: the tokens that runtime and hub exchange are seen.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Both directions of one connection.
#[derive(Default, Clone)]
pub(super) struct Talk {
    pub(super) asked: Vec<u8>,
    pub(super) answered: Vec<u8>,
}

/// The wire; it lasts as long as the test's process.
pub(super) struct Tee {
    pub(super) port: u16,
    talks: Arc<Mutex<Vec<Arc<Mutex<Talk>>>>>,
}

impl Tee {
    /// Listens on a port of its own and carries everything to `to`.
    pub(super) fn to(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let talks: Arc<Mutex<Vec<Arc<Mutex<Talk>>>>> = Arc::default();
        let kept = Arc::clone(&talks);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // A hub that is down refuses: the client sees its connection end.
                let Ok(hub) = TcpStream::connect(to) else { continue };
                let talk = Arc::new(Mutex::new(Talk::default()));
                kept.lock().expect("talks").push(Arc::clone(&talk));
                carry(&client, &hub, Arc::clone(&talk), |talk, bytes| talk.asked.extend_from_slice(bytes));
                carry(&hub, &client, talk, |talk, bytes| talk.answered.extend_from_slice(bytes));
            }
        });
        Self { port, talks }
    }

    /// Everything so far.
    pub(super) fn talks(&self) -> Vec<Talk> {
        self.talks.lock().expect("talks").iter().map(|talk| talk.lock().expect("talk").clone()).collect()
    }
}

fn carry(from: &TcpStream, to: &TcpStream, talk: Arc<Mutex<Talk>>, keep: fn(&mut Talk, &[u8])) {
    let (mut from, mut to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
    std::thread::spawn(move || {
        let mut piece = [0; 16 << 10];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            keep(&mut talk.lock().expect("talk"), &piece[..read]);
            if to.write_all(&piece[..read]).is_err() {
                break;
            }
        }
        // The other side may be gone already.
        let _ended = to.shutdown(Shutdown::Write);
    });
}
