/*
 * The layer for C++17: objects that free themselves, without exceptions and RTTI.
 */
#include <utility>

#include "check.h"
#include "trapkey.hpp"

namespace tk = trapkey;

static void use(const char *folder)
{
    tk::Error error;
    tk::Engine engine;
    tk::Model model;
    tk::Builder builder;
    tk::Request request;
    tk::Slot value;
    tk::Decision decision;
    tk::Decider decider;
    constexpr std::string_view action = "Action::\"visit\"";

    /* What is empty is a status and a deny. */
    CHECK(engine.generation() == 0);
    CHECK(engine.model(model, &error).code() == TRAPKEY_STATUS_NULL_POINTER);
    CHECK(error.text() == "`engine` is NULL");
    CHECK(!decider.allows(request, decision) && !decision.allows());

    CHECK(tk::Engine::make(engine, nullptr, &error).ok());
    CHECK(!error && error.text().empty());
    const trapkey_str_t entities = read_file(folder, "press.entities");
    CHECK(engine.publish_with(read_bytes(folder, "press.bundle"), tk::view(entities)).ok());
    CHECK(engine.model(model).ok() && engine.decider(decider).ok());
    CHECK(tk::Decision::make(decision).ok());
    CHECK(model.request(tk::view(read_file(folder, "press.request")), request, &error).ok());
    CHECK(decider.allows(request, decision) && decision.allows() && decision.status().ok());
    CHECK(decision.policies(TRAPKEY_POLICIES_DETERMINING) == 1);
    CHECK(decision.policy(TRAPKEY_POLICIES_DETERMINING, 0) == "write-all");
    CHECK(decision.policy(TRAPKEY_POLICIES_DETERMINING, 1).empty());
    CHECK(decision.obligations() == 1 && tk::view(decision.obligation(0)->name) == "record");
    CHECK(!decision.obligation(1) && decision.horizon()->has_at != 0);

    CHECK(model.slot("Action::\"write\"", "value", value).ok());
    CHECK(request.set_long(value, 7).ok());
    CHECK(decider.decide(request, decision).ok() && !decision.allows());
    CHECK(request.set_long(value, 1500).ok() && decider.allows(request, decision));

    CHECK(model.builder(action, builder).ok());
    CHECK(builder.principal("User::\"ann\"").ok() && builder.resource("Machine::\"press\"").ok());
    CHECK(builder.datetime("now", 5).ok());
    tk::Request visit;
    CHECK(builder.build(visit, &error).ok());
    CHECK(!decider.allows(visit, decision));
    CHECK(decision.reason() == TRAPKEY_REASON_NOT_PERMITTED);
    auto grant = tk::sized<trapkey_grant_t>();
    grant.id = tk::lend("g");
    grant.template_id = tk::lend("visit");
    grant.principal = tk::lend("User::\"ann\"");
    grant.resource = tk::lend("Machine::\"press\"");
    grant.requester = tk::lend("User::\"bob\"");
    grant.expires_ms = 100;
    CHECK(engine.grant(grant, &error).ok() && decider.allows(visit, decision));
    CHECK(decision.horizon()->valid_until_ms == 100);
    CHECK(engine.revoke("g").ok() && !decider.allows(visit, decision));

    /* Moved, and empty from then on. */
    tk::Request moved = std::move(request);
    CHECK(!request && moved && decider.allows(moved, decision));
    moved = std::move(visit);
    CHECK(!decider.allows(moved, decision));
    tk::Request &self = moved;
    moved = std::move(self);
    CHECK(static_cast<bool>(moved));
}

/* A made engine, its decision and two requests, of which no policy permits the other. */
struct Host {
    tk::Engine engine;
    tk::Decision decision;
    tk::Request request, other;
};

