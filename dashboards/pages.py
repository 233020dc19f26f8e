"""Which pages there are, who sees which, where each post begins its day, and how a page is drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from config import i18n
from config.i18n import _
from config.permissions import POSTS
from dashboards.aid_documents import Document
from dashboards.assets import icons_url, modules_of
from dashboards.states import words_for


@dataclass(frozen=True)
class Page:
    """One screen. `permission` is what its viewer needs; `script` the module in static/js that runs it.

    Pages that another page leads to are not `in_bar`; nor is one for who has a permission of `bar_without`: another page gives more.
    """

    path: str
    name: str
    icon: str
    permission: str
    script: str
    template: str
    in_bar: bool = True
    bar_without: frozenset[str] = frozenset()

    def stands_in_bar(self, permissions: Iterable[str]) -> bool:
        """Whether the bar of a viewer leads to it."""
        return self.in_bar and self.bar_without.isdisjoint(permissions)


PAGES = (
    Page("/map", _("Map"), "map-2", "case.list", "page-map.js", "map.html"),
    Page("/hotline", _("Hotline"), "phone", "call.see", "page-hotline.js", "hotline.html"),
    Page("/inspector", _("Inspector"), "clipboard-check", "task.do", "page-inspector.js", "inspector.html"),
    Page("/unit", _("Orders"), "tool", "order.list", "page-unit.js", "unit.html"),
    Page("/patrol", _("Inspectors at work"), "users", "shift.see", "page-patrol.js", "patrol.html"),
    Page("/evaluation", _("Evaluation"), "chart-bar", "evaluation.see", "page-evaluation.js", "evaluation.html"),
    Page("/imports", _("Imports"), "database-import", "import.run", "page-imports.js", "imports.html"),
    Page(
        "/imports/mapping",
        _("Make a mapping"),
        "database-import",
        "import.run",
        "page-mapping.js",
        "mapping.html",
        False,
    ),
    Page("/aid", _("Aid"), "heart-handshake", "aid.list", "page-aid.js", "aid.html"),
    Page("/coverage", _("Coverage"), "users", "coverage.see", "page-coverage.js", "coverage.html"),
    Page("/data-sets", _("Data sets"), "stack-2", "catalogue.see", "page-data-sets.js", "data_sets.html"),
    Page("/findings", _("Network findings"), "route", "finding.decide", "page-findings.js", "findings.html"),
    Page("/walks", _("Responsibility grids"), "user", "grid.assign", "page-walks.js", "walks.html"),
    Page(
        "/reporting-keys",
        _("Api keys"),
        "stack-2",
        "account.manage",
        "page-reporting-keys.js",
        "reporting_keys.html",
        False,
    ),
    Page("/exchange", _("Exchange with 12345"), "refresh", "exchange.see", "page-exchange.js", "exchange.html", False),
    Page("/refusals", _("Refused rights"), "list-check", "refusal.see", "page-refusals.js", "refusals.html", False),
    Page("/routing", _("Routing"), "route", "routing.see", "page-routing.js", "routing.html"),
    Page("/working-time", _("Working time"), "clock", "time.keep", "page-working-time.js", "working_time.html"),
    Page("/notices", _("Notices"), "bell", "map.see", "page-notices.js", "notices.html", False),
    Page(
        "/notices/choices",
        _("What I am told"),
        "bell",
        "map.see",
        "page-notice-choices.js",
        "notice_choices.html",
        False,
    ),
    Page(
        "/notices/settings",
        _("Delivery of notices"),
        "send",
        "settings.change",
        "page-notice-settings.js",
        "notice_settings.html",
        False,
    ),
    Page("/tokens", _("Access tokens"), "copy", "map.see", "page-tokens.js", "tokens.html", False),
    Page(
        "/city",
        _("City map"),
        "map-2",
        "asset.see",
        "page-city.js",
        "city.html",
        bar_without=frozenset({"case.list", "task.do"}),
    ),
    Page("/aid/access", _("Who read what"), "list-check", "aid.audit", "page-access.js", "access.html"),
)

BEGINNINGS = {
    "inspector": "/inspector",
    "unit_desk": "/unit",
    "handler": "/unit",
    "assessor": "/evaluation",
    "data_steward": "/imports",
    "administrator": "/imports",
    "community_aid_worker": "/aid",
    "subdistrict_aid_worker": "/aid",
    "district_aid_officer": "/aid",
    "planner": "/coverage",
}
"""Where a post begins its day, when that is not the first page it may see."""

SHORTCUTS = {
    "map.html": (
        (("j", "k"), _("next, previous case")),
        (("Enter",), _("first possible move")),
        (("/",), _("search the city")),
        (("f",), _("filter the list")),
        (("n",), _("new report")),
        (("a",), _("new asset")),
        (("h",), _("whole city")),
        (("Esc",), _("close, go back")),
        (("?",), _("this help")),
    ),
    "city.html": (
        (("/",), _("search the city")),
        (("h",), _("whole city")),
        (("Esc",), _("close, go back")),
        (("?",), _("this help")),
    ),
    "hotline.html": (
        (("F2",), _("to the caller of the call")),
        (("1", "…", "5"), _("kind of call, where it is chosen")),
        (("Ctrl", "Enter"), _("send the report")),
        (("F4",), _("answer from the knowledge base")),
        (("F7",), _("call-backs")),
        (("F8",), _("end the call")),
        (("F9",), _("hand the caller over")),
        (("h",), _("whole city")),
        (("Esc",), _("close, go back")),
        (("?",), _("this help")),
    ),
    "aid.html": (
        (("j", "k"), _("next, previous row")),
        (("/",), _("look up a household")),
        (("?",), _("this help")),
    ),
    "unit.html": ((("Esc",), _("close, go back")), (("?",), _("this help"))),
}


@dataclass(frozen=True)
class Viewer:
    """Who looks at a page. Names are in the viewer's language."""

    username: str
    name: str
    locale: str
    posts: tuple[str, ...]
    permissions: frozenset[str]
    unit_name: str = ""
    own_layers: tuple[str, ...] = ()
    """Layers of the map in which the viewer may see more than everybody (gis/tiles/seen.py)."""

    @property
    def post_names(self) -> list[str]:
        """The viewer's posts in words."""
        return [POSTS[post][0 if self.locale == "zh" else 1] for post in self.posts if post in POSTS]


