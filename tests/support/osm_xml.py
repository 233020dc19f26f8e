"""Small OpenStreetMap files, written by the test that reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr


class OsmXml:
    """Collects nodes, ways and relations; `write` gives a file that OSM tools read. Ids count from 1 in each sort."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {"node": [], "way": [], "relation": []}

    def node(self, lon: float, lat: float, **tags: str) -> int:
        """A node in WGS 84 degrees; returns its id."""
        return self._add("node", f'lon="{lon}" lat="{lat}"', "", tags)

    def way(self, nodes: Sequence[int], **tags: str) -> int:
        """A way through nodes; returns its id."""
        return self._add("way", "", "".join(f'<nd ref="{node}"/>' for node in nodes), tags)

    def ring(self, west: float, south: float, east: float, north: float, **tags: str) -> int:
        """A closed way around a box; returns its id."""
        corners = [self.node(x, y) for x, y in ((west, south), (east, south), (east, north), (west, north))]
        return self.way([*corners, corners[0]], **tags)

    def relation(self, members: Sequence[tuple[str, int, str]], **tags: str) -> int:
        """A relation of (sort, id, role) members; returns its id."""
        inside = "".join(f'<member type="{sort}" ref="{ref}" role="{role}"/>' for sort, ref, role in members)
        return self._add("relation", "", inside, tags)

    def write(self, path: Path) -> Path:
        """Write the file; returns its path."""
        body = "\n".join(line for lines in self._lines.values() for line in lines)
        path.write_text(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n{body}\n</osm>\n', encoding="utf-8"
        )
        return path

    def _add(self, sort: str, attributes: str, inside: str, tags: Mapping[str, str]) -> int:
        number = len(self._lines[sort]) + 1
        written = "".join(
            f"<tag k={quoteattr(key.replace('__', ':'))} v={quoteattr(value)}/>" for key, value in tags.items()
        )
        head = f'<{sort} id="{number}" version="1" timestamp="2020-01-01T00:00:00Z" {attributes}>'
        self._lines[sort].append(f"{head}{inside}{written}</{sort}>")
        return number
