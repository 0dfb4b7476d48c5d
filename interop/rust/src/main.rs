//! Answers each JSON line on standard input with one on standard output, as ../README.md says.

mod disclosures;
mod sign;
mod strict;
mod verify;

use p256::ecdsa::{Signature, signature::hazmat::PrehashVerifier};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use sign::{Disclosable, Signer, sign};
use strict::{Refusable, decode_sized, encode, parse, sha256};
use verify::{canonical, es256_holds, es256_key, mldsa65_holds, mldsa65_key, verify};

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Request {
    Verify {
        mandate: String,
        keys: Value,
        policy: String,
    },
    Sign {
        claims: String,
        disclose: Vec<Disclosable>,
        header: Map<String, Value>,
        keys: Value,
        deterministic: bool,
    },
    Mandate {
        mandate: String,
        signatures: Signatures,
        keys: Value,
        private: Value,
    },
}

#[derive(Deserialize)]
struct Signatures {
    raw: String,
    der: String,
    mldsa65: Value,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(byte).collect()
}

/// SPEC.md §11.2: both signatures over SHA-256(JCS(mandate)).
fn mandate_level(mandate: &str, given: &Signatures, keys: &Value, private: &Value) -> Refusable<Value> {
    let jcs = canonical(&parse(mandate.as_bytes(), "PAYLOAD_INVALID")?);
    let fingerprint = sha256(&jcs);
    let (es256, mldsa65) = (es256_key(&keys["es256"])?, mldsa65_key(&keys["mldsa65"])?);
    let der = Signature::from_der(&unhex(&given.der));
    let m: [u8; 3309] = decode_sized(Some(&given.mldsa65), "MALFORMED")?;
    let signer = Signer::new(private, true)?;
    let own = signer.es256(&fingerprint)?.normalize_s(); // low S
    Ok(json!({
        "jcs": String::from_utf8_lossy(&jcs),
        "fingerprint": hex(&fingerprint),
        "verified": {
            "raw": es256_holds(&es256, &unhex(&given.raw), &fingerprint),
            "der": der.is_ok_and(|der| es256.verify_prehash(&fingerprint, &der).is_ok()),
            "mldsa65": mldsa65_holds(&mldsa65, &m, &fingerprint),
        },
        "signed": {
            "raw": hex(&own.to_bytes()),
            "der": hex(own.to_der().as_bytes()),
            "mldsa65": encode(signer.mldsa65(&fingerprint)?),
        },
    }))
}

fn answer(request: Request) -> Refusable<Value> {
    match request {
        Request::Verify { mandate, keys, policy } => verify(&mandate, &keys, &policy),
        Request::Sign { claims, disclose, header, keys, deterministic } => {
            let mandate = sign(&claims, &disclose, header, &Signer::new(&keys, deterministic)?)?;
            Ok(json!({ "mandate": mandate }))
        }
        Request::Mandate { mandate, signatures, keys, private } => {
            mandate_level(&mandate, &signatures, &keys, &private)
        }
    }
}

fn main() {
    for line in std::io::stdin().lines() {
        let request = serde_json::from_str(&line.expect("UTF-8")).expect("a request");
        let refused = |code| json!({ "valid": false, "code": format!("ERR_MANDATE_{code}") });
        println!("{}", answer(request).unwrap_or_else(refused));
    }
}
