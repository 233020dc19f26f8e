"""Drawn photos for the demonstration: a street scene with what is wrong, and the same scene mended.

Nobody's photographs: sky, houses, kerb and carriageway are a few polygons, and each motif adds what its case is about.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = (800, 600)
KERB_Y = 350
MOTIFS: dict[str, str] = {
    "C0101": "manhole", "C0102": "manhole", "C0103": "manhole", "C0104": "grate", "C0124": "water", "C0136": "lamp",
    "C0137": "lamp", "C0204": "sign", "C0209": "pothole", "C0212": "sign", "C0213": "sign", "C0215": "sign",
    "C0305": "litter", "C0402": "tree", "C0403": "tree", "M0110": "litter", "M0111": "litter", "M0112": "litter",
    "M0113": "pothole", "M0114": "litter", "M0117": "litter", "M0125": "water", "M0201": "posters", "M0203": "posters",
    "M0501": "water", "M0503": "water", "M0505": "pothole", "M0506": "water", "M0508": "tree",
}  # fmt: skip


def photo(class_code: str, mended: bool, variant: int = 0) -> bytes:
    """A JPEG of 800 × 600 for a case of this class, before or after; equal arguments give equal bytes."""
    rng = np.random.default_rng([variant, int(class_code[1:]), mended])
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    motif = MOTIFS.get(class_code, "litter")
    _street(draw, rng, night=motif == "lamp")
    _DRAW[motif](draw, rng, mended)
    grain = rng.normal(0, 6, (SIZE[1], SIZE[0], 1))
    pixels = np.clip(np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), float) + grain, 0, 255)
    target = BytesIO()
    Image.fromarray(pixels.astype("uint8")).save(target, "JPEG", quality=82)
    return target.getvalue()


def _street(draw: ImageDraw.ImageDraw, rng: np.random.Generator, night: bool) -> None:
    sky, road, pavement = ("#1a2440", "#2b2d33", "#3a3a40") if night else ("#b9d3e6", "#6a6d72", "#b5aea3")
    draw.rectangle((0, 0, 800, KERB_Y), fill=sky)
    left = -20
    while left < 800:
        width, top = int(rng.integers(90, 190)), int(rng.integers(70, 210))
        shade = int(rng.integers(45, 70) if night else rng.integers(165, 215))
        draw.rectangle((left, top, left + width, 300), fill=(shade, shade - 6, shade - 14))
        for x in range(left + 14, left + width - 20, 30):
            for y in range(top + 16, 280, 34):
                lit = night and rng.random() < 0.3
                draw.rectangle((x, y, x + 15, y + 18), fill="#e8c76a" if lit else "#31405a" if night else "#8fa6b8")
        left += width + 6
    draw.rectangle((0, 300, 800, KERB_Y), fill=pavement)
    draw.rectangle((0, KERB_Y, 800, 600), fill=road)
    draw.rectangle((0, KERB_Y - 6, 800, KERB_Y + 4), fill="#d8d4ca" if not night else "#55565c")
    for x in range(-40, 800, 170):
        draw.polygon(
            [(x, 560), (x + 90, 560), (x + 100, 572), (x + 2, 572)], fill="#e9e6d8" if not night else "#77787a"
        )


def _manhole(draw: ImageDraw.ImageDraw, _rng: np.random.Generator, mended: bool) -> None:
    draw.ellipse((290, 410, 530, 520), fill="#4b4e53", outline="#2c2e31", width=8)
    if mended:
        for y in range(430, 505, 14):
            draw.line((320, y, 500, y), fill="#3c3f44", width=5)
        return
    draw.ellipse((310, 422, 510, 508), fill="#0b0c0e")
    draw.ellipse((560, 440, 760, 520), fill="#55585d", outline="#2c2e31", width=6)


def _grate(draw: ImageDraw.ImageDraw, rng: np.random.Generator, mended: bool) -> None:
    draw.rectangle((300, 360, 540, 440), fill="#26282b", outline="#1a1b1d", width=6)
    for bar in range(316, 536, 20):
        draw.line((bar, 366, bar, 434), fill="#6f7378", width=8)
    for _ in range(0 if mended else 160):
        x, y = rng.normal(420, 80), rng.normal(405, 26)
        draw.ellipse((x, y, x + 22, y + 12), fill=("#8a5a2b", "#a8752f", "#6d6a2c")[int(rng.integers(3))])


def _lamp(draw: ImageDraw.ImageDraw, _rng: np.random.Generator, mended: bool) -> None:
    for x, on in ((170, True), (430, mended), (690, True)):
        if on:
            draw.polygon([(x + 44, 128), (x - 80, 470), (x + 180, 470)], fill="#4a4636")
        draw.rectangle((x, 110, x + 9, KERB_Y), fill="#83868c")
        draw.rectangle((x, 108, x + 60, 116), fill="#83868c")
        draw.ellipse((x + 34, 112, x + 66, 130), fill="#fff2b0" if on else "#303238")


def _sign(draw: ImageDraw.ImageDraw, _rng: np.random.Generator, mended: bool) -> None:
    if mended:
        draw.rectangle((396, 160, 406, KERB_Y), fill="#8b8f95")
        draw.rectangle((330, 110, 472, 180), fill="#1b5fa8", outline="#f4f4f4", width=5)
        draw.line((350, 145, 452, 145), fill="#f4f4f4", width=8)
        return
    draw.line((250, 470, 520, 410), fill="#8b8f95", width=10)
    draw.polygon([(500, 360), (640, 400), (620, 470), (480, 430)], fill="#1b5fa8", outline="#f4f4f4")


def _pothole(draw: ImageDraw.ImageDraw, rng: np.random.Generator, mended: bool) -> None:
    angles = np.linspace(0, 2 * np.pi, 26, endpoint=False)
    wobble = rng.uniform(0.75, 1.15, 26)
    outline = [(410 + 150 * w * np.cos(a), 470 + 55 * w * np.sin(a)) for a, w in zip(angles, wobble, strict=True)]
    draw.polygon(outline, fill="#3f4145" if mended else "#2b2622", outline="#303236" if mended else "#8d8579")
    if not mended:
        draw.polygon([(410 + 0.6 * (x - 410), 478 + 0.6 * (y - 470)) for x, y in outline], fill="#17130f")


def _litter(draw: ImageDraw.ImageDraw, rng: np.random.Generator, mended: bool) -> None:
    draw.rectangle((340, 230, 430, 340), fill="#2f6d4a", outline="#1e4a32", width=5)
    draw.rectangle((334, 220, 436, 238), fill="#3b8259")
    for _ in range(0 if mended else 70):
        x, y, size = rng.normal(390, 90), rng.normal(345, 26), rng.uniform(10, 30)
        colour = ("#f0f0ea", "#c94f3d", "#3c6fb0", "#e0b84c", "#222222")[int(rng.integers(5))]
        draw.polygon(
            [(x, y), (x + size, y + 4), (x + size * 0.7, y + size * 0.8), (x - 4, y + size * 0.6)], fill=colour
        )


def _water(draw: ImageDraw.ImageDraw, rng: np.random.Generator, mended: bool) -> None:
    if mended:
        draw.polygon([(250, 430), (560, 420), (600, 520), (230, 530)], fill="#44464b")
        return
    draw.ellipse((60, 390, 760, 590), fill="#7f9cb3")
    for _ in range(46):
        x = rng.normal(400, 26)
        draw.line((400, 480, x, rng.uniform(190, 400)), fill="#dcebf5", width=4)
    for ring in range(4):
        draw.arc((230 - 40 * ring, 430 - 8 * ring, 570 + 40 * ring, 540 + 8 * ring), 0, 360, fill="#b5cbdb", width=3)


def _tree(draw: ImageDraw.ImageDraw, rng: np.random.Generator, mended: bool) -> None:
    if mended:
        draw.rectangle((392, 190, 410, 340), fill="#6a4a2d")
        draw.ellipse((310, 70, 490, 230), fill="#4f8a43")
        return
    draw.line((180, 350, 470, 450), fill="#6a4a2d", width=22)
    for _ in range(120):
        x, y = rng.normal(560, 80), rng.normal(460, 45)
        draw.ellipse((x, y, x + 34, y + 24), fill=("#4f8a43", "#3f7436", "#66a057")[int(rng.integers(3))])


def _posters(draw: ImageDraw.ImageDraw, rng: np.random.Generator, mended: bool) -> None:
    draw.rectangle((180, 90, 620, 320), fill="#cfc6b8", outline="#a49a8a", width=4)
    for _ in range(0 if mended else 16):
        x, y = rng.uniform(195, 540), rng.uniform(100, 260)
        draw.rectangle(
            (x, y, x + 62, y + 44), fill=("#f6f2e4", "#f2d13c", "#e36b54")[int(rng.integers(3))], outline="#777"
        )
        draw.line((x + 8, y + 14, x + 52, y + 14), fill="#333", width=4)
        draw.line((x + 8, y + 28, x + 40, y + 28), fill="#333", width=4)


_DRAW: dict[str, Callable[[ImageDraw.ImageDraw, np.random.Generator, bool], None]] = {
    "manhole": _manhole, "grate": _grate, "lamp": _lamp, "sign": _sign, "pothole": _pothole, "litter": _litter,
    "water": _water, "tree": _tree, "posters": _posters,
}  # fmt: skip
