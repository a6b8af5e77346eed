/*
 * A Modbus/TCP proxy that decides each request: modbus_gateway CONFIG BUNDLE ENTITIES. It ends the clients'
 * connections, asks Trapkey about all that a request does (each resource, each value, both halves of function
 * 23), and sends it to the device only if all of it is allowed.
 *
 * Modbus has no identity, so a client is who its row in CONFIG says of its address: `network-only`, unless
 * the row says otherwise because something that has proven more, such as a TLS tunnel with an address of its
 * own for each certificate, is between the two. An address in no row is nobody, and denied.
 *
 * A denied request is answered with exception 01, "not an allowable action for the server": 02 and 03 would
 * say that another address or value helps, 0A and 0B that a later try may. One that breaks the protocol is
 * answered with 02 or 03, and never reaches the device; one whose device does not answer with 0B. What is
 * no frame at all ends the connection, as does a session that ended.
 *
 * One loop, no threads. All memory is taken before the loop: after "ready" only the two commands that change
 * what is decided allocate, `reload` and `revoke`, a session that is decided again at its horizon, and an
 * engine that fails.
 *
 * Commands, one a line on the standard input: `revoke TYPE ID`, `reload`, `state TEXT`, `stop`.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "gateway_decide.h"

enum { CONNECTIONS_MAX = 128, FRAMES_KEPT = 4, BYTES_KEPT = MODBUS_FRAME_MAX * FRAMES_KEPT };

typedef struct {
    uint8_t bytes[BYTES_KEPT];
    size_t len;
} buffer;

/* A client, and the device behind it once something was allowed. One request at a time is under way. */
typedef struct {
    buffer from_client, to_client, to_device, from_device;
    uint8_t request[MODBUS_FRAME_MAX];
    size_t request_len;
    asker who;
    uint64_t order;
    int64_t sent_ms;
    int client, device;
    uint16_t transaction;
    bool is_used, is_connecting, is_waiting, is_sent, is_ending, is_writing;
} connection;

static connection connections[CONNECTIONS_MAX];
static unsigned writing[SERVERS_MAX][256];
static uint32_t next_number;
static volatile sig_atomic_t is_stopped;
static unsigned long long forwarded, refused, malformed;
static bool is_deaf;

static void on_signal(int number)
{
    (void)number;
    is_stopped = 1;
}

