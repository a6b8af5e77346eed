/*
 * How the gateway decides: what a request is in the plant's schema, the values that writes are held against,
 * the sessions of identities, and the record of each decision. What fails here denies.
 */
#ifndef TRAPKEY_EXAMPLES_GATEWAY_DECIDE_H
#define TRAPKEY_EXAMPLES_GATEWAY_DECIDE_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "gateway_config.h"

enum { FILE_BYTES_MAX = 8 << 20, LOG_BYTES_MAX = 1 << 16, JSON_BYTES_MAX = 8192 };

/* The actions of the classes of operations, as the header numbers them and as they are called. */
static const uint32_t actions[MODBUS_CLASSES] = {
    PLANT_ACTION_MODBUS_READ_BITS,      PLANT_ACTION_MODBUS_READ_REGISTERS, PLANT_ACTION_MODBUS_WRITE_COIL,
    PLANT_ACTION_MODBUS_WRITE_REGISTER, PLANT_ACTION_MODBUS_WRITE_MULTIPLE, PLANT_ACTION_MODBUS_MASK_WRITE,
    PLANT_ACTION_MODBUS_FILE_RECORD,    PLANT_ACTION_MODBUS_DIAGNOSTICS,    PLANT_ACTION_MODBUS_IDENTIFY,
    PLANT_ACTION_MODBUS_VENDOR
};

/* What is known of the value at an address. */
enum { HELD_UNKNOWN, HELD_KNOWN, HELD_UNCERTAIN };

typedef struct {
    uint64_t order;
    uint16_t value;
    uint16_t state;
} held_value;

/* Who asks, over which connection. */
typedef struct {
    client_row *row;
    uint32_t server;
    uint32_t address;
    uint32_t number;
    int64_t opened_ms;
    int64_t used_ms;
} asker;

/* What is asked. */
typedef struct {
    const asker *who;
    const modbus_operation *operation;
    uint32_t unit;
    uint32_t transaction;
} asking;

enum { ANSWER_ALLOW = 0 };

static struct {
    trapkey_engine_t *engine;
    trapkey_model_t *model;
    trapkey_typed_t *typed;
    trapkey_decider_t *decider;
    trapkey_decision_t *decision;
    trapkey_sessions_t *sessions;
    held_value held[HELD_MAX];
    uint64_t order;
    /* For each client and range, a bit for each class of operations that the schema knows of the two. */
    uint16_t applies[CLIENTS_MAX][ROWS_MAX];
    char bundle[FILE_BYTES_MAX], entities[FILE_BYTES_MAX];
    const char *bundle_path, *entities_path;
    plant_modbus_diagnostics_context context;
    char session_name[32];
    char log[LOG_BYTES_MAX];
    size_t log_len;
    char json[JSON_BYTES_MAX];
    size_t json_len;
    int64_t started_ms, loaded_ms, clock_ms;
    int log_fd;
    unsigned long long allowed, denied, failed;
} gate;

