//! The verdict on one image: signed by whom it should be, by somebody else, not at all, or nobody can tell.
//!
//! Of several signatures one that is right is enough: anybody may add one to an image, so that others prove nothing.

use serde::{Deserialize, Serialize};

use super::{Evidence, Rules, Signature, matching};

/// How many of the others are named.
const NAMED: usize = 10;

/// What the evidence amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an image whose verdict is dropped is brought unseen"]
pub enum Verdict {
    /// Signed by whom it should be.
    Signed {
        /// The signature.
        signature: Box<Signature>,
    },
    /// Signed by others only, or only for something else.
    ByOther {
        /// These.
        others: Vec<Other>,
    },
    /// There is something that may be a signature, and nothing of it could be verified.
    Unverified {
        /// Why.
        why: Vec<String>,
    },
    /// Some place could not be asked, and none of the others has what is wanted.
    Unknown {
        /// Why.
        why: Vec<String>,
    },
    /// Not signed at all.
    Unsigned {
        /// Where that was looked for.
        looked: Vec<String>,
    },
}

/// A verified signature that is not what is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Other {
    /// The signature.
    pub signature: Signature,
    /// What is different.
    pub why: String,
}

/// Judges what is known of one image's signatures. It depends on nothing else.
///
/// A place that could not be asked comes before what is wrong elsewhere: the right signature may be there.
pub fn judge(evidence: &[Evidence], rules: &Rules) -> Verdict {
    let (mut others, mut unverified, mut unknown, mut looked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in evidence {
        match one {
            Evidence::Verified { signature } => match matching::differs(signature, rules) {
                None => return Verdict::Signed { signature: signature.clone() },
                Some(why) => others.push(Other { signature: (**signature).clone(), why }),
            },
            Evidence::Unverified { found, why } => unverified.push(format!("{found}: {why}")),
            Evidence::Unknown { why } => unknown.push(why.clone()),
            Evidence::Nothing { place } => looked.push(place.clone()),
        }
    }
    if !unknown.is_empty() {
        return Verdict::Unknown { why: unknown };
    }
    others.truncate(NAMED);
    unverified.truncate(NAMED);
    match (others.is_empty(), unverified.is_empty()) {
        (false, _) => Verdict::ByOther { others },
        (true, false) => Verdict::Unverified { why: unverified },
        (true, true) if looked.is_empty() => {
            Verdict::Unknown { why: vec!["nobody looked whether it was signed".to_owned()] }
        }
        (true, true) => Verdict::Unsigned { looked },
    }
}
