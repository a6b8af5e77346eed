//! Parts of datetimes and durations: days, times of day, quotients.

use wasm_encoder::{BlockType, ValType};

use super::code::Code;
use super::condition::Body;
use super::horizon::STILL;
use crate::ir::{Expr, Failure, Time};

const DAY: i64 = 86_400_000;

impl Body<'_> {
    pub(super) fn time(&mut self, time: Time, value: &Expr, code: &mut Code) {
        match time {
            Time::Divide(by) => self.divide(value, by, code),
            Time::OfDay => {
                self.expr(value, code);
                self.of_day(code);
                let speed = self.speed(value);
                if speed != STILL {
                    let local = self.take(ValType::I64);
                    code.local_set(local);
                    Self::midnight(speed, local, code);
                    code.local_get(local);
                    self.give(ValType::I64, local);
                }
            }
        }
    }

    /// Replaces the datetime on the stack by its time of day.
    fn of_day(&mut self, code: &mut Code) {
        // The remainder of a time before 1970 is negative: a day is added.
        let local = self.take(ValType::I64);
        code.i64_const(DAY).i64_rem_s().local_tee(local);
        code.local_get(local).i64_const(DAY).i64_add();
        code.local_get(local).i64_const(0).i64_ge_s().select();
        self.give(ValType::I64, local);
    }

    /// The datetime less its time of day; only times near the least one have no such day.
    pub(super) fn start_of_day(&mut self, value: &Expr, failure: Option<Failure>, code: &mut Code) {
        self.expr(value, code);
        let (local, result) = (self.take(ValType::I64), self.take(ValType::I64));
        code.local_tee(local);
        self.of_day(code);
        code.local_set(result);
        let speed = self.speed(value);
        Self::midnight(speed, result, code);
        code.local_get(local).local_get(result).i64_sub();
        if let Some(failure) = failure {
            code.local_tee(result).local_get(local).i64_gt_s().if_(BlockType::Empty);
            self.fail(failure, speed, code);
            code.local_get(result);
        }
        self.give(ValType::I64, local);
        self.give(ValType::I64, result);
    }
}
