"""The heavy work in C, where setup.py could build the module `_native`. IOSEMU_NATIVE=0 leaves it out."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from iosemu.engines.esp.sa import EspSa
from iosemu.engines.esp.tunnel import DfRule
from iosemu.fastpath.coalesce import Joined
from iosemu.fastpath.pure import Engine, Pure, Sealing
from iosemu.ports.batches import Channel
from iosemu.wire.ipv4 import DONT_FRAGMENT

INTERFACE = 3
_CIPHERS = {"esp-aes": "aes-{}-cbc", "esp-3des": "des-ede3-cbc", "esp-des": "des-ede3-cbc", "esp-null": ""}
_DF = {DfRule.COPY: -1, DfRule.CLEAR: 0, DfRule.SET: DONT_FRAGMENT}


def native_module() -> Any | None:
    """The module, if it is there and fits."""
    if os.environ.get("IOSEMU_NATIVE") == "0":
        return None
    try:
        module = import_module("iosemu.fastpath._native")
    except ImportError:
        return None
    return module if module.INTERFACE == INTERFACE else None


def best_engine() -> Engine:
    """The fastest there is."""
    module = native_module()
    return Native(module) if module is not None else Pure()


class NativeChannel:
    """A device read and written by the module."""

    def __init__(self, module: Any, descriptor: int) -> None:
        self._module, self._descriptor = module, descriptor
        self._is_socket = stat.S_ISSOCK(os.fstat(descriptor).st_mode)
        self._memory = bytearray(module.BATCH_OCTETS)

    def receive(self) -> list[bytes]:
        found: list[bytes] = self._module.receive(self._descriptor, self._is_socket, self._memory)
        return found

    def send(self, frames: list[bytes]) -> list[int]:
        lost: list[int] = self._module.send(self._descriptor, self._is_socket, frames)
        return lost


class Native:
    """An engine in C. What its library cannot do is left to Python."""

    name = "native"

    def __init__(self, module: Any) -> None:
        self._module = module
        self._pure = Pure()
        # By identity; the SA is kept so that no other one gets it.
        self._keys: dict[int, tuple[EspSa, Any]] = {}

    def channel(self, descriptor: int) -> Channel:
        return NativeChannel(self._module, descriptor)

    def forget(self) -> None:
        self._keys.clear()

    def seal(self, work: Sealing) -> list[bytes]:
        frames, count, longest, sa, stamp, df_rule, identification, front, random = work
        key = self._key(sa)
        if key is None:
            return self._pure.seal(work)
        number, nonces = sa.take_numbers(count), sa.nonces
        ivs = random(sa.transform.iv_size * count) if nonces is None else b""
        df = _DF[df_rule]
        sealed: list[bytes] = self._module.seal(
            key, sa.spi, number, count, longest, nonces or 0, ivs, stamp, df, identification, front, frames
        )
        return sealed

    def open(
        self, frames: Sequence[bytes], start: int, sa: EspSa, pseudotime: float | None
    ) -> tuple[list[Joined], float]:
        key = self._key(sa)
        if key is None or (sa.by_time and pseudotime is None):
            return self._pure.open(frames, start, sa, pseudotime)
        window = float(sa.tek.replay.window)
        found: tuple[list[Joined], float] = self._module.open(key, start, sa.by_time, pseudotime or 0.0, window, frames)
        return found

    def _key(self, sa: EspSa) -> Any:
        known = self._keys.get(id(sa))
        if known is None:
            known = self._keys[id(sa)] = sa, self._made(sa)
        return known[1]

    def _made(self, sa: EspSa) -> Any:
        tek, transform = sa.tek, sa.transform
        secret, bits = tek.encryption_key, transform.encryption_key_size * 8
        if transform.counter_mode:
            kind, cipher = transform.encryption.removeprefix("esp-"), f"aes-{bits}-gcm"
        else:
            kind, cipher = "cbc", _CIPHERS[transform.encryption].format(bits)
            secret = secret * 3 if transform.encryption == "esp-des" else secret
        sizes = transform.iv_size, transform.icv_size, sa.block
        try:
            return self._module.key(
                kind, cipher, secret, tek.salt, (transform.hash_name or "").upper(), tek.integrity_key, *sizes
            )
        except ValueError:
            return None
