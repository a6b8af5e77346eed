/*
 * What the gateway is told at its start, one line for each thing; `#` begins a remark. See README.md.
 *
 *   server LISTEN:PORT DEVICE:PORT         a device, and where the gateway stands in for it
 *   map UNIT TABLE FIRST LAST TYPE ID      what addresses of it are; TABLE is one of c d i h
 *   device UNIT TYPE ID                    what the unit is for functions without addresses
 *   client ADDRESS[/BITS] TYPE ID zone=ID open=SERVER:FUNCTION/UNIT/ADDRESS[/VALUE] [conduit=ID]
 *          [basis=ID] [cred=ID] [age=SECONDS] [expires=SECONDS]
 *   log PATH     state TEXT     on-shift     maintenance     clock-trusted
 *   timeout MS   idle MS        clock MS
 */
#ifndef TRAPKEY_EXAMPLES_GATEWAY_CONFIG_H
#define TRAPKEY_EXAMPLES_GATEWAY_CONFIG_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modbus.h"
#include "plant_requests.h"

enum {
    SERVERS_MAX = 16,
    ROWS_MAX = 256,
    CLIENTS_MAX = 64,
    TEXT_MAX = 128,
    LINE_MAX_BYTES = 1024,
    WORDS_MAX = 16,
    /* Places for the values that writes are held against. */
    HELD_MAX = 131072
};

typedef struct {
    char type[TEXT_MAX];
    char id[TEXT_MAX];
    trapkey_party_t *party;
} entity;

typedef struct {
    struct sockaddr_in listen_at;
    struct sockaddr_in device_at;
    int listener;
} server;

/* A range of addresses of one unit, or the unit as a whole. */
typedef struct {
    entity resource;
    size_t held;
    uint32_t server;
    uint32_t unit;
    uint32_t table;
    uint32_t first;
    uint32_t last;
} map_row;

/* Who is behind an address. */
typedef struct {
    entity principal;
    entity zone;
    entity conduit;
    trapkey_session_id_t session;
    int64_t cred_age_ms;
    int64_t expires_ms;
    int64_t holders;
    uint32_t address;
    uint32_t mask;
    uint32_t basis;
    uint32_t cred;
    uint32_t open_server;
    uint32_t open_unit;
    uint8_t open_pdu[5];
    bool has_session;
    bool is_revoked;
} client_row;

static struct {
    server servers[SERVERS_MAX];
    map_row rows[ROWS_MAX];
    client_row clients[CLIENTS_MAX];
    uint32_t servers_len, rows_len, clients_len;
    size_t held_len;
    char log_path[TEXT_MAX], state[TEXT_MAX];
    int64_t timeout_ms, idle_ms, clock_ms;
    bool on_shift, maintenance, clock_trusted, has_clock;
} config;

static const char *config_path;
static unsigned config_line;

static void config_refuse(const char *why, const char *word)
{
    fprintf(stderr, "%s:%u: %s `%s`\n", config_path, config_line, why, word);
    exit(2);
}

static long long config_number(const char *word, long long least, long long most)
{
    char *end = NULL;
    long long value = strtoll(word, &end, 10);
    if (end == word || *end != '\0' || value < least || value > most) {
        config_refuse("expected a number in range, found", word);
    }
    return value;
}

/* Texts go into JSON as they are: what would need an escape is refused. */
static void config_text(char *to, const char *word)
{
    const char *at;
    for (at = word; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == '"' || *at == '\\') {
            config_refuse("expected a text without quotes and controls, found", word);
        }
    }
    if ((size_t)(at - word) >= TEXT_MAX) {
        config_refuse("too long", word);
    }
    memcpy(to, word, (size_t)(at - word) + 1);
}

static void config_entity(entity *to, const char *type, const char *id)
{
    config_text(to->type, type);
    config_text(to->id, id);
}

static uint32_t config_choice(const char *const *ids, size_t len, const char *word)
{
    uint32_t at;
    for (at = 0; at < len; at++) {
        if (strcmp(ids[at], word) == 0) {
            return at;
        }
    }
    config_refuse("unknown", word);
    return 0;
}

