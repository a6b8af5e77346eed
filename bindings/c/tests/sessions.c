/*
 * Sessions that are opened, told of events, polled, and handed back when they flip.
 */
#include "check.h"

static trapkey_engine_t *engine;
static trapkey_model_t *model;
static trapkey_sessions_t *sessions;
static trapkey_request_t *request;
static trapkey_slot_t *value;
static trapkey_error_t *error;

/* What the last poll handed over. */
struct told {
    int flips;
    uint32_t cause;
    uint32_t is_over;
    trapkey_verdict_t before, after;
    trapkey_session_id_t session;
    char text[64];
};

static void tell(void *userdata, const trapkey_flip_t *flip)
{
    struct told *told = (struct told *)userdata;
    CHECK(flip->struct_size == sizeof(*flip) && flip->text.len < sizeof(told->text));
    told->flips += 1;
    told->cause = flip->cause;
    told->is_over = flip->is_over;
    told->before = flip->before;
    told->after = flip->after;
    told->session = flip->session;
    memcpy(told->text, flip->text.data, flip->text.len);
    told->text[flip->text.len] = '\0';
    /* The callback may use the sessions. */
    CHECK(trapkey_sessions_len(sessions) < 100);
}

static struct told poll_at(int64_t now_ms)
{
    struct told told;
    memset(&told, 0, sizeof(told));
    OK_OR_SAY(trapkey_sessions_poll(sessions, now_ms, tell, &told, &error));
    return told;
}

static trapkey_session_terms_t terms_at(int64_t now_ms)
{
    trapkey_session_terms_t terms;
    TRAPKEY_INIT(terms);
    terms.now_ms = now_ms;
    terms.device = TRAPKEY_STR("tablet-1");
    return terms;
}

static trapkey_session_id_t open_with(const trapkey_session_terms_t *terms)
{
    trapkey_session_id_t session;
    memset(&session, 0, sizeof(session));
    OK_OR_SAY(trapkey_sessions_open(sessions, request, terms, &session, &error));
    return session;
}

static trapkey_subject_t subject_of(uint32_t kind, const char *name)
{
    trapkey_subject_t subject;
    TRAPKEY_INIT(subject);
    subject.kind = kind;
    subject.name = trapkey_text(name);
    return subject;
}

static void check_fails(trapkey_session_id_t session, int64_t now_ms)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(TRAPKEY_STATUS_SESSION_REFUSED,
          trapkey_sessions_check(sessions, session, now_ms, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
}

static void check_allows(trapkey_session_id_t session, int64_t now_ms)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    OK_OR_SAY(trapkey_sessions_check(sessions, session, now_ms, &verdict, &error));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
}

/* A change of context, which the poll decides. */
static void update(void)
{
    trapkey_session_terms_t terms = terms_at(1000000);
    trapkey_subject_t device = subject_of(TRAPKEY_SUBJECT_DEVICE, "tablet-1");
    trapkey_session_update_t change;
    trapkey_session_id_t session = open_with(&terms);
    struct told told;
    size_t count = 0;
    check_allows(session, 1000000);
    CHECK(poll_at(1000000).flips == 0);
    TRAPKEY_INIT(change);
    change.now_ms = 1000000;
    change.slot = value;
    change.json = TRAPKEY_STR("7");
    OK_OR_SAY(trapkey_sessions_update(sessions, &device, &change, &count, &error));
    CHECK(count == 1);
    check_fails(session, 1000000);
    told = poll_at(1000000);
    CHECK(told.flips == 1 && told.cause == TRAPKEY_CAUSE_CONTEXT && told.is_over);
    CHECK(told.before == TRAPKEY_VERDICT_ALLOW && told.after == TRAPKEY_VERDICT_DENY);
    CHECK(memcmp(&told.session, &session, sizeof(session)) == 0);
    CHECK(trapkey_sessions_len(sessions) == 0);
    session = open_with(&terms);
    change.json = TRAPKEY_STR("\"seven\"");
    FAILS(TRAPKEY_STATUS_REQUEST_REFUSED,
          trapkey_sessions_update(sessions, &device, &change, NULL, NULL));
    change.json = TRAPKEY_STR("70000");
    FAILS(TRAPKEY_STATUS_UPDATE_REFUSED,
          trapkey_sessions_update(sessions, &device, &change, NULL, &error));
    CHECK(error_says(error, "`value` cannot be set"));
    error = NULL;
    device.kind = 9;
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE,
          trapkey_sessions_update(sessions, &device, &change, NULL, NULL));
    check_allows(session, 1000000);
    OK_OR_SAY(trapkey_sessions_close(sessions, session, &error));
    check_fails(session, 1000000);
    FAILS(TRAPKEY_STATUS_SESSION_REFUSED, trapkey_sessions_close(sessions, session, NULL));
}

