"""Signs AP2-PQ mandates: SPEC.md section 5. ES256 is deterministic (RFC 6979), ML-DSA-65 hedged: cryptography has no other."""
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from strict import decode, encode, parse, sha256

RFC_6979 = ec.ECDSA(SHA256(), deterministic_signing=True)

def es256_sign(scalar, data, algorithm=RFC_6979):
    key = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())
    return b"".join(part.to_bytes(32, "big") for part in utils.decode_dss_signature(key.sign(data, algorithm)))

def mldsa65_sign(seed, message):
    return mldsa.MLDSA65PrivateKey.from_seed_bytes(seed).sign(message)

def private_bytes(keys):
    return decode(keys["es256"]["d"], "KEY_INVALID", 32), decode(keys["mldsa65"]["priv"], "KEY_INVALID", 32)

def pack(payload, disclose):
    """Puts digests into the payload (RFC 9901 §4.2) and returns the disclosures. An entry without a claim is a decoy."""
    disclosures = []
    for item in disclose:
        place, claim, salt = payload, item.get("claim"), item["salt"]
        for name in item["path"]:
            place = place[name]
        if claim is None:
            digest = encode(sha256(salt.encode()))
        else:
            named = [claim] if isinstance(place, dict) else []
            disclosures.append(encode(rfc8785.dumps([salt, *named, place.pop(claim)])))
            digest = encode(sha256(disclosures[-1].encode()))
        if isinstance(place, dict):
            place["_sd"] = sorted([*place.get("_sd", []), digest])  # R5.14
        else:
            place.insert(len(place) if claim is None else claim, {"...": digest})
    return disclosures

def sign(claims, disclose, header, keys):
    scalar, seed = private_bytes(keys)
    payload = parse(claims.encode(), "PAYLOAD_INVALID", dict)
    disclosures = pack(payload, disclose)
    body = encode(rfc8785.dumps(payload | {"_sd_alg": "sha-256"}))
    signing_input = f"{encode(rfc8785.dumps(header))}.{body}".encode()
    e = es256_sign(scalar, signing_input) if header["pq_alg"] == "ES256+ML-DSA-65" else b""
    pq_sig = encode(e + mldsa65_sign(seed, sha256(signing_input)))
    jws = f"{encode(rfc8785.dumps(header | {'pq_sig': pq_sig}))}.{body}"
    return "~".join([f"{jws}.{encode(es256_sign(scalar, jws.encode()))}", *disclosures, ""])
