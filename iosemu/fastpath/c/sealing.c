/* Frames of hosts into ESP packets: cut, encrypted, with an outer header (engines/esp/bulk.py, ports/offload.py). */

#include "native.h"

enum { OUTER_TTL = 255, DF = 0x40, FIN_PSH = 0x09, CWR = 0x80 };

typedef struct {
    Key *key;
    int df;
    uint32_t spi, number, count, made;
    uint64_t nonces;
    const uint8_t *ivs;
    uint16_t identification;
    Octets stamp, front, *ready;
    size_t longest, slot;
    uint8_t *slots;
} Sealing;

/* One packet in two parts, of which the second one may be empty. False where it cannot be encrypted. */
static int seal_packet(Sealing *to, Octets head, const uint8_t *data, size_t length)
{
    Key *key = to->key;
    uint8_t *frame = to->slots + to->slot * to->made, *outer = frame + to->front.length;
    uint8_t *esp = outer + IP, *iv = esp + ESP, *text = iv + key->iv, *end = text;
    if (to->made == to->count || head.length < IP || head.length + length > to->longest)
        return 0;
    memcpy(frame, to->front.at, to->front.length);
    memcpy(end, head.at, head.length), end += head.length;
    memcpy(end, data, length), end += length;
    memcpy(end, to->stamp.at, to->stamp.length), end += to->stamp.length;
    size_t padding = (key->block - ((size_t)(end - text) + 2) % key->block) % key->block;
    for (size_t i = 1; i <= padding; i++)
        *end++ = (uint8_t)i;
    *end++ = (uint8_t)padding, *end++ = NEXT_IPV4;
    put32(esp, to->spi), put32(esp + 4, to->number);
    if (to->ivs != NULL)
        memcpy(iv, to->ivs + key->iv * to->made, key->iv);
    else
        put32(iv, (uint32_t)((to->nonces | to->number) >> 32)), put32(iv + 4, (uint32_t)(to->nonces | to->number));
    if (!seal_one(key, esp, (size_t)(end - text)))
        return 0;
    size_t total = (size_t)(end - outer) + key->icv;
    outer[0] = 0x45, outer[1] = head.at[1];
    put16(outer + 2, (uint32_t)total), put16(outer + 4, to->identification);
    put16(outer + 6, to->df < 0 ? (uint32_t)(head.at[6] & DF) << 8 : (uint32_t)to->df);
    outer[8] = OUTER_TTL, outer[9] = PROTOCOL_ESP, put16(outer + 10, 0);
    memcpy(outer + 12, head.at + 12, 8);
    put16(outer + 10, folded(words(outer, IP)) ^ 0xffff);
    to->ready[to->made++] = (Octets){frame, to->front.length + total};
    to->number++, to->identification++;
    return 1;
}

/* Cut a frame of many segments (see ports/offload.py). */
static int seal_segments(Sealing *to, Octets packet, size_t size)
{
    uint8_t head[IP + 60];
    size_t begin = packet.length >= IP + 20 ? IP + (size_t)(packet.at[IP + 12] >> 4) * 4 : 0;
    if (begin < IP + 20 || begin >= packet.length || size == 0)
        return 0;
    memcpy(head, packet.at, begin);
    uint16_t own = get16(head + 4);
    uint32_t sequence = get32(head + IP + 4);
    uint8_t flags = head[IP + 13];
    put32(head + 2, 0), put16(head + 10, 0), put16(head + IP + 16, 0), put32(head + IP + 4, 0), head[IP + 13] = 0;
    uint64_t network = words(head, IP), constant = words(head + 12, 8) + TCP + words(head + IP, begin - IP);
    for (size_t at = begin; at < packet.length; at += size, own++) {
        size_t data = packet.length - at < size ? packet.length - at : size, total = begin + data;
        uint8_t bits = flags & (at + size >= packet.length ? 0xff : 0xff ^ FIN_PSH) & (at == begin ? 0xff : 0xff ^ CWR);
        uint32_t from = sequence + (uint32_t)(at - begin);
        put16(head + 2, (uint32_t)total), put16(head + 4, own);
        put16(head + 10, folded(network + total + own) ^ 0xffff);
        put32(head + IP + 4, from), head[IP + 13] = bits;
        uint64_t sum = constant + words(packet.at + at, data) + (total - IP) + (from >> 16) + (from & 0xffff) + bits;
        put16(head + IP + 16, folded(sum) ^ 0xffff);
        if (!seal_packet(to, (Octets){head, begin}, packet.at + at, data))
            return 0;
    }
    return 1;
}

