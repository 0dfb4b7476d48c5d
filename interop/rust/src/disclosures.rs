//! Processes disclosures: SPEC.md §6 step 8, RFC 9901 §7.1.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::strict::{Refusable, check, decode, decode_sized, encode, parse, sha256};

/// The disclosures of one mandate that no digest has referred to yet, and every digest seen so far.
struct Disclosures {
    waiting: HashMap<String, Vec<Value>>,
    seen: HashSet<String>,
}

/// Returns the processed payload.
pub fn process(mut payload: Map<String, Value>, encoded: &[&str]) -> Refusable<Value> {
    let mut found = Disclosures { waiting: HashMap::new(), seen: HashSet::new() };
    let mut salts = HashSet::new();
    for text in encoded {
        let parts = decode_disclosure(text)?;
        salts.insert(parts[0].to_string());
        found.waiting.insert(encode(sha256(text)), parts);
    }
    check(payload.remove("_sd_alg").is_none_or(|name| name == "sha-256"), "SD_ALG_UNSUPPORTED")?;
    check(salts.len() == encoded.len(), "DISCLOSURE_REPEATED")?;
    let processed = found.object(payload, 1)?;
    check(found.waiting.is_empty(), "DISCLOSURE_UNREFERENCED")?;
    Ok(processed)
}

fn decode_disclosure(text: &str) -> Refusable<Vec<Value>> {
    let code = "DISCLOSURE_MALFORMED";
    let Value::Array(parts) = parse(&decode(text, code)?, code)? else { return Err(code) };
    check(parts.len() == 2 || parts.len() == 3, code)?;
    check(parts[..parts.len() - 1].iter().all(Value::is_string), code)?;
    Ok(parts)
}

impl Disclosures {
    /// The disclosure that a digest refers to; none for a decoy or a withheld disclosure.
    fn take(&mut self, digest: &Value, parts: usize) -> Refusable<Option<Vec<Value>>> {
        decode_sized::<32>(Some(digest), "DIGEST_MALFORMED")?;
        let digest = digest.as_str().unwrap_or_default();
        check(self.seen.insert(digest.into()), "DIGEST_REPEATED")?;
        let found = self.waiting.remove(digest);
        check(found.as_ref().is_none_or(|found| found.len() == parts), "DISCLOSURE_MISPLACED")?;
        Ok(found)
    }

    fn walk(&mut self, value: Value, depth: usize) -> Refusable<Value> {
        match value {
            Value::Array(array) => self.array(array, depth),
            Value::Object(object) => self.object(object, depth),
            scalar => Ok(scalar),
        }
    }

    fn object(&mut self, mut object: Map<String, Value>, depth: usize) -> Refusable<Value> {
        check(depth <= 32, "TOO_LARGE")?;
        let digests = object.remove("_sd").unwrap_or_else(|| Vec::<Value>::new().into());
        let mut result = Map::new();
        for (name, value) in object {
            check(name != "...", "DIGEST_MALFORMED")?;
            check(name != "_sd_alg", "SD_ALG_UNSUPPORTED")?;
            result.insert(name, self.walk(value, depth + 1)?);
        }
        for digest in digests.as_array().ok_or("DIGEST_MALFORMED")? {
            let Some(mut parts) = self.take(digest, 3)? else { continue };
            let name = parts[1].as_str().unwrap_or_default().to_owned();
            let reserved = ["_sd", "...", "_sd_alg"].contains(&name.as_str());
            check(!reserved && !result.contains_key(&name), "DISCLOSURE_NAME")?;
            result.insert(name, self.walk(parts.remove(2), depth + 1)?);
        }
        Ok(result.into())
    }

    fn array(&mut self, array: Vec<Value>, depth: usize) -> Refusable<Value> {
        check(depth <= 32, "TOO_LARGE")?;
        let mut result = Vec::new();
        for mut element in array {
            if let Some(digest) = element.as_object().and_then(|object| object.get("...")) {
                check(element.as_object().is_some_and(|object| object.len() == 1), "DIGEST_MALFORMED")?;
                let Some(mut parts) = self.take(digest, 2)? else { continue };
                element = parts.remove(1);
            }
            result.push(self.walk(element, depth + 1)?);
        }
        Ok(result.into())
    }
}
