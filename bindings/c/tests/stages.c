/*
 * What is observed before it is enforced, what a candidate would change, and what a guard takes back.
 *
 * The folder has `press.bundle`, which allows the request; `press.denying`, of the same schema and without policies, and
 * `denying.precompiled`, its artefact; `press.explaining`, and `other.bundle` of another schema.
 */
#include "check.h"

static const char *folder;
static trapkey_decision_t *decision;
static trapkey_error_t *error;

static trapkey_engine_t *engine_of(const trapkey_options_t *options, const char *bundle)
{
    trapkey_engine_t *engine = NULL;
    OK_OR_SAY(trapkey_engine_new(options, &engine, &error));
    OK_OR_SAY(trapkey_engine_publish_with(engine, read_bytes(folder, bundle),
                                          read_file(folder, "press.entities"), NULL, &error));
    return engine;
}

/* A request of the folder, by ann or else by bob, whom no policy permits anything. */
static trapkey_request_t *request_of(const trapkey_engine_t *engine, const char *name, int is_ann)
{
    trapkey_model_t *model = NULL;
    trapkey_party_t *bob = NULL;
    trapkey_request_t *request = NULL;
    OK_OR_SAY(trapkey_engine_model(engine, &model, &error));
    OK_OR_SAY(trapkey_request_from_json(model, read_file(folder, name), &request, &error));
    if (!is_ann) {
        OK_OR_SAY(trapkey_model_party(model, TRAPKEY_STR("User::\"bob\""), &bob, &error));
        OK_OR_SAY(trapkey_request_set_principal(request, bob, &error));
    }
    trapkey_party_free(bob);
    trapkey_model_free(model);
    return request;
}

static trapkey_verdict_t decide(const trapkey_engine_t *engine, const trapkey_request_t *request)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    OK_OR_SAY(trapkey_engine_decide(engine, request, decision, &verdict, &error));
    CHECK(verdict == trapkey_decision_verdict(decision));
    return verdict;
}

static trapkey_observe_scope_t scope_of(const char *name)
{
    trapkey_observe_scope_t scope;
    TRAPKEY_INIT(scope);
    scope.name = trapkey_text(name);
    return scope;
}

static trapkey_stage_order_t order_of(const char *by, int64_t at_ms)
{
    trapkey_stage_order_t order;
    TRAPKEY_INIT(order);
    order.by = trapkey_text(by);
    order.reason = TRAPKEY_STR("the first week");
    order.at_ms = at_ms;
    return order;
}

/* The only would-deny. */
static trapkey_would_deny_t would_deny_of(const trapkey_engine_t *engine,
                                          trapkey_would_denies_t **would_denies)
{
    trapkey_would_deny_t would_deny;
    OK_OR_SAY(trapkey_engine_would_denies(engine, would_denies, &error));
    CHECK(trapkey_would_denies_len(*would_denies) == 1);
    TRAPKEY_INIT(would_deny);
    OK_OR_SAY(trapkey_would_denies_get(*would_denies, 0, &would_deny, &error));
    return would_deny;
}

/* Who asked for what is told to the callback of an audit. */
static int keep(void *userdata, const trapkey_audit_record_t *record)
{
    *(uint32_t *)userdata += 1;
    CHECK(is_text(record->principal_id, "bob") && is_text(record->resource_id, "press"));
    CHECK(record->at_ms == 1000000 && record->verdict == TRAPKEY_VERDICT_ALLOW);
    return 0;
}

