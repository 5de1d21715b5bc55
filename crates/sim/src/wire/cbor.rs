//! CBOR (RFC 8949) as smithy's RPC v2 protocol uses it: JSON-like values, with instants under tag 1.
//!
//! Written by hand: what is needed is smaller than the adapter between another crate's values and JSON's would be.
//! Byte strings are read as base64 texts; other tags than 1 are read as what they hold.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Number, Value};

/// The deepest nesting that is read.
const DEEPEST: usize = 32;
/// The byte that ends what has no length.
const BREAK: u8 = 0xff;

/// Writes `value`; numbers in members whose name ends in `Timestamp` are instants.
pub(super) fn encode(value: &Value) -> Vec<u8> {
    let mut written = Vec::new();
    write(value, &mut written);
    written
}

fn write(value: &Value, to: &mut Vec<u8>) {
    match value {
        Value::Null => to.push(0xf6),
        Value::Bool(false) => to.push(0xf4),
        Value::Bool(true) => to.push(0xf5),
        Value::Number(number) => write_number(number, to),
        Value::String(text) => write_text(text, to),
        Value::Array(items) => {
            write_head(4, items.len() as u64, to);
            for item in items {
                write(item, to);
            }
        }
        Value::Object(members) => {
            write_head(5, members.len() as u64, to);
            for (name, value) in members {
                write_text(name, to);
                match value {
                    Value::Number(number) if name.ends_with("Timestamp") => {
                        write_head(6, 1, to);
                        write_float(number.as_f64().unwrap_or_default(), to);
                    }
                    value => write(value, to),
                }
            }
        }
    }
}

fn write_number(number: &Number, to: &mut Vec<u8>) {
    match (number.as_u64(), number.as_i64()) {
        (Some(positive), _) => write_head(0, positive, to),
        // -1 is written as 0, -2 as 1: the complement, without its sign.
        (None, Some(negative)) => write_head(1, negative.unsigned_abs() - 1, to),
        (None, None) => write_float(number.as_f64().unwrap_or_default(), to),
    }
}

fn write_float(number: f64, to: &mut Vec<u8>) {
    to.push(0xfb);
    to.extend(number.to_be_bytes());
}

fn write_text(text: &str, to: &mut Vec<u8>) {
    write_head(3, text.len() as u64, to);
    to.extend(text.as_bytes());
}

/// The kind of what follows and its argument, as short as it can be.
fn write_head(kind: u8, argument: u64, to: &mut Vec<u8>) {
    let kind = kind << 5;
    let bytes = argument.to_be_bytes();
    match argument {
        0..=23 => to.push(kind | bytes[7]),
        24..=0xff => to.extend([kind | 0x18, bytes[7]]),
        0x100..=0xffff => {
            to.push(kind | 0x19);
            to.extend(&bytes[6..]);
        }
        0x1_0000..=0xffff_ffff => {
            to.push(kind | 0x1a);
            to.extend(&bytes[4..]);
        }
        _ => {
            to.push(kind | 0x1b);
            to.extend(bytes);
        }
    }
}

/// Reads one value that fills `bytes`, or says why it cannot be read.
pub(super) fn decode(bytes: &[u8]) -> Result<Value, &'static str> {
    let mut reader = Reader { bytes };
    let value = reader.value(0)?;
    if reader.bytes.is_empty() { Ok(value) } else { Err("there is more after the value") }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

/// The head of a value: its kind, and its argument unless it has no length.
struct Head {
    kind: u8,
    small: u8,
    argument: Option<u64>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or("it breaks off")?;
        self.bytes = rest;
        Ok(taken)
    }

    fn head(&mut self) -> Result<Head, &'static str> {
        let first = self.take(1)?[0];
        let small = first & 0x1f;
        let argument = match small {
            0..=23 => Some(u64::from(small)),
            24..=27 => {
                let bytes = self.take(1 << (small - 24))?;
                Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
            }
            31 => None,
            _ => return Err("it has a head that does not exist"),
        };
        Ok(Head { kind: first >> 5, small, argument })
    }

    fn value(&mut self, depth: usize) -> Result<Value, &'static str> {
        if depth > DEEPEST {
            return Err("it is nested too deeply");
        }
        let head = self.head()?;
        match (head.kind, head.argument) {
            (0, Some(number)) => Ok(number.into()),
            (1, Some(number)) => Ok(negative(number)),
            (2, length) => Ok(BASE64_STANDARD.encode(self.string(2, length)?).into()),
            (3, length) => match String::from_utf8(self.string(3, length)?) {
                Ok(text) => Ok(text.into()),
                Err(_) => Err("a text is not UTF-8"),
            },
            (4, length) => self.list(length, depth),
            (5, length) => self.map(length, depth),
            (6, Some(_)) => self.value(depth + 1),
            (7, Some(argument)) => simple(head.small, argument),
            _ => Err("a value without a length has to have one"),
        }
    }

    /// A string of bytes or of text, in one piece or in several.
    fn string(&mut self, kind: u8, length: Option<u64>) -> Result<Vec<u8>, &'static str> {
        if let Some(length) = length {
            return Ok(self.take(size(length)?)?.to_vec());
        }
        let mut whole = Vec::new();
        while !self.ends()? {
            let head = self.head()?;
            let piece = head.argument.filter(|_| head.kind == kind).ok_or("a piece of a string is no string")?;
            whole.extend(self.take(size(piece)?)?);
        }
        Ok(whole)
    }

    fn list(&mut self, length: Option<u64>, depth: usize) -> Result<Value, &'static str> {
        let mut items = Vec::new();
        let mut read = 0;
        while self.goes_on(length, &mut read)? {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, length: Option<u64>, depth: usize) -> Result<Value, &'static str> {
        let mut members = Map::new();
        let mut read = 0;
        while self.goes_on(length, &mut read)? {
            let Value::String(name) = self.value(depth + 1)? else {
                return Err("a member's name is no text");
            };
            members.insert(name, self.value(depth + 1)?);
        }
        Ok(Value::Object(members))
    }

    /// Whether another element follows, of `length` or until the break.
    fn goes_on(&mut self, length: Option<u64>, read: &mut u64) -> Result<bool, &'static str> {
        match length {
            Some(length) => {
                *read += 1;
                Ok(*read <= length)
            }
            None => self.ends().map(|ends| !ends),
        }
    }

    fn ends(&mut self) -> Result<bool, &'static str> {
        let ends = *self.bytes.first().ok_or("it breaks off")? == BREAK;
        if ends {
            self.take(1)?;
        }
        Ok(ends)
    }
}

