//! Policies about time.

use super::world::{Context, START, text};

/// A small generator of numbers: the same seed gives the same case.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1))
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn small(&mut self) -> i64 {
        let scale = [1, 10, 1000, 60_000, 3_600_000, 86_400_000][self.index(6)];
        let amount = i64::try_from(self.roll(40)).unwrap() - 20;
        scale * amount + i64::try_from(self.roll(3)).unwrap() - 1
    }

    fn index(&mut self, sides: u64) -> usize {
        usize::try_from(self.roll(sides)).unwrap()
    }
}

pub(crate) fn context(dice: &mut Dice) -> Context {
    Context {
        now: START + dice.small(),
        age: dice.small(),
        left: dice.small(),
        idle: dice.small(),
        seen: (dice.roll(2) == 0).then(|| START + dice.small()),
        flag: dice.roll(2) == 0,
        n: dice.small(),
        start: START + dice.small(),
        span: dice.small(),
    }
}

fn datetime_literal(dice: &mut Dice) -> String {
    format!("datetime(\"{}\")", text(START + dice.small()))
}

fn duration_literal(dice: &mut Dice) -> String {
    format!("duration(\"{}ms\")", dice.small())
}

/// A datetime, nested at most so deep.
pub(crate) fn datetime(dice: &mut Dice, depth: u32) -> String {
    match dice.roll(if depth == 0 { 4 } else { 8 }) {
        0 | 1 => "context.now".into(),
        2 => "context.start".into(),
        3 => datetime_literal(dice),
        4 => format!("{}.offset({})", datetime(dice, depth - 1), duration(dice, depth - 1)),
        5 => format!("{}.toDate()", datetime(dice, depth - 1)),
        6 => {
            let (test, yes) = (boolean(dice, depth - 1), datetime(dice, depth - 1));
            format!("(if {test} then {yes} else {})", datetime(dice, depth - 1))
        }
        _ => format!(
            "(if context.session has seen then context.session.seen else {})",
            datetime(dice, depth - 1)
        ),
    }
}

pub(crate) fn duration(dice: &mut Dice, depth: u32) -> String {
    match dice.roll(if depth == 0 { 5 } else { 8 }) {
        0 => "context.age".into(),
        1 => "context.left".into(),
        2 => "context.session.idle".into(),
        3 => "context.span".into(),
        4 => duration_literal(dice),
        5 => format!("{}.durationSince({})", datetime(dice, depth - 1), datetime(dice, depth - 1)),
        6 => format!("{}.toTime()", datetime(dice, depth - 1)),
        _ => {
            let (test, yes) = (boolean(dice, depth - 1), duration(dice, depth - 1));
            format!("(if {test} then {yes} else {})", duration(dice, depth - 1))
        }
    }
}

pub(crate) fn long(dice: &mut Dice, depth: u32) -> String {
    match dice.roll(if depth == 0 { 2 } else { 7 }) {
        0 => format!("({})", dice.small()),
        1 => "context.n".into(),
        2 => format!("({} + {})", long(dice, depth - 1), long(dice, depth - 1)),
        3 => format!("({} - {})", long(dice, depth - 1), long(dice, depth - 1)),
        4 => format!(
            "({} * ({}))",
            long(dice, depth - 1),
            [-3, -1, 0, 2, 4_000_000_000_000_i64][dice.index(5)]
        ),
        _ => {
            let unit = ["Milliseconds", "Seconds", "Minutes", "Hours", "Days"][dice.index(5)];
            format!("{}.to{unit}()", duration(dice, depth - 1))
        }
    }
}

/// A comparison of numbers of one kind.
pub(crate) fn comparison(dice: &mut Dice, depth: u32) -> String {
    let op = ["<", "<=", ">", ">=", "==", "!="][dice.index(6)];
    match dice.roll(3) {
        0 => format!("{} {op} {}", datetime(dice, depth), datetime(dice, depth)),
        1 => format!("{} {op} {}", duration(dice, depth), duration(dice, depth)),
        _ => format!("{} {op} {}", long(dice, depth), long(dice, depth)),
    }
}

pub(crate) fn boolean(dice: &mut Dice, depth: u32) -> String {
    match dice.roll(if depth == 0 { 4 } else { 9 }) {
        0 => "context.session.flag".into(),
        1..=3 => format!("({})", comparison(dice, depth)),
        4 => format!("({} && {})", boolean(dice, depth - 1), boolean(dice, depth - 1)),
        5 => format!("({} || {})", boolean(dice, depth - 1), boolean(dice, depth - 1)),
        6 => format!("!({})", boolean(dice, depth - 1)),
        7 => match dice.roll(4) {
            0 => format!("context.dates.contains({})", datetime(dice, depth - 1)),
            1 => format!(
                "[{}, {}].contains({})",
                datetime(dice, depth - 1),
                datetime(dice, depth - 1),
                datetime(dice, depth - 1)
            ),
            2 => format!(
                "({{at: {}}} == {{at: {}}})",
                datetime(dice, depth - 1),
                datetime(dice, depth - 1)
            ),
            _ => {
                format!("(context.session == {{idle: {}, flag: true}})", duration(dice, depth - 1))
            }
        },
        _ => {
            let (test, yes) = (boolean(dice, depth - 1), boolean(dice, depth - 1));
            format!("(if {test} then {yes} else {})", boolean(dice, depth - 1))
        }
    }
}
