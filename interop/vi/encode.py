"""Encodes the header and payload of each JWT again, as verifiers in Python do: JSON of the standard library, escapes and all."""

import base64
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'ap2'))

from json_lines import serve  # noqa: E402


def encode(jwt):
    def again(segment):
        text = base64.urlsafe_b64decode(segment + '=' * (-len(segment) % 4))
        return base64.urlsafe_b64encode(json.dumps(json.loads(text), separators=(',', ':')).encode()).rstrip(b'=').decode()

    header, payload, signature = jwt.split('.')
    return {'jwt': f'{again(header)}.{again(payload)}.{signature}'}


serve({'encode': encode})
