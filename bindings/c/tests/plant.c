/*
 * The plant's published cases, decided in each way that there is.
 *
 * The folder has `plant.bundle`, and for each case N: `N.request`, `N.entities` and `N.want`, whose first
 * character is 1 for allow, and whose other lines are the determining policies, sorted.
 */
#include "check.h"

#define CASES_MAX 64

static const char *folder;
static int cases;
static trapkey_request_t *requests[CASES_MAX];
static trapkey_str_t wanted[CASES_MAX];

static const char *name_of(int number, const char *ending)
{
    static char name[64];
    CHECK(snprintf(name, sizeof(name), "%d.%s", number, ending) > 0);
    return name;
}

static trapkey_verdict_t want(int number)
{
    return wanted[number].data[0] == '1' ? TRAPKEY_VERDICT_ALLOW : TRAPKEY_VERDICT_DENY;
}

/* Compares the policies of a decision with the lines that are wanted. */
static void check_determining(const trapkey_decision_t *decision, int number)
{
    size_t count = trapkey_decision_policies(decision, TRAPKEY_POLICIES_DETERMINING), lines = 0, at;
    trapkey_policy_t policy;
    for (at = 0; at < wanted[number].len; at++) {
        lines += wanted[number].data[at] == '\n';
    }
    CHECK(lines == count);
    for (at = 0; at < count; at++) {
        char line[256];
        TRAPKEY_INIT(policy);
        OK(trapkey_decision_policy(decision, TRAPKEY_POLICIES_DETERMINING, at, &policy, NULL));
        CHECK(policy.eval_error == TRAPKEY_EVAL_ERROR_NONE && policy.start < policy.end);
        CHECK(snprintf(line, sizeof(line), "\n%.*s", (int)policy.id.len, policy.id.data) > 0);
        CHECK(strstr(wanted[number].data, line) != NULL);
    }
    TRAPKEY_INIT(policy);
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE,
          trapkey_decision_policy(decision, TRAPKEY_POLICIES_DETERMINING, count, &policy, NULL));
}

static void check_decision(const trapkey_decision_t *decision, int number)
{
    trapkey_horizon_t horizon;
    trapkey_obligation_t obligation;
    size_t at, count = trapkey_decision_obligations(decision);
    uint8_t digest[32];
    CHECK(trapkey_decision_verdict(decision) == want(number));
    CHECK(trapkey_decision_status(decision) == TRAPKEY_STATUS_OK);
    CHECK(trapkey_decision_generation(decision) == 1);
    CHECK((trapkey_decision_reason(decision) == TRAPKEY_REASON_PERMITTED) ==
          (want(number) == TRAPKEY_VERDICT_ALLOW));
    check_determining(decision, number);
    for (at = 0; at < count; at++) {
        TRAPKEY_INIT(obligation);
        OK(trapkey_decision_obligation(decision, at, &obligation, NULL));
        CHECK(obligation.name.len > 0);
    }
    TRAPKEY_INIT(horizon);
    OK(trapkey_decision_horizon(decision, &horizon, NULL));
    CHECK(horizon.struct_size == sizeof(horizon) && horizon.has_at);
    CHECK(!horizon.has_valid_until ||
          horizon.valid_until_ms == horizon.at_ms + (int64_t)horizon.remaining_ms);
    OK(trapkey_decision_digest(decision, digest, NULL));
}

