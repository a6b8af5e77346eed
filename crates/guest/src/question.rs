//! What is asked: action, resource and context, worked out against the schema once and filled in for each request.

mod ask;
mod convert;

use core::fmt;

use trapkey_abi::{Clock, Layout, Row, RowField, Schema, Type};

use crate::plan::{Feature, Question, Source};

pub(crate) use ask::{Asked, Entity};

/// Why a question does not fit the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QuestionError {
    /// The schema has no such action.
    Action(u32),
    /// The schema has no such entity type.
    EntityType(String),
    /// The context has no such attribute, or one whose value has no text.
    Attribute(String),
    /// A required attribute has no source.
    Missing(String),
}

impl fmt::Display for QuestionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action(index) => write!(f, "the schema has no action {index}"),
            Self::EntityType(name) => write!(f, "the schema has no entity type `{name}`"),
            Self::Attribute(path) => write!(f, "no text is a value of `context.{path}`"),
            Self::Missing(path) => write!(f, "nothing gives a value to `context.{path}`"),
        }
    }
}

/// A question that fits the schema.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) question: Question,
    /// Index of the resource's type.
    resource_type: u32,
    /// A context without attributes.
    blank: Row,
    nodes: Vec<Node>,
    /// Attributes that move with time.
    clocks: Vec<(RowField, Clock)>,
    /// Whether a source is the instant.
    pub(crate) needs_now: bool,
}

/// An attribute of the context.
#[derive(Debug)]
struct Node {
    field: RowField,
    /// Index of the feature that gives its value, if one does.
    feature: Option<usize>,
    /// Of a record, its attributes.
    inner: Vec<Node>,
}

impl Prepared {
    /// Works a question out.
    pub(crate) fn new(
        question: &Question,
        schema: &Schema,
        layout: &Layout,
    ) -> Result<Self, QuestionError> {
        let index = usize::try_from(question.action).ok();
        let action = index.and_then(|index| schema.actions.get(index));
        let row = index.and_then(|index| layout.contexts.get(index));
        let (Some(action), Some(row)) = (action, row) else {
            return Err(QuestionError::Action(question.action));
        };
        let resource = &question.resource_type;
        let (resource_type, _) =
            schema.entity_type(resource).ok_or(QuestionError::EntityType(resource.clone()))?;
        let context = RowField::context(row, &action.context);
        let nodes = Node::all(context.fields(), &question.context);
        for feature in &question.context {
            Node::check(&nodes, feature)?;
        }
        Node::covers(&nodes)?;
        let mut clocks = Vec::new();
        Node::clocks(&nodes, &question.context, &mut clocks);
        let needs_now = question.context.iter().any(|feature| feature.source == Source::Now);
        let blank = Row::blank(row);
        Ok(Self { question: question.clone(), resource_type, blank, nodes, clocks, needs_now })
    }
}

impl Node {
    fn all(fields: &[RowField], features: &[Feature]) -> Vec<Self> {
        let node = |field: &RowField| {
            let is_its = |feature: &Feature| feature.path.join(".") == field.path();
            Self {
                field: field.clone(),
                feature: features.iter().position(is_its),
                inner: Self::all(field.fields(), features),
            }
        };
        fields.iter().map(node).collect()
    }

    /// Whether a feature is an attribute that texts have values of.
    fn check(nodes: &[Self], feature: &Feature) -> Result<(), QuestionError> {
        let unknown = || QuestionError::Attribute(feature.path.join("."));
        let mut nodes = nodes;
        let mut found = None;
        for name in &feature.path {
            let node = nodes.iter().find(|node| node.field.name() == name).ok_or_else(unknown)?;
            found = Some(&node.field);
            nodes = &node.inner;
        }
        let ty = &found.ok_or_else(unknown)?.attribute().ty;
        let is_list = matches!(feature.source, Source::List { .. });
        let fits = match ty {
            Type::Set(element) => is_list && convert::has_text(element),
            ty => !is_list && convert::has_text(ty),
        };
        if fits { Ok(()) } else { Err(unknown()) }
    }

    /// Whether each attribute that a context always has gets a value.
    fn covers(nodes: &[Self]) -> Result<(), QuestionError> {
        for node in nodes.iter().filter(|node| node.field.attribute().required) {
            match &node.field.attribute().ty {
                Type::Record(_) => Self::covers(&node.inner)?,
                _ if node.feature.is_some() => {}
                _ => return Err(QuestionError::Missing(node.field.path().to_owned())),
            }
        }
        Ok(())
    }

    /// Collects what moves with time. A source that is the instant moves as clocks do.
    fn clocks(nodes: &[Self], features: &[Feature], clocks: &mut Vec<(RowField, Clock)>) {
        for node in nodes {
            let source = node.feature.and_then(|feature| features.get(feature));
            let is_now = source.is_some_and(|feature| feature.source == Source::Now);
            let now = is_now.then_some(Clock::Instant);
            if let Some(clock) = node.field.attribute().clock.or(now) {
                clocks.push((node.field.clone(), clock));
            }
            Self::clocks(&node.inner, features, clocks);
        }
    }
}
