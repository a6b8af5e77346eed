/*
 * Says what requests are: each line of the standard input is one without its header, in hexadecimal digits. The
 * answer is a line: `refused N`, or for each part its class, table, address, quantity and values.
 */
#include "check.h"
#include "examples/modbus.h"

int main(int argc, char **argv)
{
    static char line[4096];
    (void)argv;
    CHECK(argc == 2);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        /* Of exactly this size, so that a byte too many is found. */
        size_t len = strcspn(line, "\n") / 2, at;
        uint8_t *pdu = (uint8_t *)malloc(len == 0 ? 1 : len);
        modbus_operation operation;
        uint32_t refused;
        CHECK(pdu != NULL);
        for (at = 0; at < len; at++) {
            unsigned byte = 0;
            CHECK(sscanf(line + 2 * at, "%2x", &byte) == 1);
            pdu[at] = (uint8_t)byte;
        }
        refused = modbus_parse(pdu, len, &operation);
        if (refused != 0) {
            printf("refused %u\n", (unsigned)refused);
            free(pdu);
            continue;
        }
        for (at = 0; at < operation.parts_len; at++) {
            const modbus_part *part = &operation.parts[at];
            uint32_t index;
            printf("%s%u %u %u %u", at == 0 ? "" : ";", (unsigned)part->kind, (unsigned)part->table,
                   (unsigned)part->address, (unsigned)part->quantity);
            for (index = 0; modbus_writes(part) && index < part->quantity; index++) {
                int64_t value = 0;
                if (modbus_value(part, index, &value)) {
                    printf(" %d", (int)value);
                } else {
                    printf(" ?");
                }
            }
        }
        printf("\n");
        free(pdu);
    }
    return 0;
}
