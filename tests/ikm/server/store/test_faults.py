import psycopg
import pytest
from sqlalchemy import text

from ikm.domain.errors import Refusal
from ikm.server.store import Store
from ikm.server.store.faults import DatabaseFault, faults, persistently
from tests.ikm.server.kiosk_device import KioskDevice


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
    from sqlalchemy import make_url

    store = Store.open(make_url(postgres_url))
    server = store.server_id()
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ikm'")
    assert store.server_id() == server
    store.close()


def test_an_error_in_a_statement_shows_no_parameters(store):
    KioskDevice.enrolled(store)
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError) as caught, store._engine.connect() as connection:
        connection.execute(text("SELECT nothing FROM response WHERE body = :body"), {"body": b"secret"})
    assert "secret" not in str(caught.value)
