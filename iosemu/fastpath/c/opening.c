/* ESP packets into frames for hosts: decrypted and joined (engines/esp/bulk.py, coalesce.py). */

#include "native.h"

#include <math.h>

enum { JOINED = 65000, STAMP = 12, ACK = 0x10, PSH = 0x08 };

typedef struct {
    int first, count;
    size_t begin, size, length, octets;
    uint32_t following;
    uint8_t flags;
} Run;

/* What must be true of a time stamp, and by how much one was off at most. */
typedef struct {
    int wanted;
    double now, window, delta;
} Time;

/* What is inside an ESP packet of a group, if it is a plain packet with the addresses of the outer header. */
static Octets inside(Key *key, Octets frame, size_t start, uint8_t *out, Time *time)
{
    Octets none = {NULL, 0};
    if (frame.length < start + ESP)
        return none;
    Octets plain = open_one(key, frame.at + start, frame.length - start, out);
    if (plain.at == NULL || plain.length < IP + 2)
        return none;
    size_t padding = plain.at[plain.length - 2], total = get16(plain.at + 2);
    if (plain.at[plain.length - 1] != NEXT_IPV4 || plain.at[0] != 0x45 || total < IP ||
        padding + 2 + total > plain.length)
        return none;
    size_t end = plain.length - 2 - padding;
    for (size_t i = 0; i < padding; i++)
        if (plain.at[end + i] != i + 1)
            return none;
    if (memcmp(plain.at + 12, frame.at + start - 8, 8) != 0)
        return none;
    if (time->wanted) {
        if (end - total != STAMP || memcmp(plain.at + total, "PsTm", 4) != 0)
            return none;
        const uint8_t *stamp = plain.at + total + 4;
        double away = fabs(time->now - (double)((uint64_t)get32(stamp) << 32 | get32(stamp + 4)) / 1000);
        if (!(away < time->window))
            return none;
        time->delta = away > time->delta ? away : time->delta;
    }
    return (Octets){plain.at, total};
}

static int tcp_sound(Octets packet)
{
    return (words(packet.at + 12, packet.length - 12) + TCP + packet.length - IP) % 0xffff == 0;
}

static int alike(const uint8_t *a, const uint8_t *b, size_t begin)
{
    return memcmp(a, b, 2) == 0 && memcmp(a + 6, b + 6, 4) == 0 && memcmp(a + 12, b + 12, 12) == 0 &&
           memcmp(a + 28, b + 28, 5) == 0 && memcmp(a + 34, b + 34, 2) == 0 && memcmp(a + 40, b + 40, begin - 40) == 0;
}

/* See coalesce.py. */
static int join(const Octets *packets, int count, Run *runs)
{
    int made = 0, growing = 0;
    for (int i = 0; i < count; i++) {
        Octets packet = packets[i];
        const uint8_t *at = packet.at;
        size_t begin = 0, data = 0;
        if (at != NULL && at[9] == TCP && packet.length >= 40 && !(at[6] & 0x3f) && !at[7]) {
            begin = IP + (size_t)(at[32] >> 4) * 4;
            if ((at[33] & ~PSH) == ACK && begin >= 40 && begin < packet.length)
                data = packet.length - begin;
        }
        int sound = data > 0 && words(at, IP) % 0xffff == 0 && tcp_sound(packet);
        Run *run = growing ? &runs[made - 1] : NULL;
        if (run != NULL && sound && get32(at + 24) == run->following && begin == run->begin && data <= run->size &&
            run->length + data <= JOINED && alike(packets[run->first].at, at, begin)) {
            run->count++, run->length += data, run->octets += packet.length, run->flags = at[33];
            run->following += (uint32_t)data;
            growing = data == run->size && at[33] == ACK;
            continue;
        }
        growing = sound && at[33] == ACK;
        uint32_t following = growing ? get32(at + 24) + (uint32_t)data : 0;
        runs[made++] = (Run){i, 1, begin, data, packet.length, packet.length, following, ACK};
    }
    return made;
}

static PyObject *joined(const Octets *packets, const Run *run)
{
    if (packets[run->first].at == NULL)
        return Py_BuildValue("Oiii", Py_None, run->first, 1, 0);
    PyObject *frame = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(VNET + run->length));
    if (frame == NULL)
        return NULL;
    uint8_t *offload = (uint8_t *)PyBytes_AS_STRING(frame), *head = offload + VNET, *end = head;
    memset(offload, 0, VNET);
    for (int i = 0; i < run->count; i++) {
        Octets packet = packets[run->first + i];
        size_t skipped = i ? run->begin : 0;
        memcpy(end, packet.at + skipped, packet.length - skipped);
        end += packet.length - skipped;
    }
    if (run->count > 1) {
        uint16_t fields[4] = {(uint16_t)run->begin, (uint16_t)run->size, IP, 16};
        offload[0] = NEEDS_CHECKSUM, offload[1] = GSO_TCP4;
        memcpy(offload + 2, fields, sizeof fields);
        put16(head + 2, (uint32_t)run->length), put16(head + 10, 0);
        put16(head + 10, folded(words(head, IP)) ^ 0xffff);
        head[IP + 13] = run->flags;
        put16(head + IP + 16, folded(words(head + 12, 8) + TCP + run->length - IP));
    }
    return Py_BuildValue("Niin", frame, run->first, run->count, (Py_ssize_t)run->octets);
}

/* open(frames, start, key, by_time, pseudotime, window): as pure.open; the pseudotime counts where there are stamps. */
PyObject *open_frames(PyObject *module, PyObject *args)
{
    PyObject *frames, *fast, *capsule, *list = NULL;
    Py_ssize_t start;
    Time time = {0};
    int count, made = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "OnOpdd", &frames, &start, &capsule, &time.wanted, &time.now, &time.window))
        return NULL;
    Key *key = PyCapsule_GetPointer(capsule, "key");
    Octets *found = key != NULL ? octets_of(frames, &fast, &count) : NULL;
    if (found == NULL)
        return NULL;
    size_t room = 0;
    for (int i = 0; i < count; i++)
        room += (found[i].length + 63) & ~(size_t)63;
    uint8_t *out = arena(key, room + 64);
    Run *runs = PyMem_RawMalloc(sizeof *runs * (size_t)(count + 1));
    if (out != NULL && runs != NULL && start >= IP) {
        Py_BEGIN_ALLOW_THREADS
        for (int i = 0; i < count; i++) {
            uint8_t *next = out + ((found[i].length + 63) & ~(size_t)63);
            found[i] = inside(key, found[i], (size_t)start, out, &time);
            out = next;
        }
        made = join(found, count, runs);
        Py_END_ALLOW_THREADS
        list = PyList_New(made);
    } else
        PyErr_NoMemory();
    for (int i = 0; list != NULL && i < made; i++) {
        PyObject *item = joined(found, &runs[i]);
        if (item == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, item);
    }
    PyMem_RawFree(runs);
    PyMem_RawFree(found);
    Py_DECREF(fast);
    return list != NULL ? Py_BuildValue("Nd", list, time.delta) : NULL;
}
