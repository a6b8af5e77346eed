/* Decides one request: decide BUNDLE ENTITIES REQUEST. Gives 0 for allow, 1 for deny, 2 for a failure. */
#include "files.h"

int main(int argc, char **argv)
{
    trapkey_engine_t *engine = NULL;
    trapkey_model_t *model = NULL;
    trapkey_request_t *request = NULL;
    trapkey_decider_t *decider = NULL;
    trapkey_decision_t *decision = NULL;
    trapkey_error_t *error = NULL;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    trapkey_policy_t policy;
    size_t at;
    if (argc != 4) {
        fprintf(stderr, "usage: %s BUNDLE ENTITIES REQUEST\n", argv[0]);
        return 2;
    }
    /* Once, when the device starts. */
    need(trapkey_engine_new(NULL, &engine, &error), error);
    need(trapkey_engine_publish_with(engine, bytes_of(read_text(argv[1])), read_text(argv[2]), NULL,
                                     &error), error);
    /* Once for each thread. */
    need(trapkey_decider_new(engine, &decider, &error), error);
    need(trapkey_decision_new(&decision, &error), error);
    /* Once for each kind of request; its values can be set in place from then on. */
    need(trapkey_engine_model(engine, &model, &error), error);
    need(trapkey_request_from_json(model, read_text(argv[3]), &request, &error), error);
    /* For each request: nothing is allocated here. */
    need(trapkey_decider_decide(decider, request, decision, &verdict, &error), error);
    printf("%s\n", verdict == TRAPKEY_VERDICT_ALLOW ? "allow" : "deny");
    for (at = 0; at < trapkey_decision_policies(decision, TRAPKEY_POLICIES_DETERMINING); at++) {
        TRAPKEY_INIT(policy);
        need(trapkey_decision_policy(decision, TRAPKEY_POLICIES_DETERMINING, at, &policy, &error),
             error);
        printf("  %.*s\n", (int)policy.id.len, policy.id.data);
    }
    trapkey_request_free(request);
    trapkey_model_free(model);
    trapkey_decision_free(decision);
    trapkey_decider_free(decider);
    trapkey_engine_free(engine);
    return verdict == TRAPKEY_VERDICT_ALLOW ? 0 : 1;
}
