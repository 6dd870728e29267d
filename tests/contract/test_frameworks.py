"""What is found out about an app: its static files at their URLs, its templates, its hosts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastapi
import flask
import jinja2
import pytest
from django.contrib import admin
from django.test import override_settings
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from contract import django_project
from hmr_middleware.discovery import Found
from hmr_middleware.frameworks import django as of_django
from hmr_middleware.frameworks import flask as of_flask
from hmr_middleware.frameworks import none as of_none
from hmr_middleware.frameworks import starlette as of_starlette

Folder = Callable[[str], str]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a function that makes a folder and returns its path."""

    def folder(name: str) -> str:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        return str(tmp_path / name)

    return folder


def mounts(found: Found, below: Path) -> list[tuple[str, str]]:
    """Return the mounts below a folder as (prefix, folder relative to it)."""
    return [
        (mount.prefix, mount.root.relative_to(below).as_posix())
        for mount in found.mounts
        if mount.root.is_relative_to(below)
    ]


def templates(found: Found, below: Path) -> list[str]:
    return [path.relative_to(below).as_posix() for path in found.templates if path.is_relative_to(below)]


def test_of_an_unknown_app_nothing_is_known() -> None:
    assert of_none.discover() == Found()


# Template caches: each of these would serve the old text for ever


def rewritten(folder: str, found: Callable[[], Found], render: Callable[[], str]) -> list[str]:
    """Return what *render* makes of a template, after it was saved anew, and after the caches were refreshed."""
    page = Path(folder) / "cached.html"
    page.write_text("one")
    texts = [render()]
    page.write_text("two")
    texts.append(render())
    for refresh in found().refreshers:
        refresh()
    return [*texts, render()]


CACHED = ["one", "one", "two"]


def test_the_cache_of_a_flask_app(folder: Folder) -> None:
    app = flask.Flask(__name__, template_folder=folder("templates"))
    app.config["TEMPLATES_AUTO_RELOAD"] = False

    def render() -> str:
        with app.app_context():
            return flask.render_template("cached.html")

    assert rewritten(folder("templates"), lambda: of_flask.discover(app), render) == CACHED


def test_the_cache_of_starlette_s_templates(folder: Folder) -> None:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder("templates")), auto_reload=False)
    names = {"pages": Jinja2Templates(env=environment)}
    exec("def endpoint(request): ...", names)
    app = Starlette(routes=[Route("/", names["endpoint"])])  # type: ignore[arg-type]

    def render() -> str:
        return environment.get_template("cached.html").render()

    assert rewritten(folder("templates"), lambda: of_starlette.discover(app), render) == CACHED


@pytest.mark.parametrize("auto_reload", [False, True])
def test_an_environment_without_a_cache(auto_reload: bool) -> None:
    of_starlette.forget_templates(jinja2.Environment(cache_size=0, auto_reload=auto_reload))
    of_starlette.forget_templates(None)


# Flask


