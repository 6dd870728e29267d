"""What we know of web frameworks: where they keep their static files and templates, and how to install into them."""
