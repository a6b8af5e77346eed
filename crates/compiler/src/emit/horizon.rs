//! Values that move with time, and when the tests that read them turn.

use trapkey_abi::response::fields;
use wasm_encoder::{BlockType, ValType};

use super::code::Code;
use super::condition::{Body, OUT};
use super::intrinsic::{Intrinsic, at};
use crate::ir::{Arithmetic, Comparison, Expr, Kind};

/// How a number moves: by so much each millisecond, or as nobody knows.
pub(super) type Speed = Option<i64>;

/// Not at all.
pub(super) const STILL: Speed = Some(0);

impl Body<'_> {
    /// How a number moves while nothing but time changes, until a note says that it may not.
    pub(super) fn speed(&self, expr: &Expr) -> Speed {
        match expr {
            Expr::Clock(_, speed) => Some(*speed),
            Expr::Local(local, Kind::Int) => self.speeds.get(local).copied().unwrap_or(STILL),
            Expr::Arithmetic(Arithmetic::Add, a, b, _) => {
                self.speed(a)?.checked_add(self.speed(b)?)
            }
            Expr::Arithmetic(Arithmetic::Subtract, a, b, _) => {
                self.speed(a)?.checked_sub(self.speed(b)?)
            }
            Expr::Arithmetic(Arithmetic::Multiply, a, b, _) => match (&**a, &**b) {
                (Expr::Int(by), of) | (of, Expr::Int(by)) => self.speed(of)?.checked_mul(*by),
                (a, b) => match (self.speed(a)?, self.speed(b)?) {
                    (0, 0) => STILL,
                    (_, _) => None,
                },
            },
            Expr::Time(crate::ir::Time::OfDay, of) | Expr::Then(_, of) => self.speed(of),
            // A variable of the body that moves is not known here: nothing is bound yet.
            Expr::Let(_, value, body) => match (self.speed(value), self.speed(body)) {
                (STILL, speed) => speed,
                (_, _) => None,
            },
            Expr::If(_, yes, no) => {
                let (yes, no) = (self.speed(yes)?, self.speed(no)?);
                (yes == no).then_some(yes)
            }
            // A quotient and the start of a day stand still until the step that is noted.
            Expr::Time(crate::ir::Time::Divide(_), _)
            | Expr::ToDate(..)
            | Expr::Bool(_)
            | Expr::Int(_)
            | Expr::Data(_)
            | Expr::Frame
            | Expr::Context
            | Expr::Slot(_)
            | Expr::Directory(_)
            | Expr::Local(_, Kind::Bool | Kind::Address)
            | Expr::Present(..)
            | Expr::Offset(..)
            | Expr::LoadBool(..)
            | Expr::LoadInt(..)
            | Expr::Not(_)
            | Expr::And(..)
            | Expr::Or(..)
            | Expr::Compare(..)
            | Expr::IsPresent(_)
            | Expr::SameEntity(..)
            | Expr::IsEntity(..)
            | Expr::SameString(..)
            | Expr::IsString(..)
            | Expr::SameIp(..)
            | Expr::InRange(..)
            | Expr::Like(..)
            | Expr::Count(_)
            | Expr::HasEntity(..)
            | Expr::HasInt(..)
            | Expr::HasString(..)
            | Expr::Any(..)
            | Expr::Tag(..) => STILL,
        }
    }

    /// Notes that the response does not hold beyond this instant.
    pub(super) fn ends_now(code: &mut Code) {
        code.local_get(OUT).i64_const(0).i64_store(at(fields::REMAINING, 3));
    }

    /// Emits a comparison of numbers whose difference may move; whether it did.
    pub(super) fn compares_moving(
        &mut self,
        comparison: Comparison,
        (a, b): (&Expr, &Expr),
        code: &mut Code,
    ) -> bool {
        if a.kind() != Kind::Int {
            return false;
        }
        let speed = match (self.speed(a), self.speed(b)) {
            (Some(a), Some(b)) => a.checked_sub(b),
            (_, _) => None,
        };
        match speed {
            Some(0) => return false,
            Some(speed) => self.compare_moving(comparison, (a, b), speed, code),
            None => match (a, b) {
                // Either branch has a speed of its own.
                (Expr::If(test, yes, no), b) if b.is_within(BRANCH_SIZE_MAX) => {
                    self.branches(test, code, |body, is_yes, code| {
                        let a = if is_yes { yes } else { no };
                        body.compare(comparison, (a, b), code);
                    });
                }
                (a, Expr::If(test, yes, no)) if !a.can_err() && a.is_within(BRANCH_SIZE_MAX) => {
                    self.branches(test, code, |body, is_yes, code| {
                        let b = if is_yes { yes } else { no };
                        body.compare(comparison, (a, b), code);
                    });
                }
                (_, _) => {
                    Self::ends_now(code);
                    return false;
                }
            },
        }
        true
    }

    fn branches(
        &mut self,
        test: &Expr,
        code: &mut Code,
        mut branch: impl FnMut(&mut Self, bool, &mut Code),
    ) {
        self.expr(test, code);
        code.if_(BlockType::Result(ValType::I32));
        branch(self, true, code);
        code.else_();
        branch(self, false, code);
        code.end();
    }

    fn compare_moving(
        &mut self,
        comparison: Comparison,
        (a, b): (&Expr, &Expr),
        speed: i64,
        code: &mut Code,
    ) {
        code.local_get(OUT);
        self.expr(a, code);
        match comparison {
            Comparison::Less => {
                self.expr(b, code);
                code.i64_const(speed).call(Intrinsic::Less.index());
            }
            Comparison::Equal => {
                self.expr(b, code);
                code.i64_const(speed).call(Intrinsic::Same.index());
            }
            // Not the second below the first.
            Comparison::LessOrEqual => {
                let first = self.take(ValType::I64);
                code.local_set(first);
                self.expr(b, code);
                code.local_get(first).i64_const(speed.wrapping_neg());
                code.call(Intrinsic::Less.index()).i32_eqz();
                self.give(ValType::I64, first);
            }
        }
    }

    /// Emits code that notes where a sum, a difference or a product in a variable would leave 64
    /// bits, and pushes it.
    pub(super) fn drift(speed: Speed, result: u32, code: &mut Code) {
        match speed {
            STILL => {
                code.local_get(result);
            }
            Some(speed) => {
                code.local_get(OUT).local_get(result).i64_const(speed);
                code.call(Intrinsic::Drift.index());
            }
            None => {
                Self::ends_now(code);
                code.local_get(result);
            }
        }
    }

    /// Emits a division of a number that may move.
    pub(super) fn divide(&mut self, value: &Expr, by: i64, code: &mut Code) {
        match self.speed(value) {
            STILL => {
                self.expr(value, code);
                code.i64_const(by).i64_div_s();
            }
            Some(speed) => {
                code.local_get(OUT);
                self.expr(value, code);
                code.i64_const(by).i64_const(speed).call(Intrinsic::Step.index());
            }
            None => {
                Self::ends_now(code);
                self.expr(value, code);
                code.i64_const(by).i64_div_s();
            }
        }
    }

    /// Emits code that notes when the day ends of which the variable holds the time.
    pub(super) fn midnight(speed: Speed, time: u32, code: &mut Code) {
        match speed {
            STILL => {}
            Some(speed) => {
                code.local_get(OUT).local_get(time).i64_const(speed);
                code.call(Intrinsic::Midnight.index()).drop();
            }
            None => Self::ends_now(code),
        }
    }
}

/// Operations that are emitted in both branches of the other operand.
const BRANCH_SIZE_MAX: usize = 16;
