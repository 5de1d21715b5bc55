//! Who calls: the account that an access key belongs to, and its ARN.
//!
//! Secrets and signatures are not looked at.

/// The length of an account number.
const ACCOUNT: usize = 12;

/// Who makes a call, where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) arn: String,
    /// The id that `GetCallerIdentity` answers.
    pub(crate) user_id: String,
}

/// The account that stands at the end of an access key id, as in `AKIASIM0111111111111`.
pub(super) fn account_of(access_key: &str) -> Option<&str> {
    let digits = access_key.bytes().rev().take_while(u8::is_ascii_digit).count();
    (digits >= ACCOUNT).then(|| &access_key[access_key.len() - ACCOUNT..])
}

/// Whether `text` is an account number.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == ACCOUNT && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn an_account_is_always_twelve_digits(key in ".*[0-9]*") {
            proptest::prop_assert!(account_of(&key).is_none_or(is_account));
        }
    }

    #[test]
    fn the_account_is_the_last_twelve_digits_at_the_end() {
        assert_eq!(account_of("AKIASIM0111111111111"), Some("111111111111"));
        assert_eq!(account_of("ASIASIMAAAB333333333333"), Some("333333333333"));
        assert_eq!(account_of("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(account_of("testé"), None);
        assert_eq!(account_of(""), None);
    }
}
