"""Cities for stories that run on more than one: the demonstration, and a real one from its files."""

from __future__ import annotations

from sqlalchemy import Connection, text

from config import profiles
from config.settings import Settings
from data import demonstration
from data.lending import lend_organisation
from gis.importing.city import import_osm
from ingest import devices
from ingest.devices import DeviceRow
from tests.support.real_data import real


def demonstration_city(db: Connection, settings: Settings, cases: int = 0) -> None:
    """The demonstration at 1:50 with so many cases behind it."""
    demonstration.load(db, settings, cases=cases, desks=False)


def porto_alegre(db: Connection, settings: Settings) -> None:
    """Porto Alegre from OpenStreetMap with lent people, and one pressure meter, which OpenStreetMap knows nothing of.

    Skips the test where the real data is absent.
    """
    import_osm(db, real("porto-alegre-osm-gtfs/poa_osm.pbf"), name="Porto Alegre")
    lend_organisation(db, settings)
    meter = db.execute(
        text(
            "insert into gis.asset (kind, name, geom, source, source_ref) select 'flow_meter', 'Medidor', geom, 'test', 'meter-1'"
            " from gis.asset where kind = 'street_lamp' order by id limit 1 returning id"
        )
    ).scalar_one()
    devices.upsert_profiles(db, profiles.read())
    names = [DeviceRow("meter-1", meter, "flow_meter"), DeviceRow("meter-2", meter, "flow_meter")]
    devices.upsert_devices(db, names)
