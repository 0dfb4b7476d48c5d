//! Signs AP2-PQ mandates: SPEC.md §5.

use getrandom::SysRng;
use ml_dsa::MlDsa65;
use p256::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::strict::{Refusable, decode_sized, encode, parse_object, sha256};
use crate::verify::canonical;

pub struct Signer {
    es256: SigningKey,
    mldsa65: ml_dsa::SigningKey<MlDsa65>,
    deterministic: bool,
}

impl Signer {
    pub fn new(keys: &Value, deterministic: bool) -> Refusable<Self> {
        let scalar: [u8; 32] = decode_sized(keys["es256"].get("d"), "KEY_INVALID")?;
        let seed: [u8; 32] = decode_sized(keys["mldsa65"].get("priv"), "KEY_INVALID")?;
        let es256 = SigningKey::from_slice(&scalar).map_err(|_| "KEY_INVALID")?;
        Ok(Self { es256, mldsa65: ml_dsa::SigningKey::from_seed(&seed.into()), deterministic })
    }

    /// The nonce is always that of RFC 6979.
    pub fn es256(&self, hash: &[u8]) -> Refusable<Signature> {
        self.es256.sign_prehash(hash).map_err(|_| "SIGNER_FAILED")
    }

    pub fn mldsa65(&self, message: &[u8]) -> Refusable<Vec<u8>> {
        let key = self.mldsa65.expanded_key();
        let signature = if self.deterministic {
            key.sign_deterministic(message, b"")
        } else {
            key.sign_randomized(message, b"", &mut SysRng)
        };
        Ok(signature.map_err(|_| "SIGNER_FAILED")?.encode().to_vec())
    }
}

/// A claim, by its name or index at `path`, or a decoy if there is no claim.
#[derive(Deserialize)]
pub struct Disclosable {
    path: Vec<String>,
    claim: Option<Value>,
    salt: String,
}

/// Puts digests into the payload (RFC 9901 §4.2) and returns the disclosures.
fn pack(payload: &mut Value, items: &[Disclosable]) -> Vec<String> {
    let mut disclosures = Vec::new();
    for Disclosable { path, claim, salt } in items {
        let place = path.iter().fold(&mut *payload, |place, name| &mut place[name]);
        let mut digest_of = |parts: Value| {
            disclosures.push(encode(canonical(&parts)));
            encode(sha256(disclosures.last().expect("just pushed")))
        };
        let decoy = || encode(sha256(salt));
        match (place, claim) {
            (Value::Array(array), None) => array.push(json!({ "...": decoy() })),
            (Value::Array(array), Some(index)) => {
                let element = &mut array[index.as_u64().expect("an index") as usize];
                *element = json!({ "...": digest_of(json!([salt, element])) });
            }
            (Value::Object(object), claim) => {
                let digest = match claim.as_ref().and_then(Value::as_str) {
                    Some(name) => digest_of(json!([salt, name, object.remove(name)])),
                    None => decoy(),
                };
                let digests = object.entry("_sd").or_insert_with(|| json!([]));
                let digests = digests.as_array_mut().expect("an array");
                digests.push(digest.into());
                digests.sort_by(|a, b| a.as_str().cmp(&b.as_str())); // R5.14
            }
            _ => panic!("\"path\" must lead to an object or an array"),
        }
    }
    disclosures
}

pub fn sign(
    claims: &str,
    items: &[Disclosable],
    mut header: Map<String, Value>,
    signer: &Signer,
) -> Refusable<String> {
    let mut payload = Value::Object(parse_object(claims.as_bytes(), "PAYLOAD_INVALID")?);
    let disclosures = pack(&mut payload, items);
    payload["_sd_alg"] = "sha-256".into();
    let body = encode(canonical(&payload));
    let fingerprint = sha256(format!("{}.{body}", encode(canonical(&header))));
    let mut pq_sig = Vec::new();
    if header["pq_alg"] == "ES256+ML-DSA-65" {
        pq_sig.extend(signer.es256(&fingerprint)?.to_vec()); // the same hash: ES256 signs the PQ Signing Input
    }
    pq_sig.extend(signer.mldsa65(&fingerprint)?);
    header.insert("pq_sig".into(), encode(pq_sig).into());
    let jws = format!("{}.{body}", encode(canonical(&header)));
    let outer = encode(signer.es256(&sha256(&jws))?.to_bytes());
    Ok([vec![format!("{jws}.{outer}")], disclosures, vec![String::new()]].concat().join("~"))
}
