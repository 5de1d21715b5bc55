//! One page of a listing: keys and common prefixes, up to so many together.
//!
//! It does not know how a listing is written.

use std::ops::Bound;

use crate::{
    rest::{RestError, Target, Xml, encoded},
    s3::{errors::invalid_argument, names::Key},
};

/// What is asked of a listing.
#[derive(Debug, Clone, Default)]
pub(in crate::s3) struct Question {
    pub(in crate::s3) prefix: String,
    pub(in crate::s3) delimiter: Option<String>,
    /// Only what comes after this.
    pub(in crate::s3) after: Option<String>,
    pub(in crate::s3) most: usize,
    encodes: bool,
}

/// A page.
#[derive(Debug)]
pub(in crate::s3) struct Page<T> {
    pub(in crate::s3) items: Vec<(Key, T)>,
    pub(in crate::s3) prefixes: Vec<String>,
    /// The last entry, if there are more after it.
    pub(in crate::s3) next: Option<String>,
}

/// How a listing writes names.
#[derive(Debug, Clone, Copy)]
pub(in crate::s3) struct Shown {
    encodes: bool,
}

impl Question {
    /// Reads what all listings are asked; `page` is the most entries of one.
    pub(in crate::s3) fn read(target: &Target, page: usize, most: &str) -> Result<Self, RestError> {
        let asked = match target.filled(most) {
            None => page,
            Some(text) => text.parse::<u32>().ok().filter(|most| i32::try_from(*most).is_ok()).map_or_else(
                || Err(invalid_argument(most, text, "Provided max-keys not an integer or within integer range")),
                |most| Ok(usize::try_from(most).unwrap_or(page)),
            )?,
        };
        let encodes = match target.filled("encoding-type") {
            None => false,
            Some("url") => true,
            Some(other) => {
                return Err(invalid_argument("encoding-type", other, "Invalid Encoding Method specified in Request"));
            }
        };
        Ok(Self {
            prefix: target.parameter("prefix").unwrap_or_default().to_owned(),
            delimiter: target.filled("delimiter").map(str::to_owned),
            after: None,
            most: asked.min(page),
            encodes,
        })
    }

    pub(in crate::s3) fn shown(&self) -> Shown {
        Shown { encodes: self.encodes }
    }

    /// Where to begin among the keys.
    pub(in crate::s3) fn start(&self) -> (Bound<&str>, Bound<&str>) {
        let from = match self.after.as_deref() {
            Some(after) if after >= self.prefix.as_str() => Bound::Excluded(after),
            Some(_) | None => Bound::Included(self.prefix.as_str()),
        };
        (from, Bound::Unbounded)
    }

    /// The common prefix that `key` is part of, if it is.
    pub(in crate::s3) fn common(&self, key: &str) -> Option<String> {
        let delimiter = self.delimiter.as_deref()?;
        let rest = key.get(self.prefix.len()..)?;
        let end = rest.find(delimiter)? + delimiter.len();
        Some(key[..self.prefix.len() + end].to_owned())
    }

    /// Cuts a page out of keys in their order, which begin with the prefix or come after what does.
    pub(in crate::s3) fn page<'a, T>(&self, keys: impl Iterator<Item = (&'a Key, T)>) -> Page<T> {
        let mut page = Page { items: Vec::new(), prefixes: Vec::new(), next: None };
        // A page may end with a common prefix: what is in it was told already.
        let told = self.after.as_deref().and_then(|after| self.common(after).filter(|prefix| prefix == after));
        let mut last: Option<String> = None;
        for (key, item) in keys.take_while(|(key, _)| key.as_str().starts_with(&self.prefix)) {
            let common = self.common(key.as_str());
            if common.is_some() && (common == told || common.as_ref() == page.prefixes.last()) {
                continue;
            }
            if page.items.len() + page.prefixes.len() == self.most {
                page.next = last.filter(|_| self.most > 0);
                return page;
            }
            last = Some(common.clone().unwrap_or_else(|| key.as_str().to_owned()));
            match common {
                Some(prefix) => page.prefixes.push(prefix),
                None => page.items.push((key.clone(), item)),
            }
        }
        page
    }
}

impl Shown {
    /// A name as the listing writes it.
    pub(in crate::s3) fn name(self, name: &str) -> String {
        if self.encodes { encoded(name) } else { name.to_owned() }
    }

    /// What every listing repeats of its question.
    pub(in crate::s3) fn heading(self, xml: Xml, question: &Question) -> Xml {
        let xml = xml.text("Prefix", self.name(&question.prefix));
        let xml = xml.maybe("Delimiter", question.delimiter.as_deref().map(|delimiter| self.name(delimiter)));
        xml.maybe("EncodingType", self.encodes.then_some("url"))
    }

    /// The common prefixes.
    pub(in crate::s3) fn prefixes(self, xml: Xml, prefixes: &[String]) -> Xml {
        xml.each(prefixes, |xml, prefix| xml.element("CommonPrefixes", |xml| xml.text("Prefix", self.name(prefix))))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// All pages of `most` entries, each with its keys and its prefixes.
    fn pages(keys: &[&str], prefix: &str, delimiter: Option<&str>, most: usize) -> Vec<(Vec<String>, Vec<String>)> {
        let keys: BTreeMap<Key, usize> = keys.iter().map(|key| (Key::read(key).unwrap(), key.len())).collect();
        let mut question = Question {
            prefix: prefix.to_owned(),
            delimiter: delimiter.map(str::to_owned),
            most,
            ..Question::default()
        };
        let mut pages = Vec::new();
        loop {
            let page = question.page(keys.range::<str, _>(question.start()));
            let shown = page.items.iter().map(|(key, _)| key.to_string()).collect();
            pages.push((shown, page.prefixes));
            assert!(pages.len() < 20, "it does not end");
            let Some(next) = page.next else { return pages };
            question.after = Some(next);
        }
    }

    fn check(prefix: &str, delimiter: Option<&str>, most: usize, expected: &[(&[&str], &[&str])]) {
        let keys = ["a", "a/1", "a/2", "a0", "b/x/1", "b/y/1", "b/y/2", "c", "é", "😀", "\u{ffff}"];
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let expected: Vec<_> = expected.iter().map(|(keys, prefixes)| (owned(keys), owned(prefixes))).collect();
        assert_eq!(pages(&keys, prefix, delimiter, most), expected, "{prefix} {delimiter:?} {most}");
    }

    #[test]
    fn keys_come_in_the_order_of_their_bytes() {
        check(
            "",
            None,
            100,
            &[(&["a", "a/1", "a/2", "a0", "b/x/1", "b/y/1", "b/y/2", "c", "é", "\u{ffff}", "😀"], &[])],
        );
        check("a/", None, 100, &[(&["a/1", "a/2"], &[])]);
        check("z", None, 100, &[(&[], &[])]);
    }

    #[test]
    fn a_delimiter_folds_keys_and_each_fold_is_told_once() {
        check("", Some("/"), 100, &[(&["a", "a0", "c", "é", "\u{ffff}", "😀"], &["a/", "b/"])]);
        check("b/", Some("/"), 100, &[(&[], &["b/x/", "b/y/"])]);
        check("b/", Some("/"), 1, &[(&[], &["b/x/"]), (&[], &["b/y/"])]);
        check("a", Some("/"), 2, &[(&["a"], &["a/"]), (&["a0"], &[])]);
        check("b/y/", Some("/"), 1, &[(&["b/y/1"], &[]), (&["b/y/2"], &[])]);
    }

    #[test]
    fn a_page_of_nothing_is_the_last_one() {
        check("", None, 0, &[(&[], &[])]);
    }
}
