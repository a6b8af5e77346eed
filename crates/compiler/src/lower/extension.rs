//! Functions and methods of ipaddr, decimal, datetime and duration.

use trapkey_abi as abi;
use trapkey_abi::{EvalError, Ip};

use super::value::{Bindings, Memory, Value};
use super::{Lower, Lowering, TypedExpr, constant, unsupported};
use crate::ir::{Arithmetic, Comparison, Expr, Failure, Time};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Offset in bytes of the IPv6 flag in an encoded ip.
const IP_IS_V6: u32 = 17;

/// 127.0.0.0/8 and ::1/128.
const LOOPBACK: [Ip; 2] =
    [Ip { address: 0x7f00_0000, prefix: 8, v6: false }, Ip { address: 1, prefix: 128, v6: true }];

/// 224.0.0.0/4 and ff00::/8.
const MULTICAST: [Ip; 2] = [
    Ip { address: 0xe000_0000, prefix: 4, v6: false },
    Ip { address: 0xff << 120, prefix: 8, v6: true },
];

impl Lowering<'_, '_> {
    pub(super) fn extension(
        &mut self,
        name: &str,
        args: &[TypedExpr],
        whole: &TypedExpr,
    ) -> Lower<Value> {
        match args {
            [arg] => self.extension_of_one(name, arg, whole),
            [left, right] => self.extension_of_two(name, left, right, whole),
            more => unsupported(format!("`{name}` does not take {} arguments", more.len())),
        }
    }

    fn extension_of_one(&mut self, name: &str, arg: &TypedExpr, whole: &TypedExpr) -> Lower<Value> {
        match name {
            "ip" | "decimal" | "datetime" | "duration" => constructor(name, arg),
            "isIpv4" => Ok(Value::Bool(self.is_v6(arg)?.not())),
            "isIpv6" => self.is_v6(arg).map(Value::Bool),
            "isLoopback" => self.ip_in(LOOPBACK, arg),
            "isMulticast" => self.ip_in(MULTICAST, arg),
            "toDate" => {
                let value = self.int(arg)?;
                let failure = Failure { error: EvalError::Extension, place: self.place(whole) };
                Ok(Value::Int(Expr::ToDate(value.boxed(), Some(failure))))
            }
            "toTime" => self.time(Time::OfDay, arg),
            "toMilliseconds" => self.int(arg).map(Value::Int),
            "toSeconds" => self.time(Time::Divide(SECOND), arg),
            "toMinutes" => self.time(Time::Divide(MINUTE), arg),
            "toHours" => self.time(Time::Divide(HOUR), arg),
            "toDays" => self.time(Time::Divide(DAY), arg),
            other => unsupported(format!("unknown function `{other}`")),
        }
    }

    fn extension_of_two(
        &mut self,
        name: &str,
        left: &TypedExpr,
        right: &TypedExpr,
        whole: &TypedExpr,
    ) -> Lower<Value> {
        match name {
            "isInRange" => {
                let (ip, range) = (self.value(left)?, self.value(right)?);
                let (ip, range) = (self.address(ip)?, self.address(range)?);
                Ok(Value::Bool(Expr::InRange(ip.boxed(), range.boxed())))
            }
            "lessThan" => self.compare(Comparison::Less, left, right),
            "lessThanOrEqual" => self.compare(Comparison::LessOrEqual, left, right),
            // Both operands are evaluated either way, so they may change places.
            "greaterThan" => self.compare(Comparison::Less, right, left),
            "greaterThanOrEqual" => self.compare(Comparison::LessOrEqual, right, left),
            "offset" => {
                self.arithmetic((Arithmetic::Add, EvalError::Extension), left, right, whole)
            }
            "durationSince" => {
                self.arithmetic((Arithmetic::Subtract, EvalError::Extension), left, right, whole)
            }
            other => unsupported(format!("unknown function `{other}`")),
        }
    }

    fn is_v6(&mut self, arg: &TypedExpr) -> Lower<Expr> {
        let value = self.value(arg)?;
        Ok(self.address(value)?.offset(IP_IS_V6).load_bool())
    }

    fn ip_in(&mut self, ranges: [Ip; 2], arg: &TypedExpr) -> Lower<Value> {
        let mut bindings = Bindings::default();
        let value = self.value(arg)?;
        let value = self.bind(value, &mut bindings)?;
        let address = self.address(value)?;
        self.budget.spend(2 * address.size());
        let [v4, v6] = ranges.map(|range| {
            let range = Expr::Data(constant::ip(range));
            Expr::InRange(address.clone().boxed(), range.boxed())
        });
        Ok(Value::Bool(bindings.around(v4.or(v6))))
    }

    fn time(&mut self, time: Time, arg: &TypedExpr) -> Lower<Value> {
        Ok(Value::Int(Expr::Time(time, self.int(arg)?.boxed())))
    }
}

fn constructor(name: &str, arg: &TypedExpr) -> Lower<Value> {
    let value = constant::extension(name, std::slice::from_ref(arg));
    Ok(match value {
        Some(abi::Value::Ip(ip)) => Value::Memory(Memory::constant(constant::ip(ip))),
        Some(
            abi::Value::Decimal(number)
            | abi::Value::Datetime(number)
            | abi::Value::Duration(number),
        ) => Value::Int(Expr::Int(number)),
        Some(_) | None => {
            return unsupported(format!("the argument of `{name}` is not a literal it accepts"));
        }
    })
}