static void would_denies(const trapkey_engine_t *engine, trapkey_request_t *by_bob)
{
    trapkey_would_denies_t *list = NULL;
    trapkey_would_deny_t found = would_deny_of(engine, &list);
    trapkey_stage_order_t order = order_of("eve", 77);
    trapkey_request_t *copy = NULL;
    uint32_t kept = 0;
    CHECK(is_text(found.scope, "all") && found.count == 2 && found.is_explained == 0);
    CHECK(found.has_first && found.first_ms == 1000000 && found.has_last);
    CHECK(found.last_ms == 1000005 && found.explained_by.data == NULL);
    /* The first request and its decision. */
    OK_OR_SAY(trapkey_would_denies_request(list, 0, &copy, &error));
    OK_OR_SAY(trapkey_would_denies_decision(list, 0, decision, &error));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_decision_would_deny(decision) == 1);
    CHECK(trapkey_decision_reason(decision) == TRAPKEY_REASON_NOT_PERMITTED);
    OK_OR_SAY(trapkey_audit(copy, decision, keep, &kept, &error));
    CHECK(kept == 1);
    CHECK(decide(engine, copy) == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_decision_would_deny(decision) == 1);
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_would_denies_request(list, 1, &copy, NULL));
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_would_denies_decision(list, 1, decision, NULL));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_would_denies_get(list, 1, &found, NULL));
    trapkey_would_denies_free(list);
    /* Not enforced before it is explained. */
    FAILS(TRAPKEY_STATUS_ENFORCE_REFUSED,
          trapkey_engine_enforce(engine, TRAPKEY_STR("all"), &order, 0, &error));
    CHECK(error_says(error, "1 would-denies of scope `all` are not explained"));
    FAILS(TRAPKEY_STATUS_WOULD_DENY_REFUSED,
          trapkey_engine_explain_would_deny(engine, found.id + 1, &order, NULL));
    OK_OR_SAY(trapkey_engine_explain_would_deny(engine, found.id, &order, &error));
    list = NULL;
    found = would_deny_of(engine, &list);
    CHECK(found.count == 3 && found.is_explained == 1 && found.explained_at_ms == 77);
    CHECK(is_text(found.explained_by, "eve") && is_text(found.explained_reason, "the first week"));
    OK_OR_SAY(trapkey_engine_enforce(engine, TRAPKEY_STR("all"), &order, 0, &error));
    CHECK(decide(engine, by_bob) == TRAPKEY_VERDICT_DENY);
    CHECK(trapkey_decision_would_deny(decision) == 0);
    /* The list is the caller's own. */
    CHECK(trapkey_would_denies_len(list) == 1 && is_text(found.scope, "all"));
    trapkey_would_denies_free(list);
    trapkey_request_free(copy);
}

