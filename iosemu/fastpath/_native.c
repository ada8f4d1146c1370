/* The heavy work on packets, as pure.py and ports/batches.py do it.

   Frames are bytes objects, each an offload header (virtio-net's, ten octets) and what follows it. Nothing here decides
   about a packet: flows, SAs, limits and counters are Python's. Nothing here relies on what a frame says of itself, nor
   on arguments that fit each other: what would leave its memory is refused. */

#define PY_SSIZE_T_CLEAN
#define _GNU_SOURCE
#include <Python.h>
#include <errno.h>
#include <math.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* One more whenever a function takes or returns something else: native.py works with no other. */
enum { INTERFACE = 3 };
enum { BATCH = 64, VNET = 10, LARGEST = VNET + 18 + 65535, MOST = 65535 };
enum { IP = 20, TCP_HEAD = 20, ESP = 8, ICV = 16, STAMP = 12, MAC_MOST = 64, BLOCK_MOST = 16 };
enum { TCP = 6, PROTOCOL_ESP = 50, NEXT_IPV4 = 4, OUTER_TTL = 255, DF = 0x40 };
enum { FIN_PSH = 0x09, PSH = 0x08, ACK = 0x10, CWR = 0x80 };
enum { NEEDS_CHECKSUM = 1, GSO_TCP4 = 1, JOINED = 65000, OPEN = 8 };

/* ---- Octets, frames and sums ---- */

typedef struct {
    const uint8_t *at;
    size_t length;
} Octets;

typedef struct {
    PyObject *kept;
    Octets *list;
    int count;
} Frames;

static const Octets NONE = {NULL, 0};

static uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }
static void put16(uint8_t *at, uint32_t value) { at[0] = (uint8_t)(value >> 8), at[1] = (uint8_t)value; }
static void put32(uint8_t *at, uint32_t value) { put16(at, value >> 16), put16(at + 2, value & 0xffff); }
static uint16_t host16(const uint8_t *at) { uint16_t value; memcpy(&value, at, 2); return value; }
static size_t aligned(size_t length) { return (length + 63) & ~(size_t)63; }

/* The one's complement sum of the words of some octets, not yet folded (RFC 1071). */
static uint64_t words(const uint8_t *at, size_t length)
{
    uint64_t sum = 0;
    uint32_t four;
    for (; length >= 4; at += 4, length -= 4, sum += four)
        memcpy(&four, at, 4);
    four = 0;
    memcpy(&four, at, length);
    /* The words were read with their first octet last: a factor of 256 swaps them. */
    return (sum + four) % 0xffff * 256;
}

static uint16_t folded(uint64_t sum) { return (uint16_t)(sum ? (sum % 0xffff ? sum % 0xffff : 0xffff) : 0); }

static void put_ip_checksum(uint8_t *head)
{
    put16(head + 10, 0);
    put16(head + 10, folded(words(head, IP)) ^ 0xffff);
}

/* The sum of a TCP segment behind an IP header without options, with its pseudo header (RFC 9293 section 3.1). */
static uint64_t tcp_words(const uint8_t *packet, size_t length)
{
    return words(packet + 12, length - 12) + TCP + length - IP;
}

/* A converter for bytes of any length. */
static int octets_of(PyObject *object, void *into)
{
    if (!PyBytes_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "octets are bytes");
        return 0;
    }
    *(Octets *)into = (Octets){(const uint8_t *)PyBytes_AS_STRING(object), (size_t)PyBytes_GET_SIZE(object)};
    return 1;
}

static void let_go(Frames *frames)
{
    PyMem_RawFree(frames->list);
    Py_XDECREF(frames->kept);
}

/* A converter, the last one of a function: a sequence of bytes, which stay until the frames are let go. */
static int frames_of(PyObject *sequence, void *into)
{
    Frames *frames = into;
    PyObject *kept = PySequence_Tuple(sequence);
    Py_ssize_t count = kept != NULL ? PyTuple_GET_SIZE(kept) : 0;
    *frames = (Frames){kept, count <= MOST ? PyMem_RawMalloc(sizeof(Octets) * (size_t)(count + 1)) : NULL, 0};
    int good = kept != NULL && frames->list != NULL;
    if (kept != NULL && frames->list == NULL)
        PyErr_NoMemory();
    for (; good && frames->count < count; frames->count++)
        good = octets_of(PyTuple_GET_ITEM(kept, frames->count), &frames->list[frames->count]);
    if (!good)
        let_go(frames);
    return good;
}

