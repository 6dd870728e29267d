"""Settings that cannot be used: each is refused with an error that names the setting, the value and the way out."""

from typing import Any

# The arguments, the environment -> what the error says.
CONFIGURATIONS: dict[str, tuple[dict[str, Any], dict[str, str], tuple[str, ...]]] = {
    "enabled-text": ({"enabled": "yes"}, {}, ("enabled", "'yes'", "True, False or None")),
    "enabled-number": ({"enabled": 1}, {}, ("enabled", "1", "True, False or None")),
    "enabled-by-noise": ({}, {"HMR_ENABLED": "\udcff"}, ("HMR_ENABLED", "'\\udcff'", "one of 1, 0")),
    "enabled-by-a-number": ({}, {"HMR_ENABLED": "2"}, ("HMR_ENABLED", "'2'", "one of 1, 0")),
    "enabled-in-production": ({}, {"HMR_ENABLED": "1", "APP_ENV": "prod"}, ("APP_ENV=prod", "HMR_ENABLED=0")),
    "poll-by-a-word": ({}, {"HMR_POLL": "often"}, ("HMR_POLL", "'often'", "one of 1, 0")),
    "overlay-by-a-word": ({}, {"HMR_OVERLAY": "dark"}, ("HMR_OVERLAY", "'dark'", "one of 1, 0")),
    "static-text": ({"static": "static"}, {}, ("static", "'static'", "for example {'/static/'")),
    "static-without-a-slash": ({"static": {"static/": "."}}, {}, ("static", "'static/'", "'/static/'")),
    "static-number": ({"static": {"/": 5}}, {}, ("static['/']", "5", "a path")),
    "static-nowhere": ({"static": {"/": "/nowhere"}}, {}, ("static['/']", "'/nowhere'", "create it")),
    "static-a-file": ({"static": {"/": "/dev/null"}}, {}, ("static['/']", "'/dev/null'", "create it")),
    "static-nul": ({"static": {"/": "a\0b"}}, {}, ("static['/']", "'a\\x00b'", "NUL")),
    "static-too-long": ({"static": {"/": "a" * 5_000}}, {}, ("static['/']", "create it")),
    "templates-text": ({"templates": "templates"}, {}, ("templates", "'templates'", "for example ['templates']")),
    "templates-nul": ({"templates": ["\0"]}, {}, ("templates", "'\\x00'", "NUL")),
    "watch-number": ({"watch": 5}, {}, ("watch", "5", "a list of paths")),
    "watch-nowhere": ({"watch": ["/nowhere/*.md"]}, {}, ("watch", "'/nowhere'", "correct the pattern")),
    "watch-nul": ({"watch": ["a\0/*"]}, {}, ("watch", "\\x00", "NUL")),
    "ignore-text": ({"ignore": "*.tmp"}, {}, ("ignore", "'*.tmp'", "for example ['*.tmp']")),
    "ignore-bytes": ({"ignore": [b"*"]}, {}, ("ignore", "b'*'", "only texts")),
    "hosts-text": ({"allowed_hosts": "a.test"}, {}, ("allowed_hosts", "'a.test'", "['a.test']")),
    "hosts-with-a-port": ({"allowed_hosts": ["a.test:80"]}, {}, ("allowed_hosts", "'a.test:80'", "'a.test'")),
    "hosts-url": ({"allowed_hosts": ["http://a.test"]}, {}, ("allowed_hosts", "'http://a.test'", "'a.test'")),
    "hosts-pattern": ({"allowed_hosts": ["*.a.test"]}, {}, ("allowed_hosts", "'*.a.test'", "'.a.test'")),
    "hosts-empty": ({"allowed_hosts": [""]}, {}, ("allowed_hosts", "''", "'dev.example'")),
    "errors-none": ({"ignored_errors": [None]}, {}, ("ignored_errors", "None", "only texts")),
    "env-list": ({"env": ["A"]}, {}, ("env", "['A']", "names to values")),
    "env-no-name": ({"env": {"a b": 1}}, {}, ("env", "'a b'", "an identifier")),
    "env-nan": ({"env": {"A": float("nan")}}, {}, ("env['A']", "nan", "a number")),
    "env-object": ({"env": {"A": object()}}, {}, ("env['A']", "object", "a text")),
}
