"""A pytest plugin that records the inputs of the tests of a JOSE library, and its results.

    pytest -p record …      with RECORD_PEER (pyjwt, joserfc, jwcrypto) and RECORD_FILE

Each line of the file is one call: the test, the kind (jws, claims, key), the input, and the error it raised, or null. Only what
can be written as JSON is recorded; the library's own verdict is never touched.
"""

import functools
import json
import os
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

_calls = []
_current = {"test": None, "depth": 0}


def text_of(value):
    return value.decode() if isinstance(value, bytes) else value


def spki_of(key):
    """The DER of a P-256 public key in hexadecimal, from any representation of a library; None for any other key."""
    try:
        if isinstance(key, (str, bytes)):
            data = key.encode() if isinstance(key, str) else key
            load = serialization.load_pem_private_key if b"PRIVATE" in data else serialization.load_pem_public_key
            key = load(data, None) if b"PRIVATE" in data else load(data)
        for member in ("key", "public_key", "get_op_key"):
            if isinstance(key, (ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey)):
                break
            found = getattr(key, member, None)
            found = found("verify") if member == "get_op_key" and found else found
            key = key if found is None or callable(found) else found
        if isinstance(key, ec.EllipticCurvePrivateKey):
            key = key.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            return None
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_bytes(serialization.Encoding.DER, form).hex()
    except Exception:
        return None


def describe(error):
    return None if error is None else {"type": type(error).__name__, "message": str(error)[:300]}


def recorded(original, read):
    """The same function; `read` turns its arguments into the record, or None to skip the call."""

    @functools.wraps(original)
    def wrapper(*args, **kwargs):
        error = None
        entry = None
        if _current["depth"] == 0 and _current["test"]:
            try:
                entry = read(*args, **kwargs)
                json.dumps(entry)
            except Exception:
                entry = None
        _current["depth"] += entry is not None
        try:
            return original(*args, **kwargs)
        except Exception as raised:
            error = raised
            raise
        finally:
            if entry is not None:
                _current["depth"] -= 1
                _calls.append({"test": _current["test"], **entry, "error": describe(error)})

    return wrapper


def patch(owner, name, read):
    # getattr would bind a class method; inherited methods are not in the class's own __dict__.
    original = vars(owner).get(name, getattr(owner, name))
    if isinstance(original, classmethod):
        setattr(owner, name, classmethod(recorded(original.__func__, read)))
    elif isinstance(original, staticmethod):
        setattr(owner, name, staticmethod(recorded(original.__func__, read)))
    else:
        setattr(owner, name, recorded(original, read))


def key_entry(role, data):
    if isinstance(data, bytes):
        data = data.decode()
    if isinstance(data, str) and not data.lstrip().startswith("{") and "-----BEGIN" not in data:
        return None
    return {"kind": "key", "role": role, "key": data}


def plain(value):
    """Claims as the JSON text that a token would contain."""
    return json.dumps(value, allow_nan=True)


def record_pyjwt():
    from jwt import api_jwk, api_jws, api_jwt, algorithms

    def jws(self, jwt, key="", algorithms=None, options=None, detached_payload=None, **_):
        merged = {**self.options, **(options or {})}
        return {
            "kind": "jws",
            "token": text_of(jwt),
            "spki": spki_of(key),
            "verified": merged["verify_signature"],
            "detached": detached_payload is not None,
            "algorithms": list(algorithms) if algorithms else None,
        }

    def claims(self, payload, options, audience=None, issuer=None, subject=None, leeway=0):
        seconds = leeway.total_seconds() if hasattr(leeway, "total_seconds") else leeway
        skipped = [name for name, value in options.items() if name.startswith("verify_") and not value]
        skipped += ["all"] if options.get("strict_aud") else []
        audiences = audience if audience is None or isinstance(audience, str) else list(audience)
        issuers = issuer if issuer is None or isinstance(issuer, str) else list(issuer)
        return {
            "kind": "claims",
            "claims": plain(payload),
            "now": time.time(),
            "expected": {"audience": audiences, "issuer": issuers, "subject": subject},
            "required": list(options["require"]),
            "leeway": seconds,
            "skipped": skipped,
        }

    def jwk(self, jwk_data, algorithm=None):
        return key_entry("jwk", jwk_data)

    def prepared(self, key):
        return key_entry("any", key)

    patch(api_jws.PyJWS, "decode_complete", jws)
    patch(api_jwt.PyJWT, "_validate_claims", claims)
    patch(api_jwk.PyJWK, "__init__", jwk)
    patch(algorithms.ECAlgorithm, "prepare_key", prepared)
    patch(algorithms.ECAlgorithm, "from_jwk", lambda jwk: key_entry("jwk", jwk))


