//! Verifies AP2-PQ mandates: SPEC.md §4, §6 to §8, without claims, which are the caller's.

use std::collections::HashSet;

use ml_dsa::{MlDsa65, VerifyingKey as MlDsaKey};
use p256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier};
use serde_json::{Map, Value, json};

use crate::disclosures::process;
use crate::strict::{Refusable, check, decode, decode_sized, encode, parse_object, sha256};

type Object = Map<String, Value>;

pub fn canonical(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).expect("JSON has a canonical form")
}

/// SPEC.md §8.
fn check_jwk(jwk: &Value, kty: &str, alg: &str, secret: &str) -> Refusable<()> {
    let algorithm = jwk["alg"] == alg || kty == "EC" && jwk["alg"].is_null();
    check(jwk["kty"] == kty && algorithm && jwk.get(secret).is_none(), "KEY_INVALID")?;
    check(jwk["use"].is_null() || jwk["use"] == "sig", "KEY_INVALID")?;
    check(jwk["kid"].is_null() || jwk["kid"].is_string(), "KEY_INVALID")?;
    let operations = jwk["key_ops"].as_array();
    let allowed = operations.is_some_and(|operations| operations.contains(&"verify".into()));
    check(jwk["key_ops"].is_null() || allowed, "KEY_INVALID")
}

pub fn es256_key(jwk: &Value) -> Refusable<VerifyingKey> {
    check_jwk(jwk, "EC", "ES256", "d")?;
    check(jwk["crv"] == "P-256", "KEY_INVALID")?;
    let x: [u8; 32] = decode_sized(jwk.get("x"), "KEY_INVALID")?;
    let y: [u8; 32] = decode_sized(jwk.get("y"), "KEY_INVALID")?;
    VerifyingKey::from_sec1_bytes(&[&[4], &x[..], &y[..]].concat()).map_err(|_| "KEY_INVALID")
}

pub fn mldsa65_key(jwk: &Value) -> Refusable<MlDsaKey<MlDsa65>> {
    check_jwk(jwk, "AKP", "ML-DSA-65", "priv")?;
    Ok(MlDsaKey::decode(&decode_sized::<1952>(jwk.get("pub"), "KEY_INVALID")?.into()))
}

pub fn es256_holds(key: &VerifyingKey, signature: &[u8], hash: &[u8]) -> bool {
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_prehash(hash, &signature).is_ok())
}

pub fn mldsa65_holds(key: &MlDsaKey<MlDsa65>, signature: &[u8], message: &[u8]) -> bool {
    let signature = ml_dsa::Signature::<MlDsa65>::try_from(signature);
    signature.is_ok_and(|signature| key.verify_with_context(message, b"", &signature))
}

/// SPEC.md §4, in the order of §6 step 2. Returns the bytes of `pq_sig`, if present.
fn check_header(header: &Object, raw: &[u8], payload: &Object) -> Refusable<Vec<u8>> {
    check(header.get("alg").is_some_and(|alg| alg == "ES256"), "HEADER_INVALID")?;
    check(!header.contains_key("crit"), "HEADER_INVALID")?;
    check(header.get("b64").is_none_or(|b64| b64 == true), "HEADER_INVALID")?;
    for name in ["kid", "typ", "cty", "_sd_alg"] {
        check(header.get(name).is_none_or(Value::is_string), "HEADER_INVALID")?;
    }
    if let Some(x5c) = header.get("x5c") {
        let certificates = x5c.as_array().filter(|array| !array.is_empty()).ok_or("HEADER_INVALID")?;
        check(certificates.iter().all(Value::is_string), "HEADER_INVALID")?;
    }
    let mut pq_sig = Vec::new();
    if header.contains_key("pq_alg") || header.contains_key("pq_sig") {
        let pq_alg = header.get("pq_alg").ok_or("PQ_ALG_MISSING")?;
        let encoded = header.get("pq_sig").ok_or("PQ_SIG_MISSING")?;
        check(canonical(header) == raw, "HEADER_NOT_CANONICAL")?;
        pq_sig = match pq_alg.as_str() {
            Some("ML-DSA-65") => decode_sized::<3309>(Some(encoded), "PQ_SIG_MALFORMED")?.into(),
            Some("ES256+ML-DSA-65") => decode_sized::<3373>(Some(encoded), "PQ_SIG_MALFORMED")?.into(),
            _ => return Err("PQ_ALG_UNKNOWN"),
        };
    }
    let copy = header.get("_sd_alg");
    check(copy.is_none() || copy == payload.get("_sd_alg"), "HEADER_INVALID")?;
    Ok(pq_sig)
}