def flask_app(folder: Folder, **options: Any) -> flask.Flask:
    return flask.Flask("shop", root_path=folder("shop"), **options)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, [("/static/", "shop/static")], id="as-it-comes"),
        pytest.param({"static_url_path": "/assets"}, [("/assets/", "shop/static")], id="another-url"),
        pytest.param({"static_url_path": ""}, [("/", "shop/static")], id="at-the-top"),
        pytest.param({"static_folder": "dist"}, [("/dist/", "shop/dist")], id="another-folder"),
        pytest.param({"static_folder": None}, [], id="none"),
        pytest.param({"static_folder": "nowhere"}, [], id="folder-is-not-there"),
    ],
)
def test_flask_static(folder: Folder, tmp_path: Path, options: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    folder("shop/static"), folder("shop/dist")
    assert mounts(of_flask.discover(flask_app(folder, **options)), tmp_path) == expected


def blueprint(folder: Folder, name: str, **options: Any) -> flask.Blueprint:
    folder(f"{name}/static"), folder(f"{name}/templates")
    return flask.Blueprint(name, name, root_path=folder(name), **options)


@pytest.mark.parametrize(
    ("options", "registered", "expected"),
    [
        pytest.param({"url_prefix": "/cart"}, {}, "/cart/static/", id="below-its-prefix"),
        pytest.param(
            {"url_prefix": "/cart"}, {"url_prefix": "/basket"}, "/basket/static/", id="prefix-when-registered"
        ),
        pytest.param({"static_url_path": "/cart-files"}, {}, "/cart-files/", id="its-own-url"),
    ],
)
def test_flask_blueprint_static(
    folder: Folder, tmp_path: Path, options: dict[str, Any], registered: dict[str, str], expected: str
) -> None:
    app = flask_app(folder)
    app.register_blueprint(blueprint(folder, "cart", static_folder="static", **options), **registered)
    assert (expected, "cart/static") in mounts(of_flask.discover(app), tmp_path)


def test_flask_nested_blueprints(folder: Folder, tmp_path: Path) -> None:
    outer, inner = blueprint(folder, "outer", url_prefix="/o"), blueprint(folder, "inner", static_folder="static")
    outer.register_blueprint(inner, url_prefix="/i")
    app = flask_app(folder)
    app.register_blueprint(outer)
    assert mounts(of_flask.discover(app), tmp_path) == [("/o/i/static/", "inner/static")]


def test_flask_blueprint_registered_twice(folder: Folder, tmp_path: Path) -> None:
    app, cart = flask_app(folder), blueprint(folder, "cart", static_folder="static")
    app.register_blueprint(cart, url_prefix="/a")
    app.register_blueprint(cart, url_prefix="/b", name="again")
    assert sorted(mounts(of_flask.discover(app), tmp_path)) == [
        ("/a/static/", "cart/static"),
        ("/b/static/", "cart/static"),
    ]


def test_flask_templates_of_app_and_blueprints(folder: Folder, tmp_path: Path) -> None:
    folder("shop/templates")
    app = flask_app(folder)
    app.register_blueprint(blueprint(folder, "cart", template_folder="templates"))
    app.register_blueprint(blueprint(folder, "bare"))
    assert templates(of_flask.discover(app), tmp_path) == ["shop/templates", "cart/templates"]


def test_flask_with_a_loader_of_its_own(folder: Folder, tmp_path: Path) -> None:
    app = flask_app(folder)
    by_prefix = jinja2.PrefixLoader({"a": jinja2.FileSystemLoader(folder("a"))})
    app.jinja_loader = jinja2.ChoiceLoader([jinja2.DictLoader({}), by_prefix, jinja2.FileSystemLoader([folder("b")])])
    assert sorted(templates(of_flask.discover(app), tmp_path)) == ["a", "b"]


def test_the_prefix_serves_what_flask_serves(folder: Folder) -> None:
    """The mount and the framework agree on which file a URL means."""
    (Path(folder("shop/static/js")) / "a b.js").write_text("let a")
    app = flask_app(folder, static_url_path="/files")
    (mount,) = of_flask.discover(app).mounts
    url = mount.url_for(mount.root / "js" / "a b.js")
    assert app.test_client().get(str(url)).data == b"let a"


# Starlette and FastAPI


def page(_request: object) -> PlainTextResponse:
    return PlainTextResponse("")


def static(path: str) -> StaticFiles:
    return StaticFiles(directory=path)


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        pytest.param(lambda f: [Mount("/static", static(f("s")))], [("/static/", "s")], id="mount"),
        pytest.param(lambda f: [Mount("/", static(f("s")))], [("/", "s")], id="at-the-top"),
        pytest.param(lambda f: [Mount("/a/", static(f("s")))], [("/a/", "s")], id="with-a-slash"),
        pytest.param(
            lambda f: [Mount("/a", routes=[Mount("/b", static(f("s")))])], [("/a/b/", "s")], id="mount-in-a-mount"
        ),
        pytest.param(
            lambda f: [Mount("/a", Starlette(routes=[Mount("/b", static(f("s")))]))],
            [("/a/b/", "s")],
            id="app-in-a-mount",
        ),
        pytest.param(
            lambda f: [Mount("/a", Router([Mount("/b", static(f("s")))]))], [("/a/b/", "s")], id="router-in-a-mount"
        ),
        pytest.param(
            lambda f: [Mount("/a", static(f("s")), middleware=[Middleware(GZipMiddleware)])],
            [("/a/", "s")],
            id="middleware-of-the-mount",
        ),
        pytest.param(lambda f: [Mount("/a", GZipMiddleware(static(f("s"))))], [("/a/", "s")], id="wrapped"),
        pytest.param(
            lambda f: [Mount("/a", GZipMiddleware(Starlette(routes=[Mount("/b", static(f("s")))])))],
            [("/a/b/", "s")],
            id="wrapped-app",
        ),
        pytest.param(
            lambda f: [Mount("/a", static(f("s"))), Mount("/b", static(f("t"))), Mount("/c", static(f("s")))],
            [("/a/", "s"), ("/b/", "t"), ("/c/", "s")],
            id="several",
        ),
        pytest.param(lambda _f: [Route("/", page), Mount("/a", PlainTextResponse())], [], id="none"),
        pytest.param(
            lambda f: [Mount("/a", StaticFiles(directory=f("nowhere") + "x", check_dir=False))],
            [("/a/", "nowherex")],
            id="folder-may-come-later",
        ),
    ],
)
def test_starlette_static(
    folder: Folder, tmp_path: Path, routes: Callable[[Folder], list[Any]], expected: list[tuple[str, str]]
) -> None:
    assert mounts(of_starlette.discover(Starlette(routes=routes(folder))), tmp_path) == expected


