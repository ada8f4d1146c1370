"""The commands inside a telnet stream."""

from __future__ import annotations

import pytest

from iosemu.shell.telnet import DO, DONT, ECHO, IAC, SB, SE, WILL, WINDOW_SIZE, WONT, Decoder

SIZE = bytes([IAC, SB, WINDOW_SIZE, 0, 132, 0, 50, IAC, SE])


@pytest.mark.parametrize("cut", range(1, 16))
def test_commands_are_taken_out_wherever_the_stream_is_cut(cut: int) -> None:
    stream = b"sh" + bytes([IAC, DO, ECHO]) + b"ow" + SIZE + bytes([IAC, IAC]) + b"x"
    decoder = Decoder()
    assert decoder.feed(stream[:cut]) + decoder.feed(stream[cut:]) == b"show\xffx"
    assert decoder.size == (132, 50)
    assert decoder.replies == b""


def test_what_was_not_offered_is_refused() -> None:
    decoder = Decoder()
    assert decoder.feed(bytes([IAC, DO, 99, IAC, WILL, 98, IAC, WILL, WINDOW_SIZE])) == b""
    assert decoder.replies == bytes([IAC, WONT, 99, IAC, DONT, 98])


def test_an_interrupt_is_a_key_and_an_endless_answer_is_dropped() -> None:
    decoder = Decoder()
    assert decoder.feed(bytes([IAC, 244])) == b"\x03"
    decoder.feed(bytes([IAC, SB, 24]) + b"a" * 1000)
    assert decoder.feed(b"b") == b"b"