static int64_t clock_now(clockid_t clock)
{
    struct timespec time = {0, 0};
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Ages are of the clock that is never set. */
static int64_t ticks(void)
{
    return clock_now(CLOCK_MONOTONIC);
}

static int64_t wall_clock(void)
{
    return config.has_clock ? config.clock_ms + ticks() - gate.started_ms : clock_now(CLOCK_REALTIME);
}

/* What does not fit makes the whole text too long, which its reader checks. */
static void put(const char *format, ...)
{
    va_list values;
    int len;
    va_start(values, format);
    len = gate.json_len < JSON_BYTES_MAX
              ? vsnprintf(gate.json + gate.json_len, JSON_BYTES_MAX - gate.json_len, format, values)
              : 0;
    va_end(values);
    gate.json_len = len < 0 ? (size_t)JSON_BYTES_MAX : gate.json_len + (size_t)len;
}

static void put_entity(const char *name, const char *type, const char *id)
{
    put("\"%s\":{\"__entity\":{\"type\":\"%s\",\"id\":\"%s\"}},", name, type, id);
}

static void put_duration(const char *name, int64_t ms)
{
    put("\"%s\":{\"__extn\":{\"fn\":\"duration\",\"arg\":\"%lldms\"}},", name, (long long)ms);
}

static const char *bool_text(bool value)
{
    return value ? "true" : "false";
}

/* The date of a day since 1970 by the civil calendar, after Hinnant: `gmtime` may allocate. */
static void put_instant(const char *name, int64_t ms)
{
    long long days = (long long)(ms / 86400000), left = (long long)(ms % 86400000);
    long long shifted = days + 719468, era = shifted / 146097, day = shifted % 146097;
    long long year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    long long rest = day - (365 * year + year / 4 - year / 100), month = (5 * rest + 2) / 153;
    put("\"%s\":{\"__extn\":{\"fn\":\"datetime\",\"arg\":\"%04lld-%02lld-%02lldT%02lld:%02lld:%02lld.%03lldZ\"}},",
        name, year + era * 400 + (month >= 10), month < 10 ? month + 3 : month - 9,
        rest - (153 * month + 2) / 5 + 1, left / 3600000, left / 60000 % 60, left / 1000 % 60, left % 1000);
}

/* The question in Cedar's JSON, as it is kept in the record and as sessions are opened with. */
static void put_request(const asker *who, uint32_t kind, const entity *resource)
{
    const plant_modbus_diagnostics_context *asked = &gate.context;
    const client_row *row = who->row;
    put("{\"principal\":{\"type\":\"%s\",\"id\":\"%s\"},\"action\":{\"type\":\"%s\",\"id\":\"%s\"},",
        row->principal.type, row->principal.id, plant_actions[actions[kind]].type_name,
        plant_actions[actions[kind]].id);
    put("\"resource\":{\"type\":\"%s\",\"id\":\"%s\"},\"context\":{\"env\":{", resource->type, resource->id);
    put_instant("now", asked->env.now);
    put_duration("dataAge", asked->env.data_age);
    put_entity("sourceZone", row->zone.type, row->zone.id);
    if (asked->env.has_conduit) {
        put_entity("conduit", row->conduit.type, row->conduit.id);
    }
    put("\"sourceIp\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"%u.%u.%u.%u\"}},", who->address >> 24,
        who->address >> 16 & 255, who->address >> 8 & 255, who->address & 255);
    put("\"clockTrusted\":%s,\"onShift\":%s,\"maintenanceWindow\":%s,\"plantState\":\"%s\"},\"session\":{",
        bool_text(asked->env.clock_trusted), bool_text(asked->env.on_shift),
        bool_text(asked->env.maintenance_window), config.state);
    put_duration("age", asked->session.age);
    put_duration("idle", asked->session.idle);
    put_entity("assurance", PLANT_TYPE_ASSURANCE, plant_assurance_ids[asked->session.assurance]);
    put_entity("risk", PLANT_TYPE_RISK_LEVEL, plant_risk_level_ids[asked->session.risk]);
    put("\"id\":\"%s\",\"interactive\":false,\"recorded\":%s,\"viaJumpHost\":false,\"revoked\":%s},\"cred\":{",
        gate.session_name, bool_text(asked->session.recorded), bool_text(asked->session.revoked));
    put_duration("age", asked->cred.age);
    put_duration("expiresIn", asked->cred.expires_in);
    put_entity("basis", PLANT_TYPE_IDENTITY_BASIS, plant_identity_basis_ids[asked->cred.basis]);
    put_entity("kind", PLANT_TYPE_CRED_KIND, plant_cred_kind_ids[asked->cred.kind]);
    put("\"id\":\"%s\",\"exposed\":false,\"holdersSeen\":%lld},\"device\":{", row->principal.id,
        (long long)asked->cred.holders_seen);
    put_duration("attestAge", asked->device.attest_age);
    put_entity("compliance", PLANT_TYPE_COMPLIANCE, plant_compliance_ids[asked->device.compliance]);
    put("\"attested\":false,\"firmwareApproved\":false,\"score\":0},\"modbus\":{\"unit\":%lld,\"fc\":%lld,",
        (long long)asked->modbus.unit, (long long)asked->modbus.fc);
    put("\"addr\":%lld,\"qty\":%lld,", (long long)asked->modbus.addr, (long long)asked->modbus.qty);
    if (asked->modbus.has_value) {
        put("\"value\":%lld,", (long long)asked->modbus.value);
    }
    if (asked->modbus.has_prev) {
        put("\"prev\":%lld,", (long long)asked->modbus.prev);
    }
    put("\"broadcast\":%s}}}", bool_text(asked->modbus.broadcast));
}

/* A record that cannot be written is none: requests say so from then on. */
static void flush_log(void)
{
    size_t at = 0;
    while (at < gate.log_len && gate.log_fd >= 0) {
        ssize_t written = write(gate.log_fd, gate.log + at, gate.log_len - at);
        if (written > 0) {
            at += (size_t)written;
        } else if (errno != EINTR) {
            close(gate.log_fd);
            gate.log_fd = -1;
        }
    }
    gate.log_len = 0;
}

/* Keeps a line: `outcome` is the status of a decision, or why there was none. */
static void record(const asking *asked, trapkey_str_t outcome, bool allowed, const entity *resource, uint32_t kind)
{
    if (gate.log_fd < 0) {
        return;
    }
    gate.json_len = 0;
    put("{\"connection\":%u,\"transaction\":%u,\"verdict\":\"%s\",\"outcome\":\"%.*s\"", asked->who->number,
        asked->transaction, allowed ? "allow" : "deny", (int)outcome.len, outcome.data);
    if (resource != NULL) {
        put(",\"request\":");
        put_request(asked->who, kind, resource);
    }
    put("}\n");
    if (gate.json_len >= JSON_BYTES_MAX) {
        gate.json_len = 0;
        put("{\"connection\":%u,\"outcome\":\"too long\"}\n", asked->who->number);
    }
    if (gate.log_len + gate.json_len > LOG_BYTES_MAX) {
        flush_log();
    }
    memcpy(gate.log + gate.log_len, gate.json, gate.json_len);
    gate.log_len += gate.json_len;
}

/* The part of the context that is the same for all of a request. */
static void fill_context(const asker *who, uint32_t unit, uint32_t function)
{
    plant_modbus_diagnostics_context *to = &gate.context;
    const client_row *row = who->row;
    int64_t now = ticks();
    int i;
    memset(to, 0, sizeof(*to));
    to->env.now = wall_clock();
    to->env.clock_trusted = config.clock_trusted;
    to->env.on_shift = config.on_shift;
    to->env.maintenance_window = config.maintenance;
    to->env.plant_state = trapkey_text(config.state);
    to->env.source_zone = row->zone.party;
    to->env.has_conduit = row->conduit.party != NULL;
    to->env.conduit = row->conduit.party;
    to->env.data_age = now - gate.loaded_ms;
    to->env.source_ip.version = 4;
    to->env.source_ip.prefix = 32;
    for (i = 0; i < 4; i++) {
        to->env.source_ip.bytes[i] = (uint8_t)(who->address >> (24 - 8 * i) & 255);
    }
    snprintf(gate.session_name, sizeof(gate.session_name), "connection-%010u", who->number);
    to->session.id = trapkey_text(gate.session_name);
    to->session.age = now - who->opened_ms;
    to->session.idle = now - who->used_ms;
    to->session.assurance = PLANT_ASSURANCE_NONE;
    to->session.recorded = gate.log_fd >= 0;
    to->session.revoked = row->is_revoked;
    to->session.risk = PLANT_RISK_LEVEL_LOW;
    to->cred.id = trapkey_text(row->principal.id);
    to->cred.basis = row->basis;
    to->cred.kind = row->cred;
    to->cred.age = row->cred_age_ms + now - gate.started_ms;
    to->cred.expires_in = row->expires_ms - (now - gate.started_ms);
    to->cred.holders_seen = row->holders;
    to->device.compliance = PLANT_COMPLIANCE_UNKNOWN;
    to->modbus.unit = unit;
    to->modbus.fc = function;
    to->modbus.broadcast = unit == 0;
}

/* Asks the engine; nothing but an allow with TRAPKEY_STATUS_OK allows. */
static bool ask_engine(const asking *asked, const modbus_part *part, const map_row *row, trapkey_status_t *status)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    gate.context.modbus.addr = part->address;
    gate.context.modbus.qty = part->quantity;
    *status = plant_decide_modbus_diagnostics_context(
        gate.typed, gate.decider, actions[part->kind], asked->who->row->principal.party, row->resource.party,
        &gate.context, gate.context.env.now, gate.decision, &verdict, NULL);
    return *status == TRAPKEY_STATUS_OK && verdict == TRAPKEY_VERDICT_ALLOW;
}

