/*
 * A process that decides once with what was compiled ahead of time, and says what memory it takes.
 *
 * Arguments: a folder with `plant.tkb`, `entities.json`, `request.json`; the artefact's name; 1 for the interpreter.
 */
#include "check.h"

int main(int argc, char **argv)
{
    char line[256];
    FILE *status;
    trapkey_engine_t *engine = NULL;
    trapkey_model_t *model = NULL;
    trapkey_request_t *request = NULL;
    trapkey_decider_t *decider = NULL;
    trapkey_decision_t *decision = NULL;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    trapkey_error_t *error = NULL;
    trapkey_bytes_t bundle, artefact;
    trapkey_str_t entities, text;
    trapkey_options_t options;
    CHECK(argc == 4);
    memset(&options, 0, sizeof(options));
    options.struct_size = sizeof(options);
    options.interpreter = (uint32_t)atoi(argv[3]);
    bundle = read_bytes(argv[1], "plant.tkb");
    artefact = read_bytes(argv[1], argv[2]);
    entities = read_file(argv[1], "entities.json");
    text = read_file(argv[1], "request.json");
    OK_OR_SAY(trapkey_engine_new(&options, &engine, &error));
    OK_OR_SAY(trapkey_engine_publish_precompiled(engine, bundle, artefact, entities, &error));
    OK_OR_SAY(trapkey_engine_model(engine, &model, &error));
    OK_OR_SAY(trapkey_decider_new(engine, &decider, &error));
    OK_OR_SAY(trapkey_decision_new(&decision, &error));
    OK_OR_SAY(trapkey_request_from_json(model, text, &request, &error));
    OK_OR_SAY(trapkey_decider_decide(decider, request, decision, &verdict, &error));
    printf("verdict: %d\n", verdict == TRAPKEY_VERDICT_ALLOW);
    status = fopen("/proc/self/status", "r");
    CHECK(status != NULL);
    while (fgets(line, sizeof(line), status) != NULL) {
        fputs(line, stdout);
    }
    return fclose(status);
}
