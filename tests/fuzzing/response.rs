//! Responses: any bytes that a module may answer with, read against what the bundle says of its
//! policies.
//!
//! The first byte chooses the semantics, the rest is the response. It reaches the module as the
//! context, 64 numbers, which the module copies to where its response goes.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken property stops the fuzzer, and the module is written down here"
)]

use std::collections::BTreeSet;

use trapkey::{
    Decision, Engine, ForbidErrors, Policy, Reason, Request, Semantics, Span, Stage, Template,
    Type, Value,
};
use trapkey_abi::{Layout, Projection, Read, Response, ResponseError};

use super::response_spec::{Spoken, spoken};
use super::world::engine;
use crate::fixture::{DENY, Fixture, attribute, schema};

/// Numbers in the context that are copied.
const WORDS: usize = 64;
/// Bytes of a response that are given; the rest of its area is poison.
const GIVEN_BYTES: usize = WORDS * 8;
/// What the engine fills unused memory with.
const POISON: u8 = 0xa5;

/// An engine whose module answers with its context.
struct Echo {
    engine: Engine,
    policies: Vec<Policy>,
    semantics: Semantics,
}

thread_local! {
    static ECHOES: [Echo; 4] = [
        (ForbidErrors::Deny, true),
        (ForbidErrors::Deny, false),
        (ForbidErrors::Skip, true),
        (ForbidErrors::Skip, false),
    ]
    .map(|(forbid_errors, stages)| Echo::new(Semantics { forbid_errors, stages, expiry: false }));
}

/// Reads `data` as a response, alone and against a bundle.
///
/// # Panics
///
/// If a decision is reached that the response does not bear out, or none where it does.
pub fn response(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else {
        return;
    };
    check_alone(bytes);
    let mut given = [0; GIVEN_BYTES];
    let len = bytes.len().min(GIVEN_BYTES);
    given[..len].copy_from_slice(&bytes[..len]);
    ECHOES.with(|echoes| echoes[usize::from(first % 4)].check(&given));
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |word| u32::from_le_bytes(word.try_into().expect("four")))
}

/// What the contract alone says of `bytes`.
fn check_alone(bytes: &[u8]) {
    let response = match Response::read(bytes) {
        Ok(response) => response,
        Err(ResponseError::Missing) => return assert_eq!(word(bytes, 12), 0),
        Err(_) => return,
    };
    assert_eq!(response.is_allow(), bytes[0] == 1);
    assert_eq!(response.reason().code(), bytes[1]);
    assert_eq!(response.count(), word(bytes, 8));
    let mut at = 64;
    for entry in response.entries() {
        if let Ok(entry) = entry {
            assert_eq!(entry.policy, word(bytes, at));
            assert_eq!(entry.class.is_forbid, bytes[at + 4] & 1 != 0);
            assert_eq!(entry.class.is_observed, bytes[at + 4] & 2 != 0);
            assert_eq!(entry.class.is_never, bytes[at + 4] & 4 != 0);
            assert_eq!(entry.error.map_or(0, |(error, _)| error.code()), bytes[at + 5]);
        } else {
            assert!(bytes[at + 5] > 3, "an error is defined and refused");
        }
        at += 8;
    }
    assert!(at <= bytes.len() && at == 64 + 8 * usize::try_from(response.count()).expect("small"));
}

impl Echo {
    fn new(semantics: Semantics) -> Self {
        let mut fixture = Fixture::for_schema(Self::schema(), "");
        let layout = Layout::new(&fixture.schema);
        let context = &layout.contexts[0];
        let offset = |name: &str| context.field(name).expect("declared").offset;
        let first = offset("b00");
        let last = offset(&format!("b{}", WORDS - 1));
        assert_eq!(last - first, 8 * 63, "the numbers are not beside each other");
        fixture.gather.contexts[0] = Projection::new(
            [Read { offset: first, len: 8 * 64 }, Read { offset: offset("copy"), len: 8 }],
            [],
        );
        fixture.manifest.semantics = semantics;
        let row = "(i32.add (local.get $frame) (i32.load offset=88 (local.get $frame)))";
        let copy = offset("copy");
        fixture.decide = format!(
            "(if (i64.eqz (i64.load offset={copy} {row}))
               (then {DENY})
               (else (memory.copy (local.get $out) (i32.add {row} (i32.const {first}))
                                  (i32.const {GIVEN_BYTES}))))"
        );
        fixture.policies.extend(Self::more_policies(&fixture.policies));
        let engine = engine();
        engine.publish(&fixture.bundle()).expect("the module is published");
        Self { engine, policies: fixture.policies, semantics }
    }

    /// Beside a permit, a forbid and an observed permit: an observed forbid, a permit with three
    /// places, a template.
    fn more_policies(policies: &[Policy]) -> [Policy; 3] {
        let named = |number: u32, policy: &Policy| {
            let cedar_id = format!("policy{number}");
            Policy { id: cedar_id.clone(), cedar_id, ..policy.clone() }
        };
        let place = Span { start: 1, end: 2 };
        [
            Policy { stage: Stage::Observe, ..named(3, &policies[1]) },
            Policy { places: vec![place; 3], ..named(4, &policies[0]) },
            Policy { template: Some(Template::default()), ..named(5, &policies[0]) },
        ]
    }

    fn schema() -> trapkey::Schema {
        let mut schema = schema();
        let context = &mut schema.actions[0].context.attributes;
        for number in 0..WORDS {
            context.insert(format!("b{number:02}"), attribute(Type::Long, true));
        }
        context.insert("copy".to_owned(), attribute(Type::Long, true));
        schema
    }

    fn decide(&self, given: &[u8; GIVEN_BYTES]) -> Decision {
        let model = self.engine.model().expect("something is published");
        let (words, _) = given.as_chunks::<8>();
        let mut request = Request::builder(&model)
            .principal(trapkey::EntityUid::new("User", "u"))
            .action(trapkey::EntityUid::new("Action", "view"))
            .resource(trapkey::EntityUid::new("Document", "d"))
            .attribute("hour", Value::Long(0))
            .attribute("copy", Value::Long(1));
        for (number, word) in words.iter().enumerate() {
            request =
                request.attribute(format!("b{number:02}"), Value::Long(i64::from_le_bytes(*word)));
        }
        self.engine.decide(&request.build().expect("the request conforms"))
    }

    fn check(&self, given: &[u8; GIVEN_BYTES]) {
        let mut area = [POISON; 1024];
        area[..GIVEN_BYTES].copy_from_slice(given);
        let got = self.decide(given);
        let want = spoken(&area, &self.policies, self.semantics);
        let ids = |policies: &mut dyn Iterator<Item = &Policy>| -> BTreeSet<u32> {
            policies
                .map(|policy| policy.cedar_id.trim_start_matches("policy").parse().expect("number"))
                .collect()
        };
        let said = match got.reason() {
            Reason::Failed(_) => None,
            reason => Some(Spoken {
                reason,
                determining: ids(&mut got.determining()),
                observed: ids(&mut got.observed()),
                erring: ids(&mut got.erring().map(|erring| erring.policy)),
            }),
        };
        assert_eq!(said, want);
        assert_eq!(got.is_allow(), want.is_some_and(|want| want.reason == Reason::Permitted));
    }
}