static void observe(void)
{
    const trapkey_str_t safety[1] = {TRAPKEY_STR("Action::\"visit\"")};
    trapkey_options_t options;
    trapkey_engine_t *engine;
    trapkey_request_t *by_ann, *by_bob, *visit;
    trapkey_observe_scope_t scope = scope_of("all");
    trapkey_stage_order_t order = order_of("dan", 5);
    trapkey_report_t *report = NULL;
    TRAPKEY_INIT(options);
    options.safety_declared = 1;
    options.safety_actions = safety;
    options.safety_actions_len = 1;
    engine = engine_of(&options, "press.bundle");
    by_ann = request_of(engine, "press.request", 1);
    by_bob = request_of(engine, "press.request", 0);
    visit = request_of(engine, "visit.request", 1);
    CHECK(decide(engine, by_bob) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_engine_observe(engine, &scope, &order, &error));
    CHECK(decide(engine, by_bob) == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_decision_would_deny(decision) == 1);
    OK_OR_SAY(trapkey_request_set_at(by_bob, 1000005, &error));
    CHECK(decide(engine, by_bob) == TRAPKEY_VERDICT_ALLOW);
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_decision_would_deny(decision) == 0);
    /* What touches safety is denied as ever. */
    CHECK(decide(engine, visit) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_engine_observed_scopes(engine, &report, &error));
    CHECK(report_is(report, "[{\"actions\":null,\"name\":\"all\",\"resources\":null}]"));
    would_denies(engine, by_bob);
    OK_OR_SAY(trapkey_engine_observed_scopes(engine, &report, &error));
    CHECK(report_is(report, "[]"));
    /* Again, of one action and one resource, and by force. */
    scope.actions = TRAPKEY_STR("Action::\"write\"");
    scope.resources = TRAPKEY_STR("Machine::\"press\"");
    OK_OR_SAY(trapkey_engine_observe(engine, &scope, &order, &error));
    FAILS(TRAPKEY_STATUS_OBSERVE_REFUSED, trapkey_engine_observe(engine, &scope, &order, &error));
    CHECK(error_says(error, "scope `all` is observed already"));
    error = NULL;
    OK_OR_SAY(trapkey_engine_observed_scopes(engine, &report, &error));
    CHECK(report_is(report, "[{\"actions\":\"Action::\\\"write\\\"\",\"name\":\"all\","
                            "\"resources\":\"Machine::\\\"press\\\"\"}]"));
    CHECK(decide(engine, by_bob) == TRAPKEY_VERDICT_ALLOW);
    OK_OR_SAY(trapkey_engine_enforce(engine, scope.name, &order, 1, &error));
    CHECK(decide(engine, by_bob) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_engine_stage_records(engine, &report, &error));
    CHECK(report_has(report, "\"change\":\"observed\""));
    CHECK(report_has(report, "\"change\":\"refused\",\"generation\":1,"));
    CHECK(report_has(report, "\"at\":77,\"by\":\"eve\",\"change\":\"explained\""));
    CHECK(report_has(report, "\"reason\":\"the first week\",\"scope\":\"all\",\"unexplained\":null,"
                             "\"would_deny\":0}"));
    CHECK(report_has(report, "\"change\":\"enforced\""));
    CHECK(report_has(report, "\"by\":\"dan\",\"change\":\"forced\""));
    CHECK(report_has(report, "\"unexplained\":1"));
    trapkey_report_free(report);
    trapkey_request_free(by_ann);
    trapkey_request_free(by_bob);
    trapkey_request_free(visit);
    trapkey_engine_free(engine);
}

/* Without room, and without a word about safety. */
static void not_observed(void)
{
    trapkey_options_t options;
    trapkey_engine_t *engine;
    trapkey_request_t *by_bob;
    trapkey_observe_scope_t scope = scope_of("all");
    trapkey_stage_order_t order = order_of("dan", 5);
    uint64_t dropped = 9;
    TRAPKEY_INIT(options);
    options.safety_declared = 1;
    options.would_denies_max = SIZE_MAX;
    engine = engine_of(&options, "press.bundle");
    by_bob = request_of(engine, "press.request", 0);
    OK_OR_SAY(trapkey_engine_observe(engine, &scope, &order, &error));
    CHECK(decide(engine, by_bob) == TRAPKEY_VERDICT_ALLOW);
    OK_OR_SAY(trapkey_engine_would_denies_dropped(engine, scope.name, &dropped, &error));
    CHECK(dropped == 1);
    order.by = trapkey_str(NULL, 0);
    FAILS(TRAPKEY_STATUS_ENFORCE_REFUSED,
          trapkey_engine_enforce(engine, scope.name, &order, 1, &error));
    CHECK(error_says(error, "`by` has 0 bytes"));
    scope.actions = TRAPKEY_STR("write");
    FAILS(TRAPKEY_STATUS_UID_REFUSED, trapkey_engine_observe(engine, &scope, &order, NULL));
    error = NULL;
    trapkey_request_free(by_bob);
    trapkey_engine_free(engine);
    /* An older program says nothing of safety: its options end before. */
    TRAPKEY_INIT(options);
    options.struct_size = offsetof(trapkey_options_t, safety_declared);
    options.safety_declared = 1;
    engine = engine_of(&options, "press.bundle");
    scope = scope_of("all");
    order = order_of("dan", 5);
    FAILS(TRAPKEY_STATUS_OBSERVE_REFUSED, trapkey_engine_observe(engine, &scope, &order, &error));
    CHECK(error_says(error, "`safety_actions` does not say which operations touch safety"));
    error = NULL;
    trapkey_engine_free(engine);
    options.struct_size = sizeof(options);
    options.safety_actions_len = 5000;
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_engine_new(&options, &engine, NULL));
    options.safety_actions_len = 1;
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_new(&options, &engine, NULL));
    options.struct_size = offsetof(trapkey_options_t, safety_declared) - 8;
    FAILS(TRAPKEY_STATUS_STRUCT_SIZE, trapkey_engine_new(&options, &engine, NULL));
}