static void decide_each(trapkey_engine_t *engine, trapkey_decider_t *decider)
{
    trapkey_decision_t *decision = NULL;
    trapkey_verdict_t verdict;
    int number;
    OK(trapkey_decision_new(&decision, NULL));
    OK(trapkey_decision_reserve(decision, engine, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_decision_reserve(decision, NULL, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_decision_reserve(NULL, engine, NULL));
    CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    for (number = 0; number < cases; number++) {
        OK(trapkey_engine_replace_entities(engine, read_file(folder, name_of(number, "entities")),
                                           NULL));
        verdict = TRAPKEY_VERDICT_ALLOW;
        OK(trapkey_decider_decide(decider, requests[number], decision, &verdict, NULL));
        CHECK(verdict == want(number));
        check_decision(decision, number);
        verdict = TRAPKEY_VERDICT_ALLOW;
        OK(trapkey_engine_decide(engine, requests[number], decision, &verdict, NULL));
        CHECK(verdict == want(number));
        check_decision(decision, number);
    }
    trapkey_decision_free(decision);
}

static void decide_batch(trapkey_engine_t *engine, trapkey_decider_t *decider)
{
    trapkey_decisions_t *decisions = NULL;
    trapkey_decision_t *decision = NULL;
    int number;
    OK(trapkey_decisions_new(&decisions, NULL));
    OK(trapkey_decision_new(&decision, NULL));
    for (number = 0; number < cases; number++) {
        OK(trapkey_engine_replace_entities(engine, read_file(folder, name_of(number, "entities")),
                                           NULL));
        OK(trapkey_decider_decide_batch(decider, (const trapkey_request_t *const *)requests, (size_t)cases,
                                        decisions, NULL));
        CHECK(trapkey_decisions_len(decisions) == (size_t)cases);
        CHECK(trapkey_decisions_verdict(decisions, (size_t)number) == want(number));
        OK(trapkey_decisions_copy(decisions, (size_t)number, decision, NULL));
        check_decision(decision, number);
    }
    /* One request that is none: nothing is decided, and nothing of before remains. */
    {
        const trapkey_request_t *broken[2] = {requests[0], NULL};
        FAILS(TRAPKEY_STATUS_NULL_POINTER,
              trapkey_decider_decide_batch(decider, broken, 2, decisions, NULL));
        CHECK(trapkey_decisions_len(decisions) == 0);
        CHECK(trapkey_decisions_verdict(decisions, 0) == TRAPKEY_VERDICT_DENY);
        FAILS(TRAPKEY_STATUS_OUT_OF_RANGE, trapkey_decisions_copy(decisions, 0, decision, NULL));
        CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY);
    }
    trapkey_decisions_free(decisions);
    trapkey_decision_free(decision);
}

/* The same with code that was compiled ahead of time, in an engine that compiles nothing. */
static void decide_precompiled(void)
{
    trapkey_bytes_t bundle = read_bytes(folder, "plant.bundle");
    trapkey_bytes_t artefact = read_bytes(folder, "plant.precompiled");
    trapkey_str_t entities = read_file(folder, "0.entities");
    const trapkey_str_t none = {NULL, 0};
    trapkey_engine_t *engine = NULL;
    trapkey_decider_t *decider = NULL;
    trapkey_error_t *error = NULL;
    trapkey_options_t options;
    memset(&options, 0, sizeof(options));
    options.struct_size = sizeof(options);
    options.precompiled_only = 1;
    OK_OR_SAY(trapkey_engine_new(&options, &engine, &error));
    FAILS(TRAPKEY_STATUS_PUBLISH_REFUSED, trapkey_engine_publish(engine, bundle, NULL, NULL));
    artefact.len--;
    FAILS(TRAPKEY_STATUS_PUBLISH_REFUSED, trapkey_engine_publish_precompiled(
                                              engine, bundle, artefact, entities, NULL));
    CHECK(trapkey_engine_generation(engine) == 0);
    artefact.len++;
    OK_OR_SAY(trapkey_engine_publish_precompiled(engine, bundle, artefact, entities, &error));
    OK_OR_SAY(trapkey_decider_new(engine, &decider, &error));
    decide_each(engine, decider);
    OK_OR_SAY(trapkey_engine_publish_precompiled(engine, bundle, artefact, none, &error));
    CHECK(trapkey_engine_generation(engine) == 2);
    trapkey_decider_free(decider);
    trapkey_engine_free(engine);
}

int main(int argc, char **argv)
{
    trapkey_engine_t *engine = NULL;
    trapkey_decider_t *decider = NULL;
    trapkey_model_t *model = NULL;
    trapkey_error_t *error = NULL;
    uint64_t generation = 0;
    int number;
    CHECK(argc == 3);
    folder = argv[1];
    cases = atoi(argv[2]);
    CHECK(cases >= 30 && cases <= CASES_MAX);
    CHECK(trapkey_version() == TRAPKEY_VERSION_NUMBER);
    CHECK(strlen(trapkey_version_string()) > 0);
    OK_OR_SAY(trapkey_engine_new(NULL, &engine, &error));
    CHECK(trapkey_engine_generation(engine) == 0);
    OK_OR_SAY(trapkey_engine_publish_with(engine, read_bytes(folder, "plant.bundle"),
                                          read_file(folder, "0.entities"), &generation, &error));
    CHECK(generation == 1 && trapkey_engine_generation(engine) == 1);
    CHECK(trapkey_engine_sequence(engine) == 7);
    OK_OR_SAY(trapkey_engine_model(engine, &model, &error));
    OK_OR_SAY(trapkey_decider_new(engine, &decider, &error));
    for (number = 0; number < cases; number++) {
        wanted[number] = read_file(folder, name_of(number, "want"));
        OK_OR_SAY(trapkey_request_from_json(model, read_file(folder, name_of(number, "request")),
                                            &requests[number], &error));
    }
    decide_each(engine, decider);
    decide_batch(engine, decider);
    decide_precompiled();
    for (number = 0; number < cases; number++) {
        trapkey_request_free(requests[number]);
    }
    /* What is made from an engine does without it. */
    trapkey_engine_free(engine);
    OK(trapkey_decider_release(decider, NULL));
    trapkey_decider_free(decider);
    trapkey_model_free(model);
    return 0;
}
