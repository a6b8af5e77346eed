/*
 * S7comm to questions: TPKT, COTP and the PDUs of Siemens controllers.
 *
 * The controller is `Plant::Asset::"controller"`, and what variables are in is `Plant::Point::"controller/DB1.DBX4.0:REAL"`;
 * the host puts its own name in the place of `controller`. What is not known is asked about as the action `s7.unknown`,
 * which no policy permits; what contradicts itself is no message.
 */
#include "message.h"

/* What a job or userdata of a client may be; the numbers are those of the protocol. */
enum { JOB = 1, ACK = 2, ACK_DATA = 3, USERDATA = 7 };
enum {
    SETUP = 0xf0,
    READ_VARIABLE = 0x04,
    WRITE_VARIABLE = 0x05,
    REQUEST_DOWNLOAD = 0x1a,
    DOWNLOAD_BLOCK = 0x1b,
    DOWNLOAD_ENDED = 0x1c,
    START_UPLOAD = 0x1d,
    UPLOAD = 0x1e,
    END_UPLOAD = 0x1f,
    PROGRAM_INVOCATION = 0x28,
    STOP = 0x29
};

static const char UNKNOWN[] = "s7.unknown";

/* A function whose parameters have up to two texts, each behind its length: from `at` on and nothing behind them. */
static bool has_texts(span_t parameters, size_t at, size_t texts)
{
    while (texts > 0 && at < parameters.len) {
        at += 1 + (size_t)parameters.at[at];
        texts--;
    }
    return at == parameters.len;
}

/* Service of a program invocation: what it does to the controller. */
static const char *service_action(span_t name)
{
    static const struct {
        const char *name, *action;
    } services[] = {
        {"P_PROGRAM", "plc.changeMode"},  {"_INSE", "plc.programDownload"},
        {"_INS2", "plc.programDownload"}, {"_DELE", "plc.programDownload"},
        {"_GARB", "plc.programDownload"}, {"_MODU", "plc.programDownload"},
    };
    size_t at;
    for (at = 0; at < sizeof services / sizeof *services; at++) {
        if (is_text(name, services[at].name)) {
            return services[at].action;
        }
    }
    return UNKNOWN;
}

static void read_invocation(span_t parameters, message_t *to)
{
    size_t name;
    if (parameters.len < 11) {
        refuse(to, "program invocation is cut off");
        return;
    }
    name = 10 + (size_t)number(parameters.at + 8);
    if (name >= parameters.len || name + 1 + parameters.at[name] != parameters.len) {
        refuse(to, "lengths of a program invocation contradict each other");
        return;
    }
    ask(to, service_action(part(parameters, name + 1)), "");
}

static void read_job(span_t parameters, span_t data, message_t *to)
{
    size_t texts;
    switch (parameters.at[0]) {
    case SETUP:
        /* Sizes of what follows: it does nothing to the plant. */
        if (parameters.len != 8 || data.len != 0) {
            refuse(to, "setup of communication of another length");
        }
        break;
    case READ_VARIABLE:
        read_variables(parameters, data, false, to);
        break;
    case WRITE_VARIABLE:
        read_variables(parameters, data, true, to);
        break;
    case REQUEST_DOWNLOAD:
    case START_UPLOAD:
        texts = parameters.at[0] == REQUEST_DOWNLOAD ? 2 : 1;
        if (data.len != 0 || parameters.len < 10 || !has_texts(parameters, 8, texts)) {
            refuse(to, "name of a block and its length contradict each other");
        } else {
            ask(to, texts == 2 ? "plc.programDownload" : "plc.programUpload", "");
        }
        break;
    case DOWNLOAD_BLOCK:
    case DOWNLOAD_ENDED:
        ask(to, "plc.programDownload", "");
        break;
    case UPLOAD:
    case END_UPLOAD:
        ask(to, "plc.programUpload", "");
        break;
    case PROGRAM_INVOCATION:
        read_invocation(parameters, to);
        break;
    case STOP:
        if (parameters.len < 7 || !has_texts(parameters, 6, 1)) {
            refuse(to, "stop of another length");
        } else {
            ask(to, "plc.changeMode", "");
        }
        break;
    default:
        ask(to, UNKNOWN, "");
    }
}