@dataclass(frozen=True)
class City:
    """What pages need to know of the instance. `bounds` is "west,south,east,north" in degrees (EPSG:4326)."""

    name: str
    time_zone: str
    now: str
    bounds: str
    attributions: tuple[str, ...]


def pages_for(permissions: Iterable[str]) -> list[Page]:
    """The pages that these permissions open."""
    allowed = frozenset(permissions)
    return [page for page in PAGES if page.permission in allowed]


def home_of(viewer: Viewer) -> str:
    """The page where this viewer begins: that of the post, else the first one allowed."""
    allowed = [page.path for page in pages_for(viewer.permissions) if page.stands_in_bar(viewer.permissions)]
    for post in viewer.posts:
        if BEGINNINGS.get(post) in allowed:
            return BEGINNINGS[post]
    return allowed[0]


def draw(page: Page, viewer: Viewer, city: City, csrf: str) -> str:
    """The HTML of one screen for one viewer."""
    return _draw(
        page.template,
        viewer.locale,
        city=city,
        csrf=csrf,
        viewer=viewer,
        path=page.path,
        page_script=page.script,
        pages=[each for each in pages_for(viewer.permissions) if each.stands_in_bar(viewer.permissions)],
        shortcuts=SHORTCUTS.get(page.template, ()),
    )


def draw_login(locale: str, city: City, next_path: str, demo_logins: Sequence[Mapping[str, object]]) -> str:
    """The login page; `demo_logins` are {username, password, name, post, first} and empty outside the demonstration."""
    return _draw(
        "login.html", locale, city=city, csrf="", page_script="page-login.js", next=next_path, demo_logins=demo_logins
    )


def draw_problem(
    locale: str, city: City, message: str, next_step: str, trace_id: str, with_sign_out: bool = True
) -> str:
    """A page for what went wrong, both sentences already in `locale`; `with_sign_out` where another account may help."""
    problem = {"message": message, "next_step": next_step, "trace_id": trace_id, "with_sign_out": with_sign_out}
    return _draw("problem.html", locale, city=city, csrf="", page_script=None, problem=problem)


def draw_document(locale: str, city: City, document: Document) -> str:
    """A sheet for printing."""
    return _draw("document.html", locale, city=city, csrf="", page_script=None, document=document)


def draw_public(template: str, locale: str, city: City, script: str | None, **facts: Any) -> str:
    """A page for anybody, without a viewer; `facts` are what its template names."""
    return _draw(template, locale, city=city, csrf="", page_script=script, words={}, **facts)


def draw_report(template: str, locale: str, **facts: Any) -> str:
    """A report for paper, drawn by a template of its own."""
    return _draw(template, locale, **facts)


def _draw(template: str, locale: str, **facts: Any) -> str:
    translate = i18n.gettext(locale)

    def fill(message: str, **values: object) -> str:
        return translate(message).format(**values) if values else translate(message)

    common = {"_": fill, "locale": locale, "words": words_for(locale), "catalogue_version": _version(locale)}
    return environment().get_template(template).render(common | facts)


@lru_cache
def environment() -> Environment:
    """Templates escape everything and fail on an unknown name."""
    loader = FileSystemLoader(Path(__file__).with_name("templates"))
    made = Environment(loader=loader, autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True)
    made.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False}  # states keep their order
    made.globals.update({"icons_url": icons_url(), "modules": lambda script: modules_of(script) if script else ()})
    made.globals.update({"with_search": False, "with_help": False})
    return made


@lru_cache
def _version(locale: str) -> str:
    """Changes with the catalogue, so that browsers may keep it for good."""
    return sha256(repr(sorted(i18n.script_catalogue(locale).items())).encode()).hexdigest()[:8]
