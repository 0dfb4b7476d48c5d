"""One request per line on standard input, one answer per line on standard output, in the same order."""

import json
import sys


def serve(operations):
    for line in sys.stdin:
        request = json.loads(line)
        operation = operations[request.pop('op')]
        try:
            answer = operation(**request)
        except Exception as error:  # Whatever it is, it is a refusal; the caller knows whether one was due.
            answer = {'error': f'{type(error).__name__}: {error}'}
        print(json.dumps(answer), flush=True)