static Host host_of(const char *folder, const trapkey_options_t *options)
{
    Host host;
    tk::Model model;
    tk::Party bob;
    CHECK(tk::Engine::make(host.engine, options).ok() && tk::Decision::make(host.decision).ok());
    const trapkey_str_t entities = read_file(folder, "press.entities");
    CHECK(host.engine.publish_with(read_bytes(folder, "press.bundle"), tk::view(entities)).ok());
    CHECK(host.engine.model(model).ok() && model.party("User::\"bob\"", bob).ok());
    const trapkey_str_t json = read_file(folder, "press.request");
    CHECK(model.request(tk::view(json), host.request).ok());
    CHECK(host.request.copy_to(host.other).ok() && host.other.set_principal(bob).ok());
    return host;
}

static bool has(const tk::Report &report, std::string_view part)
{
    return report.text().find(part) != std::string_view::npos;
}

static void stages(const char *folder)
{
    auto options = tk::sized<trapkey_options_t>();
    options.safety_declared = 1;
    Host host = host_of(folder, &options);
    tk::Decider decider;
    tk::WouldDenies would_denies;
    tk::Request copy;
    tk::Report report;
    tk::Error error;
    auto scope = tk::sized<trapkey_observe_scope_t>();
    auto order = tk::sized<trapkey_stage_order_t>();
    scope.name = tk::lend("all");
    order.by = tk::lend("dan");
    CHECK(host.engine.decider(decider).ok() && !decider.allows(host.other, host.decision));
    CHECK(host.engine.observe(scope, order, &error).code() == TRAPKEY_STATUS_OBSERVE_REFUSED);
    CHECK(error.text() == "`reason` has 0 bytes, it must have 1 to 1024");
    order.reason = tk::lend("the first week");
    CHECK(host.engine.observe(scope, order).ok());
    CHECK(decider.allows(host.other, host.decision) && host.decision.would_deny());
    CHECK(host.engine.would_denies(would_denies).ok() && would_denies.size() == 1);
    CHECK(would_denies.at(0)->count == 1 && !would_denies.at(1));
    CHECK(would_denies.request(0, copy).ok() && decider.allows(copy, host.decision));
    CHECK(would_denies.decision(0, host.decision).ok() && host.decision.would_deny());
    CHECK(host.engine.enforce("all", order).code() == TRAPKEY_STATUS_ENFORCE_REFUSED);
    CHECK(host.engine.explain_would_deny(would_denies.at(0)->id, order).ok());
    CHECK(host.engine.observed_scopes(report).ok() && has(report, "\"name\":\"all\""));
    CHECK(host.engine.enforce("all", order).ok() && !decider.allows(host.other, host.decision));
    CHECK(host.engine.stage_records(report).ok() && has(report, "\"change\":\"enforced\""));
}

static void shadows(const char *folder)
{
    Host host = host_of(folder, nullptr);
    const trapkey_bytes_t denying = read_bytes(folder, "press.denying");
    const trapkey_bytes_t artefact = read_bytes(folder, "denying.precompiled");
    tk::Decider decider;
    tk::Differences differences;
    tk::Request asked;
    tk::Explanation explanation;
    auto rule = tk::sized<trapkey_guard_t>();
    rule.round = 10;
    CHECK(host.engine.decider(decider).ok() && host.engine.shadow(denying).ok());
    CHECK(decider.allows(host.request, host.decision));
    CHECK(host.engine.shadowed()->allow_to_deny == 1);
    CHECK(host.engine.take_shadow_differences(differences).ok() && differences.size() == 1);
    CHECK(differences.kind(0) == TRAPKEY_DIFFERENCE_ALLOW_TO_DENY);
    CHECK(differences.active(0, host.decision).ok() && host.decision.allows());
    CHECK(differences.candidate(0, host.decision).ok() && !host.decision.allows());
    CHECK(differences.request(0, asked).ok() && decider.allows(asked, host.decision));
    CHECK(!host.engine.explain_shadow(asked, explanation).ok() && !explanation);
    CHECK(host.engine.discard_shadow().ok());
    CHECK(host.engine.shadowed()->state == TRAPKEY_SHADOW_STATE_DISCARDED);
    /* Promoted, and taken back by its guard. */
    CHECK(host.engine.shadow_precompiled(denying, artefact).ok());
    CHECK(host.engine.promote_shadow(&rule).ok());
    CHECK(host.engine.guarded()->state == TRAPKEY_GUARD_STATE_WATCHING);
    CHECK(!decider.allows(host.request, host.decision));
    CHECK(host.engine.guarded()->state == TRAPKEY_GUARD_STATE_ROLLED_BACK);
    CHECK(decider.allows(host.request, host.decision));
    CHECK(host.engine.publish(read_bytes(folder, "press.explaining")).ok());
    CHECK(host.engine.guard(rule).ok() && host.engine.end_guard().ok());
    char text[8192];
    std::size_t len = 0;
    CHECK(host.engine.explain(host.request, explanation).ok());
    CHECK(explanation.copy(TRAPKEY_AUDIENCE_REQUESTER, text, sizeof(text), len).ok());
    CHECK(std::string_view(text, len).find("\"allow\"") != std::string_view::npos);
}

