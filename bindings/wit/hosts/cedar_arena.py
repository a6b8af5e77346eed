"""Cedar's JSON as the arena that components of `trapkey:policy` take, for the `wasmtime` package (48 or later).

    arena = Arena()
    entities = arena.entities(parse(open("entities.json", encoding="utf-8").read()))
    request = arena.request(parse(open("request.json", encoding="utf-8").read()))
    decision = policy.decide(arena.values, entities, request)

What is no JSON of Cedar is a ValueError: then deny.
"""

import json
import re
from datetime import date

from wasmtime import Engine, Store
from wasmtime.component import Component, Linker, Record, Variant

STORE = "[method]entity-store."
FUNCTIONS = ("digest", "decide", "decide-batch", "[static]entity-store.open", f"{STORE}decide", f"{STORE}decide-batch")
INTERFACE = "trapkey:policy/authorizer@0.1.0"
EPOCH = date(1970, 1, 1).toordinal()
REQUEST = ("principal", "action", "resource", "context")
DEPTH_MAX = 64
DATETIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?:Z|([+-])(\d\d)(\d\d)))?", re.ASCII)
DECIMAL = re.compile(r"(-?)(\d+)\.(\d{1,4})", re.ASCII)
DURATION = re.compile(r"(-?)(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
UNITS = (86_400_000, 3_600_000, 60_000, 1_000, 1)
UID = re.compile(r"""((?:\w+::)*\w+)::"([^"'\\\x00-\x1f\x7f]*)\"""", re.ASCII)
LEVELS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


def parse(text):
    """JSON without what it leaves open: no key twice, whole numbers of 64 bits alone, at most 64 levels."""
    depth = 0
    for found in LEVELS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > DEPTH_MAX:
            raise ValueError(f"more than {DEPTH_MAX} levels")
    value = json.loads(
        text, object_pairs_hook=_object, parse_int=_whole, parse_float=_refuse, parse_constant=_refuse
    )
    # Half a surrogate pair is no text; an error of this is a ValueError too.
    text.encode()
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _object(pairs):
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError(f"a key is there twice: {[name for name, _ in pairs]}")
    return fields


def _whole(text):
    return _refuse(text) if text == "-0" or len(text) > 20 else _long(int(text))


def _refuse(text):
    raise ValueError(f"{text} is no whole number of 64 bits")


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
        return [self._entity(_taken(entity, dict)) for entity in _taken(entities, list)]

    def _entity(self, entity):
        return record(
            uid=reference(_field(entity, "uid", dict)),
            attributes=self._fields(_field(entity, "attrs", dict)),
            parents=[reference(parent) for parent in _field(entity, "parents", list)],
            # Tags alone may be left out; Cedar ignores other keys.
            tags=self._fields(_taken(entity.get("tags", {}), dict)),
        )

    def request(self, request, at=None):
        """An object with principal, action, resource and context; `at` is the instant in milliseconds."""
        others = sorted(_taken(request, dict).keys() - set(REQUEST))
        if others:
            raise ValueError(f"a request has no {others}")
        return record(
            principal=uid(_field(request, "principal", (str, dict))),
            action=uid(_field(request, "action", (str, dict))),
            resource=uid(_field(request, "resource", (str, dict))),
            context=self._fields(_field(request, "context", dict)),
            at=None if at is None else _long(at),
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
            return Variant("long", _long(value))
        if isinstance(value, str):
            return Variant("text", value)
        if isinstance(value, list):
            return Variant("set", [self._value(part) for part in value])
        if isinstance(value, dict) and "__entity" in value:
            return Variant("entity", reference(value))
        if isinstance(value, dict) and "__extn" in value:
            call = _field(value, "__extn", dict)
            return extension(_field(call, "fn", str), _field(call, "arg", str))
        if isinstance(value, dict):
            return Variant("structure", self._fields(value))
        raise ValueError(f"Cedar has no value {value!r}")


def _taken(value, kind):
    if not isinstance(value, kind):
        raise ValueError(f"{value!r} is no {kind}")
    return value


def _field(value, name, kind):
    if name not in value:
        raise ValueError(f"{value!r} has no `{name}`")
    return _taken(value[name], kind)


def _long(value):
    """A number of 64 bits: what is passed to a component is cut to them without a word."""
    if not isinstance(value, int) or isinstance(value, bool) or not -(1 << 63) <= value < 1 << 63:
        _refuse(value)
    return value


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
    return reference(value)


def reference(value):
    """An object with type and id, alone or under `__entity`."""
    value = _taken(value, dict)
    value = _taken(value.get("__entity", value), dict)
    return record(type_name=_field(value, "type", str), id=_field(value, "id", str))


def extension(function, text):
    """A value of an extension type from its text."""
    if function == "ip":
        return Variant("ip", text)
    readers = {"decimal": (DECIMAL, _decimal), "datetime": (DATETIME, _datetime), "duration": (DURATION, _duration)}
    if function not in readers:
        raise ValueError(f"no function `{function}` makes values here")
    pattern, reader = readers[function]
    found = pattern.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no {function}")
    return Variant(function, _long(reader(found)))


def _decimal(found):
    sign, whole, part = found.groups()
    value = int(whole) * 10_000 + int(part.ljust(4, "0"))
    return -value if sign else value


def _datetime(found):
    *parts, sign, east_hours, east_minutes = found.groups()
    year, month, day, hours, minutes, seconds, milliseconds = (int(part or 0) for part in parts)
    east_hours, east_minutes = int(east_hours or 0), int(east_minutes or 0)
    if max(hours, east_hours) > 23 or max(minutes, east_minutes, seconds) > 59:
        raise ValueError(f"{found[0]!r} is no datetime")
    # Python has no year 0; 400 years are 146,097 days. Days that no month has are a ValueError.
    days = date(year, month, day).toordinal() if year else date(400, month, day).toordinal() - 146_097
    east = (east_hours * 60 + east_minutes) * (-1 if sign == "-" else 1)
    return (((days - EPOCH) * 24 + hours) * 60 + minutes - east) * 60_000 + seconds * 1_000 + milliseconds


def _duration(found):
    sign, *parts = found.groups()
    value = sum(int(part or 0) * unit for part, unit in zip(parts, UNITS))
    return -value if sign else value
