"""A corner shop: products out of Python, a basket in the browser, orders back into Python."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask, abort, render_template, request

from hmr_middleware import HmrMiddleware


@dataclass(frozen=True)
class Product:
    """Something on the shelf; *slug* names its picture, too."""

    slug: str
    name: str
    cents: int
    unit: str
    note: str


SHELF = (
    Product("pear", "Conference pears", 285, "kilo", "Firm today, soft by Thursday."),
    Product("tomato", "Beef tomatoes", 420, "kilo", "From the greenhouse by the canal."),
    Product("carrot", "Bunched carrots", 190, "bunch", "With their green; good for soup."),
    Product("bread", "Sourdough loaf", 510, "loaf", "Baked at five, sold out by noon."),
    Product("cheese", "Aged farm cheese", 645, "wedge", "Eighteen months in the cellar."),
    Product("milk", "Whole milk", 165, "bottle", "Bring the bottle back."),
    Product("egg", "Free-range eggs", 340, "half dozen", "The hens say hello."),
    Product("honey", "Heather honey", 795, "jar", "Last of this summer's."),
)
PRICES = {product.slug: product.cents for product in SHELF}
MOST_OF_ONE = 99
BOARD = Path(__file__).with_name("content") / "board.txt"

app = Flask(__name__)
order_numbers = count(1041)


@app.template_filter()
def price(cents: int) -> str:
    """Return *cents* as a shelf label shows them."""
    return f"€{cents / 100:.2f}"


@app.get("/")
def shop() -> str:
    """The shelf, with the basket beside it."""
    return render_template("shop.html", shelf=SHELF, board=BOARD.read_text(encoding="utf-8"))


@app.get("/delivery")
def delivery() -> str:
    """When we deliver."""
    return render_template("delivery.html")


@app.post("/orders")
def order() -> dict[str, int]:
    """Take a basket, a JSON object of slugs and counts, and give it a number."""
    basket = request.get_json()
    if not is_basket(basket):
        abort(400)
    return {"number": next(order_numbers), "cents": sum(PRICES[slug] * many for slug, many in basket.items())}


def is_basket(value: Any) -> bool:
    """Return whether *value* is a basket of what we sell, and not an empty one."""
    if not isinstance(value, dict) or not value:
        return False
    return all(slug in PRICES and type(many) is int and 0 < many <= MOST_OF_ONE for slug, many in value.items())


app = HmrMiddleware(app, watch=[BOARD.parent / "*.txt"])
