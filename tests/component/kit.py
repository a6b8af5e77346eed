"""Decides the kit with components: kit.py KIT FOLDER, where FOLDER has POLICIES-RULE.wasm."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../bindings/wit/hosts"))
from cedar_arena import Arena, Policy, parse  # noqa: E402

ERRORS = {"entity-missing": 1, "overflow": 2, "extension": 3}


def duties(duties):
    return ";".join(d.name if d.argument is None else f"{d.name}={d.argument}" for d in duties)


def line(decision):
    erring = (
        f"{getattr(e, 'policy')}:{ERRORS[e.error]}:{e.place.start}-{e.place.end}" for e in decision.erring
    )
    never = decision.horizon is None
    until = "-" if never or decision.at is None else decision.at + decision.horizon
    if until != "-" and until >= 1 << 63:
        until = "-"
    fields = [
        ("determining", ";".join(decision.determining)),
        ("erring", ";".join(erring)),
        ("observed", ";".join(decision.observed)),
        ("expired", ";".join(decision.expired)),
        ("obligations", duties(decision.obligations)),
        ("advice", duties(decision.advice)),
        ("remaining", "never" if never else decision.horizon),
        ("until", until),
    ]
    return "\t".join([decision.verdict, decision.reason] + [f"{name}={value}" for name, value in fields])


def check(policy, entities, asked):
    """Decides all that is asked by these entities at once, the first alone too, and all by a store."""
    arena = Arena()
    entities = arena.entities(entities)
    requests = [arena.request(parse(request)) for _, request, _ in asked]
    answers = policy.decide_batch(arena.values, entities, requests)
    first = policy.decide(arena.values, entities, requests[0])
    store = policy.open(arena.values, entities)
    answers += store.decide_batch(arena.values, requests)
    last = store.decide(arena.values, requests[-1])
    store.close()
    for answer, (name, _, want) in zip([first] + answers + [last], [asked[0]] + asked * 2 + [asked[-1]], strict=True):
        if line(answer) != want:
            sys.exit(f"{name}:\n  found {line(answer)}\n  want  {want}")
    return len(asked)


def main(kit, folder):
    policy, entities, asked, compared = None, [], [], 0
    for text in open(kit, encoding="utf-8").read().split("\n"):
        word, _, rest = text.partition("\t")
        if word in ("policies", "entities", "") and asked:
            compared += check(policy, entities, asked)
            asked = []
        if word == "policies":
            policy, entities = Policy(os.path.join(folder, rest.replace("\t", "-") + ".wasm")), []
        elif word == "entities":
            entities = parse(rest)
        elif word == "request":
            name, _, request = rest.partition("\t")
        elif word == "want":
            asked.append((name, request, rest))
        elif word and not word.startswith("#"):
            sys.exit(f"the kit has no `{word}`")
    print(f"{compared} decisions compared")


main(*sys.argv[1:])