static trapkey_shadow_t shadow_of(const trapkey_engine_t *engine)
{
    trapkey_shadow_t shadow;
    TRAPKEY_INIT(shadow);
    OK_OR_SAY(trapkey_engine_shadowed(engine, &shadow, &error));
    return shadow;
}

static void differ(const trapkey_engine_t *engine)
{
    trapkey_differences_t *found = NULL;
    trapkey_request_t *asked = NULL;
    trapkey_shadow_t shadow = shadow_of(engine);
    uint8_t digest[32];
    CHECK(shadow.state == TRAPKEY_SHADOW_STATE_RUNNING && shadow.compared == 2);
    CHECK(shadow.allow_to_deny == 1 && shadow.same == 1 && shadow.deny_to_allow == 0);
    CHECK(shadow.reason_only == 0 && shadow.candidate_failures == 0 && shadow.dropped == 0);
    OK_OR_SAY(trapkey_engine_take_shadow_differences(engine, &found, &error));
    CHECK(trapkey_differences_len(found) == 1);
    CHECK(trapkey_differences_kind(found, 0) == TRAPKEY_DIFFERENCE_ALLOW_TO_DENY);
    CHECK(trapkey_differences_kind(found, 1) == TRAPKEY_DIFFERENCE_NONE);
    OK_OR_SAY(trapkey_differences_active(found, 0, decision, &error));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_ALLOW);
    OK_OR_SAY(trapkey_decision_digest(decision, digest, &error));
    CHECK(memcmp(digest, shadow.digest, 32) != 0);
    OK_OR_SAY(trapkey_differences_candidate(found, 0, decision, &error));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    CHECK(trapkey_decision_reason(decision) == TRAPKEY_REASON_NOT_PERMITTED);
    OK_OR_SAY(trapkey_decision_digest(decision, digest, &error));
    CHECK(memcmp(digest, shadow.digest, 32) == 0);
    OK_OR_SAY(trapkey_differences_request(found, 0, &asked, &error));
    CHECK(decide(engine, asked) == TRAPKEY_VERDICT_ALLOW);
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_differences_request(found, 1, &asked, NULL));
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_differences_active(found, 1, decision, NULL));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_differences_candidate(found, 1, decision, NULL));
    trapkey_differences_free(found);
    /* That decision differs too; none is given twice. */
    OK_OR_SAY(trapkey_engine_take_shadow_differences(engine, &found, &error));
    CHECK(trapkey_differences_len(found) == 1);
    trapkey_differences_free(found);
    OK_OR_SAY(trapkey_engine_take_shadow_differences(engine, &found, &error));
    CHECK(trapkey_differences_len(found) == 0);
    trapkey_differences_free(found);
    trapkey_request_free(asked);
}

