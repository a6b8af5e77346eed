/*
 * What an engine tells of bundles, grants, exceptions and dependencies; deciders that keep decisions; and what sessions
 * tell and change together.
 *
 * The folder has `press.bundle`; `press.glass`, the same with a break-glass template; `contents.said` and
 * `dependencies.said`, parts of JSON that Rust says of it.
 */
#include "check.h"

static const char *folder;
static trapkey_engine_t *engine;
static trapkey_model_t *model;
static trapkey_decision_t *decision;
static trapkey_request_t *visit;
static trapkey_request_t *write_request;
static trapkey_error_t *error;

/* Each line of a file is in the report. */
static void has_lines(const trapkey_report_t *report, const char *name)
{
    trapkey_str_t said = read_file(folder, name);
    char *line = (char *)(uintptr_t)said.data;
    char *end;
    int lines = 0;
    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        if (!report_has(report, line)) {
            fprintf(stderr, "%s says `%s`\n", name, line);
            exit(1);
        }
        lines += 1;
    }
    CHECK(lines > 2);
    free((char *)(uintptr_t)said.data);
}

static trapkey_verdict_t decide(const trapkey_request_t *request)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    OK_OR_SAY(trapkey_engine_decide(engine, request, decision, &verdict, &error));
    return verdict;
}

