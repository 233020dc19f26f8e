"""The web process: uvicorn serving the application, with settings from the environment."""

from __future__ import annotations

import os

import uvicorn
from fastapi import FastAPI

from api.app import from_env
from config import logs
from config.settings import from_environment


def application() -> FastAPI:
    """Build the application in this process; uvicorn calls it once a worker."""
    logs.configure("web")
    return from_env()


def main() -> None:
    """Serve until told to stop. Behind a proxy on the same machine its X-Forwarded headers are believed."""
    uvicorn.run(
        "api.serve:application",
        factory=True,
        host=os.environ.get("CITYCOMMAND_HTTP_HOST", "127.0.0.1"),
        port=from_environment().http_port,
        workers=int(os.environ.get("CITYCOMMAND_WEB_WORKERS", "1")),
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
