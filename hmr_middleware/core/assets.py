"""Files that a page shows and that nothing imports as code: images, fonts, sounds, films."""

from hmr_middleware.core.urls import is_stylesheet

ENDINGS = (
    *(".apng", ".avif", ".bmp", ".cur", ".gif", ".ico", ".jpeg", ".jpg", ".jxl", ".png", ".svg", ".webp"),
    *(".eot", ".otf", ".ttf", ".woff", ".woff2"),
    *(".flac", ".m4a", ".mov", ".mp3", ".mp4", ".ogg", ".ogv", ".opus", ".vtt", ".wav", ".webm"),
)


def is_asset(url: str) -> bool:
    """Return whether *url*, or a file of that name, is an asset by its ending."""
    return url.partition("?")[0].lower().endswith(ENDINGS)


def is_shown(url: str) -> bool:
    """Return whether a page may show *url* by itself, whoever imports it or does not: by a link, or as an image."""
    return is_stylesheet(url) or is_asset(url)
