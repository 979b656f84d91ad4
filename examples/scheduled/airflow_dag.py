"""An Airflow DAG (2.9 or newer, 3): what is new goes into the store every hour, then alarms are looked for and told.

Settings are variables of the workers' environment: TENSION_STORE (a database's password belongs into the file that PGPASSFILE names),
NEWS (the folder the news arrives in), REJECTS (a folder), and TENSION_PYTHON, the Python that has tension, such as
/opt/tension/bin/python. Without the last the tasks run in Airflow's own Python; tension needs SQLAlchemy 2 there, older Airflows 1.4.

The functions import what they use, since Airflow hands their source, and nothing else, to TENSION_PYTHON.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

try:
    from airflow.sdk import dag, task
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task

DYADS = ["CHN-JPN", "IND-PAK"]
PYTHON = os.environ.get("TENSION_PYTHON")


def update():
    """Add what is new; the counts."""
    import json
    import os
    from pathlib import Path

    from tension.store.store import Store
    from tension.update import update

    with Store(os.environ["TENSION_STORE"]) as store:
        done = update(store, os.environ["NEWS"], rejects=Path(os.environ["REJECTS"], "rejects.jsonl"))
    return json.loads(done.as_json())


def watch(dyads):
    """The alarms that were not told before."""
    import json
    import os

    from tension.store.store import Store
    from tension.store.watch import watch

    with Store(os.environ["TENSION_STORE"], must_exist=True) as store:
        alarms = watch(store, dyads, name="airflow")
    return json.loads(alarms.to_json(orient="records", date_format="iso", date_unit="s"))


def notify(counts, alarms):
    """Tell a person: here in the task's log; send the lines by mail or chat with what your Airflow has for it."""
    lines = [f"{a['dyad']} {a['date'][:10]}: {a['tension']:+.2f}, usual {a['expected']:+.2f}" for a in alarms]
    if counts["rejected"]:
        lines.append(f"records that cannot be used, by cause: {counts['rejected']}")
    for line in lines:
        print(line)
    return lines


def with_tension(function: Callable) -> Callable:
    """A task that runs where tension is installed."""
    return (task.external_python(python=PYTHON, expect_airflow=False) if PYTHON else task)(function)


@dag(
    schedule="@hourly",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # one writer at a time: a second run would only raise StoreBusyError
    # StoreBusyError, where someone's own run holds the store, and a database out of reach pass with time: the task is tried again and goes
    # on where it failed. A call that cannot be used (InputError, OptionError) fails each time, and then shows as failed.
    default_args={"retries": 5, "retry_delay": timedelta(minutes=5)},
    tags=["tension"],
)
def tension_hourly():
    """update -> watch -> notify"""
    counts, alarms = with_tension(update)(), with_tension(watch)(DYADS)
    counts >> alarms
    task(notify)(counts, alarms)


tension_hourly()
