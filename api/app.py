"""The application: settings in, a FastAPI app out. All wiring is here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from fastapi import APIRouter, FastAPI

from api import middleware, problems
from api.live import Hub
from api.routes import pages
from api.tile_service.door import TileDoor
from config.settings import Settings, from_environment
from gis.db import make_engine

ROUTES = (
    "accounts",
    "aid",
    "aid_documents",
    "assets",
    "asset_sets",
    "callbacks",
    "calls",
    "cases",
    "catalogue",
    "classify",
    "citizens",
    "connectors",
    "costs",
    "coverage",
    "evaluation",
    "evidence_packages",
    "exports",
    "gis",
    "grids",
    "handlers",
    "health",
    "imports",
    "knowledge",
    "lines",
    "live",
    "map",
    "mappings",
    "networks",
    "notice_settings",
    "notices",
    "ogc",
    "open311",
    "pages",
    "patrol",
    "public_cases",
    "public_map",
    "publication",
    "refusals",
    "reporting_keys",
    "reports",
    "routing",
    "tickets",
    "tokens",
    "walks",
    "working_time",
)
"""Modules of api/routes, each with a `router`."""


def create_app(settings: Settings) -> FastAPI:
    """One city's web application. Connections are made at the first request, the live feed at start-up."""
    app = FastAPI(title="City Command", version="0.1.0", openapi_url=None, lifespan=_lifespan)
    app.state.settings = settings
    app.state.engine = make_engine(settings.database_url, pool_size=20)
    app.state.hub = Hub(settings, app.state.engine)
    problems.install(app)
    middleware.install(app, settings)
    for router in routers():
        app.include_router(router)
    pages.mount_static(app)
    return app


def routers() -> list[APIRouter]:
    """The routers of all modules, in the order of ROUTES."""
    return [import_module(f"api.routes.{name}").router for name in ROUTES]


def from_env() -> FastAPI:
    """Entry for the server: `uvicorn --factory api.app:from_env`."""
    return create_app(from_environment())


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[dict[str, TileDoor]]:
    await app.state.hub.start()
    door = TileDoor(app.state.settings)
    yield {"tile_door": door}
    door.close()
    await app.state.hub.stop()
    app.state.engine.dispose()
