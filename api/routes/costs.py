"""Costs of handling, and the contractors of a unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Call, permit
from api.idempotency import must_reach, once
from api.values import Id
from dispatch import costs

router = APIRouter()

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


class CostIn(BaseModel):
    """One line: quantity × price in yuan."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=20)
    what: str = Field(default="", max_length=200)
    quantity: Decimal = Field(gt=0, max_digits=12, decimal_places=3)
    measure: str = Field(default="", max_length=20)
    unit_price: Decimal = Field(ge=0, max_digits=12, decimal_places=2)
    contractor_id: Id | None = None


class ContractorIn(BaseModel):
    """Who works for a unit, by contract."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=100)
    name_en: str = Field(default="", max_length=100)
    contact: str = Field(default="", max_length=100)


@router.post("/api/cases/{case_id}/costs", status_code=201)
def add_cost(case_id: Id, body: CostIn, call: Annotated[Call, permit("order.cost")], key: Key = None) -> JSONResponse:
    """Enter a cost of the caller's unit; the answer is all costs of the case."""
    must_reach(call, case_id, key)
    new = costs.NewCost(**body.model_dump())

    def work() -> tuple[int, Any]:
        costs.add(call.db, call.caller, case_id, new, call.trace_id)
        return 201, jsonable_encoder(costs.of_case(call.db, call.caller, case_id))

    status, answer = once(call, key, [case_id, body.model_dump(mode="json")], work)
    return JSONResponse(answer, status)


@router.delete("/api/cases/{case_id}/costs/{cost_id}")
def take_back(case_id: Id, cost_id: Id, call: Annotated[Call, permit("order.cost")]) -> JSONResponse:
    """Take a line back: its mirror is entered, nothing is deleted."""
    must_reach(call, case_id, None)
    costs.take_back(call.db, call.caller, case_id, cost_id, call.trace_id)
    return JSONResponse(jsonable_encoder(costs.of_case(call.db, call.caller, case_id)))


@router.get("/api/contractors")
def contractors(call: Annotated[Call, permit("order.cost")]) -> list[dict[str, Any]]:
    """Contractors of the caller's unit."""
    return costs.contractors(call.db, call.caller.unit_id)


@router.post("/api/contractors", status_code=201)
def add_contractor(body: ContractorIn, call: Annotated[Call, permit("order.cost")]) -> dict[str, int]:
    """Enter a contractor of the caller's unit."""
    return {"id": costs.add_contractor(call.db, call.caller, body.name, body.name_en, body.contact)}
