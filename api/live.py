"""The live feed: one LISTEN connection a process, fanned out to every open screen as server-sent events.

NOTIFY carries ids only. The hub gathers them for a moment, reads each changed case once, and hands it to the screens
whose user may see it. Async here and nowhere else: hundreds of idle streams must not hold threads.
"""

from __future__ import annotations

import asyncio
import json
import select
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import psycopg2
import structlog
from fastapi.encoders import jsonable_encoder
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from api.auth import sessions
from api.device_news import DeviceNews
from config.errors import ServiceUnavailable
from config.settings import Settings
from dispatch import listing, reach
from dispatch.delivery import inbox
from gis import clock
from gis.actors import Actor
from gis.catalogue import seeing
from gis.db import transaction, url_of
from ingest import devices

log = structlog.get_logger()

GATHER_S = 0.25
"""Changes are gathered this long, so that a burst becomes one read and one message."""

SESSIONS_CHECKED_S = 15
"""How long a stream may outlive the session or the posts of its user."""

ENDED = {"event": "ended", "data": "{}"}

QUEUE_LENGTH = 200
"""A screen that falls this far behind is told to load everything again."""


@dataclass(eq=False)
class Screen:
    """One open stream, the user behind it, and the session that must outlive it."""

    actor: Actor
    session_hash: bytes
    queue: asyncio.Queue[dict[str, str]] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))
    lost: bool = False