def record_joserfc():
    from joserfc import jws as jws_module
    from joserfc import jwt as jwt_module
    from joserfc._rfc7518.ec_key import ECKey
    from joserfc._rfc7519.claims import JWTClaimsRegistry

    def jws(value, key, algorithms=None, registry=None, *_, **__):
        return {
            "kind": "jws",
            "token": text_of(value),
            "spki": spki_of(key),
            "verified": True,
            "detached": False,
            "algorithms": list(algorithms) if algorithms else None,
            "registry": registry is not None,
        }

    def claims(self, claims):
        options = self.options
        # A list as "value" must be equal to the claim; ap2-pq expects one of several, as "values" does.
        lists = [name for name, option in options.items() if isinstance(option.get("value"), list)]
        values = {name: option.get("values", option.get("value")) for name, option in options.items()}
        known = {"aud": "audience", "iss": "issuer", "sub": "subject"}
        return {
            "kind": "claims",
            "claims": plain(claims),
            "now": self.now,
            "expected": {known[name]: value for name, value in values.items() if name in known},
            "required": sorted(self.essential_keys),
            "leeway": self.leeway,
            "skipped": sorted({*lists, *(name for name in options if name not in known and values[name] is not None)}),
        }

    patch(jws_module, "deserialize_compact", jws)
    patch(jwt_module, "_decode_jws", jws)
    patch(JWTClaimsRegistry, "validate", claims)
    patch(ECKey, "import_key", lambda cls, value, *_, **__: key_entry("any", value))


def record_jwcrypto():
    from jwcrypto import jwk as jwk_module
    from jwcrypto import jws as jws_module
    from jwcrypto import jwt as jwt_module

    raw = {}

    def deserialize(self, raw_jws, key=None, alg=None):
        raw[id(self)] = (self, raw_jws)
        if not isinstance(raw_jws, str) or raw_jws.lstrip().startswith("{"):
            return None
        return {
            "kind": "jws",
            "token": raw_jws,
            "spki": spki_of(key),
            "verified": key is not None,
            "detached": False,
            "algorithms": None,
        }

    def verify(self, key, alg=None, detached_payload=None):
        _, token = raw[id(self)]
        if token.lstrip().startswith("{"):
            return None
        return {
            "kind": "jws",
            "token": token,
            "spki": spki_of(key),
            "verified": True,
            "detached": detached_payload is not None,
            "algorithms": list(self._allowed_algs) if self._allowed_algs else None,
        }

    def claims(self):
        checks = self._check_claims or {}
        known = {"aud": "audience", "iss": "issuer", "sub": "subject"}
        return {
            "kind": "claims",
            "claims": text_of(self.claims),
            "now": time.time(),
            "expected": {known[name]: value for name, value in checks.items() if name in known and value is not None},
            "required": sorted(checks),
            "leeway": self._leeway,
            "skipped": ["all"]
            if self._check_claims is False
            else sorted(name for name, value in checks.items() if name not in known and value is not None),
        }

    patch(jws_module.JWS, "deserialize", deserialize)
    patch(jws_module.JWS, "verify", verify)
    patch(jwt_module.JWT, "_check_provided_claims", claims)
    patch(jwk_module.JWK, "import_key", lambda self, **kwargs: key_entry("jwk", kwargs))
    patch(jwk_module.JWK, "import_from_pem", lambda self, data, password=None, kid=None: None if password else key_entry("any", data))


def pytest_configure(config):
    {"pyjwt": record_pyjwt, "joserfc": record_joserfc, "jwcrypto": record_jwcrypto}[os.environ["RECORD_PEER"]]()


def pytest_runtest_logstart(nodeid, location):
    _current["test"] = nodeid


def pytest_runtest_logreport(report):
    """A failed test proves nothing about its peer: its calls are marked."""
    if report.failed:
        for call in _calls:
            if call["test"] == report.nodeid:
                call["failed"] = True


def pytest_sessionfinish(session):
    with open(os.environ["RECORD_FILE"], "w", encoding="utf-8") as file:
        for call in _calls:
            file.write(json.dumps(call) + "\n")