static void tell(void *userdata, const trapkey_flip_t *flip)
{
    *static_cast<std::uint32_t *>(userdata) = flip->cause;
}

static void sessions(const char *folder)
{
    Host host = host_of(folder, nullptr);
    tk::CachingDecider decider;
    tk::Sessions sessions;
    tk::Request request;
    tk::Report report;
    auto terms = tk::sized<trapkey_session_terms_t>();
    auto amendment = tk::sized<trapkey_amendment_t>();
    const trapkey_amendment_t *const amendments[1] = {&amendment};
    trapkey_session_id_t session = {};
    std::uint32_t cause = 0;
    CHECK(host.engine.caching_decider(decider).ok());
    CHECK(decider.decide(host.request, host.decision).ok() && host.decision.allows());
    CHECK(decider.decide(host.request, host.decision).ok() && decider.counts()->hits == 1);
    CHECK(decider.release().ok() && decider.counts()->len == 0 && host.decision.grants() == 0);
    CHECK(host.decision.grant(0).empty());

    terms.now_ms = 1000000;
    terms.exclusive = tk::lend("Machine::\"press\"");
    CHECK(host.engine.sessions(sessions).ok());
    CHECK(!sessions.open(host.other, terms, session).ok());
    CHECK(sessions.open(host.request, terms, session).ok() && sessions.size() == 1);
    CHECK(sessions.allows(session, 1000000) && sessions.touch(session, 1000000).ok());
    CHECK(sessions.acknowledge(session, 1000000, "record").ok());
    CHECK(sessions.holder("Machine::\"press\"") && !sessions.holder("Machine::\"oven\""));
    CHECK(sessions.counts()->opened == 1 && sessions.counts()->decided == 2);
    CHECK(sessions.decision(session, host.decision).ok() && host.decision.allows());
    CHECK(sessions.request(session, request).ok() && request);
    CHECK(sessions.dependencies(session, report).ok() && has(report, "User::\\\"ann\\\""));
    amendment.kind = TRAPKEY_AMENDMENT_ATTRIBUTE;
    amendment.entity = tk::lend("User::\"ann\"");
    amendment.attribute = tk::lend("level");
    amendment.json = tk::lend("1");
    CHECK(sessions.amend(1000000, amendments, 1).ok());
    CHECK(sessions.poll(1000000, tell, &cause).ok() && cause == TRAPKEY_CAUSE_ENTITY);
    CHECK(!sessions.allows(session, 1000000) && !sessions.close(session).ok());

    CHECK(tk::contents(read_bytes(folder, "press.bundle"), report).ok() && has(report, "write-all"));
    CHECK(host.engine.contents(report).ok() && has(report, "write-all"));
    CHECK(host.engine.entity("User::\"ann\"", report).ok() && has(report, "\"level\":\"1\""));
    CHECK(host.engine.grants(report).ok() && report.text() == "[]");
    CHECK(host.engine.exceptions(0, report).ok() && has(report, "old-rule"));
    CHECK(host.engine.take_break_glass_uses(report).ok() && report.text() == "[]");
    CHECK(host.engine.dependencies(host.request, report).ok() && has(report, "\"context\":["));
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    use(argv[1]);
    stages(argv[1]);
    shadows(argv[1]);
    sessions(argv[1]);
    return 0;
}
