//! Every construct of the language: a schema with all types, one policy per condition, generated stores and contexts.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a fixture that is wrong stops its tests"
)]

use serde_json::{Value, json};
use trapkey_testkit::Oracle;

/// The schema.
pub const SCHEMA: &str = r#"
entity Colour enum ["red", "green", "blå"];
entity Group in [Group];
entity Org;
entity Doc in [Group] = { owner: User, "odd name": Long, meta: { size: Long, tag?: String } };
entity User in [Group, Org] = {
  name: String, age: Long, boss: User, deputy?: User, colour: Colour, groups: Set<Group>,
  numbers: Set<Long>, words: Set<String>, flags: Set<Bool>, nets: Set<ipaddr>,
  points: Set<{ x: Long, y?: String }>, pairs: Set<{ x: Long, s: String }>, nested: Set<Set<Long>>, prices: Set<decimal>,
  home: { city: String, zip?: Long, at: { lat: decimal, since: datetime } },
  ip: ipaddr, price: decimal, born: datetime, shift: duration, ok: Bool
} tags User;
entity Tagged tags Set<String>;
entity Noted tags { author: User, level?: Long };
action all;
action read, write in [all] appliesTo { principal: [User], resource: [Doc, Tagged, Noted], context: {
  n: Long, m: Long, s: String, t?: String, b: Bool, d: decimal, when: datetime, span: duration, ip: ipaddr,
  user: User, other?: User, group: Group, users: Set<User>, groups: Set<Group>, nums: Set<Long>,
  strs: Set<String>, rec: { a: Long, b?: { c: Bool, d?: User } }, recs: Set<{ x: Long, y?: String }>, pair: { x: Long, s: String },
  sets: Set<Set<Long>>, act: Action
} };
"#;

