/*
 * Prepared decisions allocate nothing: the program's own allocator, which the library uses too, counts. For the
 * C library of GNU.
 */
#include "check.h"

#define DECISIONS 1000
#define BATCH 64

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static size_t allocations;

void *malloc(size_t size)
{
    allocations += 1;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations += 1;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    allocations += 1;
    return __libc_realloc(memory, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    allocations += 1;
    *memory = __libc_memalign(alignment, size);
    return *memory == NULL;
}

static trapkey_engine_t *engine;
static trapkey_model_t *model;
static trapkey_decider_t *decider;
static trapkey_decision_t *decision;
static trapkey_decisions_t *decisions;
static trapkey_request_t *requests[BATCH];
static trapkey_slot_t *value, *note, *codes, *next;
static trapkey_party_t *ann, *bob, *oven;

static trapkey_slot_t *slot_of(const char *path)
{
    trapkey_slot_t *slot = NULL;
    OK(trapkey_model_slot(model, TRAPKEY_STR("Action::\"write\""), trapkey_text(path), &slot, NULL));
    return slot;
}

static trapkey_party_t *party_of(const char *uid)
{
    trapkey_party_t *party = NULL;
    OK(trapkey_model_party(model, trapkey_text(uid), &party, NULL));
    return party;
}

/* Sets each kind of value, decides, and looks at the decision. */
static void decide(int64_t number, trapkey_verdict_t want)
{
    static const int64_t set[2] = {2, 1};
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    trapkey_error_t *error = NULL;
    trapkey_policy_t policy;
    trapkey_horizon_t horizon;
    trapkey_request_t *request = requests[0];
    OK(trapkey_request_set_principal(request, bob, &error));
    OK(trapkey_request_set_principal(request, ann, &error));
    OK(trapkey_request_set_long(request, value, number, &error));
    OK(trapkey_request_set_string(request, note, TRAPKEY_STR("ok"), &error));
    OK(trapkey_request_set_longs(request, codes, set, 2, &error));
    OK(trapkey_request_set_party(request, next, oven, &error));
    OK(trapkey_decider_decide(decider, request, decision, &verdict, &error));
    CHECK(verdict == want);
    if (want == TRAPKEY_VERDICT_ALLOW) {
        TRAPKEY_INIT(policy);
        OK(trapkey_decision_policy(decision, TRAPKEY_POLICIES_DETERMINING, 0, &policy, &error));
        CHECK(is_text(policy.id, "write-all") && trapkey_decision_obligations(decision) == 1);
    }
    TRAPKEY_INIT(horizon);
    OK(trapkey_decision_horizon(decision, &horizon, &error));
    OK(trapkey_engine_decide(engine, request, decision, &verdict, &error));
    CHECK(verdict == want);
}

/* A decision that was kept is copied into the memory that is there; so is one of a batch. */
static void kept(void)
{
    trapkey_caching_decider_t *caching = NULL;
    trapkey_cache_counts_t counts;
    trapkey_verdict_t verdict;
    size_t before;
    int at;
    TRAPKEY_INIT(counts);
    OK(trapkey_caching_decider_new(engine, 0, &caching, NULL));
    OK(trapkey_caching_decider_decide(caching, requests[0], decision, &verdict, NULL));
    OK(trapkey_decisions_copy(decisions, 1, decision, NULL));
    before = allocations;
    for (at = 0; at < DECISIONS; at++) {
        verdict = TRAPKEY_VERDICT_DENY;
        OK(trapkey_caching_decider_decide(caching, requests[0], decision, &verdict, NULL));
        CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
        OK(trapkey_decisions_copy(decisions, 1, decision, NULL));
        CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_ALLOW);
    }
    CHECK(allocations == before);
    OK(trapkey_caching_decider_counts(caching, &counts, NULL));
    CHECK(counts.hits == DECISIONS && counts.misses == 1);
    trapkey_caching_decider_free(caching);
}

int main(int argc, char **argv)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    int at;
    size_t before;
    CHECK(argc == 2);
    OK(trapkey_engine_new(NULL, &engine, NULL));
    OK(trapkey_engine_publish_with(engine, read_bytes(argv[1], "press.bundle"),
                                   read_file(argv[1], "press.entities"), NULL, NULL));
    OK(trapkey_engine_model(engine, &model, NULL));
    OK(trapkey_decider_new(engine, &decider, NULL));
    before = allocations;
    OK(trapkey_decision_new(&decision, NULL));
    CHECK(allocations > before);
    OK(trapkey_decisions_new(&decisions, NULL));
    for (at = 0; at < BATCH; at++) {
        OK(trapkey_request_from_json(model, read_file(argv[1], "press.request"), &requests[at],
                                     NULL));
    }
    value = slot_of("value");
    note = slot_of("note");
    codes = slot_of("codes");
    next = slot_of("next");
    ann = party_of("User::\"ann\"");
    bob = party_of("User::\"bob\"");
    oven = party_of("Machine::\"oven\"");
    for (at = 0; at < 2; at++) {
        decide(1500, TRAPKEY_VERDICT_ALLOW);
        decide(7, TRAPKEY_VERDICT_DENY);
        OK(trapkey_decider_decide_batch(decider, (const trapkey_request_t *const *)requests, BATCH,
                                        decisions, NULL));
    }
    before = allocations;
    for (at = 0; at < DECISIONS; at++) {
        decide(1500, TRAPKEY_VERDICT_ALLOW);
        decide(at, TRAPKEY_VERDICT_DENY);
        OK(trapkey_decider_decide_batch(decider, (const trapkey_request_t *const *)requests, BATCH,
                                        decisions, NULL));
        CHECK(trapkey_decisions_verdict(decisions, 1) == TRAPKEY_VERDICT_ALLOW);
    }
    CHECK(allocations == before);
    /* What is refused is a deny, and costs the decision nothing that it has. */
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_decider_decide(decider, NULL, decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    before = allocations;
    decide(1500, TRAPKEY_VERDICT_ALLOW);
    CHECK(allocations == before);
    kept();
    return 0;
}
