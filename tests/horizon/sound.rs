//! No decision changes before its horizon.

use std::collections::BTreeSet;

use super::generator::{self, Dice};
use super::world::{ACTIONS, Context, Pair, is_valid, remaining, said};

/// Policy sets that are generated; more by `TRAPKEY_CASES`.
const SETS: u64 = 12;
/// Contexts that each action is decided in.
const CONTEXTS: usize = 12;

/// Instants to look at before a horizon: the first ones, the last ones, others between.
fn instants(dice: &mut Dice, remaining: Option<i64>) -> Vec<i64> {
    const FAR: i64 = 4_000_000_000;
    let end = remaining.unwrap_or(FAR).min(FAR);
    let between =
        (0..12).map(|_| i64::try_from(dice.roll(u64::try_from(end.max(1)).unwrap())).unwrap());
    let scales =
        [1_000, 60_000, 3_600_000, 86_400_000].into_iter().flat_map(|ms| [ms - 1, ms, ms + 1]);
    let edges = [0, 1, 2, 3, 5, 10, end - 3, end - 2, end - 1];
    let mut all: Vec<i64> =
        between.chain(scales).chain(edges).filter(|ms| (0..end).contains(ms)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn texts(ids: &BTreeSet<String>) -> BTreeSet<&str> {
    ids.iter().map(String::as_str).collect()
}

fn check(pair: &Pair, action: usize, context: Context, dice: &mut Dice) -> usize {
    let before = pair.decide(action, context);
    let remaining = remaining(&before);
    let mut looked = 0;
    for ms in instants(dice, remaining) {
        let later = context.after(ms);
        let after = pair.decide(action, later);
        assert_eq!(
            said(&after),
            said(&before),
            "a{action} changes after {ms} ms, before its horizon {remaining:?}: {context:?}",
        );
        if ms % 7 == 0 {
            let cedar = pair.cedar(action, later);
            let erring = after.erring().map(|erring| erring.policy.cedar_id.as_str());
            assert_eq!(erring.collect::<BTreeSet<_>>(), texts(&cedar.erring), "{later:?}");
            // A forbid that errs denies here, and is skipped there.
            if cedar.erring.is_empty() {
                let determining = after.determining().map(|policy| policy.cedar_id.as_str());
                assert_eq!(determining.collect::<BTreeSet<_>>(), texts(&cedar.determining));
                assert_eq!(after.is_allow(), cedar.allow, "{later:?}");
            }
        }
        let mut moved = pair.request(action, context);
        moved.advance(trapkey::Duration(ms)).unwrap();
        assert_eq!(moved.context(), pair.request(action, later).context());
        looked += 1;
    }
    looked
}

/// One to three policies of an action that pass validation.
fn any_policies(dice: &mut Dice, action: usize) -> String {
    let mut policies = String::new();
    let mut left = 1 + dice.roll(3);
    while left > 0 {
        let effect = if dice.roll(3) == 0 { "forbid" } else { "permit" };
        let depth = u32::try_from(dice.roll(4)).unwrap();
        let condition = generator::boolean(dice, depth);
        let policy = format!(
            "{effect} (principal, action == Action::\"a{action}\", resource)\nwhen {{ {condition} }};\n"
        );
        // Some compare literals, which validation refuses.
        if is_valid(&policy) {
            policies += &policy;
            left -= 1;
        }
    }
    policies
}

#[test]
fn decisions_hold_until_their_horizon() {
    let cases = std::env::var("TRAPKEY_CASES").ok().and_then(|text| text.parse().ok());
    let seed: u64 =
        std::env::var("TRAPKEY_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let (mut looked, mut never, mut now, mut finite) = (0, 0, 0, 0);
    for set in 0..cases.unwrap_or(SETS) {
        let mut dice = Dice::new(seed.wrapping_mul(1_000_003) + set);
        let policies: String = (0..ACTIONS).map(|action| any_policies(&mut dice, action)).collect();
        let pair = Pair::new(&policies);
        for action in 0..ACTIONS {
            for _ in 0..CONTEXTS {
                let context = generator::context(&mut dice);
                match remaining(&pair.decide(action, context)) {
                    None => never += 1,
                    Some(0) => now += 1,
                    Some(_) => finite += 1,
                }
                looked += check(&pair, action, context, &mut dice);
            }
        }
    }
    println!("{looked} instants; horizons: {finite} finite, {never} never, {now} now");
    assert!(finite > never / 4 && finite > now, "{finite} finite, {never} never, {now} now");
}
