"""Which documents are kept, and which make room."""

import pytest

from hmr_middleware.documents import Document, Documents, new_page


def document(size: int, letter: str = "x") -> Document:
    return Document("text/html", letter.encode() * size)


def test_what_was_kept_comes_back_as_it_was() -> None:
    documents = Documents()
    documents.keep("a", document(3))
    assert documents.get("a") == document(3)


@pytest.mark.parametrize("page", ["b", "", "A"])
def test_an_unknown_page_has_none(page: str) -> None:
    documents = Documents()
    documents.keep("a", document(3))
    assert documents.get(page) is None


@pytest.mark.parametrize(
    ("sizes", "left"),
    [
        pytest.param([1, 1, 1], "abc", id="all-fit"),
        pytest.param([1, 1, 1, 1], "bcd", id="too-many"),
        pytest.param([4, 4, 4], "bc", id="too-large-together"),
        pytest.param([6], "", id="too-large"),
        pytest.param([4, 6], "a", id="what-is-too-large-costs-nobody-the-place"),
        pytest.param([1, 4, 5, 5], "cd", id="as-many-as-it-takes"),
    ],
)
def test_the_oldest_make_room(sizes: list[int], left: str) -> None:
    documents = Documents(count=3, total=10, largest=5)
    for page, size in zip("abcd", sizes, strict=False):
        documents.keep(page, document(size))
    assert [page for page in "abcd" if documents.get(page)] == list(left)
    assert len(documents) == len(left)


def test_what_is_asked_for_stays() -> None:
    documents = Documents(count=2)
    documents.keep("a", document(1))
    documents.keep("b", document(1))
    documents.get("a")
    documents.keep("c", document(1))
    assert documents.get("a") and not documents.get("b")


def test_a_page_that_is_kept_again_counts_once() -> None:
    documents = Documents(total=5)
    for letter in "xyz":
        documents.keep("a", document(3, letter))
    documents.keep("b", document(2))
    assert documents.get("a") == document(3, "z") and documents.get("b")


def test_names_of_pages_are_long_and_never_the_same() -> None:
    names = {new_page() for _ in range(100)}
    assert len(names) == 100 and all(len(name) >= 16 for name in names)