/* Revoked by subject, one way after the other. */
static void revoke(void)
{
    static const struct {
        uint32_t kind;
        const char *name;
    } subjects[4] = {{TRAPKEY_SUBJECT_PRINCIPAL, "User::\"ann\""},
                     {TRAPKEY_SUBJECT_DEVICE, "tablet-1"},
                     {TRAPKEY_SUBJECT_CREDENTIAL, "badge-7"},
                     {TRAPKEY_SUBJECT_SESSION, "idp-5"}};
    trapkey_session_terms_t terms = terms_at(1000000);
    size_t at, count;
    terms.credential = TRAPKEY_STR("badge-7");
    terms.session = TRAPKEY_STR("idp-5");
    for (at = 0; at < 4; at++) {
        trapkey_session_id_t session = open_with(&terms);
        trapkey_subject_t subject = subject_of(subjects[at].kind, subjects[at].name);
        struct told told;
        OK_OR_SAY(trapkey_sessions_revoke(sessions, &subject, TRAPKEY_STR("lost"), &count, &error));
        CHECK(count == 1);
        check_fails(session, 1000000);
        told = poll_at(1000000);
        CHECK(told.flips == 1 && told.cause == TRAPKEY_CAUSE_REVOKED && told.is_over);
        CHECK(strcmp(told.text, "lost") == 0);
        subject.name = TRAPKEY_STR("User::\"nobody\"");
        OK_OR_SAY(trapkey_sessions_revoke(sessions, &subject, TRAPKEY_STR("lost"), &count, &error));
        CHECK(count == 0);
    }
}

/* Facts change, and somebody else holds what is to be held. */
static void facts(void)
{
    trapkey_session_terms_t terms = terms_at(1000000);
    trapkey_session_id_t session, other;
    struct told told;
    terms.exclusive = TRAPKEY_STR("Machine::\"press\"");
    terms.stays = 1;
    session = open_with(&terms);
    FAILS(TRAPKEY_STATUS_OPEN_REFUSED,
          trapkey_sessions_open(sessions, request, &terms, &other, &error));
    CHECK(error_says(error, "is held by the session"));
    error = NULL;
    OK_OR_SAY(trapkey_engine_remove(engine, TRAPKEY_STR("User::\"ann\""), NULL, &error));
    told = poll_at(1000000);
    CHECK(told.flips == 1 && told.cause == TRAPKEY_CAUSE_ENTITY && !told.is_over);
    CHECK(told.after == TRAPKEY_VERDICT_DENY && trapkey_sessions_len(sessions) == 1);
    terms.exclusive = trapkey_str(NULL, 0);
    FAILS(TRAPKEY_STATUS_OPEN_REFUSED,
          trapkey_sessions_open(sessions, request, &terms, &other, &error));
    CHECK(error_says(error, "the request is denied"));
    error = NULL;
    OK_OR_SAY(trapkey_engine_upsert(
        engine,
        TRAPKEY_STR("{\"uid\": {\"type\": \"User\", \"id\": \"ann\"}, \"attrs\": {\"level\": 3}, "
                    "\"parents\": []}"),
        &error));
    told = poll_at(1000000);
    CHECK(told.flips == 1 && told.after == TRAPKEY_VERDICT_ALLOW);
    OK_OR_SAY(trapkey_sessions_close(sessions, session, &error));
}

