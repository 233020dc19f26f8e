"""A city's own coordinate frame (地方独立坐标系): from its metres to WGS 84 by parameters that are a secret of the state.

They come from a file outside checkout, database and backup, mode 0600, named by CITYCOMMAND_LOCAL_FRAME, and go nowhere else: no
message, log, repr, export or traceback holds one of them. A Frame keeps them in a closure, arithmetic is done here and not by a
library that would name them in its errors, and every error says what is wrong without the value.

helmert4 (2D): local metres turned, scaled and moved onto a projected system, `base`. helmert7 (3D): local metres → longitude and
latitude on the local ellipsoid by its own transverse Mercator → geocentric → moved, turned (small angles, position-vector
convention) and scaled → geocentric CGCS2000 → degrees.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.exceptions import ProjError

from config.errors import ConfigurationError, InvalidInput
from gis.ellipsoid import CGCS2000_A, CGCS2000_F, Mercator, geocentric, geodetic

Numbers = NDArray[np.float64]
Way = Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]

NAME = "local"
"""How the frame is called where a system is stated."""

CHECKOUT = Path(__file__).resolve().parents[1]
MOST_PPM = 1e4
SECOND = np.pi / 180 / 3600

FIELDS: dict[str, tuple[str, ...]] = {
    "helmert4": ("dx_m", "dy_m", "rotation_s", "scale_ppm"),
    "helmert7": (
        "semi_major_m", "inverse_flattening", "central_meridian", "false_easting_m", "false_northing_m", "meridian_scale",
        "tx_m", "ty_m", "tz_m", "rx_s", "ry_s", "rz_s", "scale_ppm",
    ),
}  # fmt: skip
"""What the file holds beside `kind` (and `base`, an EPSG code, for helmert4): metres, seconds of arc, parts per million, degrees."""


class Frame:
    """A local frame: to WGS 84 and back. Says nothing about itself but its kind."""

    __slots__ = ("_back", "_there", "kind")

    def __init__(self, kind: str, there: Way, back: Way) -> None:
        self.kind = kind
        self._there = there
        self._back = back

    def to_wgs84(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """Local metres (east, north) → degrees, arrays of one shape; not finite where a point cannot be placed."""
        with np.errstate(all="ignore"):
            return self._there(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))

    def from_wgs84(self, lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
        """Degrees → local metres (east, north)."""
        with np.errstate(all="ignore"):
            return self._back(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))

    def __repr__(self) -> str:
        return "<local frame>"

    def __reduce__(self) -> Any:
        raise TypeError("A local frame is not written anywhere.")


_current: ContextVar[Frame | None] = ContextVar("local_frame", default=None)


@contextmanager
def using(frame: Frame | None) -> Iterator[None]:
    """Everything inside may state the system `local`."""
    token = _current.set(frame)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Frame:
    """The frame of this instance. Raises InvalidInput where it has none."""
    frame = _current.get()
    if frame is None:
        raise InvalidInput(
            "This instance has no local coordinate frame.",
            "Have the parameters put into a protected file and name it in CITYCOMMAND_LOCAL_FRAME, or deliver the data in CGCS2000.",
        )
    return frame


def read(path: Path) -> Frame:
    """The frame of a protected file.

    Raises ConfigurationError, without a value of the file, where it is not protected, not complete, or makes no sense.
    """
    what = unprotected(path)
    if not what:
        # Whoever raises holds no value: a traceback that shows local variables shows a path and a sentence.
        what, frame = _loaded(path)
        if frame is not None:
            return frame
    raise ConfigurationError(
        "The file of the local frame, {file}, cannot be used: it {what}.",
        "Keep it outside the checkout, owned by the service's user, mode 0600, with the fields of docs/guide/coordinates.md.",
        file=path.name,
        what=what,
    )


def of(path: Path | None) -> Frame | None:
    """The frame of the file that the settings name, if they name one. Raises as `read`."""
    return None if path is None else read(path)


def unprotected(path: Path) -> str:
    """Why a file may not hold the parameters, in words that follow 'it'; empty where it may."""
    try:
        resolved, status = path.resolve(strict=True), path.stat()
    except OSError:
        return "cannot be read"
    if resolved.is_relative_to(CHECKOUT):
        return "lies in the checkout"
    if status.st_mode & 0o077 or status.st_uid not in (os.geteuid(), 0):
        return "may be read by others"
    return ""


def _loaded(path: Path) -> tuple[str, Frame | None]:
    """What is wrong with the file, or its frame. Nothing is raised from where the values are."""
    try:
        with path.open("rb") as file:
            return _built(tomllib.load(file))
    except OSError:
        return "cannot be read", None
    except (ValueError, RecursionError):
        return "is no TOML", None


def _built(content: Mapping[str, Any]) -> tuple[str, Frame | None]:
    kind = content.get("kind")
    if not isinstance(kind, str) or kind not in FIELDS:
        return "names no kind, helmert4 or helmert7", None
    wanted = [(name, content.get(name)) for name in FIELDS[kind]]
    missing = [name for name, value in wanted if not isinstance(value, int | float) or isinstance(value, bool)]
    if missing:
        return f"lacks a number: {', '.join(missing)}", None
    numbers = np.array([value for _, value in wanted], dtype=np.float64)
    if not np.isfinite(numbers).all() or abs(numbers[-1]) > MOST_PPM or not _sensible(kind, numbers):
        return "holds a number that makes no sense", None
    if kind == "helmert7":
        return "", Frame(kind, *_helmert7(numbers))
    base = projected(content.get("base"))
    if base is None:
        return "names no base, the EPSG code of a projected system", None
    return "", Frame(kind, *_helmert4(numbers, base))


def _sensible(kind: str, numbers: Numbers) -> bool:
    if kind == "helmert4":
        return True
    a, rf, meridian, scale = numbers[[0, 1, 2, 5]]
    return bool(6.3e6 < a < 6.4e6 and 290 < rf < 310 and abs(meridian) <= 180 and 0.9 < scale < 1.1)


def projected(code: object) -> Transformer | None:
    """The way from a projected system (EPSG:4547) to WGS 84; None where it is no such code."""
    try:
        way = Transformer.from_crs(str(code), 4326, always_xy=True)
    except ProjError:
        return None
    return way if way.source_crs is not None and way.source_crs.is_projected else None


def _helmert4(numbers: Numbers, to_degrees: Transformer) -> tuple[Way, Way]:
    angle, size = numbers[2] * SECOND, 1 + numbers[3] * 1e-6
    turn = size * np.exp(1j * angle)
    moved = complex(numbers[0], numbers[1])

    def there(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        plane = moved + turn * (x + 1j * y)
        lon, lat = to_degrees.transform(plane.real, plane.imag, errcheck=False)
        return np.asarray(lon), np.asarray(lat)

    def back(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
        x, y = to_degrees.transform(lon, lat, direction="INVERSE", errcheck=False)
        local = (np.asarray(x) + 1j * np.asarray(y) - moved) / turn
        return local.real, local.imag

    return there, back


def _helmert7(numbers: Numbers) -> tuple[Way, Way]:
    a, rf, meridian, east0, north0, scale = numbers[:6]
    moved, turns, size = numbers[6:9], numbers[9:12] * SECOND, 1 + numbers[12] * 1e-6
    # Position vector convention, small angles, as EPSG method 9606.
    turn = size * np.array([[1, -turns[2], turns[1]], [turns[2], 1, -turns[0]], [-turns[1], turns[0], 1]])
    # The projection is PROJ's on an ellipsoid of its own, moved by our own arithmetic; it cannot fail on finite numbers.
    plane = Mercator(float(a), 1 / float(rf), float(np.radians(meridian)), float(scale))

    def there(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        lon, lat = plane.to_degrees(x - east0, y - north0)
        local = geocentric(lon, lat, float(a), 1 / float(rf))
        return geodetic(np.tensordot(turn, local, 1) + moved.reshape((3,) + (1,) * np.ndim(x)))

    def back(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
        whole = geocentric(lon, lat, CGCS2000_A, CGCS2000_F) - moved.reshape((3,) + (1,) * np.ndim(lon))
        local_lon, local_lat = geodetic(np.tensordot(np.linalg.inv(turn), whole, 1), float(a), 1 / float(rf))
        x, y = plane.to_metres(local_lon, local_lat)
        return x + east0, y + north0

    def exactly_back(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
        # Each way drops a height of its own, which costs a millimetre in turning round; two corrections take it back.
        x, y = back(lon, lat)
        for _ in range(2):
            again_x, again_y = back(*there(x, y))
            once_x, once_y = back(lon, lat)
            x, y = x + once_x - again_x, y + once_y - again_y
        return x, y

    return there, exactly_back
