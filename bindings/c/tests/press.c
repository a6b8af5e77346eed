/*
 * Requests from names and values, and set in place: a policy asks for one value of each attribute, so
 * that a setter that does nothing, or the wrong thing, is seen.
 */
#include "check.h"

#define ACTION TRAPKEY_STR("Action::\"write\"")

static trapkey_engine_t *engine;
static trapkey_model_t *model;
static trapkey_decider_t *decider;
static trapkey_decision_t *decision;
static trapkey_error_t *error;

static trapkey_verdict_t decide(const trapkey_request_t *request)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    OK_OR_SAY(trapkey_decider_decide(decider, request, decision, &verdict, &error));
    return verdict;
}

static trapkey_slot_t *slot_of(const char *path)
{
    trapkey_slot_t *slot = NULL;
    OK_OR_SAY(trapkey_model_slot(model, ACTION, trapkey_text(path), &slot, &error));
    return slot;
}

static trapkey_request_t *build(void)
{
    trapkey_builder_t *builder = NULL;
    trapkey_request_t *request = NULL;
    OK_OR_SAY(trapkey_builder_new(model, ACTION, &builder, &error));
    OK_OR_SAY(trapkey_builder_principal(builder, TRAPKEY_STR("User::\"ann\""), &error));
    OK_OR_SAY(trapkey_builder_resource(builder, TRAPKEY_STR("Machine::\"press\""), &error));
    OK_OR_SAY(trapkey_builder_bool(builder, TRAPKEY_STR("on"), 1, &error));
    OK_OR_SAY(trapkey_builder_long(builder, TRAPKEY_STR("value"), 1500, &error));
    OK_OR_SAY(trapkey_builder_decimal(builder, TRAPKEY_STR("ratio"), 12500, &error));
    OK_OR_SAY(trapkey_builder_datetime(builder, TRAPKEY_STR("now"), 1000000, &error));
    OK_OR_SAY(trapkey_builder_duration(builder, TRAPKEY_STR("age"), 5000, &error));
    OK_OR_SAY(trapkey_builder_ip(builder, TRAPKEY_STR("from"), TRAPKEY_STR("10.0.0.7"), &error));
    OK_OR_SAY(trapkey_builder_string(builder, TRAPKEY_STR("note"), TRAPKEY_STR("ok"), &error));
    OK_OR_SAY(trapkey_builder_entity(builder, TRAPKEY_STR("next"),
                                     TRAPKEY_STR("Machine::\"oven\""), &error));
    OK_OR_SAY(trapkey_builder_json(builder, TRAPKEY_STR("codes"), TRAPKEY_STR("[2, 1]"), &error));
    OK_OR_SAY(trapkey_builder_json(builder, TRAPKEY_STR("tags"), TRAPKEY_STR("[\"a\"]"), &error));
    OK_OR_SAY(trapkey_builder_json(
        builder, TRAPKEY_STR("zones"),
        TRAPKEY_STR("[{\"__entity\": {\"type\": \"Machine\", \"id\": \"oven\"}}]"), &error));
    OK_OR_SAY(trapkey_builder_json(builder, TRAPKEY_STR("env"), TRAPKEY_STR("{\"load\": 3}"),
                                   &error));
    OK_OR_SAY(trapkey_builder_build(builder, &request, &error));
    /* Twice the same attribute. */
    OK_OR_SAY(trapkey_builder_long(builder, TRAPKEY_STR("value"), 1, &error));
    FAILS(TRAPKEY_STATUS_REQUEST_REFUSED, trapkey_builder_build(builder, &request, &error));
    CHECK(error_says(error, "`value` was given twice"));
    trapkey_builder_free(builder);
    error = NULL;
    return request;
}

/* Sets a wrong value, which denies, and the right one, which allows again. */
#define TURNS(wrong, right)                                 \
    do {                                                    \
        OK_OR_SAY(wrong);                                   \
        CHECK(decide(request) == TRAPKEY_VERDICT_DENY);     \
        OK_OR_SAY(right);                                   \
        CHECK(decide(request) == TRAPKEY_VERDICT_ALLOW);    \
    } while (0)

