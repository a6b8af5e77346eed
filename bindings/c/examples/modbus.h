/*
 * A Modbus request as what it does: which class of operation, on which data, with which values. Pure: no
 * I/O, no memory but the caller's, and no byte read that is not there. By the Modbus Application Protocol
 * V1.1b3; what breaks it is an exception code, what it does not know is a vendor's function.
 */
#ifndef TRAPKEY_EXAMPLES_MODBUS_H
#define TRAPKEY_EXAMPLES_MODBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Bytes of the header with the unit, of a whole frame, and what the header may say that follows it. */
    MODBUS_HEADER = 7,
    MODBUS_FRAME_MAX = 260,
    MODBUS_LENGTH_MIN = 2,
    MODBUS_LENGTH_MAX = 254,
    /* Function 20 has the most: 245 bytes of 7 each. */
    MODBUS_PARTS_MAX = 35
};

/* Exception codes. */
enum {
    MODBUS_ILLEGAL_FUNCTION = 0x01,
    MODBUS_ILLEGAL_ADDRESS = 0x02,
    MODBUS_ILLEGAL_VALUE = 0x03,
    MODBUS_BUSY = 0x06,
    MODBUS_NO_ANSWER = 0x0b
};

/* Classes of operations: each is an action of the schema. */
enum {
    MODBUS_READ_BITS,
    MODBUS_READ_REGISTERS,
    MODBUS_WRITE_COIL,
    MODBUS_WRITE_REGISTER,
    MODBUS_WRITE_MULTIPLE,
    MODBUS_MASK_WRITE,
    MODBUS_FILE_RECORD,
    MODBUS_DIAGNOSTICS,
    MODBUS_IDENTIFY,
    MODBUS_VENDOR,
    MODBUS_CLASSES
};

/* What has addresses; the device as a whole has none. */
enum { MODBUS_COILS, MODBUS_DISCRETE_INPUTS, MODBUS_INPUT_REGISTERS, MODBUS_HOLDING_REGISTERS, MODBUS_DEVICE };

/* How values are written: not at all, as words, as bits, as one word that is a coil, as one whose bits are masked. */
enum { MODBUS_NO_VALUES, MODBUS_WORDS, MODBUS_BITS, MODBUS_COIL, MODBUS_MASK };

/* One thing that a request does; function 23 does two, those for file records one for each record. */
typedef struct {
    const uint8_t *values;
    uint32_t kind;
    uint32_t table;
    uint32_t form;
    uint32_t address;
    uint32_t quantity;
} modbus_part;

typedef struct {
    modbus_part parts[MODBUS_PARTS_MAX];
    size_t parts_len;
    uint8_t function;
} modbus_operation;

static inline uint32_t modbus_word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static inline void modbus_put(uint8_t *bytes, uint32_t word)
{
    bytes[0] = (uint8_t)(word >> 8 & 0xff);
    bytes[1] = (uint8_t)(word & 0xff);
}

static inline bool modbus_writes(const modbus_part *part)
{
    return part->form != MODBUS_NO_VALUES;
}

/* The value that is written at an address of the part; false if the request alone does not say it. */
static inline bool modbus_value(const modbus_part *part, uint32_t index, int64_t *value)
{
    switch (part->form) {
    case MODBUS_WORDS:
        *value = modbus_word(part->values + (size_t)index * 2);
        return true;
    case MODBUS_BITS:
        *value = part->values[index / 8] >> index % 8 & 1;
        return true;
    case MODBUS_COIL:
        *value = part->values[0] == 0xff;
        return true;
    case MODBUS_MASK:
        /* With bits that are kept the result is the device's to say, whatever was seen of it before. */
        *value = modbus_word(part->values + 2);
        return modbus_word(part->values) == 0;
    default:
        return false;
    }
}

static inline modbus_part *modbus_add(modbus_operation *operation, uint32_t kind, uint32_t table,
                                      uint32_t address, uint32_t quantity)
{
    modbus_part *part = &operation->parts[operation->parts_len++];
    part->values = NULL;
    part->kind = kind;
    part->table = table;
    part->form = MODBUS_NO_VALUES;
    part->address = address;
    part->quantity = quantity;
    return part;
}

