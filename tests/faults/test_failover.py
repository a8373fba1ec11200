"""PostgreSQL's primary dies and its standby is promoted, while people write: nothing acknowledged is lost."""

import time
from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.writers import Writers, check
from tests.replicated import Pair
from tests.servers import joined, serving

pytestmark = pytest.mark.slow  # with two PostgreSQL servers of its own

GOAL = 10  # seconds after which everybody can save again


@pytest.mark.engine("postgres")
@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.soak)])
async def test_a_failover_loses_nothing_that_was_acknowledged(
    tmp_path: Path, engine: str, times: int
) -> None:
    took = []
    with Pair.started() as pair:
        pair.primary.create("journal")
        url = pair.url("journal")
        with serving(tmp_path, DATABASE_URL=url) as site, Writers(site) as writers:
            for n in range(times):
                writers.go_on()
                began = time.monotonic()
                pair.fail_over(by_kill=n % 2 == 0)
                writers.recovery(60)
                took.append(time.monotonic() - began)
                pair.copy()
        print(
            f"\n{times} failovers: {len(writers.kept)} versions acknowledged, {dict(writers.answers)},",
            end=" ",
        )
        print(f"everybody could save again after {[round(seconds, 1) for seconds in took]} s")
        await check(url, writers)
    assert "401" not in str(writers.answers)
    assert max(took) < GOAL


def test_an_old_primary_that_comes_back_is_not_written_to(tmp_path: Path) -> None:
    with Pair.started() as pair:
        pair.primary.create("journal")
        with serving(tmp_path, DATABASE_URL=pair.url("journal")) as site, joined(site) as ann:
            pair.fail_over(by_kill=False)
            old = pair.standby
            old.configure("synchronous_standby_names=''")  # it would wait for ever for its standby else
            old.start()
            for n in range(4):  # by the running site, and by one that has just started
                answer = ann.post("/entries", data={"body": f"{n}", "save": str(uuid4())})
                assert answer.status_code in (303, 503)
                if n == 2:
                    assert ann.get("/readyz").status_code == 200
                    site.stop()
                    site.start()
            assert answer.status_code == 303
        count = "SELECT count(*) FROM entries"
        assert old.in_database("journal", count) == "0"
        assert int(pair.primary.in_database("journal", count)) >= 3


def test_a_save_that_the_standby_has_not_confirmed_is_not_acknowledged(tmp_path: Path) -> None:
    save = {"body": "Once.", "save": str(uuid4())}
    with Pair.started() as pair:
        pair.primary.create("journal")
        with serving(tmp_path, DATABASE_URL=pair.url("journal")) as site, joined(site) as ann:
            pair.standby.stop()
            for _ in range(2):  # the second finds that the first has not come to an end
                assert ann.post("/entries", data=save, timeout=30).status_code == 503
            assert pair.primary.in_database("journal", "SELECT count(*) FROM entries") == "0"
            pair.standby.start()
            answer = ann.post("/entries", data=save, timeout=30)
            assert (answer.status_code, answer.headers["X-Save"]) == (303, "replay")
        assert pair.primary.in_database("journal", "SELECT count(*) FROM revisions") == "1"


def test_a_replay_waits_for_the_standby_as_well(tmp_path: Path) -> None:
    """Whoever interrupts a commit that waits makes it valid without its standby."""
    save = {"body": "Once.", "save": str(uuid4())}
    with Pair.started() as pair:
        pair.primary.create("journal")
        with serving(tmp_path, DATABASE_URL=pair.url("journal")) as site, joined(site) as ann:
            pair.standby.stop()
            assert ann.post("/entries", data=save, timeout=30).status_code == 503
            waiting = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            assert pair.primary.told(waiting) == ["t"]
            time.sleep(0.3)
            assert ann.post("/entries", data=save, timeout=30).status_code == 503
            pair.standby.start()
            assert ann.post("/entries", data=save, timeout=30).headers["X-Save"] == "replay"