static PyObject *list_of(const Octets *frames, int count)
{
    PyObject *list = PyList_New(count);
    for (int i = 0; list != NULL && i < count; i++) {
        PyObject *frame = PyBytes_FromStringAndSize((const char *)frames[i].at, (Py_ssize_t)frames[i].length);
        if (frame == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, frame);
    }
    return list;
}

/* ---- Keys: the SA at work (RFC 4303, 4106, 4543), one context for its whole life as in crypto/esp_ciphers.py ---- */

typedef struct {
    enum { CBC_HMAC, GCM, GMAC } kind;
    size_t iv, icv, block;
    uint8_t salt[4];
    EVP_CIPHER_CTX *out, *in;
    EVP_MAC_CTX *mac;
    /* Room that each call uses anew, and whether one is doing so. */
    uint8_t *arena;
    size_t room;
    int busy;
} Key;

static const char KEY[] = "iosemu.fastpath._native.key";

static void free_key(PyObject *capsule)
{
    Key *key = PyCapsule_GetPointer(capsule, KEY);
    EVP_CIPHER_CTX_free(key->out);
    EVP_CIPHER_CTX_free(key->in);
    EVP_MAC_CTX_free(key->mac);
    PyMem_RawFree(key->arena);
    PyMem_RawFree(key);
}

/* A converter. */
static int key_of(PyObject *capsule, void *into)
{
    *(Key **)into = PyCapsule_GetPointer(capsule, KEY);
    return *(Key **)into != NULL;
}

/* Work with a key until it is not busy any more, in as many slots; NULL where there is no room, or where a collection of
   garbage in the middle of the work comes back here. */
static uint8_t *begin_work(Key *key, size_t slots, size_t slot)
{
    if (key->busy || slots > SIZE_MAX / slot)
        return NULL;
    if (slots * slot > key->room) {
        uint8_t *made = PyMem_RawRealloc(key->arena, slots * slot);
        if (made == NULL)
            return NULL;
        key->arena = made, key->room = slots * slot;
    }
    key->busy = 1;
    return key->arena;
}

static int set_cipher(Key *key, const char *name, Octets secret)
{
    static const uint8_t zero[BLOCK_MOST];
    const EVP_CIPHER *cipher = EVP_get_cipherbyname(name);
    const uint8_t *iv = key->kind == CBC_HMAC ? zero : NULL;
    int mode = key->kind == CBC_HMAC ? EVP_CIPH_CBC_MODE : EVP_CIPH_GCM_MODE;
    key->out = EVP_CIPHER_CTX_new(), key->in = EVP_CIPHER_CTX_new();
    return cipher != NULL && key->out != NULL && key->in != NULL && EVP_CIPHER_get_mode(cipher) == mode &&
           (size_t)EVP_CIPHER_get_key_length(cipher) == secret.length &&
           (iv == NULL || ((size_t)EVP_CIPHER_get_block_size(cipher) == key->block && key->iv == key->block)) &&
           EVP_EncryptInit_ex(key->out, cipher, NULL, secret.at, iv) == 1 &&
           EVP_DecryptInit_ex(key->in, cipher, NULL, secret.at, iv) == 1 &&
           EVP_CIPHER_CTX_set_padding(key->out, 0) == 1 && EVP_CIPHER_CTX_set_padding(key->in, 0) == 1;
}

static int set_mac(Key *key, const char *hash, Octets secret)
{
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)hash, 0),
                               OSSL_PARAM_construct_end()};
    key->mac = algorithm != NULL ? EVP_MAC_CTX_new(algorithm) : NULL;
    EVP_MAC_free(algorithm);
    return key->mac != NULL && EVP_MAC_init(key->mac, secret.at, secret.length, parameters) == 1 &&
           key->icv <= EVP_MAC_CTX_get_mac_size(key->mac) && EVP_MAC_CTX_get_mac_size(key->mac) <= MAC_MOST;
}

