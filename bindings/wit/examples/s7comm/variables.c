/* The variables of a read or a write: an area, an address, a type and how many. */
#include <string.h>

#include "message.h"

/* Bytes of a name: the longest has an area, two numbers, a type and a count. */
enum { NAME_BYTES_MAX = 64 };

typedef struct name {
    char text[NAME_BYTES_MAX];
    size_t len;
} name_t;

static void add(name_t *name, const char *text)
{
    size_t len = strlen(text);
    if (name->len + len < NAME_BYTES_MAX) {
        memcpy(name->text + name->len, text, len + 1);
        name->len += len;
    }
}

static void add_number(name_t *name, uint32_t value)
{
    char digits[11];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    add(name, digits + at);
}

/* Name of a type, and the bytes of one value. A bit has a byte of its own in messages. */
static const char *type_name(uint8_t type, uint32_t *bytes)
{
    static const struct {
        uint8_t type, bytes;
        const char *name;
    } types[] = {
        {1, 1, "BIT"},   {2, 1, "BYTE"},    {3, 1, "CHAR"},     {4, 2, "WORD"},   {5, 2, "INT"},
        {6, 4, "DWORD"}, {7, 4, "DINT"},    {8, 4, "REAL"},     {9, 2, "DATE"},   {10, 4, "TOD"},
        {11, 4, "TIME"}, {12, 2, "S5TIME"}, {15, 8, "DATETIME"}, {28, 2, "COUNTER"}, {29, 2, "TIMER"},
    };
    size_t at;
    for (at = 0; at < sizeof types / sizeof *types; at++) {
        if (types[at].type == type) {
            *bytes = types[at].bytes;
            return types[at].name;
        }
    }
    return NULL;
}

/* Adds where a variable is; false if the area is not known. */
static bool add_place(name_t *name, uint8_t area, uint16_t block, uint32_t address)
{
    static const char *const areas[] = {"P", "I", "Q", "M", "DB", "DI", "L", "V"};
    enum { PERIPHERY = 0x80, DATA_BLOCK = 0x84, INSTANCE_BLOCK = 0x85, COUNTERS = 28, TIMERS = 29 };
    if (area == COUNTERS || area == TIMERS) {
        add(name, area == COUNTERS ? "C" : "T");
        add_number(name, address);
        return true;
    }
    if (area < PERIPHERY || area - PERIPHERY >= (int)(sizeof areas / sizeof *areas)) {
        return false;
    }
    add(name, areas[area - PERIPHERY]);
    if (area == DATA_BLOCK || area == INSTANCE_BLOCK) {
        add_number(name, block);
        add(name, area == DATA_BLOCK ? ".DBX" : ".DIX");
    }
    add_number(name, address >> 3);
    add(name, ".");
    add_number(name, address & 7);
    return true;
}

/* Names the variable of twelve bytes, as `DB1.DBX4.0:REAL*2`, and says how many bytes its values are; false if it is not known. */
static bool name_variable(const uint8_t *at, name_t *name, uint32_t *bytes)
{
    uint16_t count = number(at + 4);
    uint32_t address = (uint32_t)at[9] << 16 | number(at + 10);
    const char *type = type_name(at[3], bytes);
    name->len = 0;
    /* More than one bit at a time is nothing that controllers do. */
    if (type == NULL || (at[3] == 1 && count != 1)) {
        return false;
    }
    if (!add_place(name, at[8], number(at + 6), address)) {
        return false;
    }
    add(name, ":");
    add(name, type);
    if (count != 1) {
        add(name, "*");
        add_number(name, count);
    }
    *bytes *= count;
    return true;
}

/* Bytes of a value that is written, by the type and length before it; false if the type is not known. */
static bool value_bytes(const uint8_t *at, uint32_t *bytes)
{
    uint16_t length = number(at + 2);
    switch (at[1]) {
    case 3:
    case 4:
    case 5:
        /* Lengths in bits. */
        *bytes = ((uint32_t)length + 7) / 8;
        return true;
    case 6:
    case 7:
    case 9:
        *bytes = length;
        return true;
    default:
        return false;
    }
}

/* Takes one value from the data; false if the message was refused or has nothing that is known. */
static bool take_value(span_t *data, uint32_t want, bool is_last, message_t *to)
{
    uint32_t bytes = 0;
    size_t end;
    if (data->len < 4) {
        refuse(to, "values are cut off");
        return false;
    }
    if (!value_bytes(data->at, &bytes)) {
        to->count = 0;
        ask(to, "s7.unknown", "");
        return false;
    }
    /* Values of odd length are filled up; the last one need not be. */
    end = 4 + (size_t)bytes;
    if (bytes % 2 == 1 && (!is_last || end < data->len)) {
        end++;
    }
    if (bytes != want || end > data->len) {
        refuse(to, "value and variable have different lengths");
        return false;
    }
    *data = part(*data, end);
    return true;
}

void read_variables(span_t parameters, span_t data, bool is_write, message_t *to)
{
    enum { HEAD = 2, VARIABLE = 12 };
    size_t count, at;
    name_t name;
    count = parameters.len < HEAD ? 0 : parameters.at[1];
    if (count == 0) {
        refuse(to, "no variables");
        return;
    }
    for (at = 0; at < count; at++) {
        uint32_t bytes = 0;
        const uint8_t *variable = parameters.at + HEAD + at * VARIABLE;
        bool has_head = HEAD + at * VARIABLE + 3 <= parameters.len;
        bool is_any = has_head && variable[0] == 0x12 && variable[1] == 10 && variable[2] == 0x10;
        if (has_head && !is_any) {
            /* Another form of address: nobody knows where the next one begins. */
            to->count = 0;
            ask(to, "s7.unknown", "");
            return;
        }
        if (HEAD + (at + 1) * VARIABLE > parameters.len || number(variable + 4) == 0) {
            refuse(to, "variables and their number contradict each other");
            return;
        }
        if (!name_variable(variable, &name, &bytes)) {
            to->count = 0;
            ask(to, "s7.unknown", "");
            return;
        }
        if (is_write && !take_value(&data, bytes, at + 1 == count, to)) {
            return;
        }
        ask(to, is_write ? "plc.write" : "plc.read", name.text);
    }
    if (HEAD + count * VARIABLE != parameters.len || data.len != 0) {
        refuse(to, "there is more than the variables");
    }
}