/* Whether so many are allowed, and are there at the address. */
static inline uint32_t modbus_range(uint32_t address, uint32_t quantity, uint32_t most)
{
    if (quantity == 0 || quantity > most) {
        return MODBUS_ILLEGAL_VALUE;
    }
    return address + quantity > 0x10000 ? MODBUS_ILLEGAL_ADDRESS : 0;
}

/* Functions 1, 2, 3, 4, 24: an address, and but for the last a quantity. */
static inline uint32_t modbus_read(const uint8_t *pdu, size_t len, modbus_operation *operation)
{
    static const uint32_t tables[] = {
        MODBUS_HOLDING_REGISTERS, MODBUS_COILS, MODBUS_DISCRETE_INPUTS, MODBUS_HOLDING_REGISTERS,
        MODBUS_INPUT_REGISTERS
    };
    bool bits = pdu[0] <= 2, queue = pdu[0] == 24;
    uint32_t quantity, refused;
    if (len != (queue ? 3 : 5)) {
        return MODBUS_ILLEGAL_VALUE;
    }
    quantity = queue ? 1 : modbus_word(pdu + 3);
    refused = modbus_range(modbus_word(pdu + 1), quantity, bits ? 2000 : 125);
    if (refused == 0) {
        modbus_add(operation, bits ? MODBUS_READ_BITS : MODBUS_READ_REGISTERS,
                   tables[queue ? 0 : pdu[0]], modbus_word(pdu + 1), quantity);
    }
    return refused;
}

/* Functions 5, 6, 22: one address, and its value or masks. */
static inline uint32_t modbus_write_one(const uint8_t *pdu, size_t len, modbus_operation *operation)
{
    modbus_part *part;
    if (len != (pdu[0] == 22 ? 7 : 5)) {
        return MODBUS_ILLEGAL_VALUE;
    }
    if (pdu[0] == 5 && modbus_word(pdu + 3) != 0 && modbus_word(pdu + 3) != 0xff00) {
        return MODBUS_ILLEGAL_VALUE;
    }
    part = modbus_add(operation,
                      pdu[0] == 5 ? MODBUS_WRITE_COIL : pdu[0] == 6 ? MODBUS_WRITE_REGISTER : MODBUS_MASK_WRITE,
                      pdu[0] == 5 ? MODBUS_COILS : MODBUS_HOLDING_REGISTERS, modbus_word(pdu + 1), 1);
    part->values = pdu + 3;
    part->form = pdu[0] == 5 ? MODBUS_COIL : pdu[0] == 6 ? MODBUS_WORDS : MODBUS_MASK;
    return 0;
}

/* Functions 15, 16, and what 23 writes: address, quantity, bytes, values. */
static inline uint32_t modbus_write_many(const uint8_t *pdu, size_t len, uint32_t most, modbus_operation *operation)
{
    bool bits = pdu[0] == 15;
    const uint8_t *fields = pdu[0] == 23 ? pdu + 5 : pdu + 1;
    size_t head = pdu[0] == 23 ? 10 : 6;
    modbus_part *part;
    uint32_t address, quantity, refused;
    if (len < head) {
        return MODBUS_ILLEGAL_VALUE;
    }
    address = modbus_word(fields);
    quantity = modbus_word(fields + 2);
    if (fields[4] != (bits ? (quantity + 7) / 8 : quantity * 2) || len != head + fields[4]) {
        return MODBUS_ILLEGAL_VALUE;
    }
    refused = modbus_range(address, quantity, most);
    if (refused == 0) {
        part = modbus_add(operation, bits ? MODBUS_WRITE_COIL : MODBUS_WRITE_MULTIPLE,
                          bits ? MODBUS_COILS : MODBUS_HOLDING_REGISTERS, address, quantity);
        part->values = fields + 5;
        part->form = bits ? MODBUS_BITS : MODBUS_WORDS;
    }
    return refused;
}

