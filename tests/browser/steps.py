"""What people do on the pages, in their words, so that the stories read like stories."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Person


def choose_class(page: Page, words: str) -> None:
    """Type into the class picker and take the first hit."""
    picker = page.locator("input[role=combobox][id^=class-]").first
    picker.click()
    picker.fill(words)
    expect(picker.locator("xpath=following-sibling::div[@role='listbox']").get_by_role("option").first).to_be_visible()
    picker.press("Enter")


def report_from_the_street(inspector: Person, words: str, photo: Path | None) -> None:
    """Fill in the phone's report and send it; the phone's position is taken as it is."""
    page = inspector.page
    page.locator("#tabs [data-view=report]").tap()
    if photo:
        page.locator("#report-view input[type=file]").first.set_input_files(photo)
    expect(page.locator("#report-view .position")).to_contain_text("±")
    choose_class(page, words)
    page.locator("#report-view button[type=submit]").tap()


def number_in(note: Locator) -> str:
    """The case number that a message names."""
    expect(note).to_be_visible()
    found = re.search(r"\d{11,}", note.inner_text())
    assert found, note.inner_text()
    return found.group()


def open_case(person: Person, number: str) -> Page:
    """Open a case on the operator's page by its address."""
    page = person.at(f"/map#{number}")
    expect(page.locator("#panel .number")).to_have_text(number)
    return page


def make_move(page: Page, move: str, photo: Path | None = None, **fields: str) -> None:
    """Choose a move of the open case, fill in its form and send it; it is done when the form has gone."""
    page.locator(f"#panel .moves button[data-move={move}]").click()
    form = page.locator(f"#panel form[data-move={move}]")
    expect(form).to_be_visible()
    for name, value in fields.items():
        control = form.locator(f"[name={name}]")
        if control.evaluate("element => element.tagName") == "SELECT":
            expect(control.locator("option", has_text=value)).to_have_count(1)
            control.select_option(label=value)
        else:
            control.fill(value)
    if photo:
        form.locator("input[type=file]").first.set_input_files(photo)
        expect(form.locator(".position")).to_contain_text(re.compile(r"\d"))
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)


def answer_task(inspector: Person, number: str, move: str, photo: Path, note: str = "") -> None:
    """On the phone: open the task of a case, photograph, answer."""
    page = inspector.page
    page.locator("#tabs [data-view=tasks]").tap()
    page.locator("#tasks .card", has_text=number).tap()
    task = page.locator("#task-view")
    task.locator("input[type=file]").first.set_input_files(photo)
    expect(task.locator(".position")).to_contain_text(re.compile(r"\d"))
    if note:
        task.locator("textarea").fill(note)
    task.locator(f"button[data-move={move}]").tap()
    expect(page.locator("#tasks-view")).to_be_visible()  # the next task, not what waits to be sent
    expect(page.locator("#queue-count")).to_have_text("")
