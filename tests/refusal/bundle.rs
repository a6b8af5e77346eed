//! Containers that are not what was packed.

use serde_json::{Value, json};
use trapkey::{
    BUNDLE_BYTES_MAX, Bundle, ContentsError, Digest, HEAD_BYTES_MAX, HeadError, OpenError,
    PackError, Release,
};
use trapkey_tests::fixture::{DENY, Fixture, release};

/// A container of these parts, with the right digest.
fn container(head: &[u8], module: &[u8], extension: &[u8], trailer: &[u8]) -> Vec<u8> {
    let len = |bytes: &[u8]| u32::try_from(bytes.len()).expect("small").to_le_bytes();
    let mut digested = Vec::new();
    for word in [[0; 4], len(head), len(module), len(extension)] {
        digested.extend_from_slice(&word);
    }
    for part in [head, module, extension] {
        digested.extend_from_slice(part);
    }
    let mut bytes = b"trapkey\0".to_vec();
    bytes.extend_from_slice(&1_u32.to_le_bytes());
    bytes.extend_from_slice(&len(trailer));
    bytes.extend_from_slice(&Digest::of(&digested).0);
    bytes.extend_from_slice(&digested);
    bytes.extend_from_slice(trailer);
    bytes
}

/// The head that [`Bundle::pack`] writes for the fixture.
fn head(module: &[u8]) -> Value {
    let manifest = Fixture::new(DENY).manifest;
    json!({
        "compiler": manifest.compiler,
        "layout_digest": manifest.layout_digest.to_string(),
        "module_digest": Digest::of(module).to_string(),
        "name": release().name,
        "schema_digest": manifest.schema_digest,
        "sequence": 1,
        "version": release().version,
    })
}

#[track_caller]
fn check(bytes: &[u8], want: fn(&OpenError) -> bool) {
    let error = Bundle::open(bytes).expect_err("the bundle is refused");
    assert!(want(&error), "{error:?}");
}

#[track_caller]
fn check_head(change: impl FnOnce(&mut Value), want: fn(&OpenError) -> bool) {
    let module = Fixture::new(DENY).module();
    let mut head = head(&module);
    change(&mut head);
    check(&container(head.to_string().as_bytes(), &module, b"", b""), want);
}

#[track_caller]
fn check_pack(release: &Release, module: &[u8], want: fn(&PackError) -> bool) {
    let error = Bundle::pack(release, module).expect_err("the module is refused");
    assert!(want(&error), "{error:?}");
}

#[test]
fn packing_is_deterministic_and_documented() {
    let fixture = Fixture::new(DENY);
    let module = fixture.module();
    let head = head(&module).to_string();
    assert_eq!(fixture.packed(), fixture.packed());
    assert_eq!(fixture.packed(), container(head.as_bytes(), &module, b"", b""));
}

#[test]
fn what_later_versions_add_is_skipped() {
    let fixture = Fixture::new(DENY);
    let module = fixture.module();
    let head = head(&module).to_string();
    let signed = Bundle::open(&container(head.as_bytes(), &module, b"", b"signed")).expect("opens");
    assert_eq!(signed.digest(), fixture.bundle().digest());
    assert_eq!(signed.module(), module);
}

#[test]
fn bundle_truncated_anywhere_is_refused() {
    let bytes = Fixture::new(DENY).packed();
    for len in 0..bytes.len() {
        check(bytes.get(..len).expect("shorter"), |error| {
            matches!(error, OpenError::Truncated { len: 0..64 } | OpenError::Lengths { .. })
        });
    }
}

#[test]
fn bundle_with_any_bit_flipped_is_refused() {
    let mut bytes = Fixture::new(DENY).packed();
    for index in 0..bytes.len() {
        for bit in 0..8 {
            bytes[index] ^= 1 << bit;
            let error = Bundle::open(&bytes).expect_err("the bundle is refused");
            let is_right = match index {
                0..8 => matches!(error, OpenError::Magic),
                8..12 => matches!(error, OpenError::Version { found } if found != 1),
                12..16 | 52..64 => matches!(error, OpenError::Lengths { .. }),
                48..52 => matches!(error, OpenError::Flags { found } if found != 0),
                _ => matches!(error, OpenError::Digest { stated, computed } if stated != computed),
            };
            assert!(is_right, "byte {index}, bit {bit}: {error:?}");
            bytes[index] ^= 1 << bit;
        }
    }
}

