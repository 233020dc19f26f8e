"""Which kind of photo, film or sound a file is: its bytes decide, whatever it is called (D2)."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InvalidInput
from dispatch import evidence, media
from dispatch.evidence import Limits
from tests.support.recordings import box, mp4, ogg, wav, webm


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (mp4(b"soun", b"vide"), "video/mp4"),
        (mp4(b"vide", at_the_end=False), "video/mp4"),
        (mp4(b"vide", brand=b"3gp4"), "video/mp4"),
        (mp4(b"vide", brand=b"qt  "), "video/quicktime"),
        (mp4(b"soun"), "audio/mp4"),
        (mp4(b"soun", brand=b"M4A "), "audio/mp4"),
        (webm(b"V_VP8", b"A_OPUS"), "video/webm"),
        (webm(b"A_OPUS"), "audio/webm"),
        (ogg(), "audio/ogg"),
        (ogg(b"\x01vorbis"), "audio/ogg"),
        (wav(), "audio/wav"),
        (b"ID3\x04\x00" + bytes(400), "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + bytes(400), "audio/mpeg"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "image/jpeg"),
        (b"\xff\xf1\x50\x80" + bytes(400), None),
        (mp4(), None),
        (mp4(b"text"), None),
        (mp4(b"vide", brand=b"evil"), None),
        (ogg(b"\x80theora"), None),
        (webm(b"S_TEXT"), None),
        (webm(b"V_VP8").replace(b"webm", b"mkv "), None),
        (b"<!doctype html><script>alert(1)</script>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"MZ\x90\x00" + bytes(400), None),
        (box(b"ftyp", b"isom") + b"\x00\x00\x00\x03moov", None),
        (b"", None),
    ],
)
def test_bytes_decide(content: bytes, kind: str | None) -> None:
    assert media.type_of(io.BytesIO(content)) == kind


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x00\x00\x00\x14ftypisom" + bytes(8), webm()[:40], b"OggS", b"RIFF1234WAVE"]),
)
def test_junk_is_never_a_fault_of_ours(junk: bytes, head: bytes) -> None:
    found = media.type_of(io.BytesIO(head + junk))
    assert found is None or found.partition("/")[0] in ("image", "video", "audio")


def test_each_kind_has_its_limit_and_is_refused_in_its_words(tmp_path) -> None:  # type: ignore[no-untyped-def]
    limits = Limits(photo=100, film=6000, sound=3000)

    def refused(content: bytes, at: Limits | int = limits) -> str:
        with pytest.raises(InvalidInput) as caught:
            evidence.keep(tmp_path, io.BytesIO(content), "name.mp4", at)
        return str(caught.value)

    assert evidence.keep(tmp_path, io.BytesIO(mp4(b"vide")), "name.exe", limits).media_type == "video/mp4"
    assert "Record a shorter while" in refused(mp4(b"soun")), "an MP4 without a picture is measured as a sound"
    assert "Film a shorter while" in refused(mp4(b"vide") + bytes(2000))
    assert "Send a smaller photo" in refused(b"\xff\xd8\xff\xe0" + bytes(200))
    assert "is no photo, video or voice note" in refused(b"<html>")
    assert "is not a photo" in refused(mp4(b"vide"), 1_000_000), "a door for photos takes no film"
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []
