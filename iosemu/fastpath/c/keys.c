/* The keys of an SA at work (RFC 4303, 4106, 4543): one context for its whole life, as crypto/esp_ciphers.py has it. */

#include "native.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

static void key_free(PyObject *capsule)
{
    Key *key = PyCapsule_GetPointer(capsule, "key");
    EVP_CIPHER_CTX_free(key->out);
    EVP_CIPHER_CTX_free(key->in);
    EVP_MAC_CTX_free(key->mac);
    PyMem_RawFree(key->arena);
    PyMem_RawFree(key);
}

uint8_t *arena(Key *key, size_t room)
{
    if (room > key->room) {
        uint8_t *made = PyMem_RawRealloc(key->arena, room);
        if (made == NULL)
            return NULL;
        key->arena = made, key->room = room;
    }
    return key->arena;
}

static int set_cipher(Key *key, const char *name, const Py_buffer *secret)
{
    const EVP_CIPHER *cipher = EVP_get_cipherbyname(name);
    uint8_t zero[16] = {0}, *iv = key->kind == CBC_HMAC ? zero : NULL;
    key->out = EVP_CIPHER_CTX_new(), key->in = EVP_CIPHER_CTX_new();
    return cipher != NULL && key->out != NULL && key->in != NULL && EVP_CIPHER_get_key_length(cipher) == secret->len &&
           EVP_EncryptInit_ex(key->out, cipher, NULL, secret->buf, iv) == 1 &&
           EVP_DecryptInit_ex(key->in, cipher, NULL, secret->buf, iv) == 1 &&
           EVP_CIPHER_CTX_set_padding(key->out, 0) == 1 && EVP_CIPHER_CTX_set_padding(key->in, 0) == 1;
}

static int set_mac(Key *key, char *hash, const uint8_t *octets, size_t length)
{
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, hash, 0),
                               OSSL_PARAM_construct_end()};
    key->mac = algorithm != NULL ? EVP_MAC_CTX_new(algorithm) : NULL;
    EVP_MAC_free(algorithm);
    return key->mac != NULL && EVP_MAC_init(key->mac, octets, length, parameters) == 1;
}

/* key(kind, cipher, encryption_key, salt, hash, integrity_key, iv, icv, block): those of an SA; raises ValueError. */
PyObject *make_key(PyObject *module, PyObject *args)
{
    const char *kind, *cipher;
    char *hash;
    Py_buffer secret, salt, integrity;
    Py_ssize_t iv, icv, block;
    (void)module;
    if (!PyArg_ParseTuple(args, "ssy*y*sy*nnn", &kind, &cipher, &secret, &salt, &hash, &integrity, &iv, &icv, &block))
        return NULL;
    Key *key = PyMem_RawCalloc(1, sizeof *key);
    PyObject *capsule = key != NULL ? PyCapsule_New(key, "key", key_free) : PyErr_NoMemory();
    if (capsule != NULL) {
        key->kind = strcmp(kind, "gcm") == 0 ? GCM : strcmp(kind, "gmac") == 0 ? GMAC : CBC_HMAC;
        key->iv = (size_t)iv, key->icv = (size_t)icv, key->block = (size_t)block;
        int good = (salt.len == (key->kind == CBC_HMAC ? 0 : 4)) && iv <= 16 && icv <= 64 && block >= 4 && block <= 16;
        if (good)
            memcpy(key->salt, salt.buf, (size_t)salt.len);
        good = good && (*cipher == 0 || set_cipher(key, cipher, &secret));
        good = good && (*hash == 0 || set_mac(key, hash, integrity.buf, (size_t)integrity.len));
        if (!good || (key->kind != CBC_HMAC && key->out == NULL)) {
            PyErr_SetString(PyExc_ValueError, "keys that do not fit");
            Py_CLEAR(capsule);
        }
    }
    PyBuffer_Release(&secret), PyBuffer_Release(&salt), PyBuffer_Release(&integrity);
    return capsule;
}

static int mac(Key *key, const uint8_t *at, size_t length, uint8_t *code)
{
    size_t made = 0;
    return EVP_MAC_init(key->mac, NULL, 0, NULL) == 1 && EVP_MAC_update(key->mac, at, length) == 1 &&
           EVP_MAC_final(key->mac, code, &made, 64) == 1;
}

static void nonce_of(const Key *key, const uint8_t *iv, uint8_t *nonce)
{
    memcpy(nonce, key->salt, 4), memcpy(nonce + 4, iv, 8);
}

int seal_one(Key *key, uint8_t *esp, size_t plain)
{
    int n;
    uint8_t *iv = esp + ESP, *text = iv + key->iv, code[64], nonce[12];
    if (key->kind == CBC_HMAC) {
        if (key->out != NULL && EVP_EncryptUpdate(key->out, iv, &n, iv, (int)(key->iv + plain)) != 1)
            return 0;
        if (key->mac == NULL)
            return 1;
        if (!mac(key, esp, ESP + key->iv + plain, code))
            return 0;
        memcpy(text + plain, code, key->icv);
        return 1;
    }
    nonce_of(key, iv, nonce);
    size_t clear = key->kind == GCM ? ESP : ESP + key->iv + plain;
    return EVP_EncryptInit_ex(key->out, NULL, NULL, NULL, nonce) == 1 &&
           EVP_EncryptUpdate(key->out, NULL, &n, esp, (int)clear) == 1 &&
           (key->kind == GMAC || EVP_EncryptUpdate(key->out, text, &n, text, (int)plain) == 1) &&
           EVP_EncryptFinal_ex(key->out, text + plain, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(key->out, EVP_CTRL_AEAD_GET_TAG, ICV, text + plain) == 1;
}

Octets open_one(Key *key, const uint8_t *esp, size_t length, uint8_t *out)
{
    Octets none = {NULL, 0};
    int n;
    uint8_t code[64], nonce[12];
    if (length < ESP + key->iv + key->icv)
        return none;
    size_t plain = length - ESP - key->iv - key->icv;
    const uint8_t *iv = esp + ESP, *text = iv + key->iv, *icv = text + plain;
    if (key->kind == CBC_HMAC) {
        if (key->out != NULL && plain % key->iv != 0)
            return none;
        if (key->mac != NULL && !mac(key, esp, ESP + key->iv + plain, code))
            return none;
        if (key->mac != NULL && CRYPTO_memcmp(code, icv, key->icv) != 0)
            return none;
        if (key->in == NULL)
            memcpy(out, iv, key->iv + plain);
        else if (EVP_DecryptUpdate(key->in, out, &n, iv, (int)(key->iv + plain)) != 1)
            return none;
        return (Octets){out + key->iv, plain};
    }
    nonce_of(key, iv, nonce);
    size_t clear = key->kind == GCM ? ESP : ESP + key->iv + plain;
    if (EVP_DecryptInit_ex(key->in, NULL, NULL, NULL, nonce) != 1 ||
        EVP_DecryptUpdate(key->in, NULL, &n, esp, (int)clear) != 1)
        return none;
    if (key->kind == GMAC)
        memcpy(out, text, plain);
    else if (EVP_DecryptUpdate(key->in, out, &n, text, (int)plain) != 1)
        return none;
    if (EVP_CIPHER_CTX_ctrl(key->in, EVP_CTRL_AEAD_SET_TAG, ICV, (void *)icv) != 1 ||
        EVP_DecryptFinal_ex(key->in, code, &n) != 1)
        return none;
    return (Octets){out, plain};
}
