//! Truth values: every operator that gives one.

use cedar_policy::EntityTypeName;
use proptest::prelude::{Rng, RngExt};

use super::constant::{self, quoted};
use super::expression::Writer;
use super::path::{Path, has};
use crate::generator::{Type, pick};

impl<R: Rng> Writer<'_, R> {
    /// A truth value.
    pub(super) fn boolean(&mut self, depth: u32) -> Option<String> {
        if depth == 0 {
            return self.simple();
        }
        let next = depth - 1;
        let written = match self.rng.random_range(1..40) {
            1 | 2 => self.boolean(next).map(|value| format!("!({value})")),
            3..=6 => self.guarded(next),
            7 | 8 => self.joined("&&", next),
            9..=11 => self.joined("||", next),
            12 => self.tested(next),
            13..=16 => self.equality(next),
            17..=20 => self.comparison(next),
            21..=23 => self.membership(next),
            24 => self.is(next),
            25 | 26 => self.has_attribute(next),
            27 => self.has_tag(next),
            28..=31 => self.containment(next),
            32 => self.some_set(next).map(|(set, _)| format!("{set}.isEmpty()")),
            33 | 34 => {
                let text = self.expression(&Type::String, next)?;
                Some(format!("{text} like {}", constant::pattern(self.rng)))
            }
            35 | 36 => self.ip(next),
            37 => self.decimal(next),
            _ => self.simple(),
        };
        written.or_else(|| self.simple()).map(|value| format!("({value})"))
    }

    /// A path, a constant or a test of presence.
    fn simple(&mut self) -> Option<String> {
        if self.rng.random_ratio(1, 2)
            && let Some(path) = self.unguarded(&Type::Bool)
        {
            return Some(path);
        }
        if self.rng.random_ratio(1, 2)
            && let Some(test) = self.has_attribute(0)
        {
            return Some(test);
        }
        self.constant(&Type::Bool)
    }

    /// A test of presence, and something that may rely on it.
    fn guarded(&mut self, depth: u32) -> Option<String> {
        let behind: Vec<Path> =
            self.paths.iter().filter(|p| !p.guards.is_empty()).cloned().collect();
        let path = pick(&behind, self.rng)?.clone();
        let guard = match &path.chain {
            Some((root, names)) if self.rng.random() => format!("({root} has {})", names.join(".")),
            _ => path.guards.join(" && "),
        };
        let before = self.proven.len();
        self.proven.extend(path.guards.iter().cloned());
        let body = if self.rng.random() { self.about(&path, depth) } else { self.boolean(depth) };
        self.proven.truncate(before);
        let body = body?;
        if self.rng.random_ratio(1, 4) {
            let other = self.boolean(depth)?;
            return Some(format!("if {guard} then {body} else {other}"));
        }
        Some(format!("{guard} && {body}"))
    }

    /// A truth value that reads the path.
    fn about(&mut self, path: &Path, depth: u32) -> Option<String> {
        if path.of == Type::Bool {
            return Some(path.text.clone());
        }
        let other = self.expression(&path.of, depth)?;
        Some(format!("({} == {other})", path.text))
    }

    fn joined(&mut self, operator: &str, depth: u32) -> Option<String> {
        let (left, right) = (self.boolean(depth)?, self.boolean(depth)?);
        Some(format!("{left} {operator} {right}"))
    }

    fn tested(&mut self, depth: u32) -> Option<String> {
        let (test, yes, no) = (self.boolean(depth)?, self.boolean(depth)?, self.boolean(depth)?);
        Some(format!("if {test} then {yes} else {no}"))
    }

    /// A type that some path has, or a scalar one.
    fn some_type(&mut self) -> Option<Type> {
        let simple = [
            Type::Long,
            Type::String,
            Type::Decimal,
            Type::Ip,
            Type::Datetime,
            Type::Duration,
            Type::Bool,
        ];
        if self.rng.random_ratio(1, 4) {
            return pick(&simple, self.rng).cloned();
        }
        let types: Vec<&Type> = self.paths.iter().map(|path| &path.of).collect();
        pick(&types, self.rng).copied().cloned()
    }

    fn equality(&mut self, depth: u32) -> Option<String> {
        let of = self.some_type()?;
        let (left, right) = (self.expression(&of, depth)?, self.expression(&of, depth)?);
        Some(format!("{left} {} {right}", pick(&["==", "==", "!="], self.rng)?))
    }

    fn comparison(&mut self, depth: u32) -> Option<String> {
        let of = pick(&[Type::Long, Type::Long, Type::Datetime, Type::Duration], self.rng)?.clone();
        let (left, right) = (self.expression(&of, depth)?, self.expression(&of, depth)?);
        Some(format!("{left} {} {right}", pick(&["<", "<=", ">", ">="], self.rng)?))
    }

    /// The entity types of the paths, and so those that an environment is about.
    fn entity_type(&mut self) -> Option<EntityTypeName> {
        let names: Vec<EntityTypeName> = self
            .paths
            .iter()
            .filter_map(
                |path| if let Type::Entity(name) = &path.of { Some(name.clone()) } else { None },
            )
            .collect();
        pick(&names, self.rng).cloned()
    }

    fn membership(&mut self, depth: u32) -> Option<String> {
        let name = self.entity_type()?;
        let parents: Vec<EntityTypeName> =
            self.vocabulary.parents(&name).into_iter().flatten().cloned().collect();
        let group =
            if self.rng.random_ratio(1, 5) { Some(&name) } else { pick(&parents, self.rng) };
        let group = Type::Entity(group.unwrap_or(&name).clone());
        let entity = self.expression(&Type::Entity(name), depth)?;
        let group = if self.rng.random_ratio(2, 5) {
            self.expression(&Type::Set(Box::new(group)), depth)?
        } else {
            self.expression(&group, depth)?
        };
        Some(format!("{entity} in {group}"))
    }

    fn is(&mut self, depth: u32) -> Option<String> {
        let name = self.entity_type()?;
        let entity = self.expression(&Type::Entity(name.clone()), depth)?;
        let other = if self.rng.random() { name } else { self.entity_type()? };
        if self.rng.random() {
            return Some(format!("{entity} is {other}"));
        }
        let group = self.entity_type()?;
        let group = self.expression(&Type::Entity(group), depth)?;
        Some(format!("{entity} is {other} in {group}"))
    }

    fn has_attribute(&mut self, depth: u32) -> Option<String> {
        let chained: Vec<&Path> = self
            .paths
            .iter()
            .filter(|path| path.chain.as_ref().is_some_and(|(_, names)| !names.is_empty()))
            .collect();
        if self.rng.random_ratio(1, 3)
            && let Some(Path { chain: Some((root, names)), .. }) = pick(&chained, self.rng)
        {
            return Some(format!("({root} has {})", names.join(".")));
        }
        let name = self.entity_type()?;
        let attributes: Vec<String> = self
            .vocabulary
            .attributes(&name)
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        let entity = self.expression(&Type::Entity(name), depth)?;
        let undeclared = "undeclared".to_owned();
        let attribute =
            if self.rng.random_ratio(1, 8) { &undeclared } else { pick(&attributes, self.rng)? };
        Some(has(&entity, attribute))
    }

    fn has_tag(&mut self, depth: u32) -> Option<String> {
        let names: Vec<EntityTypeName> = self.vocabulary.entities.keys().cloned().collect();
        let tagged: Vec<&EntityTypeName> =
            names.iter().filter(|name| self.vocabulary.tags(name).is_some()).collect();
        let name = pick(&tagged, self.rng).copied()?.clone();
        let entity = self.expression(&Type::Entity(name), depth)?;
        let key = self.key(depth)?;
        Some(format!("{entity}.hasTag({key})"))
    }

    /// A set and the type of its elements.
    fn some_set(&mut self, depth: u32) -> Option<(String, Type)> {
        let of = self.some_type()?;
        let element = if let Type::Set(element) = of { *element } else { of };
        let set = self.expression(&Type::Set(Box::new(element.clone())), depth)?;
        Some((set, element))
    }

    fn containment(&mut self, depth: u32) -> Option<String> {
        let (set, element) = self.some_set(depth)?;
        if self.rng.random_ratio(2, 5) {
            let element = self.expression(&element, depth)?;
            return Some(format!("{set}.contains({element})"));
        }
        let other = self.expression(&Type::Set(Box::new(element)), depth)?;
        Some(format!("{set}.{}({other})", pick(&["containsAll", "containsAny"], self.rng)?))
    }

    fn ip(&mut self, depth: u32) -> Option<String> {
        let value = self.expression(&Type::Ip, depth)?;
        if self.rng.random() {
            let range = self.expression(&Type::Ip, depth)?;
            return Some(format!("{value}.isInRange({range})"));
        }
        let tests = ["isIpv4", "isIpv6", "isLoopback", "isMulticast"];
        Some(format!("{value}.{}()", pick(&tests, self.rng)?))
    }

    fn decimal(&mut self, depth: u32) -> Option<String> {
        let (left, right) =
            (self.expression(&Type::Decimal, depth)?, self.expression(&Type::Decimal, depth)?);
        let tests = ["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"];
        Some(format!("{left}.{}({right})", pick(&tests, self.rng)?))
    }

    /// An annotation, which decides nothing.
    pub(super) fn annotation(&mut self) -> String {
        let names = ["note", "owner", "reason"];
        let name = pick(&names, self.rng).unwrap_or(&"note");
        format!("@{name}({}) ", quoted("é \"x\""))
    }
}