pub fn verify(mandate: &str, keys: &Value, policy: &str) -> Refusable<Value> {
    check(mandate.len() <= 262_144, "TOO_LARGE")?;
    let (jwt, rest) = mandate.split_once('~').ok_or("MALFORMED")?;
    let mut encoded: Vec<&str> = rest.split('~').collect();
    let key_binding = encoded.pop().unwrap_or_default();
    if !key_binding.is_empty() {
        let parts = key_binding.split('.').map(|part| decode(part, "MALFORMED"));
        check(parts.collect::<Refusable<Vec<_>>>()?.len() == 3, "MALFORMED")?;
    }
    check(encoded.len() <= 1024, "TOO_LARGE")?;
    check(!encoded.contains(&""), "MALFORMED")?;
    let [head, body, signature] = jwt.split('.').collect::<Vec<_>>().try_into().map_err(|_| "MALFORMED")?;
    check(head.len() <= 32_768, "TOO_LARGE")?;
    let raw = decode(head, "MALFORMED")?;
    let mut header = parse_object(&raw, "MALFORMED")?;
    let payload = parse_object(&decode(body, "MALFORMED")?, "MALFORMED")?;
    let is_es256 = header.get("alg").is_some_and(|alg| alg == "ES256");
    check(signature.len() == 86 || is_es256, "HEADER_INVALID")?; // R6.66
    let signature: [u8; 64] = decode_sized(Some(&signature.into()), "MALFORMED")?;
    let pq_sig = check_header(&header, &raw, &payload)?;
    check(!pq_sig.is_empty() || policy == "pq-optional", "PQ_REQUIRED")?;

    let (e, m) = pq_sig.split_at(pq_sig.len().saturating_sub(3309));
    let (es256, mldsa65) = (&keys["es256"], &keys["mldsa65"]);
    let kids = [header.get("kid"), es256.get("kid"), mldsa65.get("kid")];
    let kids: HashSet<_> = kids.iter().flatten().map(|kid| kid.to_string()).collect();
    check(kids.len() < 2, "KEY_UNRESOLVED")?;
    check(!es256.is_null() || policy == "pq-only" && e.is_empty(), "KEY_UNRESOLVED")?;
    check(!mldsa65.is_null() || m.is_empty(), "KEY_UNRESOLVED")?;
    let es256 = if es256.is_null() { None } else { Some(es256_key(es256)?) };
    let mldsa65 = if mldsa65.is_null() { None } else { Some(mldsa65_key(mldsa65)?) };

    let es256_valid = |signature: &[u8], hash: &[u8]| es256.is_some_and(|key| es256_holds(&key, signature, hash));
    let outer = es256_valid(&signature, &sha256(format!("{head}.{body}")));
    check(outer || policy == "pq-only", "ES256_INVALID")?;
    if !pq_sig.is_empty() {
        header.remove("pq_sig");
        let fingerprint = sha256(format!("{}.{body}", encode(canonical(&header))));
        check(e.is_empty() || es256_valid(e, &fingerprint), "HYBRID_ES256_INVALID")?;
        check(mldsa65.is_some_and(|key| mldsa65_holds(&key, m, &fingerprint)), "ML_DSA_65_INVALID")?;
    }
    let payload = process(payload, &encoded)?;
    check(key_binding.is_empty(), "KEY_BINDING_UNEXPECTED")?;
    let id = (!m.is_empty()).then(|| encode(sha256(m)));
    Ok(json!({ "valid": true, "payload": payload, "mandateId": id }))
}
