//! Expressions of a type, written from the outside in.

use cedar_policy::EntityTypeName;
use proptest::prelude::{Rng, RngExt};

use super::constant::{self, KEYS, quoted};
use super::path::{Path, access};
use crate::generator::{EntityKind, Record, Type, Vocabulary, pick};

/// Writes expressions over the paths of one request environment.
pub(super) struct Writer<'w, R> {
    pub(super) vocabulary: &'w Vocabulary,
    pub(super) rng: &'w mut R,
    pub(super) paths: Vec<Path>,
    /// Tests that hold where the next expression stands.
    pub(super) proven: Vec<String>,
}

impl<R: Rng> Writer<'_, R> {
    /// An expression of the type, with at most `depth` operations inside each other; nothing if the type has neither
    /// paths nor literals.
    pub(super) fn expression(&mut self, of: &Type, depth: u32) -> Option<String> {
        if *of == Type::Bool {
            return self.boolean(depth);
        }
        let written = match self.rng.random_range(0..12) {
            _ if depth == 0 => None,
            0 => self.choice(of, depth),
            1 => self.field_of_literal(of, depth),
            2 => self.through_entity(of, depth),
            3 => self.tag(of, depth),
            4..=7 => self.path(of),
            _ => self.operation(of, depth),
        };
        let written =
            written.or_else(|| if depth == 0 && self.rng.random() { self.path(of) } else { None });
        written.or_else(|| self.constant(of)).or_else(|| self.path(of))
    }

    fn choice(&mut self, of: &Type, depth: u32) -> Option<String> {
        let test = self.boolean(depth - 1)?;
        let (yes, no) = (self.expression(of, depth - 1)?, self.expression(of, depth - 1)?);
        Some(format!("(if {test} then {yes} else {no})"))
    }

    /// A field of a record literal whose other field is evaluated too, and may err.
    fn field_of_literal(&mut self, of: &Type, depth: u32) -> Option<String> {
        let types: Vec<Type> = self.paths.iter().map(|path| path.of.clone()).collect();
        let beside_of = match pick(&types, self.rng) {
            Some(of) if self.rng.random() => of.clone(),
            _ => Type::Long,
        };
        let (field, other) =
            (self.expression(of, depth - 1)?, self.expression(&beside_of, depth - 1)?);
        let names = [("a", "b"), ("b", "a"), ("odd name", "c"), ("if", "in")];
        let (name, beside) = pick(&names, self.rng)?;
        let record = format!("{{{}: {field}, {}: {other}}}", quoted(name), quoted(beside));
        Some(access(&record, name))
    }

    /// A required attribute of an entity that is an expression itself.
    fn through_entity(&mut self, of: &Type, depth: u32) -> Option<String> {
        let mut found: Vec<(EntityTypeName, String)> = Vec::new();
        for (name, kind) in &self.vocabulary.entities {
            if let EntityKind::Standard { attributes, .. } = kind {
                let fitting = attributes.iter().filter(|(_, a)| a.is_required && a.of == *of);
                found.extend(fitting.map(|(attribute, _)| (name.clone(), attribute.clone())));
            }
        }
        let (name, attribute) = pick(&found, self.rng)?.clone();
        let entity = self.expression(&Type::Entity(name), depth - 1)?;
        Some(access(&entity, &attribute))
    }

    /// A tag under a key that is an expression itself.
    fn tag(&mut self, of: &Type, depth: u32) -> Option<String> {
        let tagged: Vec<EntityTypeName> = self
            .vocabulary
            .entities
            .keys()
            .filter(|name| self.vocabulary.tags(name) == Some(of))
            .cloned()
            .collect();
        let name = pick(&tagged, self.rng)?.clone();
        let entity = self.expression(&Type::Entity(name), depth - 1)?;
        let key = self.key(depth - 1)?;
        let other = self.constant(of).or_else(|| self.unguarded(of))?;
        Some(format!("(if {entity}.hasTag({key}) then {entity}.getTag({key}) else {other})"))
    }

    pub(super) fn key(&mut self, depth: u32) -> Option<String> {
        if self.rng.random() {
            return pick(KEYS, self.rng).map(|key| quoted(key));
        }
        self.expression(&Type::String, depth)
    }

    /// A path of the type, behind its guards.
    fn path(&mut self, of: &Type) -> Option<String> {
        let fitting: Vec<Path> = self.paths.iter().filter(|path| path.of == *of).cloned().collect();
        let path = pick(&fitting, self.rng)?.clone();
        let missing: Vec<String> =
            path.guards.iter().filter(|guard| !self.proven.contains(guard)).cloned().collect();
        if missing.is_empty() {
            return Some(path.text);
        }
        let other = self.constant(of).or_else(|| self.unguarded(of))?;
        Some(format!("(if {} then {} else {other})", missing.join(" && "), path.text))
    }

    /// A path of the type that needs no guard here.
    pub(super) fn unguarded(&mut self, of: &Type) -> Option<String> {
        let is_open =
            |path: &&Path| path.of == *of && path.guards.iter().all(|g| self.proven.contains(g));
        let open: Vec<String> =
            self.paths.iter().filter(is_open).map(|path| path.text.clone()).collect();
        pick(&open, self.rng).cloned()
    }

    fn operation(&mut self, of: &Type, depth: u32) -> Option<String> {
        match of {
            Type::Long => self.long(depth - 1),
            Type::Datetime => {
                let at = self.expression(of, depth - 1)?;
                if self.rng.random() {
                    return Some(format!("{at}.toDate()"));
                }
                let by = self.expression(&Type::Duration, depth - 1)?;
                Some(format!("{at}.offset({by})"))
            }
            Type::Duration => {
                let at = self.expression(&Type::Datetime, depth - 1)?;
                if self.rng.random() {
                    return Some(format!("{at}.toTime()"));
                }
                let since = self.expression(&Type::Datetime, depth - 1)?;
                Some(format!("{at}.durationSince({since})"))
            }
            Type::Set(element) => self.set(element, depth - 1),
            Type::Record(record) => self.record(record, depth - 1),
            Type::Bool | Type::String | Type::Decimal | Type::Ip | Type::Entity(_) => None,
        }
    }

    fn long(&mut self, depth: u32) -> Option<String> {
        let choice = self.rng.random_range(0..10);
        if choice < 3 {
            let value = self.expression(&Type::Duration, depth)?;
            let units = ["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"];
            return Some(format!("{value}.{}()", pick(&units, self.rng)?));
        }
        let value = self.expression(&Type::Long, depth)?;
        if choice == 3 {
            return Some(format!("(-{value})"));
        }
        let other = self.expression(&Type::Long, depth)?;
        Some(format!("({value} {} {other})", pick(&["+", "-", "*"], self.rng)?))
    }

    fn set(&mut self, element: &Type, depth: u32) -> Option<String> {
        // More than a few constants become data that is searched.
        let is_large = self.rng.random_ratio(1, 6);
        let len = if is_large { self.rng.random_range(7..12) } else { self.rng.random_range(1..4) };
        let elements: Option<Vec<String>> =
            (0..len)
                .map(|_| {
                    if is_large { self.constant(element) } else { self.expression(element, depth) }
                })
                .collect();
        Some(format!("[{}]", elements?.join(", ")))
    }

    fn record(&mut self, record: &Record, depth: u32) -> Option<String> {
        let fields: Option<Vec<String>> = record
            .iter()
            .map(|(name, attribute)| {
                let value = self.expression(&attribute.of, depth)?;
                Some(format!("{}: {value}", quoted(name)))
            })
            .collect();
        Some(format!("{{{}}}", fields?.join(", ")))
    }

    /// A literal of the type.
    pub(super) fn constant(&mut self, of: &Type) -> Option<String> {
        Some(match of {
            Type::Bool => if self.rng.random() { "true" } else { "false" }.to_owned(),
            Type::Long => constant::long(self.rng),
            Type::String => constant::string(self.rng),
            Type::Decimal => constant::decimal(self.rng),
            Type::Ip => constant::ip(self.rng),
            Type::Datetime => constant::datetime(self.rng),
            Type::Duration => constant::duration(self.rng),
            Type::Entity(name) => constant::uid(self.vocabulary, name, self.rng)?.to_string(),
            Type::Set(element) => {
                let len = self.rng.random_range(1..4);
                let elements: Option<Vec<String>> =
                    (0..len).map(|_| self.constant(element)).collect();
                format!("[{}]", elements?.join(", "))
            }
            Type::Record(record) => {
                let fields: Option<Vec<String>> = record
                    .iter()
                    .map(|(name, a)| Some(format!("{}: {}", quoted(name), self.constant(&a.of)?)))
                    .collect();
                format!("{{{}}}", fields?.join(", "))
            }
        })
    }
}