/* Function 23: what is read, then what is written. */
static inline uint32_t modbus_read_write(const uint8_t *pdu, size_t len, modbus_operation *operation)
{
    uint32_t refused;
    if (len < 10) {
        return MODBUS_ILLEGAL_VALUE;
    }
    refused = modbus_range(modbus_word(pdu + 1), modbus_word(pdu + 3), 125);
    if (refused != 0) {
        return refused;
    }
    modbus_add(operation, MODBUS_READ_REGISTERS, MODBUS_HOLDING_REGISTERS, modbus_word(pdu + 1),
               modbus_word(pdu + 3));
    return modbus_write_many(pdu, len, 121, operation);
}

/* Functions 20, 21: records; a part's address is the file, its quantity the record's length in words. */
static inline uint32_t modbus_file(const uint8_t *pdu, size_t len, modbus_operation *operation)
{
    bool write = pdu[0] == 21;
    size_t at = 2, answered = 0;
    if (len < 2 || len != (size_t)2 + pdu[1] || pdu[1] < (write ? 9 : 7) || pdu[1] > (write ? 251 : 245)) {
        return MODBUS_ILLEGAL_VALUE;
    }
    while (at < len) {
        uint32_t words;
        if (len - at < 7 || pdu[at] != 6) {
            return MODBUS_ILLEGAL_VALUE;
        }
        words = modbus_word(pdu + at + 5);
        if (modbus_word(pdu + at + 1) == 0 || modbus_word(pdu + at + 3) > 9999) {
            return MODBUS_ILLEGAL_ADDRESS;
        }
        if (words == 0 || (write && words > (len - at - 7) / 2)) {
            return MODBUS_ILLEGAL_VALUE;
        }
        answered += 2 + (size_t)words * 2;
        if (!write && answered > 245) {
            return MODBUS_ILLEGAL_VALUE;
        }
        modbus_add(operation, MODBUS_FILE_RECORD, MODBUS_DEVICE, modbus_word(pdu + at + 1), words);
        at += 7 + (write ? (size_t)words * 2 : 0);
    }
    return 0;
}

/* What is asked of the device as a whole. */
static inline uint32_t modbus_device(const uint8_t *pdu, size_t len, modbus_operation *operation)
{
    uint32_t kind = MODBUS_VENDOR, address = 0;
    switch (pdu[0]) {
    case 7: case 11: case 12: case 17:
        if (len != 1) {
            return MODBUS_ILLEGAL_VALUE;
        }
        kind = pdu[0] == 17 ? MODBUS_IDENTIFY : MODBUS_DIAGNOSTICS;
        break;
    case 8:
        if (len < 3 || len % 2 == 0) {
            return MODBUS_ILLEGAL_VALUE;
        }
        kind = MODBUS_DIAGNOSTICS;
        address = modbus_word(pdu + 1);
        break;
    case 43:
        if (len < 2) {
            return MODBUS_ILLEGAL_VALUE;
        }
        address = pdu[1];
        if (address == 14) {
            if (len != 4 || pdu[2] < 1 || pdu[2] > 4) {
                return MODBUS_ILLEGAL_VALUE;
            }
            kind = MODBUS_IDENTIFY;
        }
        break;
    default:
        break;
    }
    modbus_add(operation, kind, MODBUS_DEVICE, address, 0);
    return 0;
}

/*
 * Reads a request without its header; 0, or the exception that it is answered with. The operation's values
 * are lent from the request.
 */
static inline uint32_t modbus_parse(const uint8_t *pdu, size_t len, modbus_operation *operation)
{
    operation->parts_len = 0;
    operation->function = 0;
    if (len == 0 || len > MODBUS_LENGTH_MAX - 1) {
        return MODBUS_ILLEGAL_VALUE;
    }
    operation->function = pdu[0];
    switch (pdu[0]) {
    case 1: case 2: case 3: case 4: case 24:
        return modbus_read(pdu, len, operation);
    case 5: case 6: case 22:
        return modbus_write_one(pdu, len, operation);
    case 15:
        return modbus_write_many(pdu, len, 1968, operation);
    case 16:
        return modbus_write_many(pdu, len, 123, operation);
    case 20: case 21:
        return modbus_file(pdu, len, operation);
    case 23:
        return modbus_read_write(pdu, len, operation);
    default:
        return modbus_device(pdu, len, operation);
    }
}

#endif /* TRAPKEY_EXAMPLES_MODBUS_H */
