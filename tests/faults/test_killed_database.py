"""The database killed under a load, under a publication and under a worker: one backend, or the whole server."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from api.jobs import enqueue, folder_of, job_folder
from spatial.models import Job
from tests.api.workers import until, wait_until_blocked, worker
from tests.faults import scene
from tests.faults.conftest import Cluster, Right
from tests.faults.moments import AFTER_COMMIT
from tests.faults.process import Jingtu, Stop, backends, holding
from tests.settings import TEST_HOME

STAND_STILL = """
CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_advisory_xact_lock(4242); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER stand_still AFTER INSERT ON {} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION stand_still()
"""
"""A commit that waits: deferred triggers run when it has begun and is not yet written."""
HELD = "SELECT pg_advisory_xact_lock(4242)"


@dataclass(frozen=True)
class Moment:
    """Where the command stands when its database dies: at a moment of its own, at a lock, or in its commit."""

    stop: Stop | None = None
    lock: str = HELD
    commits: str = ""


AFTER = Moment(stop=lambda name: name == AFTER_COMMIT)
LOAD = {
    "while rows go in": Moment(stop=lambda name: name.startswith("copied")),
    "while features are written": Moment(lock="LOCK TABLE spatial_feature IN SHARE MODE"),
    "in the middle of the commit": Moment(commits="spatial_load"),
    "just after the commit": AFTER,
}
PUBLISH = {
    "while rows are switched": Moment(lock="LOCK TABLE spatial_coverage IN SHARE MODE"),
    "in the middle of the commit": Moment(commits="spatial_revision"),
    "just after the commit": AFTER,
}


@contextmanager
def standing(url: str, moment: Moment, *words: object) -> Iterator[Jingtu]:
    """A command that stands at a moment."""
    if moment.commits:
        with psycopg.connect(url) as database:
            database.execute(STAND_STILL.format(moment.commits))
    with holding(url, moment.lock), Jingtu(url, *words) as command:
        if moment.stop:
            assert command.go_to(moment.stop)
        else:
            command.set_free()
            wait_until_blocked(url)
        yield command


def kill_backend(cluster: Cluster, url: str) -> None:
    """Kill what serves the command; the server then ends all others too, recovers and goes on."""
    with closing(psycopg.connect(url, autocommit=True)) as other:
        for pid in backends(url):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT pg_sleep(60)")
    until(lambda: answers(url))


def kill_server(cluster: Cluster, url: str) -> None:
    """Kill the postmaster; the next start is refused while its orphans live, and tried until it is not."""
    os.kill(cluster.pid(), signal.SIGKILL)
    assert cluster.private.ensure() == cluster.url


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


Kill = Callable[[Cluster, str], None]
KILLS: dict[str, Kill] = {"a backend is killed": kill_backend, "the server is killed": kill_server}


def ends(command: Jingtu, moment: Moment) -> None:
    """A command whose work was committed has done it; any other says that the database is gone."""
    if moment is AFTER:
        assert command.code() == 0, command.err()
    else:
        assert command.code() == 1
        assert "数据库" in command.err() and "Traceback" not in command.err(), command.err()
    connections["default"].close()


@pytest.mark.parametrize("kill", KILLS.values(), ids=KILLS.keys())
@pytest.mark.parametrize("moment", LOAD.values(), ids=LOAD.keys())
def test_a_load_whose_database_dies_leaves_what_is_live_whole_and_runs_again_to_the_same(
    cluster: Cluster, url: str, right: Right, delivery: Path, kill: Kill, moment: Moment
) -> None:
    nothing = scene.fingerprint(url, scene.WAITING)
    with standing(url, moment, *scene.words(delivery)) as command:
        kill(cluster, url)
        ends(command, moment)
    assert scene.fingerprint(url, scene.VISIBLE) == right.old
    assert scene.answers() == right.old_answers
    assert scene.fingerprint(url, scene.WAITING) == (right.waiting if moment is AFTER else nothing)
    with Jingtu(url, *scene.words(delivery)) as command:
        assert command.code() == 0, command.err()
    assert scene.fingerprint(url, scene.WAITING) == right.waiting


@pytest.mark.parametrize("kill", KILLS.values(), ids=KILLS.keys())
@pytest.mark.parametrize("moment", PUBLISH.values(), ids=PUBLISH.keys())
def test_a_publication_whose_database_dies_is_there_as_a_whole_or_not_at_all(
    cluster: Cluster, waiting_url: str, right: Right, kill: Kill, moment: Moment
) -> None:
    url = waiting_url
    with standing(url, moment, "publish", scene.NEW) as command:
        kill(cluster, url)
        ends(command, moment)
    if moment is not AFTER:
        assert scene.fingerprint(url, scene.VISIBLE) == right.old
        assert scene.answers() == right.old_answers
        with Jingtu(url, "publish", scene.NEW) as command:
            assert command.code() == 0, command.err()
    assert scene.fingerprint(url, scene.VISIBLE) == right.new
    assert scene.answers() == right.new_answers


def test_a_job_whose_database_dies_is_done_by_the_next_worker_and_leaves_no_file(
    cluster: Cluster, url: str, right: Right, delivery: Path
) -> None:
    job = Job(kind=Job.Kind.LOAD, layer=scene.LAYER, counties=[scene.COUNTY], title="示例")
    job.given = {
        "files": [delivery.name],
        "county": scene.COUNTY,
        "release": scene.NEW,
        "crs": None,
        "encoding": None,
        "data_date": scene.NEW_DAY.isoformat(),
        "commit": True,
    }
    with job_folder(job.pk) as folder:
        shutil.copy(delivery, folder)
        enqueue(job)
    with holding(url, "LOCK TABLE spatial_feature IN SHARE MODE"), worker(url) as process:
        wait_until_blocked(url)
        kill_server(cluster, url)
        assert process.wait(30) == 1
    connections["default"].close()
    assert scene.fingerprint(url, scene.VISIBLE) == right.old
    with worker(url):
        until(lambda: Job.objects.get(pk=job.pk).state in Job.ENDED)
        (own,) = (TEST_HOME / "temporary").iterdir()
        # The folder of the process that reads files is there for the next one, and empty.
        assert not [left for folder in own.iterdir() for left in folder.iterdir()]
    job.refresh_from_db()
    assert (job.state, job.failure) == (Job.State.DONE, None)
    assert job.result is not None and job.result["rows"]["quarantined"] == 1
    assert scene.fingerprint(url, scene.WAITING) == right.waiting
    assert not folder_of(job.pk).exists()
