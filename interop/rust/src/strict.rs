//! Strict base64url and JSON (SPEC.md §2). A rejection is an error with the code of SPEC.md §6.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub type Refusable<T> = Result<T, &'static str>;

pub fn check(condition: bool, code: &'static str) -> Refusable<()> {
    if condition { Ok(()) } else { Err(code) }
}

pub fn sha256(data: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(data).into()
}

pub fn encode(raw: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(raw)
}

/// This engine rejects padding, other alphabets and unused bits (§2.2).
pub fn decode(text: &str, code: &'static str) -> Refusable<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| code)
}

pub fn decode_sized<const N: usize>(text: Option<&Value>, code: &'static str) -> Refusable<[u8; N]> {
    let text = text.and_then(Value::as_str).ok_or(code)?;
    check(text.len() == (N * 4).div_ceil(3), code)?;
    decode(text, code)?.try_into().map_err(|_| code)
}

/// §2.3. serde_json rejects lone surrogates and infinite numbers; `Strict` adds duplicate members.
pub fn parse(raw: &[u8], code: &'static str) -> Refusable<Value> {
    let text = std::str::from_utf8(raw).map_err(|_| code)?;
    check(depth(text) <= 32, "TOO_LARGE")?;
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|_| code)
}

pub fn parse_object(raw: &[u8], code: &'static str) -> Refusable<Map<String, Value>> {
    match parse(raw, code)? {
        Value::Object(object) => Ok(object),
        _ => Err(code),
    }
}

fn depth(text: &str) -> usize {
    let (mut level, mut deepest, mut quoted) = (0_usize, 0, false);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => _ = bytes.next(),
            b'{' | b'[' if !quoted => {
                level += 1;
                deepest = deepest.max(level);
            }
            b'}' | b']' if !quoted => level = level.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON without duplicate members")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(element)) = elements.next_element()? {
            array.push(element);
        }
        Ok(array.into())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(Error::custom("duplicate member"));
            }
        }
        Ok(object.into())
    }
}
