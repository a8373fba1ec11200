"""Makes the database of a journaling app with Flask-Security, by the real library; a script of its own.
Arguments: the file, the salt, the method of hashing, and the password of everybody."""

import sys
import types
from datetime import datetime

from blinker import signal
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

QUICK = {"bcrypt__rounds": 4, "argon2__rounds": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}


class Principal:
    """Flask-Principal, which hashes nothing, has no wheel."""

    def __init__(self, *values: object, **options: object) -> None: ...

    def identity_loader(self, loader: object) -> None: ...


def replace_flask_principal() -> None:
    module = types.ModuleType("flask_principal")
    for name in ("AnonymousIdentity", "Identity", "Need", "Permission", "Principal", "RoleNeed", "UserNeed"):
        setattr(module, name, Principal)
    for name in ("identity_changed", "identity_loaded"):
        setattr(module, name, signal(name))
    sys.modules["flask_principal"] = module


def main(file: str, salt: str, method: str, password: str) -> None:
    replace_flask_principal()
    from flask_security import Security, SQLAlchemyUserDatastore, hash_password
    from flask_security.models import fsqla_v3

    app = Flask("old")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{file}",
        SECRET_KEY="x",
        SECURITY_PASSWORD_SALT=salt,
        SECURITY_PASSWORD_HASH=method,
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=QUICK,
    )
    db = SQLAlchemy(app)
    fsqla_v3.FsModels.set_db_info(db)

    class Role(db.Model, fsqla_v3.FsRoleMixin):  # type: ignore[name-defined, misc]
        pass

    class User(db.Model, fsqla_v3.FsUserMixin):  # type: ignore[name-defined, misc]
        pass

    class Entry(db.Model):  # type: ignore[name-defined, misc]
        id = db.Column(db.Integer, primary_key=True)
        user_id = db.Column(db.ForeignKey("user.id"))
        body = db.Column(db.Text)
        created_at = db.Column(db.DateTime)

    store = SQLAlchemyUserDatastore(db, User, Role)
    security = Security(app, store)
    with app.app_context():
        db.create_all()
        for name in ("ann", "bob"):
            hashed = hash_password(security._password_util.normalize(password))
            store.create_user(email=f"{name}@example.org", username=name, password=hashed)
        db.session.add(Entry(user_id=1, body="Words.", created_at=datetime(2016, 9, 2, 21)))
        db.session.commit()


main(*sys.argv[1:])