static uint16_t *applies_to(const asking *asked, const map_row *row)
{
    return &gate.applies[asked->who->row - config.clients][row - config.rows];
}

/* One decision. What the schema does not know was found out before: a request that is refused allocates. */
static bool ask(const asking *asked, const modbus_part *part, const map_row *row)
{
    trapkey_status_t status = TRAPKEY_STATUS_REQUEST_REFUSED;
    bool known = (*applies_to(asked, row) >> part->kind & 1) != 0;
    bool allowed = known && ask_engine(asked, part, row, &status);
    gate.context.modbus.addr = part->address;
    gate.context.modbus.qty = part->quantity;
    gate.allowed += allowed;
    gate.denied += !allowed;
    gate.failed += known && status != TRAPKEY_STATUS_OK;
    record(asked, trapkey_status_name((uint32_t)status), allowed, &row->resource, part->kind);
    return allowed;
}

static map_row *row_at(uint32_t at_server, uint32_t unit, uint32_t table, uint32_t address)
{
    uint32_t at;
    for (at = 0; at < config.rows_len; at++) {
        map_row *row = &config.rows[at];
        if (row->server == at_server && row->unit == unit && row->table == table &&
            (table == MODBUS_DEVICE || (row->first <= address && address <= row->last))) {
            return row;
        }
    }
    return NULL;
}

