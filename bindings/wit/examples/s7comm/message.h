/* What the parts of the plugin share: spans of bytes, and the message that is read. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol_adapter.h"

/* Bytes that belong to somebody else. */
typedef struct span {
    const uint8_t *at;
    size_t len;
} span_t;

/* A PDU has at most 255 variables, and each asks for one thing. */
enum { QUESTIONS_MAX = 255 };

/* A message while it is read. */
typedef struct message {
    exports_trapkey_plugin_adapter_question_t questions[QUESTIONS_MAX];
    size_t count;
    /* Why it is none; NULL if it is one. */
    const char *complaint;
} message_t;

/* A number of two bytes, the higher one first. */
uint16_t number(const uint8_t *at);
/* What is from a place on; the place is in the span or at its end. */
span_t part(span_t of, size_t from);
span_t first(span_t of, size_t len);
bool is_text(span_t bytes, const char *text);

/* The message asks for an action on the controller, or on a point in it. */
void ask(message_t *message, const char *action, const char *point);
/* It is no message of the protocol. */
void refuse(message_t *message, const char *complaint);

/* Reads a PDU, and what its variables are. */
void read_pdu(span_t pdu, bool to_controller, message_t *to);
void read_variables(span_t parameters, span_t data, bool is_write, message_t *to);

#endif