/// Conditions that need no more than the principal and the context.
const ANY: &[&str] = &[
    "true",
    "false",
    "!context.b",
    "context.b == principal.ok",
    "context.b != true",
    "context.n + context.m == 3",
    "context.n - context.m > 0",
    "context.n * context.m <= 12",
    "-context.n == 5",
    "context.n * 3037000500 > 0",
    "- -9223372036854775808 == context.n",
    "context.n + 9223372036854775807 > 0 || context.b",
    "context.b || context.n + 9223372036854775807 > 0",
    "context.b && context.n * context.n * context.n * context.n > 0",
    "if context.b then context.n > 0 else context.n + context.n < 0",
    "(if context.b then principal else context.user).name == \"ann\"",
    "(if context.b then context.user else principal.boss).boss.age > 30",
    "(if context.b then [1, 2] else [3, context.n]).contains(context.m)",
    "(if context.b then {a: 1, z: context.n + 1} else {a: context.m, z: 2}).a == 1",
    "{a: context.n, b: context.m * 9223372036854775807}.a == context.n",
    "(if context.b then \"x\" else context.s) like \"*x*\"",
    "principal.boss.boss is User",
    "!(principal.boss.boss is User)",
    "principal.boss is User in Group::\"g1\"",
    "principal == context.user",
    "principal.boss == context.user",
    "principal != User::\"ann\"",
    "principal in Group::\"g1\"",
    "principal in Group::\"absent\"",
    "principal in context.group",
    "principal in context.groups",
    "principal in [Group::\"g1\", Group::\"g3\"]",
    "principal in Org::\"o\"",
    "principal in principal.boss.groups",
    "context.group in Group::\"g3\"",
    "User::\"ann\" in Group::\"g1\"",
    "User::\"ann\".age > 30",
    "User::\"nobody\".age > 30",
    "context.group in principal.groups",
    "principal in context.user",
    "principal in context.users",
    "principal.boss in context.users",
    "[principal, context.user].contains(User::\"bob\")",
    "context.users.contains(principal.boss)",
    "principal has deputy",
    "principal has deputy && principal.deputy.age > 3",
    "principal.boss has name",
    "principal.boss.boss has deputy",
    "principal has deputy.boss.name",
    "principal has home.zip",
    "principal has home.at.lat",
    "context has t",
    "context has t && context.t == context.s",
    "context has other",
    "context has other && context.other.boss.age >= 0",
    "context.rec has b",
    "context.rec has b.d",
    "context.rec has b && context.rec.b.c",
    "context has rec.b.d && context.rec.b.d.age > 1",
    "User::\"nobody\" has name",
    "context.user has deputy.name",
    "context has other.deputy.name",
    "context.rec has undeclared",
    "principal has undeclared",
    "principal.home has undeclared.more",
    "principal.boss.home has undeclared",
    "context has undeclared",
    "principal.boss.ok && false",
    "!(principal.boss.ok && false)",
    "principal.boss.ok || true",
    "context.n + 9223372036854775807 > 0 && principal is Doc",
    "context.n * -1 == context.m",
    "principal.home.city == context.s",
    "principal.home has zip && principal.home.zip == context.n",
    "principal.home.at == {lat: decimal(\"1.0\"), since: datetime(\"2024-01-01\")}",
    "principal.home == context.user.home",
    "principal.home.at == {lat: context.d, since: context.when}",
    "context.pair == {x: context.n, s: context.s}",
    "context.pair != {x: 1, s: \"ann\"}",
    "context.rec == context.rec",
    "{x: context.n, s: principal.boss.name} == context.pair",
    "context.s == \"\"",
    "context.s == \"ann\"",
    "context.s == principal.name",
    "context.s != \"éè\\u{1F600}\"",
    "context.s == \"a string that is longer than eight bytes\"",
    "context.s like \"*\"",
    "context.s like \"a*\"",
    "context.s like \"*n\"",
    "context.s like \"a*n\"",
    "context.s like \"*a*n*\"",
    "context.s like \"\\*\"",
    "context.s like \"\"",
    "context.s like \"a*b*c\"",
    "context.s like \"*é*\"",
    "principal.name like \"*nn*\"",
    "principal.numbers.contains(context.n)",
    "principal.numbers.containsAll([1, 2])",
    "principal.numbers.containsAll(context.nums)",
    "principal.numbers.containsAny([context.n, context.m])",
    "principal.numbers.containsAny(context.nums)",
    "principal.numbers == context.nums",
    "principal.numbers == [1, context.n]",
    "[context.n, 1] == principal.numbers",
    "[1, 2, 2] == [2, 1]",
    "[context.n, context.m] == [1, 2]",
    "principal.numbers.isEmpty()",
    "[context.n].isEmpty()",
    "[context.n, context.n + 9223372036854775807].contains(1)",
    "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].contains(context.n)",
    "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].containsAll(context.nums)",
    "principal.words.contains(context.s)",
    "principal.words.containsAny([\"a\", \"\", context.s])",
    "principal.words == context.strs",
    "[\"\", \"x\"] == context.strs",
    "principal.flags.contains(context.b)",
    "principal.flags == [true, context.b]",
    "principal.nets.contains(context.ip)",
    "principal.nets.containsAny([ip(\"10.0.0.0/8\"), context.ip])",
    "principal.pairs.contains({x: context.n, s: context.s})",
    "principal.pairs.contains(context.pair)",
    "principal.points == context.recs",
    "principal.points.containsAll(context.recs)",
    "[{x: 1, s: \"a\"}, {x: context.n, s: context.s}].containsAny(principal.pairs)",
    "principal.pairs == [context.pair, {x: 1, s: \"\"}]",
    "principal.nested.contains([1, context.n])",
    "principal.nested.contains(context.nums)",
    "principal.nested == context.sets",
    "principal.nested.containsAny([[1], context.nums])",
    "principal.prices.contains(context.d)",
    "principal.prices.containsAll([decimal(\"1.5\"), context.d])",
    "principal.groups == context.groups",
    "principal.groups.containsAny(context.groups)",
    "context.users.containsAll([principal, principal.boss])",
    "context.ip == ip(\"10.0.0.1\")",
    "context.ip.isInRange(ip(\"10.0.0.0/8\"))",
    "context.ip.isInRange(principal.ip)",
    "context.ip.isIpv4()",
    "context.ip.isIpv6()",
    "context.ip.isLoopback()",
    "context.ip.isMulticast()",
    "context.ip.isInRange(ip(\"::/0\"))",
    "context.ip.isInRange(ip(\"0.0.0.0/0\"))",
    "context.ip.isInRange(ip(\"2001:db8::/33\"))",
    "context.d.lessThan(decimal(\"1.5\"))",
    "context.d.lessThanOrEqual(principal.price)",
    "context.d.greaterThan(decimal(\"-0.0001\"))",
    "context.d.greaterThanOrEqual(principal.price)",
    "context.d == decimal(\"1.50\")",
    "context.when < datetime(\"2024-01-01T00:00:00Z\")",
    "context.when >= principal.born",
    "context.when.offset(context.span) > principal.born",
    "context.when.offset(duration(\"1d2h\")) < datetime(\"2030-01-01\")",
    "context.when.durationSince(principal.born) < principal.shift",
    "context.when.toDate() == datetime(\"2024-02-29\")",
    "context.when.toTime() < duration(\"12h\")",
    "context.when.toDate() <= context.when",
    "context.span.toMilliseconds() == 1500",
    "context.span.toSeconds() == 1",
    "context.span.toMinutes() > 0",
    "context.span.toHours() == -1",
    "context.span.toDays() == 0",
    "context.span < principal.shift",
    "principal.colour == Colour::\"red\"",
    "principal.colour != Colour::\"blå\"",
    "principal.hasTag(context.s)",
    "principal.hasTag(\"ann\") && principal.getTag(\"ann\").age > 3",
    "principal.hasTag(context.s) && principal.getTag(context.s).boss.name == \"ann\"",
    "principal.hasTag(context.s) && principal.getTag(context.s) in Group::\"g1\"",
    "principal.hasTag(\"ann\") && principal.getTag(\"ann\").hasTag(context.s) && principal.getTag(\"ann\").getTag(context.s).age > 0",
    "principal.boss.hasTag(\"bob\") && principal.boss.getTag(\"bob\") == principal",
    "User::\"nobody\".hasTag(\"x\")",
    "context == context",
    "action == Action::\"read\"",
    "action in Action::\"all\"",
    "action in [Action::\"write\"]",
    "context.act == action",
    "context.act in Action::\"all\"",
    "context.act == Action::\"write\"",
];

