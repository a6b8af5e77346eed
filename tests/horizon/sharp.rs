//! Where the turn of a test of time changes the response, the horizon is that turn.

use super::generator::{self, Dice};
use super::world::{ACTIONS, Pair, remaining, said};

/// How many horizons end in a change, of those that end.
fn exact(seed: u64, condition: impl Fn(&mut Dice) -> String) -> (u32, u32) {
    let mut dice = Dice::new(seed);
    let (mut exact, mut all) = (0, 0);
    for _ in 0..4 {
        let policies: Vec<String> = (0..ACTIONS)
            .map(|action| {
                let condition = condition(&mut dice);
                format!("permit (principal, action == Action::\"a{action}\", resource)\nwhen {{ {condition} }};\n")
            })
            .collect();
        let pair = Pair::new(&policies.concat());
        for action in 0..ACTIONS {
            for _ in 0..16 {
                let context = generator::context(&mut dice);
                let before = pair.decide(action, context);
                let Some(ms) = remaining(&before) else { continue };
                all += 1;
                exact += u32::from(said(&pair.decide(action, context.after(ms))) != said(&before));
            }
        }
    }
    (exact, all)
}

#[test]
fn horizons_of_plain_comparisons_are_exact() {
    let (exact, all) = exact(11, |dice| {
        let op = ["<", "<=", ">", ">=", "==", "!="][usize::try_from(dice.roll(6)).unwrap()];
        match dice.roll(3) {
            0 => format!("context.now {op} {}", still_datetime(dice)),
            1 => format!("context.age {op} context.span"),
            _ => format!("context.left {op} context.span"),
        }
    });
    println!("plain comparisons: {exact} of {all} exact");
    assert!(all > 500, "{all}");
    assert_eq!(exact, all);
}

fn still_datetime(dice: &mut Dice) -> String {
    if dice.roll(2) == 0 {
        return "context.start".into();
    }
    let at = super::world::START + i64::try_from(dice.roll(400_000_000)).unwrap() - 200_000_000;
    format!("datetime(\"{}\")", super::world::text(at))
}

#[test]
fn horizons_of_steps_are_exact_where_the_step_turns_the_test() {
    let (exact, all) = exact(13, |dice| {
        let unit = ["Milliseconds", "Seconds", "Minutes", "Hours", "Days"];
        let unit = unit[usize::try_from(dice.roll(5)).unwrap()];
        format!("context.age.to{unit}() == context.span.to{unit}()")
    });
    println!("truncated durations: {exact} of {all} exact");
    assert!(all > 200, "{all}");
    // A step that leaves the test as it is ends the horizon all the same.
    assert!(exact > 0);
}

#[test]
fn steps_are_noted_on_both_sides_of_zero() {
    let ops = ["<", "<=", ">", ">=", "==", "!="];
    let policies: Vec<String> = (0..ACTIONS)
        .map(|action| {
            let moving = ["age", "left"][action / ops.len() % 2];
            let op = ops[action % ops.len()];
            format!(
                "permit (principal, action == Action::\"a{action}\", resource)\nwhen {{ context.{moving}.toSeconds() {op} context.n }};\n"
            )
        })
        .collect();
    let pair = Pair::new(&policies.concat());
    let (mut dice, mut turns) = (Dice::new(19), 0);
    for round in 0..240 {
        let action = round % ACTIONS;
        let mut context = generator::context(&mut dice);
        let near = |dice: &mut Dice| i64::try_from(dice.roll(8001)).unwrap() - 4000;
        (context.age, context.left) = (near(&mut dice), near(&mut dice));
        context.n = i64::try_from(dice.roll(9)).unwrap() - 4;
        let before = pair.decide(action, context);
        let end = remaining(&before).expect("a quotient that moves has a next step");
        assert!(end <= 2000, "{end}: {context:?}");
        let mut request = pair.request(action, context);
        for ms in 1..end {
            request.advance(trapkey::Duration(1)).unwrap();
            let after = pair.engine.decide(&request);
            assert_eq!(said(&after), said(&before), "a{action} changes after {ms} ms: {context:?}");
        }
        turns += u32::from(said(&pair.decide(action, context.after(end))) != said(&before));
    }
    assert!(turns > 20, "{turns}");
}

#[test]
fn horizons_of_a_window_are_exact_while_it_is_open() {
    let mut shifts = 0;
    let policies: Vec<String> = (0..ACTIONS)
        .map(|action| {
            format!(
                "permit (principal, action == Action::\"a{action}\", resource)\nwhen {{ context.now.toTime() >= duration(\"6h\") && context.now.toTime() < duration(\"{}h\") }};\n",
                7 + action % 12
            )
        })
        .collect();
    let pair = Pair::new(&policies.concat());
    let mut dice = Dice::new(17);
    for action in 0..ACTIONS {
        for _ in 0..16 {
            let context = generator::context(&mut dice);
            let before = pair.decide(action, context);
            if !before.is_allow() {
                continue;
            }
            let end = i64::try_from(7 + action % 12).unwrap() * 3_600_000;
            let time = context.now.rem_euclid(86_400_000);
            assert_eq!(remaining(&before), Some(end - time), "{context:?}");
            assert!(!pair.decide(action, context.after(end - time)).is_allow());
            shifts += 1;
        }
    }
    assert!(shifts > 50, "{shifts}");
}
