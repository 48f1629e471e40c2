//! Static files as a browser asks for them.

use super::*;
use http::HeaderName;
use std::{collections::BTreeMap, io::Read};

const MANIFEST: &str = r#"{"app_id":"cn.gov.example.leaflet","name":"样例","version":{"name":"1.0.0","code":1},
"icons":[{"src":"public/icon.svg","sizes":"any"}],"gov_access":"open","gov_spa_fallback":"public/index.html",
"gov_owner":{"unit":"某市","uscc":"91000000MA00000X1P"}}"#;

/// Assets made as [`Assets::of`] makes them, without a package around.
fn assets(files: &[(&str, &[u8])]) -> Assets {
    let files = files.iter().filter(|(name, _)| !is_reserved(name));
    let digest =
        |bytes: &[u8]| format!("{:064x}", bytes.iter().fold(7_u128, |sum, b| sum * 31 % 9_999_991 + u128::from(*b)));
    let files = files
        .map(|(name, bytes)| (Box::from(*name), StaticFile::new(name, Bytes::copy_from_slice(bytes), &digest(bytes))));
    Assets::new(files.collect(), Some("index.html"))
}

fn sample() -> Assets {
    assets(&[
        ("index.html", b"<h1>home</h1>"),
        ("guide/index.html", b"guide"),
        ("\u{6307}\u{5357} a.txt", b"0123456789"),
        ("app-3f9a1c2b.js", "let answer = 42;\n".repeat(200).as_bytes()),
        ("logo.png", &[7; 3000]),
        (".yizhan/login", b"forged"),
    ])
}

fn ask(assets: &Assets, method: Method, path: &str, lines: &[(&str, &str)]) -> Option<Answer> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).expect("name"),
            HeaderValue::from_str(value).expect("value"),
        );
    }
    assets.answer(&method, &path.parse().expect("uri"), &headers)
}

fn get(assets: &Assets, path: &str, lines: &[(&str, &str)]) -> Answer {
    ask(assets, Method::GET, path, lines).expect("answered")
}

fn body(answer: Answer) -> Vec<u8> {
    use http_body_util::BodyExt;
    let mut collected = std::pin::pin!(answer.into_body().collect());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match collected.as_mut().poll(&mut context) {
        std::task::Poll::Ready(Ok(whole)) => whole.to_bytes().to_vec(),
        _ => panic!("a full body is ready at once"),
    }
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[test]
fn a_package_gives_its_public_files_and_nothing_else() {
    let files = [("manifest.json", MANIFEST), ("public/icon.svg", "<svg/>"), ("public/index.html", "hi")];
    let files: BTreeMap<String, Bytes> =
        files.iter().map(|(path, text)| ((*path).to_owned(), Bytes::copy_from_slice(text.as_bytes()))).collect();
    let page = files["public/index.html"].clone();
    let package = Package::from_files(files).expect("package");
    let assets = Assets::of(&package);
    assert_eq!(assets.find("index.html").expect("there").bytes().as_ptr(), page.as_ptr(), "bytes are shared");
    assert!(ask(&assets, Method::GET, "/manifest.json", &[]).is_none());
    assert!(ask(&assets, Method::GET, "/public/index.html", &[]).is_none());
    // SHA-256 of "hi", shortened
    assert_eq!(header(&get(&assets, "/", &[]), "etag"), "\"8f434346648f6b96df89dda901c5176b\"");
}

#[test]
fn directories_are_answered_by_their_index() {
    let assets = sample();
    assert_eq!(body(get(&assets, "/", &[])), b"<h1>home</h1>");
    assert_eq!(body(get(&assets, "/guide/?a=1", &[])), b"guide");
    let sent_on = get(&assets, "/guide?a=1", &[]);
    assert_eq!((sent_on.status(), header(&sent_on, "location")), (StatusCode::PERMANENT_REDIRECT, "/guide/?a=1"));
    for path in ["/guide//", "/none/", "/none", "/xindex.html"] {
        assert!(ask(&assets, Method::GET, path, &[]).is_none(), "{path}");
    }
    assert!(ask(&assets, Method::GET, "//guide", &[]).is_none(), "would send the browser to another host");
}

#[test]
fn names_are_percent_decoded_once() {
    let assets = sample();
    assert_eq!(get(&assets, "/%E6%8C%87%E5%8D%97%20a.txt", &[]).status(), StatusCode::OK);
    for path in ["/%2e%2e/manifest.json", "/guide%2findex.html", "/%", "/%zz", "/a%00", "/%ff", "/%2569ndex.html"] {
        assert!(ask(&assets, Method::GET, path, &[]).is_none(), "{path}");
    }
}

#[test]
fn the_hosts_paths_are_never_an_apps_files() {
    for path in ["/.yizhan/login", "/%2Eyizhan/login", "/.YIZHAN/login", "/.yizhan"] {
        assert!(ask(&sample(), Method::GET, path, &[]).is_none(), "{path}");
    }
}

#[test]
fn only_get_and_head_are_answered() {
    let assets = sample();
    assert!(ask(&assets, Method::POST, "/", &[]).is_none());
    let head = ask(&assets, Method::HEAD, "/", &[]).expect("answered");
    assert_eq!(header(&head, "content-length"), "13");
    assert!(body(head).is_empty());
}

#[test]
fn a_known_file_is_not_sent_again() {
    let assets = sample();
    let etag = header(&get(&assets, "/logo.png", &[]), "etag").to_owned();
    for asked in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
        let answer = get(&assets, "/logo.png", &[("if-none-match", &asked), ("range", "bytes=0-1")]);
        assert_eq!((answer.status(), header(&answer, "etag")), (StatusCode::NOT_MODIFIED, etag.as_str()));
        assert!(body(answer).is_empty());
    }
    assert_eq!(get(&assets, "/logo.png", &[("if-none-match", "\"x\"")]).status(), StatusCode::OK);
}

