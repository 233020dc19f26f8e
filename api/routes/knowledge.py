"""The knowledge base of the hotline: search, propose, approve, withdraw (C4)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.values import Id
from dashboards.pinyin import typed
from dispatch.calls import knowledge

router = APIRouter(prefix="/api/knowledge")


class ArticleIn(BaseModel):
    """An article as it is proposed; with `article_id` a new edition of one."""

    model_config = ConfigDict(extra="forbid")
    article_id: Id | None = None
    title: str = Field(max_length=200)
    title_en: str = Field(default="", max_length=200)
    body: str = Field(max_length=20_000)
    body_en: str = Field(default="", max_length=20_000)
    keywords: str = Field(default="", max_length=400)
    origin: str = Field(default="", max_length=400)
    valid_from: date
    valid_to: date | None = None


class DecisionIn(BaseModel):
    """Whether a proposal goes into force; a refusal says why."""

    model_config = ConfigDict(extra="forbid")
    approved: bool
    note: str = Field(default="", max_length=1000)


@router.get("")
def search(call: Annotated[Call, permit("call.see")], q: Annotated[str, Query(max_length=100)] = "") -> JSONResponse:
    """Articles in force today that hold every word: Chinese, English, pinyin or initials; without words the most used first."""
    articles = knowledge.in_force(call.db, _today(call))
    keys = [" ".join(typed(f"{one['title']} {one['keywords']}").values()) for one in articles]
    return JSONResponse(jsonable_encoder(knowledge.found(articles, q, keys)[:30]))


@router.get("/proposed")
def proposed(call: Annotated[Call, permit("call.see")]) -> JSONResponse:
    """Proposals that wait for the shift leader."""
    return JSONResponse(jsonable_encoder(knowledge.proposed(call.db, call.caller)))


@router.post("", status_code=201)
def propose(body: ArticleIn, call: Annotated[Call, permit("knowledge.write")]) -> dict[str, int]:
    """Propose an article or a new edition of one."""
    words = knowledge.Words(**body.model_dump(exclude={"article_id"}))
    return {"edition_id": knowledge.propose(call.db, call.caller, words, body.article_id)}


@router.post("/editions/{edition_id}/decision", status_code=204)
def decide(edition_id: Id, body: DecisionIn, call: Annotated[Call, permit("knowledge.approve")]) -> Response:
    """Approve or refuse a proposal of somebody else."""
    knowledge.decide(call.db, call.caller, edition_id, body.approved, body.note, call.now)
    return Response(status_code=204)


@router.delete("/{article_id}", status_code=204)
def withdraw(article_id: Id, call: Annotated[Call, permit("knowledge.approve")]) -> Response:
    """Take an article out of use."""
    knowledge.withdraw(call.db, call.caller, article_id, call.now)
    return Response(status_code=204)


def _today(call: Call) -> date:
    return call.now.astimezone(call.settings.time_zone).date()
