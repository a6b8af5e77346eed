/*
 * Makes the gateway's clients come from different addresses: relay ADDRESS:PORT... Prints a port for each; what
 * comes there goes on to that port of the loopback, byte for byte, from that address. An end is an end.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTENERS_MAX = 64, PAIRS_MAX = 512 };

static struct sockaddr_in sources[LISTENERS_MAX];
static uint16_t targets[LISTENERS_MAX];
static struct pollfd waited[LISTENERS_MAX + 2 * PAIRS_MAX];

static void need(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in found;
    memset(&found, 0, sizeof(found));
    found.sin_family = AF_INET;
    found.sin_port = htons(port);
    found.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return found;
}

static void no_delay(int socket)
{
    int on = 1;
    need(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0, "no delay");
}

static int prepare(int at, char *argument)
{
    struct sockaddr_in here = loopback(0);
    socklen_t len = sizeof(here);
    char *colon = strchr(argument, ':');
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    need(colon != NULL && at < LISTENERS_MAX && listener >= 0, argument);
    *colon = '\0';
    sources[at] = loopback(0);
    targets[at] = (uint16_t)atoi(colon + 1);
    need(inet_pton(AF_INET, argument, &sources[at].sin_addr) == 1, argument);
    need(bind(listener, (struct sockaddr *)&here, len) == 0 && listen(listener, 256) == 0, "listen");
    need(getsockname(listener, (struct sockaddr *)&here, &len) == 0, "name");
    printf("%u\n", (unsigned)ntohs(here.sin_port));
    return listener;
}

static void pair(int at, struct pollfd *place)
{
    struct sockaddr_in to = loopback(targets[at]);
    int client = accept(waited[at].fd, NULL, NULL), gateway = socket(AF_INET, SOCK_STREAM, 0);
    need(client >= 0 && gateway >= 0, "accept");
    need(bind(gateway, (struct sockaddr *)&sources[at], sizeof(sources[at])) == 0, "bind");
    if (connect(gateway, (struct sockaddr *)&to, sizeof(to)) != 0) {
        fprintf(stderr, "relay: connect: %s\n", strerror(errno));
        close(client);
        close(gateway);
        return;
    }
    no_delay(client);
    no_delay(gateway);
    place[0].fd = client;
    place[1].fd = gateway;
}

/* Passes on what is there; 0 at the end. */
static int pass(int from, int to)
{
    char bytes[4096];
    ssize_t len = read(from, bytes, sizeof(bytes)), at = 0;
    while (at < len) {
        ssize_t sent = write(to, bytes + at, (size_t)(len - at));
        if (sent <= 0) {
            return 0;
        }
        at += sent;
    }
    return len > 0;
}

int main(int argc, char **argv)
{
    int at, listeners = argc - 1;
    need(listeners > 0 && signal(SIGPIPE, SIG_IGN) != SIG_ERR, "start");
    for (at = 0; at < listeners; at++) {
        waited[at].fd = prepare(at, argv[at + 1]);
        waited[at].events = POLLIN;
    }
    need(fflush(stdout) == 0, "say");
    for (at = 0; at < 2 * PAIRS_MAX; at++) {
        waited[listeners + at].fd = -1;
        waited[listeners + at].events = POLLIN;
    }
    for (;;) {
        need(poll(waited, (nfds_t)(listeners + 2 * PAIRS_MAX), -1) >= 0, "poll");
        for (at = 0; at < PAIRS_MAX; at++) {
            struct pollfd *two = waited + listeners + 2 * at;
            int side;
            for (side = 0; side < 2 && two[0].fd >= 0; side++) {
                if (two[side].revents != 0 && !pass(two[side].fd, two[1 - side].fd)) {
                    close(two[0].fd);
                    close(two[1].fd);
                    two[0].fd = two[1].fd = -1;
                }
            }
        }
        for (at = 0; at < listeners; at++) {
            struct pollfd *two = waited + listeners;
            if (waited[at].revents == 0) {
                continue;
            }
            while (two < waited + listeners + 2 * PAIRS_MAX && two->fd >= 0) {
                two += 2;
            }
            need(two < waited + listeners + 2 * PAIRS_MAX, "more pairs than there may be");
            pair(at, two);
        }
    }
}
