"""The WSGI entry point: ``granian --interface wsgi wsgi:app`` or any other WSGI server."""

from portal import create_app

app = create_app()
