"""A city's own frame: right to the last bit that matters, and its parameters nowhere to be seen."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from api.cli import main
from config.errors import CityCommandError, ConfigurationError, InvalidInput
from gis import frame_estimate, frames
from gis.ellipsoid import CGCS2000_A, CGCS2000_F, Mercator, geocentric, geodetic
from gis.importing.systems import system_of

FOUR = {"dx_m": 398712.4637, "dy_m": -1204.8819, "rotation_s": 731.2467, "scale_ppm": 3.8127}
SEVEN = {
    "semi_major_m": 6378245.0, "inverse_flattening": 298.3, "central_meridian": 116.35046, "false_easting_m": 499317.2846,
    "false_northing_m": -3999718.6153, "meridian_scale": 1.0, "tx_m": 14.7719, "ty_m": -151.3348, "tz_m": -81.2976,
    "rx_s": 0.5173, "ry_s": -0.2891, "rz_s": 0.7364, "scale_ppm": -4.7291,
}  # fmt: skip
LON, LAT = np.array([116.31, 116.42, 116.55]), np.array([39.81, 39.95, 40.02])


def written(path: Path, kind: str, values: Mapping[str, object], base: str = "EPSG:4548", mode: int = 0o600) -> Path:
    lines = [f'kind = "{kind}"', f'base = "{base}"', *(f"{name} = {value!r}" for name, value in values.items())]
    path.write_text("\n".join(lines), encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.fixture(params=["helmert4", "helmert7"])
def frame_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return written(tmp_path / "frame.toml", request.param, FOUR if request.param == "helmert4" else SEVEN)


def secrets() -> list[str]:
    """Every parameter as it might be written: whole, rounded, without its sign."""
    numbers = [value for value in (*FOUR.values(), *SEVEN.values()) if value not in (1.0, 298.3, 6378245.0)]
    return [text for value in numbers for text in (f"{abs(value):.4f}", f"{abs(value):.3f}")]


def leaks(said: str) -> list[str]:
    return [secret for secret in secrets() if secret in said]


def test_there_and_back_is_the_same_place(frame_file: Path) -> None:
    frame = frames.read(frame_file)
    x, y = frame.from_wgs84(LON, LAT)
    lon, lat = frame.to_wgs84(x, y)
    assert np.abs(lon - LON).max() < 1e-9
    assert np.abs(lat - LAT).max() < 1e-9


def test_four_parameters_are_what_the_textbook_says(tmp_path: Path) -> None:
    frame = frames.read(written(tmp_path / "f", "helmert4", FOUR))
    lon, lat = frame.to_wgs84(np.array([1000.0]), np.array([2000.0]))
    turn, size = np.radians(FOUR["rotation_s"] / 3600), 1 + FOUR["scale_ppm"] * 1e-6
    east = FOUR["dx_m"] + size * (1000 * np.cos(turn) - 2000 * np.sin(turn))
    north = FOUR["dy_m"] + size * (1000 * np.sin(turn) + 2000 * np.cos(turn))
    expected = Transformer.from_crs(4548, 4326, always_xy=True).transform(east, north)
    assert (lon[0], lat[0]) == pytest.approx(expected, abs=1e-12)


def test_seven_parameters_agree_with_proj(tmp_path: Path) -> None:
    frame = frames.read(written(tmp_path / "f", "helmert7", SEVEN))
    x, y = frame.from_wgs84(LON, LAT)
    proj = Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0={central_meridian} +k={meridian_scale} +x_0={false_easting_m}"
        " +y_0={false_northing_m} +a={semi_major_m} +rf={inverse_flattening}"
        " +step +proj=cart +a={semi_major_m} +rf={inverse_flattening}"
        " +step +proj=helmert +x={tx_m} +y={ty_m} +z={tz_m} +rx={rx_s} +ry={ry_s} +rz={rz_s} +s={scale_ppm}"
        " +convention=position_vector +step +inv +proj=cart +ellps=GRS80 +step +proj=unitconvert +xy_in=rad +xy_out=deg".format(
            **SEVEN
        )
    )
    lon, lat = proj.transform(x, y)[:2]
    assert np.abs(lon - LON).max() < 1e-8
    assert np.abs(lat - LAT).max() < 1e-8


def test_our_own_mercator_and_ellipsoid_are_projs() -> None:
    lon, lat = np.meshgrid(np.linspace(113, 120, 9), np.linspace(18, 54, 9))
    mercator = Mercator(CGCS2000_A, CGCS2000_F, np.radians(117.0), 1.0)
    x, y = mercator.to_metres(lon, lat)
    theirs = Transformer.from_crs(4490, 4548, always_xy=True).transform(lon, lat)
    assert np.abs(x + 500_000 - theirs[0]).max() < 1e-6
    assert np.abs(y - theirs[1]).max() < 1e-6
    back = mercator.to_degrees(x, y)
    assert max(np.abs(back[0] - lon).max(), np.abs(back[1] - lat).max()) < 1e-11
    again = geodetic(geocentric(lon, lat, CGCS2000_A, CGCS2000_F))
    assert max(np.abs(again[0] - lon).max(), np.abs(again[1] - lat).max()) < 1e-11


def test_a_frame_says_nothing_about_itself(frame_file: Path) -> None:
    frame = frames.read(frame_file)
    said = f"{frame!r} {frame} {[getattr(frame, name) for name in dir(frame)]}"
    assert leaks(said) == []
    with pytest.raises(TypeError):
        pickle.dumps(frame)


BROKEN: dict[str, Callable[[Path], Path]] = {
    "readable by others": lambda path: written(path, "helmert4", FOUR, mode=0o640),
    "no kind": lambda path: written(path, "helmert5", FOUR),
    "a word for a number": lambda path: written(path, "helmert4", {**FOUR, "dy_m": "-1204.8819"}),
    "a field missing": lambda path: written(path, "helmert7", {key: SEVEN[key] for key in list(SEVEN)[:-1]}),
    "not a number": lambda path: written(path, "helmert4", {**FOUR, "scale_ppm": float("nan")}),
    "absurd": lambda path: written(path, "helmert7", {**SEVEN, "meridian_scale": 398712.4637}),
    "no base": lambda path: written(path, "helmert4", FOUR, base="398712.4637"),
    "base in degrees": lambda path: written(path, "helmert4", FOUR, base="EPSG:4490"),
    "no TOML": lambda path: _chopped(path),
    "not there": lambda path: path,
}


def _chopped(path: Path) -> Path:
    written(path, "helmert4", FOUR)
    path.write_text(path.read_text() + "\nrx_s = = 731.2467", encoding="utf-8")
    return path


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_refused_without_a_number_of_it(
    fault: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = BROKEN[fault](tmp_path / "frame.toml")
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigurationError) as refused:
        frames.read(path)
    whole = "".join(traceback.TracebackException.from_exception(refused.value, capture_locals=True).format())
    assert "frame.toml" in whole
    frames_of_ours = whole[whole.index("gis/frames.py") :]
    assert leaks(frames_of_ours) == []
    assert leaks(f"{refused.value!r} {refused.value} {refused.value.said()} {caplog.text}") == []
    assert refused.value.__cause__ is None


def test_a_file_in_the_checkout_is_refused() -> None:
    path = frames.CHECKOUT / "frame-of-a-test.toml"
    try:
        written(path, "helmert4", FOUR)
        with pytest.raises(ConfigurationError, match="checkout"):
            frames.read(path)
    finally:
        path.unlink()


def test_nothing_shows_when_coordinates_make_no_sense(frame_file: Path) -> None:
    frame = frames.read(frame_file)
    lon, lat = frame.to_wgs84(np.array([np.nan, np.inf, 1e300]), np.array([0.0, 0.0, 0.0]))
    assert not np.isfinite(lon[:2] + lat[:2]).any()
    for wrong in ("text", [object()]):
        with pytest.raises((TypeError, ValueError)) as refused:
            frame.to_wgs84(wrong, wrong)  # type: ignore[arg-type]
        whole = "".join(traceback.TracebackException.from_exception(refused.value, capture_locals=True).format())
        assert leaks(whole[whole.index("gis/frames.py") :]) == []


def test_the_system_local_is_known_only_where_a_frame_is(frame_file: Path) -> None:
    with pytest.raises(InvalidInput, match="no local coordinate frame"):
        system_of("local")
    with frames.using(frames.read(frame_file)):
        system = system_of("local")
        x, y = frames.current().from_wgs84(LON, LAT)
        assert system.to_wgs84(x, y)[0] == pytest.approx(LON, abs=1e-9)
        assert leaks(repr(system)) == []


def control_points(path: Path, frame: frames.Frame, noise_m: float = 0.0, gross_m: float = 0.0) -> Path:
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(116.2, 116.6, 12), rng.uniform(39.8, 40.1, 12)
    x, y = frame.from_wgs84(lon, lat)
    x, y = x + rng.normal(0, noise_m, 12), y + rng.normal(0, noise_m, 12)
    x[4] += gross_m
    rows = [
        f"P{n},{a!r},{b!r},{c!r},{d!r}"
        for n, (a, b, c, d) in enumerate(zip(*map(np.ndarray.tolist, (x, y, lon, lat)), strict=True))
    ]
    path.write_text("\n".join(["name,x,y,lon,lat", *rows]), encoding="utf-8")
    return path


def test_parameters_are_found_from_control_points_and_shown_nowhere(
    frame_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    true = frames.read(frame_file)
    points = control_points(tmp_path / "points.csv", true, noise_m=0.02)
    target = tmp_path / "found.toml"
    plane = tmp_path / "plane.toml"
    written(plane, "helmert7", {name: SEVEN[name] for name in frame_estimate.PLANE_FIELDS})
    asked = ["frame", "estimate", str(points), "--kind", true.kind, "--base", "EPSG:4548", "--plane", str(plane)]
    assert main([*asked, "--write", str(target), "--json"]) == 0
    shown = capsys.readouterr()
    assert leaks(shown.out + shown.err) == []
    assert '"rms_m": 0.0' in shown.out
    assert target.stat().st_mode & 0o777 == 0o600
    found = frames.read(target)
    x, y = true.from_wgs84(LON, LAT)
    lon, lat = found.to_wgs84(x, y)
    assert np.abs(lon - LON).max() < 1e-6
    assert np.abs(lat - LAT).max() < 1e-6
    assert main([*asked, "--write", str(target)]) == 1, "a file that stands is not overwritten"
    assert leaks(capsys.readouterr().err) == []


def test_a_gross_error_among_the_points_is_named(tmp_path: Path) -> None:
    true = frames.read(written(tmp_path / "f", "helmert4", FOUR))
    points = frame_estimate.read_points(control_points(tmp_path / "p.csv", true, 0.01, gross_m=3.0))
    fit = frame_estimate.estimate(points, "helmert4", tmp_path / "g", "EPSG:4548")
    assert "P4" in fit.doubtful
    assert fit.residuals_m["P4"] == max(fit.residuals_m.values())


@pytest.mark.parametrize(
    "text",
    [
        "x,y\n1,2",
        "x,y,lon,lat\n398712.4637,b,116,39",
        "x,y,lon,lat\n1,2,nan,39",
        "x,y,lon,lat\n398712.4637,-1204.8819,116,39",
    ],
)
def test_control_points_that_will_not_do(text: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CityCommandError) as refused:
        frame_estimate.estimate(frame_estimate.read_points(path), "helmert4", tmp_path / "g", "EPSG:4548")
    assert leaks(str(refused.value)) == []
    assert not (tmp_path / "g").exists()
