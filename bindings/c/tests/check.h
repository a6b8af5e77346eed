/*
 * What the tests share: checks that name their place, and files as texts.
 */
#ifndef TRAPKEY_TESTS_CHECK_H
#define TRAPKEY_TESTS_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trapkey.h"

/* Ends the program with the place of a check that fails. */
#define CHECK(condition)                                                        \
    do {                                                                        \
        if (!(condition)) {                                                     \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);     \
            exit(1);                                                            \
        }                                                                       \
    } while (0)

/* A call that has to succeed. */
#define OK(call) expect_status((call), TRAPKEY_STATUS_OK, __FILE__, __LINE__, #call)

/* A call that has to fail so. */
#define FAILS(status, call) expect_status((call), (status), __FILE__, __LINE__, #call)

static inline void expect_status(trapkey_status_t found, trapkey_status_t want, const char *file,
                                 int line, const char *call)
{
    trapkey_str_t name;
    if (found == want) {
        return;
    }
    name = trapkey_status_name((uint32_t)found);
    fprintf(stderr, "%s:%d: status %u %.*s, expected %u: %s\n", file, line, (unsigned)found,
            (int)name.len, name.data, (unsigned)want, call);
    exit(1);
}

/* As OK, and prints the error. */
#define OK_OR_SAY(call) say_error((call), &error, __FILE__, __LINE__)

static inline void say_error(trapkey_status_t status, trapkey_error_t **error, const char *file,
                             int line)
{
    trapkey_str_t text;
    if (status == TRAPKEY_STATUS_OK) {
        CHECK(*error == NULL);
        return;
    }
    text = trapkey_error_text(*error);
    fprintf(stderr, "%s:%d: %.*s\n", file, line, (int)text.len, text.data);
    exit(1);
}

/* A file whose path is `folder`, a slash and `name`; the memory is the test's until it ends. */
static inline trapkey_str_t read_file(const char *folder, const char *name)
{
    char path[4096];
    char *data;
    long size;
    FILE *file;
    int length = snprintf(path, sizeof(path), "%s/%s", folder, name);
    CHECK(length > 0 && (size_t)length < sizeof(path));
    file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    size = ftell(file);
    CHECK(size >= 0 && fseek(file, 0, SEEK_SET) == 0);
    data = (char *)malloc((size_t)size + 1);
    CHECK(data != NULL);
    CHECK(fread(data, 1, (size_t)size, file) == (size_t)size);
    data[size] = '\0';
    CHECK(fclose(file) == 0);
    return trapkey_str(data, (size_t)size);
}

static inline trapkey_bytes_t read_bytes(const char *folder, const char *name)
{
    trapkey_str_t text = read_file(folder, name);
    trapkey_bytes_t bytes;
    bytes.data = (const uint8_t *)text.data;
    bytes.len = text.len;
    return bytes;
}

static inline int is_text(trapkey_str_t found, const char *want)
{
    return found.len == strlen(want) && memcmp(found.data, want, found.len) == 0;
}

/* Whether an error's text has `part` in it; frees the error. */
static inline int error_says(trapkey_error_t *error, const char *part)
{
    char text[1024];
    size_t len = 0;
    int found;
    CHECK(error != NULL);
    CHECK(trapkey_error_copy(error, text, sizeof(text), &len) == TRAPKEY_STATUS_OK);
    found = strstr(text, part) != NULL;
    if (!found) {
        fprintf(stderr, "the error says `%s`\n", text);
    }
    trapkey_error_free(error);
    return found;
}

/* Whether a report has `part` in it. */
static inline int report_has(const trapkey_report_t *report, const char *part)
{
    trapkey_str_t text = trapkey_report_text(report);
    char *copy;
    size_t len = 0;
    int found;
    CHECK(trapkey_report_copy(report, NULL, 0, &len) == TRAPKEY_STATUS_BUFFER_TOO_SMALL);
    CHECK(len == text.len);
    copy = (char *)malloc(len + 1);
    CHECK(copy != NULL);
    CHECK(trapkey_report_copy(report, copy, len + 1, &len) == TRAPKEY_STATUS_OK);
    CHECK(len == strlen(copy) && memcmp(copy, text.data, len) == 0);
    found = strstr(copy, part) != NULL;
    if (!found) {
        fprintf(stderr, "the report says `%s`\n", copy);
    }
    free(copy);
    return found;
}

/* Whether a report is `want`; frees the report. */
static inline int report_is(trapkey_report_t *report, const char *want)
{
    int found = report_has(report, want) && trapkey_report_text(report).len == strlen(want);
    trapkey_report_free(report);
    return found;
}

#endif /* TRAPKEY_TESTS_CHECK_H */