static held_value *held_at(const map_row *row, uint32_t address)
{
    bool is_held = row->table == MODBUS_COILS || row->table == MODBUS_HOLDING_REGISTERS;
    return is_held ? &gate.held[row->held + (address - row->first)] : NULL;
}

/* Each value that is written, against the one before it. */
static uint32_t decide_values(const asking *asked, const modbus_part *part)
{
    plant_modbus *to = &gate.context.modbus;
    uint32_t index;
    for (index = 0; index < part->quantity; index++) {
        const map_row *row = row_at(asked->who->server, asked->unit, part->table, part->address + index);
        const held_value *held = row == NULL ? NULL : held_at(row, part->address + index);
        if (held == NULL) {
            record(asked, TRAPKEY_STR("unmapped"), false, NULL, 0);
            return MODBUS_ILLEGAL_FUNCTION;
        }
        if (held->state == HELD_UNCERTAIN) {
            record(asked, TRAPKEY_STR("uncertain"), false, NULL, 0);
            return MODBUS_BUSY;
        }
        to->has_value = modbus_value(part, index, &to->value);
        to->has_prev = held->state == HELD_KNOWN;
        to->prev = held->value;
        if (!ask(asked, part, row)) {
            return MODBUS_ILLEGAL_FUNCTION;
        }
    }
    return ANSWER_ALLOW;
}

/* Each thing that is read, or asked as a whole. */
static uint32_t decide_reads(const asking *asked, const modbus_part *part)
{
    uint32_t address = part->address, end = part->address + part->quantity;
    gate.context.modbus.has_value = false;
    gate.context.modbus.has_prev = false;
    do {
        const map_row *row = row_at(asked->who->server, asked->unit, part->table, address);
        if (row == NULL) {
            record(asked, TRAPKEY_STR("unmapped"), false, NULL, 0);
            return MODBUS_ILLEGAL_FUNCTION;
        }
        if (!ask(asked, part, row)) {
            return MODBUS_ILLEGAL_FUNCTION;
        }
        address = row->last + 1;
    } while (part->table != MODBUS_DEVICE && address < end);
    return ANSWER_ALLOW;
}

