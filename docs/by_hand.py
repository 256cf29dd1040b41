"""What people and the workflow do on GitHub, by hand, on the quickstart's development forge.

python docs/by_hand.py open BRANCH TITLE     ada opens a pull request
python docs/by_hand.py approve NUMBER WHO    grace or margaret approves its head
python docs/by_hand.py merge NUMBER          the gate turns green, and ada merges
"""

from __future__ import annotations

import sys
from pathlib import Path

from mergeline.forge import Forge, ForgeSettings
from mergeline.git import GitRepository


def forge(login: str) -> Forge:
    """Return the forge that this clone is configured for, as one of its people sees it."""
    token = {"GITHUB_TOKEN": f"token-of-{login}"}
    return Forge(ForgeSettings.resolve(token, GitRepository(Path()).config(), None))


def open_pull_request(branch: str, title: str) -> str:
    """Open a pull request of ada's."""
    with forge("ada") as ada:
        made = ada.create_pull_request(title=title, body="By hand.", head=branch, base="main")
    return f"pull request #{made.number} is open: {made.url}"


def approve(number: str, login: str) -> str:
    """Approve the head of a pull request."""
    with forge(login) as reviewer:
        head = reviewer.pull_request(int(number)).head_sha
        reviewer.create_review(int(number), event="APPROVE", body="Agreed.", commit_id=head)
    return f"{login} approved pull request #{number}"


def merge(number: str) -> str:
    """Set the required check, as the workflow's gate would, and merge."""
    with forge("mergeline[bot]") as bot:
        head = bot.pull_request(int(number)).head_sha
        bot.set_status(head, context="gate", state="success", description="by hand")
    with forge("ada") as ada:
        ada.merge_pull_request(int(number), sha=head)
    return f"pull request #{number} is merged"


if __name__ == "__main__":
    verb, *rest = sys.argv[1:] or ["help"]
    verbs = {"open": open_pull_request, "approve": approve, "merge": merge}
    if verb not in verbs:
        sys.exit(__doc__)
    sys.stdout.write(verbs[verb](*rest) + "\n")
