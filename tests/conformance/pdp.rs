//! Trapkey's side: the public way from sources to decisions.

use trapkey::{
    Bundle, CompileError, CompileOptions, Compiled, Decision, Engine, Limits, Options,
    PublishError, Reason, Release, RuntimeError, Semantics, Sources, TemplateLink, compile,
};

use super::test::{Answer, Link, Policies, Request, Test};

/// One engine, for one test after the other.
pub(super) struct Pdp {
    engine: Engine,
}

/// Why a compiled test does not decide.
pub(super) enum Unpublished {
    /// Its entities are refused.
    Entities(String),
    /// What was compiled is refused.
    Module(String),
}

impl Pdp {
    pub(super) fn start() -> Result<Self, RuntimeError> {
        // Modules of earlier tests are of no use; frames of earlier requests must do no harm.
        let limits = Limits { history_max: 0, ..Limits::default() };
        let options = Options { limits, poison_frames: true, ..Options::default() };
        Ok(Self { engine: Engine::with_options(options)? })
    }

    /// Makes what was compiled live with `entities`.
    pub(super) fn publish(&self, compiled: &Compiled, entities: &str) -> Result<(), Unpublished> {
        let module = |error: &dyn std::error::Error| Unpublished::Module(line(error));
        let release = Release { name: "test".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).map_err(|error| module(&error))?;
        let bundle = Bundle::open(&bytes).map_err(|error| module(&error))?;
        match self.engine.publish_with_json(&bundle, entities) {
            Ok(_) => Ok(()),
            Err(PublishError::Entities(error)) => Err(Unpublished::Entities(line(&error))),
            Err(error) => Err(module(&error)),
        }
    }

    /// Decides by what was published last; the error says why the request is refused.
    pub(super) fn decide(&self, request: &Request) -> Result<Decision, String> {
        let text = serde_json::to_string(request).map_err(|error| line(&error))?;
        self.engine.decide_json(&text).map_err(|error| line(&error))
    }
}

/// Compiles the policies of `test` under Cedar's rules.
pub(super) fn compiled(test: &Test) -> Result<Compiled, CompileError> {
    let links: Vec<TemplateLink> = test.links.iter().map(template_link).collect();
    let sources = Sources { policies: &test.policies, schema: &test.schema, links: &links };
    compile(&sources, CompileOptions { semantics: Semantics::CEDAR })
}

/// The decision with its policies under Cedar's own ids; absent if none was reached.
pub(super) fn answer(decision: &Decision) -> Option<Answer> {
    let determining = decision.determining().map(|policy| policy.cedar_id.clone()).collect();
    let erring = decision.erring().map(|erring| erring.policy.cedar_id.clone()).collect();
    match decision.reason() {
        Reason::Failed(_) | Reason::ObligationNotHonoured => None,
        Reason::Permitted | Reason::Forbidden | Reason::NotPermitted | Reason::ForbidErred => {
            Some(Answer { allow: decision.is_allow(), policies: Policies { determining, erring } })
        }
    }
}

fn template_link(link: &Link) -> TemplateLink {
    let uid = |uid: &cedar_policy::EntityUid| {
        trapkey::EntityUid::new(uid.type_name().to_string(), uid.id().unescaped())
    };
    TemplateLink {
        id: link.id.clone(),
        template: link.template.clone(),
        principal: link.principal.as_ref().map(uid),
        resource: link.resource.as_ref().map(uid),
    }
}

/// The error and, after colons, its sources.
fn line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
