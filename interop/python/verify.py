"""Verifies AP2-PQ mandates: SPEC.md sections 2 to 8 without claims. Raises Refusal with the code of the broken rule."""
import base64, hashlib, json, math, re

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

PQ_SIG_BYTES = {"ML-DSA-65": 3309, "ES256+ML-DSA-65": 64 + 3309}

class Refusal(Exception):
    """Carries the code that SPEC.md §6 gives for the rule that was broken."""

def check(condition, code):
    if not condition:
        raise Refusal("ERR_MANDATE_" + code)

def sha256(data): return hashlib.sha256(data).digest()
def encode(raw): return base64.urlsafe_b64encode(raw).decode().rstrip("=")

def decode(text, code, size=None):  # SPEC.md §2.2
    check(isinstance(text, str) and (size is None or len(text) == (size * 4 + 2) // 3), code)
    check(re.fullmatch("[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, code)
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    check(encode(raw) == text, code)
    return raw

def members(pairs):  # R2.8
    if len(dict(pairs)) != len(pairs):
        raise ValueError("duplicate member")
    return dict(pairs)

def number(text):  # R2.10, and the NaN and Infinity that Python takes for JSON
    if not math.isfinite(float(text)):
        raise ValueError("not finite")
    return float(text)

def parse(raw, code, kind):  # SPEC.md §2.3
    try:
        text, level, deepest = raw.decode("utf-8"), 0, 0
        for bracket in re.findall(r"[\[\]{}]", re.sub(r'(?s)"(?:\\.|[^"\\])*(?:"|$)', "", text)):
            level += 1 if bracket in "[{" else -1
            deepest = max(deepest, level)
        check(deepest <= 32, "TOO_LARGE")
        value = json.loads(text, object_pairs_hook=members, parse_int=number, parse_float=number, parse_constant=number)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # R2.9: a lone surrogate has no UTF-8 form
    except ValueError:
        raise Refusal("ERR_MANDATE_" + code)
    check(isinstance(value, kind), code)
    return value

def public_key(jwk, kty, algorithm, secret, sizes, load):  # SPEC.md §8
    check(jwk.get("kty") == kty and jwk.get("alg", "ES256") == algorithm and jwk.get("crv", "P-256") == "P-256", "KEY_INVALID")
    check(jwk.get("use", "sig") == "sig" and "verify" in list(jwk.get("key_ops", ["verify"])) and secret not in jwk, "KEY_INVALID")
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
    return holds(key, utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")), data, algorithm)

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

class Disclosures:  # SPEC.md §6 step 8
    def __init__(self, encoded, sd_alg, code="DISCLOSURE_MALFORMED"):
        decoded = [parse(decode(text, code), code, list) for text in encoded]
        for parts in decoded:
            check(len(parts) in (2, 3) and all(isinstance(part, str) for part in parts[:-1]), code)
        check(sd_alg == "sha-256", "SD_ALG_UNSUPPORTED")
        check(len({parts[0] for parts in decoded}) == len(decoded), "DISCLOSURE_REPEATED")
        self.waiting = {encode(sha256(text.encode())): parts for text, parts in zip(encoded, decoded)}
        self.seen = set()

    def take(self, digest, parts):
        decode(digest, "DIGEST_MALFORMED", 32)
        check(digest not in self.seen, "DIGEST_REPEATED")
        self.seen.add(digest)
        check(len(self.waiting.get(digest, [None] * parts)) == parts, "DISCLOSURE_MISPLACED")
        return self.waiting.pop(digest, None)

    def walk(self, value, depth=1):
        check(depth <= 32 or not isinstance(value, (dict, list)), "TOO_LARGE")
        if isinstance(value, list):
            return [self.walk(element, depth + 1) for found in map(self.element, value) for element in found]
        if not isinstance(value, dict):
            return value
        check("..." not in value and isinstance(value.get("_sd", []), list), "DIGEST_MALFORMED")
        check("_sd_alg" not in value, "SD_ALG_UNSUPPORTED")
        result = {name: self.walk(member, depth + 1) for name, member in value.items() if name != "_sd"}
        for parts in filter(None, (self.take(digest, 3) for digest in value.get("_sd", []))):
            check(parts[1] not in (*result, "_sd", "...", "_sd_alg"), "DISCLOSURE_NAME")
            result[parts[1]] = self.walk(parts[2], depth + 1)
        return result

    def element(self, value):  # an array element: one, or none where its digest refers to nothing
        if not isinstance(value, dict) or "..." not in value:
            return [value]
        check(len(value) == 1, "DIGEST_MALFORMED")
        parts = self.take(value["..."], 2)
        return [] if parts is None else parts[1:]

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
    found = Disclosures(disclosures, payload.pop("_sd_alg", "sha-256"))
    processed = found.walk(payload)
    check(not found.waiting, "DISCLOSURE_UNREFERENCED")
    check(not key_binding, "KEY_BINDING_UNEXPECTED")
    return {"payload": processed, "mandateId": encode(sha256(m)) if m else None}
