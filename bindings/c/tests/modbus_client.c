/*
 * A client for the gateway's tests, by libmodbus: modbus_client ADDRESS PORT UNIT. Connects from that loopback
 * address, and does what each line of the standard input says:
 *
 *   bits A N | inputs A N | holding A N | registers A N     reads
 *   coil A V | register A V | coils A V... | write A V...   writes
 *   mask A AND OR | both A N AT V... | identify             more
 *
 * An answer is a line: `ok V...`, `exception N`, or `lost`.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { NUMBERS_MAX = 128 };

static void need(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static struct sockaddr_in address(const char *ip, int port)
{
    struct sockaddr_in found;
    memset(&found, 0, sizeof(found));
    found.sin_family = AF_INET;
    found.sin_port = htons((uint16_t)port);
    need(inet_pton(AF_INET, ip, &found.sin_addr) == 1, ip);
    return found;
}

/* Does one thing; the values that it read are in `words` or `bits`, and what it gives is what libmodbus gave. */
static int act(modbus_t *modbus, const char *verb, const int *n, int count, uint16_t *words, uint8_t *bits)
{
    int at, values = count - 1;
    for (at = 0; at < values; at++) {
        words[at] = (uint16_t)n[at + 1];
        bits[at] = (uint8_t)n[at + 1];
    }
    if (strcmp(verb, "bits") == 0) {
        return modbus_read_bits(modbus, n[0], n[1], bits);
    } else if (strcmp(verb, "inputs") == 0) {
        return modbus_read_input_bits(modbus, n[0], n[1], bits);
    } else if (strcmp(verb, "holding") == 0) {
        return modbus_read_registers(modbus, n[0], n[1], words);
    } else if (strcmp(verb, "registers") == 0) {
        return modbus_read_input_registers(modbus, n[0], n[1], words);
    } else if (strcmp(verb, "coil") == 0) {
        return modbus_write_bit(modbus, n[0], n[1]) - 1;
    } else if (strcmp(verb, "register") == 0) {
        return modbus_write_register(modbus, n[0], (uint16_t)n[1]) - 1;
    } else if (strcmp(verb, "coils") == 0) {
        return modbus_write_bits(modbus, n[0], values, bits) < 0 ? -1 : 0;
    } else if (strcmp(verb, "write") == 0) {
        return modbus_write_registers(modbus, n[0], values, words) < 0 ? -1 : 0;
    } else if (strcmp(verb, "mask") == 0) {
        return modbus_mask_write_register(modbus, n[0], (uint16_t)n[1], (uint16_t)n[2]) < 0 ? -1 : 0;
    } else if (strcmp(verb, "both") == 0) {
        uint16_t read[NUMBERS_MAX];
        int found = modbus_write_and_read_registers(modbus, n[2], count - 3, words + 2, n[0], n[1], read);
        memcpy(words, read, sizeof(read));
        return found;
    } else if (strcmp(verb, "identify") == 0) {
        return modbus_report_slave_id(modbus, NUMBERS_MAX, bits) < 0 ? -1 : 0;
    }
    need(0, verb);
    return -1;
}

int main(int argc, char **argv)
{
    static char line[4096];
    struct sockaddr_in from, to;
    modbus_t *modbus = modbus_new_tcp("127.0.0.1", 502);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    need(argc == 4 && modbus != NULL && client >= 0, "start");
    from = address(argv[1], 0);
    to = address("127.0.0.1", atoi(argv[2]));
    need(bind(client, (struct sockaddr *)&from, sizeof(from)) == 0, "bind");
    need(connect(client, (struct sockaddr *)&to, sizeof(to)) == 0, "connect");
    need(modbus_set_socket(modbus, client) == 0 && modbus_set_slave(modbus, atoi(argv[3])) == 0, "set");
    need(modbus_set_response_timeout(modbus, 20, 0) == 0, "timeout");
    while (fgets(line, sizeof(line), stdin) != NULL) {
        uint16_t words[NUMBERS_MAX] = {0};
        uint8_t bits[NUMBERS_MAX] = {0};
        int numbers[NUMBERS_MAX] = {0}, count = 0, found, at, is_bits;
        char *verb = strtok(line, " \n"), *word;
        need(verb != NULL, "a line without a verb");
        while ((word = strtok(NULL, " \n")) != NULL && count < NUMBERS_MAX) {
            numbers[count++] = atoi(word);
        }
        found = act(modbus, verb, numbers, count, words, bits);
        is_bits = strcmp(verb, "bits") == 0 || strcmp(verb, "inputs") == 0;
        if (found >= 0) {
            printf("ok");
            for (at = 0; at < found; at++) {
                printf(" %u", is_bits ? bits[at] : (unsigned)words[at]);
            }
            printf("\n");
        } else if (errno > MODBUS_ENOBASE && errno < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX) {
            printf("exception %d\n", errno - MODBUS_ENOBASE);
        } else {
            printf("lost\n");
        }
        need(fflush(stdout) == 0, "say");
    }
    modbus_close(modbus);
    modbus_free(modbus);
    return 0;
}
