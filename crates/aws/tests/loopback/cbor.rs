//! Answers in CBOR, which `CloudWatch` speaks: just what these tests send.

use serde_json::{Number, Value};

/// The value in CBOR. A number with a fraction is a time in seconds, since nothing else here has one.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, value);
    bytes
}

fn write(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => bytes.push(0xf6),
        Value::Bool(value) => bytes.push(if *value { 0xf5 } else { 0xf4 }),
        Value::Number(number) => write_number(bytes, number),
        Value::String(text) => write_text(bytes, text),
        Value::Array(values) => {
            head(bytes, 4, values.len() as u64);
            for value in values {
                write(bytes, value);
            }
        }
        Value::Object(members) => {
            head(bytes, 5, members.len() as u64);
            for (name, value) in members {
                write_text(bytes, name);
                write(bytes, value);
            }
        }
    }
}

fn write_number(bytes: &mut Vec<u8>, number: &Number) {
    if let Some(count) = number.as_u64() {
        return head(bytes, 0, count);
    }
    bytes.extend([0xc1, 0xfb]);
    bytes.extend(number.as_f64().unwrap().to_be_bytes());
}

fn write_text(bytes: &mut Vec<u8>, text: &str) {
    head(bytes, 3, text.len() as u64);
    bytes.extend(text.as_bytes());
}

/// The kind of what follows, and its length or value.
fn head(bytes: &mut Vec<u8>, kind: u8, length: u64) {
    let kind = kind << 5;
    match u8::try_from(length) {
        Ok(short) if short < 24 => bytes.push(kind | short),
        Ok(short) => bytes.extend([kind | 0x18, short]),
        Err(_) => {
            bytes.push(kind | 0x1b);
            bytes.extend(length.to_be_bytes());
        }
    }
}
