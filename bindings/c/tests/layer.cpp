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

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    use(argv[1]);
    return 0;
}
