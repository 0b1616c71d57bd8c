"""The shape of a chat: whatever was edited or asked again, every turn stays reachable."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.services.chat.tree import Node, Tree


def ids(*numbers: int) -> list[UUID]:
    return [UUID(int=number) for number in numbers]


def grown(parents: list[int | None]) -> Tree:
    """Node n+1 below the node of the number given; users and answers alternate by depth."""
    nodes: list[Node] = []
    depth: dict[int, int] = {}
    for number, parent in enumerate(parents, start=1):
        depth[number] = 0 if parent is None else depth[parent] + 1
        role = "assistant" if depth[number] % 2 else "user"
        nodes.append(Node(UUID(int=number), UUID(int=parent) if parent else None, role))
    return Tree(nodes)


# 1 asks, 2 and 3 answer it, 4 is an edit of 1, 5 follows 2, 6 answers 5
FORKED = grown([None, 1, 1, None, 2, 5])


def test_the_path_leads_from_the_root_to_the_head() -> None:
    assert [node.id for node in FORKED.path(UUID(int=6))] == ids(1, 2, 5, 6)
    assert [node.id for node in FORKED.path(UUID(int=4))] == ids(4)
    assert FORKED.path(None) == []
    assert FORKED.path(UUID(int=99)) == []


def test_versions_are_turns_of_one_role_under_one_parent() -> None:
    assert [node.id for node in FORKED.siblings(UUID(int=3))] == ids(2, 3)
    assert [node.id for node in FORKED.siblings(UUID(int=1))] == ids(1, 4)


def test_switching_goes_down_to_the_newest_end_of_the_branch() -> None:
    assert FORKED.newest_leaf(UUID(int=2)) == UUID(int=6)
    assert FORKED.newest_leaf(UUID(int=1)) == UUID(int=3)


def test_a_turn_whose_parent_is_gone_begins_a_branch_of_its_own() -> None:
    tree = Tree([Node(UUID(int=2), UUID(int=1), "assistant")])
    assert [node.id for node in tree.path(UUID(int=2))] == ids(2)


@st.composite
def parents(draw: st.DrawFn) -> list[int | None]:
    count = draw(st.integers(1, 25))
    return [
        draw(st.one_of(st.none(), st.integers(1, number))) if number else None
        for number in range(count)
    ]


@given(parents())
def test_every_turn_can_be_reached_by_switching_versions(grown_from: list[int | None]) -> None:
    tree = grown(grown_from)
    for node_id in tree.nodes:
        leaf = tree.newest_leaf(node_id)
        assert node_id in [node.id for node in tree.path(leaf)]
        assert not tree.has_children(leaf)
        assert node_id in [node.id for node in tree.siblings(node_id)]
