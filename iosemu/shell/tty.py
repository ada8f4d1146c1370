"""A session on a terminal: prompts, keys, pages and log messages."""

from __future__ import annotations

from collections import deque

from iosemu.cli import Ask, Interaction, Session, Wait
from iosemu.features.line.service import LineService, line_of
from iosemu.features.logging.service import shown_on
from iosemu.router.clock import Clock
from iosemu.router.syslog import Message
from iosemu.shell.editor import Event, LineEditor
from iosemu.shell.pager import Pager
from iosemu.shell.terminal import HungUp, Idle, Terminal
from iosemu.shell.typed_line import KILLED_TEXTS

# Ctrl-C, Ctrl-^ and Ctrl-Z end what runs.
ABORT_KEYS = "\x03\x1e\x1a"


class Left(Exception):
    """The user left this console with the escape key."""


class Aborted(Exception):
    """The user does not want to answer."""


class Tty:
    """Lets somebody type commands into a session, and shows what they print. `leaving` tells whether Ctrl-] leaves the
    session as it is."""

    def __init__(self, session: Session, clock: Clock, terminal: Terminal, *, leaving: bool = False) -> None:
        self._session = session
        self._clock = clock
        self._terminal = terminal
        self._leaving = leaving
        self._killed: deque[str] = deque(maxlen=KILLED_TEXTS)
        # The line that is being typed; None while a command runs.
        self._editor: LineEditor | None = None

    async def run(self, greeting: Interaction | None = None) -> None:
        """Greet, then read and run lines until the session ends. Raises Idle when nobody has typed for the
        exec-timeout, Left when the user goes elsewhere."""
        session = self._session
        lines = session.router.service(LineService)
        stop = session.router.syslog.subscribe(self._log)
        lines.join(session, self)
        try:
            if greeting is not None:
                await self._drive(greeting)
            while not session.closed:
                await self._line()
        except HungUp:
            session.closed = True
        finally:
            lines.leave(session)
            stop()

    # What other sessions may do to this one

    def tell(self, text: str) -> None:
        """Print text that this session has not asked for."""
        terminal = self._terminal
        terminal.new_row()
        terminal.write(text)
        if self._editor is not None and line_of(self._session).synchronous:
            terminal.draw(self._editor.redraw())

    def hang_up(self) -> None:
        """End the session."""
        self._session.closed = True
        self._terminal.hang_up()

    def _log(self, message: Message) -> None:
        if shown_on(self._session, message):
            self.tell(f"{message.line()}\n")

    # Lines

    async def _line(self) -> None:
        session = self._session
        reading = session.mode.verbatim
        editor = LineEditor(
            session.prompt,
            width=session.terminal_width,
            history=tuple(session.history),
            killed=self._killed,
            editing=session.editing,
            helping=not reading,
            leaving=self._leaving,
        )
        self._terminal.new_row()
        self._terminal.draw(editor.redraw())
        event = await self._type(editor)
        self._terminal.write("\n")
        session.scrolled = editor.offset
        if event is Event.ABORT:
            session.end()
            return
        if editor.text or not reading:
            await self._drive(session.execute(editor.text))
        if event is Event.END and session.mode.is_config:
            session.end()

    async def _type(self, editor: LineEditor, seconds: float | None = None) -> Event:
        """Let the user type until the line is to be acted upon; help and completion happen in between."""
        terminal = self._terminal
        patience = self._patience() if seconds is None else seconds
        self._editor = editor
        try:
            while True:
                printed, rest = editor.feed(await terminal.read(patience))
                terminal.unread(rest)
                terminal.draw(printed)
                self._session.touch()
                if editor.event is Event.LEAVE:
                    terminal.write("\n")
                    raise Left
                if editor.event is Event.HELP:
                    await self._help(editor)
                elif editor.event is Event.COMPLETE:
                    self._complete(editor)
                elif editor.event is not None:
                    return editor.event
        finally:
            self._editor = None

    async def _help(self, editor: LineEditor) -> None:
        self._terminal.write("?\n")
        await self._pager().print(self._session.help(editor.text[: editor.cursor]))
        self._terminal.new_row()
        self._terminal.draw(editor.redraw())

    def _complete(self, editor: LineEditor) -> None:
        completed = self._session.complete(editor.text[: editor.cursor])
        if completed is not None:
            editor.line.replace(completed + editor.text[editor.cursor :], len(completed))
        self._terminal.write("\n")
        self._terminal.draw(editor.redraw())

    def _patience(self) -> float | None:
        """How long the line may be idle, in real seconds."""
        limit = line_of(self._session).exec_timeout
        return None if limit is None else self._clock.real_seconds(limit)

    # Commands

    def _pager(self) -> Pager:
        return Pager(self._session.terminal_length, self._terminal.write, self._key, self._pattern)

    async def _drive(self, interaction: Interaction) -> None:
        """Run a command to its end, unless the user aborts it."""
        pager = self._pager()
        answer: str | None = None
        try:
            while True:
                step = interaction.send(answer)
                answer = None
                if isinstance(step, Wait):
                    if not await self._wait(step):
                        self._terminal.new_row()
                        return
                elif isinstance(step, Ask):
                    pager.reset()
                    answer = await self._ask(step)
                elif not self._session.paged:
                    self._terminal.write(step)
                elif not await pager.print(step):
                    return
        except (StopIteration, Aborted):
            return
        finally:
            interaction.close()

    async def _wait(self, step: Wait) -> bool:
        """Let time pass; False when the user aborts. Other keys wait for the next prompt."""
        aborted = False

        def over() -> bool:
            nonlocal aborted
            aborted = aborted or self._terminal.hung_up or self._terminal.aborted(ABORT_KEYS)
            return aborted or (step.until is not None and step.until())

        await self._clock.wait(step.seconds, over)
        return not aborted

    async def _ask(self, question: Ask) -> str | None:
        """The answer to a question, None when its time is up."""
        if question.single_key:
            self._terminal.write(question.prompt)
            key = await self._key()
            self._terminal.write("\n")
            return "" if key in "\r\n" else key
        if question.many:
            return await self._many()
        editor = LineEditor(question.prompt, width=self._session.terminal_width, echo=question.echo)
        self._terminal.draw(editor.redraw())
        seconds = None if question.timeout is None else self._clock.real_seconds(question.timeout)
        try:
            event = await self._type(editor, seconds)
        except Idle:
            if seconds is None:
                raise
            self._terminal.write("\n")
            return None
        self._terminal.write("\n")
        if event is not Event.ENTER:
            raise Aborted
        return editor.text

    async def _many(self) -> str:
        """Lines up to Ctrl-Z."""
        lines = []
        while True:
            editor = LineEditor("", width=self._session.terminal_width)
            event = await self._type(editor)
            self._terminal.write("\n")
            lines.append(editor.text)
            if event is Event.ABORT:
                raise Aborted
            if event is Event.END:
                return "\n".join(lines)

    async def _pattern(self, sign: str) -> str:
        """A regular expression, typed behind the key that asked for it."""
        return await self._ask(Ask(sign)) or ""

    async def _key(self) -> str:
        """One key, read without Enter; the keys that abort count as `q`."""
        key = await self._terminal.key(self._patience())
        self._session.touch()
        return "q" if key in ABORT_KEYS else key