/// Conditions on the resource.
const DOC: &[&str] = &[
    "resource is Doc",
    "resource is Doc && resource.owner == principal",
    "resource is Doc && resource.owner.boss == principal",
    "resource is Doc && resource[\"odd name\"] > context.n",
    "resource is Doc && resource has \"odd name\"",
    "resource is Doc && resource.meta has tag && resource.meta.tag == context.s",
    "resource is Doc && resource in Group::\"g2\"",
    "resource is Doc && resource.meta.size + context.n > 10",
    "resource is Doc in Group::\"g1\"",
    "principal in resource",
    "resource is Tagged && resource.hasTag(\"k\") && resource.getTag(\"k\").contains(context.s)",
    "resource is Tagged && resource.hasTag(context.s) && resource.getTag(context.s) == context.strs",
    "resource is Noted && resource.hasTag(\"k\") && resource.getTag(\"k\").author.age > 1",
    "resource is Noted && resource.hasTag(\"k\") && resource.getTag(\"k\") has level && resource.getTag(\"k\").level == context.n",
    "resource is Noted && resource.hasTag(\"k\") && resource.getTag(\"k\").author.boss.name == context.s",
    "resource is Noted && resource.hasTag(\"k\") && resource.getTag(\"k\").author in Group::\"g1\"",
];

/// Scopes, so that dispatch by scope is decided too.
const SCOPES: &[&str] = &[
    "permit(principal == User::\"ann\", action, resource)",
    "forbid(principal in Group::\"g1\", action == Action::\"write\", resource)",
    "permit(principal is User in Group::\"g2\", action in [Action::\"all\"], resource is Doc)",
    "permit(principal, action, resource in Group::\"g3\")",
    "permit(principal, action in Action::\"all\", resource == Doc::\"d1\")",
    "forbid(principal is User, action, resource is Tagged)",
    "permit(principal in Org::\"o\", action, resource is Doc in Group::\"g1\")",
];

