"""Sign-in of imported people: whether the hash that came with them can be verified here. Pure."""

from collections.abc import Sequence

from journal.accounts import password_hashes, passwords
from journal.transfer.legacy.known_schemas import Table
from journal.transfer.legacy.usual_names import normalized

CANNOT_SIGN_IN = (
    "People who need a new password (`journal user password NAME`), for theirs can't be verified here"
)
LACKS_SALT = (
    "People who can't sign in yet, for that app uses Flask-Security: adopt again with `--password-salt` and "
    "its SECURITY_PASSWORD_SALT"
)


def uses_flask_security(tables: Sequence[Table], people: Table) -> bool:
    """Flask-Security keeps roles in `roles_users`, and since version 4 an `fs_uniquifier` of each person."""
    names = {normalized(table.name) for table in tables}
    return "fs_uniquifier" in people.columns or normalized("roles_users") in names


def obstacle(password_hash: str | None, lacks_salt: bool) -> str:
    """The sentence about people whom this hash keeps out, or "". An app with Flask-Security hashes an HMAC of
    the password by passlib, whose hashes begin with a dollar."""
    if not password_hashes.is_verifiable(password_hash or ""):
        return CANNOT_SIGN_IN
    is_salted = password_hashes.unwrapped(password_hash or "").startswith("$")
    return LACKS_SALT if lacks_salt and is_salted else ""


def hash_cost(password_hash: str | None, lacks_salt: bool) -> int:
    """The cost of verifying in milliseconds, negative if no password will fit."""
    cost = passwords.cost(password_hash)
    return -max(cost, 1) if obstacle(password_hash, lacks_salt) else cost
