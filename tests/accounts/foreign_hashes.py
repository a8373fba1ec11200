"""Prints password hashes as JSON, each made by the library that old apps make them with. It is a script of
its own, because some of these libraries warn when they are imported. Argument: the password."""

import json
import sys

from flask import Flask
from flask_bcrypt import Bcrypt
from passlib import hash as passlib
from werkzeug.security import generate_password_hash

PASSWORD = sys.argv[1]


def flask_bcrypt(**settings: bool) -> bytes:
    app = Flask("old")
    app.config.update(BCRYPT_LOG_ROUNDS=4, **settings)
    made: bytes = Bcrypt(app).generate_password_hash(PASSWORD)
    return made


made = {
    "werkzeug pbkdf2": generate_password_hash(PASSWORD, "pbkdf2:sha256:1000"),
    "werkzeug scrypt": generate_password_hash(PASSWORD, "scrypt:1024:8:1"),
    "flask-bcrypt": flask_bcrypt().decode(),
    "flask-bcrypt long passwords": flask_bcrypt(BCRYPT_HANDLE_LONG_PASSWORDS=True).decode(),
    "flask-bcrypt str of bytes": str(flask_bcrypt()),
    "flask-bcrypt bytes in postgres": "\\x" + flask_bcrypt().hex(),
    "passlib pbkdf2-sha256": passlib.pbkdf2_sha256.using(rounds=1000).hash(PASSWORD),
    "passlib pbkdf2-sha512": passlib.pbkdf2_sha512.using(rounds=1000).hash(PASSWORD),
    "passlib pbkdf2-sha1": passlib.pbkdf2_sha1.using(rounds=1000).hash(PASSWORD),
    "passlib scrypt": passlib.scrypt.using(rounds=8).hash(PASSWORD),
    "passlib bcrypt": passlib.bcrypt.using(rounds=4).hash(PASSWORD),
    "passlib bcrypt-sha256": passlib.bcrypt_sha256.using(rounds=4).hash(PASSWORD),
    "passlib bcrypt-sha256 version 1": passlib.bcrypt_sha256.using(rounds=4, version=1).hash(PASSWORD),
    "passlib sha256-crypt": passlib.sha256_crypt.using(rounds=1000).hash(PASSWORD),
    "passlib sha512-crypt": passlib.sha512_crypt.using(rounds=1000).hash(PASSWORD),
    "passlib sha512-crypt of 5000 rounds": passlib.sha512_crypt.using(rounds=5000).hash(PASSWORD),
    "passlib argon2": passlib.argon2.using(rounds=1, memory_cost=64, parallelism=1).hash(PASSWORD),
}
print(json.dumps(made))
