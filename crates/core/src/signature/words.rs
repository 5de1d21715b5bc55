//! Signatures in plain words. What a certificate says is from outside, and escaped.

use std::fmt::{Display, Formatter, Result};

use crate::identifier::RefPattern;

use super::{Demand, Found, Other, Signature, Signer, Statement};

impl Display for Signer {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Certificate { identity, issuer, .. } => {
                write!(f, "`{}` (by the word of {})", identity.escape_debug(), issuer.escape_debug())
            }
            Self::Key { file } => write!(f, "the key `{}`", file.escape_debug()),
        }
    }
}

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Manifest => f.write_str("the manifest"),
            Self::Attested { predicate } => write!(f, "{predicate}"),
        }
    }
}

impl Display for Signature {
    /// Who, when, what and where.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.by)?;
        match self.at {
            Some(at) => write!(f, " at {at}")?,
            None => f.write_str(", at a time that nobody vouches for")?,
        }
        write!(f, ": {}, {}", self.statement, self.found)
    }
}

impl Display for Other {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}; {}", self.signature, self.why)
    }
}

impl Display for Found {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Referrer { repository, manifest } => write!(f, "found as {repository}@{manifest}"),
            Self::Tagged { repository, tag } => write!(f, "found as {repository}:{tag}"),
            Self::HandedIn { bundle } => write!(f, "handed in as bundle {}", &bundle.as_str()[..12]),
        }
    }
}

impl Display for Demand {
    /// Who is wanted.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::GitHub { repository, workflow, refs } => {
                let refs: Vec<&str> = refs.iter().map(RefPattern::as_str).collect();
                write!(f, "the workflow `{workflow}` of {repository} on GitHub, run for {}", refs.join(" or "))
            }
            Self::Identity { identity, issuer } => write!(f, "`{identity}` by the word of {issuer}"),
            Self::Key { file, log: true } => write!(f, "the key `{}`, and logged", file.escape_debug()),
            Self::Key { file, log: false } => write!(f, "the key `{}`", file.escape_debug()),
        }
    }
}
