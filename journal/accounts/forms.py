"""Validation of the sign-up form and the settings forms of an account."""

import re
from collections.abc import Iterable, Mapping
from unicodedata import category

from journal.accounts import passwords, users
from journal.accounts.common_passwords import COMMON
from journal.accounts.lookalikes import is_hidden, is_mixed
from journal.accounts.names import fold
from journal.accounts.preferences import CHOICES, DAY_STARTS, IN_ACCOUNT, WEEK_STARTS, choice
from journal.forms import Form

MAX_NAME = 80
MAX_EMAIL = 254
MAX_FOLDED = 400  # case folding turns some letters into eighteen
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class PasswordForm(Form):
    def check(self) -> None:
        self.password = self.text("password")
        check_password(self, "password", self.password)


class RegistrationForm(PasswordForm):
    needs_email = True

    def check(self) -> None:
        self.username = self.text("username").strip()
        self.email = self.text("email").strip()
        self.zone = self.text("zone") if self.text("zone") in users.zones() else "UTC"
        check_name(self, self.username)
        if self.email or self.needs_email:
            check_email(self, self.email)
        super().check()


class HostForm(RegistrationForm):
    """An account that the administrator makes on the command line, perhaps without an e-mail address."""

    needs_email = False

    def check(self) -> None:
        super().check()
        if self.text("zone") not in ("", self.zone):  # a browser's unknown zone is ignored
            self.wrong("zone", f"{self.text('zone')} is not a time zone that is known here.")


def check_name(form: Form, name: str) -> None:
    if not name:
        form.wrong("username", "Choose a name.")
    elif len(name) > MAX_NAME or len(fold(name)) > MAX_FOLDED:
        form.wrong("username", f"A name may have {MAX_NAME} characters at most.")
    elif is_hidden(name) or "@" in fold(name):  # ＠ too: such a name could shadow an address
        form.wrong("username", "A name can't have @ or invisible characters in it.")
    elif is_mixed(name):
        form.wrong("username", "A name can't mix letters or digits of different scripts.")
    elif category(name[0])[0] == "M":
        form.wrong("username", "A name can't begin with an accent that has no letter.")


def check_email(form: Form, email: str) -> None:
    if not email:
        form.wrong("email", "Give an e-mail address.")
    elif (
        len(email) > MAX_EMAIL
        or len(fold(email)) > MAX_FOLDED
        or UNSEEN.search(email)
        or not re.fullmatch(r"[^\s@]+@[^\s@]+", email)
    ):
        form.wrong("email", "This is not an e-mail address.")


def check_password(form: Form, field: str, password: str) -> None:
    size = len(password.encode(errors="surrogatepass"))
    if size < passwords.MIN_BYTES:
        form.wrong(field, f"A password needs at least {passwords.MIN_BYTES} characters.")
    elif size > passwords.MAX_BYTES:
        form.wrong(field, f"A password may have {passwords.MAX_BYTES} bytes at most.")
    elif password.casefold() in COMMON:
        form.wrong(field, "This password is among the first that anybody would try.")


class AccountForm(Form):
    """A new name and address, with the password as proof that the owner asks."""

    def __init__(self, typed: Mapping[str, str], current: str) -> None:
        self.current = current  # the present name, which is valid even if it was imported
        super().__init__(typed)

    def check(self) -> None:
        self.username = self.text("username").strip()
        self.email = self.text("email").strip()
        self.password = self.text("password")
        if self.username != self.current:
            check_name(self, self.username)
        check_email(self, self.email)


class ConfirmationForm(Form):
    def check(self) -> None:
        self.password = self.text("password")


class NewPasswordForm(Form):
    def check(self) -> None:
        self.password = self.text("password")
        self.new_password = self.text("new_password")
        check_password(self, "new_password", self.new_password)


class SettingsForm(Form):
    def check(self) -> None:
        self.zone = self.text("zone")
        if self.zone not in users.zones():
            self.wrong("zone", "This is not a time zone that we know; choose one from the list.")
        self.chosen = {name: self.text(name) for name in CHOICES if self.text(name)}
        for name, value in self.chosen.items():
            if value not in CHOICES[name]:
                self.wrong(name, f"Choose {' or '.join(CHOICES[name])}.")
        self.chosen.setdefault("theme", "system")
        hours = "A day may start at midnight or at a full hour up to six in the morning."
        self.day_starts = self._number("day_starts", DAY_STARTS, hours)
        weekdays = "A week may start on Monday, Sunday or Saturday."
        self.week_starts = self._number("week_starts", WEEK_STARTS, weekdays)

    def _number(self, name: str, allowed: Iterable[int], sentence: str) -> int | None:
        """The number, or None if the field was not sent and the setting stays as it is."""
        number = choice(self.text(name), allowed)
        if number is None and name in self.typed:
            self.wrong(name, sentence)
        return number

    def account(self) -> dict[str, str | int]:
        """The columns of the account to change."""
        wanted: dict[str, str | int | None]
        wanted = {"zone": self.zone, "day_starts": self.day_starts, "week_starts": self.week_starts}
        wanted |= {name: value for name, value in self.chosen.items() if name in IN_ACCOUNT}
        return {name: value for name, value in wanted.items() if value is not None}
