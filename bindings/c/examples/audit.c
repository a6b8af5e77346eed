/*
 * Keeps a line for each decision before it acts: audit BUNDLE ENTITIES REQUEST. A decision that cannot be
 * kept is refused. Gives 0 for allow, 1 for deny, 2 for a failure.
 */
#include <inttypes.h>

#include "files.h"

static int keep(void *userdata, const trapkey_audit_record_t *record)
{
    FILE *log = (FILE *)userdata;
    size_t at, policies = trapkey_decision_policies(record->decision, TRAPKEY_POLICIES_DETERMINING);
    trapkey_policy_t policy;
    fprintf(log, "generation %" PRIu64 " %s %.*s::\"%.*s\" on %.*s::\"%.*s\"", record->generation,
            record->verdict == TRAPKEY_VERDICT_ALLOW ? "allow" : "deny",
            (int)record->principal_type.len, record->principal_type.data,
            (int)record->principal_id.len, record->principal_id.data,
            (int)record->resource_type.len, record->resource_type.data,
            (int)record->resource_id.len, record->resource_id.data);
    for (at = 0; at < policies; at++) {
        TRAPKEY_INIT(policy);
        if (trapkey_decision_policy(record->decision, TRAPKEY_POLICIES_DETERMINING, at, &policy,
                                    NULL) == TRAPKEY_STATUS_OK) {
            fprintf(log, " %.*s", (int)policy.id.len, policy.id.data);
        }
    }
    return fprintf(log, "\n") < 0 || fflush(log) != 0;
}

int main(int argc, char **argv)
{
    trapkey_engine_t *engine = NULL;
    trapkey_model_t *model = NULL;
    trapkey_request_t *request = NULL;
    trapkey_decision_t *decision = NULL;
    trapkey_error_t *error = NULL;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    if (argc != 4) {
        fprintf(stderr, "usage: %s BUNDLE ENTITIES REQUEST\n", argv[0]);
        return 2;
    }
    need(trapkey_engine_new(NULL, &engine, &error), error);
    need(trapkey_engine_publish_with(engine, bytes_of(read_text(argv[1])), read_text(argv[2]), NULL,
                                     &error), error);
    need(trapkey_engine_model(engine, &model, &error), error);
    need(trapkey_request_from_json(model, read_text(argv[3]), &request, &error), error);
    need(trapkey_decision_new(&decision, &error), error);
    need(trapkey_engine_decide(engine, request, decision, &verdict, &error), error);
    /* Kept first, acted on then. */
    need(trapkey_audit(request, decision, keep, stdout, &error), error);
    trapkey_decision_free(decision);
    trapkey_request_free(request);
    trapkey_model_free(model);
    trapkey_engine_free(engine);
    return verdict == TRAPKEY_VERDICT_ALLOW ? 0 : 1;
}
