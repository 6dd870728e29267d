"""Random documents, random edits and random scripts: what a patch must make of them, by a model (`patch_model.js`)."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser.patching import html, open_patched

MODEL = Path(__file__).with_name("patch_model.js")
SEED = int(os.environ.get("PATCH_SEED", "1"))
ROUNDS = int(os.environ.get("PATCH_ROUNDS", "0"))  # for longer runs by hand
PLAY = """async ([model, kind, seed, rounds]) => {
  const rules = await import(URL.createObjectURL(new Blob([model], { type: "text/javascript" })))
  const patch = { ...(await import("/__hmr/patch.js")), ...(await import("/__hmr/patch-parse.js")) }
  const faults = []
  for (let at = seed; at < seed + rounds; at++) {
    try {
      const fault = await rules[kind](at, patch)
      if (fault) faults.push(fault)
    } catch (error) {
      faults.push({ seed: at, error: error.stack })
    }
  }
  return faults
}"""
BATCH = 100
KINDS = {
    # Without scripts: the page is what a fresh load makes of the new document, several times in a row.
    "untouched": 200,
    # With scripts: what the server changed is as the server says, everything else as the scripts left it.
    "meddled": 500,
}


@pytest.mark.timeout(3600 if ROUNDS else 120)
@pytest.mark.parametrize(("kind", "rounds"), KINDS.items(), ids=KINDS)
def test_random_pages_are_patched_as_the_model_says(page: Page, kind: str, rounds: int) -> None:
    open_patched(page, html("<p>text</p>"))
    for seed in range(SEED, SEED + (ROUNDS or rounds), BATCH):
        faults = page.evaluate(PLAY, [MODEL.read_text(), kind, seed, BATCH])
        assert not faults, shortest(faults)


def shortest(faults: list[dict[str, object]]) -> str:
    """Return the fault that is soonest read, and the seeds of all."""
    first = min(faults, key=lambda fault: len(json.dumps(fault)))
    lines = [f"{name}: {value}" for name, value in first.items()]
    return "\n".join([f"seeds: {[fault['seed'] for fault in faults]}", *lines])