/* An IPv4 address and its port. */
static struct sockaddr_in config_address(char *word)
{
    struct sockaddr_in found;
    char *colon = strrchr(word, ':');
    memset(&found, 0, sizeof(found));
    found.sin_family = AF_INET;
    if (colon == NULL) {
        config_refuse("expected ADDRESS:PORT, found", word);
    } else {
        *colon = '\0';
        found.sin_port = htons((uint16_t)config_number(colon + 1, 0, 65535));
        if (inet_pton(AF_INET, word, &found.sin_addr) != 1) {
            config_refuse("expected an IPv4 address, found", word);
        }
    }
    return found;
}

static void config_map(char **words, size_t len)
{
    static const char *const tables[] = {"c", "d", "i", "h"};
    map_row *row = &config.rows[config.rows_len++];
    uint32_t at;
    memset(row, 0, sizeof(*row));
    if (config.servers_len == 0) {
        config_refuse("no server before", words[0]);
    }
    row->server = config.servers_len - 1;
    row->unit = (uint32_t)config_number(words[1], 0, 255);
    row->table = MODBUS_DEVICE;
    if (len == 7) {
        row->table = config_choice(tables, 4, words[2]);
        row->first = (uint32_t)config_number(words[3], 0, 65535);
        row->last = (uint32_t)config_number(words[4], row->first, 65535);
    }
    config_entity(&row->resource, words[len - 2], words[len - 1]);
    for (at = 0; at + 1 < config.rows_len; at++) {
        const map_row *other = &config.rows[at];
        if (other->server == row->server && other->unit == row->unit && other->table == row->table &&
            other->first <= row->last && row->first <= other->last) {
            config_refuse("overlaps an earlier range:", row->resource.id);
        }
    }
    if (row->table == MODBUS_COILS || row->table == MODBUS_HOLDING_REGISTERS) {
        row->held = config.held_len;
        config.held_len += row->last - row->first + 1;
    }
    if (config.held_len > HELD_MAX) {
        config_refuse("more addresses than values are kept for:", row->resource.id);
    }
}

/* The operation that the session stands on: SERVER:FUNCTION/UNIT/ADDRESS[/VALUE]. */
static void config_open(client_row *row, const char *word)
{
    unsigned at, function, unit, address, value = 1;
    char after = '\0';
    int found = sscanf(word, "%u:%u/%u/%u/%u%c", &at, &function, &unit, &address, &value, &after);
    if (found < 4 || found > 5 || at >= SERVERS_MAX || function > 6 || function == 0 || unit > 255 ||
        address > 65535 || value > 65535) {
        config_refuse("expected SERVER:FUNCTION/UNIT/ADDRESS[/VALUE] with a function up to 6, found", word);
    }
    row->open_server = at;
    row->open_unit = unit;
    row->open_pdu[0] = (uint8_t)function;
    modbus_put(row->open_pdu + 1, address);
    modbus_put(row->open_pdu + 3, value);
}

static void config_option(client_row *row, const char *word)
{
    if (strncmp(word, "zone=", 5) == 0) {
        config_entity(&row->zone, PLANT_TYPE_ZONE, word + 5);
    } else if (strncmp(word, "conduit=", 8) == 0) {
        config_entity(&row->conduit, PLANT_TYPE_CONDUIT, word + 8);
    } else if (strncmp(word, "basis=", 6) == 0) {
        row->basis = config_choice(plant_identity_basis_ids, 3, word + 6);
    } else if (strncmp(word, "cred=", 5) == 0) {
        row->cred = config_choice(plant_cred_kind_ids, 9, word + 5);
    } else if (strncmp(word, "age=", 4) == 0) {
        row->cred_age_ms = config_number(word + 4, 0, 1LL << 40) * 1000;
    } else if (strncmp(word, "expires=", 8) == 0) {
        row->expires_ms = config_number(word + 8, 0, 1LL << 40) * 1000;
    } else if (strncmp(word, "open=", 5) == 0) {
        config_open(row, word + 5);
    } else {
        config_refuse("unknown option", word);
    }
}

