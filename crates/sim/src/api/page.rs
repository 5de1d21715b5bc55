//! Paging through a list with an opaque token.
//!
//! The token is the position in the list, so that a list which changes between two pages may repeat or miss an entry, as AWS's may.

use crate::fault::AwsError;

/// One page of a list.
pub(crate) struct Page<T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    /// Where the next one begins, if there is one.
    pub(crate) next: Option<String>,
}

impl<T> Page<T> {
    /// The page of `items` that begins at `token` and holds at most `size`.
    pub(crate) fn cut(items: Vec<T>, token: Option<&str>, size: usize) -> Result<Self, AwsError> {
        let start = token.map_or(Ok(0), position)?;
        let more = items.len() > start.saturating_add(size);
        Ok(Self {
            items: items.into_iter().skip(start).take(size).collect(),
            next: more.then(|| format!("page-{}", start + size)),
        })
    }
}

/// The size of a page: `asked` if it is between 1 and `most`, or `usual`.
pub(crate) fn size(asked: Option<i64>, usual: usize, most: usize) -> Result<usize, AwsError> {
    let Some(asked) = asked else { return Ok(usual) };
    usize::try_from(asked).ok().filter(|asked| (1..=most).contains(asked)).ok_or_else(|| {
        AwsError::client(
            "InvalidParameterException",
            format!("Invalid parameter at 'maxResults' failed to satisfy constraint: 'must be between 1 and {most}'"),
        )
    })
}

fn position(token: &str) -> Result<usize, AwsError> {
    let position = token.strip_prefix("page-").and_then(|number| number.parse().ok());
    position.ok_or_else(|| AwsError::client("InvalidParameterException", "Invalid parameter at 'nextToken'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_until_the_list_ends() {
        let first = Page::cut(vec![1, 2, 3], None, 2).unwrap();
        assert_eq!(first.items, [1, 2]);
        let second = Page::cut(vec![1, 2, 3], first.next.as_deref(), 2).unwrap();
        assert_eq!((second.items, second.next), (vec![3], None));
    }

    #[test]
    fn a_foreign_token_is_refused() {
        assert!(Page::cut(vec![1], Some("elsewhere"), 1).is_err());
        assert!(Page::cut(vec![1], Some("page-18446744073709551615"), 1).is_ok());
    }

    #[test]
    fn a_size_out_of_bounds_is_refused() {
        assert_eq!(size(None, 100, 1000).unwrap(), 100);
        assert!(size(Some(0), 100, 1000).is_err());
        assert!(size(Some(1001), 100, 1000).is_err());
    }
}