static void shadow(void)
{
    trapkey_engine_t *engine = engine_of(NULL, "press.bundle");
    trapkey_request_t *by_ann = request_of(engine, "press.request", 1);
    trapkey_request_t *by_bob = request_of(engine, "press.request", 0);
    trapkey_bytes_t denying = read_bytes(folder, "press.denying");
    trapkey_shadow_options_t options;
    uint32_t was_there = 9;
    CHECK(shadow_of(engine).state == TRAPKEY_SHADOW_STATE_NONE);
    OK_OR_SAY(trapkey_engine_shadow(engine, denying, NULL, &error));
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_ALLOW);
    CHECK(decide(engine, by_bob) == TRAPKEY_VERDICT_DENY);
    differ(engine);
    FAILS(TRAPKEY_STATUS_SHADOW_REFUSED, trapkey_engine_shadow(engine, denying, NULL, &error));
    CHECK(error_says(error, "is a shadow already"));
    error = NULL;
    OK_OR_SAY(trapkey_engine_discard_shadow(engine, &was_there, &error));
    CHECK(was_there == 1 && shadow_of(engine).state == TRAPKEY_SHADOW_STATE_DISCARDED);
    OK_OR_SAY(trapkey_engine_discard_shadow(engine, &was_there, &error));
    CHECK(was_there == 0);
    FAILS(TRAPKEY_STATUS_SHADOW_REFUSED,
          trapkey_engine_shadow(engine, read_bytes(folder, "other.bundle"), NULL, &error));
    CHECK(error_says(error, "the schema of bundle"));
    FAILS(TRAPKEY_STATUS_BUNDLE_REFUSED,
          trapkey_engine_shadow(engine, read_bytes(folder, "press.entities"), NULL, NULL));
    /* One in two, and no room. */
    TRAPKEY_INIT(options);
    options.one_in = 2;
    options.reports_max = SIZE_MAX;
    error = NULL;
    OK_OR_SAY(trapkey_engine_shadow_precompiled(engine, denying,
                                                read_bytes(folder, "denying.precompiled"), &options,
                                                &error));
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_ALLOW);
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_ALLOW);
    CHECK(shadow_of(engine).compared == 1 && shadow_of(engine).dropped == 1);
    OK_OR_SAY(trapkey_engine_discard_shadow(engine, NULL, &error));
    FAILS(TRAPKEY_STATUS_SHADOW_REFUSED,
          trapkey_engine_shadow_precompiled(engine, denying, denying, NULL, NULL));
    trapkey_request_free(by_ann);
    trapkey_request_free(by_bob);
    trapkey_engine_free(engine);
}

/* A candidate that would allow more, why, and what becomes of it. */
static void promote(void)
{
    trapkey_engine_t *engine = engine_of(NULL, "press.denying");
    trapkey_request_t *by_ann = request_of(engine, "press.request", 1);
    trapkey_explanation_t *explanation = NULL;
    trapkey_bytes_t explaining = read_bytes(folder, "press.explaining");
    char text[8192];
    size_t len = 0;
    uint64_t generation = 0;
    FAILS(TRAPKEY_STATUS_EXPLAIN_REFUSED,
          trapkey_engine_explain_shadow(engine, by_ann, 0, &explanation, &error));
    error = NULL;
    OK_OR_SAY(trapkey_engine_shadow(engine, explaining, NULL, &error));
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_DENY);
    CHECK(shadow_of(engine).deny_to_allow == 1);
    OK_OR_SAY(trapkey_engine_explain_shadow(engine, by_ann, 0, &explanation, &error));
    OK(trapkey_explanation_copy(explanation, TRAPKEY_AUDIENCE_ADMINISTRATOR, text, sizeof(text), &len));
    CHECK(strstr(text, "\"verdict\":\"allow\"") != NULL && strstr(text, "write-all") != NULL);
    trapkey_explanation_free(explanation);
    FAILS(TRAPKEY_STATUS_EXPLAIN_REFUSED,
          trapkey_engine_explain(engine, by_ann, 0, &explanation, NULL));
    CHECK(trapkey_engine_modules_alive(engine) == 2);
    OK_OR_SAY(trapkey_engine_promote_shadow(engine, NULL, &generation, &error));
    CHECK(generation == 2 && trapkey_engine_generation(engine) == 2);
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_ALLOW);
    CHECK(shadow_of(engine).state == TRAPKEY_SHADOW_STATE_PROMOTED);
    CHECK(shadow_of(engine).generation == 2);
    FAILS(TRAPKEY_STATUS_PROMOTE_REFUSED, trapkey_engine_promote_shadow(engine, NULL, NULL, &error));
    CHECK(error_says(error, "there is no shadow"));
    error = NULL;
    trapkey_request_free(by_ann);
    trapkey_engine_free(engine);
}

