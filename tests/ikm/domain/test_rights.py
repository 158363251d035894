import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.organisation import Level, Node, Tree
from ikm.domain.rights import APPOINTS, PLACES, RIGHTS, Act, Grant, Rights, Role

TREE = Tree([
    Node("r", Level.REGENCY, None, "R"),
    Node("a", Level.AGENCY, "r", "A"), Node("b", Level.AGENCY, "r", "B"),
    Node("a1", Level.UNIT, "a", "A1"), Node("a2", Level.UNIT, "a", "A2"), Node("b1", Level.UNIT, "b", "B1"),
    Node("a1x", Level.COUNTER, "a1", "A1x"), Node("b1x", Level.COUNTER, "b1", "B1x"),
])  # fmt: skip
CODES = sorted(TREE.nodes)
GRANTS = st.lists(st.builds(Grant, st.sampled_from(Role), st.sampled_from([*CODES, "gone"])), max_size=4)


def test_every_act_has_its_roles_and_the_superadmin_may_do_all():
    assert set(RIGHTS) == set(Act)
    assert all(Role.SUPERADMIN in roles for roles in RIGHTS.values())
    assert set(PLACES) == set(Role)


def test_a_verifier_changes_nothing():
    changing = set(Act) - {Act.SEE, Act.READ, Act.EXPORT, Act.INSPECT}
    assert not any(Role.VERIFIER in RIGHTS[act] for act in changing)


@pytest.mark.parametrize(("role", "node", "act", "inside", "outside"), [
    (Role.AGENCY_ADMIN, "a", Act.ORGANISE, ["a", "a1", "a2", "a1x"], ["r", "b", "b1", "b1x"]),
    (Role.UNIT_OFFICER, "a1", Act.ARRANGE, ["a1", "a1x"], ["r", "a", "a2", "b1"]),
    (Role.PUBLISHER, "b", Act.PUBLISH, ["b", "b1", "b1x"], ["r", "a", "a1"]),
    (Role.VERIFIER, "r", Act.EXPORT, CODES, []),
])  # fmt: skip
def test_a_role_holds_on_its_place_and_below_and_nowhere_else(role, node, act, inside, outside):
    rights = Rights([Grant(role, node)], TREE)
    assert all(rights.may(act, code) for code in inside)
    assert not any(rights.may(act, code) for code in [*outside, "gone", ""])
    assert sorted(rights.scope(act)) == sorted(inside)


@given(GRANTS, st.sampled_from(Act))
def test_scope_roots_and_may_say_the_same(grants, act):
    rights = Rights(grants, TREE)
    assert set(rights.scope(act)) == {code for code in CODES if rights.may(act, code)}
    assert len(rights.scope(act)) == len(set(rights.scope(act)))
    assert rights.may_somewhere(act) == bool(rights.scope(act))
    roots = rights.roots(act)
    assert not any(one != other and other in TREE.path(one) for one in roots for other in roots)


@given(GRANTS, st.sampled_from(Role), st.sampled_from(CODES))
def test_nobody_gives_a_role_that_may_do_more_than_they_may_there(grants, role, node):
    rights = Rights(grants, TREE)
    if not rights.may_appoint(role, node):
        return
    assert TREE.nodes[node].level in PLACES[role]
    assert rights.may(Act.APPOINT, node)
    given_rights = Rights([Grant(role, node)], TREE)
    lacking = {act for act in Act if given_rights.may(act, node) and not rights.may(act, node)}
    # an agency admin names publishers and cannot publish: two people are needed
    assert lacking <= {Act.PUBLISH}


def test_only_a_superadmin_makes_a_superadmin():
    assert [role for role in Role if Role.SUPERADMIN in APPOINTS.get(role, ())] == [Role.SUPERADMIN]
    assert not Rights([Grant(Role.AGENCY_ADMIN, "a")], TREE).may_appoint(Role.AGENCY_ADMIN, "b")
    assert not Rights([Grant(Role.SUPERADMIN, "r")], TREE).may_appoint(Role.SUPERADMIN, "a")
    assert not Rights([Grant(Role.SUPERADMIN, "r")], TREE).may_appoint(Role.VERIFIER, "gone")