/* key(kind, cipher, encryption_key, salt, hash, integrity_key, iv, icv, block): those of an SA, where `kind` is "cbc",
   "gcm" or "gmac", and `cipher` and `hash` are empty where there is none; raises ValueError. */
static PyObject *make_key(PyObject *module, PyObject *args)
{
    const char *kind, *cipher, *hash;
    Octets secret, salt, integrity;
    unsigned char iv, icv, block;
    (void)module;
    if (!PyArg_ParseTuple(args, "ssO&O&sO&bbb", &kind, &cipher, octets_of, &secret, octets_of, &salt, &hash, octets_of,
                          &integrity, &iv, &icv, &block))
        return NULL;
    Key *key = PyMem_RawCalloc(1, sizeof *key);
    PyObject *capsule = key != NULL ? PyCapsule_New(key, KEY, free_key) : PyErr_NoMemory();
    if (capsule == NULL) {
        PyMem_RawFree(key);
        return NULL;
    }
    key->kind = strcmp(kind, "gcm") == 0 ? GCM : strcmp(kind, "gmac") == 0 ? GMAC : CBC_HMAC;
    key->iv = iv, key->icv = icv, key->block = block;
    int good = block >= 4 && block <= BLOCK_MOST;
    if (key->kind != CBC_HMAC) {
        good = good && salt.length == sizeof key->salt && iv == 8 && icv == ICV && set_cipher(key, cipher, secret);
        memcpy(key->salt, salt.at, good ? sizeof key->salt : 0);
    } else
        good = good && (*cipher ? set_cipher(key, cipher, secret) : iv == 0) &&
               (*hash ? set_mac(key, hash, integrity) : icv == 0);
    if (!good) {
        PyErr_SetString(PyExc_ValueError, "keys that do not fit");
        Py_CLEAR(capsule);
    }
    return capsule;
}

static int mac(Key *key, const uint8_t *at, size_t length, uint8_t *code)
{
    size_t made = 0;
    return EVP_MAC_init(key->mac, NULL, 0, NULL) == 1 && EVP_MAC_update(key->mac, at, length) == 1 &&
           EVP_MAC_final(key->mac, code, &made, MAC_MOST) == 1;
}

static void nonce_of(const Key *key, const uint8_t *iv, uint8_t *nonce)
{
    memcpy(nonce, key->salt, 4), memcpy(nonce + 4, iv, 8);
}

