//! The header line of JSON Lines.

use super::*;

#[test]
fn a_header_names_time_and_artifacts() {
    let digest = "0123456789abcdef".repeat(4);
    let text = format!(
        "{{\"schema\":\"relgate/samples/v1\",\"created\":\"2026-11-20T10:00:00+01:00\",\
         \"artifacts\":{{\"prompts.system\":\"v1.9\",\"models.chat\":\"sha256:{digest}\"}}}}\n{{\"id\":1,\"accuracy\":1}}\n"
    );
    for (name, bytes) in [("x.jsonl", text.clone().into_bytes()), ("x.jsonl.zst", zstd(text.as_bytes()))] {
        let source = file(name, bytes);
        let catalog = probe(&source, Depth::Head).unwrap();
        assert_eq!(catalog.identity.created.unwrap().to_rfc3339(), "2026-11-20T09:00:00+00:00");
        let artifacts = [("models.chat", format!("sha256:{digest}")), ("prompts.system", "v1.9".to_owned())];
        assert_eq!(
            catalog.identity.artifacts,
            artifacts.map(|(name, version)| (name.to_owned(), version)).into()
        );
        assert_eq!(catalog.fields, BTreeMap::from([("accuracy".to_owned(), FieldKind::Number)]));
        assert_eq!(read(&source).unwrap().1, [(2, "Integer(1) [Number(1.0), Absent]".to_owned())]);
    }
    // Another tool's first line is a sample like any other.
    assert_eq!(read(&file("x.jsonl", "{\"schema\":\"acme/v3\",\"id\":1}")).unwrap().0.rows, 1);
}

#[test]
fn bad_headers_are_refused() {
    let cases: &[(&str, &[&str])] = &[
        ("\"schema\":\"relgate/samples/v2\"", &["`relgate/samples/v2` where `relgate/samples/v1` belongs"]),
        ("\"schema\":\"relgate/metrics/v1\"", &["`relgate/metrics/v1` where"]),
        (
            "\"schema\":\"relgate/samples/v1\",\"creatd\":\"x\"",
            &["unknown key `creatd`", "did you mean `created`"],
        ),
        ("\"schema\":\"relgate/samples/v1\",\"id\":1", &["unknown key `id`"]),
        (
            "\"schema\":\"relgate/samples/v1\",\"schema\":\"relgate/samples/v1\"",
            &["`schema` stands here twice"],
        ),
        (
            "\"schema\":\"relgate/samples/v1\",\"created\":\"yesterday\"",
            &["`created` is text (\"yesterday\")"],
        ),
        ("\"schema\":\"relgate/samples/v1\",\"created\":1700000000", &["`created` is 1700000000"]),
        ("\"schema\":\"relgate/samples/v1\",\"artifacts\":[]", &["`artifacts` is a list"]),
        (
            "\"schema\":\"relgate/samples/v1\",\"artifacts\":{\"system\":\"v1\"}",
            &["`system` does not name an artifact"],
        ),
        ("\"schema\":\"relgate/samples/v1\",\"artifacts\":{\"a.b\":\"\"}", &["`a.b` is empty text"]),
        (
            "\"schema\":\"relgate/samples/v1\",\"artifacts\":{\"a.b\":\"sha256:ABC\"}",
            &["digest of `a.b`", "64"],
        ),
        (
            "\"schema\":\"relgate/samples/v1\",\"artifacts\":{\"a.b\":\"1\",\"a.b\":\"2\"}",
            &["`a.b` stands here twice"],
        ),
    ];
    for (header, words) in cases {
        let text = format!("\n{{{header}}}\n{{\"id\":1}}\n");
        refuses("x.jsonl", text.as_bytes(), 2, words);
        let findings = probe(&file("x.jsonl", text), Depth::Head).unwrap_err();
        assert!(told(&findings)[0].starts_with("x.jsonl:2: "));
    }
}
