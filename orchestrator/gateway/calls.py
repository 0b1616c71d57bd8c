"""Ids of tool calls and signatures of thinking, which tell who made them when they come back.

Within a tool loop the gear never changes, and a client keeps nothing else of ours.
"""

# Names of gears have no capitals, so what stands behind the mark is the gear and nothing else.
MARK = "_G_"
DOT = "_D_"
SEAL = "!"


def told_id(call_id: str, gear: str) -> str:
    """Only letters, digits, dashes and underscores are taken everywhere."""
    return f"{call_id}{MARK}{gear.replace('.', DOT)}" if gear else call_id


def read_id(told: str) -> tuple[str, str]:
    """The provider's id and the gear, which is empty where the id is not one of ours."""
    call_id, mark, gear = told.rpartition(MARK)
    return (call_id, gear.replace(DOT, ".")) if mark else (told, "")


def told_signature(signature: str, gear: str) -> str:
    return f"{gear}{SEAL}{signature}" if signature else ""


def read_signature(told: str) -> tuple[str, str]:
    gear, seal, signature = told.partition(SEAL)
    return (signature, gear) if seal else (told, "")
