from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import make_url, text

from ikm.domain.errors import Refusal
from ikm.server.ingest import Ingest
from ikm.server.store import Store
from ikm.server.store.faults import DatabaseFault, faults, persistently
from tests.ikm.server.kiosk_device import KioskDevice
from tests.support.samples import body


def end_connections(url):
    """End every connection of the server's to that database."""
    with psycopg.connect(url.replace("+psycopg", "")) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ikm'")


def failing(error, times):
    """Work that fails so often, then gives how often it ran."""
    ran = []

    def work():
        ran.append(1)
        if len(ran) <= times:
            raise error
        return len(ran)

    return work


@pytest.mark.parametrize("error", [psycopg.errors.SerializationFailure(), psycopg.errors.DeadlockDetected()])
def test_a_transaction_rolled_back_for_others_runs_again(error):
    assert persistently(failing(error, 3)) == 4


def test_trying_again_has_an_end():
    with pytest.raises(Refusal) as caught:
        persistently(failing(psycopg.errors.DeadlockDetected(), 99))
    assert caught.value.code == "server_busy"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (psycopg.errors.DiskFull(), "storage_full"),
        (psycopg.errors.LockNotAvailable(), "server_busy"),
        (psycopg.errors.TooManyConnections(), "server_busy"),
        (psycopg.errors.AdminShutdown(), "server_busy"),
        (psycopg.OperationalError("connection refused"), "server_busy"),
    ],
)
def test_what_passes_by_itself_or_needs_room_is_a_refusal(error, code):
    with pytest.raises(Refusal) as caught, faults():
        raise error
    assert caught.value.code == code


def test_other_faults_carry_their_kind_and_never_the_row():
    with pytest.raises(DatabaseFault) as caught, faults():
        raise psycopg.errors.CheckViolation("Failing row contains (secret)")
    assert str(caught.value) == "CheckViolation 23514"
    assert caught.value.__suppress_context__


def test_a_connection_that_died_while_pooled_is_replaced(postgres_url):
    store = Store.open(make_url(postgres_url))
    server = store.server_id()
    end_connections(postgres_url)
    assert store.server_id() == server
    store.close()


@pytest.mark.parametrize("moment", ["before it looks who sends", "before it writes"])
def test_a_delivery_notices_nothing_of_pooled_connections_that_died(sample_postgres_url, monkeypatch, moment):
    store = Store.open(make_url(sample_postgres_url))
    device, ingest = KioskDevice.enrolled(store), Ingest(store)
    ingest.accept(device.call(device.add(body())))
    with ExitStack() as all_of_the_pool:
        for _ in range(10):
            all_of_the_pool.enter_context(store._engine.connect()).execute(text("SELECT 1"))
    call = device.call(device.add(body()))
    if moment == "before it writes":
        look = store.sender

        def look_and_end(*asked):
            found = look(*asked)
            end_connections(sample_postgres_url)
            return found

        monkeypatch.setattr(store, "sender", look_and_end)
    else:
        end_connections(sample_postgres_url)
    assert ingest.accept(call).head_seq == 2
    store.close()


def test_an_error_in_a_statement_shows_no_parameters(store):
    KioskDevice.enrolled(store)
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError) as caught, store._engine.connect() as connection:
        connection.execute(text("SELECT nothing FROM response WHERE body = :body"), {"body": b"secret"})
    assert "secret" not in str(caught.value)
