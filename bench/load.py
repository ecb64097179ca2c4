"""Many connections at once: how long each call took, how many were answered, how many refused. Raw sockets: the client must cost little."""

import asyncio
import time
from collections import Counter
from statistics import quantiles

import msgspec


class Load(msgspec.Struct, frozen=True):
    """Seconds of each call with status 200; calls by status; seconds in all."""

    taken: list[float]
    refused: list[float]
    statuses: Counter[int]
    seconds: float

    @property
    def goodput(self) -> float:
        """Answers per second."""
        return self.statuses[200] / self.seconds

    def percentile(self, percent: int) -> float:
        return percentile(self.taken, percent)


def percentile(taken: list[float], percent: int) -> float:
    if len(taken) < 2:
        return taken[0] if taken else 0.0
    return quantiles(taken, n=100, method="inclusive")[percent - 1]


def request_for(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection:
    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> int:
        """The status of the answer, which is read to its end."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        return int(head[9:12])

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


def closed_loop(port: int, request: bytes, connections: int, *, seconds: float | None = None, calls: int | None = None) -> Load:
    """Each connection asks again as soon as it is answered, for so many seconds or so many calls in all."""
    return asyncio.run(_closed_loop(port, request, connections, seconds, calls))


async def _closed_loop(port: int, request: bytes, connections: int, seconds: float | None, calls: int | None) -> Load:
    start = time.monotonic()
    found = Load([], [], Counter(), 0.0)

    def goes_on() -> bool:
        return time.monotonic() - start < seconds if seconds is not None else sum(found.statuses.values()) < (calls or 0)

    async def ask() -> None:
        connection = Connection(port)
        while goes_on():
            await _timed(connection, request, found)
        connection.close()

    await asyncio.gather(*(ask() for _ in range(connections)))
    return msgspec.structs.replace(found, seconds=time.monotonic() - start)


def open_loop(port: int, request: bytes, rate: float, seconds: float) -> Load:
    """A call every 1/rate seconds whether or not those before it were answered: a closed loop would wait, and hide the queue."""
    return asyncio.run(_open_loop(port, request, rate, seconds))


async def _open_loop(port: int, request: bytes, rate: float, seconds: float) -> Load:
    start = time.monotonic()
    found = Load([], [], Counter(), 0.0)
    idle: list[Connection] = []
    asking: set[asyncio.Task[None]] = set()

    async def ask() -> None:
        connection = idle.pop() if idle else Connection(port)
        await _timed(connection, request, found)
        idle.append(connection)

    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
        asking.add(task := asyncio.create_task(ask()))
        task.add_done_callback(asking.discard)
    answered_in_time = msgspec.structs.replace(found, statuses=Counter(found.statuses), seconds=time.monotonic() - start)
    await asyncio.gather(*asking)
    for connection in idle:
        connection.close()
    return answered_in_time


async def _timed(connection: Connection, request: bytes, found: Load) -> None:
    before = time.monotonic()
    status = await connection.ask(request)
    found.statuses[status] += 1
    (found.taken if status == 200 else found.refused).append(time.monotonic() - before)
