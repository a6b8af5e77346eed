"""Refuses and takes what a list says: wrong.py LIST."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../bindings/wit/hosts"))
from cedar_arena import Arena, parse  # noqa: E402

REQUEST = {"principal": 'User::"ann"', "action": 'Action::"ask"', "resource": 'User::"bob"'}


def values(kind, text):
    """How many values the arena has of it."""
    arena = Arena()
    if kind == "at":
        arena.request({**REQUEST, "context": {}}, at=parse(text))
    elif kind == "context":
        arena.request({**REQUEST, "context": parse(text)})
    elif kind == "request":
        arena.request(parse(text))
    else:
        arena.entities(parse(text))
    return len(arena.values)


def main(path):
    cases = parse(open(path, encoding="utf-8").read())
    for kind, text in cases["wrong"]:
        try:
            values(kind, text)
        except ValueError:
            continue
        sys.exit(f"taken: {kind} {text}")
    for kind, text, want in cases["right"]:
        found = values(kind, text)
        if found != want:
            sys.exit(f"{found} values: {kind} {text}")
    # What is not read from a text.
    for context in ({"count": 1 << 63}, {"count": 1.0}, {"count": None}, {"name": b"a"}):
        try:
            Arena().request({**REQUEST, "context": context})
        except ValueError:
            continue
        sys.exit(f"taken: {context}")
    print(f"{len(cases['wrong'])} refused, {len(cases['right'])} taken")


main(*sys.argv[1:])
