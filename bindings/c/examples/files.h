/* Reads a file for the examples; the program ends where that fails. */
#ifndef TRAPKEY_EXAMPLES_FILES_H
#define TRAPKEY_EXAMPLES_FILES_H

#include <stdio.h>
#include <stdlib.h>

#include "trapkey.h"

static inline trapkey_str_t read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    long size = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        size = ftell(file);
    }
    if (size >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        data = (char *)malloc((size_t)size + 1);
    }
    if (data == NULL || fread(data, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    fclose(file);
    return trapkey_str(data, (size_t)size);
}

static inline trapkey_bytes_t bytes_of(trapkey_str_t text)
{
    trapkey_bytes_t bytes;
    bytes.data = (const uint8_t *)text.data;
    bytes.len = text.len;
    return bytes;
}

/* Prints why a call failed, and ends the program. */
static inline void need(trapkey_status_t status, trapkey_error_t *error)
{
    trapkey_str_t text = trapkey_error_text(error);
    if (status != TRAPKEY_STATUS_OK) {
        fprintf(stderr, "%.*s\n", (int)text.len, text.data);
        exit(2);
    }
}

#endif /* TRAPKEY_EXAMPLES_FILES_H */
