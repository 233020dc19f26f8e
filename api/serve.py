"""The web process: uvicorn serving the application, with settings from the environment."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal

import uvicorn
from fastapi import FastAPI

from config import logs
from config.settings import from_environment

MOST_WORKERS = 4
PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that this process gets when its parent ends."""


def application() -> FastAPI:
    """Build the application in this process; uvicorn calls it once a worker."""
    from api.app import from_env  # here, so that the parent of several workers does without it

    if multiprocessing.parent_process() is not None:
        # A killed parent must not leave workers behind that hold the port.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    logs.configure("web")
    return from_env()


def main() -> None:
    """Serve until told to stop. Behind a proxy on the same machine its X-Forwarded headers are believed."""
    uvicorn.run(
        "api.serve:application",
        factory=True,
        http="api.tile_service.protocol:TileProtocol",
        host=os.environ.get("CITYCOMMAND_HTTP_HOST", "127.0.0.1"),
        port=from_environment().http_port,
        workers=int(os.environ.get("CITYCOMMAND_WEB_WORKERS") or min(os.cpu_count() or 1, MOST_WORKERS)),
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_worker_healthcheck=60,  # importing the application on a busy machine takes longer than the usual 5 s
    )


if __name__ == "__main__":
    main()
