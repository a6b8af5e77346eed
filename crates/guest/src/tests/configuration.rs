//! Plans and pushed entities: what is refused changes nothing.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use trapkey_abi::{EntityUid, Layout};

use super::fake::Fake;
use super::plans::{ROOT, STREAM, context, http, requesting, schema, started};
use crate::host::Action;
use crate::image::{self, ImageError};
use crate::plan::{PLAN_VERSION, Plan};
use crate::{Guest, PlanError};

/// An image of so many registers.
fn registers(count: usize) -> Vec<u8> {
    let layout = Layout::new(&schema(&context())).digest;
    let handles = (0..count).map(|id| EntityUid::new("Register", id.to_string()).handle());
    image::write(&layout, handles.map(|handle| (handle, 3, &[0; 8][..]))).unwrap()
}

#[test]
fn images_come_as_bytes_or_as_base64() {
    for count in [1, 2, 3, 100] {
        let image = registers(count);
        for text in [
            image.clone(),
            STANDARD.encode(&image).into_bytes(),
            STANDARD_NO_PAD.encode(&image).into_bytes(),
            format!("{}\n", STANDARD.encode(&image)).into_bytes(),
        ] {
            let mut fake = Fake::new();
            let mut guest = started(&http(), &mut fake);
            fake.configuration = text;
            let len = fake.configuration.len();
            assert!(guest.configure(&mut fake, ROOT, len), "{:?}", fake.logs);
        }
    }
}

#[test]
fn bad_images_change_nothing() {
    let image = registers(3);
    let mut other = image.clone();
    other[8] ^= 1;
    let mut order = image.clone();
    order.copy_within(32..48, 48);
    let mut row = image.clone();
    row[32 + 3 * 32] ^= 1;
    let text = STANDARD.encode(&image);
    let bits = text.replace("Q==", "R==");
    let bad: [&[u8]; 11] = [
        &row,
        bits.as_bytes(),
        b"x",
        b"{}",
        b"====",
        b"\n",
        &image[..image.len() - 1],
        &other,
        &order,
        &text.as_bytes()[..text.len() - 5],
        text.replace('A', "-").leak().as_bytes(),
    ];
    for bytes in bad {
        let mut fake = requesting();
        let mut guest = started(&http(), &mut fake);
        fake.configuration = image.clone();
        assert!(guest.configure(&mut fake, ROOT, image.len()));
        fake.configuration = bytes.to_vec();
        assert!(!guest.configure(&mut fake, ROOT, bytes.len()), "{}", bytes.escape_ascii());
        assert_eq!(fake.logs.len(), 1);
        assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
    }
}

#[test]
fn failing_proxy_refuses_a_configuration() {
    let image = registers(1);
    for at in 0..2 {
        let mut fake = Fake::new();
        let mut guest = started(&http(), &mut fake);
        fake.configuration = image.clone();
        fake.fails_at = Some(at);
        assert!(!guest.configure(&mut fake, ROOT, image.len()));
    }
    let mut guest = started(&http(), &mut Fake::new());
    let mut fake = Fake::new();
    fake.fails_at = Some(3);
    assert!(!guest.start(&mut fake), "counters that are not there were not missed");
}

#[test]
fn plans_are_refused_for_their_reasons() {
    let of = |plan: &Plan| Guest::new(&postcard::to_allocvec(plan).unwrap(), &[]).err();
    let unreadable = Guest::new(&[1, 2, 3], &[]).err();
    assert_eq!(unreadable, Some(PlanError::Unreadable));
    assert_eq!(Guest::new(&[], &[]).err(), Some(PlanError::Unreadable));
    let version = Plan { version: PLAN_VERSION + 1, ..http() };
    assert_eq!(of(&version), Some(PlanError::Version(PLAN_VERSION + 1)));
    let mut layout = http();
    layout.gather.layout.0[0] ^= 1;
    assert_eq!(of(&layout), Some(PlanError::Layout));
    let mut principal = http();
    principal.identity.spiffe[0].entity_type = "X".to_owned();
    assert_eq!(of(&principal), Some(PlanError::Principal("X".to_owned())));
    let bytes = postcard::to_allocvec(&http()).unwrap();
    assert_eq!(Guest::new(&bytes, b"x").err(), Some(PlanError::Image(ImageError::Magic)));
    for error in [PlanError::Unreadable, PlanError::Layout, PlanError::Image(ImageError::Order)] {
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn plugins_of_one_instance_have_their_own_entities() {
    let mut fake = requesting();
    let mut guest = started(&http(), &mut fake);
    guest.create(&mut fake, 9, 0);
    fake.configuration = b"x".to_vec();
    assert!(!guest.configure(&mut fake, 9, 1));
    fake.configuration = registers(2);
    let len = fake.configuration.len();
    assert!(guest.configure(&mut fake, 9, len));
    guest.delete(9);
    assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
}
