"""Answers each JSON line on standard input with one on standard output, as ../README.md says."""
import json, sys

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from sign import es256_sign, mldsa65_sign, private_bytes, sign
from strict import Refusal, decode, encode, parse, sha256
from verify import es256_holds, es256_key, holds, mldsa65_key, verify

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
DIGEST = utils.Prehashed(SHA256())

def mandate_level(mandate, signatures, keys, private):  # SPEC.md §11.2: both signatures over SHA-256(JCS(mandate))
    jcs = rfc8785.dumps(parse(mandate.encode(), "PAYLOAD_INVALID", dict))
    fingerprint, (scalar, seed) = sha256(jcs), private_bytes(private)
    es256, mldsa65 = es256_key(keys["es256"]), mldsa65_key(keys["mldsa65"])
    raw, der = bytes.fromhex(signatures["raw"]), bytes.fromhex(signatures["der"])
    own = es256_sign(scalar, fingerprint, ec.ECDSA(DIGEST, deterministic_signing=True))
    r, s = int.from_bytes(own[:32], "big"), int.from_bytes(own[32:], "big")
    s = min(s, P256_ORDER - s)  # low S
    return {
        "jcs": jcs.decode(),
        "fingerprint": fingerprint.hex(),
        "verified": {
            "raw": es256_holds(es256, raw, fingerprint, ec.ECDSA(DIGEST)),
            "der": holds(es256, der, fingerprint, ec.ECDSA(DIGEST)),
            "mldsa65": holds(mldsa65, decode(signatures["mldsa65"], "MALFORMED", 3309), fingerprint),
        },
        "signed": {
            "raw": (r.to_bytes(32, "big") + s.to_bytes(32, "big")).hex(),
            "der": utils.encode_dss_signature(r, s).hex(),
            "mldsa65": encode(mldsa65_sign(seed, fingerprint)),
        },
    }

def answer(request):
    operation = request.pop("op")
    if operation == "verify":
        try:
            return {"valid": True, **verify(**request)}
        except Refusal as refusal:
            return {"valid": False, "code": str(refusal)}
    if operation == "sign":
        del request["deterministic"]  # there is no choice
        return {"mandate": sign(**request)}
    return mandate_level(**request)

for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
