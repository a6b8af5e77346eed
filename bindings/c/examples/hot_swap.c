/*
 * Swaps policies under a decider: hot_swap BUNDLE ENTITIES REQUEST NEW_BUNDLE. The decider sees each
 * publication at its next decision; another thread may publish while this one decides.
 */
#include "files.h"

static void decide(trapkey_decider_t *decider, const trapkey_request_t *request,
                   trapkey_decision_t *decision)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    trapkey_status_t status = trapkey_decider_decide(decider, request, decision, &verdict, NULL);
    trapkey_str_t name = trapkey_status_name(status);
    if (status == TRAPKEY_STATUS_STALE) {
        /* Another schema: the request has to be built again, with the newest model. */
        printf("stale, denied\n");
        return;
    }
    printf("generation %llu: %s (%.*s)\n", (unsigned long long)trapkey_decision_generation(decision),
           verdict == TRAPKEY_VERDICT_ALLOW ? "allow" : "deny", (int)name.len, name.data);
}

int main(int argc, char **argv)
{
    trapkey_engine_t *engine = NULL;
    trapkey_model_t *model = NULL;
    trapkey_request_t *request = NULL;
    trapkey_decider_t *decider = NULL;
    trapkey_decision_t *decision = NULL;
    trapkey_error_t *error = NULL;
    trapkey_bytes_t broken;
    if (argc != 5) {
        fprintf(stderr, "usage: %s BUNDLE ENTITIES REQUEST NEW_BUNDLE\n", argv[0]);
        return 2;
    }
    need(trapkey_engine_new(NULL, &engine, &error), error);
    need(trapkey_engine_publish_with(engine, bytes_of(read_text(argv[1])), read_text(argv[2]), NULL,
                                     &error), error);
    need(trapkey_engine_model(engine, &model, &error), error);
    need(trapkey_request_from_json(model, read_text(argv[3]), &request, &error), error);
    need(trapkey_decider_new(engine, &decider, &error), error);
    need(trapkey_decision_new(&decision, &error), error);
    decide(decider, request, decision);

    /* Half a bundle is refused, and what was live still is. */
    broken = bytes_of(read_text(argv[4]));
    broken.len /= 2;
    if (trapkey_engine_publish(engine, broken, NULL, &error) != TRAPKEY_STATUS_OK) {
        trapkey_str_t text = trapkey_error_text(error);
        printf("refused: %.*s\n", (int)text.len, text.data);
        trapkey_error_free(error);
    }
    decide(decider, request, decision);

    need(trapkey_engine_publish(engine, bytes_of(read_text(argv[4])), NULL, &error), error);
    decide(decider, request, decision);
    need(trapkey_engine_rollback(engine, NULL, &error), error);
    decide(decider, request, decision);

    trapkey_request_free(request);
    trapkey_model_free(model);
    trapkey_decision_free(decision);
    trapkey_decider_free(decider);
    trapkey_engine_free(engine);
    return 0;
}
