/* The module iosemu.fastpath._native. */

#include "native.h"

static PyMethodDef methods[] = {
    {"key", make_key, METH_VARARGS, "The keys of an SA."},
    {"receive", receive_frames, METH_VARARGS, "Frames of a device."},
    {"send", send_frames, METH_VARARGS, "Send frames by a device."},
    {"seal", seal_frames, METH_VARARGS, "Send the packets of frames in ESP."},
    {"open", open_frames, METH_VARARGS, "What is inside ESP packets, joined."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "The heavy work on packets.",
    .m_size = -1,
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