/* A table whose request does not depend on time: a template's grant, for as long as it lasts. */
static void times(const char *folder)
{
    trapkey_request_t *visit = NULL;
    trapkey_session_terms_t terms = terms_at(1000000);
    trapkey_session_id_t session;
    trapkey_grant_t grant;
    struct told told;
    TRAPKEY_INIT(grant);
    grant.id = TRAPKEY_STR("g");
    grant.template_id = TRAPKEY_STR("visit");
    grant.principal = TRAPKEY_STR("User::\"ann\"");
    grant.resource = TRAPKEY_STR("Machine::\"press\"");
    grant.requester = TRAPKEY_STR("User::\"bob\"");
    grant.expires_ms = 1005000;
    OK_OR_SAY(trapkey_engine_grant(engine, &grant, &error));
    OK_OR_SAY(trapkey_request_from_json(model, read_file(folder, "visit.request"), &visit, &error));
    terms.idle_max_ms = 1000;
    OK_OR_SAY(trapkey_sessions_open(sessions, visit, &terms, &session, &error));
    OK_OR_SAY(trapkey_sessions_touch(sessions, session, 1000900, &error));
    CHECK(poll_at(1001500).flips == 0);
    FAILS(TRAPKEY_STATUS_SESSION_REFUSED, trapkey_sessions_touch(sessions, session, 1002000, NULL));
    told = poll_at(1002000);
    CHECK(told.flips == 1 && told.cause == TRAPKEY_CAUSE_IDLE && told.is_over);
    terms.idle_max_ms = 0;
    terms.now_ms = 1002000;
    terms.age_max_ms = 1000;
    OK_OR_SAY(trapkey_sessions_open(sessions, visit, &terms, &session, &error));
    told = poll_at(1003000);
    CHECK(told.flips == 1 && told.cause == TRAPKEY_CAUSE_AGED && told.is_over);
    terms.age_max_ms = 0;
    terms.now_ms = 1003000;
    OK_OR_SAY(trapkey_sessions_open(sessions, visit, &terms, &session, &error));
    CHECK(poll_at(1004999).flips == 0);
    told = poll_at(1005000);
    CHECK(told.flips == 1 && told.cause == TRAPKEY_CAUSE_HORIZON && told.is_over);
    trapkey_request_free(visit);
}

static void acknowledge(void)
{
    trapkey_session_terms_t terms = terms_at(1000000);
    trapkey_session_id_t session;
    struct told told;
    terms.acknowledge_within_ms = 1;
    session = open_with(&terms);
    FAILS(TRAPKEY_STATUS_SESSION_REFUSED,
          trapkey_sessions_acknowledge(sessions, session, 1000000, TRAPKEY_STR("sing"), &error));
    CHECK(error_says(error, "has no obligation `sing`"));
    error = NULL;
    OK_OR_SAY(trapkey_sessions_acknowledge(sessions, session, 1000000, TRAPKEY_STR("record"),
                                           &error));
    CHECK(poll_at(1000000).flips == 0);
    OK_OR_SAY(trapkey_sessions_close(sessions, session, &error));
    session = open_with(&terms);
    told = poll_at(1000001);
    CHECK(told.flips == 1 && told.cause == TRAPKEY_CAUSE_UNACKNOWLEDGED);
    CHECK(strcmp(told.text, "record") == 0);
}

