"""PDF from a template: HTML and CSS as all our pages, Chinese fonts embedded. Unsigned; signing.py signs."""

from __future__ import annotations

import logging
from typing import Any

from config.errors import ConfigurationError
from dashboards import assets, pages


def draw(template: str, style: str, locale: str, **facts: Any) -> bytes:
    """Print a template of `dashboards/templates` with a sheet of static/css. Raises ConfigurationError without Pango."""
    try:
        from weasyprint import HTML
    except OSError as error:
        raise ConfigurationError(
            "The system has no Pango, which draws PDF files.",
            "Start by ./citycommand, which installs it; or install libpangoft2-1.0-0.",
        ) from error
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    html = pages.draw_report(template, locale, **facts)
    content: bytes = HTML(string=html).write_pdf(stylesheets=[assets.STATIC / "css" / style])
    return content
