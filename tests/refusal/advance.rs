//! Requests that cannot move in time: the exact reason, the request as before.

use trapkey::{AdvanceError, Datetime, Duration, Model, Request};

const SCHEMA: &str = r#"
entity User; entity Door;
action open appliesTo { principal: User, resource: Door, context: {
  env: { @clock("instant") now: datetime, @clock("elapsed") @max("1h") age?: duration,
         @clock("remaining") left: duration }
} };
"#;

fn request(env: &str) -> Request {
    let model = Model::new(trapkey::parse_schema(SCHEMA).expect("a schema"));
    let text = format!(
        r#"{{ "principal": "User::\"ann\"", "action": "Action::\"open\"",
              "resource": "Door::\"d\"", "context": {{ "env": {env} }} }}"#
    );
    Request::from_json(&model, &text).expect("a request")
}

#[test]
fn time_moves_what_the_schema_marks_and_nothing_that_is_absent() {
    let mut with = request(r#"{"now": "1970-01-01T00:00:01Z", "age": "10s", "left": "5s"}"#);
    assert_eq!(with.at(), Some(Datetime(1000)));
    with.advance(Duration(2500)).expect("there is room");
    let after =
        request(r#"{"now": "1970-01-01T00:00:03.500Z", "age": "12s500ms", "left": "2s500ms"}"#);
    assert_eq!(with.context(), after.context());
    assert_eq!(with.at(), Some(Datetime(3500)));
    let mut without = request(r#"{"now": "1970-01-01T00:00:01Z", "left": "5s"}"#);
    without.advance(Duration(2500)).expect("there is room");
    let after = request(r#"{"now": "1970-01-01T00:00:03.500Z", "left": "2s500ms"}"#);
    assert_eq!(without.context(), after.context());
}

#[test]
fn attributes_stay_within_their_bounds() {
    let mut request = request(r#"{"now": "1970-01-01T00:00:01Z", "age": "1h", "left": "5s"}"#);
    let before = request.context().clone();
    let error = request.advance(Duration(1)).expect_err("the age is at its limit");
    let path = "env.age".to_owned();
    assert_eq!(error, AdvanceError::OutOfBounds { path, value: 3_600_000, by: 1 });
    assert_eq!(error.to_string(), "`context.env.age` cannot move by 1 ms from 3600000");
    assert_eq!(*request.context(), before);
}

#[test]
fn the_instant_stays_within_64_bits() {
    let mut request = request(r#"{"now": "1970-01-01T00:00:01Z", "left": "5s"}"#);
    request.set_at(Some(Datetime(i64::MAX)));
    let before = request.context().clone();
    let error = request.advance(Duration(1)).expect_err("it is the last instant");
    assert_eq!(error, AdvanceError::Instant { at: i64::MAX, by: 1 });
    assert_eq!(error.to_string(), format!("the instant {} ms cannot move by 1 ms", i64::MAX));
    assert_eq!((request.at(), request.context()), (Some(Datetime(i64::MAX)), &before));
}
