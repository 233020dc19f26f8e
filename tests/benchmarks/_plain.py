"""The plainest door for reports that the same parts allow: parse JSON, one insert, commit. What `bench report` is compared with."""

from __future__ import annotations

import json
import os
from typing import Any

from fastapi import FastAPI
from sqlalchemy import text

from gis.db import make_engine

TABLE = "create table if not exists gis.plain_report (id bigserial primary key, content jsonb, photo bytea)"


def create_app() -> FastAPI:
    """The application; its table stands already."""
    app = FastAPI()
    engine = make_engine(os.environ["CITYCOMMAND_DATABASE_URL"], pool_size=20)
    insert = text("insert into gis.plain_report (content) values (cast(:content as jsonb)) returning id")

    @app.post("/report", status_code=201)
    def report(content: dict[str, Any]) -> dict[str, int]:
        with engine.begin() as db:
            return {"id": db.execute(insert, {"content": json.dumps(content)}).scalar_one()}

    return app