#define SETS(kind, path, wrong, right)                                         \
    do {                                                                       \
        trapkey_slot_t *slot = slot_of(path);                                  \
        TURNS(trapkey_request_set_##kind(request, slot, wrong, &error),        \
              trapkey_request_set_##kind(request, slot, right, &error));       \
        trapkey_slot_free(slot);                                               \
    } while (0)

static void set_values(trapkey_request_t *request)
{
    CHECK(decide(request) == TRAPKEY_VERDICT_ALLOW);
    SETS(bool, "on", 0, 7);
    SETS(long, "value", 1501, 1500);
    SETS(decimal, "ratio", 12501, 12500);
    SETS(datetime, "now", 1000001, 1000000);
    SETS(duration, "age", 5001, 5000);
    SETS(ip, "from", TRAPKEY_STR("10.0.0.0/8"), TRAPKEY_STR("10.0.0.7"));
    SETS(string, "note", TRAPKEY_STR("not ok, and longer than before"), TRAPKEY_STR("ok"));
    SETS(entity, "next", TRAPKEY_STR("Machine::\"press\""), TRAPKEY_STR("Machine::\"oven\""));
    SETS(long, "env.load", 4, 3);
    SETS(json, "env", TRAPKEY_STR("{\"load\": 4}"), TRAPKEY_STR("{\"load\": 3}"));
}

static void set_sets(trapkey_request_t *request)
{
    const int64_t codes[3] = {1, 2, 3};
    const trapkey_str_t tags[2] = {TRAPKEY_STR("b"), TRAPKEY_STR("a")};
    const trapkey_str_t zones[2] = {TRAPKEY_STR("Machine::\"oven\""),
                                    TRAPKEY_STR("Machine::\"press\"")};
    trapkey_slot_t *slot = slot_of("codes");
    TURNS(trapkey_request_set_longs(request, slot, codes, 3, &error),
          trapkey_request_set_longs(request, slot, codes, 2, &error));
    TURNS(trapkey_request_set_longs(request, slot, NULL, 0, &error),
          trapkey_request_set_longs(request, slot, codes, 2, &error));
    trapkey_slot_free(slot);
    slot = slot_of("tags");
    TURNS(trapkey_request_set_strings(request, slot, tags, 2, &error),
          trapkey_request_set_strings(request, slot, tags + 1, 1, &error));
    trapkey_slot_free(slot);
    slot = slot_of("zones");
    TURNS(trapkey_request_set_entities(request, slot, zones, 2, &error),
          trapkey_request_set_entities(request, slot, zones, 1, &error));
    trapkey_slot_free(slot);
}

static void set_parties(trapkey_request_t *request)
{
    trapkey_party_t *ann = NULL, *bob = NULL, *press = NULL, *oven = NULL;
    trapkey_slot_t *slot = slot_of("next");
    OK_OR_SAY(trapkey_model_party(model, TRAPKEY_STR("User::\"ann\""), &ann, &error));
    OK_OR_SAY(trapkey_model_party(model, TRAPKEY_STR("User::\"bob\""), &bob, &error));
    OK_OR_SAY(trapkey_model_party(model, TRAPKEY_STR("Machine::\"press\""), &press, &error));
    OK_OR_SAY(trapkey_model_party(model, TRAPKEY_STR("Machine::\"oven\""), &oven, &error));
    TURNS(trapkey_request_set_principal(request, bob, &error),
          trapkey_request_set_principal(request, ann, &error));
    TURNS(trapkey_request_set_resource(request, oven, &error),
          trapkey_request_set_resource(request, press, &error));
    TURNS(trapkey_request_set_party(request, slot, press, &error),
          trapkey_request_set_party(request, slot, oven, &error));
    FAILS(TRAPKEY_STATUS_SET_REFUSED, trapkey_request_set_principal(request, press, &error));
    CHECK(error_says(error, "is not of the type User"));
    CHECK(decide(request) == TRAPKEY_VERDICT_ALLOW);
    trapkey_slot_free(slot);
    trapkey_party_free(ann);
    trapkey_party_free(bob);
    trapkey_party_free(press);
    trapkey_party_free(oven);
}

/* What is refused leaves the request as it was. */
static void refuse(trapkey_request_t *request)
{
    trapkey_slot_t *value = slot_of("value"), *note = slot_of("note"), *other = NULL;
    FAILS(TRAPKEY_STATUS_SET_REFUSED,
          trapkey_request_set_string(request, value, TRAPKEY_STR("1500"), &error));
    CHECK(error_says(error, "value"));
    FAILS(TRAPKEY_STATUS_SET_REFUSED, trapkey_request_set_long(request, value, 70000, NULL));
    FAILS(TRAPKEY_STATUS_SET_REFUSED, trapkey_request_clear(request, value, NULL));
    FAILS(TRAPKEY_STATUS_REQUEST_REFUSED,
          trapkey_request_set_json(request, value, TRAPKEY_STR("[1500]"), &error));
    CHECK(error_says(error, "`context.value`: expected a value of type Long, found an array"));
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE,
          trapkey_request_set_longs(request, value, (const int64_t *)sizeof(int64_t), 65537, NULL));
    FAILS(TRAPKEY_STATUS_SLOT_REFUSED,
          trapkey_model_slot(model, ACTION, TRAPKEY_STR("env.speed"), &other, &error));
    CHECK(other == NULL && error_says(error, "no attribute `env.speed`"));
    CHECK(decide(request) == TRAPKEY_VERDICT_ALLOW);
    TURNS(trapkey_request_clear(request, note, &error),
          trapkey_request_set_string(request, note, TRAPKEY_STR("ok"), &error));
    error = NULL;
    trapkey_slot_free(value);
    trapkey_slot_free(note);
}

