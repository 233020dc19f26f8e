"""The README's two commands are exactly the ones, and every document names only commands and files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.commands.registry import commands

DOCUMENTS = ["README.md", *(f"docs/guide/{name}.md" for name in ("operations", "demonstration"))]


def test_the_readme_has_the_two_commands(root: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (root / "README.md").read_text("utf-8"), re.S)
    first = [line.partition("#")[0].strip() for line in blocks[0].splitlines()]
    assert first == ["./citycommand up", "./citycommand test"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_name_subcommands_that_exist(name: str, root: Path) -> None:
    text = (root / name).read_text("utf-8")
    named = set(re.findall(r"(?:^|`)\./citycommand (?:--instance \S+ )?([a-z]+)", text, re.M))
    assert named <= {command.name for command in commands()}


def test_the_guide_names_every_subcommand(root: Path) -> None:
    guide = (root / "docs" / "guide" / "operations.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z]+)[ `]", guide))
    assert {command.name for command in commands()} - named == set()


def test_continuous_integration_runs_the_second_command(root: Path) -> None:
    assert 'exec ./citycommand test "$@"' in (root / ".ci" / "run").read_text("utf-8")


def test_links_between_documents_lead_somewhere(root: Path) -> None:
    documents = [root / "README.md", *(root / "docs").rglob("*.md")]
    broken = [
        f"{document.relative_to(root)} → {target}"
        for document in documents
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8"))
        if not (document.parent / target).exists()
    ]
    assert broken == []