class Hub:
    """Listens to the database and feeds the screens of this process."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._screens: set[Screen] = set()
        self._pending: dict[str, set[int]] = {}
        self._news = DeviceNews()
        self._wake = asyncio.Event()
        self._stop = threading.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen; the database may come later."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._listen, name="live", daemon=True)
        self._thread.start()
        self._tasks += [asyncio.create_task(self._pump()), asyncio.create_task(self._check_sessions())]

    async def stop(self) -> None:
        """End the thread and all streams."""
        self._stop.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.to_thread(self._thread.join, 3)

    async def stream(self, actor: Actor, session_hash: bytes) -> AsyncIterator[dict[str, str]]:
        """Messages for one screen, until it goes away or its session ends."""
        screen = Screen(actor, session_hash)
        self._screens.add(screen)
        try:
            yield {"event": "hello", "data": "{}"}
            while True:
                message = await screen.queue.get()
                if message is ENDED:
                    return
                if screen.lost:
                    screen.lost = False
                    yield {"event": "resync", "data": "{}"}
                yield message
        finally:
            self._screens.discard(screen)
            if not self._screens:
                self._news.forget()  # who comes next loads everything

    def _listen(self) -> None:
        """Thread: wait for notifications; when the database goes away, come back and have the screens load again."""
        while not self._stop.is_set():
            try:
                self._listen_once()
            except psycopg2.Error as error:
                log.warning("live_feed_reconnects", error=str(error).strip())
                self._stop.wait(1)

    def _listen_once(self) -> None:
        url = url_of(self._settings.database_url).set(drivername="postgresql")
        connection = psycopg2.connect(url.render_as_string(hide_password=False), application_name="citycommand live")
        try:
            connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            connection.cursor().execute("listen live; listen clock")
            self._loop.call_soon_threadsafe(self._broadcast, {"event": "resync", "data": "{}"})
            while not self._stop.is_set():
                if select.select([connection], [], [], 0.5)[0]:
                    connection.poll()
                    while connection.notifies:
                        note = connection.notifies.pop(0)
                        self._loop.call_soon_threadsafe(self._note, note.channel, note.payload)
        finally:
            connection.close()

    def _note(self, channel: str, payload: str) -> None:
        if channel == "clock":
            self._broadcast({"event": "clock", "data": "{}"})
            return
        message = json.loads(payload)
        ids = message.get("ids") or [message["id"]]
        self._pending.setdefault(message["topic"], set()).update(ids)
        self._wake.set()

    async def _pump(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            self._wake.clear()
            pending, self._pending = self._pending, {}
            if not self._screens:
                continue
            try:
                await self._send(pending)
            except Exception as error:  # one bad read must not end the feed for everyone
                log.error("live_feed_failed", exc_info=error)
                self._broadcast({"event": "resync", "data": "{}"})

    async def _check_sessions(self) -> None:
        """Every few seconds: end streams whose session has ended; give the others the posts that their user has now."""
        while True:
            await asyncio.sleep(SESSIONS_CHECKED_S)
            screens = list(self._screens)
            try:
                actors = await asyncio.to_thread(self._actors, [screen.session_hash for screen in screens])
            except (SQLAlchemyError, ServiceUnavailable) as error:
                log.warning("sessions_not_checked", error=str(error))
                continue
            for screen in screens:
                if screen.session_hash in actors:
                    screen.actor = actors[screen.session_hash]
                else:
                    self._put(screen, ENDED)

    def _actors(self, hashes: list[bytes]) -> dict[bytes, Actor]:
        with transaction(self._engine) as db:
            return sessions(db, hashes)

    async def _send(self, pending: dict[str, set[int]]) -> None:
        if pending.get("case"):
            for actor, screens in self._by_actor().items():
                if not actor.may("case.see"):
                    continue
                seen = await asyncio.to_thread(self._cases, actor, pending["case"])
                for case in seen:
                    self._give(screens, "case", case)
                for gone in pending["case"] - {case["id"] for case in seen}:
                    self._give(screens, "case", {"id": gone, "gone": True})  # it may have left this user's reach
        if pending.get("device"):
            news = self._news.of(pending["device"], await asyncio.to_thread(self._devices, pending["device"]))
            if news:
                message = {"event": "device", "data": msgspec.json.encode(news).decode()}  # hundreds a second
                self._broadcast(message)
        if pending.get("notice"):
            await self._tell_of_notices(pending["notice"])
        for topic in pending.keys() - {"case", "device", "notice"}:
            self._give(list(self._screens), topic, {"ids": sorted(pending[topic])})

    async def _tell_of_notices(self, ids: set[int]) -> None:
        """Those whose notices they are ask for them; nobody else hears of them."""
        accounts, units, posts = await asyncio.to_thread(self._concerned, ids)
        for screen in list(self._screens):
            actor = screen.actor
            if actor.account_id in accounts or actor.unit_id in units or posts.intersection(actor.posts):
                self._give([screen], "notice", {})

    def _concerned(self, ids: set[int]) -> tuple[set[int], set[int], set[str]]:
        with transaction(self._engine) as db:
            return inbox.concerned(db, sorted(ids))

    def _by_actor(self) -> dict[Actor, list[Screen]]:
        groups: dict[Actor, list[Screen]] = {}
        for screen in self._screens:
            groups.setdefault(screen.actor, []).append(screen)
        return groups

    def _cases(self, actor: Actor, ids: set[int]) -> list[dict[str, Any]]:
        with transaction(self._engine) as db:
            seeing.limit(db, actor)
            reach.limit(db, actor)
            return listing.cases(db, actor, listing.Filter(ids=tuple(ids)), now=clock.now(db), limit=len(ids))

    def _devices(self, ids: set[int]) -> list[dict[str, Any]]:
        with transaction(self._engine) as db:
            seeing.limit(db, None)  # read once for all screens: what is restricted is not told live
            return list(devices.device_features(db, clock.now(db), asset_ids=sorted(ids))["features"])

    def _give(self, screens: list[Screen], event: str, data: object) -> None:
        message = {"event": event, "data": json.dumps(jsonable_encoder(data), ensure_ascii=False)}
        for screen in screens:
            self._put(screen, message)

    def _broadcast(self, message: dict[str, str]) -> None:
        for screen in self._screens:
            self._put(screen, message)

    @staticmethod
    def _put(screen: Screen, message: dict[str, str]) -> None:
        try:
            screen.queue.put_nowait(message)
        except asyncio.QueueFull:
            screen.lost = True
