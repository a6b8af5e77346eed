/*
 * A device for the gateway's tests, by libmodbus: modbus_server LOG. It prints its port, and keeps each request
 * that it gets as a line of hexadecimal digits in LOG. All values are 0 first.
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
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static void need(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
        exit(1);
    }
}

static void note(FILE *log, const uint8_t *request, int len)
{
    int at;
    for (at = 0; at < len; at++) {
        fprintf(log, "%02x", request[at]);
    }
    fputc('\n', log);
    need(fflush(log) == 0, "log");
}

/* One request of a client; 0 if it is gone. */
static int serve(modbus_t *modbus, modbus_mapping_t *values, int client, FILE *log)
{
    uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
    int len;
    need(modbus_set_socket(modbus, client) == 0, "set");
    len = modbus_receive(modbus, request);
    if (len <= 0) {
        return 0;
    }
    note(log, request, len);
    return modbus_reply(modbus, request, len, values) >= 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_in here;
    socklen_t here_len = sizeof(here);
    fd_set waited, ready;
    int listener, most, at;
    FILE *log;
    modbus_t *modbus = modbus_new_tcp("127.0.0.1", 0);
    modbus_mapping_t *values = modbus_mapping_new(65536, 65536, 65536, 65536);
    need(argc == 2 && modbus != NULL && values != NULL, "start");
    log = fopen(argv[1], "w");
    need(log != NULL, argv[1]);
    listener = modbus_tcp_listen(modbus, 128);
    need(listener >= 0, "listen");
    need(getsockname(listener, (struct sockaddr *)&here, &here_len) == 0, "name");
    printf("%u\n", (unsigned)ntohs(here.sin_port));
    need(fflush(stdout) == 0, "say");
    FD_ZERO(&waited);
    FD_SET(listener, &waited);
    most = listener;
    for (;;) {
        ready = waited;
        need(select(most + 1, &ready, NULL, NULL, NULL) >= 0, "select");
        for (at = 0; at <= most; at++) {
            int client = at;
            if (!FD_ISSET(at, &ready)) {
                continue;
            }
            if (at == listener) {
                client = accept(listener, NULL, NULL);
                need(client >= 0 && client < FD_SETSIZE, "accept");
                FD_SET(client, &waited);
                most = client > most ? client : most;
            } else if (!serve(modbus, values, client, log)) {
                close(client);
                FD_CLR(client, &waited);
            }
        }
    }
}
