//! What is asked: action, resource and context, worked out against the schema once and filled in for each request.

mod ask;
mod convert;

use core::fmt;

use trapkey_abi::{Clock, Layout, Row, RowEditor, RowField, RowSpace, Schema, Type};

use crate::plan::{Feature, Piece, Question, Source, TEXT_BYTES_MAX};

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
    /// A context that has no more than what every request has, if a header says who asks or not.
    blanks: [Row; 2],
    nodes: Vec<Node>,
    /// For each feature of the question, whether the blank contexts have its value.
    settled: Vec<bool>,
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
        let mut blanks = [Row::blank(row), Row::blank(row)];
        let mut settled = Vec::with_capacity(question.context.len());
        for feature in &question.context {
            settled.push(Node::settle(&nodes, feature, schema, &mut blanks));
        }
        let question = question.clone();
        Ok(Self { question, resource_type, blanks, nodes, settled, clocks, needs_now })
    }

    /// A context before what is only known of a request is written to it.
    fn blank(&self, is_by_header: bool) -> Row {
        let [by_certificate, by_header] = &self.blanks;
        if is_by_header { by_header.clone() } else { by_certificate.clone() }
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

    /// Writes the value of a feature that is the same for all requests; whether it is written. What is inside a record
    /// that may be absent is left to each request, and so is what is no value: it denies.
    fn settle(nodes: &[Self], feature: &Feature, schema: &Schema, blanks: &mut [Row; 2]) -> bool {
        let Some(texts) = constants(&feature.source) else { return false };
        let Some(field) = Self::always(nodes, &feature.path) else { return false };
        let mut written = blanks.clone();
        for (row, text) in written.iter_mut().zip(texts) {
            let Some(value) = convert::value(&field.attribute().ty, &text) else { return false };
            let mut space = RowSpace::default();
            if RowEditor::new(schema, row, &mut space).put_value(field, &value).is_err() {
                return false;
            }
        }
        *blanks = written;
        true
    }

    /// The attribute at a path; absent if a record around it may be.
    fn always<'n>(nodes: &'n [Self], path: &[String]) -> Option<&'n RowField> {
        let (name, inner) = path.split_first()?;
        let node = nodes.iter().find(|node| node.field.name() == name)?;
        match inner {
            [] => Some(&node.field),
            _ if node.field.attribute().required => Self::always(&node.inner, inner),
            _ => None,
        }
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

/// The texts of a source that are the same for all requests, if a certificate or if a header says who asks.
fn constants(source: &Source) -> Option<[String; 2]> {
    match source {
        Source::Text(pieces) => {
            let mut text = String::new();
            for piece in pieces {
                let Piece::Literal(literal) = piece else { return None };
                text.push_str(literal);
            }
            (text.len() <= TEXT_BYTES_MAX).then(|| [text.clone(), text])
        }
        Source::Basis { certificate, header } => Some([certificate.clone(), header.clone()]),
        Source::List { .. }
        | Source::PeerAddress
        | Source::TlsVersion
        | Source::Now
        | Source::RouteMetadata(_)
        | Source::Modbus(_) => None,
    }
}
