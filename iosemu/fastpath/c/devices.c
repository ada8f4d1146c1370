/* Frames of devices, as ports/batches.py has them. */

#include "native.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Send, without waiting. Numbers of those that did not go are put into `lost`; returns how many. */
static int send_all(int device, int socket, const Octets *frames, int count, int *lost)
{
    struct iovec vectors[BATCH];
    struct mmsghdr messages[BATCH];
    int missing = 0;
    for (int first = 0; first < count; first += BATCH) {
        int part = count - first < BATCH ? count - first : BATCH, done = 0;
        memset(messages, 0, sizeof messages);
        for (int i = 0; i < part; i++) {
            vectors[i] = (struct iovec){(void *)frames[first + i].at, frames[first + i].length};
            messages[i].msg_hdr.msg_iov = &vectors[i], messages[i].msg_hdr.msg_iovlen = 1;
        }
        while (done < part) {
            int sent = socket ? sendmmsg(device, messages + done, (unsigned)(part - done), MSG_DONTWAIT)
                              : (write(device, vectors[done].iov_base, vectors[done].iov_len) < 0 ? -1 : 1);
            if (sent < 0) {
                /* No room: so for all that follow. Otherwise this one is what the kernel does not want. */
                int full = socket && (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM);
                int until = full ? count : first + done + 1;
                for (int i = first + done; i < until; i++)
                    lost[missing++] = i;
                if (full)
                    return missing;
                sent = 1;
            }
            done += sent;
        }
    }
    return missing;
}

Octets *octets_of(PyObject *frames, PyObject **fast, int *count)
{
    *fast = PySequence_Fast(frames, "frames are a sequence");
    if (*fast == NULL)
        return NULL;
    *count = (int)PySequence_Fast_GET_SIZE(*fast);
    Octets *found = PyMem_RawMalloc(sizeof *found * (size_t)(*count + 1));
    for (int i = 0; found != NULL && i < *count; i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(*fast, i);
        if (!PyBytes_Check(item)) {
            PyErr_SetString(PyExc_TypeError, "frames are bytes");
            PyMem_RawFree(found);
            Py_CLEAR(*fast);
            return NULL;
        }
        found[i] = (Octets){(const uint8_t *)PyBytes_AS_STRING(item), (size_t)PyBytes_GET_SIZE(item)};
    }
    if (found == NULL) {
        PyErr_NoMemory();
        Py_CLEAR(*fast);
    }
    return found;
}

PyObject *list_of(const Octets *frames, int count)
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

/* send(device, is_socket, frames): the numbers of those that did not go. */
PyObject *send_frames(PyObject *module, PyObject *args)
{
    int device, socket, count;
    PyObject *frames, *fast;
    (void)module;
    if (!PyArg_ParseTuple(args, "ipO", &device, &socket, &frames))
        return NULL;
    Octets *found = octets_of(frames, &fast, &count);
    if (found == NULL)
        return NULL;
    int *lost = PyMem_RawMalloc(sizeof *lost * (size_t)(count + 1)), missing = 0;
    if (lost != NULL) {
        Py_BEGIN_ALLOW_THREADS
        missing = send_all(device, socket, found, count, lost);
        Py_END_ALLOW_THREADS
    }
    PyObject *list = lost != NULL ? PyList_New(missing) : PyErr_NoMemory();
    for (int i = 0; list != NULL && i < missing; i++)
        PyList_SET_ITEM(list, i, PyLong_FromLong(lost[i]));
    PyMem_RawFree(lost);
    PyMem_RawFree(found);
    Py_DECREF(fast);
    return list;
}

/* receive(device, is_socket, memory): at most BATCH frames; raises OSError. `memory` is a buffer of BATCH_OCTETS. */
PyObject *receive_frames(PyObject *module, PyObject *args)
{
    int device, socket, count = 0, problem = 0;
    Py_buffer memory;
    struct iovec vectors[BATCH];
    struct mmsghdr messages[BATCH];
    (void)module;
    if (!PyArg_ParseTuple(args, "ipw*", &device, &socket, &memory))
        return NULL;
    if (memory.len < (Py_ssize_t)BATCH * LARGEST) {
        PyBuffer_Release(&memory);
        PyErr_SetString(PyExc_ValueError, "memory is too small");
        return NULL;
    }
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){(uint8_t *)memory.buf + (size_t)i * LARGEST, LARGEST};
        messages[i].msg_hdr.msg_iov = &vectors[i], messages[i].msg_hdr.msg_iovlen = 1;
    }
    Py_BEGIN_ALLOW_THREADS
    if (socket)
        count = recvmmsg(device, messages, BATCH, MSG_DONTWAIT, NULL);
    else
        for (errno = EAGAIN; count < BATCH; count++) {
            ssize_t got = read(device, vectors[count].iov_base, LARGEST);
            if (got <= 0)
                break;
            messages[count].msg_len = (unsigned)got;
        }
    problem = errno;
    Py_END_ALLOW_THREADS
    if (count <= 0 && problem != EAGAIN && problem != EINTR) {
        PyBuffer_Release(&memory);
        errno = problem;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Octets frames[BATCH];
    for (int i = 0; i < count; i++)
        frames[i] = (Octets){vectors[i].iov_base, messages[i].msg_len};
    PyObject *list = list_of(frames, count > 0 ? count : 0);
    PyBuffer_Release(&memory);
    return list;
}
