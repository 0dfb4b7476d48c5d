"""Processes disclosures: SPEC.md §6 step 8, RFC 9901 §7.1."""
from strict import check, decode, encode, parse, sha256

def process(payload, encoded):
    """Returns the processed payload."""
    found = Disclosures(encoded, payload.pop("_sd_alg", "sha-256"))
    processed = found.walk(payload)
    check(not found.waiting, "DISCLOSURE_UNREFERENCED")
    return processed

class Disclosures:
    """Those of one mandate that no digest has referred to yet, and every digest seen so far."""

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
