"""Ask questions again in a process of its own: questions as JSON on standard input, fingerprints on standard output."""

from __future__ import annotations

import json
import os
import sys
from datetime import date, datetime

import django


def main(url: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    import shapely

    from api.database import point_django_at
    from spatial.checks import Question, run_check
    from spatial.landuse import Use

    point_django_at(url)
    told = [
        run_check(
            Question(
                parcel=shapely.from_geojson(json.dumps(asked["parcel"])),
                action=asked["action"],
                proposed_use=Use("MNR-2023", asked["proposed_use"]),
                current_use=Use("MNR-2023", "1001"),
                as_of=date.fromisoformat(asked["as_of"]),
                known_at=datetime.fromisoformat(asked["known_at"]),
            )
        ).fingerprint
        for asked in json.load(sys.stdin)
    ]
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
