//! Apps without a mistake, made in memory; each test spoils one thing.

use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use yizhan_domain::{Finding, Severity};
use yizhan_hub::check::{Report, check_files};

/// A sample code of GB 32100.
pub(super) const CREDIT_CODE: &str = "91350100M000100Y43";
pub(super) const BASIC_CODE: &str = "000200100100";
pub(super) const HANDLER: &str = "wasi:http/incoming-handler@0.2.3";

/// The files of an app.
#[derive(Clone)]
pub(super) struct App {
    pub(super) manifest: Value,
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

impl App {
    /// A leaflet: open, files alone.
    pub(super) fn leaflet() -> Self {
        let page = "<!doctype html><html lang=\"zh-CN\"><head><meta name=\"viewport\" content=\"width=device-width\">\
                    <link rel=\"stylesheet\" href=\"app.css\"></head>\n<body><a href=\"/more.html\">更多</a></body></html>";
        let mut app = Self { manifest: manifest("open"), files: BTreeMap::new() };
        app.put("public/icon.png", png(192, 192));
        app.put("public/index.html", page);
        app.put("public/more.html", page);
        app.put("public/app.css", "body { font-size: 18px }");
        app
    }

    /// An open app with a component.
    pub(super) fn open() -> Self {
        let mut app = Self::leaflet();
        app.manifest["gov_component"] = json!({ "path": "component.wasm" });
        app.put("component.wasm", component(&["yizhan:app/catalog@0.1.0", "wasi:http/types@0.2.3"]));
        app
    }

    /// An identity-required app that opens a claim which it declares.
    pub(super) fn identity() -> Self {
        let mut app = Self::open();
        app.manifest["gov_access"] = json!("identity-required");
        app.manifest["req_permissions"] = json!([{ "name": "identity:name", "reason": "核对参保人姓名" }]);
        app.manifest["gov_data_use"] = json!([{ "claim": "name", "purpose": "query-insurance", "retention_days": 0 }]);
        app.put("component.wasm", identity_component());
        app
    }

    /// Puts a file in its place.
    pub(super) fn put(&mut self, path: &str, content: impl AsRef<[u8]>) {
        self.files.insert(path.to_owned(), content.as_ref().to_vec());
    }

    /// The files with the manifest among them.
    pub(super) fn to_files(&self) -> BTreeMap<String, Bytes> {
        let mut files: BTreeMap<String, Bytes> =
            self.files.iter().map(|(path, content)| (path.clone(), Bytes::from(content.clone()))).collect();
        files.entry("manifest.json".to_owned()).or_insert_with(|| Bytes::from(self.manifest.to_string()));
        files
    }

    /// What the check of the directory says.
    pub(super) fn check(&self) -> Report {
        check_files(&self.to_files())
    }

    /// The one error, which must have this code and stand at this place; nothing else may be an error.
    pub(super) fn refused_with(&self, code: &str, path: &str, pointer: &str) -> Finding {
        let report = self.check();
        assert!(!report.ok, "{code} is not found");
        only(&report, Severity::Error, code, path, pointer)
    }

    /// The one warning, which must have this code and stand at this place; nothing may be an error.
    pub(super) fn warned_with(&self, code: &str, path: &str, pointer: &str) -> Finding {
        let report = self.check();
        assert!(report.ok, "{:?}", report.findings);
        only(&report, Severity::Warning, code, path, pointer)
    }
}

/// The only finding of a severity; it must say why, and what to do.
pub(super) fn only(report: &Report, severity: Severity, code: &str, path: &str, pointer: &str) -> Finding {
    let found: Vec<&Finding> = report.findings.iter().filter(|finding| finding.severity == severity).collect();
    assert_eq!(found.len(), 1, "{:#?}", report.findings);
    let finding = found[0];
    assert_eq!((finding.code.as_str(), finding.path.as_str(), finding.pointer.as_str()), (code, path, pointer));
    assert!(finding.why.chars().count() >= 12 && finding.fix.chars().count() >= 12, "says little: {finding:?}");
    finding.clone()
}

fn manifest(access: &str) -> Value {
    json!({
        "app_id": "cn.gov.example.leaflet", "name": "办事指南", "lang": "zh-CN",
        "version": { "name": "1.0.0", "code": 1 },
        "icons": [{ "src": "public/icon.png", "sizes": "192x192" }],
        "gov_access": access,
        "gov_owner": { "unit": "某市人力资源和社会保障局", "uscc": CREDIT_CODE },
        "gov_items": [format!("{CREDIT_CODE}3{BASIC_CODE}")],
        "gov_elder_mode": true
    })
}

/// The head of a PNG picture of this size; nobody reads further.
pub(super) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\x06\0\0\0\0\0\0\0");
    bytes
}

/// A component that imports these interfaces, without functions, and answers HTTP requests.
pub(super) fn component(imports: &[&str]) -> Vec<u8> {
    let imports: String = imports.iter().map(|name| format!("(import \"{name}\" (instance))")).collect();
    component_of(&imports)
}

/// A component with this text in front of its handler.
pub(super) fn component_of(text: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {text} (instance $h) (export \"{HANDLER}\" (instance $h)))"))
        .expect("a component")
}

/// A component that opens claims.
pub(super) fn identity_component() -> Vec<u8> {
    component_of(
        "(import \"yizhan:app/identity@0.1.0\" (instance (export \"authorization\" (type $a (sub resource)))
           (export \"[method]authorization.open\" (func (param \"self\" (borrow $a)) (result string)))))",
    )
}

#[test]
fn the_apps_without_a_mistake_are_clean() {
    for app in [App::leaflet(), App::open(), App::identity()] {
        let report = app.check();
        assert_eq!(report.findings, []);
        assert!(report.ok);
    }
}
