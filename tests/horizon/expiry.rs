//! Policies past their `@expires`.

use super::generator::{self, Dice};
use super::world::{Pair, remaining};

/// 2026-11-25T00:00:00Z, and the policies that end then.
const END: i64 = 1_795_564_800_000;
const POLICIES: &str = r#"
@id("ends") @expires("2026-11-25")
permit (principal, action == Action::"a0", resource) when { context.session.flag };
@id("seen") @expires("2026-11-25") @stage("observe")
permit (principal, action == Action::"a0", resource);
@id("stays") @expires("2026-11-25")
forbid (principal, action == Action::"a1", resource);
permit (principal, action == Action::"a1", resource);
"#;

#[test]
fn a_permit_ends_at_its_day_and_a_forbid_goes_on() {
    let pair = Pair::new(POLICIES);
    let mut context = generator::context(&mut Dice::new(3));
    context.flag = true;
    for (now, holds) in [(END - 1000, true), (END - 1, true), (END, false), (END + 1, false)] {
        context.now = now;
        let decision = pair.decide(0, context);
        assert_eq!(decision.is_allow(), holds, "{now}");
        assert_eq!(decision.observed().count(), usize::from(holds));
        assert_eq!(remaining(&decision), holds.then_some(END - now));
        let forbidden = pair.decide(1, context);
        assert!(!forbidden.is_allow());
        let expired: Vec<&str> = forbidden.expired().map(|policy| policy.id.as_str()).collect();
        assert_eq!(expired, if holds { vec![] } else { vec!["stays"] });
    }
}