static trapkey_guarded_t guarded_of(const trapkey_engine_t *engine)
{
    trapkey_guarded_t guarded;
    TRAPKEY_INIT(guarded);
    OK_OR_SAY(trapkey_engine_guarded(engine, &guarded, &error));
    return guarded;
}

static void guard(void)
{
    trapkey_engine_t *engine = engine_of(NULL, "press.bundle");
    trapkey_request_t *by_ann = request_of(engine, "press.request", 1);
    trapkey_bytes_t denying = read_bytes(folder, "press.denying");
    trapkey_guard_t rule;
    uint64_t generation = 0;
    uint32_t was_there = 9;
    TRAPKEY_INIT(rule);
    rule.round = 10;
    rule.denies_max = 1;
    CHECK(guarded_of(engine).state == TRAPKEY_GUARD_STATE_NONE);
    FAILS(TRAPKEY_STATUS_GUARD_REFUSED, trapkey_engine_guard(engine, &rule, &error));
    CHECK(error_says(error, "no earlier publication is kept"));
    error = NULL;
    OK_OR_SAY(trapkey_engine_publish(engine, denying, NULL, &error));
    OK_OR_SAY(trapkey_engine_guard(engine, &rule, &error));
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_DENY);
    CHECK(guarded_of(engine).state == TRAPKEY_GUARD_STATE_WATCHING);
    CHECK(guarded_of(engine).from == 2 && guarded_of(engine).to == 0);
    CHECK(guarded_of(engine).decisions == 1 && guarded_of(engine).denies == 1);
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_DENY);
    /* That was one too many. */
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_decision_generation(decision) == 3);
    CHECK(guarded_of(engine).state == TRAPKEY_GUARD_STATE_ROLLED_BACK);
    CHECK(guarded_of(engine).from == 2 && guarded_of(engine).to == 3);
    CHECK(guarded_of(engine).decisions == 2 && guarded_of(engine).denies == 2);
    CHECK(guarded_of(engine).failures == 0);
    /* A candidate that is guarded from its first decision on. */
    OK_OR_SAY(trapkey_engine_shadow(engine, denying, NULL, &error));
    rule.denies_max = 0;
    OK_OR_SAY(trapkey_engine_promote_shadow(engine, &rule, &generation, &error));
    CHECK(generation == 4 && guarded_of(engine).from == 4);
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_DENY);
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_engine_generation(engine) == 5 && guarded_of(engine).to == 5);
    /* Ended before it could. */
    OK_OR_SAY(trapkey_engine_publish(engine, denying, NULL, &error));
    OK_OR_SAY(trapkey_engine_guard(engine, &rule, &error));
    OK_OR_SAY(trapkey_engine_end_guard(engine, &was_there, &error));
    CHECK(was_there == 1 && guarded_of(engine).state == TRAPKEY_GUARD_STATE_ENDED);
    OK_OR_SAY(trapkey_engine_end_guard(engine, &was_there, &error));
    CHECK(was_there == 0);
    CHECK(decide(engine, by_ann) == TRAPKEY_VERDICT_DENY && decide(engine, by_ann) == TRAPKEY_VERDICT_DENY);
    rule.round = 0;
    FAILS(TRAPKEY_STATUS_GUARD_REFUSED, trapkey_engine_guard(engine, &rule, &error));
    CHECK(error_says(error, "a round of 0 decisions"));
    rule.struct_size = 4;
    FAILS(TRAPKEY_STATUS_STRUCT_SIZE, trapkey_engine_guard(engine, &rule, NULL));
    FAILS(TRAPKEY_STATUS_STRUCT_SIZE, trapkey_engine_promote_shadow(engine, &rule, NULL, NULL));
    error = NULL;
    trapkey_request_free(by_ann);
    trapkey_engine_free(engine);
}

