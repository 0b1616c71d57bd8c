"""The shape of a chat: branches, siblings and the path that is shown. Pure, from bare rows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Node:
    id: UUID
    parent: UUID | None
    role: str


class Tree:
    """Nodes come oldest first; a parent that is missing makes its child a root."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = {node.id: node for node in nodes}
        self._children: dict[UUID | None, list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            self._children[self.parent_of(node.id)].append(node)

    def parent_of(self, node_id: UUID) -> UUID | None:
        parent = self.nodes[node_id].parent
        return parent if parent in self.nodes else None

    def path(self, head: UUID | None) -> list[Node]:
        """From the root to `head`; nothing for a head that is not in this chat."""
        found: list[Node] = []
        while head is not None and head in self.nodes:
            found.append(self.nodes[head])
            head = self.parent_of(head)
        return found[::-1]

    def siblings(self, node_id: UUID) -> list[Node]:
        """Every version of this turn, itself included, oldest first."""
        role = self.nodes[node_id].role
        versions = self._children[self.parent_of(node_id)]
        return [node for node in versions if node.role == role]

    def has_children(self, node_id: UUID | None) -> bool:
        return bool(self._children.get(node_id))

    def newest_leaf(self, node_id: UUID) -> UUID:
        """Where a branch ends when its newest turn is followed each time."""
        while children := self._children.get(node_id):
            node_id = children[-1].id
        return node_id
