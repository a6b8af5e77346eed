//! Comparison and arithmetic on numbers.

use trapkey_abi::EvalError;

use super::value::Value;
use super::{Lower, Lowering, TypedExpr};
use crate::ir::{Arithmetic, Comparison, Expr, Failure};

impl Lowering<'_, '_> {
    /// Longs, datetimes and durations compare as signed numbers.
    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        left: &TypedExpr,
        right: &TypedExpr,
    ) -> Lower<Value> {
        let (left, right) = (self.int(left)?, self.int(right)?);
        Ok(Value::Bool(Expr::Compare(comparison, left.boxed(), right.boxed())))
    }

    /// Checked arithmetic that fails with `error`.
    pub(super) fn arithmetic(
        &mut self,
        (op, error): (Arithmetic, EvalError),
        left: &TypedExpr,
        right: &TypedExpr,
        whole: &TypedExpr,
    ) -> Lower<Value> {
        let (left, right) = (self.int(left)?, self.int(right)?);
        let failure = Some(Failure { error, place: self.place(whole) });
        Ok(Value::Int(Expr::Arithmetic(op, left.boxed(), right.boxed(), failure)))
    }
}
