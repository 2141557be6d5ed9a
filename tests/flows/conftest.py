"""Journeys use the running application and people, as the interface tests do."""

from tests.api.conftest import bearer, client

__all__ = ["bearer", "client"]