static void contents(void)
{
    trapkey_report_t *report = NULL;
    trapkey_engine_t *empty = NULL;
    trapkey_bytes_t bundle = read_bytes(folder, "press.bundle");
    char small[8] = "before";
    size_t len = 0;
    OK_OR_SAY(trapkey_bundle_contents(bundle, &report, &error));
    has_lines(report, "contents.said");
    CHECK(report_has(report, "\"expires\":1577836800000,\"id\":\"old-rule\""));
    FAILS(TRAPKEY_STATUS_BUFFER_TOO_SMALL, trapkey_report_copy(report, small, 8, &len));
    CHECK(strcmp(small, "before") == 0 && len == trapkey_report_text(report).len);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_report_copy(report, small, 8, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_report_copy(report, NULL, 8, &len));
    trapkey_report_free(report);
    OK_OR_SAY(trapkey_engine_contents(engine, &report, &error));
    has_lines(report, "contents.said");
    trapkey_report_free(report);
    FAILS(TRAPKEY_STATUS_BUNDLE_REFUSED,
          trapkey_bundle_contents(read_bytes(folder, "press.entities"), &report, NULL));
    OK_OR_SAY(trapkey_engine_new(NULL, &empty, &error));
    FAILS(TRAPKEY_STATUS_NOTHING_PUBLISHED, trapkey_engine_contents(empty, &report, NULL));
    CHECK(trapkey_engine_entities_len(engine) == 6 && trapkey_engine_entities_len(empty) == 0);
    CHECK(trapkey_engine_modules_alive(engine) == 1 && trapkey_engine_modules_alive(empty) == 0);
    trapkey_engine_free(empty);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_bundle_contents(bundle, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_contents(NULL, &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_report_copy(NULL, small, 8, &len));
    CHECK(trapkey_report_text(NULL).len == 0 && trapkey_engine_entities_len(NULL) == 0);
    CHECK(trapkey_engine_modules_alive(NULL) == 0);
    trapkey_report_free(NULL);
}

static void entities(void)
{
    trapkey_report_t *report = NULL;
    OK_OR_SAY(trapkey_engine_entity(engine, TRAPKEY_STR("User::\"ann\""), &report, &error));
    CHECK(report_is(report, "{\"ancestors\":[],\"attributes\":{\"level\":\"3\"},"
                            "\"entity\":\"User::\\\"ann\\\"\",\"parents\":[],\"tags\":{}}"));
    FAILS(TRAPKEY_STATUS_FACTS_REFUSED,
          trapkey_engine_entity(engine, TRAPKEY_STR("User::\"zoe\""), &report, &error));
    CHECK(error_says(error, "the entity `User::\"zoe\"` is unknown"));
    error = NULL;
    FAILS(TRAPKEY_STATUS_UID_REFUSED,
          trapkey_engine_entity(engine, TRAPKEY_STR("ann"), &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_entity(NULL, TRAPKEY_STR("User::\"ann\""), &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_entity(engine, TRAPKEY_STR("User::\"ann\""), NULL, NULL));
}

static void dependencies(void)
{
    trapkey_report_t *report = NULL;
    OK_OR_SAY(trapkey_engine_dependencies(engine, write_request, &report, &error));
    has_lines(report, "dependencies.said");
    trapkey_report_free(report);
    OK_OR_SAY(trapkey_engine_dependencies(engine, visit, &report, &error));
    CHECK(report_has(report, "\"grants\":{\"principals\":[\""));
    trapkey_report_free(report);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_dependencies(NULL, visit, &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_dependencies(engine, NULL, &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_dependencies(engine, visit, NULL, NULL));
}

static trapkey_grant_t grant_of(const char *id, const char *template_id)
{
    static trapkey_str_t approvers[2];
    trapkey_grant_t grant;
    TRAPKEY_INIT(grant);
    approvers[0] = TRAPKEY_STR("User::\"cay\"");
    approvers[1] = TRAPKEY_STR("User::\"dan\"");
    grant.id = trapkey_text(id);
    grant.template_id = trapkey_text(template_id);
    grant.principal = TRAPKEY_STR("User::\"ann\"");
    grant.resource = TRAPKEY_STR("Machine::\"press\"");
    grant.requester = TRAPKEY_STR("User::\"bob\"");
    grant.ticket = TRAPKEY_STR("T-1");
    grant.reason = TRAPKEY_STR("a jam");
    grant.approvers = approvers;
    grant.approvers_len = 2;
    grant.has_not_before = 1;
    grant.expires_ms = 2000;
    return grant;
}

static void exceptions(void)
{
    trapkey_grant_t grant = grant_of("g-glass", "glass");
    trapkey_report_t *report = NULL;
    trapkey_str_t id;
    OK_OR_SAY(trapkey_engine_publish(engine, read_bytes(folder, "press.glass"), NULL, &error));
    OK_OR_SAY(trapkey_engine_grants(engine, &report, &error));
    CHECK(report_is(report, "[]"));
    CHECK(decide(visit) == TRAPKEY_VERDICT_DENY && trapkey_decision_grants(decision) == 0);
    OK_OR_SAY(trapkey_engine_grant(engine, &grant, &error));
    CHECK(decide(visit) == TRAPKEY_VERDICT_ALLOW && decide(visit) == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_decision_is_break_glass(decision) && trapkey_decision_grants(decision) == 1);
    OK_OR_SAY(trapkey_decision_grant(decision, 0, &id, &error));
    CHECK(is_text(id, "g-glass"));
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_decision_grant(decision, 1, &id, NULL));
    OK_OR_SAY(trapkey_engine_grants(engine, &report, &error));
    CHECK(report_is(report,
                    "[{\"dormant\":null,\"grant\":{\"approvers\":[\"User::\\\"cay\\\"\","
                    "\"User::\\\"dan\\\"\"],\"expires\":2000,\"id\":\"g-glass\",\"not_before\":0,"
                    "\"principal\":\"User::\\\"ann\\\"\",\"reason\":\"a jam\","
                    "\"requester\":\"User::\\\"bob\\\"\",\"resource\":\"Machine::\\\"press\\\"\","
                    "\"template\":\"glass\",\"ticket\":\"T-1\"},\"uses\":2}]"));
    /* What ends, and what has ended long ago. */
    OK_OR_SAY(trapkey_engine_exceptions(engine, 1999, &report, &error));
    CHECK(report_has(report, "[{\"expires\":2000,\"id\":\"g-glass\",\"is_over\":false,\"kind\":\"grant\","
                             "\"owner\":\"User::\\\"bob\\\"\",\"reason\":\"a jam\","
                             "\"reference\":\"T-1\",\"review\":null},"));
    CHECK(report_has(report, "\"id\":\"old-rule\",\"is_over\":false,\"kind\":\"forbid\""));
    trapkey_report_free(report);
    OK_OR_SAY(trapkey_engine_exceptions(engine, 1577836800000, &report, &error));
    CHECK(report_has(report, "\"id\":\"old-rule\",\"is_over\":true"));
    trapkey_report_free(report);
    /* Each use is told once, also of a grant that is gone. */
    OK_OR_SAY(trapkey_engine_take_break_glass_uses(engine, &report, &error));
    CHECK(report_has(report, "\"uses\":2,\"uses_in_all\":2}]"));
    trapkey_report_free(report);
    CHECK(decide(visit) == TRAPKEY_VERDICT_ALLOW);
    OK_OR_SAY(trapkey_engine_revoke(engine, grant.id, NULL, &error));
    OK_OR_SAY(trapkey_engine_take_break_glass_uses(engine, &report, &error));
    CHECK(report_has(report, "\"uses\":1,\"uses_in_all\":3}]"));
    trapkey_report_free(report);
    OK_OR_SAY(trapkey_engine_take_break_glass_uses(engine, &report, &error));
    CHECK(report_is(report, "[]"));
    /* Its template is gone. */
    OK_OR_SAY(trapkey_engine_grant(engine, &grant, &error));
    OK_OR_SAY(trapkey_engine_rollback(engine, NULL, &error));
    OK_OR_SAY(trapkey_engine_grants(engine, &report, &error));
    CHECK(report_has(report, "\"dormant\":\"no-template\""));
    trapkey_report_free(report);
    OK_OR_SAY(trapkey_engine_revoke(engine, grant.id, NULL, &error));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_grants(NULL, &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_grants(engine, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_exceptions(NULL, 0, &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_exceptions(engine, 0, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_take_break_glass_uses(NULL, &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_take_break_glass_uses(engine, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_decision_grant(NULL, 0, &id, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_decision_grant(decision, 0, NULL, NULL));
    CHECK(trapkey_decision_grants(NULL) == 0);
}

/* One that keeps decisions says what the others say, of a change too. */
static void caching(void)
{
    trapkey_caching_decider_t *decider = NULL;
    trapkey_cache_counts_t counts;
    trapkey_policy_t policy;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    int at;
    TRAPKEY_INIT(counts);
    TRAPKEY_INIT(policy);
    OK_OR_SAY(trapkey_caching_decider_new(engine, 0, &decider, &error));
    for (at = 0; at < 3; at++) {
        verdict = TRAPKEY_VERDICT_DENY;
        OK_OR_SAY(trapkey_caching_decider_decide(decider, write_request, decision, &verdict, &error));
        CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
        OK(trapkey_decision_policy(decision, TRAPKEY_POLICIES_DETERMINING, 0, &policy, NULL));
        CHECK(is_text(policy.id, "write-all"));
    }
    OK_OR_SAY(trapkey_caching_decider_counts(decider, &counts, &error));
    CHECK(counts.hits == 2 && counts.misses == 1 && counts.len == 1);
    OK_OR_SAY(trapkey_engine_upsert(
        engine,
        TRAPKEY_STR("{\"uid\":{\"type\":\"User\",\"id\":\"ann\"},\"attrs\":{\"level\":1},\"parents\":[]}"),
        &error));
    OK_OR_SAY(trapkey_caching_decider_decide(decider, write_request, decision, &verdict, &error));
    CHECK(verdict == TRAPKEY_VERDICT_DENY && decide(write_request) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_engine_replace_entities(engine, read_file(folder, "press.entities"), &error));
    OK_OR_SAY(trapkey_caching_decider_decide(decider, write_request, decision, &verdict, &error));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_caching_decider_decide(decider, NULL, decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_caching_decider_decide(NULL, write_request, decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_caching_decider_release(decider, &error));
    OK_OR_SAY(trapkey_caching_decider_counts(decider, &counts, &error));
    CHECK(counts.len == 0 && counts.hits == 2);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_caching_decider_release(NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_caching_decider_counts(NULL, &counts, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_caching_decider_counts(decider, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_caching_decider_new(NULL, 0, &decider, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_caching_decider_new(engine, 0, NULL, NULL));
    trapkey_caching_decider_free(decider);
    trapkey_caching_decider_free(NULL);
}

/* The engine's own batches, and texts decided at once. */
static void at_once(void)
{
    const trapkey_request_t *requests[2];
    trapkey_decisions_t *decisions = NULL;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    trapkey_str_t json = read_file(folder, "press.request");
    requests[0] = write_request;
    requests[1] = visit;
    OK_OR_SAY(trapkey_decisions_new(&decisions, &error));
    OK_OR_SAY(trapkey_engine_decide_batch(engine, requests, 2, decisions, &error));
    CHECK(trapkey_decisions_verdict(decisions, 0) == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_decisions_verdict(decisions, 1) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_decisions_copy(decisions, 0, decision, &error));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_ALLOW);
    requests[1] = NULL;
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_decide_batch(engine, requests, 2, decisions, NULL));
    CHECK(trapkey_decisions_len(decisions) == 0);
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_decide_batch(NULL, requests, 1, decisions, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_decide_batch(engine, requests, 1, NULL, NULL));
    trapkey_decisions_free(decisions);
    OK_OR_SAY(trapkey_engine_decide_json(engine, json, decision, &verdict, &error));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_ALLOW);
    FAILS(TRAPKEY_STATUS_REQUEST_REFUSED,
          trapkey_engine_decide_json(engine, TRAPKEY_STR("{}"), decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_decide_json(NULL, json, decision, &verdict, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_decide_json(engine, json, NULL, &verdict, NULL));
}

static trapkey_session_id_t open_on(trapkey_sessions_t *sessions, const char *device,
                                    const char *exclusive)
{
    trapkey_session_terms_t terms;
    trapkey_session_id_t session;
    TRAPKEY_INIT(terms);
    memset(&session, 0, sizeof(session));
    terms.now_ms = 1000000;
    terms.device = trapkey_text(device);
    terms.exclusive = trapkey_text(exclusive);
    OK_OR_SAY(trapkey_sessions_open(sessions, write_request, &terms, &session, &error));
    return session;
}

static int same(trapkey_session_id_t a, trapkey_session_id_t b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static void look_up(trapkey_sessions_t *sessions, trapkey_session_id_t session)
{
    trapkey_session_id_t found[2], gone;
    trapkey_session_counts_t counts;
    trapkey_subject_t subject;
    trapkey_request_t *request = NULL;
    trapkey_report_t *report = NULL;
    size_t len = 9;
    TRAPKEY_INIT(counts);
    TRAPKEY_INIT(subject);
    memset(&gone, 0xff, sizeof(gone));
    memset(found, 0, sizeof(found));
    OK_OR_SAY(trapkey_sessions_counts(sessions, &counts, &error));
    CHECK(counts.opened == 2 && counts.decided == 2 && counts.flipped == 0);
    OK_OR_SAY(trapkey_sessions_decision(sessions, session, decision, &error));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_ALLOW);
    FAILS(TRAPKEY_STATUS_SESSION_REFUSED, trapkey_sessions_decision(sessions, gone, decision, NULL));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_sessions_request(sessions, session, &request, &error));
    CHECK(decide(request) == TRAPKEY_VERDICT_ALLOW);
    trapkey_request_free(request);
    FAILS(TRAPKEY_STATUS_SESSION_REFUSED, trapkey_sessions_request(sessions, gone, &request, NULL));
    OK_OR_SAY(trapkey_sessions_dependencies(sessions, session, &report, &error));
    CHECK(report_has(report, "\"entity\":\"User::\\\"ann\\\"\""));
    trapkey_report_free(report);
    FAILS(TRAPKEY_STATUS_SESSION_REFUSED,
          trapkey_sessions_dependencies(sessions, gone, &report, NULL));
    OK_OR_SAY(trapkey_sessions_holder(sessions, TRAPKEY_STR("Machine::\"press\""), found, &error));
    CHECK(same(found[0], session));
    FAILS(TRAPKEY_STATUS_SESSION_REFUSED,
          trapkey_sessions_holder(sessions, TRAPKEY_STR("Machine::\"oven\""), found, &error));
    CHECK(error_says(error, "no session holds `Machine::\"oven\"`"));
    error = NULL;
    FAILS(TRAPKEY_STATUS_UID_REFUSED,
          trapkey_sessions_holder(sessions, TRAPKEY_STR("oven"), found, NULL));
    subject.kind = TRAPKEY_SUBJECT_PRINCIPAL;
    subject.name = TRAPKEY_STR("User::\"ann\"");
    found[0] = gone;
    FAILS(TRAPKEY_STATUS_BUFFER_TOO_SMALL,
          trapkey_sessions_of(sessions, &subject, found, 1, &len));
    CHECK(len == 2 && same(found[0], gone));
    FAILS(TRAPKEY_STATUS_BUFFER_TOO_SMALL,
          trapkey_sessions_of(sessions, &subject, NULL, 0, &len));
    OK(trapkey_sessions_of(sessions, &subject, found, 2, &len));
    CHECK(len == 2 && !same(found[0], found[1]));
    CHECK(same(found[0], session) || same(found[1], session));
    subject.kind = TRAPKEY_SUBJECT_DEVICE;
    subject.name = TRAPKEY_STR("tablet-1");
    OK(trapkey_sessions_of(sessions, &subject, found, 2, &len));
    CHECK(len == 1 && same(found[0], session));
    subject.name = TRAPKEY_STR("tablet-9");
    OK(trapkey_sessions_of(sessions, &subject, NULL, 0, &len));
    CHECK(len == 0);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_of(NULL, &subject, found, 2, &len));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_of(sessions, NULL, found, 2, &len));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_of(sessions, &subject, NULL, 2, &len));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_of(sessions, &subject, found, 2, NULL));
    FAILS(TRAPKEY_STATUS_TOO_LONG,
          trapkey_sessions_of(sessions, &subject, found, SIZE_MAX, &len));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_counts(NULL, &counts, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_counts(sessions, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_decision(NULL, session, decision, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_request(NULL, session, &request, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_dependencies(NULL, session, &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_sessions_holder(NULL, TRAPKEY_STR("Machine::\"press\""), found, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_sessions_holder(sessions, TRAPKEY_STR("Machine::\"press\""), NULL, NULL));
}

/* What a poll handed over. */
struct told {
    int flips;
    uint32_t revoked;
};

static void tell(void *userdata, const trapkey_flip_t *flip)
{
    struct told *told = (struct told *)userdata;
    told->flips += 1;
    told->revoked += flip->cause == TRAPKEY_CAUSE_REVOKED;
    /* The decisions themselves, which the callback may ask as any other. */
    CHECK(flip->struct_size == sizeof(*flip));
    CHECK(trapkey_decision_verdict(flip->before_decision) == flip->before);
    CHECK(trapkey_decision_reason(flip->before_decision) == TRAPKEY_REASON_PERMITTED);
    CHECK(flip->after == TRAPKEY_VERDICT_DENY && flip->is_over);
    CHECK((flip->after_decision == NULL) == (flip->cause == TRAPKEY_CAUSE_REVOKED));
    if (flip->after_decision != NULL) {
        CHECK(trapkey_decision_reason(flip->after_decision) == TRAPKEY_REASON_NOT_PERMITTED);
    }
}

static struct told poll_now(trapkey_sessions_t *sessions)
{
    struct told told = {0, 0};
    OK_OR_SAY(trapkey_sessions_poll(sessions, 1000000, tell, &told, &error));
    return told;
}

static trapkey_amendment_t amendment_of(trapkey_amendment_kind_t kind)
{
    trapkey_amendment_t amendment;
    TRAPKEY_INIT(amendment);
    amendment.kind = (uint32_t)kind;
    amendment.entity = TRAPKEY_STR("User::\"ann\"");
    amendment.attribute = TRAPKEY_STR("level");
    amendment.json = TRAPKEY_STR("1");
    amendment.reason = TRAPKEY_STR("the badge is lost");
    return amendment;
}

/* All changes or none. */
static void amend(trapkey_sessions_t *sessions)
{
    trapkey_amendment_t level = amendment_of(TRAPKEY_AMENDMENT_ATTRIBUTE);
    trapkey_amendment_t load = amendment_of(TRAPKEY_AMENDMENT_CONTEXT);
    trapkey_amendment_t revoked = amendment_of(TRAPKEY_AMENDMENT_REVOKE_SESSIONS);
    trapkey_amendment_t grants = amendment_of(TRAPKEY_AMENDMENT_REVOKE_GRANTS);
    trapkey_grant_t grant = grant_of("g1", "visit");
    const trapkey_amendment_t *amendments[3];
    trapkey_subject_t tablet, nobody;
    trapkey_slot_t *slot = NULL;
    TRAPKEY_INIT(tablet);
    TRAPKEY_INIT(nobody);
    tablet.kind = nobody.kind = TRAPKEY_SUBJECT_DEVICE;
    tablet.name = TRAPKEY_STR("tablet-2");
    nobody.name = TRAPKEY_STR("tablet-9");
    OK_OR_SAY(trapkey_model_slot(model, TRAPKEY_STR("Action::\"write\""), TRAPKEY_STR("env.load"), &slot,
                                 &error));
    load.slot = slot;
    load.subject = &tablet;
    revoked.subject = &nobody;
    amendments[0] = &level;
    amendments[1] = &load;
    amendments[2] = &revoked;
    /* The last cannot be made, so the first is not. */
    FAILS(TRAPKEY_STATUS_AMEND_REFUSED,
          trapkey_sessions_amend(sessions, 1000000, amendments, 3, &error));
    CHECK(error_says(error, "the device `tablet-9` has no session"));
    error = NULL;
    CHECK(decide(write_request) == TRAPKEY_VERDICT_ALLOW && poll_now(sessions).flips == 0);
    /* One session of two is told of another load, and the other is revoked. */
    nobody.name = TRAPKEY_STR("tablet-1");
    load.json = TRAPKEY_STR("4");
    level.json = TRAPKEY_STR("5");
    OK_OR_SAY(trapkey_sessions_amend(sessions, 1000000, amendments, 3, &error));
    {
        struct told told = poll_now(sessions);
        CHECK(told.flips == 2 && told.revoked == 1 && trapkey_sessions_len(sessions) == 0);
    }
    (void)open_on(sessions, "tablet-1", NULL);
    /* The grants of ann, and her level. */
    OK_OR_SAY(trapkey_engine_grant(engine, &grant, &error));
    CHECK(decide(visit) == TRAPKEY_VERDICT_ALLOW);
    amendments[1] = &grants;
    level.json = TRAPKEY_STR("2");
    OK_OR_SAY(trapkey_sessions_amend(sessions, 1000000, amendments, 2, &error));
    CHECK(decide(visit) == TRAPKEY_VERDICT_DENY && decide(write_request) == TRAPKEY_VERDICT_DENY);
    CHECK(poll_now(sessions).flips == 1);
    /* What is no such value, attribute, entity or kind. */
    level.json = TRAPKEY_STR("\"2\"");
    FAILS(TRAPKEY_STATUS_AMEND_REFUSED, trapkey_sessions_amend(sessions, 0, amendments, 1, &error));
    CHECK(error_says(error, "`json` is no value of `level` of `User::\"ann\"`"));
    error = NULL;
    level.json = TRAPKEY_STR("{");
    FAILS(TRAPKEY_STATUS_AMEND_REFUSED, trapkey_sessions_amend(sessions, 0, amendments, 1, NULL));
    level.json = TRAPKEY_STR("2");
    level.attribute = TRAPKEY_STR("size");
    FAILS(TRAPKEY_STATUS_AMEND_REFUSED, trapkey_sessions_amend(sessions, 0, amendments, 1, NULL));
    level.attribute = TRAPKEY_STR("level");
    level.entity = TRAPKEY_STR("User::\"zoe\"");
    FAILS(TRAPKEY_STATUS_AMEND_REFUSED, trapkey_sessions_amend(sessions, 0, amendments, 1, &error));
    CHECK(error_says(error, "the entity `User::\"zoe\"` is unknown"));
    error = NULL;
    level.kind = 5;
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_sessions_amend(sessions, 0, amendments, 1, NULL));
    amendments[0] = NULL;
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_amend(sessions, 0, amendments, 1, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_amend(sessions, 0, NULL, 1, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_amend(NULL, 0, amendments, 0, NULL));
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE,
          trapkey_sessions_amend(sessions, 0, amendments, SIZE_MAX, NULL));
    amendments[0] = &load;
    load.slot = NULL;
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_amend(sessions, 0, amendments, 1, NULL));
    load.subject = NULL;
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_amend(sessions, 0, amendments, 1, NULL));
    trapkey_slot_free(slot);
}

int main(int argc, char **argv)
{
    trapkey_sessions_t *sessions = NULL;
    trapkey_session_id_t session;
    CHECK(argc == 2);
    folder = argv[1];
    OK_OR_SAY(trapkey_engine_new(NULL, &engine, &error));
    OK_OR_SAY(trapkey_engine_publish_with(engine, read_bytes(folder, "press.bundle"),
                                          read_file(folder, "press.entities"), NULL, &error));
    OK_OR_SAY(trapkey_engine_model(engine, &model, &error));
    OK_OR_SAY(trapkey_decision_new(&decision, &error));
    OK_OR_SAY(trapkey_request_from_json(model, read_file(folder, "press.request"), &write_request,
                                        &error));
    OK_OR_SAY(trapkey_request_from_json(model, read_file(folder, "visit.request"), &visit, &error));
    contents();
    entities();
    dependencies();
    exceptions();
    caching();
    at_once();
    OK_OR_SAY(trapkey_sessions_new(engine, NULL, &sessions, &error));
    session = open_on(sessions, "tablet-1", "Machine::\"press\"");
    open_on(sessions, "tablet-2", NULL);
    look_up(sessions, session);
    amend(sessions);
    trapkey_sessions_free(sessions);
    trapkey_request_free(visit);
    trapkey_request_free(write_request);
    trapkey_decision_free(decision);
    trapkey_model_free(model);
    trapkey_engine_free(engine);
    return 0;
}
