/*
 * Bad input to every function that takes a pointer: always a status, never a crash, never an allow.
 *
 * The folder has `press.bundle` and `press.entities`. The library is built with `trapkey_test_panic`.
 */
#include "check.h"

#ifdef __cplusplus
extern "C"
#endif
    trapkey_status_t
    trapkey_test_panic(trapkey_error_t **error);

#define NULL_POINTER TRAPKEY_STATUS_NULL_POINTER

static trapkey_engine_t *engine;
static trapkey_model_t *model;
static trapkey_decider_t *decider;
static trapkey_decision_t *decision;
static trapkey_decisions_t *decisions;
static trapkey_request_t *request;
static trapkey_slot_t *slot;
static trapkey_party_t *party;
static trapkey_builder_t *builder;
static trapkey_bytes_t bundle;
static const trapkey_str_t none = {NULL, 0};
static const trapkey_str_t dangling = {NULL, 5};

static void make(const char *folder)
{
    bundle = read_bytes(folder, "press.bundle");
    OK(trapkey_engine_new(NULL, &engine, NULL));
    OK(trapkey_engine_publish_with(engine, bundle, read_file(folder, "press.entities"), NULL, NULL));
    OK(trapkey_engine_model(engine, &model, NULL));
    OK(trapkey_decider_new(engine, &decider, NULL));
    OK(trapkey_decision_new(&decision, NULL));
    OK(trapkey_decisions_new(&decisions, NULL));
    OK(trapkey_request_from_json(model, read_file(folder, "press.request"), &request, NULL));
    OK(trapkey_model_slot(model, TRAPKEY_STR("Action::\"write\""), TRAPKEY_STR("value"), &slot,
                          NULL));
    OK(trapkey_model_party(model, TRAPKEY_STR("User::\"ann\""), &party, NULL));
    OK(trapkey_builder_new(model, TRAPKEY_STR("Action::\"write\""), &builder, NULL));
}

static void free_all(void)
{
    trapkey_builder_free(builder);
    trapkey_party_free(party);
    trapkey_slot_free(slot);
    trapkey_request_free(request);
    trapkey_decisions_free(decisions);
    trapkey_decision_free(decision);
    trapkey_decider_free(decider);
    trapkey_model_free(model);
    trapkey_engine_free(engine);
}