/* Time goes on, in the request alone. */
static void advance(trapkey_request_t *request)
{
    trapkey_request_t *copy = NULL;
    trapkey_horizon_t horizon;
    OK_OR_SAY(trapkey_request_copy(request, &copy, &error));
    OK_OR_SAY(trapkey_request_advance(copy, 1, &error));
    CHECK(decide(copy) == TRAPKEY_VERDICT_DENY);
    CHECK(decide(request) == TRAPKEY_VERDICT_ALLOW);
    OK_OR_SAY(trapkey_request_set_at(copy, 77, &error));
    decide(copy);
    TRAPKEY_INIT(horizon);
    OK(trapkey_decision_horizon(decision, &horizon, NULL));
    CHECK(horizon.has_at && horizon.at_ms == 77);
    OK_OR_SAY(trapkey_request_clear_at(copy, &error));
    decide(copy);
    OK(trapkey_decision_horizon(decision, &horizon, NULL));
    CHECK(horizon.has_at && horizon.at_ms == 1000001);
    FAILS(TRAPKEY_STATUS_ADVANCE_REFUSED, trapkey_request_advance(copy, INT64_MAX, &error));
    CHECK(error_says(error, "cannot move"));
    error = NULL;
    trapkey_request_free(copy);
}

/* Facts change, and so does what is published. */
static void change(const char *folder, trapkey_request_t *request)
{
    uint32_t removed = 7;
    uint64_t generation = 0;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    OK_OR_SAY(trapkey_engine_remove(engine, TRAPKEY_STR("User::\"ann\""), &removed, &error));
    CHECK(removed == 1 && decide(request) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_engine_remove(engine, TRAPKEY_STR("User::\"ann\""), &removed, &error));
    CHECK(removed == 0);
    OK_OR_SAY(trapkey_engine_upsert(
        engine,
        TRAPKEY_STR("{\"uid\": {\"type\": \"User\", \"id\": \"ann\"}, \"attrs\": {\"level\": 3}, "
                    "\"parents\": []}"),
        &error));
    CHECK(decide(request) == TRAPKEY_VERDICT_ALLOW);
    FAILS(TRAPKEY_STATUS_FACTS_REFUSED,
          trapkey_engine_upsert(engine, TRAPKEY_STR("{\"uid\": 1}"), &error));
    CHECK(error_says(error, "entities"));
    FAILS(TRAPKEY_STATUS_BUNDLE_REFUSED,
          trapkey_engine_publish(engine, read_bytes(folder, "press.entities"), NULL, &error));
    CHECK(error_says(error, "bundle"));
    /* Another schema: what was made for this one is stale. */
    OK_OR_SAY(trapkey_engine_publish_with(engine, read_bytes(folder, "other.bundle"),
                                          read_file(folder, "press.entities"), &generation, &error));
    CHECK(generation == 2);
    FAILS(TRAPKEY_STATUS_STALE,
          trapkey_decider_decide(decider, request, decision, &verdict, &error));
    CHECK(verdict == TRAPKEY_VERDICT_DENY && error_says(error, "another layout"));
    CHECK(trapkey_decision_status(decision) == TRAPKEY_STATUS_STALE);
    CHECK(trapkey_decision_reason(decision) == TRAPKEY_REASON_UNDECIDED);
    OK_OR_SAY(trapkey_engine_replace_entities(engine, TRAPKEY_STR("[]"), &error));
    OK_OR_SAY(trapkey_engine_rollback(engine, &generation, &error));
    CHECK(generation == 3);
    CHECK(decide(request) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_engine_replace_entities(engine, read_file(folder, "press.entities"), &error));
    CHECK(decide(request) == TRAPKEY_VERDICT_ALLOW);
    FAILS(TRAPKEY_STATUS_ROLLBACK_REFUSED, trapkey_engine_rollback(engine, NULL, NULL));
}

int main(int argc, char **argv)
{
    trapkey_options_t options;
    trapkey_request_t *request;
    CHECK(argc == 2);
    TRAPKEY_INIT(options);
    options.poison_frames = 1;
    OK_OR_SAY(trapkey_engine_new(&options, &engine, &error));
    FAILS(TRAPKEY_STATUS_NOTHING_PUBLISHED, trapkey_engine_model(engine, &model, NULL));
    OK_OR_SAY(trapkey_engine_publish_with(engine, read_bytes(argv[1], "press.bundle"),
                                          read_file(argv[1], "press.entities"), NULL, &error));
    OK_OR_SAY(trapkey_engine_model(engine, &model, &error));
    OK_OR_SAY(trapkey_decider_new(engine, &decider, &error));
    OK_OR_SAY(trapkey_decision_new(&decision, &error));
    request = build();
    set_values(request);
    set_sets(request);
    set_parties(request);
    refuse(request);
    advance(request);
    change(argv[1], request);
    trapkey_request_free(request);
    trapkey_decision_free(decision);
    trapkey_decider_free(decider);
    trapkey_model_free(model);
    trapkey_engine_free(engine);
    return 0;
}
