"""Bad inputs as tables: each has an id and its expected outcome, and is run against real servers over raw sockets."""