static void refuse(void)
{
    const trapkey_session_id_t none = {{0, 0}};
    const trapkey_session_id_t far_away = {{UINT64_MAX, UINT64_MAX}};
    trapkey_session_terms_t terms = terms_at(0);
    trapkey_subject_t subject = subject_of(TRAPKEY_SUBJECT_DEVICE, "tablet-1");
    trapkey_session_update_t change;
    trapkey_session_limits_t limits;
    trapkey_sessions_t *made = NULL;
    trapkey_session_id_t session;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    const trapkey_str_t text = TRAPKEY_STR("x");
    TRAPKEY_INIT(change);
    TRAPKEY_INIT(limits);
    limits.per_device_max = 1;
    OK_OR_SAY(trapkey_sessions_new(engine, &limits, &made, &error));
    OK_OR_SAY(trapkey_sessions_open(made, request, &terms, &session, &error));
    FAILS(TRAPKEY_STATUS_OPEN_REFUSED,
          trapkey_sessions_open(made, request, &terms, &session, &error));
    CHECK(error_says(error, "device `tablet-1` has 1 sessions"));
    error = NULL;
    trapkey_sessions_free(made);
    check_fails(none, 0);
    check_fails(far_away, 0);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_new(NULL, NULL, &made, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_new(engine, NULL, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_open(NULL, request, &terms, &session, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_sessions_open(sessions, NULL, &terms, &session, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_sessions_open(sessions, request, NULL, &session, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_open(sessions, request, &terms, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_close(NULL, none, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_check(NULL, none, 0, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_check(sessions, none, 0, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_touch(NULL, none, 0, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_acknowledge(NULL, none, 0, text, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_sessions_update(NULL, &subject, &change, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_sessions_update(sessions, NULL, &change, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_sessions_update(sessions, &subject, NULL, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_sessions_update(sessions, &subject, &change, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_revoke(NULL, &subject, text, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_revoke(sessions, NULL, text, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_poll(NULL, 0, tell, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_sessions_poll(sessions, 0, NULL, NULL, NULL));
    CHECK(trapkey_sessions_len(NULL) == 0);
    trapkey_sessions_free(NULL);
}

/* A callback that frees the sessions it is told of. */
static void free_all(void *userdata, const trapkey_flip_t *flip)
{
    (void)flip;
    trapkey_sessions_free((trapkey_sessions_t *)userdata);
}

static void free_in_callback(void)
{
    trapkey_session_terms_t terms = terms_at(1000000);
    trapkey_subject_t device = subject_of(TRAPKEY_SUBJECT_DEVICE, "tablet-1");
    trapkey_sessions_t *made = NULL;
    trapkey_session_id_t session;
    OK_OR_SAY(trapkey_sessions_new(engine, NULL, &made, &error));
    OK_OR_SAY(trapkey_sessions_open(made, request, &terms, &session, &error));
    OK_OR_SAY(trapkey_sessions_revoke(made, &device, TRAPKEY_STR("end"), NULL, &error));
    OK_OR_SAY(trapkey_sessions_poll(made, 1000000, free_all, made, &error));
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    OK_OR_SAY(trapkey_engine_new(NULL, &engine, &error));
    OK_OR_SAY(trapkey_engine_publish_with(engine, read_bytes(argv[1], "press.bundle"),
                                          read_file(argv[1], "press.entities"), NULL, &error));
    OK_OR_SAY(trapkey_engine_model(engine, &model, &error));
    OK_OR_SAY(trapkey_request_from_json(model, read_file(argv[1], "press.request"), &request,
                                        &error));
    OK_OR_SAY(trapkey_model_slot(model, TRAPKEY_STR("Action::\"write\""), TRAPKEY_STR("value"),
                                 &value, &error));
    OK_OR_SAY(trapkey_sessions_new(engine, NULL, &sessions, &error));
    update();
    revoke();
    facts();
    refuse();
    free_in_callback();
    acknowledge();
    times(argv[1]);
    trapkey_sessions_free(sessions);
    trapkey_slot_free(value);
    trapkey_request_free(request);
    trapkey_model_free(model);
    trapkey_engine_free(engine);
    return 0;
}
