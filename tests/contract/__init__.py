"""The same cases through WSGI and ASGI, in process."""
