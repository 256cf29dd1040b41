"""Who is who: tokens, logins and the e-mail addresses in commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.config import User
from mergeline.devforge.git import Signature
from mergeline.devforge.merging import WEB_FLOW_EMAIL, WEB_FLOW_NAME

if TYPE_CHECKING:
    from typing import Literal

    from mergeline.devforge.config import ForgeConfig
    from mergeline.devforge.guards import Role

# The account in whose name GitHub commits merges.
WEB_FLOW = User(login="web-flow", name=WEB_FLOW_NAME, email=WEB_FLOW_EMAIL, token="")


class Accounts:
    """The configured users, looked up in each way that the API needs."""

    def __init__(self, config: ForgeConfig) -> None:
        self._by_token = {user.token: user for user in config.users}
        known = [WEB_FLOW, *config.users, *_organization(config)]
        self._by_login = {user.login: user for user in known}
        self._by_email = {user.email.lower(): user for user in known}
        self._numbers = {user.login: number for number, user in enumerate(known, start=1)}

    def of_token(self, token: str) -> User | None:
        """Whose token it is."""
        return self._by_token.get(token)

    def of_login(self, login: str) -> User:
        """The user of a login; one who has left the configuration keeps the name."""
        known = self._by_login.get(login)
        return known or User(login=login, name=login, email=f"{login}@invalid", token="")

    def of_email(self, email: str) -> User | None:
        """Whose commits carry an e-mail address."""
        return self._by_email.get(email.lower())

    def role(self, login: str) -> Role | Literal["none"]:
        """What a user may do in the repository."""
        users = {user.login: user for user in self._by_token.values()}
        return users[login].role if login in users else "none"

    def exists(self, login: str) -> bool:
        """Whether there is such a user."""
        return login in self._by_login

    def number(self, user: User) -> int:
        """The user's id."""
        return self._numbers.get(user.login, 0)

    def signature(self, login: str, date: str) -> Signature:
        """The user as Git writes one."""
        user = self.of_login(login)
        return Signature(user.name, user.email, date)


def _organization(config: ForgeConfig) -> list[User]:
    if not config.owned_by_organization:
        return []
    email = f"{config.owner}@organizations.invalid"
    return [User(config.owner, config.owner, email, "", type="Organization")]
