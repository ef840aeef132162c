"""Keep-alive clients in a process of their own, so that they share no interpreter with what they measure."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Round:
    """What the clients saw: answers, those that were no 200, wall seconds, and each answer's seconds, sorted."""

    requests: int
    failed: int
    seconds: float
    latencies: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """Return the latency in seconds that this share of the answers did not exceed."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def load(port: int, path: str, body: bytes, *, clients: int, seconds: float) -> Round:
    """Return what so many clients see who each send the next request when they have the answer."""
    given = json.dumps({"port": port, "path": path, "body": body.decode(), "clients": clients, "seconds": seconds})
    command = [sys.executable, "-m", "bench.clients"]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout)
    return Round(seen["requests"], seen["failed"], seen["seconds"], tuple(seen["latencies"]))


async def _client(port: int, request: bytes, until: float, latencies: list[float], failures: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
        await reader.readexactly(length)
        latencies.append(time.perf_counter() - began)
        if not head.startswith(b"HTTP/1.1 200"):
            failures.append(1)
    writer.close()


async def _run(given: dict[str, object]) -> dict[str, object]:
    body = str(given["body"]).encode()
    head = (
        f"POST {given['path']} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: {len(body)}\r\n"
    )
    latencies: list[float] = []
    failures: list[int] = []
    began = time.perf_counter()
    until = began + float(str(given["seconds"]))
    request = f"{head}\r\n".encode() + body
    port = int(str(given["port"]))
    await asyncio.gather(
        *(_client(port, request, until, latencies, failures) for _ in range(int(str(given["clients"]))))
    )
    taken = time.perf_counter() - began
    found = sorted(latencies)
    return {"requests": len(found), "failed": len(failures), "seconds": taken, "latencies": found}


def main() -> None:
    """Read what to do from stdin, and print what was seen."""
    import uvloop

    print(json.dumps(uvloop.run(_run(json.load(sys.stdin)))))


if __name__ == "__main__":
    main()
