//! CPU and memory as task definitions write them: `256`, `1 vCPU`, `.25 vcpu`, `2048`, `.5 GB`.
//!
//! It does not know which pairs Fargate has: AWS says so itself.

use serde_json::Value;

/// CPU units: 1024 are one vCPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CpuUnits(u64);

impl CpuUnits {
    /// How many.
    pub fn get(self) -> u64 {
        self.0
    }

    /// Reads the form that a task definition has at its top level.
    pub(super) fn read(value: &Value) -> Option<Self> {
        read(value, "vcpu").map(Self)
    }
}

/// Memory in mebibytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mebibytes(u64);

impl Mebibytes {
    /// How many.
    pub fn get(self) -> u64 {
        self.0
    }

    /// Reads the form that a task definition has at its top level.
    pub(super) fn read(value: &Value) -> Option<Self> {
        read(value, "gb").map(Self)
    }
}

/// The number of units; a number with the larger unit stands for 1024 times as many.
fn read(value: &Value, larger_unit: &str) -> Option<u64> {
    let text = match value {
        Value::Number(number) => return number.as_u64(),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    match text.strip_suffix(larger_unit) {
        Some(number) => times_1024(number.trim_end()),
        None => integer(&text),
    }
}

/// A decimal number times 1024, where that is an integer.
fn times_1024(number: &str) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.len() > 12 {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { integer(whole)? };
    let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
    let parts = if fraction.is_empty() { 0 } else { integer(fraction)?.checked_mul(1024)? };
    let exact = parts.is_multiple_of(scale);
    exact.then(|| whole.checked_mul(1024)?.checked_add(parts / scale)).flatten()
}

fn integer(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: &Value, cpu: Option<u64>, memory: Option<u64>) {
        assert_eq!(CpuUnits::read(value).map(CpuUnits::get), cpu, "{value}");
        assert_eq!(Mebibytes::read(value).map(Mebibytes::get), memory, "{value}");
    }

    #[test]
    fn every_form_that_aws_takes_is_read() {
        check(&json!("256"), Some(256), Some(256));
        check(&json!(512), Some(512), Some(512));
        check(&json!("1 vCPU"), Some(1024), None);
        check(&json!(".25 vcpu"), Some(256), None);
        check(&json!("0.5vCPU"), Some(512), None);
        check(&json!("2 GB"), None, Some(2048));
        check(&json!(".5 gb"), None, Some(512));
        check(&json!("1.0 GB"), None, Some(1024));
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for value in [
            json!(""),
            json!("."),
            json!(". vcpu"),
            json!("vcpu"),
            json!("-1"),
            json!("+1"),
            json!("1e3"),
            json!(1.5),
            json!(".3 vcpu"),
            json!("1.0000000000000 vcpu"),
            json!("99999999999999999999 vcpu"),
            json!(null),
            json!([1]),
            json!("18446744073709551615 gb"),
        ] {
            check(&value, None, None);
        }
    }
}
