/* The heavy work on packets, as pure.py and ports/batches.py do it, while other threads may use the interpreter.

   Frames are bytes objects, each an offload header (virtio-net's, ten octets) and what follows it. Nothing here decides
   about a packet: flows, SAs, limits and counters are Python's. */

#ifndef IOSEMU_NATIVE_H
#define IOSEMU_NATIVE_H

#define PY_SSIZE_T_CLEAN
#define _GNU_SOURCE
#include <Python.h>
#include <openssl/evp.h>
#include <stdint.h>

/* One more whenever a function takes or returns something else: native.py works with no other. */
enum { INTERFACE = 1 };
enum { BATCH = 64, VNET = 10, IP = 20, ESP = 8, ICV = 16, LARGEST = VNET + 18 + 65535 };
enum { TCP = 6, PROTOCOL_ESP = 50, NEXT_IPV4 = 4, NEEDS_CHECKSUM = 1, GSO_TCP4 = 1 };

typedef struct {
    const uint8_t *at;
    size_t length;
} Octets;

static inline uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static inline uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }
static inline void put16(uint8_t *at, uint32_t value) { at[0] = (uint8_t)(value >> 8), at[1] = (uint8_t)value; }
static inline void put32(uint8_t *at, uint32_t value) { put16(at, value >> 16), put16(at + 2, value & 0xffff); }
static inline uint16_t host16(const uint8_t *at) { uint16_t value; memcpy(&value, at, 2); return value; }

/* The one's complement sum of the words of some octets, not yet folded (RFC 1071). */
static inline uint64_t words(const uint8_t *at, size_t length)
{
    uint64_t sum = 0;
    for (; length >= 4; at += 4, length -= 4) {
        uint32_t four;
        memcpy(&four, at, 4);
        sum += four;
    }
    uint8_t rest[4] = {0};
    memcpy(rest, at, length);
    uint32_t four;
    memcpy(&four, rest, 4);
    /* The words were read with their first octet last: a factor of 256 swaps them. */
    return (sum + four) % 0xffff * 256;
}

static inline uint16_t folded(uint64_t sum) { return (uint16_t)(sum ? (sum % 0xffff ? sum % 0xffff : 0xffff) : 0); }

typedef struct {
    enum { CBC_HMAC, GCM, GMAC } kind;
    size_t iv, icv, block;
    uint8_t salt[4];
    EVP_CIPHER_CTX *out, *in;
    EVP_MAC_CTX *mac;
    uint8_t *arena;
    size_t room;
} Key;

/* keys.c */
PyObject *make_key(PyObject *module, PyObject *args);
/* Room that belongs to a key and is used anew by each call; NULL where there is none. */
uint8_t *arena(Key *key, size_t room);
/* Seal in place: SPI, sequence number, IV, plaintext with its trailer, and room for the ICV. False where it fails. */
int seal_one(Key *key, uint8_t *esp, size_t plain);
/* Open into `out`, which is as long as what comes in; the plaintext, or no octets where there is none. */
Octets open_one(Key *key, const uint8_t *esp, size_t length, uint8_t *out);

/* devices.c */
PyObject *send_frames(PyObject *module, PyObject *args);
PyObject *receive_frames(PyObject *module, PyObject *args);
/* The octets of a sequence of bytes objects; NULL with an exception. They live until `fast` is released. */
Octets *octets_of(PyObject *frames, PyObject **fast, int *count);
/* A list of bytes objects; NULL with an exception. */
PyObject *list_of(const Octets *frames, int count);

/* sealing.c */
PyObject *seal_frames(PyObject *module, PyObject *args);

/* opening.c */
PyObject *open_frames(PyObject *module, PyObject *args);

#endif
