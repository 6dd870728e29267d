"""What modules import besides scripts, as it is served."""

import pytest

from contract.sites import LAST_MODIFIED, MODULE, Site, etag_of

JSON = {"Sec-Fetch-Dest": "json", "Sec-Fetch-Mode": "cors"}
FETCH = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}


# JSON modules


@pytest.mark.parametrize("headers", [JSON, {}], ids=["json", "unknown"])
def test_json_passes_untouched_and_is_asked_for_again(site: Site, headers: dict[str, str]) -> None:
    result = site.get(site.write("a.json", '{"a": 1}'), headers)
    assert (result.body, result.header("etag"), result.header("last-modified")) == (
        b'{"a": 1}',
        etag_of(b'{"a": 1}'),
        LAST_MODIFIED,
    )
    assert result.header("cache-control") == "no-cache"


def test_json_that_a_script_fetches_is_the_apps_own(site: Site) -> None:
    result = site.get(site.write("a.json", "{}"), FETCH)
    assert (result.header("cache-control"), result.header("accept-ranges")) == (None, "bytes")


def test_importers_lead_to_the_live_json(site: Site) -> None:
    app = site.write("app.js", 'import a from "./a.json" with { type: "json" }; import.meta.hot')
    site.get(app, MODULE)
    site.get(site.write("a.json", "1"), JSON)
    version = site.edit("a.json", "2")
    assert f'"./a.json?t={version}" with'.encode() in site.get(f"{app}?t={version}", MODULE).body
    assert site.get(f"/static/a.json?t={version}", JSON).body == b"2"
    assert site.seen[-1].query == ""