static void say(const char *format, ...)
{
    static char line[TEXT_MAX * 4];
    va_list values;
    int len;
    va_start(values, format);
    len = vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    /* Whoever does not listen misses it: the gateway goes on. */
    if (!is_deaf && len > 0 && write(STDOUT_FILENO, line, (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1) < 0) {
        is_deaf = true;
    }
}

static void say_error(const char *what, const char *of, trapkey_error_t *error)
{
    trapkey_str_t text = trapkey_error_text(error);
    fprintf(stderr, "%s %s: %.*s\n", what, of, (int)text.len, text.data);
    trapkey_error_free(error);
}

/* ---- what is decided with ---- */

/* Reads a file into memory that is there already; 0 if it cannot be. */
static size_t read_into(const char *path, char *to)
{
    int file = open(path, O_RDONLY);
    size_t len = 0;
    ssize_t found = 1;
    while (file >= 0 && found > 0 && len < FILE_BYTES_MAX) {
        found = read(file, to + len, FILE_BYTES_MAX - len);
        len += found > 0 ? (size_t)found : 0;
    }
    if (file < 0 || found != 0 || close(file) != 0) {
        fprintf(stderr, "cannot read %s\n", path);
        return 0;
    }
    return len;
}

static bool find(entity *to)
{
    trapkey_error_t *error = NULL;
    trapkey_party_free(to->party);
    to->party = NULL;
    if (to->type[0] != '\0' &&
        trapkey_model_entity(gate.model, trapkey_text(to->type), trapkey_text(to->id), &to->party, &error) !=
            TRAPKEY_STATUS_OK) {
        say_error("cannot find", to->id, error);
        return false;
    }
    return true;
}

/* The session of an identity stands on one operation; it ends when that is no longer allowed. */
static void open_session(client_row *row)
{
    modbus_operation operation;
    trapkey_request_t *request = NULL;
    trapkey_session_terms_t terms;
    trapkey_error_t *error = NULL;
    map_row *on = NULL;
    asker who;
    if (row->is_revoked || (row->has_session && has_session(row))) {
        return;
    }
    row->has_session = false;
    memset(&who, 0, sizeof(who));
    who.row = row;
    who.server = row->open_server;
    who.address = row->address;
    who.opened_ms = who.used_ms = ticks();
    if (modbus_parse(row->open_pdu, sizeof(row->open_pdu), &operation) == 0) {
        on = row_at(who.server, row->open_unit, operation.parts[0].table, operation.parts[0].address);
    }
    if (on == NULL) {
        fprintf(stderr, "%s: its session stands on nothing\n", row->principal.id);
        return;
    }
    fill_context(&who, row->open_unit, operation.function);
    gate.context.modbus.addr = operation.parts[0].address;
    gate.context.modbus.qty = operation.parts[0].quantity;
    gate.context.modbus.has_value = modbus_value(&operation.parts[0], 0, &gate.context.modbus.value);
    gate.json_len = 0;
    put_request(&who, operation.parts[0].kind, &on->resource);
    TRAPKEY_INIT(terms);
    terms.now_ms = gate.context.env.now;
    row->has_session = gate.json_len < JSON_BYTES_MAX &&
                       trapkey_request_from_json(gate.model, trapkey_str(gate.json, gate.json_len), &request,
                                                 &error) == TRAPKEY_STATUS_OK &&
                       trapkey_sessions_open(gate.sessions, request, &terms, &row->session, &error) ==
                           TRAPKEY_STATUS_OK;
    trapkey_request_free(request);
    if (!row->has_session) {
        say_error("no session for", row->principal.id, error);
    }
}

/* Decides each question once, so that all that is kept for one is taken now, and what cannot be asked is known. */
static void warm(void)
{
    static modbus_operation operation;
    asker who;
    asking asked;
    uint32_t kind, at, number;
    memset(&who, 0, sizeof(who));
    asked.who = &who;
    asked.operation = &operation;
    asked.unit = asked.transaction = 0;
    for (at = 0; at < config.clients_len; at++) {
        who.row = &config.clients[at];
        fill_context(&who, 0, 0);
        gate.context.modbus.has_value = gate.context.modbus.has_prev = true;
        for (number = 0; number < config.rows_len; number++) {
            uint16_t *applies = applies_to(&asked, &config.rows[number]);
            *applies = 0;
            for (kind = 0; kind < MODBUS_CLASSES; kind++) {
                modbus_part part = {NULL, 0, 0, 0, 0, 0};
                trapkey_status_t status = TRAPKEY_STATUS_INTERNAL;
                part.kind = kind;
                ask_engine(&asked, &part, &config.rows[number], &status);
                if (status == TRAPKEY_STATUS_OK) {
                    *applies = (uint16_t)(*applies | 1u << kind);
                }
            }
        }
    }
}

/* Publishes what the files say; what cannot be published leaves all as it was. */
static bool load(void)
{
    trapkey_error_t *error = NULL;
    trapkey_bytes_t bundle;
    size_t bundle_len = read_into(gate.bundle_path, gate.bundle);
    size_t entities_len = read_into(gate.entities_path, gate.entities);
    bool found = true;
    uint32_t at;
    bundle.data = (const uint8_t *)gate.bundle;
    bundle.len = bundle_len;
    if (bundle_len == 0 || entities_len == 0) {
        return false;
    }
    if (trapkey_engine_publish_with(gate.engine, bundle, trapkey_str(gate.entities, entities_len), NULL,
                                    &error) != TRAPKEY_STATUS_OK) {
        say_error("cannot publish", gate.bundle_path, error);
        return false;
    }
    gate.loaded_ms = ticks();
    /* Another schema makes all of these stale; without them all is denied. */
    trapkey_typed_free(gate.typed);
    trapkey_model_free(gate.model);
    gate.typed = NULL;
    gate.model = NULL;
    if (trapkey_engine_model(gate.engine, &gate.model, &error) != TRAPKEY_STATUS_OK ||
        trapkey_typed_new(gate.model, &plant_schema, &gate.typed, &error) != TRAPKEY_STATUS_OK) {
        say_error("cannot ask", gate.bundle_path, error);
        return false;
    }
    for (at = 0; at < config.rows_len; at++) {
        found = find(&config.rows[at].resource) && found;
    }
    for (at = 0; at < config.clients_len; at++) {
        client_row *row = &config.clients[at];
        found = find(&row->principal) && find(&row->zone) && find(&row->conduit) && found;
    }
    if (!found) {
        trapkey_typed_free(gate.typed);
        gate.typed = NULL;
        return false;
    }
    if (trapkey_sessions_poll(gate.sessions, wall_clock(), pass_over, NULL, &error) != TRAPKEY_STATUS_OK ||
        trapkey_decision_reserve(gate.decision, gate.engine, &error) != TRAPKEY_STATUS_OK) {
        say_error("cannot poll", "the sessions", error);
        return false;
    }
    for (at = 0; at < config.clients_len; at++) {
        open_session(&config.clients[at]);
    }
    warm();
    return true;
}

static void revoke(const char *type, const char *id)
{
    trapkey_error_t *error = NULL;
    trapkey_subject_t subject;
    static char name[TEXT_MAX * 2 + 8];
    size_t count = 0;
    uint32_t at;
    for (at = 0; at < config.clients_len; at++) {
        client_row *row = &config.clients[at];
        if (strcmp(row->principal.type, type) == 0 && strcmp(row->principal.id, id) == 0) {
            row->is_revoked = true;
        }
    }
    snprintf(name, sizeof(name), "%s::\"%s\"", type, id);
    TRAPKEY_INIT(subject);
    subject.name = trapkey_text(name);
    subject.kind = TRAPKEY_SUBJECT_PRINCIPAL;
    if (trapkey_sessions_revoke(gate.sessions, &subject, TRAPKEY_STR("by command"), &count, &error) !=
        TRAPKEY_STATUS_OK) {
        say_error("cannot revoke", id, error);
    }
    say("revoked %u\n", (unsigned)count);
}

static void command(char *line)
{
    char *word = strtok(line, " \t\r"), *first, *second;
    first = word == NULL ? NULL : strtok(NULL, " \t\r");
    second = first == NULL ? NULL : strtok(NULL, " \t\r");
    if (word == NULL) {
        return;
    }
    if (strcmp(word, "revoke") == 0 && second != NULL) {
        revoke(first, second);
    } else if (strcmp(word, "reload") == 0) {
        say(load() ? "reloaded\n" : "not reloaded\n");
    } else if (strcmp(word, "state") == 0 && first != NULL && strlen(first) < TEXT_MAX &&
               strpbrk(first, "\"\\") == NULL) {
        memcpy(config.state, first, strlen(first) + 1);
        say("state %s\n", config.state);
    } else if (strcmp(word, "stop") == 0) {
        is_stopped = 1;
    } else {
        say("not understood: %.100s\n", word);
    }
}

/* Reads commands; gives false at their end. */
static bool commands(void)
{
    static char kept[LINE_MAX_BYTES];
    static size_t len;
    ssize_t found = read(STDIN_FILENO, kept + len, sizeof(kept) - 1 - len);
    char *end;
    if (found <= 0) {
        return found < 0 && (errno == EINTR || errno == EAGAIN);
    }
    len += (size_t)found;
    kept[len] = '\0';
    while ((end = strchr(kept, '\n')) != NULL) {
        *end = '\0';
        command(kept);
        len -= (size_t)(end + 1 - kept);
        memmove(kept, end + 1, len + 1);
    }
    if (len + 1 == sizeof(kept)) {
        len = 0;
    }
    return true;
}

/* ---- connections ---- */

static bool is_nonblocking(int socket)
{
    int flags = fcntl(socket, F_GETFL);
    return flags >= 0 && fcntl(socket, F_SETFL, flags | O_NONBLOCK) == 0;
}

static void no_delay(int socket)
{
    /* Without it answers are late, and no less right. */
    int on = 1;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* From how many addresses an identity is used at the moment. */
static void count_holders(client_row *row)
{
    size_t at, before;
    if (row == NULL) {
        return;
    }
    row->holders = 0;
    for (at = 0; at < CONNECTIONS_MAX; at++) {
        bool is_new = connections[at].is_used && connections[at].who.row == row;
        for (before = 0; before < at && is_new; before++) {
            is_new = !connections[before].is_used || connections[before].who.row != row ||
                     connections[before].who.address != connections[at].who.address;
        }
        row->holders += is_new;
    }
}

/* The request that was under way is over. */
static void settle(connection *one)
{
    if (one->is_writing) {
        writing[one->who.server][one->request[6]]--;
    }
    one->is_waiting = one->is_sent = one->is_writing = false;
}

/* Holds what the writes under way came to: done as they said, not done, or nobody knows. */
static void outcome(connection *one, bool known)
{
    modbus_operation operation;
    size_t at;
    if (modbus_parse(one->request + MODBUS_HEADER, one->request_len - MODBUS_HEADER, &operation) != 0) {
        return;
    }
    for (at = 0; at < operation.parts_len; at++) {
        if (modbus_writes(&operation.parts[at])) {
            hold_written(&one->who, one->request[6], &operation.parts[at], known);
        }
    }
}

/* What was never sent was not done. */
static void lose_outcome(connection *one)
{
    if (one->is_sent) {
        outcome(one, false);
    }
}

static void drop_device(connection *one)
{
    if (one->device >= 0) {
        close(one->device);
    }
    one->device = -1;
    one->is_connecting = false;
    one->to_device.len = one->from_device.len = 0;
}

static void release(connection *one)
{
    if (one->is_waiting) {
        lose_outcome(one);
        settle(one);
    }
    drop_device(one);
    if (one->client >= 0) {
        close(one->client);
    }
    one->is_used = false;
    count_holders(one->who.row);
}

static void answer_exception(connection *one, const uint8_t *frame, uint32_t code)
{
    uint8_t *to = one->to_client.bytes + one->to_client.len;
    memcpy(to, frame, 4);
    modbus_put(to + 4, 3);
    to[6] = frame[6];
    to[7] = (uint8_t)(frame[7] | 0x80);
    to[8] = (uint8_t)code;
    one->to_client.len += 9;
}

/* The device does not answer: nobody knows whether it did what it was told. */
static void no_answer(connection *one)
{
    drop_device(one);
    if (one->is_waiting) {
        lose_outcome(one);
        settle(one);
        if (one->client >= 0) {
            modbus_put(one->request, one->transaction);
            answer_exception(one, one->request, MODBUS_NO_ANSWER);
        }
    }
}

static bool connect_device(connection *one)
{
    const struct sockaddr_in *to = &config.servers[one->who.server].device_at;
    one->device = socket(AF_INET, SOCK_STREAM, 0);
    if (one->device < 0 || !is_nonblocking(one->device)) {
        return false;
    }
    no_delay(one->device);
    if (connect(one->device, (const struct sockaddr *)to, sizeof(*to)) != 0) {
        one->is_connecting = errno == EINPROGRESS;
        return one->is_connecting;
    }
    return true;
}

/* Sends an allowed request on, with a transaction of the gateway's own. */
static void forward(connection *one, const uint8_t *frame, size_t len, bool writes)
{
    memcpy(one->request, frame, len);
    one->request_len = len;
    one->transaction = (uint16_t)modbus_word(frame);
    one->order = gate.order;
    one->sent_ms = ticks();
    one->is_waiting = true;
    one->is_writing = writes;
    writing[one->who.server][frame[6]] += writes;
    modbus_put(one->request, (uint32_t)(one->who.number + forwarded) & 0xffff);
    forwarded++;
    if (one->device < 0 && !connect_device(one)) {
        no_answer(one);
        return;
    }
    memcpy(one->to_device.bytes, one->request, len);
    one->to_device.len = len;
}

/* Whether a request must wait until another's write to the same unit is known to be done. */
static bool must_wait(const connection *one, const modbus_operation *operation, uint32_t unit, bool *writes)
{
    const unsigned *units = writing[one->who.server];
    unsigned count = units[0] + (unit == 0 ? 0 : units[unit]), at;
    *writes = false;
    for (at = 0; at < operation->parts_len; at++) {
        *writes = *writes || modbus_writes(&operation->parts[at]);
    }
    for (at = 1; unit == 0 && at < 256; at++) {
        count += units[at];
    }
    return *writes && count > 0;
}

/* Takes the first whole frame off what a client sent; false if there is none, or it must wait. */
static bool take(connection *one)
{
    static modbus_operation operation;
    buffer *from = &one->from_client;
    size_t len = from->len < 6 ? 0 : 6 + modbus_word(from->bytes + 4);
    bool writes = false, is_over = false;
    uint32_t answer;
    asking asked;
    if (one->is_ending || one->is_waiting || from->len < 6 || one->to_client.len + MODBUS_FRAME_MAX > BYTES_KEPT) {
        return false;
    }
    if (modbus_word(from->bytes + 2) != 0 || len < 6 + MODBUS_LENGTH_MIN || len > MODBUS_FRAME_MAX) {
        malformed++;
        one->is_ending = true;
        from->len = 0;
        return false;
    }
    if (from->len < len) {
        return false;
    }
    answer = modbus_parse(from->bytes + MODBUS_HEADER, len - MODBUS_HEADER, &operation);
    if (answer != 0) {
        malformed++;
    } else if (must_wait(one, &operation, from->bytes[6], &writes)) {
        return false;
    } else {
        asked.who = &one->who;
        asked.operation = &operation;
        asked.unit = from->bytes[6];
        asked.transaction = modbus_word(from->bytes);
        answer = decide(&asked, &is_over);
        refused += answer != ANSWER_ALLOW;
    }
    one->who.used_ms = ticks();
    if (answer == ANSWER_ALLOW) {
        forward(one, from->bytes, len, writes);
    } else {
        answer_exception(one, from->bytes, answer);
        one->is_ending = is_over;
    }
    from->len -= len;
    memmove(from->bytes, from->bytes + len, from->len);
    return true;
}

/* What the device answered to what was asked; gives false if it is not an answer to it. */
static bool learn(connection *one, const uint8_t *frame, size_t len)
{
    modbus_operation operation;
    const uint8_t *pdu = frame + MODBUS_HEADER, *asked = one->request + MODBUS_HEADER;
    size_t at, pdu_len = len - MODBUS_HEADER;
    if (modbus_word(frame) != modbus_word(one->request) || frame[6] != one->request[6] ||
        (pdu[0] & 0x7f) != (asked[0] & 0x7f) ||
        modbus_parse(asked, one->request_len - MODBUS_HEADER, &operation) != 0) {
        return false;
    }
    if (pdu[0] != asked[0]) {
        /* Only these say that nothing was done. */
        if (pdu_len != 2 || pdu[1] == 0 || pdu[1] > MODBUS_ILLEGAL_VALUE) {
            outcome(one, false);
        }
        return pdu_len == 2;
    }
    outcome(one, true);
    for (at = 0; at < operation.parts_len; at++) {
        const modbus_part *part = &operation.parts[at];
        bool bits = part->kind == MODBUS_READ_BITS, reads = bits || part->kind == MODBUS_READ_REGISTERS;
        size_t bytes = bits ? (part->quantity + 7) / 8 : (size_t)part->quantity * 2;
        if (!reads || asked[0] == 24) {
            continue;
        }
        if (pdu_len != 2 + bytes || pdu[1] != bytes) {
            return false;
        }
        /* Function 23 writes before it reads. */
        hold_read(&one->who, frame[6], part, pdu + 2, asked[0] == 23 ? gate.order : one->order);
    }
    return true;
}

/* Hands the device's answer to the client. */
static void hand_over(connection *one)
{
    buffer *from = &one->from_device;
    size_t len = from->len < 6 ? 0 : 6 + modbus_word(from->bytes + 4);
    if (from->len < 6) {
        return;
    }
    if (modbus_word(from->bytes + 2) != 0 || len < 6 + MODBUS_LENGTH_MIN || len > MODBUS_FRAME_MAX ||
        from->len > len || one->to_device.len > 0 || !one->is_waiting) {
        no_answer(one);
        return;
    }
    if (from->len < len) {
        return;
    }
    if (!learn(one, from->bytes, len)) {
        no_answer(one);
        return;
    }
    settle(one);
    from->len = 0;
    if (one->client >= 0) {
        modbus_put(from->bytes, one->transaction);
        memcpy(one->to_client.bytes + one->to_client.len, from->bytes, len);
        one->to_client.len += len;
    }
}

/* Sends what fits; false if the peer is gone. */
static bool send_some(int to, buffer *from)
{
    ssize_t sent = send(to, from->bytes, from->len, MSG_NOSIGNAL);
    if (sent < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    }
    from->len -= (size_t)sent;
    memmove(from->bytes, from->bytes + sent, from->len);
    return true;
}

static bool receive_some(int from, buffer *to)
{
    ssize_t found = recv(from, to->bytes + to->len, BYTES_KEPT - to->len, 0);
    if (found < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    }
    to->len += (size_t)found;
    return found > 0;
}

/* The client is gone; a request that is under way is still waited for, so that its outcome is known. */
static void lose_client(connection *one)
{
    close(one->client);
    one->client = -1;
    one->is_ending = true;
    one->from_client.len = one->to_client.len = 0;
}

static void serve_client(connection *one, short events)
{
    bool is_there = true;
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && one->from_client.len < BYTES_KEPT) {
        is_there = receive_some(one->client, &one->from_client);
    }
    if (is_there && (events & POLLOUT) != 0 && one->to_client.len > 0) {
        is_there = send_some(one->client, &one->to_client);
    }
    if (!is_there) {
        lose_client(one);
    }
}

static void serve_device(connection *one, short events)
{
    int error = 0;
    socklen_t len = sizeof(error);
    bool is_there = true;
    if (one->is_connecting && events != 0) {
        is_there = getsockopt(one->device, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0;
        one->is_connecting = false;
    }
    if (is_there && (events & POLLOUT) != 0 && one->to_device.len > 0) {
        one->is_sent = true;
        is_there = send_some(one->device, &one->to_device);
    }
    if (is_there && (events & (POLLIN | POLLHUP | POLLERR)) != 0) {
        is_there = receive_some(one->device, &one->from_device);
        hand_over(one);
    }
    if (!is_there && one->device >= 0) {
        no_answer(one);
    }
}

static void greet(uint32_t at)
{
    struct sockaddr_in from;
    socklen_t len = sizeof(from);
    connection *one = connections;
    uint32_t row;
    int client;
    while (one < connections + CONNECTIONS_MAX && one->is_used) {
        one++;
    }
    client = accept(config.servers[at].listener, (struct sockaddr *)&from, &len);
    if (client < 0) {
        return;
    }
    if (one == connections + CONNECTIONS_MAX || !is_nonblocking(client)) {
        close(client);
        return;
    }
    no_delay(client);
    memset(one, 0, sizeof(*one));
    one->client = client;
    one->device = -1;
    one->is_used = true;
    one->who.server = at;
    one->who.address = ntohl(from.sin_addr.s_addr);
    one->who.number = next_number++;
    one->who.opened_ms = one->who.used_ms = ticks();
    for (row = 0; row < config.clients_len && one->who.row == NULL; row++) {
        if ((one->who.address & config.clients[row].mask) == config.clients[row].address) {
            one->who.row = &config.clients[row];
        }
    }
    count_holders(one->who.row);
}

/* What can be done without waiting, and the ends of what has waited too long. */
static void proceed(connection *one)
{
    int64_t now = ticks();
    if (one->is_waiting && now - one->sent_ms > config.timeout_ms) {
        no_answer(one);
    }
    while (take(one)) {
    }
    if (one->client >= 0 && one->to_client.len > 0 && !send_some(one->client, &one->to_client)) {
        lose_client(one);
    }
    if (one->device >= 0 && !one->is_connecting && one->to_device.len > 0) {
        one->is_sent = true;
        if (!send_some(one->device, &one->to_device)) {
            no_answer(one);
        }
    }
    if ((one->is_ending && !one->is_waiting && one->to_client.len == 0) ||
        (!one->is_waiting && now - one->who.used_ms > config.idle_ms)) {
        release(one);
    }
}

static bool listen_all(void)
{
    uint32_t at;
    int on = 1;
    for (at = 0; at < config.servers_len; at++) {
        server *to = &config.servers[at];
        socklen_t len = sizeof(to->listen_at);
        to->listener = socket(AF_INET, SOCK_STREAM, 0);
        if (to->listener < 0 || !is_nonblocking(to->listener) ||
            setsockopt(to->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
            bind(to->listener, (const struct sockaddr *)&to->listen_at, len) != 0 ||
            listen(to->listener, CONNECTIONS_MAX) != 0 ||
            getsockname(to->listener, (struct sockaddr *)&to->listen_at, &len) != 0) {
            perror("cannot listen");
            return false;
        }
    }
    return true;
}

/* Waits for whatever comes next, and does it. */
static void turn(bool *hears)
{
    static struct pollfd waited[1 + SERVERS_MAX + 2 * CONNECTIONS_MAX];
    static uint32_t first;
    uint32_t servers = config.servers_len, at;
    nfds_t count = 1 + servers;
    waited[0].fd = *hears ? STDIN_FILENO : -1;
    waited[0].events = POLLIN;
    for (at = 0; at < servers; at++) {
        waited[1 + at].fd = config.servers[at].listener;
        waited[1 + at].events = POLLIN;
    }
    for (at = 0; at < CONNECTIONS_MAX; at++) {
        connection *one = &connections[at];
        struct pollfd *client = &waited[count++], *device = &waited[count++];
        bool reads = one->from_client.len < BYTES_KEPT && !one->is_ending;
        client->fd = one->is_used ? one->client : -1;
        client->events = (short)((reads ? POLLIN : 0) | (one->to_client.len > 0 ? POLLOUT : 0));
        device->fd = one->is_used ? one->device : -1;
        device->events = (short)(POLLIN | (one->is_connecting || one->to_device.len > 0 ? POLLOUT : 0));
    }
    if (poll(waited, count, 100) < 0) {
        return;
    }
    if (waited[0].revents != 0) {
        *hears = commands();
    }
    for (at = 0; at < CONNECTIONS_MAX; at++) {
        connection *one = &connections[at];
        const struct pollfd *client = &waited[1 + servers + 2 * at], *device = client + 1;
        if (!one->is_used) {
            continue;
        }
        if (device->fd >= 0 && device->revents != 0) {
            serve_device(one, device->revents);
        }
        if (client->fd >= 0 && client->revents != 0) {
            serve_client(one, client->revents);
        }
    }
    /* Each is once the first, so that none waits for others' writes for ever. */
    first = (first + 1) % CONNECTIONS_MAX;
    for (at = 0; at < CONNECTIONS_MAX; at++) {
        connection *one = &connections[(first + at) % CONNECTIONS_MAX];
        if (one->is_used) {
            proceed(one);
        }
    }
    for (at = 0; at < servers; at++) {
        if (waited[1 + at].revents != 0) {
            greet(at);
        }
    }
    flush_log();
}

static void start(char **arguments)
{
    struct sigaction action;
    trapkey_error_t *error = NULL;
    uint32_t at;
    config_read(arguments[1]);
    gate.bundle_path = arguments[2];
    gate.entities_path = arguments[3];
    gate.started_ms = ticks();
    gate.log_fd = config.log_path[0] == '\0'
                      ? -1
                      : open(config.log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigaction(SIGTERM, &action, NULL) != 0 || sigaction(SIGINT, &action, NULL) != 0 ||
        (config.log_path[0] != '\0' && gate.log_fd < 0) || !listen_all()) {
        fprintf(stderr, "cannot start\n");
        exit(2);
    }
    if (trapkey_engine_new(NULL, &gate.engine, &error) != TRAPKEY_STATUS_OK ||
        trapkey_decider_new(gate.engine, &gate.decider, &error) != TRAPKEY_STATUS_OK ||
        trapkey_decision_new(&gate.decision, &error) != TRAPKEY_STATUS_OK ||
        trapkey_sessions_new(gate.engine, NULL, &gate.sessions, &error) != TRAPKEY_STATUS_OK) {
        say_error("cannot", "start", error);
        exit(2);
    }
    if (!load()) {
        exit(2);
    }
    say("ready");
    for (at = 0; at < config.servers_len; at++) {
        say(" %u", (unsigned)ntohs(config.servers[at].listen_at.sin_port));
    }
    say("\n");
}

static void finish(void)
{
    uint32_t at;
    for (at = 0; at < CONNECTIONS_MAX; at++) {
        if (connections[at].is_used) {
            release(&connections[at]);
        }
    }
    flush_log();
    say("allowed %llu denied %llu failed %llu forwarded %llu refused %llu malformed %llu\n", gate.allowed,
        gate.denied, gate.failed, forwarded, refused, malformed);
    for (at = 0; at < config.rows_len; at++) {
        trapkey_party_free(config.rows[at].resource.party);
    }
    for (at = 0; at < config.clients_len; at++) {
        trapkey_party_free(config.clients[at].principal.party);
        trapkey_party_free(config.clients[at].zone.party);
        trapkey_party_free(config.clients[at].conduit.party);
    }
    for (at = 0; at < config.servers_len; at++) {
        close(config.servers[at].listener);
    }
    trapkey_sessions_free(gate.sessions);
    trapkey_decision_free(gate.decision);
    trapkey_decider_free(gate.decider);
    trapkey_typed_free(gate.typed);
    trapkey_model_free(gate.model);
    trapkey_engine_free(gate.engine);
}

int main(int argc, char **argv)
{
    bool hears = true;
    if (argc != 4) {
        fprintf(stderr, "usage: %s CONFIG BUNDLE ENTITIES\n", argv[0]);
        return 2;
    }
    start(argv);
    while (!is_stopped) {
        turn(&hears);
    }
    finish();
    return 0;
}
