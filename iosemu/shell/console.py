"""The console: prompt_toolkit with the keys of IOS."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.processors import PasswordProcessor
from prompt_toolkit.output import Output
from prompt_toolkit.patch_stdout import patch_stdout

from iosemu.cli import Ask, Interaction, Session, Wait
from iosemu.features.line.service import begin, console_line, exec_timeout
from iosemu.router.clock import Clock
from iosemu.router.syslog import Message
from iosemu.shell.pager import Pager

LEAVE_KEY = "c-]"
ABORT_KEYS = (Keys.ControlC, Keys.ControlCircumflex)


class Left(Exception):
    """The user left this console with the escape key."""


class Console:
    """One terminal on one session. `show_log` tells whether a log message is printed."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        *,
        terminal_input: Input | None = None,
        terminal_output: Output | None = None,
        show_log: Callable[[Message], bool] = lambda message: True,
        can_leave: bool = False,
    ) -> None:
        self._session = session
        self._clock = clock
        self._show_log = show_log
        self._histories = {False: InMemoryHistory(), True: InMemoryHistory()}
        self._prompts: PromptSession[str] = PromptSession(
            input=terminal_input, output=terminal_output, key_bindings=self._bindings(can_leave), wrap_lines=False
        )
        self._literal = False

    async def run(self) -> None:
        """Read and run lines until the session ends; raises Left when the user goes elsewhere."""
        unsubscribe = self._session.router.syslog.subscribe(self._log)
        try:
            # Raw all the time, not only at prompts: what is typed while a command runs belongs to the next prompt.
            with patch_stdout(raw=True), self._prompts.input.raw_mode():
                while not self._session.closed:
                    await self._line()
        finally:
            unsubscribe()

    async def _line(self) -> None:
        self._prompts.history = self._histories[self._session.mode.is_config]
        self._prompts.default_buffer.history = self._prompts.history
        try:
            text = await asyncio.wait_for(self._prompts.prompt_async(lambda: self._session.prompt), self._patience())
        except asyncio.TimeoutError:
            await self._idle()
            return
        except KeyboardInterrupt:
            self._session.end()
            return
        except EOFError:
            self._session.closed = True
            return
        except Left:
            raise
        if text.endswith("\x1a"):
            await self._drive(self._session.execute(text[:-1]))
            self._session.end()
        else:
            await self._drive(self._session.execute(text))

    def _patience(self) -> float | None:
        """How long the console may be idle, in real seconds."""
        limit = exec_timeout(console_line(self._session))
        return None if limit is None else self._clock.real_seconds(limit)

    async def _idle(self) -> None:
        """Nobody has typed for too long: the session ends, and the console waits for somebody else."""
        self._session.restart()
        hostname = self._session.router.hostname
        self._write(f"\n{hostname} con0 is now available\n\n\n\nPress RETURN to get started.\n")
        while await self._key() not in ("\r", "\n"):
            if self._prompts.input.closed:
                self._session.closed = True
                return
        begin(self._session, console_line(self._session))
        self._write("\n")

    async def _drive(self, interaction: Interaction) -> None:
        """Run a command; Ctrl-C and Ctrl-^ abort it."""
        pager = Pager(self._session.terminal_length, self._write, self._key, self._pattern)
        answer: str | None = None
        try:
            while True:
                step = interaction.send(answer)
                answer = None
                if isinstance(step, Wait):
                    if not await self._wait(step):
                        interaction.close()
                        self._write("\n")
                        return
                elif isinstance(step, Ask):
                    pager.reset()
                    answer = await self._ask(step)
                elif not await pager.print(step):
                    interaction.close()
                    return
        except StopIteration:
            return

    async def _wait(self, step: Wait) -> bool:
        """Let time pass; False when the user aborts with Ctrl-C or Ctrl-^. Other keys wait for the next prompt."""
        aborted = False
        source = self._prompts.input

        def listen() -> None:
            nonlocal aborted
            keys = source.read_keys()
            aborted = aborted or any(press.key in ABORT_KEYS for press in keys)
            store_typeahead(source, [press for press in keys if press.key not in ABORT_KEYS])

        with source.attach(listen):
            await self._clock.wait(step.seconds, lambda: aborted or (step.until is not None and step.until()))
        return not aborted

    async def _ask(self, question: Ask) -> str:
        if question.single_key:
            self._write(question.prompt)
            key = await self._key()
            self._write("\n")
            return "" if key in ("\r", "\n") else key
        asker: PromptSession[str] = PromptSession(
            input=self._prompts.input,
            output=self._prompts.output,
            # What is not echoed leaves no trace, not even of its length.
            input_processors=[] if question.echo else [PasswordProcessor(char="")],
        )
        return str(await asker.prompt_async(question.prompt))

    async def _pattern(self, sign: str) -> str:
        """A regular expression, typed behind the key that asked for it."""
        return await self._ask(Ask(sign))

    async def _key(self) -> str:
        """One key, read without Enter; what was typed behind it belongs to what comes next."""
        source = self._prompts.input
        pressed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def take(keys: list[KeyPress]) -> None:
            if pressed.done():
                store_typeahead(source, keys)
            elif keys:
                abort = keys[0].key in ABORT_KEYS
                pressed.set_result("q" if abort else keys[0].data)
                store_typeahead(source, keys[1:])
            elif source.closed:
                pressed.set_result("q")

        take(get_typeahead(source))
        with source.attach(lambda: take(source.read_keys())):
            return await pressed

    def _write(self, text: str) -> None:
        output = self._prompts.output
        output.write_raw(text.replace("\n", "\r\n"))
        output.flush()

    def _log(self, message: Message) -> None:
        if not self._show_log(message):
            return
        app = self._prompts.app
        if app.is_running:
            run_in_terminal(lambda: self._write(f"{message.line()}\n"))
        else:
            self._write(f"{message.line()}\n")

    def _bindings(self, can_leave: bool) -> KeyBindings:
        bindings = KeyBindings()
        literal = Condition(lambda: self._literal)

        @bindings.add("?", filter=~literal)
        def show_help(event: KeyPressEvent) -> None:
            text = event.current_buffer.document.text_before_cursor
            answer = self._session.help(text)
            run_in_terminal(lambda: self._write(f"{self._session.prompt}{text}?\n{answer}"))

        @bindings.add("tab")
        def complete(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            line = f"{self._session.prompt}{buffer.text}\n"
            completed = self._session.complete(buffer.document.text_before_cursor)
            if completed is not None:
                buffer.text = completed
                buffer.cursor_position = len(completed)
            run_in_terminal(lambda: self._write(line))

        @bindings.add("c-v", filter=~literal)
        def next_is_literal(event: KeyPressEvent) -> None:
            self._literal = True

        @bindings.add("<any>", filter=literal)
        @bindings.add("?", filter=literal)
        def insert_literal(event: KeyPressEvent) -> None:
            self._literal = False
            event.current_buffer.insert_text(event.data)

        @bindings.add("c-z")
        def end(event: KeyPressEvent) -> None:
            mark = "\x1a" if self._session.mode.is_config else ""
            event.app.exit(result=event.current_buffer.text + mark)

        if can_leave:

            @bindings.add(LEAVE_KEY)
            def leave(event: KeyPressEvent) -> None:
                event.app.exit(exception=Left)

        return bindings