/* What a group of userdata and a function in it ask for. */
static const char *userdata_action(uint8_t group, uint8_t function)
{
    enum { PROGRAMMER = 1, CYCLIC = 2, BLOCKS = 3, CPU = 4, TIME = 7 };
    switch (group) {
    case PROGRAMMER:
        /* Status of blocks, variable tables, forcing: work on a running program. 0x0c erases. */
        return function == 0x0c ? "plc.reset" : "plc.onlineEdit";
    case CYCLIC:
        return function == 1 || function == 4 || function == 5 ? "plc.read" : UNKNOWN;
    case BLOCKS:
        return function >= 1 && function <= 3 ? "plc.read" : UNKNOWN;
    case CPU:
        return function == 1 || function == 2 || function == 0x13 ? "plc.read" : UNKNOWN;
    case TIME:
        if (function == 1 || function == 3) {
            return "plc.read";
        }
        return function == 2 || function == 4 ? "plc.setTime" : UNKNOWN;
    default:
        return UNKNOWN;
    }
}

static void read_userdata(span_t parameters, span_t data, bool to_controller, message_t *to)
{
    enum { PUSH = 0, REQUEST = 1, RESPONSE = 2 };
    const uint8_t *at = parameters.at;
    uint8_t type;
    bool is_shaped = parameters.len >= 8 && at[0] == 0 && at[1] == 1 && at[2] == 0x12 &&
                     parameters.len == 4 + (size_t)at[3] && data.len >= 4 &&
                     data.len == 4 + (size_t)number(data.at + 2);
    if (!is_shaped) {
        refuse(to, "lengths of userdata contradict each other");
        return;
    }
    type = at[5] >> 6;
    if (!to_controller && (type == RESPONSE || type == PUSH)) {
        return;
    }
    /* 0x11 is a first request, 0x12 one that goes on. */
    if (to_controller && type == REQUEST &&
        ((at[4] == 0x11 && at[3] == 4) || (at[4] == 0x12 && at[3] == 8))) {
        ask(to, userdata_action(at[5] & 0x3f, at[6]), "");
    } else {
        ask(to, UNKNOWN, "");
    }
}

/* Blocks of a program go the other way: the controller asks for each, and the client answers with it. */
static bool is_transfer(span_t parameters)
{
    return parameters.len > 0 &&
           (parameters.at[0] == DOWNLOAD_BLOCK || parameters.at[0] == DOWNLOAD_ENDED);
}

void read_pdu(span_t pdu, bool to_controller, message_t *to)
{
    size_t header, parameters_len;
    span_t parameters, data;
    if (pdu.len == 0) {
        return;
    }
    if (pdu.at[0] != 0x32) {
        ask(to, UNKNOWN, "");
        return;
    }
    if (pdu.len < 10) {
        refuse(to, "header is cut off");
        return;
    }
    header = pdu.at[1] == ACK || pdu.at[1] == ACK_DATA ? 12 : 10;
    parameters_len = number(pdu.at + 6);
    if (header + parameters_len + number(pdu.at + 8) != pdu.len) {
        refuse(to, "lengths of parameters and data contradict that of the message");
        return;
    }
    parameters = first(part(pdu, header), parameters_len);
    data = part(pdu, header + parameters_len);
    switch (pdu.at[1]) {
    case JOB:
        if (parameters.len == 0) {
            refuse(to, "job without a function");
        } else if (to_controller) {
            read_job(parameters, data, to);
        } else {
            ask(to, is_transfer(parameters) ? "plc.programDownload" : UNKNOWN, "");
        }
        break;
    case ACK:
    case ACK_DATA:
        if (to_controller && (parameters.len > 0 || data.len > 0)) {
            ask(to, is_transfer(parameters) ? "plc.programDownload" : UNKNOWN, "");
        }
        break;
    case USERDATA:
        read_userdata(parameters, data, to_controller, to);
        break;
    default:
        ask(to, UNKNOWN, "");
    }
}
