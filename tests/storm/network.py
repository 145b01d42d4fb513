"""The wire between a process and the database, as a small TCP proxy: it can be cut, refuse, and fall silent."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Coroutine
from typing import Any

PIECE = 1 << 16


class Net:
    """The event loop that all wires of a storm share, in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wires", daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def close(self) -> None:
        async def end() -> None:
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        self.do(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


class Wire:
    """``port`` leads to the PostgreSQL socket at ``path``."""

    def __init__(self, net: Net, path: str) -> None:
        self._net, self._path = net, path
        self._refusing = False
        self._pipes: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server | None = None
        self.port = 0
        net.do(self._listen())

    def cut(self) -> None:
        """Every connection is lost at once; new ones are taken."""
        self._net.do(self._drop())

    def refuse(self) -> None:
        """There is nobody at the other end, until ``heal``."""
        self._net.do(self._shut())

    def hang(self) -> None:
        """Nothing comes through and nothing is said about it, until ``heal``: then it all comes through."""
        self._net.do(self._stall())

    def heal(self) -> None:
        self._net.do(self._mend())

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_unix_connection(self._path)
        except OSError:
            writer.transport.abort()
            return
        for one in (writer, back):
            self._pipes.add(one)
            if sock := one.get_extra_info("socket"):
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(self._carry(reader, back), self._carry(there, writer), return_exceptions=True)
        for one in (writer, back):
            self._pipes.discard(one)
            one.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What a process said before it died still arrives, as with a real wire."""
        try:
            while piece := await reader.read(PIECE):
                await self._flows.wait()
                writer.write(piece)
                await writer.drain()
            await self._flows.wait()
        finally:
            with contextlib.suppress(OSError):
                writer.close()

    async def _drop(self) -> None:
        for one in list(self._pipes):
            one.transport.abort()

    async def _shut(self) -> None:
        self._refusing = True
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._drop()

    async def _stall(self) -> None:
        self._flows.clear()

    async def _mend(self) -> None:
        self._flows.set()
        if self._refusing:
            self._refusing = False
            await self._listen()
