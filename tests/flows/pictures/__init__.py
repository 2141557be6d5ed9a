"""Pictures of every page and state. The parts of the tests that it uses want Django to be set up, as pytest does."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()
