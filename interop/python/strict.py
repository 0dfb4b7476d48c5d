"""Strict base64url and JSON (SPEC.md §2), and rejection."""
import base64, hashlib, json, math, re

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
