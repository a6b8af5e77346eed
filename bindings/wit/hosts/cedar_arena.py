"""Cedar's JSON as the arena that components of `trapkey:policy` take, for the `wasmtime` package (48 or later).

    arena = Arena()
    entities = arena.entities(json.load(open("entities.json")))
    request = arena.request(json.load(open("request.json")))
    decision = policy.decide(arena.values, entities, request)
"""

import re
from datetime import datetime, timedelta, timezone

from wasmtime import Engine, Store
from wasmtime.component import Component, Linker, Record, Variant

STORE = "[method]entity-store."
FUNCTIONS = ("digest", "decide", "decide-batch", "[static]entity-store.open", f"{STORE}decide", f"{STORE}decide-batch")
INTERFACE = "trapkey:policy/authorizer@0.1.0"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DATETIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?:Z|([+-])(\d\d)(\d\d)))?", re.ASCII)
DECIMAL = re.compile(r"(-?)(\d+)\.(\d{1,4})", re.ASCII)
DURATION = re.compile(r"(-?)(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
UNITS = (86_400_000, 3_600_000, 60_000, 1_000, 1)
UID = re.compile(r'((?:\w+::)*\w+)::"([^"\\]*)"')


class Policy:
    """The policies of one component. They import nothing. Not for several threads at once."""

    def __init__(self, path, engine=None):
        engine = engine or Engine()
        self.store = Store(engine)
        component = Component.from_file(engine, path)
        instance = Linker(engine).instantiate(self.store, component)
        interface = instance.get_export_index(self.store, INTERFACE)
        if interface is None:
            raise ValueError(f"{path} does not export {INTERFACE}")
        self._functions = {
            name: instance.get_func(self.store, instance.get_export_index(self.store, name, interface))
            for name in FUNCTIONS
        }

    def _call(self, name, *arguments):
        function = self._functions[name]
        answer = function(self.store, *arguments)
        function.post_return(self.store)
        return answer

    def digest(self):
        """Digest of the bundle."""
        return self._call("digest")

    def decide(self, values, entities, request):
        """The decision, or a `Variant` of why there is none: then deny."""
        return self._call("decide", values, entities, request)

    def decide_batch(self, values, entities, requests):
        """Decisions or failures in the order of the requests, or one failure of all."""
        return self._call("decide-batch", values, entities, requests)


    def open(self, values, entities):
        """An `EntityStore`, or a `Variant` of why there is none."""
        opened = self._call("[static]entity-store.open", values, entities)
        return opened if isinstance(opened, Variant) else EntityStore(self, opened)


class EntityStore:
    """Entities that one policy has read, for many calls."""

    def __init__(self, policy, resource):
        self._policy, self._resource = policy, resource

    def decide(self, values, request):
        """As `Policy.decide` by these entities."""
        return self._policy._call(f"{STORE}decide", self._resource, values, request)

    def decide_batch(self, values, requests):
        """As `Policy.decide_batch` by these entities."""
        return self._policy._call(f"{STORE}decide-batch", self._resource, values, requests)

    def close(self):
        """Ends it; what it holds in the component is free."""
        self._resource.drop(self._policy.store)


class Arena:
    """Values; each refers to earlier ones alone."""

    def __init__(self):
        self.values = []

    def entities(self, entities):
        """A list of Cedar's JSON for entities."""
        return [
            record(
                uid=uid(entity["uid"]),
                attributes=self._fields(entity.get("attrs", {})),
                parents=[uid(parent) for parent in entity.get("parents", [])],
                tags=self._fields(entity.get("tags", {})),
            )
            for entity in entities
        ]

    def request(self, request, at=None):
        """An object with principal, action, resource and context; `at` is the instant in milliseconds."""
        return record(
            principal=uid(request["principal"]),
            action=uid(request["action"]),
            resource=uid(request["resource"]),
            context=self._fields(request.get("context", {})),
            at=at,
        )

    def _fields(self, fields):
        return [record(name=name, value=self._value(value)) for name, value in fields.items()]

    def _value(self, value):
        self.values.append(self._made(value))
        return len(self.values) - 1

    def _made(self, value):
        if isinstance(value, bool):
            return Variant("boolean", value)
        if isinstance(value, int):
            return Variant("long", value)
        if isinstance(value, str):
            return Variant("text", value)
        if isinstance(value, list):
            return Variant("set", [self._value(part) for part in value])
        if isinstance(value, dict) and "__entity" in value:
            return Variant("entity", uid(value))
        if isinstance(value, dict) and "__extn" in value:
            return extension(value["__extn"]["fn"], value["__extn"]["arg"])
        if isinstance(value, dict):
            return Variant("structure", self._fields(value))
        raise ValueError(f"Cedar has no value {value!r}")


def record(**fields):
    """A record of the interface."""
    made = Record()
    for name, value in fields.items():
        setattr(made, name.replace("_", "-"), value)
    return made


def uid(value):
    """`Type::"id"`, or an object with type and id."""
    if isinstance(value, str):
        found = UID.fullmatch(value)
        if not found:
            raise ValueError(f"{value} is no name of an entity without escapes")
        return record(type_name=found[1], id=found[2])
    value = value.get("__entity", value)
    return record(type_name=value["type"], id=value["id"])


def extension(function, text):
    """A value of an extension type from its text."""
    if function == "ip":
        return Variant("ip", text)
    readers = {"decimal": (DECIMAL, _decimal), "datetime": (DATETIME, _datetime), "duration": (DURATION, _duration)}
    pattern, reader = readers[function]
    found = pattern.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no {function}")
    return Variant(function, reader(found))


def _decimal(found):
    sign, whole, part = found.groups()
    value = int(whole) * 10_000 + int(part.ljust(4, "0"))
    return -value if sign else value


def _datetime(found):
    year, month, day, *time, milliseconds, sign, hours, minutes = found.groups()
    at = datetime(int(year), int(month), int(day), *(int(part or 0) for part in time), tzinfo=timezone.utc)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    at = at + offset if sign == "-" else at - offset
    return (at - EPOCH) // timedelta(milliseconds=1) + int(milliseconds or 0)


def _duration(found):
    sign, *parts = found.groups()
    value = sum(int(part or 0) * unit for part, unit in zip(parts, UNITS))
    return -value if sign else value