@pytest.mark.parametrize("package", ["admin", ("admin", "static")], ids=["its-statics", "another-folder"])
def test_starlette_static_of_packages(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: Any
) -> None:
    name = "a_package_with_files"
    for part in ("statics", "static"):
        folder(f"{name}/{part}")
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    packages = [name if isinstance(package, str) else (name, package[1])]
    app = Starlette(routes=[Mount("/s", StaticFiles(directory=folder("own"), packages=packages))])
    part = "statics" if isinstance(package, str) else "static"
    assert mounts(of_starlette.discover(app), tmp_path) == [("/s/", "own"), ("/s/", f"{name}/{part}")]


def test_fastapi_static_and_sub_applications(folder: Folder, tmp_path: Path) -> None:
    app, part = fastapi.FastAPI(), fastapi.FastAPI()
    part.mount("/static", static(folder("part")))
    app.mount("/static", static(folder("app")))
    app.mount("/part", part)
    assert mounts(of_starlette.discover(app), tmp_path) == [("/static/", "app"), ("/part/static/", "part")]


def test_starlette_templates_that_an_endpoint_can_see(folder: Folder, tmp_path: Path) -> None:
    namespace = {"templates": Jinja2Templates(directory=folder("t")), "other": Jinja2Templates(directory=folder("o"))}
    exec("def endpoint(request): ...", namespace)
    app = Starlette(routes=[Mount("/a", routes=[Route("/", namespace["endpoint"])])])  # type: ignore[arg-type]
    assert sorted(templates(of_starlette.discover(app), tmp_path)) == ["o", "t"]


def test_an_app_without_routes() -> None:
    assert of_starlette.discover(object()) == Found()


# Django


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Configure Django for these tests, where another module has not done so."""
    django_project.set_up(tmp_path_factory.mktemp("django"))


@pytest.mark.usefixtures("project")
class TestDjango:
    """The staticfiles finders, in their own order, and the engines' folders."""

    def test_finders(self) -> None:
        from django.conf import settings

        assets, (_, vendor) = settings.STATICFILES_DIRS
        found = [(mount.prefix, mount.root) for mount in of_django.discover().mounts]
        package = Path(admin.__file__).parent.resolve()
        assert found == [
            ("/static/", Path(assets).resolve()),
            ("/static/vendor/", Path(vendor).resolve()),
            ("/static/", package / "static"),
        ]

    def test_templates(self) -> None:
        from django.conf import settings

        found = of_django.discover().templates
        assert found[0] == Path(settings.TEMPLATES[0]["DIRS"][0]).resolve()
        assert Path(admin.__file__).parent.resolve() / "templates" in found

    def test_a_template_folder_that_is_not_there_is_left_out(self) -> None:
        assert all(path.is_dir() for path in of_django.discover().templates)

    @pytest.mark.parametrize("backend", ["django.DjangoTemplates", "jinja2.Jinja2"])
    def test_the_cache_of_an_engine(self, folder: Folder, backend: str) -> None:
        from django.template import loader

        options: dict[str, Any] = {"auto_reload": False} if "jinja2" in backend else {}
        engine = {"BACKEND": f"django.template.backends.{backend}", "DIRS": [folder("templates")], "OPTIONS": options}
        with override_settings(TEMPLATES=[engine]):

            def render() -> str:
                return loader.render_to_string("cached.html")

            assert rewritten(folder("templates"), of_django.discover, render) == CACHED

    def test_hosts(self) -> None:
        with override_settings(ALLOWED_HOSTS=["shop.test", ".example.test"], DEBUG=True):
            assert of_django.discover().allowed_hosts == ("shop.test", ".example.test")

    def test_without_debug_hosts_have_to_be_named_to_us(self) -> None:
        with override_settings(ALLOWED_HOSTS=["*"], DEBUG=False):
            assert of_django.discover().allowed_hosts == ()

    @pytest.mark.parametrize(
        ("static_url", "prefix"),
        [("/static/", "/static/"), ("/app/files/", "/app/files/"), ("http://cdn.test/s/", "/s/")],
    )
    def test_static_url(self, static_url: str, prefix: str) -> None:
        with override_settings(STATIC_URL=static_url):
            assert {mount.prefix for mount in of_django.discover().mounts} == {prefix, f"{prefix}vendor/"}

    def test_without_staticfiles_nothing_is_served(self) -> None:
        with override_settings(INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"]):
            assert of_django.discover().mounts == ()
