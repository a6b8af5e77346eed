/* TPKT (RFC 1006) and COTP (ISO 8073, class 0): whole messages of a connection's bytes, and the plugin's export. */
#include <stdlib.h>
#include <string.h>

#include "message.h"

/* Bytes of a message in fragments, and fragments. */
enum { PDU_BYTES_MAX = 65535, FRAGMENTS_MAX = 64 };

enum { TPKT_BYTES = 4, PACKET_BYTES_MIN = 7 };

/* What the bytes from a place on begin with. */
typedef enum { PACKET, NEEDS_MORE, NO_PACKET } found_t;

uint16_t number(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

span_t part(span_t of, size_t from)
{
    span_t rest = {of.at + from, of.len - from};
    return rest;
}

span_t first(span_t of, size_t len)
{
    span_t start = {of.at, len};
    return start;
}

bool is_text(span_t bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.at, text, bytes.len) == 0;
}

static void log_line(const char *what, const char *text)
{
    char line[128];
    protocol_adapter_string_t said = {(uint8_t *)line, 0};
    const char *parts[2];
    size_t at;
    parts[0] = what;
    parts[1] = text;
    for (at = 0; at < 2; at++) {
        size_t len = strlen(parts[at]);
        if (said.len + len > sizeof line) {
            len = sizeof line - said.len;
        }
        memcpy(line + said.len, parts[at], len);
        said.len += len;
    }
    trapkey_plugin_logging_log(TRAPKEY_PLUGIN_LOGGING_LEVEL_INFO, &said);
}

void ask(message_t *message, const char *action, const char *point)
{
    static const char controller[] = "controller/";
    exports_trapkey_plugin_adapter_question_t *question;
    char id[sizeof controller + 64];
    if (message->count == QUESTIONS_MAX) {
        refuse(message, "more questions than a message may ask");
        return;
    }
    question = &message->questions[message->count++];
    protocol_adapter_string_dup(&question->action.type_name, "Plant::Action");
    protocol_adapter_string_dup(&question->action.id, action);
    memcpy(id, controller, sizeof controller);
    if (*point == '\0') {
        id[sizeof controller - 2] = '\0';
        log_line("asks for ", action);
    } else {
        strncpy(id + sizeof controller - 1, point, sizeof id - sizeof controller);
        id[sizeof id - 1] = '\0';
    }
    protocol_adapter_string_dup(&question->resource.type_name,
                                *point == '\0' ? "Plant::Asset" : "Plant::Point");
    protocol_adapter_string_dup(&question->resource.id, id);
    protocol_adapter_string_dup(&question->context, "{}");
}

void refuse(message_t *message, const char *complaint)
{
    message->complaint = complaint;
}

/* Finds one packet. What it is none of is said before more is waited for. */
static found_t find_packet(span_t bytes, span_t *packet, uint32_t *more)
{
    size_t len;
    if ((bytes.len > 0 && bytes.at[0] != 3) || (bytes.len > 1 && bytes.at[1] != 0)) {
        return NO_PACKET;
    }
    if (bytes.len < TPKT_BYTES) {
        *more = (uint32_t)(PACKET_BYTES_MIN - bytes.len);
        return NEEDS_MORE;
    }
    len = number(bytes.at + 2);
    if (len < PACKET_BYTES_MIN) {
        return NO_PACKET;
    }
    if (bytes.len < len) {
        *more = (uint32_t)(len - bytes.len);
        return NEEDS_MORE;
    }
    *packet = first(bytes, len);
    return PACKET;
}

/* Whether what follows a fixed part of a header is options, each with its length. */
static bool has_options(span_t header, size_t at)
{
    while (at + 2 <= header.len) {
        at += 2 + (size_t)header.at[at + 1];
    }
    return at == header.len;
}

/* Connecting and ending: nothing is asked, and nothing may be carried. */
static void read_control(span_t packet, bool to_controller, message_t *to)
{
    enum { CONNECT = 0xe0, CONFIRM = 0xd0, DISCONNECT = 0x80, ERROR = 0x70 };
    enum { FIXED = 11 };
    uint8_t code = packet.at[5];
    bool is_whole = (size_t)packet.at[4] + 5 == packet.len;
    bool is_good;
    switch (code) {
    case CONNECT:
    case CONFIRM:
        /* Other classes number and split what they carry in other ways. */
        is_good = to_controller == (code == CONNECT) && packet.len >= FIXED &&
                  packet.at[10] >> 4 == 0 && has_options(packet, FIXED);
        break;
    case DISCONNECT:
        is_good = packet.len >= FIXED && has_options(packet, FIXED);
        break;
    case ERROR:
        is_good = packet.len >= 9 && has_options(packet, 9);
        break;
    default:
        is_good = false;
    }
    if (!is_whole || !is_good) {
        refuse(to, "not a message of this transport");
    }
}

