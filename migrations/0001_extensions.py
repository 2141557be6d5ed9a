"""PostGIS, and GiST over plain columns so that one index serves layer and place together."""

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [CreateExtension("postgis"), CreateExtension("btree_gist"), CreateExtension("pg_trgm")]