/* Seal in place: SPI, sequence number, IV, plaintext with its trailer, and room for the ICV. False where it fails. */
static int seal_one(Key *key, uint8_t *esp, size_t plain)
{
    int n;
    uint8_t *iv = esp + ESP, *text = iv + key->iv, code[MAC_MOST], nonce[12];
    size_t whole = ESP + key->iv + plain;
    if (key->kind == CBC_HMAC) {
        /* The IV is a random block that is encrypted before the text, so that one context serves all packets. */
        if (key->out != NULL && EVP_EncryptUpdate(key->out, iv, &n, iv, (int)(key->iv + plain)) != 1)
            return 0;
        if (key->mac != NULL && !mac(key, esp, whole, code))
            return 0;
        memcpy(esp + whole, code, key->icv);
        return 1;
    }
    nonce_of(key, iv, nonce);
    return EVP_EncryptInit_ex(key->out, NULL, NULL, NULL, nonce) == 1 &&
           EVP_EncryptUpdate(key->out, NULL, &n, esp, (int)(key->kind == GCM ? ESP : whole)) == 1 &&
           (key->kind == GMAC || EVP_EncryptUpdate(key->out, text, &n, text, (int)plain) == 1) &&
           EVP_EncryptFinal_ex(key->out, code, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(key->out, EVP_CTRL_AEAD_GET_TAG, ICV, esp + whole) == 1;
}

/* Open into `out`, which is as long as what comes in; the plaintext with its trailer, or NONE. */
static Octets open_one(Key *key, const uint8_t *esp, size_t length, uint8_t *out)
{
    int n, good;
    uint8_t code[MAC_MOST], nonce[12];
    if (length < ESP + key->iv + key->icv || length > LARGEST)
        return NONE;
    size_t whole = length - key->icv, plain = whole - ESP - key->iv;
    const uint8_t *iv = esp + ESP, *text = iv + key->iv, *icv = esp + whole;
    if (key->in == NULL || key->kind == GMAC)
        memcpy(out, text, plain);
    if (key->kind == CBC_HMAC) {
        good = (key->in == NULL || plain % key->block == 0) &&
               (key->mac == NULL || (mac(key, esp, whole, code) && CRYPTO_memcmp(code, icv, key->icv) == 0)) &&
               (key->in == NULL || EVP_DecryptUpdate(key->in, out, &n, iv, (int)(key->iv + plain)) == 1);
        return good ? (Octets){out + key->iv, plain} : NONE;
    }
    nonce_of(key, iv, nonce);
    good = EVP_DecryptInit_ex(key->in, NULL, NULL, NULL, nonce) == 1 &&
           EVP_DecryptUpdate(key->in, NULL, &n, esp, (int)(key->kind == GCM ? ESP : whole)) == 1 &&
           (key->kind == GMAC || EVP_DecryptUpdate(key->in, out, &n, text, (int)plain) == 1) &&
           EVP_CIPHER_CTX_ctrl(key->in, EVP_CTRL_AEAD_SET_TAG, ICV, (void *)icv) == 1 &&
           EVP_DecryptFinal_ex(key->in, code, &n) == 1;
    return good ? (Octets){out, plain} : NONE;
}

/* ---- Devices, as ports/batches.py has them ---- */

typedef struct {
    struct iovec vectors[BATCH];
    struct mmsghdr messages[BATCH];
} Batch;

static void set_frame(Batch *batch, int number, const void *at, size_t length)
{
    batch->vectors[number] = (struct iovec){(void *)at, length};
    batch->messages[number] = (struct mmsghdr){{.msg_iov = &batch->vectors[number], .msg_iovlen = 1}, 0};
}

/* Send, without waiting. Numbers of those that did not go are put into `lost`; returns how many. */
static int send_all(int device, int is_socket, const Octets *frames, int count, int *lost)
{
    Batch batch;
    int missing = 0;
    for (int first = 0; first < count; first += BATCH) {
        int part = count - first < BATCH ? count - first : BATCH, done = 0;
        for (int i = 0; i < part; i++)
            set_frame(&batch, i, frames[first + i].at, frames[first + i].length);
        while (done < part) {
            const struct iovec *next = &batch.vectors[done];
            int sent = is_socket ? sendmmsg(device, batch.messages + done, (unsigned)(part - done), MSG_DONTWAIT)
                                 : (write(device, next->iov_base, next->iov_len) < 0 ? -1 : 1);
            /* No room: so for all that follow. Otherwise this one is what the kernel does not want. */
            int full = sent < 0 && is_socket && (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM);
            int until = full ? count : first + done + (sent < 0);
            for (int i = first + done; i < until; i++)
                lost[missing++] = i;
            if (full)
                return missing;
            done += sent < 0 ? 1 : sent;
        }
    }
    return missing;
}

/* send(device, is_socket, frames): the numbers of those that did not go. */
static PyObject *send_frames(PyObject *module, PyObject *args)
{
    int device, is_socket, missing = 0;
    Frames frames;
    (void)module;
    if (!PyArg_ParseTuple(args, "ipO&", &device, &is_socket, frames_of, &frames))
        return NULL;
    int *lost = PyMem_RawMalloc(sizeof *lost * (size_t)(frames.count + 1));
    if (lost != NULL)
        missing = send_all(device, is_socket, frames.list, frames.count, lost);
    PyObject *list = lost != NULL ? PyList_New(missing) : PyErr_NoMemory();
    for (int i = 0; list != NULL && i < missing; i++)
        PyList_SET_ITEM(list, i, PyLong_FromLong(lost[i]));
    PyMem_RawFree(lost);
    let_go(&frames);
    return list;
}

/* receive(device, is_socket, memory): at most BATCH frames; raises OSError. `memory` is a buffer of BATCH_OCTETS. */
static PyObject *receive_frames(PyObject *module, PyObject *args)
{
    int device, is_socket, count = 0;
    Py_buffer memory;
    Batch batch;
    Octets frames[BATCH];
    PyObject *list = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "ipw*", &device, &is_socket, &memory))
        return NULL;
    if (memory.len >= (Py_ssize_t)BATCH * LARGEST) {
        for (int i = 0; i < BATCH; i++)
            set_frame(&batch, i, (uint8_t *)memory.buf + (size_t)i * LARGEST, LARGEST);
        errno = EAGAIN;
        if (is_socket)
            count = recvmmsg(device, batch.messages, BATCH, MSG_DONTWAIT, NULL);
        else
            for (ssize_t got = 1; count < BATCH && got > 0; count += got > 0) {
                got = read(device, batch.vectors[count].iov_base, LARGEST);
                batch.messages[count].msg_len = (unsigned)got;
            }
        for (int i = 0; i < count; i++)
            frames[i] = (Octets){batch.vectors[i].iov_base, batch.messages[i].msg_len};
        list = count > 0 || errno == EAGAIN || errno == EINTR ? list_of(frames, count > 0 ? count : 0)
                                                              : PyErr_SetFromErrno(PyExc_OSError);
    } else
        PyErr_SetString(PyExc_ValueError, "memory is too small");
    PyBuffer_Release(&memory);
    return list;
}

