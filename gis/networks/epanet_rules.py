"""EPANET's own rules, asked of WNTR before a water network is taken; what they refuse is said in words, with the row (C3, S5)."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from config.errors import InvalidInput
from config.i18n import _
from gis.networks import inp
from gis.networks.inp import Section
from gis.networks.inp_formats import FORMATS

NO_NUMBER = re.compile(r"(?:could not convert string to float|invalid literal for int\(\) with base 10): '([^']*)'")
NUMBERED = re.compile(r"\(Error (\d+)\)")
LINE = re.compile(r"at line (\d+)")


def check(path: Path, sections: list[Section]) -> None:
    """WNTR must be able to read the file: it applies EPANET's own rules to every section. Raises InvalidInput with what it met."""
    import wntr

    content = inp.decoded(path.read_bytes())  # WNTR reads UTF-8 only, so it gets that
    form = FORMATS["epanet"]
    if not inp.option(sections, form, form.flow_option, ""):
        content = _with_usual_units(content, form.flow_default)
    with warnings.catch_warnings(), TemporaryDirectory(prefix="citycommand-model-") as folder:
        warnings.simplefilter("ignore")
        copy = Path(folder, "model.inp")
        copy.write_text(content, encoding="utf-8")
        try:
            wntr.network.WaterNetworkModel(str(copy))
        except Exception as error:  # WNTR raises whatever its parser met
            raise InvalidInput(
                "EPANET's rules refuse {file}: {problem}.",
                "Open it in EPANET, correct it, and import it again; nothing has been changed.",
                file=path.name,
                problem=problem(error, content),
            ) from error


def problem(error: Exception, content: str) -> str:
    """What WNTR met, in the reader's language, with the row of the file where it is known."""
    met = error.__cause__ or error
    words = str(met)
    line = LINE.search(words)
    lines = content.splitlines()
    at = int(line[1]) if line and 0 < int(line[1]) <= len(lines) else 0
    where = _(" (line {line}: {text})").format(line=at, text=" ".join(lines[at - 1].split())) if at else ""
    return _reason(met, words) + where


def _reason(met: BaseException, words: str) -> str:
    number, code = NO_NUMBER.search(words), NUMBERED.search(words)
    if number:
        return _("'{value}' is no number").format(value=number[1])
    if isinstance(met, KeyError):
        return _("it names {name}, which is not there").format(name=words)
    if isinstance(met, IndexError):
        return _("a row ends too early")
    if "Pipe length" in words:
        return _("the length of a pipe must not be below zero")
    if "Pipe diameter" in words:
        return _("the diameter of a pipe must be above zero")
    if "headloss must be" in words:
        return _("Headloss in [OPTIONS] must be H-W, D-W or C-M")
    if code:
        return _meaning(code[1])
    return _("its reader says: {words}").format(words=words.strip().rstrip(".") or type(met).__name__)


def _meaning(code: str) -> str:
    """EPANET's numbered errors (its manual, appendix B)."""
    return {
        "201": _("a row is not written as EPANET wants it (error 201)"),
        "203": _("a row names a node that is not there (error 203)"),
        "204": _("a row names a link that is not there (error 204)"),
        "205": _("a row names a time pattern that is not there (error 205)"),
        "206": _("a row names a curve that is not there (error 206)"),
        "209": _("a value of a node is not allowed (error 209)"),
        "211": _("a value of a link is not allowed (error 211)"),
        "213": _("a value of an option is not allowed (error 213)"),
    }.get(code, _("EPANET's error {code}").format(code=code))


def _with_usual_units(content: str, units: str) -> str:
    """A file that states no units is in EPANET's usual ones; WNTR wants them written."""
    stated = f"[OPTIONS]\n Units {units}\n"
    end = re.search(r"(?im)^\s*\[END\]", content)
    return content[: end.start()] + stated + content[end.start() :] if end else f"{content}\n{stated}"