fn size(length: u64) -> Result<usize, &'static str> {
    usize::try_from(length).map_err(|_| "it breaks off")
}

/// The number that is written as `number`; one that is too large for 64 bits is a float.
fn negative(number: u64) -> Value {
    match i64::try_from(number) {
        Ok(number) => (-1 - number).into(),
        #[expect(clippy::cast_precision_loss, reason = "it has no other form")]
        Err(_) => float(-1.0 - number as f64),
    }
}

fn simple(small: u8, argument: u64) -> Result<Value, &'static str> {
    match small {
        20 => Ok(false.into()),
        21 => Ok(true.into()),
        22 | 23 => Ok(Value::Null),
        25 => Ok(float(half(argument))),
        26 => u32::try_from(argument).map(|bits| float(f32::from_bits(bits).into())).map_err(|_| "a float is too long"),
        27 => Ok(float(f64::from_bits(argument))),
        _ => Err("it has a simple value that does not exist"),
    }
}

/// JSON has no infinities and no NaN: they are nothing.
fn float(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// A number of 16 bits: a sign, five bits of exponent, ten of fraction.
fn half(bits: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "ten bits lose nothing")]
    let fraction = (bits & 0x3ff) as f64 / 1024.0;
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let magnitude = match (bits >> 10) & 0x1f {
        0 => fraction * 2.0_f64.powi(-14),
        31 => f64::NAN,
        exponent => (1.0 + fraction) * 2.0_f64.powi(i32::try_from(exponent).unwrap_or_default() - 15),
    };
    sign * magnitude
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The examples of RFC 8949, appendix A.
    #[test]
    fn known_bytes_are_known_values() {
        let check = |bytes: &[u8], expected: Value| assert_eq!(decode(bytes), Ok(expected), "{bytes:02x?}");
        check(&[0x18, 0x64], json!(100));
        check(&[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0], json!(1_000_000_000_000_u64));
        check(&[0x38, 0x63], json!(-100));
        check(&[0xf9, 0x3c, 0x00], json!(1.0));
        check(&[0xf9, 0x00, 0x01], json!(5.960_464_477_539_063e-8));
        check(&[0xfa, 0x47, 0xc3, 0x50, 0x00], json!(100_000.0));
        check(&[0xfb, 0xc0, 0x10, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66], json!(-4.1));
        check(&[0xc1, 0x1a, 0x51, 0x4b, 0x67, 0xb0], json!(1_363_896_240));
        check(&[0x44, 1, 2, 3, 4], json!("AQIDBA=="));
        check(&[0x7f, 0x65, 0x73, 0x74, 0x72, 0x65, 0x61, 0x64, 0x6d, 0x69, 0x6e, 0x67, 0xff], json!("streaming"));
        check(&[0xbf, 0x61, 0x61, 0x01, 0x61, 0x62, 0x9f, 0x02, 0x03, 0xff, 0xff], json!({"a": 1, "b": [2, 3]}));
        check(&[0xf9, 0x7e, 0x00], Value::Null);
    }

    #[test]
    fn an_instant_is_tagged() {
        let written = encode(&json!({"StateUpdatedTimestamp": 1.5}));
        assert_eq!(written[23..], [0xc1, 0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn what_is_no_cbor_is_refused() {
        let deep = [0x81; 100];
        for bytes in [
            &[][..],
            &[0x61],
            &[0xa1, 0x01, 0x02],
            &[0x1c],
            &[0xff],
            &[0x01, 0x01],
            &[0x62, 0xff, 0xff],
            &deep,
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(decode(bytes).is_err(), "{bytes:02x?}");
        }
    }

    fn values() -> impl proptest::strategy::Strategy<Value = Value> {
        use proptest::prelude::*;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e300..1e300).prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                proptest::collection::vec((".{0,5}", inner), 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(value in values()) {
            proptest::prop_assert_eq!(decode(&encode(&value)), Ok(value));
        }

        #[test]
        fn no_bytes_are_too_strange(bytes: Vec<u8>) {
            let _read = decode(&bytes);
        }
    }
}