static void config_client(char **words, size_t len)
{
    client_row *row = &config.clients[config.clients_len++];
    char *slash = strchr(words[1], '/');
    struct in_addr address;
    long long bits = 32;
    size_t at;
    memset(row, 0, sizeof(*row));
    if (slash != NULL) {
        *slash = '\0';
        bits = config_number(slash + 1, 0, 32);
    }
    if (inet_pton(AF_INET, words[1], &address) != 1) {
        config_refuse("expected an IPv4 address, found", words[1]);
    }
    row->mask = bits == 0 ? 0 : (uint32_t)(0xffffffffULL << (32 - bits) & 0xffffffffULL);
    row->address = ntohl(address.s_addr) & row->mask;
    config_entity(&row->principal, words[2], words[3]);
    /* An address proves nothing but itself. */
    row->basis = PLANT_IDENTITY_BASIS_NETWORK_ONLY;
    row->cred = PLANT_CRED_KIND_NONE;
    row->expires_ms = 86400 * 1000;
    for (at = 4; at < len; at++) {
        config_option(row, words[at]);
    }
    if (row->zone.id[0] == '\0' || row->open_pdu[0] == 0) {
        config_refuse("a zone and what its session stands on are missing of", words[1]);
    }
}

static void config_words(char **words, size_t len)
{
    const char *first = words[0];
    if (strcmp(first, "server") == 0 && len == 3 && config.servers_len < SERVERS_MAX) {
        server *to = &config.servers[config.servers_len++];
        to->listen_at = config_address(words[1]);
        to->device_at = config_address(words[2]);
    } else if ((strcmp(first, "map") == 0 ? len == 7 : strcmp(first, "device") == 0 && len == 4) &&
               config.rows_len < ROWS_MAX) {
        config_map(words, len);
    } else if (strcmp(first, "client") == 0 && len >= 4 && config.clients_len < CLIENTS_MAX) {
        config_client(words, len);
    } else if (strcmp(first, "log") == 0 && len == 2) {
        config_text(config.log_path, words[1]);
    } else if (strcmp(first, "state") == 0 && len == 2) {
        config_text(config.state, words[1]);
    } else if (strcmp(first, "timeout") == 0 && len == 2) {
        config.timeout_ms = config_number(words[1], 1, 3600000);
    } else if (strcmp(first, "idle") == 0 && len == 2) {
        config.idle_ms = config_number(words[1], 1, 3600000);
    } else if (strcmp(first, "clock") == 0 && len == 2) {
        config.clock_ms = config_number(words[1], 0, 1LL << 44);
        config.has_clock = true;
    } else if (strcmp(first, "on-shift") == 0 && len == 1) {
        config.on_shift = true;
    } else if (strcmp(first, "maintenance") == 0 && len == 1) {
        config.maintenance = true;
    } else if (strcmp(first, "clock-trusted") == 0 && len == 1) {
        config.clock_trusted = true;
    } else {
        config_refuse("not understood, or too many:", first);
    }
}

static void config_read(const char *path)
{
    static char line[LINE_MAX_BYTES];
    FILE *file = fopen(path, "r");
    config_path = path;
    config.timeout_ms = 2000;
    config.idle_ms = 300000;
    config_text(config.state, "production");
    if (file == NULL) {
        config_refuse("cannot open", path);
        return;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        char *words[WORDS_MAX];
        char *word;
        size_t len = 0;
        config_line++;
        if (strlen(line) + 1 == sizeof(line)) {
            config_refuse("too long:", "line");
        }
        line[strcspn(line, "#")] = '\0';
        for (word = strtok(line, " \t\r\n"); word != NULL; word = strtok(NULL, " \t\r\n")) {
            if (len == WORDS_MAX) {
                config_refuse("too many words before", word);
            }
            words[len++] = word;
        }
        if (len > 0) {
            config_words(words, len);
        }
    }
    if (ferror(file) != 0 || fclose(file) != 0 || config.servers_len == 0) {
        config_refuse("no server in", path);
    }
}

#endif /* TRAPKEY_EXAMPLES_GATEWAY_CONFIG_H */
