//! Instants in the ways that AWS writes them.
//!
//! Of these only that of headers is ever read.

use jiff::Timestamp;
use serde_json::Value;

/// Seconds since 1970 with a fraction, as awsJson writes instants.
pub(crate) fn epoch_seconds(instant: Timestamp) -> Value {
    let milliseconds = jiff::SignedDuration::from_millis(instant.as_millisecond());
    Value::from(milliseconds.as_secs_f64())
}

/// `2026-03-02T09:00:00Z`, as awsQuery writes instants.
pub(crate) fn iso_seconds(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `Mon, 02 Mar 2026 09:00:00 GMT`, as the `Date` header writes instants.
pub(crate) fn http_date(instant: Timestamp) -> String {
    instant.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// `2026-03-02T09:00:00.000Z`, as S3 writes instants, which it knows to the second.
pub(crate) fn iso_whole(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// Reads what the `Date` header writes; anything else is no instant.
pub(crate) fn read_http_date(text: &str) -> Option<Timestamp> {
    let written = jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S GMT", text).ok()?;
    written.to_datetime().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_in_three_writings() {
        let instant: Timestamp = "2026-03-02T09:00:00.25Z".parse().unwrap();
        assert_eq!(epoch_seconds(instant).to_string(), "1772442000.25");
        assert_eq!(iso_seconds(instant), "2026-03-02T09:00:00Z");
        assert_eq!(http_date(instant), "Mon, 02 Mar 2026 09:00:00 GMT");
        assert_eq!(iso_whole(instant), "2026-03-02T09:00:00.000Z");
    }

    #[test]
    fn the_date_of_a_header_is_read() {
        let read = read_http_date("Mon, 02 Mar 2026 09:00:00 GMT").unwrap();
        assert_eq!(http_date(read), "Mon, 02 Mar 2026 09:00:00 GMT");
        assert_eq!(read_http_date("yesterday"), None);
    }
}
