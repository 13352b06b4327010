"""A web app on a thread, for tests that want the real thing at a real address."""

import asyncio
import socket
import threading
import time
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol


class Cuttable(H11Protocol):
    """HTTP whose line an app can cut before it has answered: `scope["state"]["cut"]()`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "cut": transport.abort}


def configured(app: Any, **options: Any) -> uvicorn.Config:
    """How the pretend pages are served."""
    return uvicorn.Config(app, http=Cuttable, ws="none", access_log=False, lifespan="on", **options)


class Serving:
    """A web app on a thread of its own, on a free port of 127.0.0.1."""

    def __init__(self, app: Any, *, port: int = 0) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = configured(app, log_level="error", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    def start(self) -> None:
        """Return when it answers."""
        self._thread.start()
        until = time.monotonic() + 10
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > until:
                raise RuntimeError("The stand-in did not start.")
            time.sleep(0.002)

    def stop(self) -> None:
        """Return when it is gone."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()