#[test]
fn bundle_with_more_behind_it_is_refused() {
    let mut bytes = Fixture::new(DENY).packed();
    bytes.push(0);
    check(&bytes, |error| matches!(error, OpenError::Lengths { .. }));
}

#[test]
fn oversized_bundle_is_refused_unread() {
    let bytes = vec![0; BUNDLE_BYTES_MAX + 1];
    check(&bytes, |error| matches!(error, OpenError::TooLarge { len } if *len > BUNDLE_BYTES_MAX));
}

#[test]
fn unreadable_head_is_refused() {
    check_head(|head| *head = json!({}), |error| matches!(error, OpenError::HeadJson(_)));
    let unknown = |head: &mut Value| head["motto"] = json!("");
    check_head(unknown, |error| matches!(error, OpenError::HeadJson(_)));
    let upper = |head: &mut Value| head["layout_digest"] = json!("A".repeat(32));
    check_head(upper, |error| matches!(error, OpenError::HeadJson(_)));
    let long = |head: &mut Value| head["name"] = json!("a".repeat(HEAD_BYTES_MAX));
    check_head(long, |error| matches!(error, OpenError::HeadTooLarge { .. }));
}

#[test]
fn head_of_another_module_is_refused() {
    check_head(
        |head| head["module_digest"] = json!(Digest::of(b"").to_string()),
        |error| matches!(error, OpenError::ModuleDigest { computed, .. } if *computed != Digest::of(b"")),
    );
    check_head(
        |head| head["compiler"] = json!("other"),
        |error| matches!(error, OpenError::Head(HeadError::Manifest { field: "compiler" })),
    );
    check_head(
        |head| head["layout_digest"] = json!("0".repeat(32)),
        |error| matches!(error, OpenError::Head(HeadError::Manifest { field: "layout_digest" })),
    );
    check_head(
        |head| head["schema_digest"] = json!("1".repeat(64)),
        |error| matches!(error, OpenError::Head(HeadError::Manifest { field: "schema_digest" })),
    );
}

#[test]
fn unusable_name_is_refused() {
    for name in ["", "two\nlines", &"a".repeat(257)] {
        let release = Release { name: name.to_owned(), ..release() };
        check_pack(&release, &Fixture::new(DENY).module(), |error| {
            matches!(error, PackError::Head(HeadError::Text { field: "name" }))
        });
    }
    check_head(
        |head| head["version"] = json!(""),
        |error| matches!(error, OpenError::Head(HeadError::Text { field: "version" })),
    );
}

#[test]
fn unusable_module_is_refused() {
    check_pack(&release(), b"not wasm", |error| {
        matches!(error, PackError::Contents(ContentsError::Header))
    });
    let module = b"\0asm\x01\0\0\0";
    let head = head(module).to_string();
    check(&container(head.as_bytes(), module, b"", b""), |error| {
        matches!(error, OpenError::Contents(ContentsError::Missing { .. }))
    });
}

#[test]
fn oversized_module_is_not_packed() {
    let mut module = vec![0; BUNDLE_BYTES_MAX + 1];
    check_pack(&release(), &module, |error| matches!(error, PackError::TooLarge { .. }));
    // The module alone fits, the bundle does not.
    let fixture = Fixture::new(DENY).module();
    let padding = BUNDLE_BYTES_MAX - fixture.len() - 100;
    module.clear();
    trapkey_tests::fixture::custom(&mut module, "padding", &vec![0; padding]);
    let module = [fixture, module].concat();
    check_pack(&release(), &module, |error| matches!(error, PackError::TooLarge { .. }));
}
