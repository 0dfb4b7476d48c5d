"""Verifies AP2-PQ mandates: SPEC.md §4, §6 to §8, without claims, which are the caller's."""
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from disclosures import process
from strict import Refusal, check, decode, encode, parse, sha256

PQ_SIG_BYTES = {"ML-DSA-65": 3309, "ES256+ML-DSA-65": 64 + 3309}

def public_key(jwk, kty, algorithm, secret, sizes, load):  # SPEC.md §8
    check(jwk.get("kty") == kty and jwk.get("alg", "ES256") == algorithm and secret not in jwk, "KEY_INVALID")
    check(jwk.get("use", "sig") == "sig" and "verify" in list(jwk.get("key_ops", ["verify"])), "KEY_INVALID")
    check(kty == "AKP" or jwk.get("crv") == "P-256", "KEY_INVALID")
    raw = b"".join(decode(jwk.get(name), "KEY_INVALID", size) for name, size in sizes.items())
    try:
        return load(raw)
    except ValueError:
        raise Refusal("ERR_MANDATE_KEY_INVALID")

def es256_key(jwk):
    load = lambda raw: ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + raw)
    return public_key(jwk, "EC", "ES256", "d", {"x": 32, "y": 32}, load)

def mldsa65_key(jwk):
    return public_key(jwk, "AKP", "ML-DSA-65", "priv", {"pub": 1952}, mldsa.MLDSA65PublicKey.from_public_bytes)

def holds(key, signature, *data):
    try:
        key.verify(signature, *data)
        return True
    except InvalidSignature:
        return False

def es256_holds(key, raw, data, algorithm=ec.ECDSA(SHA256())):
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    return holds(key, utils.encode_dss_signature(r, s), data, algorithm)

def check_header(header, raw, payload):  # SPEC.md §4, in the order of §6 step 2
    check(header.get("alg") == "ES256" and "crit" not in header and header.get("b64", True) is True, "HEADER_INVALID")
    x5c, strings = header.get("x5c", [""]), [header.get(name, "") for name in ("kid", "typ", "cty", "_sd_alg")]
    check(isinstance(x5c, list) and x5c and all(isinstance(text, str) for text in x5c + strings), "HEADER_INVALID")
    pq_sig = None
    if "pq_alg" in header or "pq_sig" in header:
        check("pq_alg" in header, "PQ_ALG_MISSING")
        check("pq_sig" in header, "PQ_SIG_MISSING")
        check(rfc8785.dumps(header) == raw, "HEADER_NOT_CANONICAL")
        check(header["pq_alg"] in list(PQ_SIG_BYTES), "PQ_ALG_UNKNOWN")
        pq_sig = decode(header["pq_sig"], "PQ_SIG_MALFORMED", PQ_SIG_BYTES[header["pq_alg"]])
    check("_sd_alg" not in header or header["_sd_alg"] == payload.get("_sd_alg"), "HEADER_INVALID")
    return pq_sig

def verify(mandate, keys, policy="pq-required"):  # SPEC.md §6
    check(len(mandate) <= 262144, "TOO_LARGE")
    check("~" in mandate, "MALFORMED")
    jwt, *disclosures, key_binding = mandate.split("~")
    check(not key_binding or len([decode(part, "MALFORMED") for part in key_binding.split(".")]) == 3, "MALFORMED")
    check(len(disclosures) <= 1024, "TOO_LARGE")
    check("" not in disclosures and jwt.count(".") == 2, "MALFORMED")
    head, body, signature = jwt.split(".")
    check(len(head) <= 32768, "TOO_LARGE")
    raw = decode(head, "MALFORMED")
    header, payload = parse(raw, "MALFORMED", dict), parse(decode(body, "MALFORMED"), "MALFORMED", dict)
    check(len(signature) == 86 or header.get("alg") == "ES256", "HEADER_INVALID")  # R6.66
    signature = decode(signature, "MALFORMED", 64)
    pq_sig = check_header(header, raw, payload)
    check(pq_sig or policy == "pq-optional", "PQ_REQUIRED")
    e, m = (pq_sig[:-3309], pq_sig[-3309:]) if pq_sig else (b"", b"")
    es256, mldsa65 = keys.get("es256"), keys.get("mldsa65")
    check(len({part["kid"] for part in (header, es256, mldsa65) if part and "kid" in part}) < 2, "KEY_UNRESOLVED")
    check((es256 or policy == "pq-only" and not e) and (mldsa65 or not pq_sig), "KEY_UNRESOLVED")
    es256, mldsa65 = es256 and es256_key(es256), mldsa65 and mldsa65_key(mldsa65)
    check(policy == "pq-only" or es256_holds(es256, signature, f"{head}.{body}".encode()), "ES256_INVALID")
    if pq_sig:
        unsigned = {name: value for name, value in header.items() if name != "pq_sig"}
        signing_input = f"{encode(rfc8785.dumps(unsigned))}.{body}".encode()
        check(not e or es256_holds(es256, e, signing_input), "HYBRID_ES256_INVALID")
        check(holds(mldsa65, m, sha256(signing_input)), "ML_DSA_65_INVALID")
    processed = process(payload, disclosures)
    check(not key_binding, "KEY_BINDING_UNEXPECTED")
    return {"payload": processed, "mandateId": encode(sha256(m)) if m else None}