/* ---- Sealing: frames of hosts, cut, encrypted, with an outer header (engines/esp/bulk.py, ports/offload.py) ---- */

typedef struct {
    Key *key;
    int df;
    uint32_t spi, number;
    uint16_t count, made, longest, identification;
    unsigned long long nonces;
    Octets ivs, stamp, front, *ready;
    size_t slot;
    uint8_t *slots;
} Sealing;

/* One packet in parts, of which the first one has the IP header. False where it cannot be encrypted. */
static int seal_packet(Sealing *to, const Octets *parts, int count)
{
    Key *key = to->key;
    const uint8_t *head = parts[0].at;
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += parts[i].length;
    if (to->made == to->count || parts[0].length < IP || length > to->longest)
        return 0;
    uint8_t *frame = to->slots + to->slot * to->made, *outer = frame + to->front.length;
    uint8_t *esp = outer + IP, *iv = esp + ESP, *text = iv + key->iv, *end = text;
    memcpy(frame, to->front.at, to->front.length);
    for (int i = 0; i < count; i++)
        memcpy(end, parts[i].at, parts[i].length), end += parts[i].length;
    memcpy(end, to->stamp.at, to->stamp.length), end += to->stamp.length;
    size_t padding = (key->block - ((size_t)(end - text) + 2) % key->block) % key->block;
    for (size_t i = 1; i <= padding; i++)
        *end++ = (uint8_t)i;
    *end++ = (uint8_t)padding, *end++ = NEXT_IPV4;
    put32(esp, to->spi), put32(esp + 4, to->number);
    if (key->kind == CBC_HMAC)
        memcpy(iv, to->ivs.at + key->iv * to->made, key->iv);
    else
        put32(iv, (uint32_t)(to->nonces >> 32)), put32(iv + 4, (uint32_t)to->nonces | to->number);
    if (!seal_one(key, esp, (size_t)(end - text)))
        return 0;
    size_t total = (size_t)(end - outer) + key->icv;
    outer[0] = 0x45, outer[1] = head[1];
    put16(outer + 2, (uint32_t)total), put16(outer + 4, to->identification);
    put16(outer + 6, to->df < 0 ? (uint32_t)(head[6] & DF) << 8 : (uint32_t)to->df);
    outer[8] = OUTER_TTL, outer[9] = PROTOCOL_ESP;
    memcpy(outer + 12, head + 12, 8);
    put_ip_checksum(outer);
    to->ready[to->made++] = (Octets){frame, to->front.length + total};
    to->number++, to->identification++;
    return 1;
}

