"""The WebSocket under WSGI, held to RFC 6455."""
