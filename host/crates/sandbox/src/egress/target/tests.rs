//! Spellings of destinations.

use super::*;

fn target(text: &str) -> Result<String, TargetError> {
    text.parse::<Target>().map(|target| target.to_string())
}

#[test]
fn spellings_of_one_destination_are_equal() {
    for (text, normal) in [
        ("https://api.example.cn", "https://api.example.cn"),
        ("HTTPS://API.Example.CN:443/", "https://api.example.cn"),
        ("http://api.example.cn:80", "http://api.example.cn"),
        ("http://api.example.cn:443", "http://api.example.cn:443"),
        ("https://政务.example.cn", "https://xn--zfr164b.example.cn"),
        ("https://xn--zfr164b.example.cn", "https://xn--zfr164b.example.cn"),
        ("https://ＡＰＩ.example。cn", "https://api.example.cn"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080"),
        ("http://my_service:9000", "http://my_service:9000"),
    ] {
        assert_eq!(target(text).as_deref(), Ok(normal), "{text}");
    }
}

#[test]
fn texts_that_are_no_destination_are_refused() {
    for text in [
        "",
        "api.example.cn",
        "ftp://api.example.cn",
        "//api.example.cn",
        "https://",
        "https://api.example.cn.",
        "https://.example.cn",
        "https://a..cn",
        "https://user@api.example.cn",
        "https://user:pass@api.example.cn",
        "https://api.example.cn:",
        "https://api.example.cn:0",
        "https://api.example.cn:0443",
        "https://api.example.cn:+443",
        "https://api.example.cn:65536",
        "https://api.example.cn:443:443",
        "https://api.example.cn/path",
        "https://api.example.cn?x",
        "https://api.example.cn#x",
        "https://api.example.cn//",
        "https://*.example.cn",
        "https://api.example.cn\\@evil.example",
        "https://api%2eexample.cn",
        "https://api example.cn",
        "https://::1",
        "https://[::1",
        "https://[::1]x",
        "https://[::1%25eth0]",
        "https://[127.0.0.1]",
        "https://127.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://0177.0.0.1",
        "https://a.0x7f",
        "https://1.2.3.4.5",
        "https://xn--",
    ] {
        assert!(target(text).is_err(), "{text} was taken as {:?}", target(text));
    }
}

#[test]
fn parts_that_mean_something_else_as_a_whole_are_refused() {
    let build = |authority: &str, path: &str| {
        Uri::builder()
            .scheme("https")
            .authority(authority)
            .path_and_query(path)
            .build()
            .map(|uri| Target::of_request(&uri))
    };
    for (authority, path) in [
        ("api.example.cn", "@evil.example/"),
        ("api.example.cn", "http://evil.example/"),
        ("api.example.cn", ".evil.example/"),
        ("api.example.cn", ":8443/"),
        ("api.example.cn", "*"),
        ("api.example.cn", "relative"),
        ("user@api.example.cn", "/"),
        ("user:pass@api.example.cn", "/"),
        ("api.example.cn@evil.example", "/"),
        ("api.example.cn.", "/"),
        ("api.example.cn:", "/"),
    ] {
        // The URI type refuses most of these itself; what it lets through must be denied here.
        let result = build(authority, path);
        assert!(matches!(result, Err(_) | Ok(Err(EgressError::Denied { .. }))), "{authority} {path}: {result:?}");
    }
}

#[test]
fn a_path_that_begins_with_two_slashes_stays_a_path() {
    let uri = Uri::builder()
        .scheme("https")
        .authority("api.example.cn")
        .path_and_query("//evil.example/x?y=1")
        .build()
        .expect("URI");
    let (target, path) = Target::of_request(&uri).expect("allowed");
    assert_eq!((target.to_string().as_str(), path.as_str()), ("https://api.example.cn", "//evil.example/x?y=1"));
}

#[test]
fn an_empty_path_is_the_root() {
    for (text, expected) in [("https://a.cn", "/"), ("https://a.cn?x=1", "/?x=1"), ("https://a.cn/?", "/?")] {
        let (_, path) = Target::of_request(&text.parse().expect("URI")).expect("allowed");
        assert_eq!(path.as_str(), expected, "{text}");
    }
}

#[test]
fn a_request_without_scheme_or_authority_is_refused() {
    for text in ["/path", "api.example.cn:443", "*"] {
        let uri: Uri = text.parse().expect("URI");
        assert!(matches!(Target::of_request(&uri), Err(EgressError::Denied { .. })), "{text}");
    }
}