/* A message that is put together of packets. */
typedef struct assembly {
    uint8_t *pdu;
    size_t len, fragments, bytes;
} assembly_t;

/* Adds a packet of data; whether the message ends with it. */
static bool add_data(assembly_t *assembly, span_t packet, message_t *to)
{
    enum { HEADER = 7, LAST = 0x80 };
    span_t data = part(packet, HEADER);
    if (packet.at[4] != 2) {
        refuse(to, "header of data of another length");
        return true;
    }
    if (assembly->len + data.len > PDU_BYTES_MAX || ++assembly->fragments > FRAGMENTS_MAX) {
        refuse(to, "more fragments than a message may have");
        return true;
    }
    if (data.len > 0) {
        uint8_t *pdu = realloc(assembly->pdu, assembly->len + data.len);
        if (pdu == NULL) {
            abort();
        }
        memcpy(pdu + assembly->len, data.at, data.len);
        assembly->pdu = pdu;
        assembly->len += data.len;
    }
    /* Controllers and clients acknowledge with fragments of nothing: each is a message that asks for nothing. */
    return (packet.at[6] & LAST) != 0 || assembly->len == 0;
}

/* Reads packets until a message ends; how many bytes more are needed, or zero. */
static uint32_t assemble(span_t bytes, bool to_controller, assembly_t *assembly, message_t *to)
{
    enum { DATA = 0xf0 };
    for (;;) {
        uint32_t more = 0;
        span_t packet = {NULL, 0};
        found_t found = find_packet(part(bytes, assembly->bytes), &packet, &more);
        if (found == NEEDS_MORE) {
            return more;
        }
        if (found == NO_PACKET) {
            refuse(to, "no packet begins here");
            return 0;
        }
        assembly->bytes += packet.len;
        if (packet.at[5] != DATA) {
            if (assembly->fragments > 0) {
                refuse(to, "a message breaks off");
            } else {
                read_control(packet, to_controller, to);
            }
            return 0;
        }
        if (add_data(assembly, packet, to)) {
            return 0;
        }
    }
}

bool exports_trapkey_plugin_adapter_read(exports_trapkey_plugin_adapter_direction_t direction,
                                         protocol_adapter_list_u8_t *bytes,
                                         exports_trapkey_plugin_adapter_reading_t *ret,
                                         exports_trapkey_plugin_adapter_failure_t *err)
{
    static message_t message;
    bool to_controller = direction == EXPORTS_TRAPKEY_PLUGIN_ADAPTER_DIRECTION_TO_CONTROLLER;
    span_t given = {bytes->ptr, bytes->len};
    assembly_t assembly = {NULL, 0, 0, 0};
    uint32_t more;
    message.count = 0;
    message.complaint = NULL;
    more = assemble(given, to_controller, &assembly, &message);
    if (more == 0 && message.complaint == NULL) {
        span_t pdu = {assembly.pdu, assembly.len};
        read_pdu(pdu, to_controller, &message);
    }
    free(assembly.pdu);
    protocol_adapter_list_u8_free(bytes);
    if (message.complaint != NULL) {
        err->tag = TRAPKEY_PLUGIN_TYPES_FAILURE_INVALID;
        protocol_adapter_string_dup(&err->val.invalid, message.complaint);
        return false;
    }
    if (more > 0) {
        ret->tag = EXPORTS_TRAPKEY_PLUGIN_ADAPTER_READING_INCOMPLETE;
        ret->val.incomplete = more;
        return true;
    }
    ret->tag = EXPORTS_TRAPKEY_PLUGIN_ADAPTER_READING_MESSAGE;
    ret->val.message.bytes = (uint32_t)assembly.bytes;
    ret->val.message.questions.len = message.count;
    ret->val.message.questions.ptr = NULL;
    if (message.count > 0) {
        size_t size = message.count * sizeof *message.questions;
        ret->val.message.questions.ptr = malloc(size);
        if (ret->val.message.questions.ptr == NULL) {
            abort();
        }
        memcpy(ret->val.message.questions.ptr, message.questions, size);
    }
    return true;
}
