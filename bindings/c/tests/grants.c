/*
 * Grants, the host's clocks, duties, explanations, audit and store.
 *
 * The folder has `press.bundle`, whose template `visit` has both slots, and `press.explaining`, the same with
 * its explaining module.
 */
#include "check.h"

static trapkey_engine_t *engine;
static trapkey_model_t *model;
static trapkey_decision_t *decision;
static trapkey_request_t *visit;
static trapkey_request_t *write_request;
static trapkey_error_t *error;

static trapkey_verdict_t decide(const trapkey_request_t *request)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    OK_OR_SAY(trapkey_engine_decide(engine, request, decision, &verdict, &error));
    return verdict;
}

static trapkey_grant_t grant_of(const char *id)
{
    trapkey_grant_t grant;
    TRAPKEY_INIT(grant);
    grant.id = trapkey_text(id);
    grant.template_id = TRAPKEY_STR("visit");
    grant.principal = TRAPKEY_STR("User::\"ann\"");
    grant.resource = TRAPKEY_STR("Machine::\"press\"");
    grant.requester = TRAPKEY_STR("User::\"bob\"");
    grant.ticket = TRAPKEY_STR("T-1");
    grant.expires_ms = 2000;
    return grant;
}

static void grants(void)
{
    const trapkey_str_t approvers[2] = {TRAPKEY_STR("User::\"cay\""), TRAPKEY_STR("User::\"dan\"")};
    trapkey_grant_t grant = grant_of("g1");
    trapkey_horizon_t horizon;
    size_t count = 9;
    CHECK(decide(visit) == TRAPKEY_VERDICT_DENY);
    grant.approvers = approvers;
    grant.approvers_len = 2;
    OK_OR_SAY(trapkey_engine_grant(engine, &grant, &error));
    CHECK(decide(visit) == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_decision_is_break_glass(decision) == 0);
    TRAPKEY_INIT(horizon);
    OK(trapkey_decision_horizon(decision, &horizon, NULL));
    CHECK(horizon.has_valid_until && horizon.valid_until_ms == 2000 && horizon.remaining_ms == 1000);
    FAILS(TRAPKEY_STATUS_GRANT_REFUSED, trapkey_engine_grant(engine, &grant, &error));
    CHECK(error_says(error, "a grant `g1` is held already"));
    /* Taken back by id, by ticket, by principal, by its end. */
    OK_OR_SAY(trapkey_engine_revoke(engine, TRAPKEY_STR("g1"), &count, &error));
    CHECK(count == 1 && decide(visit) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_engine_revoke(engine, TRAPKEY_STR("g1"), &count, &error));
    CHECK(count == 0);
    OK_OR_SAY(trapkey_engine_grant(engine, &grant, &error));
    OK_OR_SAY(trapkey_engine_revoke_ticket(engine, TRAPKEY_STR("T-1"), &count, &error));
    CHECK(count == 1 && decide(visit) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_engine_grant(engine, &grant, &error));
    OK_OR_SAY(trapkey_engine_revoke_principal(engine, grant.principal, &count, &error));
    CHECK(count == 1 && decide(visit) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_engine_grant(engine, &grant, &error));
    OK_OR_SAY(trapkey_engine_expire_grants(engine, 1999, &count, &error));
    CHECK(count == 0 && decide(visit) == TRAPKEY_VERDICT_ALLOW);
    OK_OR_SAY(trapkey_engine_expire_grants(engine, 2000, &count, &error));
    CHECK(count == 1 && decide(visit) == TRAPKEY_VERDICT_DENY);
    /* One that begins later than the request. */
    grant = grant_of("g2");
    grant.expires_ms = 9000;
    grant.not_before_ms = 5000;
    grant.has_not_before = 1;
    OK_OR_SAY(trapkey_engine_grant(engine, &grant, &error));
    CHECK(decide(visit) == TRAPKEY_VERDICT_DENY);
    OK_OR_SAY(trapkey_engine_revoke(engine, TRAPKEY_STR("g2"), NULL, &error));
    /* What is refused. */
    grant.principal = trapkey_str(NULL, 0);
    FAILS(TRAPKEY_STATUS_GRANT_REFUSED, trapkey_engine_grant(engine, &grant, &error));
    CHECK(error_says(error, "has a slot ?principal"));
    grant.principal = TRAPKEY_STR("ann");
    FAILS(TRAPKEY_STATUS_UID_REFUSED, trapkey_engine_grant(engine, &grant, NULL));
    grant.approvers_len = 17;
    grant.principal = TRAPKEY_STR("User::\"ann\"");
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_engine_grant(engine, &grant, NULL));
    grant.struct_size = 8;
    FAILS(TRAPKEY_STATUS_STRUCT_SIZE, trapkey_engine_grant(engine, &grant, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_grant(engine, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_grant(NULL, &grant, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_revoke(NULL, grant.id, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_revoke_ticket(NULL, grant.id, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_revoke_principal(NULL, grant.id, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_expire_grants(NULL, 0, NULL, NULL));
}

static void duties(void)
{
    trapkey_duties_t *found = NULL;
    trapkey_duty_t duty;
    trapkey_obligation_t advice;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    OK_OR_SAY(trapkey_engine_decide_duties(engine, write_request, &found, &verdict, &error));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW && trapkey_duties_len(found) == 2);
    TRAPKEY_INIT(duty);
    OK_OR_SAY(trapkey_duties_get(found, 0, &duty, &error));
    CHECK(is_text(duty.name, "record") && duty.is_mandatory == 1);
    CHECK(duty.parameter == TRAPKEY_PARAMETER_DURATION && duty.number == 7200000);
    OK_OR_SAY(trapkey_duties_get(found, 1, &duty, &error));
    CHECK(is_text(duty.name, "tell") && duty.is_mandatory == 0 && is_text(duty.text, "shift"));
    CHECK(duty.parameter == TRAPKEY_PARAMETER_TEXT);
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_duties_get(found, 2, &duty, NULL));
    CHECK(decide(write_request) == TRAPKEY_VERDICT_ALLOW);
    CHECK(trapkey_decision_obligations(decision) == 1 && trapkey_decision_advices(decision) == 1);
    TRAPKEY_INIT(advice);
    OK_OR_SAY(trapkey_decision_advice(decision, 0, &advice, &error));
    CHECK(is_text(advice.name, "tell") && is_text(advice.argument, "shift"));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_duties_get(NULL, 0, &duty, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_duties_get(found, 0, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_decide_duties(engine, write_request, NULL, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY && trapkey_duties_len(NULL) == 0);
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_decide_duties(engine, write_request, &found, NULL, NULL));
    verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_engine_decide_duties(engine, NULL, &found, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    trapkey_duties_free(found);
    trapkey_duties_free(NULL);
}

static void explain(const char *folder)
{
    trapkey_explanation_t *explanation = NULL;
    char *text;
    size_t len = 0;
    FAILS(TRAPKEY_STATUS_EXPLAIN_REFUSED,
          trapkey_engine_explain(engine, visit, 0, &explanation, &error));
    CHECK(error_says(error, "has no explaining module"));
    error = NULL;
    OK_OR_SAY(trapkey_engine_publish(engine, read_bytes(folder, "press.explaining"), NULL, &error));
    OK_OR_SAY(trapkey_engine_explain(engine, visit, 0, &explanation, &error));
    FAILS(TRAPKEY_STATUS_BUFFER_TOO_SMALL,
          trapkey_explanation_copy(explanation, TRAPKEY_AUDIENCE_ADMINISTRATOR, NULL, 0, &len));
    text = (char *)malloc(len + 1);
    CHECK(text != NULL);
    FAILS(TRAPKEY_STATUS_BUFFER_TOO_SMALL,
          trapkey_explanation_copy(explanation, TRAPKEY_AUDIENCE_ADMINISTRATOR, text, len, &len));
    OK(trapkey_explanation_copy(explanation, TRAPKEY_AUDIENCE_ADMINISTRATOR, text, len + 1, &len));
    CHECK(strlen(text) == len && strstr(text, "\"verdict\":\"deny\"") != NULL);
    CHECK(strstr(text, "\"not-granted\"") != NULL && strstr(text, "\"write-all\"") != NULL);
    OK(trapkey_explanation_copy(explanation, TRAPKEY_AUDIENCE_REQUESTER, text, len + 1, &len));
    CHECK(strstr(text, "\"own\"") != NULL && strstr(text, "write-all") == NULL);
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_explanation_copy(explanation, 2, text, len, &len));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_explanation_copy(NULL, 0, text, len, &len));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_explanation_copy(explanation, 0, text, len, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_explain(NULL, visit, 0, &explanation, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_explain(engine, NULL, 0, &explanation, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_explain(engine, visit, 0, NULL, NULL));
    free(text);
    trapkey_explanation_free(explanation);
    trapkey_explanation_free(NULL);
}

struct sink {
    int records;
    int answer;
};

static int keep(void *userdata, const trapkey_audit_record_t *record)
{
    struct sink *sink = (struct sink *)userdata;
    sink->records += 1;
    CHECK(record->struct_size == sizeof(*record) && record->verdict == TRAPKEY_VERDICT_ALLOW);
    CHECK(is_text(record->principal_type, "User") && is_text(record->principal_id, "ann"));
    CHECK(is_text(record->resource_type, "Machine") && is_text(record->resource_id, "press"));
    CHECK(record->status == TRAPKEY_STATUS_OK && record->has_at && record->at_ms == 1000000);
    CHECK(record->generation == trapkey_decision_generation(record->decision));
    return sink->answer;
}

static void audit(void)
{
    struct sink sink = {0, 0};
    CHECK(decide(write_request) == TRAPKEY_VERDICT_ALLOW);
    OK_OR_SAY(trapkey_audit(write_request, decision, keep, &sink, &error));
    CHECK(sink.records == 1);
    sink.answer = 5;
    FAILS(TRAPKEY_STATUS_AUDIT_FAILED,
          trapkey_audit(write_request, decision, keep, &sink, &error));
    CHECK(error_says(error, "gave 5"));
    error = NULL;
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_audit(NULL, decision, keep, &sink, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_audit(write_request, NULL, keep, &sink, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_audit(write_request, decision, NULL, &sink, NULL));
}

static int load(void *userdata, uint8_t *bytes)
{
    memcpy(bytes, userdata, TRAPKEY_STORE_BYTES);
    return 0;
}

static int save(void *userdata, const uint8_t *bytes)
{
    memcpy(userdata, bytes, TRAPKEY_STORE_BYTES);
    return 0;
}

static int fail_to_save(void *userdata, const uint8_t *bytes)
{
    (void)userdata;
    (void)bytes;
    return 1;
}

/* The clock goes on, and so do what it says, and what is kept of it. */
static void clocks(void)
{
    uint8_t memory[TRAPKEY_STORE_BYTES] = {0};
    trapkey_store_t store;
    trapkey_kept_t kept;
    trapkey_clock_reading_t reading;
    trapkey_time_bounds_t bounds;
    TRAPKEY_INIT(store);
    TRAPKEY_INIT(kept);
    TRAPKEY_INIT(reading);
    TRAPKEY_INIT(bounds);
    store.userdata = memory;
    store.load = load;
    store.save = save;
    FAILS(TRAPKEY_STATUS_CLOCK_REFUSED, trapkey_engine_clock(engine, &bounds, NULL));
    FAILS(TRAPKEY_STATUS_STORE_REFUSED, trapkey_store_load(&store, &kept, &error));
    CHECK(error_says(error, "does not give back what was saved"));
    FAILS(TRAPKEY_STATUS_STORE_REFUSED, trapkey_store_save(&store, engine, 0, NULL));
    error = NULL;
    OK_OR_SAY(trapkey_store_save(&store, engine, 1, &error));
    OK_OR_SAY(trapkey_store_load(&store, &kept, &error));
    CHECK(kept.sequence == 3 && !kept.has_mark);
    reading.wall_ms = 1000000;
    reading.trust = TRAPKEY_TRUST_TRUSTED;
    OK_OR_SAY(trapkey_engine_set_clock(engine, &reading, &bounds, &error));
    CHECK(bounds.has_low && bounds.low_ms == 1000000 && bounds.has_high);
    OK_OR_SAY(trapkey_store_save(&store, engine, 0, &error));
    OK_OR_SAY(trapkey_store_load(&store, &kept, &error));
    CHECK(kept.sequence == 3 && kept.has_mark && kept.mark_ms == 1000000);
    /* A jump of a year is refused, unless somebody answers for it. */
    reading.wall_ms += 31536000000;
    reading.monotonic_ns = 1000000000;
    FAILS(TRAPKEY_STATUS_CLOCK_REFUSED, trapkey_engine_set_clock(engine, &reading, NULL, &error));
    CHECK(error_says(error, "the wall clock says"));
    error = NULL;
    OK_OR_SAY(trapkey_engine_clock(engine, &bounds, &error));
    CHECK(bounds.low_ms == 1000000);
    OK_OR_SAY(trapkey_engine_accept_clock(engine, &reading, &bounds, &error));
    CHECK(bounds.low_ms == reading.wall_ms);
    reading.trust = TRAPKEY_TRUST_HOLDOVER;
    reading.uncertainty_ms = 500;
    OK_OR_SAY(trapkey_engine_set_clock(engine, &reading, &bounds, &error));
    CHECK(bounds.has_high && bounds.high_ms == reading.wall_ms + 500);
    reading.trust = TRAPKEY_TRUST_UNTRUSTED;
    OK_OR_SAY(trapkey_engine_set_clock(engine, &reading, &bounds, &error));
    CHECK(!bounds.has_high);
    reading.trust = 3;
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_engine_set_clock(engine, &reading, NULL, NULL));
    store.save = fail_to_save;
    FAILS(TRAPKEY_STATUS_STORE_REFUSED, trapkey_store_save(&store, engine, 0, NULL));
    store.save = NULL;
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_store_save(&store, engine, 0, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_store_save(NULL, engine, 0, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_store_save(&store, NULL, 0, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_store_load(NULL, &kept, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_store_load(&store, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_set_clock(NULL, &reading, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_set_clock(engine, NULL, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_accept_clock(NULL, &reading, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_accept_clock(engine, NULL, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_clock(NULL, &bounds, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_engine_clock(engine, NULL, NULL));
}

/* A host that says what it honours: an allow with another obligation is a deny. */
static void honour(const char *folder)
{
    const trapkey_str_t honours[1] = {TRAPKEY_STR("record")};
    trapkey_options_t options;
    trapkey_engine_t *other = NULL;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    TRAPKEY_INIT(options);
    options.honours_only = 1;
    OK_OR_SAY(trapkey_engine_new(&options, &other, &error));
    OK_OR_SAY(trapkey_engine_publish_with(other, read_bytes(folder, "press.bundle"),
                                          read_file(folder, "press.entities"), NULL, &error));
    OK_OR_SAY(trapkey_engine_decide(other, write_request, decision, &verdict, &error));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    CHECK(trapkey_decision_reason(decision) == TRAPKEY_REASON_OBLIGATION_NOT_HONOURED);
    trapkey_engine_free(other);
    options.honours = honours;
    options.honours_len = 1;
    OK_OR_SAY(trapkey_engine_new(&options, &other, &error));
    OK_OR_SAY(trapkey_engine_publish_with(other, read_bytes(folder, "press.bundle"),
                                          read_file(folder, "press.entities"), NULL, &error));
    OK_OR_SAY(trapkey_engine_decide(other, write_request, decision, &verdict, &error));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
    trapkey_engine_free(other);
    options.honours_len = 5000;
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_engine_new(&options, &other, NULL));
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    OK_OR_SAY(trapkey_engine_new(NULL, &engine, &error));
    OK_OR_SAY(trapkey_engine_publish_with(engine, read_bytes(argv[1], "press.bundle"),
                                          read_file(argv[1], "press.entities"), NULL, &error));
    OK_OR_SAY(trapkey_engine_model(engine, &model, &error));
    OK_OR_SAY(trapkey_decision_new(&decision, &error));
    OK_OR_SAY(trapkey_request_from_json(model, read_file(argv[1], "press.request"), &write_request,
                                        &error));
    OK_OR_SAY(trapkey_request_from_json(model, read_file(argv[1], "visit.request"), &visit, &error));
    grants();
    error = NULL;
    duties();
    explain(argv[1]);
    audit();
    clocks();
    honour(argv[1]);
    trapkey_request_free(visit);
    trapkey_request_free(write_request);
    trapkey_decision_free(decision);
    trapkey_model_free(model);
    trapkey_engine_free(engine);
    return 0;
}
