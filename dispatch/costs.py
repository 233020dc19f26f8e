"""What handling a case cost, entered by the units that work on it (D5). Lines are appended; a mistake is taken back by its mirror."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound, NotPermitted
from dispatch.cost_tables import KINDS
from gis.actors import Actor

KIND_NAMES: dict[str, tuple[str, str]] = {
    "labour": ("人工", "Labour"),
    "material": ("材料", "Material"),
    "machine": ("机械", "Machines"),
    "contractor": ("外包", "Contractor"),
}


@dataclass(frozen=True)
class NewCost:
    """A line to enter: quantity × price in yuan. A contractor's line names the contractor."""

    kind: str
    what: str
    quantity: Decimal
    unit_price: Decimal
    measure: str = ""
    contractor_id: int | None = None


_ADD = text("""
    insert into dispatch.cost (case_id, unit_id, kind, what, quantity, measure, unit_price, contractor_id, fallback, account_id, trace_id)
    select :case, :unit, :kind, :what, :quantity, :measure, :price, :contractor, c.fallback and c.unit_id = :unit, :account, :trace
    from dispatch.cases c where c.id = :case
    returning id
""")

_TAKE_BACK = text("""
    insert into dispatch.cost (case_id, unit_id, kind, what, quantity, measure, unit_price, contractor_id, fallback, takes_back_id,
                               account_id, trace_id)
    select case_id, unit_id, kind, what, -quantity, measure, unit_price, contractor_id, fallback, id, :account, :trace
    from dispatch.cost where id = :id and case_id = :case and unit_id = :unit and takes_back_id is null
    on conflict (takes_back_id) do nothing
    returning id
""")


def add(db: Connection, actor: Actor, case_id: int, new: NewCost, trace_id: str) -> int:
    """Enter a line of the actor's own unit; returns its id. Raises NotPermitted, NotFound or InvalidInput."""
    unit_id = _working_unit(db, actor, case_id)
    if new.kind not in KINDS:
        raise InvalidInput(
            "There is no kind of cost '{kind}'.", "Kinds are: {kinds}.", kind=new.kind, kinds=", ".join(KINDS)
        )
    if new.quantity <= 0 or new.unit_price < 0:
        raise InvalidInput("A cost has a quantity above nothing and a price.", field="quantity")
    if (new.kind == "contractor") != (new.contractor_id is not None):
        raise InvalidInput("A contractor's line names the contractor, and no other does.", field="contractor_id")
    if new.contractor_id is not None:
        _check_contractor(db, new.contractor_id, unit_id)
    values = {
        "case": case_id,
        "unit": unit_id,
        "kind": new.kind,
        "what": new.what.strip() or KIND_NAMES[new.kind][0],
        "quantity": new.quantity,
        "measure": new.measure,
        "price": new.unit_price,
        "contractor": new.contractor_id,
        "account": actor.account_id,
        "trace": trace_id,
    }
    return int(db.execute(_ADD, values).scalar_one())


def take_back(db: Connection, actor: Actor, case_id: int, cost_id: int, trace_id: str) -> int:
    """Enter the mirror of a line of one's own unit; returns its id. Raises NotFound for a line that is none, or was taken back."""
    values = {
        "id": cost_id,
        "case": case_id,
        "unit": _working_unit(db, actor, case_id),
        "account": actor.account_id,
        "trace": trace_id,
    }
    row = db.execute(_TAKE_BACK, values).first()
    if row is None:
        raise NotFound("There is no such cost of your unit, or it was taken back already.", "Reload the case.")
    return int(row.id)


def of_case(db: Connection, actor: Actor, case_id: int) -> dict[str, Any]:
    """{"lines": [...], "total": yuan, "may_enter": bool}: who spent what; a line that was taken back stands beside its mirror."""
    rows = db.execute(
        text("""
            select k.id, k.kind, k.what, k.quantity, k.measure, k.unit_price, k.amount, k.fallback, k.takes_back_id, k.recorded_at,
                   k.unit_id, case when :en and u.name_en <> '' then u.name_en else u.name end as unit,
                   case when :en and t.name_en <> '' then t.name_en else t.name end as contractor,
                   exists (select from dispatch.cost mirror where mirror.takes_back_id = k.id) as taken_back
            from dispatch.cost k join gis.unit u on u.id = k.unit_id left join dispatch.contractor t on t.id = k.contractor_id
            where k.case_id = :id order by k.id
        """),
        {"id": case_id, "en": actor.locale == "en"},
    )
    lines = [{**row._mapping, "kind_name": KIND_NAMES[row.kind][actor.locale == "en"]} for row in rows]
    may_enter = actor.may("order.cost") and _works(db, actor, case_id)
    return {"lines": lines, "total": sum((line["amount"] for line in lines), Decimal(0)), "may_enter": may_enter}


def contractors(db: Connection, unit_id: int | None) -> list[dict[str, Any]]:
    """Contractors of a unit that are in use, by name."""
    rows = db.execute(
        text(
            "select id, name, name_en, contact from dispatch.contractor where unit_id = :unit and active order by name"
        ),
        {"unit": unit_id},
    )
    return [dict(row._mapping) for row in rows]


def add_contractor(db: Connection, actor: Actor, name: str, name_en: str, contact: str) -> int:
    """Enter a contractor of the actor's unit, or bring one of this name back into use; returns its id."""
    if actor.unit_id is None:
        raise NotPermitted("Contractors belong to units.", "Ask the desk of the unit.")
    if not name.strip():
        raise InvalidInput("A contractor has a name.", field="name")
    row = db.execute(
        text(
            "insert into dispatch.contractor (unit_id, name, name_en, contact) values (:unit, :name, :en, :contact)"
            " on conflict (unit_id, name) do update set name_en = excluded.name_en, contact = excluded.contact, active = true"
            " returning id"
        ),
        {"unit": actor.unit_id, "name": name.strip(), "en": name_en.strip(), "contact": contact.strip()},
    )
    return int(row.scalar_one())


def _works(db: Connection, actor: Actor, case_id: int) -> bool:
    """Whether the actor's unit leads on the case, or assists or has assisted."""
    works = text("""
        select exists (select from dispatch.cases where id = :case and unit_id = :unit)
            or exists (select from dispatch.assist where case_id = :case and unit_id = :unit and accepted_at is not null)
    """)
    return bool(db.execute(works, {"case": case_id, "unit": actor.unit_id}).scalar_one())


def _working_unit(db: Connection, actor: Actor, case_id: int) -> int:
    """The actor's unit, where it works on the case. Raises NotPermitted."""
    if actor.unit_id is None or not _works(db, actor, case_id):
        raise NotPermitted("Only a unit that works on the case enters costs.", "Ask the unit that has the case.")
    return actor.unit_id


def _check_contractor(db: Connection, contractor_id: int, unit_id: int) -> None:
    known = text("select exists (select from dispatch.contractor where id = :id and unit_id = :unit and active)")
    if not db.execute(known, {"id": contractor_id, "unit": unit_id}).scalar():
        raise InvalidInput(
            "There is no such contractor of your unit.", "Choose one of /api/contractors.", field="contractor_id"
        )
