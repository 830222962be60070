"""The written reference says what the code says, and what docs show is small and linked."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from tests.blender_process import ROOT

from chiaro.nodes.pass_sockets import PASS_SOCKETS

DOCS = ROOT / "docs"
LARGEST_PICTURE = 200_000
LARGEST_DOCS = 4_000_000


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["reference.md", "troubleshooting.md"])
def test_pages_are_what_the_code_says(maker: ModuleType, page: str) -> None:
    written = (DOCS / page).read_text(encoding="utf-8")
    assert written == maker.PAGES[page](), "run: python docs/make_reference.py"


def test_every_output_is_in_the_reference(maker: ModuleType) -> None:
    page = maker.reference()
    for socket in PASS_SOCKETS:
        assert f"| {socket.name} | {socket.description} |" in page
    assert "| Plate Camera | " in page
    assert "| Mix | " in page
    assert "### Relight Plate" in page


def test_advice_belongs_to_sentences_that_exist(maker: ModuleType) -> None:
    everything = "\n".join(sentence for raised in maker.sentences().values() for sentence in raised)
    assert not [part for part in maker.ADVICE if part not in everything]


def test_what_the_analysis_and_the_cache_say_is_on_the_page(maker: ModuleType) -> None:
    page = maker.troubleshooting()
    for start in (
        "The analysis could not be started",
        "The analysis ended unexpectedly",
        "The plate runs at",
        "The frame was not cached because",
        "No light reaches the person on this frame",
        "No output is wired",
        "The plate is shown as it is",
    ):
        assert f"- {start}" in page, start


def test_sentences_end_and_name_no_exception(maker: ModuleType) -> None:
    for raised in maker.sentences().values():
        for sentence in raised:
            assert sentence.rstrip().endswith((".", ").", "…")), sentence
            assert "Traceback" not in sentence


def _links() -> list[tuple[Path, str]]:
    pages = [ROOT / "README.md", *DOCS.glob("*.md")]
    return [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in link
    ]


def test_links_lead_somewhere() -> None:
    assert not [(page.name, link) for page, link in _links() if not (page.parent / link).exists()]


def test_pictures_are_small_and_used() -> None:
    pictures = sorted((DOCS / "pictures").iterdir())
    assert all(path.stat().st_size <= LARGEST_PICTURE for path in pictures), pictures
    assert sum(path.stat().st_size for path in DOCS.rglob("*") if path.is_file()) <= LARGEST_DOCS
    used = {(page.parent / link).resolve() for page, link in _links()}
    assert not [path.name for path in pictures if path.resolve() not in used]
