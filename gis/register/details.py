"""The SQL that keeps the typed tables: written from config/kinds.toml, frozen in a migration, run by triggers on gis.asset.

gis.asset.attributes stays the one versioned record. After every statement that adds or changes assets, `gis.keep_details()` takes the
rows of that statement together and fills the typed tables from them, so that they cannot drift; the application may only read them.
A value that does not fit its column (a width of "about 5") is null there and stays as it came in the attributes.

`python -m gis.register.details` prints the whole, for the next migration.
"""

from __future__ import annotations

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from gis.db import APPLICATION_ROLE
from gis.register.tables import DETAILS, TABLES, Detail, Field

READERS = """
-- What the typed tables read out of JSON values; null for what is not of the kind.
create or replace function gis.number_in(value jsonb, low double precision, high double precision) returns double precision
language plpgsql immutable strict parallel safe as $$
declare
    number double precision;
begin
    if jsonb_typeof(value) = 'number' then
        number := value::double precision;
    elsif jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^\\s*-?\\d{1,15}(\\.\\d{1,15})?\\s*$' then
        number := (value #>> '{}')::double precision;
    end if;
    return case when number between low and high then number end;
end
$$;
create or replace function gis.flag_in(value jsonb) returns boolean
language plpgsql immutable strict parallel safe as $$
begin
    return case jsonb_typeof(value) when 'boolean' then value::boolean when 'null' then null
           else lower(value #>> '{}') not in ('no', 'false', '0', '', '否') end;
end
$$;
create or replace function gis.date_in(value jsonb) returns date
language plpgsql immutable strict parallel safe as $$
begin
    return case when value #>> '{}' ~ '^\\d{4}-\\d{2}-\\d{2}$' then make_date(
        substr(value #>> '{}', 1, 4)::integer, substr(value #>> '{}', 6, 2)::integer, substr(value #>> '{}', 9, 2)::integer) end;
exception when datetime_field_overflow then
    return null;
end
$$;
create or replace function gis.texts_in(value jsonb) returns text[]
language plpgsql immutable strict parallel safe as $$
begin
    return case when jsonb_typeof(value) = 'array' then array(select jsonb_array_elements_text(value)) end;
end
$$;
"""

_FUNCTION = (
    "language plpgsql security definer set search_path = gis, public set plan_cache_mode = force_custom_plan as $$"
)
"""Plans are made anew: the same session sees a table empty and, one COPY later, full."""


def functions() -> str:
    """Readers of JSON values, one filling function for each typed table, the triggers, and the rebuilding of all."""
    parts = [READERS, *(_fill(detail) for detail in DETAILS.values()), _link(), _keep(), _TRIGGERS, _rebuild()]
    return "\n".join(part.strip() for part in parts) + "\n"


def definitions() -> str:
    """CREATE statements of the typed tables with their indexes and rights, for a migration."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements = []
    for table in TABLES.values():
        statements.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        statements += [
            str(CreateIndex(index).compile(dialect=dialect))
            for index in sorted(table.indexes, key=lambda i: str(i.name))
        ]
        statements.append(f"comment on table {table.fullname} is '{table.comment}'")
        statements.append(f"grant select on {table.fullname} to {APPLICATION_ROLE}")
    return ";\n".join(statements).replace("\t", "    ") + ";\n"


def _value(each: Field) -> str:
    """SQL expression of a column's value from `a.attributes`."""
    readings = [_reading(each, attribute.code) for attribute in each.attributes]
    measures = {
        "length": "nullif(st_length(a.geom::geography), 0)",
        "area": "nullif(st_area(a.geom::geography), 0)",
    }
    readings += [measures[attribute.measured] for attribute in each.attributes if attribute.measured]
    return readings[0] if len(readings) == 1 else f"coalesce({', '.join(readings)})"


def _reading(each: Field, attribute: str) -> str:
    value = f"a.attributes -> '{attribute}'"
    low, high = each.bounds or ("'-infinity'", "'infinity'")
    if isinstance(low, float):
        low, high = f"{low:.15g}", f"{high:.15g}"
    readers = {
        "double precision": f"gis.number_in({value}, {low}, {high})",
        "integer": f"round(gis.number_in({value}, {low}, {high}))::integer",
        "boolean": f"gis.flag_in({value})",
        "date": f"gis.date_in({value})",
        "text[]": f"gis.texts_in({value})",
    }
    text = f"nullif(a.attributes ->> '{attribute}', '')"
    if each.choices:
        listed = ", ".join(f"'{choice}'" for choice in each.choices)
        text = f"case when a.attributes ->> '{attribute}' in ({listed}) then a.attributes ->> '{attribute}' end"
    return readers.get(each.sql_type, text)


