/*
 * Runs the conformance kit, whose form is told in its first lines. The folder has `decisions.kit` and, for each
 * line of policies, FOLDER-RULE.bundle; the other argument says how many decisions there are to be.
 */
#include "check.h"

/* A line of the kit takes no more than this. */
#define WANT_MAX 4096

static char found[WANT_MAX];
static size_t found_len;

static void put(const char *text, size_t len)
{
    CHECK(len < WANT_MAX - found_len);
    memcpy(found + found_len, text, len);
    found_len += len;
    found[found_len] = '\0';
}

static void put_text(const char *text)
{
    put(text, strlen(text));
}

static void put_str(trapkey_str_t text)
{
    put(text.data, text.len);
}

static void put_number(int64_t number)
{
    char digits[32];
    int len = snprintf(digits, sizeof(digits), "%lld", (long long)number);
    CHECK(len > 0);
    put(digits, (size_t)len);
}

static void put_policies(const char *name, const trapkey_decision_t *decision, uint32_t kind)
{
    size_t at, count = trapkey_decision_policies(decision, kind);
    put_text(name);
    for (at = 0; at < count; at++) {
        trapkey_policy_t policy;
        TRAPKEY_INIT(policy);
        OK(trapkey_decision_policy(decision, kind, at, &policy, NULL));
        put_text(at == 0 ? "" : ";");
        put_str(policy.id);
        if (kind == TRAPKEY_POLICIES_ERRING) {
            put_text(":");
            put_number(policy.eval_error);
            put_text(":");
            put_number(policy.start);
            put_text("-");
            put_number(policy.end);
        }
    }
}

static void put_duty(size_t at, const trapkey_obligation_t *duty)
{
    put_text(at == 0 ? "" : ";");
    put_str(duty->name);
    if (duty->argument.data != NULL) {
        put_text("=");
        put_str(duty->argument);
    }
}

static void put_duties(const trapkey_decision_t *decision)
{
    trapkey_obligation_t duty;
    size_t at;
    TRAPKEY_INIT(duty);
    put_text("\tobligations=");
    for (at = 0; at < trapkey_decision_obligations(decision); at++) {
        OK(trapkey_decision_obligation(decision, at, &duty, NULL));
        put_duty(at, &duty);
    }
    put_text("\tadvice=");
    for (at = 0; at < trapkey_decision_advices(decision); at++) {
        OK(trapkey_decision_advice(decision, at, &duty, NULL));
        put_duty(at, &duty);
    }
}

static void put_horizon(const trapkey_decision_t *decision)
{
    trapkey_horizon_t horizon;
    TRAPKEY_INIT(horizon);
    OK(trapkey_decision_horizon(decision, &horizon, NULL));
    put_text("\tremaining=");
    if (horizon.remaining_ms == UINT64_MAX) {
        put_text("never");
    } else {
        put_number((int64_t)horizon.remaining_ms);
    }
    put_text("\tuntil=");
    if (horizon.has_valid_until) {
        put_number(horizon.valid_until_ms);
    } else {
        put_text("-");
    }
}

static const char *reason_name(trapkey_reason_t reason)
{
    static const char *const names[] = {"undecided",     "permitted",    "forbidden",
                                        "not-permitted", "forbid-erred", "obligation-not-honoured"};
    CHECK((size_t)reason < sizeof(names) / sizeof(names[0]));
    return names[reason];
}

/* Compares a decision with the rest of a line. */
static void compare(const trapkey_decision_t *decision, const char *want)
{
    found_len = 0;
    put_text(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_ALLOW ? "allow\t" : "deny\t");
    put_text(reason_name(trapkey_decision_reason(decision)));
    put_policies("\tdetermining=", decision, TRAPKEY_POLICIES_DETERMINING);
    put_policies("\terring=", decision, TRAPKEY_POLICIES_ERRING);
    put_policies("\tobserved=", decision, TRAPKEY_POLICIES_OBSERVED);
    put_policies("\texpired=", decision, TRAPKEY_POLICIES_EXPIRED);
    put_duties(decision);
    put_horizon(decision);
    if (strcmp(found, want) != 0) {
        fprintf(stderr, "found %s\nwant  %s\n", found, want);
        exit(1);
    }
}

/* What a host has while it runs the kit. */
struct host {
    trapkey_engine_t *engine;
    trapkey_model_t *model;
    trapkey_decider_t *decider;
    trapkey_decision_t *decision;
    trapkey_request_t *request;
    unsigned compared;
};

static void stop(struct host *host)
{
    trapkey_request_free(host->request);
    trapkey_decider_free(host->decider);
    trapkey_model_free(host->model);
    trapkey_engine_free(host->engine);
    host->request = NULL;
}

/* A new engine with the bundle of a line of policies. */
static void publish(struct host *host, const char *folder, char *fields)
{
    char name[128];
    char *rule = strchr(fields, '\t');
    CHECK(rule != NULL);
    *rule = '\0';
    CHECK(snprintf(name, sizeof(name), "%s-%s.bundle", fields, rule + 1) > 0);
    stop(host);
    OK(trapkey_engine_new(NULL, &host->engine, NULL));
    OK(trapkey_engine_publish(host->engine, read_bytes(folder, name), NULL, NULL));
    OK(trapkey_engine_model(host->engine, &host->model, NULL));
    OK(trapkey_decider_new(host->engine, &host->decider, NULL));
}

static void ask(struct host *host, char *fields)
{
    char *json = strchr(fields, '\t');
    CHECK(json != NULL);
    trapkey_request_free(host->request);
    OK(trapkey_request_from_json(host->model, trapkey_text(json + 1), &host->request, NULL));
}

static void decide(struct host *host, const char *want)
{
    trapkey_verdict_t verdict;
    OK(trapkey_decider_decide(host->decider, host->request, host->decision, &verdict, NULL));
    CHECK(verdict == trapkey_decision_verdict(host->decision));
    compare(host->decision, want);
    OK(trapkey_engine_decide(host->engine, host->request, host->decision, &verdict, NULL));
    compare(host->decision, want);
    host->compared++;
}

int main(int argc, char **argv)
{
    struct host host;
    trapkey_str_t kit;
    char *line, *end;
    CHECK(argc == 3);
    memset(&host, 0, sizeof(host));
    OK(trapkey_decision_new(&host.decision, NULL));
    kit = read_file(argv[1], "decisions.kit");
    line = (char *)(uintptr_t)kit.data;
    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        char *fields = strchr(line, '\t');
        *end = '\0';
        if (*line == '#') {
            continue;
        }
        CHECK(fields != NULL && fields < end);
        *fields++ = '\0';
        if (strcmp(line, "policies") == 0) {
            publish(&host, argv[1], fields);
        } else if (strcmp(line, "entities") == 0) {
            OK(trapkey_engine_replace_entities(host.engine, trapkey_text(fields), NULL));
        } else if (strcmp(line, "request") == 0) {
            ask(&host, fields);
        } else {
            CHECK(strcmp(line, "want") == 0);
            decide(&host, fields);
        }
    }
    CHECK(host.compared == (unsigned)strtoul(argv[2], NULL, 10));
    stop(&host);
    trapkey_decision_free(host.decision);
    free((char *)(uintptr_t)kit.data);
    return 0;
}
