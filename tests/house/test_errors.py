"""Every error of the tree has a status, a next step, and can be said."""

from collections.abc import Iterator

from api.problems import STATUS
from config import errors


def tree(root: type[errors.CityCommandError]) -> Iterator[type[errors.CityCommandError]]:
    for child in root.__subclasses__():
        yield child
        yield from tree(child)


def test_every_error_class_is_mapped_to_a_status() -> None:
    own = {kind for kind in tree(errors.CityCommandError) if kind.__module__ == "config.errors"}
    assert own == set(STATUS)


def test_every_error_names_a_next_step() -> None:
    for kind in STATUS:
        assert kind.next_step.endswith((".", "!"))
        assert kind.__doc__


def test_facts_fill_the_template_in_any_language() -> None:
    error = errors.NotFound("There is no case {case}.", case=7)
    detail, _next = error.said(lambda message: message.replace("There is no case", "没有案件"))
    assert detail == "没有案件 7."