def _listed(kinds: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def _filled(detail: Detail) -> dict[str, str]:
    """Column → expression, over the asset `a`."""
    found = {"asset_id": "a.id"}
    found |= {"kind": "a.kind"} if len(detail.kinds) > 1 else {}
    found |= {"source": "a.source"} if detail.references else {}
    for each in detail.fields.values():
        if each.refers:
            named = _value(each)
            found[f"{each.name}_ref"] = named
            found[f"{each.name}_id"] = (
                f"(select t.id from gis.asset t where t.source = a.source and t.source_ref = {named}"
                f" and t.kind in ({_listed(each.refers)}))"
            )
        else:
            found[each.name] = _value(each)
    return found


def _fill(detail: Detail) -> str:
    filled = _filled(detail)
    selected = ",\n           ".join(filled.values())
    kept = ", ".join(f"{name} = excluded.{name}" for name in filled if name != "asset_id")
    return f"""
create or replace function gis.fill_{detail.name}(ids bigint[]) returns void
{_FUNCTION}
begin
    insert into gis.{detail.name} ({", ".join(filled)})
    select {selected}
    from unnest(ids) as wanted (id) join gis.asset a on a.id = wanted.id
    where a.kind in ({_listed(detail.kinds)})
    on conflict (asset_id) do update set {kept};
end
$$;
revoke all on function gis.fill_{detail.name}(bigint[]) from public;
"""


def _link() -> str:
    """Those who named an asset before it came, or while it was of another kind, learn of it."""
    targets = dict.fromkeys(kind for detail in DETAILS.values() for each in detail.references for kind in each.refers)
    cases = []
    for target in targets:
        updates = [
            f"update gis.{detail.name} d set {each.name}_id = n.id from gis.asset n"
            f" where n.id = any(ids) and d.source = n.source and d.{each.name}_ref = n.source_ref"
            f" and d.{each.name}_id is distinct from n.id;"
            for detail in DETAILS.values()
            for each in detail.references
            if target in each.refers
        ]
        cases.append(f"    when '{target}' then\n        " + "\n        ".join(updates))
    return (
        "create or replace function gis.link_details(target text, ids bigint[]) returns void\n"
        f"{_FUNCTION}\nbegin\n    case target\n" + "\n".join(cases) + "\n    else null;\n    end case;\nend\n$$;\n"
        "revoke all on function gis.link_details(text, bigint[]) from public;"
    )


def _keep() -> str:
    kinds = [(kind, detail.name) for detail in DETAILS.values() for kind in detail.kinds]
    fills = "\n".join(f"        when '{kind}' then perform gis.fill_{table}(one.ids);" for kind, table in kinds)
    leaves = "\n".join(
        f"            when '{kind}' then delete from gis.{table} where asset_id = any(one.ids);"
        for kind, table in kinds
    )
    forgets = "\n".join(
        f"        update gis.{detail.name} set {each.name}_id = null where {each.name}_id = any(renamed);"
        for detail in DETAILS.values()
        for each in detail.references
    )
    return f"""
-- After a statement on gis.asset: what it added or changed, kind by kind, into the typed tables.
create or replace function gis.keep_details() returns trigger
{_FUNCTION}
declare
    one record;
    renamed bigint[];
begin
    if tg_op = 'UPDATE' then
        select array_agg(n.id) into renamed from became n join was o on o.id = n.id
        where (n.kind, n.source, n.source_ref) is distinct from (o.kind, o.source, o.source_ref);
    end if;
    if renamed is not null then
        for one in select o.kind, array_agg(o.id) as ids from was o where o.id = any(renamed) group by o.kind loop
            case one.kind
{leaves}
            else null;
            end case;
        end loop;
{forgets}
    end if;
    for one in execute case tg_op
        when 'INSERT' then 'select kind, array_agg(id) as ids, array_agg(id) as met from became group by kind'
        else 'select n.kind, array_agg(n.id) as ids, array_agg(n.id) filter (where n.id = any($1)) as met'
             ' from became n join was o on o.id = n.id where n.attributes is distinct from o.attributes'
             ' or n.geom is distinct from o.geom or n.id = any($1) group by n.kind' end using renamed
    loop
        case one.kind
{fills}
        else null;
        end case;
        if one.met is not null then
            perform gis.link_details(one.kind, one.met);
        end if;
    end loop;
    return null;
end
$$;
revoke all on function gis.keep_details() from public;
"""


_TRIGGERS = """
create trigger keep_details_added after insert on gis.asset
    referencing new table as became for each statement execute function gis.keep_details();
create trigger keep_details_changed after update on gis.asset
    referencing old table as was new table as became for each statement execute function gis.keep_details();
"""


def _rebuild() -> str:
    steps = "\n".join(
        f"    delete from gis.{detail.name};\n"
        f"    perform gis.fill_{detail.name}(array(select id from gis.asset where kind in ({_listed(detail.kinds)})));"
        for detail in DETAILS.values()
    )
    return f"""
-- All typed tables anew from gis.asset.
create or replace function gis.rebuild_details() returns void
{_FUNCTION}
begin
{steps}
end
$$;
revoke all on function gis.rebuild_details() from public;
grant execute on function gis.rebuild_details() to {APPLICATION_ROLE};
"""


if __name__ == "__main__":
    print(definitions(), functions(), sep="\n")
