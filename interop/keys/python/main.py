"""Stock JOSE libraries of Python verify the ES256 signature of one mandate with keys from each document (README.md)."""

import json
import sys
import urllib.request
from importlib.metadata import version


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def pyjwt(url, token):
    import jwt

    key = jwt.PyJWKClient(url).get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=["ES256"])


def jwcrypto(url, token):
    from jwcrypto.jwk import JWKSet
    from jwcrypto.jwt import JWT

    return json.loads(JWT(jwt=token, key=JWKSet.from_json(fetch(url)), algs=["ES256"]).claims)


def joserfc(url, token):
    from joserfc import jwt
    from joserfc.jwk import KeySet
    from joserfc.jws import JWSRegistry

    # By default, it rejects headers of more than 512 bytes, and headers with unknown parameters.
    registry = JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    registry.max_header_length = 32768
    keys = KeySet.import_key_set(json.loads(fetch(url)))
    return jwt.decode(token, keys, algorithms=["ES256"], registry=registry).claims


def authlib(url, token):
    from authlib.jose import JsonWebKey, JsonWebToken

    return JsonWebToken(["ES256"]).decode(token, JsonWebKey.import_key_set(json.loads(fetch(url))))


def python_jose(url, token):
    from jose import jwt

    return jwt.decode(token, json.loads(fetch(url)), algorithms=["ES256"])


LIBRARIES = {
    "PyJWT": ("pyjwt", pyjwt),
    "jwcrypto": ("jwcrypto", jwcrypto),
    "joserfc": ("joserfc", joserfc),
    "Authlib": ("authlib", authlib),
    "python-jose": ("python-jose", python_jose),
}


def try_one(verify, url, token, subject):
    try:
        claims = verify(url, token)
        return None if claims["sub"] == subject else "verified other claims"
    except Exception as error:  # What a library throws is the finding, whatever it is.
        return f"{type(error).__name__}: {error}"


request = json.load(sys.stdin)
for name, (package, verify) in LIBRARIES.items():
    for document, url in request["documents"].items():
        failure = try_one(verify, url, request["token"], request["subject"])
        print(json.dumps({"library": name, "version": version(package), "document": document, "failure": failure}))