static int seal_frame(Sealing *to, Octets frame)
{
    if (frame.length < VNET + IP)
        return 0;
    Octets packet = {frame.at + VNET, frame.length - VNET}, none = {(const uint8_t *)"", 0};
    size_t start = host16(frame.at + 6), at = start + host16(frame.at + 8);
    if (frame.at[1])
        return seal_segments(to, packet, host16(frame.at + 4));
    if (!(frame.at[0] & NEEDS_CHECKSUM))
        return seal_packet(to, packet, none.at, 0);
    uint8_t *whole = at + 2 <= packet.length ? PyMem_RawMalloc(packet.length) : NULL;
    if (whole == NULL)
        return 0;
    uint16_t checksum = folded(words(packet.at + start, packet.length - start)) ^ 0xffff;
    memcpy(whole, packet.at, packet.length), put16(whole + at, checksum ? checksum : 0xffff);
    int good = seal_packet(to, (Octets){whole, packet.length}, none.at, 0);
    PyMem_RawFree(whole);
    return good;
}

/* seal(frames, key, spi, number, count, longest, nonces, ivs, stamp, df, identification, front): see pure.py. There
   are `count` packets of at most `longest` octets. `ivs` is None where they are `nonces` with the number. `df` is -1
   where it is copied. Raises ValueError for what does not fit. */
PyObject *seal_frames(PyObject *module, PyObject *args)
{
    Sealing to = {0};
    PyObject *frames, *fast, *capsule, *list = NULL;
    Py_buffer ivs, stamp, front;
    Py_ssize_t longest;
    unsigned long long nonces;
    unsigned int identification;
    int count, good = 1;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOIIInKz*y*iIy*", &frames, &capsule, &to.spi, &to.number, &to.count, &longest,
                          &nonces, &ivs, &stamp, &to.df, &identification, &front))
        return NULL;
    to.key = PyCapsule_GetPointer(capsule, "key");
    Octets *found = to.key != NULL ? octets_of(frames, &fast, &count) : NULL;
    if (found != NULL) {
        to.nonces = nonces, to.identification = (uint16_t)identification, to.ivs = ivs.buf;
        to.stamp = (Octets){stamp.buf, (size_t)stamp.len}, to.front = (Octets){front.buf, (size_t)front.len};
        to.longest = (size_t)longest;
        to.slot = (to.front.length + IP + ESP + to.key->iv + to.longest + to.stamp.length + 18 + 64 + 63) & ~(size_t)63;
        good = longest >= IP && longest <= 0xffff && to.count <= 0xffff && stamp.len <= 64 && front.len <= 64 &&
               (to.ivs != NULL ? (size_t)ivs.len >= to.key->iv * to.count : to.key->iv == 8);
        to.slots = good ? arena(to.key, to.slot * (to.count + 1)) : NULL;
        to.ready = PyMem_RawMalloc(sizeof *to.ready * (to.count + 1));
        if (to.slots != NULL && to.ready != NULL) {
            Py_BEGIN_ALLOW_THREADS
            for (int i = 0; good && i < count; i++)
                good = seal_frame(&to, found[i]);
            Py_END_ALLOW_THREADS
            if (good && to.made == to.count)
                list = list_of(to.ready, (int)to.made);
        }
        if (list == NULL && !PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "frames that do not fit");
        PyMem_RawFree(to.ready);
        PyMem_RawFree(found);
        Py_DECREF(fast);
    }
    PyBuffer_Release(&ivs), PyBuffer_Release(&stamp), PyBuffer_Release(&front);
    return list;
}