/// A small generator of numbers: the same sequence on every run.
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// One of the values.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()].clone()
    }

    fn some(&mut self, from: &[Value]) -> Value {
        let picked = from.iter().filter(|_| self.roll(2) == 0).cloned().collect();
        Value::Array(picked)
    }

    fn long(&mut self) -> Value {
        json!(self.pick(&[0, 1, 2, 3, -1, -5, 5, 12, i64::MAX, i64::MIN, 4_000_000_000]))
    }

    fn text(&mut self) -> Value {
        json!(self.pick(&[
            "",
            "ann",
            "bob",
            "x",
            "k",
            "*",
            "axb",
            "abc",
            "aXbYc",
            "éè😀",
            "a string that is longer than eight bytes",
            "anné",
        ]))
    }

    fn ext(&mut self, name: &str, texts: &[&str]) -> Value {
        json!({ "__extn": { "fn": name, "arg": self.pick(texts) } })
    }

    fn ip(&mut self) -> Value {
        self.ext(
            "ip",
            &[
                "10.0.0.1",
                "10.0.0.0/8",
                "127.0.0.1",
                "127.0.0.0/7",
                "224.0.0.1",
                "224.0.0.0/3",
                "::1",
                "::1/127",
                "ff02::1",
                "ff00::/8",
                "ffff::1",
                "2001:db8::1/64",
                "0.0.0.0/0",
                "::/0",
                "::/1",
                "2001:db8:8000::",
                "255.255.255.255/32",
            ],
        )
    }

    fn decimal(&mut self) -> Value {
        self.ext(
            "decimal",
            &[
                "1.5",
                "1.50",
                "0.0",
                "-0.0001",
                "922337203685477.5807",
                "-922337203685477.5808",
                "1.0",
            ],
        )
    }

    fn datetime(&mut self) -> Value {
        self.ext(
            "datetime",
            &[
                "2024-02-29T11:59:59.999Z",
                "1969-12-31T23:59:59.999Z",
                "2024-01-01",
                "0000-01-01",
                "9999-12-31T23:59:59.999Z",
                "1970-01-01T00:00:00.001Z",
            ],
        )
    }

    fn duration(&mut self) -> Value {
        self.ext(
            "duration",
            &[
                "1s500ms",
                "0ms",
                "-1h30m",
                "1d",
                "-1999ms",
                "9223372036854775807ms",
                "-9223372036854775808ms",
                "61m",
            ],
        )
    }

    fn user(&mut self) -> Value {
        json!({ "__entity": { "type": "User", "id": self.pick(&["ann", "bob", "cy", "nobody"]) } })
    }

    fn group(&mut self) -> Value {
        json!({ "__entity": { "type": "Group", "id": self.pick(&["g1", "g2", "g3", "absent"]) } })
    }

    fn many(&mut self, make: fn(&mut Self) -> Value) -> Value {
        let values: Vec<Value> = (0..self.roll(4)).map(|_| make(self)).collect();
        Value::Array(values)
    }

    fn point(&mut self) -> Value {
        let mut point = json!({ "x": self.long() });
        if self.roll(2) == 0 {
            point["y"] = self.text();
        }
        point
    }

    fn pair(&mut self) -> Value {
        json!({ "x": self.long(), "s": self.text() })
    }

    fn numbers(&mut self) -> Value {
        let all: Vec<Value> = [1, 2, 3, -5, 12].iter().map(|n| json!(n)).collect();
        self.some(&all)
    }

    /// An entity store; some entities are missing.
    pub fn store(&mut self) -> Value {
        let mut entities = Vec::new();
        for id in ["ann", "bob", "cy"] {
            if self.roll(8) > 0 {
                entities.push(self.stored_user(id));
            }
        }
        for (id, parents) in [("g1", ["g2"].as_slice()), ("g2", &["g3"]), ("g3", &[])] {
            let parents: Vec<Value> =
                parents.iter().map(|id| json!({ "type": "Group", "id": id })).collect();
            let parents = self.some(&parents);
            entities.push(
                json!({ "uid": { "type": "Group", "id": id }, "attrs": {}, "parents": parents }),
            );
        }
        if self.roll(6) > 0 {
            let mut meta = json!({ "size": self.long() });
            if self.roll(2) == 0 {
                meta["tag"] = self.text();
            }
            let attrs = json!({ "owner": self.user(), "odd name": self.long(), "meta": meta });
            entities.push(json!({ "uid": { "type": "Doc", "id": "d1" }, "attrs": attrs, "parents": self.parents() }));
        }
        let tags = json!({ "k": self.many(Self::text), "x": ["x"] });
        entities.push(json!({ "uid": { "type": "Tagged", "id": "t" }, "attrs": {}, "parents": [], "tags": tags }));
        let mut note = json!({ "author": self.user() });
        if self.roll(2) == 0 {
            note["level"] = self.long();
        }
        entities.push(json!({ "uid": { "type": "Noted", "id": "n" }, "attrs": {}, "parents": [], "tags": { "k": note } }));
        Value::Array(entities)
    }

    fn parents(&mut self) -> Value {
        let all: Vec<Value> =
            ["g1", "g2", "absent"].iter().map(|id| json!({ "type": "Group", "id": id })).collect();
        self.some(&all)
    }

    fn stored_user(&mut self, id: &str) -> Value {
        let mut attrs = json!({
            "name": self.text(), "age": self.long(), "boss": self.user(),
            "colour": { "__entity": { "type": "Colour", "id": self.pick(&["red", "green", "blå"]) } },
            "groups": self.many(Self::group), "numbers": self.numbers(), "words": self.many(Self::text),
            "flags": self.some(&[json!(true), json!(false)]), "nets": self.many(Self::ip), "points": self.many(Self::point), "pairs": self.many(Self::pair),
            "nested": self.many(Self::numbers), "prices": self.many(Self::decimal),
            "home": { "city": self.text(), "at": { "lat": self.decimal(), "since": self.datetime() } },
            "ip": self.ip(), "price": self.decimal(), "born": self.datetime(), "shift": self.duration(), "ok": self.roll(2) == 0,
        });
        if self.roll(2) == 0 {
            attrs["deputy"] = self.user();
        }
        if self.roll(2) == 0 {
            attrs["home"]["zip"] = self.long();
        }
        let mut tags = json!({});
        for key in ["ann", "bob", ""] {
            if self.roll(2) == 0 {
                tags[key] = self.user();
            }
        }
        let mut parents = self.parents();
        if self.roll(2) == 0 {
            parents.as_array_mut().unwrap().push(json!({ "type": "Org", "id": "o" }));
        }
        json!({ "uid": { "type": "User", "id": id }, "attrs": attrs, "parents": parents, "tags": tags })
    }

    /// A request; some name entities that are in no store.
    pub fn request(&mut self) -> Value {
        let mut rec = json!({ "a": self.long() });
        if self.roll(2) == 0 {
            rec["b"] = json!({ "c": self.roll(2) == 0 });
            if self.roll(2) == 0 {
                rec["b"]["d"] = self.user();
            }
        }
        let mut context = json!({
            "n": self.long(), "m": self.long(), "s": self.text(), "b": self.roll(2) == 0, "d": self.decimal(), "when": self.datetime(),
            "span": self.duration(), "ip": self.ip(), "user": self.user(), "group": self.group(), "users": self.many(Self::user),
            "groups": self.many(Self::group), "nums": self.numbers(), "strs": self.many(Self::text), "rec": rec,
            "recs": self.many(Self::point), "pair": self.pair(), "sets": self.many(Self::numbers),
            "act": { "__entity": { "type": "Action", "id": self.pick(&["read", "write", "all"]) } },
        });
        if self.roll(2) == 0 {
            context["t"] = self.text();
        }
        if self.roll(2) == 0 {
            context["other"] = self.user();
        }
        let resource = self.pick(&[
            "Doc::\"d1\"",
            "Doc::\"gone\"",
            "Tagged::\"t\"",
            "Noted::\"n\"",
            "Noted::\"gone\"",
        ]);
        json!({
            "principal": self.pick(&["User::\"ann\"", "User::\"bob\"", "User::\"nobody\""]),
            "action": self.pick(&["Action::\"read\"", "Action::\"write\""]), "resource": resource, "context": context,
        })
    }
}

/// One policy for each condition; those that Cedar's validator refuses are left out, and counted.
pub fn policies() -> (String, usize) {
    let conditions = ANY
        .iter()
        .chain(DOC)
        .map(|condition| format!("permit(principal, action, resource) when {{ {condition} }};"));
    let forbids = ANY.iter().step_by(5).map(|condition| {
        format!(
            "forbid(principal, action == Action::\"write\", resource) unless {{ {condition} }};"
        )
    });
    let scopes = SCOPES.iter().map(|scope| format!("{scope};"));
    let (valid, refused): (Vec<String>, Vec<String>) = conditions
        .chain(forbids)
        .chain(scopes)
        .partition(|text| Oracle::new(SCHEMA, text, &json!([])).is_ok());
    println!("refused by validation: {refused:?}");
    (valid.join("\n"), refused.len())
}