/* Cut a frame of many segments (see ports/offload.py). */
static int seal_segments(Sealing *to, Octets packet, size_t size)
{
    uint8_t head[IP + 60];
    size_t begin = packet.length >= IP + TCP_HEAD ? IP + (size_t)(packet.at[IP + 12] >> 4) * 4 : 0;
    if (begin < IP + TCP_HEAD || begin >= packet.length || size == 0)
        return 0;
    memcpy(head, packet.at, begin);
    uint32_t own = get16(head + 4), sequence = get32(head + IP + 4), flags = head[IP + 13];
    for (size_t at = begin, data; at < packet.length; at += data) {
        data = packet.length - at < size ? packet.length - at : size;
        put16(head + 2, (uint32_t)(begin + data)), put16(head + 4, own++), put_ip_checksum(head);
        put32(head + IP + 4, sequence + (uint32_t)(at - begin));
        head[IP + 13] = (uint8_t)(flags & (at + data < packet.length ? ~FIN_PSH : ~0) & (at > begin ? ~CWR : ~0));
        put16(head + IP + 16, 0);
        put16(head + IP + 16, folded(tcp_words(head, begin) + data + words(packet.at + at, data)) ^ 0xffff);
        if (!seal_packet(to, (Octets[]){{head, begin}, {packet.at + at, data}}, 2))
            return 0;
    }
    return 1;
}

static int seal_frame(Sealing *to, Octets frame)
{
    if (frame.length < VNET + IP)
        return 0;
    Octets packet = {frame.at + VNET, frame.length - VNET};
    size_t start = host16(frame.at + 6), at = start + host16(frame.at + 8);
    if (frame.at[1])
        return seal_segments(to, packet, host16(frame.at + 4));
    if (!(frame.at[0] & NEEDS_CHECKSUM))
        return seal_packet(to, &packet, 1);
    if (at + 2 > packet.length)
        return 0;
    uint16_t checksum = folded(words(packet.at + start, packet.length - start)) ^ 0xffff;
    uint8_t sum[2];
    put16(sum, checksum ? checksum : 0xffff);
    return seal_packet(to, (Octets[]){{packet.at, at}, {sum, 2}, {packet.at + at + 2, packet.length - at - 2}}, 3);
}

/* seal(key, spi, number, count, longest, nonces, ivs, stamp, df, identification, front, frames): see pure.py. There are
   `count` packets of at most `longest` octets. IVs are `nonces` with the number where the key has a counter mode, and
   `df` is -1 where it is copied. Raises ValueError for what does not fit. */
static PyObject *seal_frames(PyObject *module, PyObject *args)
{
    Sealing to = {0};
    Frames frames;
    PyObject *list = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "O&IIHHKO&O&iHO&O&", key_of, &to.key, &to.spi, &to.number, &to.count, &to.longest,
                          &to.nonces, octets_of, &to.ivs, octets_of, &to.stamp, &to.df, &to.identification, octets_of,
                          &to.front, frames_of, &frames))
        return NULL;
    Key *key = to.key;
    to.slot = aligned(to.front.length + IP + ESP + key->iv + to.longest + to.stamp.length + BLOCK_MOST + 2 + MAC_MOST);
    to.ready = PyMem_RawMalloc(sizeof *to.ready * (to.count + 1u));
    if (to.ready != NULL && (key->kind != CBC_HMAC || to.ivs.length >= key->iv * to.count))
        to.slots = begin_work(key, to.count + 1u, to.slot);
    if (to.slots != NULL) {
        int good = 1;
        for (int i = 0; good && i < frames.count; i++)
            good = seal_frame(&to, frames.list[i]);
        if (good && to.made == to.count)
            list = list_of(to.ready, to.made);
        key->busy = 0;
    }
    if (list == NULL && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "frames that do not fit");
    PyMem_RawFree(to.ready);
    let_go(&frames);
    return list;
}

/* ---- Opening: ESP packets into frames for hosts, decrypted and joined (engines/esp/bulk.py, coalesce.py) ---- */

/* What must be true of a time stamp, and by how much one was off at most. */
typedef struct {
    int wanted;
    double now, window, delta;
} Time;

/* Segments that follow each other, from the first to the last one by `next`. */
typedef struct {
    int first, last, count;
    size_t begin, size, length, octets;
    uint32_t following;
    uint8_t flags;
} Run;

/* Those that may still grow, the oldest one first. */
typedef struct {
    Run *runs[OPEN];
    int count;
} Growing;

