//! Why a request is denied.

use trapkey_abi::Reason;

use crate::host::Failed;

/// Why a request is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deny {
    /// A part of it is not as it has to be.
    Bad(&'static str),
    /// No route fits, or no rule for this function.
    NoRoute,
    /// It is not known who asks.
    NoIdentity,
    /// Other policies have taken the place of those of this connection.
    Stale,
    /// The policies say so: why, and which of them.
    Decided(Reason, Vec<u32>),
    /// They allow under an obligation that no proxy honours.
    Unhonoured(Vec<u32>),
    /// The proxy or the policies did not do what they were asked for.
    Failed,
}

impl Deny {
    /// The reason as access logs say it, and what follows it after a colon.
    pub(crate) fn reason(&self) -> (&'static str, &'static str) {
        match self {
            Self::Bad(part) => ("bad_request", part),
            Self::NoRoute => ("no_route", ""),
            Self::NoIdentity => ("no_identity", ""),
            Self::Stale => ("stale_policy", ""),
            Self::Decided(reason, _) => match reason {
                Reason::Forbidden => ("forbidden", ""),
                Reason::ForbidErred => ("forbid_erred", ""),
                Reason::Permitted | Reason::NotPermitted | Reason::UnknownEnvironment => {
                    ("not_permitted", "")
                }
            },
            Self::Unhonoured(_) => ("unhonoured_obligation", ""),
            Self::Failed => ("failed", ""),
        }
    }

    /// The policies that brought it about.
    pub(crate) fn policies(&self) -> &[u32] {
        match self {
            Self::Decided(_, policies) | Self::Unhonoured(policies) => policies,
            Self::Bad(_) | Self::NoRoute | Self::NoIdentity | Self::Stale | Self::Failed => &[],
        }
    }
}

impl From<Failed> for Deny {
    fn from(_: Failed) -> Self {
        Self::Failed
    }
}
