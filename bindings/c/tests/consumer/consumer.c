/*
 * A program of somebody else: built against an installed library, outside of this tree.
 */
#include <stdio.h>

#include <trapkey.h>

int main(void)
{
    trapkey_engine_t *engine = NULL;
    trapkey_model_t *model = NULL;
    int is_right;
    if (trapkey_version() != TRAPKEY_VERSION_NUMBER) {
        fprintf(stderr, "the header is not of the library\n");
        return 1;
    }
    if (trapkey_engine_new(NULL, &engine, NULL) != TRAPKEY_STATUS_OK) {
        return 1;
    }
    is_right = trapkey_engine_model(engine, &model, NULL) == TRAPKEY_STATUS_NOTHING_PUBLISHED;
    trapkey_engine_free(engine);
    printf("%s\n", is_right ? "trapkey runs" : "trapkey does not run");
    return is_right ? 0 : 1;
}