/* What is inside an ESP packet of a group, if it is a plain packet with the addresses of the outer header. */
static Octets inside(Key *key, Octets frame, size_t start, uint8_t *out, Time *time)
{
    Octets plain = frame.length > start ? open_one(key, frame.at + start, frame.length - start, out) : NONE;
    if (plain.length < IP + 2)
        return NONE;
    size_t padding = plain.at[plain.length - 2], total = get16(plain.at + 2);
    if (plain.at[plain.length - 1] != NEXT_IPV4 || plain.at[0] != 0x45 || total < IP ||
        padding + 2 + total > plain.length || memcmp(plain.at + 12, frame.at + start - 8, 8) != 0)
        return NONE;
    size_t end = plain.length - 2 - padding;
    for (size_t i = 0; i < padding; i++)
        if (plain.at[end + i] != i + 1)
            return NONE;
    if (time->wanted) {
        const uint8_t *stamp = plain.at + total;
        if (end - total != STAMP || memcmp(stamp, "PsTm", 4) != 0)
            return NONE;
        double away = fabs(time->now - (double)((uint64_t)get32(stamp + 4) << 32 | get32(stamp + 8)) / 1000);
        if (!(away < time->window))
            return NONE;
        time->delta = away > time->delta ? away : time->delta;
    }
    return (Octets){plain.at, total};
}

static int alike(const uint8_t *a, const uint8_t *b, size_t begin)
{
    return memcmp(a, b, 2) == 0 && memcmp(a + 6, b + 6, 4) == 0 && memcmp(a + 12, b + 12, 12) == 0 &&
           memcmp(a + 28, b + 28, 5) == 0 && memcmp(a + 34, b + 34, 2) == 0 && memcmp(a + 40, b + 40, begin - 40) == 0;
}

static void end_run(Growing *growing, int number)
{
    growing->count--;
    for (int i = number; i < growing->count; i++)
        growing->runs[i] = growing->runs[i + 1];
}

/* See coalesce.py. `next` has the packet that follows each one in its run; returns the number of runs. */
static int join(const Octets *packets, int count, Run *runs, int *next)
{
    int made = 0;
    Growing growing = {.count = 0};
    for (int i = 0; i < count; i++) {
        Octets packet = packets[i];
        const uint8_t *at = packet.at;
        size_t begin = 0, data = 0;
        int number = 0, tcp = at != NULL && at[9] == TCP, sound = 0;
        next[i] = -1;
        if (tcp && packet.length >= IP + TCP_HEAD && !(at[6] & 0x3f) && !at[7]) {
            while (number < growing.count && memcmp(packets[growing.runs[number]->first].at + 12, at + 12, 12) != 0)
                number++;
            begin = IP + (size_t)(at[32] >> 4) * 4;
            if ((at[33] & ~PSH) == ACK && begin >= IP + TCP_HEAD && begin < packet.length)
                data = packet.length - begin;
            sound = data > 0 && words(at, IP) % 0xffff == 0 && tcp_words(at, packet.length) % 0xffff == 0;
        } else if (tcp)
            /* Nobody knows what it is a part of: nothing may overtake it. */
            growing.count = 0;
        Run *run = number < growing.count && tcp ? growing.runs[number] : NULL;
        if (run != NULL && sound && get32(at + 24) == run->following && begin == run->begin && data <= run->size &&
            run->length + data <= JOINED && alike(packets[run->first].at, at, begin)) {
            next[run->last] = i, run->last = i;
            run->count++, run->length += data, run->octets += packet.length, run->flags = at[33];
            run->following += (uint32_t)data;
            if (data < run->size || at[33] != ACK)
                end_run(&growing, number);
            continue;
        }
        if (run != NULL)
            end_run(&growing, number);
        runs[made] = (Run){i, i, 1, begin, data, packet.length, packet.length, 0, ACK};
        if (sound && at[33] == ACK) {
            runs[made].following = get32(at + 24) + (uint32_t)data;
            if (growing.count == OPEN)
                end_run(&growing, 0);
            growing.runs[growing.count++] = &runs[made];
        }
        made++;
    }
    return made;
}

