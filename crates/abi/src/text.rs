//! Text of the extension types, as Cedar reads it.

use crate::Ip;

/// Why a text is not a value of its extension type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextError {
    /// The text does not have the type's form.
    Form,
    /// The value is outside the type's range.
    Range,
}

/// placeholder
pub fn parse_ip(_text: &str) -> Result<Ip, TextError> { Err(TextError::Form) }
/// placeholder
pub fn parse_decimal(_text: &str) -> Result<i64, TextError> { Err(TextError::Form) }
/// placeholder
pub fn parse_datetime(_text: &str) -> Result<i64, TextError> { Err(TextError::Form) }
/// placeholder
pub fn parse_duration(_text: &str) -> Result<i64, TextError> { Err(TextError::Form) }