/* NULL, and objects of other types. */
static void refusals(void)
{
    trapkey_engine_t *engine = engine_of(NULL, "press.bundle");
    const trapkey_engine_t *no_engine = (const trapkey_engine_t *)(const void *)decision;
    trapkey_bytes_t bundle = read_bytes(folder, "press.bundle");
    trapkey_observe_scope_t scope = scope_of("all");
    trapkey_stage_order_t order = order_of("dan", 5);
    trapkey_report_t *report = NULL;
    trapkey_would_denies_t *would_denies = NULL;
    trapkey_would_deny_t would_deny;
    trapkey_differences_t *differences = NULL;
    trapkey_request_t *request = NULL;
    trapkey_explanation_t *explanation = NULL;
    trapkey_guarded_t guarded;
    trapkey_shadow_t shadow;
    trapkey_guard_t rule;
    uint64_t count = 0;
    TRAPKEY_INIT(would_deny);
    TRAPKEY_INIT(guarded);
    TRAPKEY_INIT(shadow);
    TRAPKEY_INIT(rule);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_observe(NULL, &scope, &order, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_observe(engine, NULL, &order, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_observe(engine, &scope, NULL, NULL));
    FAILS(TRAPKEY_STATUS_INVALID_OBJECT, trapkey_engine_observe(no_engine, &scope, &order, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_enforce(NULL, scope.name, &order, 0, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_enforce(engine, scope.name, NULL, 0, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_enforce(engine, trapkey_str(NULL, 3), &order, 0, NULL));
    FAILS(TRAPKEY_STATUS_NOT_UTF8,
          trapkey_engine_enforce(engine, TRAPKEY_STR("\xff"), &order, 0, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_explain_would_deny(NULL, 0, &order, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_explain_would_deny(engine, 0, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_would_denies(NULL, &would_denies, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_would_denies(engine, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_would_denies_dropped(NULL, scope.name, &count, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_would_denies_dropped(engine, scope.name, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_would_denies_get(NULL, 0, &would_deny, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_would_denies_request(NULL, 0, &request, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_would_denies_decision(NULL, 0, decision, NULL));
    OK_OR_SAY(trapkey_engine_would_denies(engine, &would_denies, &error));
    CHECK(trapkey_would_denies_len(would_denies) == 0 && trapkey_would_denies_len(NULL) == 0);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_would_denies_request(would_denies, 0, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_would_denies_decision(would_denies, 0, NULL, NULL));
    trapkey_would_denies_free(would_denies);
    trapkey_would_denies_free(NULL);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_observed_scopes(NULL, &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_observed_scopes(engine, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_stage_records(NULL, &report, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_stage_records(engine, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_shadow(NULL, bundle, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_shadow_precompiled(NULL, read_bytes(folder, "press.denying"),
                                            read_bytes(folder, "denying.precompiled"), NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_promote_shadow(NULL, NULL, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_discard_shadow(NULL, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_shadowed(NULL, &shadow, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_shadowed(engine, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_take_shadow_differences(NULL, &differences, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_take_shadow_differences(engine, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_differences_request(NULL, 0, &request, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_differences_active(NULL, 0, decision, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_differences_candidate(NULL, 0, decision, NULL));
    CHECK(trapkey_differences_len(NULL) == 0);
    CHECK(trapkey_differences_kind(NULL, 0) == TRAPKEY_DIFFERENCE_NONE);
    trapkey_differences_free(NULL);
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_explain_shadow(NULL, NULL, 0, &explanation, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_guard(NULL, &rule, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_guard(engine, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_end_guard(NULL, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_guarded(NULL, &guarded, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_guarded(engine, NULL, NULL));
    trapkey_engine_free(engine);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    folder = argv[1];
    OK_OR_SAY(trapkey_decision_new(&decision, &error));
    observe();
    not_observed();
    shadow();
    promote();
    guard();
    refusals();
    trapkey_decision_free(decision);
    return 0;
}