/* The frame of a run, and which packets are in it. */
static PyObject *joined(const Octets *packets, const Run *run, const int *next)
{
    PyObject *numbers = PyTuple_New(run->count), *frame = NULL;
    for (int i = run->first, n = 0; numbers != NULL && i >= 0; i = next[i], n++)
        PyTuple_SET_ITEM(numbers, n, PyLong_FromLong(i));
    if (numbers == NULL || packets[run->first].at == NULL)
        return numbers != NULL ? Py_BuildValue("ONi", Py_None, numbers, 0) : NULL;
    frame = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(VNET + run->length));
    if (frame == NULL) {
        Py_DECREF(numbers);
        return NULL;
    }
    uint8_t *offload = (uint8_t *)PyBytes_AS_STRING(frame), *head = offload + VNET, *end = head;
    memset(offload, 0, VNET);
    for (int i = run->first; i >= 0; i = next[i]) {
        size_t skipped = i == run->first ? 0 : run->begin;
        memcpy(end, packets[i].at + skipped, packets[i].length - skipped);
        end += packets[i].length - skipped;
    }
    if (run->count > 1) {
        uint16_t fields[4] = {(uint16_t)run->begin, (uint16_t)run->size, IP, 16};
        offload[0] = NEEDS_CHECKSUM, offload[1] = GSO_TCP4;
        memcpy(offload + 2, fields, sizeof fields);
        put16(head + 2, (uint32_t)run->length);
        put_ip_checksum(head);
        head[IP + 13] = run->flags;
        put16(head + IP + 16, folded(words(head + 12, 8) + TCP + run->length - IP));
    }
    return Py_BuildValue("NNn", frame, numbers, (Py_ssize_t)run->octets);
}

/* open(key, start, by_time, pseudotime, window, frames): as pure.open; the pseudotime counts where there are stamps. */
static PyObject *open_frames(PyObject *module, PyObject *args)
{
    Key *key;
    Py_ssize_t start;
    Time time = {0};
    Frames frames;
    PyObject *list = NULL;
    int made = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "O&npddO&", key_of, &key, &start, &time.wanted, &time.now, &time.window, frames_of,
                          &frames))
        return NULL;
    size_t longest = 1, count = (size_t)frames.count;
    for (size_t i = 0; i < count; i++)
        longest = frames.list[i].length > longest ? frames.list[i].length : longest;
    Run *runs = PyMem_RawMalloc(sizeof *runs * (count + 1));
    int *next = PyMem_RawMalloc(sizeof *next * (count + 1));
    uint8_t *out = runs != NULL && next != NULL && start >= IP ? begin_work(key, count + 1, aligned(longest)) : NULL;
    if (out != NULL) {
        for (size_t i = 0; i < count; i++)
            frames.list[i] = inside(key, frames.list[i], (size_t)start, out + aligned(longest) * i, &time);
        made = join(frames.list, frames.count, runs, next);
        list = PyList_New(made);
        for (int i = 0; list != NULL && i < made; i++) {
            PyObject *item = joined(frames.list, &runs[i], next);
            if (item == NULL)
                Py_CLEAR(list);
            else
                PyList_SET_ITEM(list, i, item);
        }
        key->busy = 0;
    } else
        PyErr_SetString(PyExc_ValueError, "frames that do not fit");
    PyMem_RawFree(runs), PyMem_RawFree(next);
    let_go(&frames);
    return list != NULL ? Py_BuildValue("Nd", list, time.delta) : NULL;
}

/* ---- The module ---- */

static PyMethodDef methods[] = {
    {"key", make_key, METH_VARARGS, "The keys of an SA."},
    {"receive", receive_frames, METH_VARARGS, "Frames of a device."},
    {"send", send_frames, METH_VARARGS, "Send frames by a device."},
    {"seal", seal_frames, METH_VARARGS, "The packets of frames in ESP."},
    {"open", open_frames, METH_VARARGS, "What is inside ESP packets, joined."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__native(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && (PyModule_AddIntConstant(module, "BATCH_OCTETS", BATCH * LARGEST) < 0 ||
                           PyModule_AddIntConstant(module, "INTERFACE", INTERFACE) < 0))
        Py_CLEAR(module);
    return module;
}
