"""The whole thing in a real browser, against real servers with real projects."""
