"""People, roles, links and tokens, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import select, text, update

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.period import TimeZone
from ikm.domain.rights import Grant, Role
from ikm.server import tables as t
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.store.invitations import FirstPlace
from ikm.server.store.people import Newcomer, named
from tests.ikm.server.kiosk_device import NOW_MS
from tests.support.desk import FOREIGN_UNIT, REGENCY, UNIT
from tests.support.people import known

BY = Doer("uji", NOW_MS)
OFFICER = Grant(Role.UNIT_OFFICER, UNIT)
DAY_MS = 86_400_000


def refused(code, call):
    with pytest.raises(Refusal) as caught:
        call()
    assert caught.value.code == code


def acts(store, start=""):
    return [deed.act for deed in store.deeds(act=start)]


def test_a_role_is_given_and_taken_and_each_is_written_down(store):
    one = known(store, NOW_MS, role=Role.UNIT_OFFICER, node=UNIT)
    more = Grant(Role.VERIFIER, FOREIGN_UNIT)
    store.give_role(one.id, more, 1, BY)
    assert set(store.person(one.id).grants) == {OFFICER, more}
    store.take_role(one.id, OFFICER, 2, BY)
    assert store.person(one.id).grants == (more,)
    assert acts(store, "person.")[:2] == ["person.role_taken", "person.role_given"]
    refused("last_role", lambda: store.take_role(one.id, more, 3, BY))
    assert store.person(one.id).grants == (more,)
    assert store.deed_fault() is None


def test_whoever_changes_an_older_state_is_told_and_changes_nothing(store):
    """Item 94."""
    one = known(store, NOW_MS, role=Role.UNIT_OFFICER, node=UNIT)
    store.give_role(one.id, Grant(Role.VERIFIER, UNIT), 1, BY)
    before = store.person(one.id)
    for change in (
        lambda: store.give_role(one.id, Grant(Role.PUBLISHER, UNIT), 1, BY),
        lambda: store.take_role(one.id, OFFICER, 1, BY),
        lambda: store.disable_person(one.id, 1, BY),
        lambda: store.enable_person(one.id, 1, BY),
    ):
        refused("changed_meanwhile", change)
    assert store.person(one.id) == before


def test_a_form_sent_twice_is_told_that_it_did_its_work(store):
    """Item 95."""
    one = known(store, NOW_MS, role=Role.UNIT_OFFICER, node=UNIT)
    by = Doer("uji", NOW_MS, once="0123456789abcdef")
    store.give_role(one.id, Grant(Role.VERIFIER, UNIT), 1, by)
    refused("done_already", lambda: store.give_role(one.id, Grant(Role.VERIFIER, UNIT), 1, by))
    assert acts(store).count("person.role_given") == 1


def test_the_log_takes_the_longest_names(store):
    name, email = "Sari " * 40, f"{'s' * 60}@contoh.go.id"
    assert len(named(name[:200], email)) == 200
    assert named(name[:200], email).endswith(f" <{email}>")
    one = known(store, NOW_MS, role=Role.SUPERADMIN, node=REGENCY)
    by = Doer(named(name[:200], email), NOW_MS, one.id)
    store.give_role(one.id, OFFICER, 1, by)
    assert store.deeds(limit=1)[0].who == by.who


def test_the_last_superadmin_who_can_come_in_stays(store):
    one = known(store, NOW_MS)
    # another who has no password yet can help nobody
    store.add_person("00000000-0000-4000-8000-000000000001", "b@x.id", "B", [Grant(Role.SUPERADMIN, REGENCY)], BY)
    store.give_role(one.id, Grant(Role.VERIFIER, UNIT), 1, BY)
    refused("last_superadmin", lambda: store.take_role(one.id, Grant(Role.SUPERADMIN, REGENCY), 2, BY))
    refused("last_superadmin", lambda: store.disable_person(one.id, 2, BY))
    other = known(store, NOW_MS, email="c@contoh.go.id")
    store.disable_person(one.id, 2, BY)
    refused("last_superadmin", lambda: store.disable_person(other.id, 1, BY))


def test_two_superadmins_who_disable_each_other_at_once_do_not_both_succeed(store):
    one, other = known(store, NOW_MS), known(store, NOW_MS, email="c@contoh.go.id")

    def disabled(person):
        try:
            store.disable_person(person, 1, BY)
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(disabled, [one.id, other.id])) == ["done", "last_superadmin"]
    assert store.has_superadmin()


def test_whoever_is_disabled_is_out_at_once_with_all_they_made(store):
    admin, one = (
        known(store, NOW_MS),
        known(store, NOW_MS, role=Role.AGENCY_ADMIN, node="disdukcapil", email="b@x.go.id"),
    )
    token = store.begin_session(one.id, "in", NOW_MS)
    by = Doer(store.person(one.id).who, NOW_MS, one.id)
    store.add_invitation("i" * 43, "new@x.go.id", "New", OFFICER, expires_ms=NOW_MS + DAY_MS, by=by)
    store.add_token("ikm_t", "dashboard", UNIT, NOW_MS + DAY_MS, by)
    store.add_reset_link("r" * 43, one.id, "anew", NOW_MS + DAY_MS, Doer(admin.name, NOW_MS))
    store.disable_person(one.id, 1, BY)
    assert store.session(token, NOW_MS) is None
    assert store.begin_session(one.id, "in", NOW_MS)
    assert store.sessions(one.id, NOW_MS) != []
    assert store.session(token, NOW_MS) is None
    refused("token_invalid", lambda: store.token_scope("ikm_t", NOW_MS))
    for link in ("i" * 43, "r" * 43):
        refused("link_invalid", partial(store.invitation, link, NOW_MS))
    assert store.deeds(limit=1)[0].facts == {"name": one.name, "links": 2, "tokens": 1}
    store.enable_person(one.id, 2, BY)
    assert store.person(one.id).disabled_ms is None
    refused("token_invalid", lambda: store.token_scope("ikm_t", NOW_MS))


def test_what_people_made_serves_no_longer_than_the_roles_they_made_it_with(store):
    """A token is for figures of a place, a link for a role or for a person: each is asked for anew at its use."""
    known(store, NOW_MS)
    agency = Grant(Role.AGENCY_ADMIN, "disdukcapil")
    one = known(store, NOW_MS, role=agency.role, node=agency.node, email="b@x.go.id")
    led = known(store, NOW_MS, role=Role.UNIT_OFFICER, node=UNIT, email="c@x.go.id")
    by = Doer(store.person(one.id).who, NOW_MS, one.id)
    store.add_token("ikm_t", "dashboard", UNIT, NOW_MS + DAY_MS, by)
    for token, maker in (("i" * 43, by), ("k" * 43, BY)):
        email = f"{token[0]}@x.go.id"
        store.add_invitation(token, email, "New", OFFICER, expires_ms=NOW_MS + DAY_MS, by=maker)
    store.add_reset_link("r" * 43, led.id, "anew", NOW_MS + DAY_MS, by)
    store.give_role(one.id, Grant(Role.AGENCY_ADMIN, "dinkes"), 1, BY)
    assert store.token_scope("ikm_t", NOW_MS) == UNIT
    store.take_role(one.id, agency, 2, BY)
    refused("token_unfounded", lambda: store.token_scope("ikm_t", NOW_MS))
    new = Newcomer("00000000-0000-4000-8000-000000000007", "", "New", (), "hash")
    refused("link_unfounded", lambda: store.invitation("i" * 43, NOW_MS))
    refused("link_unfounded", lambda: store.accept_invitation("i" * 43, new, BY))
    refused("link_unfounded", lambda: store.accept_reset("r" * 43, "other", BY))
    [listed] = store.tokens([UNIT])
    told = {link.email: link.founded for link in store.invitations([UNIT], NOW_MS)}
    assert (listed.founded, told) == (False, {"i@x.go.id": False, "k@x.go.id": True})
    # what the command line made asks nobody, and what may be made again serves again
    store.accept_invitation("k" * 43, new, BY)
    store.give_role(one.id, agency, 3, BY)
    assert store.token_scope("ikm_t", NOW_MS) == UNIT
    assert store.tokens([UNIT])[0].founded
    # whoever rose above the maker of a link is not theirs to lead back in
    store.give_role(led.id, Grant(Role.VERIFIER, FOREIGN_UNIT), 1, BY)
    assert store.accept_reset("r" * 43, "other", BY).person == led.id
    store.add_reset_link("s" * 43, led.id, "reset", NOW_MS + DAY_MS, by)
    store.give_role(led.id, Grant(Role.PUBLISHER, REGENCY), 2, BY)
    refused("link_unfounded", lambda: store.invitation("s" * 43, NOW_MS))


def test_whoever_made_a_link_is_known_by_another_name_and_address_too(store):
    known(store, NOW_MS)
    one = known(store, NOW_MS, role=Role.AGENCY_ADMIN, node="disdukcapil", email="b@x.go.id")
    by = Doer(store.person(one.id).who, NOW_MS, one.id)
    for token in ("i" * 43, "k" * 43):
        store.add_invitation(token, f"{token[0]}@x.go.id", "New", OFFICER, expires_ms=NOW_MS + DAY_MS, by=by)
    with store._engine.begin() as connection:
        connection.execute(update(t.person).where(t.person.c.id == one.id).values(email="z@x.go.id", name="Zaid"))
    assert {link.founded for link in store.invitations([UNIT], NOW_MS)} == {True}
    store.give_role(one.id, Grant(Role.AGENCY_ADMIN, "dinkes"), 1, BY)
    store.take_role(one.id, Grant(Role.AGENCY_ADMIN, "disdukcapil"), 2, BY)
    refused("link_unfounded", lambda: store.invitation("i" * 43, NOW_MS))
    # and goes with its links
    store.disable_person(one.id, 3, BY)
    assert store.deeds(limit=1)[0].facts["links"] == 2
    refused("link_invalid", lambda: store.invitation("i" * 43, NOW_MS))


# -- links ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def empty(database):
    """A server nobody has set up."""
    opened = Store.open(database)
    yield opened
    opened.close()


FIRST = Newcomer("00000000-0000-4000-8000-000000000009", "A@x.go.id", "Ani", (), "hash")
PLACE = FirstPlace("sekadau", "Kabupaten Sekadau", TimeZone.WITA)


def test_the_set_up_link_makes_the_regency_and_its_superadmin_once(empty):
    empty.add_setup_link("s" * 43, NOW_MS + DAY_MS, BY)
    refused("place_invalid", lambda: empty.accept_setup("s" * 43, FIRST, None, BY))
    empty.accept_setup("s" * 43, FIRST, PLACE, BY)
    [node] = empty.organisation()
    assert (node.code, node.level, node.name) == ("sekadau", Level.REGENCY, "Kabupaten Sekadau")
    assert empty.time_zone("sekadau") is TimeZone.WITA
    person = empty.person(FIRST.id)
    assert (person.email, person.grants, person.complete) == ("a@x.go.id", (Grant(Role.SUPERADMIN, "sekadau"),), False)
    refused("link_invalid", lambda: empty.accept_setup("s" * 43, FIRST, PLACE, BY))
    assert empty.deed_fault() is None


def test_there_is_one_set_up_link_and_none_once_a_superadmin_can_come_in(store):
    store.add_setup_link("a" * 43, NOW_MS + DAY_MS, BY)
    store.add_setup_link("b" * 43, NOW_MS + DAY_MS, BY)
    refused("link_invalid", lambda: store.invitation("a" * 43, NOW_MS))
    assert store.invitation("b" * 43, NOW_MS).kind == "setup"
    refused("link_invalid", lambda: store.invitation("b" * 43, NOW_MS + DAY_MS))
    known(store, NOW_MS)
    refused("last_superadmin", lambda: store.add_setup_link("c" * 43, NOW_MS + DAY_MS, BY))
    refused("link_invalid", lambda: store.accept_setup("b" * 43, FIRST, PLACE, BY))


def test_two_who_follow_the_set_up_link_at_once_do_not_both_become_superadmin(empty):
    empty.add_setup_link("s" * 43, NOW_MS + DAY_MS, BY)

    def followed(number):
        one = Newcomer(f"00000000-0000-4000-8000-00000000000{number}", f"{number}@x.go.id", "X", (), "hash")
        try:
            empty.accept_setup("s" * 43, one, PLACE, BY)
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(4) as many:
        assert sorted(many.map(followed, range(4))) == ["done", *["link_invalid"] * 3]
    assert len(empty.people()) == 1


def test_an_invitation_gives_its_own_role_and_address_once(store):
    by = Doer("Sari <sari@x>", NOW_MS)
    store.add_invitation("i" * 43, "budi@x.go.id", "Budi", OFFICER, expires_ms=NOW_MS + DAY_MS, by=by)
    [listed] = store.invitations([UNIT], NOW_MS)
    assert (listed.email, listed.made_by, listed.id in repr(t.invitation)) == ("budi@x.go.id", by.who, False)
    assert store.invitations([FOREIGN_UNIT], NOW_MS) == []
    raised = Newcomer(FIRST.id, "else@x.go.id", "Budi", (Grant(Role.SUPERADMIN, REGENCY),), "hash")
    store.accept_invitation("i" * 43, raised, BY)
    held = store.person(FIRST.id)
    assert (held.email, held.grants) == ("budi@x.go.id", (OFFICER,))
    refused("link_invalid", lambda: store.accept_invitation("i" * 43, raised, BY))
    assert store.invitations([UNIT], NOW_MS) == []


def test_a_second_invitation_to_an_address_ends_the_first_and_people_are_not_invited_again(store):
    for token in ("i" * 43, "j" * 43):
        store.add_invitation(token, "budi@x.go.id", "Budi", OFFICER, expires_ms=NOW_MS + DAY_MS, by=BY)
    refused("link_invalid", lambda: store.invitation("i" * 43, NOW_MS))
    store.revoke_invitation(store.invitation("j" * 43, NOW_MS), BY)
    refused("link_invalid", lambda: store.invitation("j" * 43, NOW_MS))
    one = known(store, NOW_MS)
    refused(
        "code_taken",
        lambda: store.add_invitation("k" * 43, one.email, "S", OFFICER, expires_ms=NOW_MS + DAY_MS, by=BY),
    )


@pytest.mark.parametrize("kind", ["reset", "anew"])
def test_a_link_to_begin_anew_ends_sessions_and_takes_the_authenticator_only_if_it_says_so(store, kind):
    one = known(store, NOW_MS)
    token = store.begin_session(one.id, "in", NOW_MS)
    store.add_reset_link("r" * 43, one.id, kind, NOW_MS + DAY_MS, BY)
    refused("link_invalid", lambda: store.accept_invitation("r" * 43, FIRST, BY))
    store.accept_reset("r" * 43, "other", BY)
    held = store.credentials(person=one.id)
    assert held.password_hash == "other"
    assert (held.totp_secret is None, store.recovery_codes_left(one.id)) == (
        (True, 0) if kind == "anew" else (False, 2)
    )
    assert store.session(token, NOW_MS) is None
    refused("link_invalid", lambda: store.accept_reset("r" * 43, "third", BY))


def test_tokens_and_links_are_kept_as_hashes_alone(store):
    one = known(store, NOW_MS)
    session = store.begin_session(one.id, "in", NOW_MS)
    store.add_invitation("i" * 43, "b@x.go.id", "B", OFFICER, expires_ms=NOW_MS + DAY_MS, by=BY)
    store.add_token("ikm_token", "dashboard", UNIT, NOW_MS + DAY_MS, Doer(one.name, NOW_MS, one.id))
    with store._engine.connect() as connection:
        for table in (t.session, t.invitation, t.api_token, t.deed):
            held = repr(connection.execute(select(table)).all())
            assert not any(secret in held for secret in (session, "i" * 43, "ikm_token"))


# -- tokens --------------------------------------------------------------------------------------------------------


def test_a_token_reads_its_place_until_it_lapses_or_is_withdrawn(store):
    one = known(store, NOW_MS)
    by = Doer(one.name, NOW_MS, one.id)
    for name, node in (("a", UNIT), ("b", FOREIGN_UNIT)):
        store.add_token(f"ikm_{name}", name, node, NOW_MS + DAY_MS, by)
    assert (store.token_scope("ikm_a", NOW_MS), store.token_scope("ikm_b", NOW_MS)) == (UNIT, FOREIGN_UNIT)
    [listed] = store.tokens([UNIT])
    assert (listed.name, listed.made_by, listed.used_ms) == ("a", one.name, NOW_MS)
    refused("token_invalid", lambda: store.token_scope("ikm_a", NOW_MS + DAY_MS))
    store.revoke_token(listed, by)
    store.revoke_token(listed, by)
    refused("token_invalid", lambda: store.token_scope("ikm_a", NOW_MS))
    assert acts(store, "token.") == ["token.revoked", "token.made", "token.made"]
    for odd in ("", "ikm_c", "ikm_a ", "x" * 10_000):
        refused("token_invalid", partial(store.token_scope, odd, NOW_MS))


# -- the log -------------------------------------------------------------------------------------------------------


def test_the_log_is_read_backwards_and_forwards_and_by_place_kind_and_person(store):
    for number in range(6):
        node = UNIT if number % 2 else FOREIGN_UNIT
        store.add_invitation(
            str(number) * 43, f"p{number}@x.go.id", "P", Grant(Role.VERIFIER, node), expires_ms=NOW_MS + 1,
            by=Doer("Sari" if number < 3 else "Budi 100%", NOW_MS + number),
        )  # fmt: skip
    seqs = [deed.seq for deed in store.deeds()]
    assert seqs == sorted(seqs, reverse=True)
    last = seqs[0]
    assert [deed.seq for deed in store.deeds(before=last - 1, limit=2)] == [last - 2, last - 3]
    assert [deed.seq for deed in store.deeds(after=last - 4, limit=2)] == [last - 2, last - 3]
    assert {deed.node for deed in store.deeds(nodes=[UNIT])} == {UNIT}
    assert len(store.deeds(who="100%")) == 3
    assert store.deeds(who="%") == store.deeds(who="100%")
    assert len(store.deeds(subject="p1@x.go.id")) == 1
    assert store.deeds(act="person.inv") == store.deeds(act="person.")
    assert store.deeds(nodes=[]) == []


@pytest.mark.parametrize("change", [
    "UPDATE deed SET who = 'x' WHERE seq = 2", "UPDATE deed SET facts = '[]' WHERE seq = 2",
    "UPDATE deed SET at_ms = at_ms + 1 WHERE seq = 2", "DELETE FROM deed WHERE seq = 2",
])  # fmt: skip
def test_the_database_itself_refuses_to_change_the_log_and_a_change_behind_it_is_found(store, change):
    known(store, NOW_MS)
    assert store.deed_fault() is None
    with pytest.raises(Exception, match="deeds are never changed"), store._engine.begin() as connection:
        connection.execute(text(change))
    assert store.deed_fault() is None
    postgres = store._engine.dialect.name == "postgresql"
    with store._engine.begin() as connection:
        if postgres:
            connection.execute(text("ALTER TABLE deed DISABLE TRIGGER ALL"))
        else:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER deed_no_{verb}"))
        connection.execute(text(change))
    assert store.deed_fault() == 2
