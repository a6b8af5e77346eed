//! How frames say which templates grants bring in, and that a module is not believed to know better.

use trapkey::{Datetime, DecideError, EntityUid, Grant, Reason, ResponseError, Template};
use trapkey_abi::{EncodeRequest, Layout, encode, header};
use trapkey_tests::fixture::{ALLOW, Fixture, engine, request, user};

use super::site::grant;

fn number(frame: &[u8], at: usize) -> usize {
    u32::from_le_bytes(frame[at..at + 4].try_into().unwrap()).try_into().unwrap()
}

#[test]
fn words_follow_the_context_and_end_with_the_last_that_is_not_zero() {
    let fixture = Fixture::new(ALLOW);
    let engine = engine(trapkey::Limits::default());
    engine.publish_with(&fixture.bundle(), vec![user("ann", 3)]).unwrap();
    let (asked, entities) = (request(&engine, "ann"), engine.entities().unwrap());
    let frame = |grants: &[u64], capacity: usize| {
        let encoded = EncodeRequest {
            environment: 0,
            principal: asked.principal().handle(),
            resource: asked.resource().handle(),
            context: asked.context().bytes(),
            now: None,
            grants,
        };
        let mut frame = vec![0xa5; capacity];
        let len = encode(&fixture.gather, &encoded, &entities, &mut frame).ok()?;
        frame.truncate(len);
        Some(frame)
    };
    let none = frame(&[], 4096).unwrap();
    assert_eq!((number(&none, header::GRANTS), number(&none, header::GRANTS + 4)), (0, 0));
    assert_eq!(frame(&[0, 0, 0], 4096).unwrap(), none);
    let some = frame(&[5, 0, 1 << 63, 0, 0], 4096).unwrap();
    assert_eq!(frame(&[5, 0, 1 << 63], 4096).unwrap(), some);
    let (at, count) = (number(&some, header::GRANTS), number(&some, header::GRANTS + 4));
    let context = usize::try_from(Layout::new(&fixture.schema).contexts[0].size).unwrap();
    assert_eq!((at, count), (number(&some, header::CONTEXT) + context, 3));
    assert_eq!(at % 8, 0);
    let words: Vec<u64> =
        some[at..at + 24].as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
    assert_eq!(words, [5, 0, 1 << 63]);
    assert_eq!(some.len(), none.len() + 24);
    for capacity in 0..some.len() {
        assert_eq!(frame(&[5, 0, 1 << 63], capacity), None, "{capacity}");
    }
    assert_eq!(frame(&[5, 0, 1 << 63], some.len()).unwrap(), some);
}

/// A module that allows by policy 0, whatever it is asked.
fn always() -> Fixture {
    let mut fixture = Fixture::new(ALLOW);
    let slot = trapkey::TemplateSlot {
        test: trapkey::SlotTest::Equal,
        is: None,
        entity_types: vec!["User".to_owned()],
    };
    fixture.policies[0].template = Some(Template { principal: Some(slot), ..Template::default() });
    fixture.gather.environments[0].templates = vec![0];
    fixture
}

#[test]
fn a_module_that_lets_a_template_count_without_a_grant_is_not_believed() {
    let engine = engine(trapkey::Limits::default());
    let users = vec![user("ann", 3), user("bob", 3)];
    engine.publish_with(&always().bundle(), users).unwrap();
    let ann = Some(EntityUid::new("User", "ann"));
    engine.grant(Grant { principal: ann, ..grant("g", "fixture.0") }).unwrap();
    let reason = |who: &str, at| {
        let mut request = request(&engine, who);
        request.set_at(Some(Datetime(at)));
        engine.decide(&request).reason()
    };
    let undefined = Reason::Failed(DecideError::Response(ResponseError::Undefined));
    assert_eq!(reason("ann", 1_500), Reason::Permitted);
    assert_eq!(reason("bob", 1_500), undefined);
    assert_eq!(reason("ann", 2_000), undefined);
    engine.revoke("g");
    assert_eq!(reason("ann", 1_500), undefined);
}
