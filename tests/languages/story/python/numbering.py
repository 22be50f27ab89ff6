import uuid


def number() -> str:
    return str(uuid.uuid4())