#[test]
fn a_single_range_is_a_part_of_the_file() {
    let assets = sample();
    let path = "/%E6%8C%87%E5%8D%97%20a.txt";
    for (asked, said, bytes) in [
        ("bytes=2-4", "bytes 2-4/10", "234"),
        ("bytes=7-", "bytes 7-9/10", "789"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=-99", "bytes 0-9/10", "0123456789"),
        ("bytes=8-99999999999999999999999", "bytes 8-9/10", "89"),
    ] {
        let answer = get(&assets, path, &[("range", asked)]);
        assert_eq!((answer.status(), header(&answer, "content-range")), (StatusCode::PARTIAL_CONTENT, said));
        assert_eq!(body(answer), bytes.as_bytes());
    }
    for asked in ["bytes=10-", "bytes=-0"] {
        let answer = get(&assets, path, &[("range", asked)]);
        assert_eq!(
            (answer.status(), header(&answer, "content-range")),
            (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */10")
        );
    }
    for asked in ["bytes=0-1,3-4", "bytes=4-2", "lines=0-1", "bytes=x-1", "bytes=-"] {
        assert_eq!(get(&assets, path, &[("range", asked)]).status(), StatusCode::OK, "{asked}");
    }
}

#[test]
fn a_range_of_an_older_file_gets_the_whole_new_one() {
    let assets = sample();
    let etag = header(&get(&assets, "/logo.png", &[]), "etag").to_owned();
    let status =
        |condition: &str| get(&assets, "/logo.png", &[("range", "bytes=0-1"), ("if-range", condition)]).status();
    assert_eq!(status(&etag), StatusCode::PARTIAL_CONTENT);
    assert_eq!(status("\"old\""), StatusCode::OK);
    assert_eq!(status(&format!("W/{etag}")), StatusCode::OK);
}

#[test]
fn text_is_compressed_for_those_who_accept_it() {
    let assets = sample();
    let plain = get(&assets, "/app-3f9a1c2b.js", &[]);
    let packed = get(&assets, "/app-3f9a1c2b.js", &[("accept-encoding", "br, gzip;q=0.5")]);
    assert_eq!((header(&packed, "content-encoding"), header(&packed, "vary")), ("gzip", "accept-encoding"));
    assert_ne!(header(&plain, "etag"), header(&packed, "etag"));
    assert_eq!(header(&plain, "vary"), "accept-encoding");
    let (plain, packed) = (body(plain), body(packed));
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).expect("gzip");
    assert_eq!(unpacked, plain);
    for refused in ["br", "gzip;q=0", "*;q=0", "identity"] {
        let answer = get(&assets, "/app-3f9a1c2b.js", &[("accept-encoding", refused)]);
        assert_eq!(header(&answer, "content-encoding"), "", "{refused}");
    }
    assert_eq!(header(&get(&assets, "/logo.png", &[("accept-encoding", "gzip")]), "content-encoding"), "");
}

#[test]
fn only_names_with_a_digest_are_kept_for_a_year() {
    for name in ["app-3f9a1c2b.js", "app.3f9a1c2b4d5e6f70.css", "assets/index-DiwrgTd4.js", "a/assets/x-B-3kF_aZ.css"] {
        assert!(name::is_fingerprinted(name), "{name}");
    }
    for name in ["index.html", "report-20240101.pdf", "assets/page-Version2.html", "assets/app-download.js", "deadbeef"]
    {
        assert!(!name::is_fingerprinted(name), "{name}");
    }
    let assets = sample();
    assert_eq!(header(&get(&assets, "/app-3f9a1c2b.js", &[]), "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&get(&assets, "/", &[]), "cache-control"), "no-cache");
}

#[test]
fn text_says_its_charset() {
    for (name, said) in [
        ("a.html", "text/html; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.svg", "image/svg+xml; charset=utf-8"),
        ("a.json", "application/json; charset=utf-8"),
        ("a.wasm", "application/wasm"),
        ("a.png", "image/png"),
        ("a.unheard", "application/octet-stream"),
    ] {
        assert_eq!(name::content_type(name), said);
    }
}

#[test]
fn the_fallback_answers_navigations_only() {
    let assets = sample();
    let ask = |path: &str, accept: &'static str| {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
        assets.answer_fallback(&Method::GET, &path.parse().expect("uri"), &headers)
    };
    assert_eq!(body(ask("/some/page", "text/html").expect("answered")), b"<h1>home</h1>");
    assert!(ask("/api/x", "application/json").is_none());
    assert!(ask("/.yizhan/x", "text/html").is_none());
}