/* NULL in each place that must not be. */
static void null_objects(void)
{
    trapkey_verdict_t verdict;
    trapkey_policy_t policy;
    trapkey_obligation_t obligation;
    trapkey_horizon_t horizon;
    trapkey_request_t *made = NULL;
    trapkey_slot_t *slot_made = NULL;
    trapkey_party_t *party_made = NULL;
    uint8_t digest[32];
    TRAPKEY_INIT(policy);
    TRAPKEY_INIT(obligation);
    TRAPKEY_INIT(horizon);
    FAILS(NULL_POINTER, trapkey_engine_new(NULL, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_engine_publish(NULL, bundle, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_engine_publish_with(NULL, bundle, none, NULL, NULL));
    FAILS(NULL_POINTER,
          trapkey_engine_publish_precompiled(NULL, bundle, bundle, none, NULL));
    FAILS(NULL_POINTER, trapkey_engine_rollback(NULL, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_engine_upsert(NULL, none, NULL));
    FAILS(NULL_POINTER, trapkey_engine_replace_entities(NULL, none, NULL));
    FAILS(NULL_POINTER, trapkey_engine_remove(NULL, none, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_engine_model(NULL, &model, NULL));
    FAILS(NULL_POINTER, trapkey_engine_model(engine, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_model_party(NULL, none, &party_made, NULL));
    FAILS(NULL_POINTER, trapkey_model_party(model, none, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_model_slot(NULL, none, none, &slot_made, NULL));
    FAILS(NULL_POINTER, trapkey_model_slot(model, none, none, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_request_from_json(NULL, none, &made, NULL));
    FAILS(NULL_POINTER, trapkey_request_from_json(model, none, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_request_copy(NULL, &made, NULL));
    FAILS(NULL_POINTER, trapkey_request_copy(request, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decider_new(NULL, &decider, NULL));
    FAILS(NULL_POINTER, trapkey_decider_new(engine, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decider_release(NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decision_new(NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decisions_new(NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decisions_copy(NULL, 0, decision, NULL));
    FAILS(NULL_POINTER, trapkey_decisions_copy(decisions, 0, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decision_digest(NULL, digest, NULL));
    FAILS(NULL_POINTER, trapkey_decision_digest(decision, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decision_horizon(NULL, &horizon, NULL));
    FAILS(NULL_POINTER, trapkey_decision_horizon(decision, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decision_policy(NULL, 1, 0, &policy, NULL));
    FAILS(NULL_POINTER, trapkey_decision_policy(decision, 1, 0, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decision_obligation(NULL, 0, &obligation, NULL));
    FAILS(NULL_POINTER, trapkey_decision_obligation(decision, 0, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decision_advice(NULL, 0, &obligation, NULL));
    FAILS(NULL_POINTER, trapkey_decision_advice(decision, 0, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decider_decide_batch(NULL, NULL, 0, decisions, NULL));
    FAILS(NULL_POINTER, trapkey_decider_decide_batch(decider, NULL, 0, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_decider_decide_batch(decider, NULL, 1, decisions, NULL));
    /* Each way to leave a pointer out of a decision is a deny. */
    verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(NULL_POINTER, trapkey_decider_decide(NULL, request, decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(NULL_POINTER, trapkey_decider_decide(decider, NULL, decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(NULL_POINTER, trapkey_decider_decide(decider, request, NULL, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(NULL_POINTER, trapkey_engine_decide(NULL, request, decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(NULL_POINTER, trapkey_engine_decide(engine, NULL, decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    /* What the decision said before does not outlast a call that fails. */
    OK(trapkey_decider_decide(decider, request, decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
    FAILS(NULL_POINTER, trapkey_decider_decide(decider, request, decision, NULL, NULL));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    OK(trapkey_engine_decide(engine, request, decision, &verdict, NULL));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_ALLOW);
    FAILS(NULL_POINTER, trapkey_engine_decide(engine, NULL, decision, &verdict, NULL));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
}

static void null_requests(void)
{
    trapkey_builder_t *made = NULL;
    trapkey_request_t *built = NULL;
    FAILS(NULL_POINTER, trapkey_builder_new(NULL, none, &made, NULL));
    FAILS(NULL_POINTER, trapkey_builder_new(model, none, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_builder_principal(NULL, none, NULL));
    FAILS(NULL_POINTER, trapkey_builder_resource(NULL, none, NULL));
    FAILS(NULL_POINTER, trapkey_builder_at(NULL, 0, NULL));
    FAILS(NULL_POINTER, trapkey_builder_build(NULL, &built, NULL));
    FAILS(NULL_POINTER, trapkey_builder_build(builder, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_builder_bool(NULL, none, 0, NULL));
    FAILS(NULL_POINTER, trapkey_builder_long(NULL, none, 0, NULL));
    FAILS(NULL_POINTER, trapkey_builder_decimal(NULL, none, 0, NULL));
    FAILS(NULL_POINTER, trapkey_builder_datetime(NULL, none, 0, NULL));
    FAILS(NULL_POINTER, trapkey_builder_duration(NULL, none, 0, NULL));
    FAILS(NULL_POINTER, trapkey_builder_string(NULL, none, none, NULL));
    FAILS(NULL_POINTER, trapkey_builder_ip(NULL, none, none, NULL));
    FAILS(NULL_POINTER, trapkey_builder_entity(NULL, none, none, NULL));
    FAILS(NULL_POINTER, trapkey_builder_json(NULL, none, none, NULL));
    FAILS(NULL_POINTER, trapkey_request_set_principal(NULL, party, NULL));
    FAILS(NULL_POINTER, trapkey_request_set_principal(request, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_request_set_resource(NULL, party, NULL));
    FAILS(NULL_POINTER, trapkey_request_set_resource(request, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_request_set_at(NULL, 0, NULL));
    FAILS(NULL_POINTER, trapkey_request_clear_at(NULL, NULL));
    FAILS(NULL_POINTER, trapkey_request_advance(NULL, 0, NULL));
#define SETTER(name, ...)                                                             \
    FAILS(NULL_POINTER, trapkey_request_##name(NULL, slot, __VA_ARGS__));             \
    FAILS(NULL_POINTER, trapkey_request_##name(request, NULL, __VA_ARGS__))
    SETTER(clear, NULL);
    SETTER(set_bool, 0, NULL);
    SETTER(set_long, 0, NULL);
    SETTER(set_decimal, 0, NULL);
    SETTER(set_datetime, 0, NULL);
    SETTER(set_duration, 0, NULL);
    SETTER(set_string, none, NULL);
    SETTER(set_ip, none, NULL);
    SETTER(set_entity, none, NULL);
    SETTER(set_party, party, NULL);
    SETTER(set_longs, NULL, 0, NULL);
    SETTER(set_strings, NULL, 0, NULL);
    SETTER(set_entities, NULL, 0, NULL);
    SETTER(set_json, none, NULL);
    FAILS(NULL_POINTER, trapkey_request_set_party(request, slot, NULL, NULL));
    FAILS(NULL_POINTER, trapkey_request_set_longs(request, slot, NULL, 1, NULL));
}

/* What gives a value and no status gives the harmless one. */
static void null_values(void)
{
    CHECK(trapkey_engine_generation(NULL) == 0);
    CHECK(trapkey_engine_sequence(NULL) == 0);
    CHECK(trapkey_decision_verdict(NULL) == TRAPKEY_VERDICT_DENY);
    CHECK(trapkey_decision_reason(NULL) == TRAPKEY_REASON_UNDECIDED);
    CHECK(trapkey_decision_status(NULL) == TRAPKEY_STATUS_INVALID_OBJECT);
    CHECK(trapkey_decision_generation(NULL) == 0);
    CHECK(trapkey_decision_is_break_glass(NULL) == 0);
    CHECK(trapkey_decision_would_deny(NULL) == 0);
    CHECK(trapkey_decision_policies(NULL, 1) == 0);
    CHECK(trapkey_decision_policies(decision, 99) == 0);
    CHECK(trapkey_decision_obligations(NULL) == 0);
    CHECK(trapkey_decision_advices(NULL) == 0);
    CHECK(trapkey_decisions_len(NULL) == 0);
    CHECK(trapkey_decisions_verdict(NULL, 0) == TRAPKEY_VERDICT_DENY);
    CHECK(trapkey_error_text(NULL).len == 0);
    CHECK(trapkey_error_status(NULL) == TRAPKEY_STATUS_INVALID_OBJECT);
    CHECK(trapkey_status_name(1).len == 0);
    CHECK(is_text(trapkey_status_name(7201), "STALE"));
    trapkey_engine_free(NULL);
    trapkey_decider_free(NULL);
    trapkey_decision_free(NULL);
    trapkey_decisions_free(NULL);
    trapkey_request_free(NULL);
    trapkey_builder_free(NULL);
    trapkey_model_free(NULL);
    trapkey_party_free(NULL);
    trapkey_slot_free(NULL);
    trapkey_error_free(NULL);
}

/* Pointers that are not of their type. */
static void invalid_objects(void)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW, pair[2];
    trapkey_error_t *error = NULL;
    uint64_t zeros[32] = {0};
    char *unaligned = (char *)zeros + 1;
    trapkey_verdict_t *unaligned_verdict = (trapkey_verdict_t *)(void *)((char *)pair + 1);
    FAILS(TRAPKEY_STATUS_MISALIGNED,
          trapkey_decider_decide((trapkey_decider_t *)(void *)unaligned, request, decision, &verdict,
                                 &error));
    CHECK(verdict == TRAPKEY_VERDICT_DENY && error_says(error, "`decider` is not aligned"));
    FAILS(TRAPKEY_STATUS_MISALIGNED,
          trapkey_decider_decide(decider, request, decision, unaligned_verdict, NULL));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    FAILS(TRAPKEY_STATUS_MISALIGNED,
          trapkey_decision_new(&decision, (trapkey_error_t **)(void *)unaligned));
    FAILS(TRAPKEY_STATUS_MISALIGNED,
          trapkey_engine_new((trapkey_options_t *)(void *)unaligned, &engine, NULL));
    FAILS(TRAPKEY_STATUS_MISALIGNED,
          trapkey_request_set_longs(request, slot, (const int64_t *)(void *)unaligned, 1, NULL));
    /* Objects of another type, and none at all. */
    verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(TRAPKEY_STATUS_INVALID_OBJECT,
          trapkey_decider_decide(decider, (trapkey_request_t *)(void *)slot, decision, &verdict,
                                 &error));
    CHECK(verdict == TRAPKEY_VERDICT_DENY && error_says(error, "`request` is no object"));
    verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(TRAPKEY_STATUS_INVALID_OBJECT,
          trapkey_decider_decide(decider, request, (trapkey_decision_t *)(void *)zeros, &verdict,
                                 NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    trapkey_decider_free((trapkey_decider_t *)(void *)request);
    OK(trapkey_decider_decide(decider, request, decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
}

/* Structs of sizes that cannot be. */
static void struct_sizes(void)
{
    /* A program of a later version, whose struct is longer. */
    struct {
        trapkey_options_t options;
        uint64_t later;
    } longer;
    struct {
        trapkey_horizon_t horizon;
        uint64_t later;
    } horizon;
    trapkey_engine_t *made = NULL;
    trapkey_error_t *error = NULL;
    memset(&longer, 0, sizeof(longer));
    FAILS(TRAPKEY_STATUS_STRUCT_SIZE, trapkey_engine_new(&longer.options, &made, &error));
    CHECK(error_says(error, "`options->struct_size` is 0"));
    longer.options.struct_size = sizeof(size_t);
    FAILS(TRAPKEY_STATUS_STRUCT_SIZE, trapkey_engine_new(&longer.options, &made, NULL));
    longer.options.struct_size = SIZE_MAX;
    FAILS(TRAPKEY_STATUS_STRUCT_SIZE, trapkey_engine_new(&longer.options, &made, NULL));
    longer.options.struct_size = sizeof(longer);
    OK(trapkey_engine_new(&longer.options, &made, NULL));
    trapkey_engine_free(made);
    made = NULL;
    longer.later = 1;
    FAILS(TRAPKEY_STATUS_STRUCT_SIZE, trapkey_engine_new(&longer.options, &made, NULL));
    CHECK(made == NULL);
    memset(&horizon, 0xff, sizeof(horizon));
    horizon.horizon.struct_size = sizeof(horizon.horizon) - 1;
    FAILS(TRAPKEY_STATUS_STRUCT_SIZE, trapkey_decision_horizon(decision, &horizon.horizon, NULL));
    horizon.horizon.struct_size = sizeof(horizon.horizon);
    OK(trapkey_decision_horizon(decision, &horizon.horizon, NULL));
    CHECK(horizon.later == UINT64_MAX);
    horizon.horizon.struct_size = sizeof(horizon);
    OK(trapkey_decision_horizon(decision, &horizon.horizon, NULL));
    CHECK(horizon.later == 0 && horizon.horizon.struct_size == sizeof(horizon));
}

/* Texts and buffers. */
static void texts(void)
{
    trapkey_error_t *error = NULL;
    trapkey_request_t *made = NULL;
    char buffer[8] = "before";
    size_t len = 0;
    const trapkey_str_t invalid = TRAPKEY_STR("ab\xff");
    trapkey_str_t endless = TRAPKEY_STR("a");
    trapkey_bytes_t bytes = bundle;
    endless.len = (size_t)PTRDIFF_MAX + 1;
    FAILS(TRAPKEY_STATUS_NOT_UTF8, trapkey_request_from_json(model, invalid, &made, &error));
    CHECK(error_says(error, "`json` is not UTF-8 at byte 2"));
    FAILS(NULL_POINTER, trapkey_request_from_json(model, dangling, &made, NULL));
    FAILS(TRAPKEY_STATUS_TOO_LONG, trapkey_request_from_json(model, endless, &made, NULL));
    FAILS(TRAPKEY_STATUS_REQUEST_REFUSED, trapkey_request_from_json(model, none, &made, NULL));
    FAILS(TRAPKEY_STATUS_UID_REFUSED,
          trapkey_model_party(model, TRAPKEY_STR("ann"), &party, &error));
    CHECK(error_says(error, "`entity`: text is not of the form"));
    bytes.len = (size_t)PTRDIFF_MAX + 1;
    FAILS(TRAPKEY_STATUS_TOO_LONG, trapkey_engine_publish(engine, bytes, NULL, NULL));
    bytes.len = bundle.len - 1;
    FAILS(TRAPKEY_STATUS_BUNDLE_REFUSED, trapkey_engine_publish(engine, bytes, NULL, NULL));
    bytes.data = NULL;
    FAILS(NULL_POINTER, trapkey_engine_publish(engine, bytes, NULL, NULL));
    FAILS(NULL_POINTER,
          trapkey_engine_publish_precompiled(engine, bundle, bytes, none, NULL));
    FAILS(TRAPKEY_STATUS_PUBLISH_REFUSED,
          trapkey_engine_publish_precompiled(engine, bundle, bundle, none, &error));
    CHECK(error_says(error, "not a precompiled module"));
    bytes.len = 0;
    FAILS(TRAPKEY_STATUS_BUNDLE_REFUSED, trapkey_engine_publish(engine, bytes, NULL, NULL));
    CHECK(trapkey_engine_generation(engine) == 1);
    FAILS(TRAPKEY_STATUS_UID_REFUSED, trapkey_engine_remove(engine, none, NULL, &error));
    CHECK(trapkey_error_status(error) == TRAPKEY_STATUS_UID_REFUSED);
    FAILS(TRAPKEY_STATUS_BUFFER_TOO_SMALL, trapkey_error_copy(error, NULL, 0, &len));
    CHECK(len == trapkey_error_text(error).len && len > sizeof(buffer));
    FAILS(TRAPKEY_STATUS_BUFFER_TOO_SMALL, trapkey_error_copy(error, buffer, sizeof(buffer), &len));
    CHECK(strcmp(buffer, "before") == 0);
    FAILS(NULL_POINTER, trapkey_error_copy(error, buffer, sizeof(buffer), NULL));
    FAILS(NULL_POINTER, trapkey_error_copy(error, NULL, 1, &len));
    FAILS(NULL_POINTER, trapkey_error_copy(NULL, buffer, 1, &len));
    FAILS(TRAPKEY_STATUS_TOO_LONG,
          trapkey_error_copy(error, buffer, (size_t)PTRDIFF_MAX + 1, &len));
    trapkey_error_free(error);
}

static void panics(void)
{
    trapkey_error_t *error = NULL;
    FAILS(TRAPKEY_STATUS_INTERNAL, trapkey_test_panic(&error));
    CHECK(error_says(error, "panicked: as a test asked"));
    FAILS(TRAPKEY_STATUS_INTERNAL, trapkey_test_panic(NULL));
}

/* Used and freed after they were freed, where the library keeps the word for that. */
static void freed_objects(void)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    trapkey_error_t *error = NULL;
    trapkey_request_free(request);
    FAILS(TRAPKEY_STATUS_INVALID_OBJECT,
          trapkey_decider_decide(decider, request, decision, &verdict, &error));
    CHECK(verdict == TRAPKEY_VERDICT_DENY && error_says(error, "`request` has been freed"));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    FAILS(TRAPKEY_STATUS_INVALID_OBJECT, trapkey_request_set_long(request, slot, 1, NULL));
    trapkey_request_free(request);
    trapkey_engine_free(engine);
    CHECK(trapkey_engine_generation(engine) == 0);
    FAILS(TRAPKEY_STATUS_INVALID_OBJECT, trapkey_engine_publish(engine, bundle, NULL, NULL));
    trapkey_engine_free(engine);
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    make(argv[1]);
    null_objects();
    null_requests();
    null_values();
    invalid_objects();
    struct_sizes();
    texts();
    panics();
    if (strcmp(argv[2], "debug") == 0) {
        freed_objects();
    }
    free_all();
    return 0;
}