static void pass_over(void *userdata, const trapkey_flip_t *flip)
{
    (void)userdata;
    (void)flip;
}

/* Whether the identity's session stands. Where time has passed over its horizon it is decided again. */
static bool has_session(client_row *row)
{
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
    int64_t now = wall_clock();
    if (!row->has_session || row->is_revoked) {
        return false;
    }
    if (trapkey_sessions_check(gate.sessions, row->session, now, &verdict, NULL) == TRAPKEY_STATUS_OK) {
        return verdict == TRAPKEY_VERDICT_ALLOW;
    }
    row->has_session =
        trapkey_sessions_poll(gate.sessions, now, pass_over, NULL, NULL) == TRAPKEY_STATUS_OK &&
        trapkey_sessions_check(gate.sessions, row->session, now, &verdict, NULL) == TRAPKEY_STATUS_OK;
    return row->has_session && verdict == TRAPKEY_VERDICT_ALLOW;
}

/* Decides all of a request: 0 if everything it does is allowed, else the exception. */
static uint32_t decide(const asking *asked, bool *is_over)
{
    uint32_t answer = MODBUS_ILLEGAL_FUNCTION;
    size_t at;
    *is_over = false;
    if (asked->who->row == NULL || gate.typed == NULL) {
        record(asked, TRAPKEY_STR("unknown"), false, NULL, 0);
        return MODBUS_ILLEGAL_FUNCTION;
    }
    if (!has_session(asked->who->row)) {
        record(asked, TRAPKEY_STR("session"), false, NULL, 0);
        *is_over = true;
        return MODBUS_ILLEGAL_FUNCTION;
    }
    fill_context(asked->who, asked->unit, asked->operation->function);
    for (at = 0; at < asked->operation->parts_len; at++) {
        const modbus_part *part = &asked->operation->parts[at];
        answer = modbus_writes(part) ? decide_values(asked, part) : decide_reads(asked, part);
        if (answer != ANSWER_ALLOW) {
            return answer;
        }
    }
    return answer;
}

/* A write to all units is one to each that has the address. */
static void hold_for_all(const asker *who, const modbus_part *part, uint32_t address)
{
    uint32_t at;
    for (at = 0; at < config.rows_len; at++) {
        map_row *row = &config.rows[at];
        if (row->server == who->server && row->table == part->table && row->first <= address &&
            address <= row->last) {
            held_at(row, address)->state = HELD_UNCERTAIN;
        }
    }
}

/* What a write came to: `known` if the device confirmed it. */
static void hold_written(const asker *who, uint32_t unit, const modbus_part *part, bool known)
{
    uint32_t index;
    gate.order++;
    for (index = 0; index < part->quantity; index++) {
        uint32_t address = part->address + index;
        map_row *row = row_at(who->server, unit, part->table, address);
        held_value *held = row == NULL ? NULL : held_at(row, address);
        int64_t value = 0;
        if (unit == 0) {
            hold_for_all(who, part, address);
        } else if (held != NULL) {
            bool says = modbus_value(part, index, &value);
            held->state = known && says ? HELD_KNOWN : HELD_UNCERTAIN;
            held->value = (uint16_t)value;
            held->order = gate.order;
        }
    }
}

/* What was read, unless a write was confirmed after the read was sent. */
static void hold_read(const asker *who, uint32_t unit, const modbus_part *part, const uint8_t *values,
                      uint64_t order)
{
    uint32_t index;
    for (index = 0; index < part->quantity; index++) {
        map_row *row = row_at(who->server, unit, part->table, part->address + index);
        held_value *held = row == NULL ? NULL : held_at(row, part->address + index);
        if (held != NULL && held->order <= order) {
            held->state = HELD_KNOWN;
            held->value = (uint16_t)(part->kind == MODBUS_READ_BITS
                                         ? (uint32_t)(values[index / 8] >> index % 8 & 1)
                                         : modbus_word(values + (size_t)index * 2));
        }
    }
}

#endif /* TRAPKEY_EXAMPLES_GATEWAY_DECIDE_H */
